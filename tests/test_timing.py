"""What a source does not supply, steps on the same days and steps too early; the screens are in tests/findings."""

from __future__ import annotations

from pathlib import Path

import pytest

from dunning.basis.finding import Finding
from dunning.check import burden
from dunning.check.run import check
from dunning.intake.headers import LISTS
from dunning.lang.folder import load
from dunning.model.boxes import UndecidedError

EVERYTHING = LISTS.keys() - {"accounts"}


def lacking(found: list[Finding]) -> dict[str, str]:
    return {finding.args["title"].en: finding.args["lists"] for finding in found if finding.code == "Q506"}


def test_a_source_that_has_every_list_leaves_nothing_unknown() -> None:
    assert lacking(check("residential", supplies=EVERYTHING)) == {}


def test_facts_that_hang_on_a_list_the_source_has_not_are_told_once_each() -> None:
    told = lacking(check("residential", supplies=EVERYTHING - {"disputes"}))

    assert told["open disputes"] == "disputes"
    assert set(told.values()) == {"disputes"}


def test_without_a_source_nothing_is_said_of_it() -> None:
    assert lacking(check("residential")) == {}


def test_steps_that_hang_on_a_list_the_source_has_not_never_come() -> None:
    found = check("common", supplies=EVERYTHING - {"approvals", "disputes", "plans"})
    told = {each.args["step"].zh: each.args["lists"] for each in found if each.code == "Q515"}

    assert told == {
        "先解决服务问题": "disputes",
        "书面催告函": "approvals",
        "起诉": "approvals",
        "申请强制执行": "approvals",
    }
    assert {"plan state", "kinds of open disputes"} <= lacking(found).keys()  # the pauses that rest on them


# Steps on the same days, steps too early


@pytest.mark.parametrize(
    ("one", "other", "codes"),
    [
        ("action: call, at: due + 1d .. due + 5d", "action: call, at: due + 5d .. due + 9d", {"Q509"}),
        ("action: call, at: due + 1d .. due + 4d", "action: call, at: due + 5d .. due + 9d", set()),
        ("action: call, at: due + 5d", "action: send_message, at: due + 5d", set()),
        ("action: call, at: due + 5d", "action: call, at: paid + 5d", set()),
        ("action: call, at: due + 5d", "action: call, at: due + 5d, of: charge", set()),
        ("action: call, at: due + 5d", "action: call, at: due + 5d, when: {tags: vip}", {"Q509"}),
        (
            "action: call, at: due + 5d, when: {tags: 不含 vip}",
            "action: call, at: due + 5d, when: {tags: vip}",
            set(),
        ),
        ("action: call, at: due + 5d, repeat: {every: 5d}", "action: call, at: due + 90d", {"Q509"}),
        ("action: call, at: due + 5d, repeat: {every: 5d, times: 3}", "action: call, at: due + 15d", {"Q509"}),
        ("action: call, at: due + 5d, repeat: {every: 5d, times: 3}", "action: call, at: due + 16d", set()),
        ("action: call, at: due + 5d, repeat: {every: 5d}", "action: call, at: quarter_end", {"Q509"}),
        ("action: call, at: due + 5d, repeat: {every: 5d, times: 2}", "action: call, at: quarter_end", set()),
        ("action: send_notice, at: due - 9d", "action: call, at: done(one) + 9d", set()),
        ("action: send_notice, at: due - 9d", "action: call, at: done(one) + 8d", {"Q510"}),
        ("action: send_notice, at: due - 9d", "action: call, at: done(one) + 8d, when: {arrears: 超过0元}", set()),
        ("action: send_notice, at: due - 9d", "action: send_message, at: done(one) + 3d", set()),
        ("action: visit, at: due - 2d", "action: call, at: paid", {"Q510"}),
    ],
)
def test_steps_on_the_same_days_and_steps_too_early(one: str, other: str, codes: set[str], tmp_path: Path) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"rulebook: x\nreminders:\n  - {{step: one, {one}}}\n  - {{step: other, {other}}}\n")

    assert {found.code for found in check(path)} == codes


# Steps together


def test_a_search_that_takes_too_long_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def undecided(_: object) -> None:
        raise UndecidedError

    monkeypatch.setattr(burden, "loads", undecided)

    assert [found.code for found in burden.burden(load("residential"))] == ["Q514"]


def test_the_shares_add_up_and_the_household_holds_them_all() -> None:
    found = burden.loads(load("residential"))
    assert found is not None

    for each in found.highest:
        assert sum(share.times for share in each.shares) == each.most > each.cap.times
    (any_of_them,) = (each for each in found.highest if each.cap.of == "any")
    titles = {share.step.id for share in any_of_them.shares}
    assert {"grade_s_follow_up", "routine_round"} - titles == {"routine_round"}  # one grade excludes the other


def test_a_base_for_nobody_has_no_households_to_be_sought_too_often() -> None:
    assert list(burden.burden(load("common"))) == []


LAW = """law: x
title: 省里的规矩
places: [CN]
layer: regulation
articles:
  X-1:
    {cite: 某条, says: 三人同意, in_force: {since: 2021-01-01}, checked: {text: official, in_force: official, by: null}}
gates:
  - {actions: [formal_demand], requires: {approvals: 至少3}, articles: [X-1]}
"""


@pytest.mark.parametrize(
    ("roles", "codes"), [("legal, finance", {"Q512"}), ("legal, finance, property_manager", set())]
)
def test_approvals_that_nobody_can_give(roles: str, codes: set[str], tmp_path: Path) -> None:
    (tmp_path / "law" / "x").mkdir(parents=True)
    (tmp_path / "packs").mkdir()
    (tmp_path / "law" / "x" / "x.yaml").write_text(LAW, encoding="utf-8")
    demand = f"{{step: a, action: formal_demand, at: due + 60d, approval: [{roles}], gives: {{deadline: 15d}}}}"
    book = f"rulebook: b\nlaw: x\nladder: {{at_end: refer_to_management, steps: [{demand}]}}\n"
    (tmp_path / "packs" / "b.yaml").write_text(book, encoding="utf-8")

    found = check(tmp_path / "packs" / "b.yaml")
    assert {each.code for each in found if each.code[0] == "Q"} == codes, [each.message("zh") for each in found]
