"""Whatever happens to a household, a session tells all of it: against looking at everything on every day."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from live import BEGIN, BOOK, account, contact, paid, promised, session

import dunning
from dunning import Assessment

NAMES = ("A", "B", "C")  # A and B are one debtor's
OWNERS = {"A": "O", "B": "O", "C": "P"}

Event = tuple[str, dict[str, Any]]
Told = tuple[date, str, str, str, str, str]


def ahead(day: date, days: int) -> str:
    return (day + timedelta(days=days)).isoformat()


@st.composite
def histories(draw: st.DrawFn) -> list[tuple[int, list[Event]]]:
    """Days to go by, and what happens then; every record has an id that a later one may take over."""
    history = []
    on = BEGIN
    for number in range(draw(st.integers(1, 8))):
        gap = draw(st.integers(0, 12))
        on += timedelta(days=gap)
        events = [(draw(st.sampled_from(NAMES)), draw(news(number, on))) for _ in range(draw(st.integers(1, 2)))]
        history.append((gap, events))
    return history


@st.composite
def news(draw: st.DrawFn, number: int, on: date) -> dict[str, Any]:
    def days(low: int, high: int) -> str:
        return ahead(on, draw(st.integers(low, high)))

    id_ = f"{draw(st.integers(0, number))}"  # its own, or of an earlier one
    match draw(st.integers(0, 7)):
        case 0 | 1:
            taken_back = draw(st.none() | st.just(on.isoformat()))
            amount = draw(st.sampled_from(["0.01", "300.00", "800.00", "1592.25"]))
            return {"payments": paid(id_, min(days(-4, 4), taken_back or "9"), amount, reversed_on=taken_back)}
        case 2:
            step = draw(st.sampled_from(["reminder", "call", "visit", None]))
            return {"contacts": contact(id_, on.isoformat(), step, draw(st.sampled_from(["reached", "undeliverable"])))}
        case 3 | 4:
            amount = draw(st.sampled_from([None, "300.00"]))
            return {"contacts": promised(id_, on.isoformat(), days(0, 12), amount)}
        case 5:
            answered = draw(st.none() | st.just(on.isoformat()))
            opened = days(-3, 0)
            return {"disputes": {"id": id_, "kind": "already_paid", "opened": opened, "answered": answered}}
        case 6:
            kind = draw(st.sampled_from(["contact", "both"]))
            return {"holds": {"id": id_, "kind": kind, "since": days(-2, 2), "until": days(2, 9)}}
        case _:
            return {"charges": {"id": f"X{id_}", "amount": "500.00", "due": days(-2, 6)}}


def answers(records: dict[str, dict[str, Any]], on: date) -> dict[str, Assessment]:
    """All accounts as they stand, the data of that day."""
    found = {}
    for owner in sorted(set(OWNERS.values())):
        names = [name for name in NAMES if OWNERS[name] == owner]
        whole = [dunning.read_account({**records[name], "data_as_of": f"{on}T23:59:59+08:00"}) for name in names]
        found |= dict(zip(names, dunning.assess_group(whole, BOOK, on=on), strict=True))
    return found


def differences(before: dict[str, Assessment], after: dict[str, Assessment]) -> Iterable[Told]:
    """Grades and steps due that differ, said otherwise than `signs` does it: no key of one in the other."""
    for name in NAMES:
        one, other = before[name], after[name]
        on = other.on
        for table in {*one.grades, *other.grades}:
            was, now = (str(each.grades[table].value) if table in each.grades else "" for each in (one, other))
            if was != now:
                yield on, name, "grade", table, was, now
        charges = [{charge.id: charge for charge in each.charges} for each in (one, other)]
        for id_ in {*charges[0], *charges[1]}:
            was, now = (
                str(each[id_].grades["provision_rate"].value) if id_ in each and each[id_].grades else ""
                for each in charges
            )
            if was != now:
                yield on, name, "grade", "provision_rate", was, now
        due = [{(action.step, action.key) for action in each.actions} for each in (one, other)]
        yield from ((on, name, "step", step, "due", "over") for step, _ in due[0] - due[1])
        yield from ((on, name, "step", step, "", "due") for step, _ in due[1] - due[0])
        was, now = ("running" if each.value("arrears") else "over" for each in (one, other))
        if was != now:
            yield on, name, "episode", "", was, now


def laid_over(records: dict[str, Any], news: dict[str, Any]) -> dict[str, Any]:
    ((what, record),) = news.items()
    by_id = {each["id"]: each for each in records.get(what, ())}
    return {**records, what: list({**by_id, record["id"]: record}.values())}


@settings(max_examples=30, deadline=None, derandomize=bool(os.environ.get("CI")))
@given(histories(), st.sampled_from([1, 512]), st.integers(0, 12))
def test_every_change_is_told_and_the_last_answer_is_assess_s(
    history: list[tuple[int, list[Event]]], live: int, killed_at: int
) -> None:
    records = {name: account(name, owner=OWNERS[name]) for name in NAMES}
    on = BEGIN
    now = answers(records, on)
    expected: list[Told] = []
    with session(live=live) as (held, recorder):
        for name in NAMES:
            held.open(records[name])
        for number, (gap, events) in enumerate(history):
            for _ in range(gap):
                on += timedelta(days=1)
                before, now = now, answers(records, on)
                expected += differences(before, now)
            held.tick(on)
            if number == killed_at and held.pid is not None:
                os.kill(held.pid, signal.SIGKILL)
            for name, what in events:
                records[name] = laid_over(records[name], what)
                before, now = now, answers(records, on)
                expected += differences(before, now)
                held.event(name, **what)
        assert {name: held.answer(name) for name in NAMES} == now
    signs = [(change.after.on, change.account[1], *change.because[-1][1:5]) for change in recorder.changes]
    assert sorted(sign for sign in signs if sign[2] != "promise") == sorted(expected)
    broken = sum((sign[5] == "broken") - (sign[4] == "broken") for sign in signs if sign[2] == "promise")
    assert broken == sum(answer.value("broken_promises") for answer in now.values())
    assert not any(trouble.lost for trouble in recorder.troubles)
