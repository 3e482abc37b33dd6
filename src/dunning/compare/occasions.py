"""Households on which a changed clause shows: the same account on the same day, treated one way before and another now.

The one clause is tried by itself: the new book with the old clause in it against the new book as it is, so that what
shows is its doing and no other change's.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice, product
from typing import NamedTuple

from dunning.basis.finding import Text
from dunning.basis.money import Fen, yuan
from dunning.compare.difference import Move, Witness
from dunning.compare.witnesses import Trial
from dunning.engine.known.catalogue import ITEMS
from dunning.engine.result import Action, Assessment
from dunning.engine.review import fresh
from dunning.model.account import SHANGHAI, Account, Charge, Contact, Contract, Item
from dunning.model.anchor import AnchorWindow
from dunning.model.rulebook import RuleBook
from dunning.model.steps import By, Channels, Ladder, Step
from dunning.model.steps import Contact as Governor
from dunning.output.phrases import NOTHING, Phrases, joined, plain
from dunning.output.why import CODES

_PRINCIPALS: Sequence[Fen] = (159_225, 600_000, 1_500_000)
"""An ordinary quarter's fee, and what puts a household among those of whom more is owed."""
_DAYS = (10, 4, 20, 40, 200, 1)
_CONTACTED: Sequence[tuple[int, ...]] = ((), (1,), (2,), (3,), (4,), (1, 3), (1, 3, 5), (1, 2, 3, 4, 5))
"""Days ago on which the household was called."""
_MOST = 90
"""Households tried for one clause: some tenths of a second."""
_STEPS = 3
_COMMA = Text(", ", ", ")


def of_step(trial: Trial, old: Step, new: Step) -> list[Move]:
    """A household of which this step is due at another time, or in another way."""
    tables = {by.table for by in (old.role, old.template, old.tone) if isinstance(by, By)}
    if not tables <= trial.new.tables.keys():
        return []
    before = _with_step(trial.new, replace(old, id=new.id))
    days = tuple(dict.fromkeys((*_ends(old), *_ends(new)))) or _DAYS
    return _first(trial, before, product(days, _PRINCIPALS, ((),)), new.id)


def of_governor(trial: Trial, old: Governor) -> list[Move]:
    """A household that is contacted under other hours, caps or quotas, and was not."""
    return _of_whole(trial, replace(trial.new, contact=old))


def of_ladder(trial: Trial, old: Ladder) -> list[Move]:
    """A household that another gap, or another way of catching up, treats otherwise."""
    return _of_whole(trial, replace(trial.new, ladder=replace(old, steps=trial.new.ladder.steps)))


def _of_whole(trial: Trial, before: RuleBook) -> list[Move]:
    return _first(trial, before, product(_DAYS, _PRINCIPALS, _CONTACTED))


def _with_step(book: RuleBook, step: Step) -> RuleBook:
    """The book with a step as it was."""
    if any(one.id == step.id for one in book.reminders):
        return replace(book, reminders=tuple(step if one.id == step.id else one for one in book.reminders))
    steps = tuple(step if one.id == step.id else one for one in book.ladder.steps)
    return replace(book, ladder=replace(book.ladder, steps=steps))


def _ends(step: Step) -> Iterator[int]:
    """Days overdue around the ends of a step's window, roughly."""
    if not isinstance(step.window, AnchorWindow):
        return
    for anchor in (step.window.first, step.window.last):
        if anchor is not None and anchor.event == "due":
            days = anchor.offset.count * _LENGTH.get(anchor.offset.unit, 1)
            yield from (days + more for more in (0, 1, 2, 3, 4, -1))  # a due date on a day of rest moves on


_LENGTH: Mapping[str, int] = {"d": 1, "wd": 1, "mo": 30, "y": 365}

Case = tuple[int, Fen, tuple[int, ...]]
"""Days overdue, what is owed, and how many days ago it was called about."""
Both = tuple[Assessment, Assessment]


def _first(trial: Trial, before: RuleBook, cases: Iterable[Case], step: str = "") -> list[Move]:
    """The first household treated otherwise: with this step, or with any.

    A step is tried on several days: on a Tuesday nobody is two days overdue, for due dates move on from Sunday.
    """
    alone = trial._replace(old=before)
    for on, case in islice(product(_workdays(trial, 3 if step else 1), cases), _MOST):
        account = _account(trial, case, on)
        both = alone.assessed(account, on)
        if both is not None:
            steps = _otherwise(both, (step,) if step else _due(both), trial.new)
            if steps:
                return [_move(account, on, [_told(result, steps, trial.new) for result in both])]
    return []


def _workdays(trial: Trial, count: int) -> list[date]:
    """The first working days from the one asked about on."""
    days = (trial.on + timedelta(days=more) for more in range(40))
    return list(islice((day for day in days if trial.new.calendar.kind(day) == "workday"), count))


def _due(both: Both) -> list[str]:
    """The steps due in either."""
    return list(dict.fromkeys(action.step for result in both for action in result.actions))


def _otherwise(both: Both, steps: Sequence[str], book: RuleBook) -> list[str]:
    """Those that stand otherwise: due or not, and if they are, how; other reasons not to do them are no matter."""
    found = []
    for step in steps:
        before, after = (_of_step(result, step, book) for result in both)
        if before.text != after.text and (before.due or after.due):
            found.append(step)
    return found


def _account(trial: Trial, case: Case, on: date) -> Account:
    days, principal, contacted = case
    item: Item = trial.new.chased[0]
    charge = Charge(id="C1", item=item, amount=principal, due=on - timedelta(days=days))
    contract = Contract(id="K1", kind="committee", late_fee_clause=True, clause_shown=True)
    step = next((each.id for each in trial.new.ladder.steps if each.action == "call"), None)
    calls = tuple(_call(on - timedelta(days=ago), step) for ago in contacted)
    account = Account(id="H1", use=trial.use, contracts=(contract,), charges=(charge,), contacts=calls)
    return fresh(account, on)


def _call(day: date, step: str | None) -> Contact:
    at = datetime.combine(day, time(10, 30), SHANGHAI)
    return Contact(id=f"T{day}", at=at, step=step, channel="phone", outcome="no_answer", reason="other")


def _move(account: Account, on: date, told: Sequence[Text]) -> Move:
    charge = account.charges[0]
    due = charge.due
    assert due is not None  # it was drawn up so
    overdue, amount, item = (on - due).days, yuan(charge.amount), ITEMS[charge.item]
    when = Text(f"逾期 {overdue} 天", f"{overdue} days overdue")
    if overdue < 0:
        when = Text(f"{-overdue} 天后到期", f"due in {-overdue} days")
    where = Text(f"{item.zh} {amount}元, {when.zh}", f"{item.en} of {amount} yuan, {when.en}")
    if account.contacts:
        days = [f"{contact.at:%m-%d}" for contact in account.contacts]
        where = where.joined(Text(f", {'、'.join(days)} 打过电话", f", called on {', '.join(days)}"))
    return Move(where, *_short(told), Witness(account, on, Text(f"{due} 到期", f"due {due}"), *told))


def _short(told: Sequence[Text]) -> tuple[Text, Text]:
    """Without what stands in brackets, where that is enough to tell the two apart."""
    old, new = (Text(*(_BRACKETS.sub("", each) for each in text)) for text in told)
    return (old, new) if old != new else (told[0], told[1])


_BRACKETS = re.compile(r" \([^()]*\)")


def _told(result: Assessment, steps: Sequence[str], book: RuleBook) -> Text:
    phrases = Phrases(book)
    told = []
    for name in steps[:_STEPS]:
        said, step = _of_step(result, name, book).text, phrases.step(name)
        told.append(Text(f"{step.zh} {said.zh}", f"{step.en}: {said.en}"))
    return joined(told, Text("; ", "; "))


class _Stands(NamedTuple):
    due: bool
    text: Text


def _of_step(result: Assessment, step: str, book: RuleBook) -> _Stands:
    """How a step stands on the day: due, and how; or why not."""
    action = next((action for action in result.actions if action.step == step), None)
    if action is not None:
        how = _how(action, Phrases(book))
        more = Text(f" ({how.zh})", f" ({how.en})") if how != NOTHING else NOTHING
        return _Stands(due=True, text=Text("当天要做", "due that day").joined(more))
    codes = dict.fromkeys(code for one in result.withheld if one.step == step for code in one.codes)
    why = joined(CODES[code] for code in codes)
    return _Stands(due=False, text=Text(f"不做: {why.zh}", f"not that day: {why.en}"))


def _how(action: Action, phrases: Phrases) -> Text:
    """Through what, by whom, in which hours, and what time it gives."""
    channels = joined(
        phrases.say("channels", Channels("all_of" if mode == "all_of" else "first_of", each))
        for mode, each in action.channels.items()
    )
    role = phrases.say("role", action.role) if action.role else NOTHING
    template = phrases.say("template", action.template) if action.template else NOTHING
    hours = joined(plain(f"{since:%H:%M}-{until:%H:%M}") for since, until in action.hours)
    pay_by = Text(f"限 {action.pay_by} 前缴", f"to pay by {action.pay_by}") if action.pay_by else NOTHING
    return joined((channels, role, template, hours, pay_by), _COMMA)
