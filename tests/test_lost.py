"""Steps that are gone, and the households that stand on them; the screens are in tests/findings/E602."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding
from dunning.check.run import check
from dunning.model.account import SHANGHAI, Account, Charge, Contact, Contract, Party

ON = date(2026, 3, 1)
BOOK = """rulebook: home
version: "{version}"
in_force: {{since: {since}, until: {until}}}
applies: {{use: residential}}
ladder:
  at_end: refer_to_management
  steps:
    - {{step: {step}, action: visit, at: due + 3d}}
{more}
"""


def write(folder: Path, *, more: str = "") -> None:
    old = {"version": 1, "since": "2025-01-01", "until": "2025-12-31", "step": "home_visit", "more": ""}
    new = {"version": 2, "since": "2026-01-01", "until": "null", "step": "walk", "more": more}
    (folder / "a.yaml").write_text(BOOK.format(**old), encoding="utf-8")
    (folder / "b.yaml").write_text(BOOK.format(**new), encoding="utf-8")


def household(name: str, step: str) -> Account:
    contract = Contract(id="K", kind="committee", late_fee_clause=True, clause_shown=True)
    charge = Charge(id="Q", amount=1000_00, due=date(2026, 1, 15))
    at = datetime(2026, 2, 1, 10, tzinfo=SHANGHAI)
    talk = Contact(id="C", at=at, step=step, channel="visit", outcome="reached")
    debtor = Party(id=f"D{name}", kind="person")
    return Account(
        id=name, use="residential", debtor=debtor, contracts=(contract,), charges=(charge,), contacts=(talk,)
    )


def gone(found: list[Finding]) -> list[tuple[str, str, str]]:
    return [(each.args["step"], each.args["standing"].en, each.fix) for each in found if each.code == "E602"]


HOUSEHOLDS = [household("1", "home_visit"), household("2", "home_visit"), household("3", "walk")]


def test_a_step_without_a_successor_is_told_with_those_who_stand_on_it(tmp_path: Path) -> None:
    write(tmp_path)

    assert gone(check(tmp_path)) == [("home_visit", "", "renamed: {home_visit: walk}")]
    assert gone(check(tmp_path / "b.yaml")) == gone(check(tmp_path))  # the version beside it is looked at
    assert gone(check(tmp_path / "a.yaml")) == []
    ((_, standing, _),) = gone(check(tmp_path, accounts=HOUSEHOLDS, on=ON))
    assert standing == ", households that stand on it: 2"


@pytest.mark.parametrize("more", ["renamed: {home_visit: walk}", "dropped: {home_visit: nobody walks}"])
def test_a_step_of_which_it_is_said_what_became_of_it_is_not_gone(more: str, tmp_path: Path) -> None:
    write(tmp_path, more=more)

    assert gone(check(tmp_path, accounts=HOUSEHOLDS, on=ON)) == []


def test_households_tell_of_steps_no_version_has(tmp_path: Path) -> None:
    write(tmp_path, more="renamed: {home_visit: walk}")
    strangers = [replace(HOUSEHOLDS[0], contacts=(replace(HOUSEHOLDS[0].contacts[0], step="letter"),))]

    assert gone(check(tmp_path, accounts=strangers, on=ON)) == [("letter", ", households that stand on it: 1", "")]


def test_accounts_are_looked_at_on_a_day(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(UsageError):
        check(tmp_path, accounts=HOUSEHOLDS)
