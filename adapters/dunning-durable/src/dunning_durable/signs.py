"""What two answers for an account differ in, as signs; and the days on which the next answer may differ by itself."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, timedelta
from itertools import chain
from typing import Any

from dunning import Account, Assessment
from dunning_durable.watches import Sign

State = Mapping[tuple[str, str, str, str], str]
"""By (what, name, charge, key): the grade, `due`, `open`, or how the episode stands."""

_ONE_DAY = timedelta(days=1)


def changes(before: Assessment, after: Assessment, group: Iterable[Account]) -> list[Sign]:
    """Grades, steps due, promises and the episode of arrears: all in which the later answer differs.

    `group` are the accounts of the debtor as they are now.
    """
    was, now = state(before), state(after)
    found = [
        Sign(after.on, what, name, was.get(key, ""), now.get(key, ""), charge)
        for key in {**was, **now}
        for what, name, charge, _ in [key]
        if what != "promise" and was.get(key) != now.get(key)
    ]
    found += promises(before, after, group)
    return [sign._replace(now="over") if sign.what == "step" and not sign.now else sign for sign in found]


def state(answer: Assessment) -> State:
    found = {("grade", name, "", ""): said(graded) for name, graded in answer.grades.items()}
    for charge in answer.charges:
        found.update({("grade", name, charge.id, ""): said(graded) for name, graded in charge.grades.items()})
    found.update({("step", step.step, step.charge or "", step.key): "due" for step in answer.actions})
    arrears = answer.value("arrears")
    if isinstance(arrears, int):  # else nobody can tell: an opening balance, no book
        found["episode", "", "", ""] = "running" if arrears else "over"
    return found


def said(graded: Any) -> str:
    """A table's answer in words; of one that is undetermined why it is."""
    if graded.cause:
        return " ".join([graded.cause, *graded.because])
    return "+".join(map(str, graded.value)) if isinstance(graded.value, tuple) else str(graded.value)


def promises(before: Assessment, after: Assessment, group: Iterable[Account]) -> Iterator[Sign]:
    """Promises kept and broken; with a payment booked late or taken back also those settled long ago."""
    made = {contact.promise.on for account in group for contact in account.contacts if contact.promise}
    still_open = set(_promised(after))
    broken = 0
    for day in sorted(set(_promised(before)) - still_open):
        outcome = "withdrawn" if day not in made else "kept" if day >= after.on else "broken"
        broken += outcome == "broken"
        yield Sign(after.on, "promise", day.isoformat(), "open", outcome)
    for day in sorted(still_open - set(_promised(before))):
        yield Sign(after.on, "promise", day.isoformat(), "", "open")
    more = _broken(after) - _broken(before) - broken
    was, now = ("kept", "broken") if more > 0 else ("broken", "kept")
    yield from [Sign(after.on, "promise", "", was, now)] * abs(more)


def _promised(answer: Assessment) -> list[date]:
    return [deadline.on for deadline in answer.deadlines if deadline.kind == "promise"]


def _broken(answer: Assessment) -> int:
    count = answer.value("broken_promises")
    return count if isinstance(count, int) else 0


# Days


def days_ahead(accounts: Iterable[Account], answers: Iterable[Assessment], on: date) -> Iterator[date]:
    """Days after `on` on which a record begins, ends or falls due, and the days after them: each worth a look.

    Beside `dunning.next_reviews`, which tells when grades and steps change, but need not stop for a promise or for
    arrears that no rule asks about.
    """
    due = (charge.due for answer in answers for charge in answer.charges if charge.due is not None)
    for day in chain(due, *map(_days_in, accounts)):
        if on <= day < date.max:
            yield from (each for each in (day, day + _ONE_DAY) if each > on)


def _days_in(record: Any) -> Iterator[date]:
    if isinstance(record, date):
        yield date(record.year, record.month, record.day)  # a time of day is left out
    elif isinstance(record, tuple):
        for each in record:
            yield from _days_in(each)
    elif is_dataclass(record):
        for field in fields(record):
            yield from _days_in(getattr(record, field.name))
