"""What a book may not ask for: it does not load, and both places are shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dunning
from dunning.basis.errors import RulesError
from dunning.basis.finding import Finding
from dunning.engine.law.refusal import unlawful
from dunning.model.law import Prohibition
from dunning.model.rulebook import RuleBook
from laws import article, book, day, has, is_, own, pack
from rule_files import write

HEAD = """
rulebook: home
title: 住宅
language: 1
applies: {use: residential}
"""


def load(folder: Path, body: str, head: str = HEAD) -> RuleBook:
    return dunning.load(write(folder, {"home.yaml": head.lstrip() + body}) / "home.yaml")


def refused(folder: Path, body: str, head: str = HEAD) -> list[Finding]:
    with pytest.raises(RulesError) as stopped:
        load(folder, body, head)
    return list(stopped.value.findings)


def ladder(action: str, more: str = "") -> str:
    return f"ladder:\n  steps:\n    - {{step: last, title: 最后一步, action: {action}{more}}}\n"


def codes(found: list[Finding]) -> list[str]:
    return [finding.code for finding in found]


def test_a_book_that_cuts_water_does_not_load_whether_it_names_a_law_or_not(tmp_path: Path) -> None:
    for law in ("", "law: cn\n"):
        found = refused(tmp_path, law + ladder("cut_water"))

        assert codes(found) == ["L401"]
        assert "停水: 法律禁止, 整本规则书不能装入" in found[0].message("zh")
        assert found[0].line.endswith("action: cut_water}")
        assert [place.file for place, _ in found[0].related] == ["rules/law/cn/national.yaml"]
        assert "CC-944.3" not in found[0].message("zh")
        assert "民法典第九百四十四条第三款" in found[0].why("zh")
        assert "书面催告 → 调解 → 起诉" in found[0].help("zh")


def test_local_fines_are_counted(tmp_path: Path) -> None:
    told = refused(tmp_path, ladder("cut_water"))[0].message("zh")

    assert "个地方另有规定" in told
    assert "定有罚款" in told


@pytest.mark.parametrize("place", ["action", "own", "end", "reminder"])
def test_a_forbidden_effect_is_found_wherever_it_is_configured(tmp_path: Path, place: str) -> None:
    body = {
        "action": ladder("cut_power"),
        "own": "actions:\n  nudge: {title: 关怀, effects: [power_supply]}\n",
        "end": "ladder:\n  at_end: cut_power\n  steps: []\n",
        "reminder": "reminders:\n  - {step: a, title: 提示, action: cut_power, at: due + 1d}\n",
    }[place]

    assert codes(refused(tmp_path, body)) == ["L401"]


def test_what_is_forbidden_by_analogy_does_not_load_either(tmp_path: Path) -> None:
    found = refused(tmp_path, ladder("restrict_lift"))

    assert codes(found) == ["L402"]
    assert "只有律师可以另作判断" in found[0].why("zh")


def test_the_book_is_refused_for_some_of_its_households(tmp_path: Path) -> None:
    """A deposit is forbidden for homes: a book for shops may ask for one, a book for everybody may not."""
    shops = HEAD.replace("residential", "commercial")
    anybody = HEAD.replace("applies: {use: residential}\n", "")

    assert codes(refused(tmp_path, ladder("require_deposit"))) == ["L401"]
    assert codes(refused(tmp_path, ladder("require_deposit"), anybody)) == ["L401"]
    assert load(tmp_path, ladder("require_deposit"), shops).title == "住宅"
    assert load(tmp_path, ladder("require_deposit", ", when: {use: commercial}"), anybody).title == "住宅"


def test_what_an_exception_may_lift_is_left_to_the_guard(tmp_path: Path) -> None:
    assert load(tmp_path, ladder("commend_payers")).ladder.steps[0].action == "commend_payers"
    assert load(tmp_path, ladder("committee_urge", ", to: committee")).findings == ()


def test_a_third_party_is_one_by_the_step_that_addresses_it(tmp_path: Path) -> None:
    own_tell = "actions:\n  tell: {title: 通报, effects: [contact_debtor, personal_data_shared], receiver: other}\n"

    assert codes(refused(tmp_path, own_tell)) == ["L401"]


def test_every_mistake_is_shown_at_once(tmp_path: Path) -> None:
    body = (
        "contact:\n  windows:\n    phone: {workday: [07:00-23:00], rest_day: [], festival: []}\n"
        "  caps:\n    - {at_most: 9, of: any, per: 7d}\n"
        "actions:\n  nudge: {title: 关怀, effects: [lift_access]}\n" + ladder("cut_gas")
    )
    assert sorted(codes(refused(tmp_path, body))) == ["L401", "L402", "L411", "L413"]


def test_shipped_packs_ask_for_nothing_unlawful() -> None:
    for path in sorted((Path(__file__).parent.parent / "rules" / "packs").glob("*.yaml")):
        assert unlawful(dunning.load(path)) == [], path.name


# By days and places


def sanction(since: str = "2021-01-01", until: str = "", place: str = "CN", **more: Any) -> Any:
    rule = Prohibition(verdict="prohibited", articles=("A-1",), effects=("threat",), **more)
    layer = "statute" if place == "CN" else "local"
    return pack(article("A-1", since, until), place=place, layer=layer, prohibitions=[rule], title=f"{place}市")


SHOUT = (own("shout", "threat"),)


def test_all_days_of_a_book_are_looked_at() -> None:
    def refused_between(since: str, until: str, *, first: str = "2021-01-01", last: str = "") -> bool:
        rules = sanction(first, last)
        span = {"since": day(since) if since else None, "until": day(until) if until else None}
        return bool(unlawful(book(rules, actions=SHOUT, **span)))

    assert refused_between("", "")
    assert refused_between("2020-01-01", "2021-01-01")
    assert not refused_between("2020-01-01", "2020-12-31")
    assert refused_between("2021-12-31", "", last="2021-12-31")
    assert not refused_between("2022-01-01", "", last="2021-12-31")


def test_all_places_of_a_book_are_looked_at() -> None:
    def found(applies: Any) -> list[str]:
        return codes(unlawful(book(sanction(place="CN-4101"), actions=SHOUT, applies=applies)))

    assert found(is_("use", "residential")) == ["L403"]
    assert found(is_("place", "CN-410102")) == ["L403"]
    assert found(is_("place", "CN-4101", "CN-3301")) == ["L403"]
    assert found(is_("place", "CN-3301")) == []


def test_an_exception_that_cannot_hold_does_not_help() -> None:
    rules = sanction(unless=is_("receiver", "committee"))

    assert codes(unlawful(book(rules, actions=(own("shout", "threat", receiver="committee"),)))) == []
    assert codes(unlawful(book(rules, actions=SHOUT))) == ["L401"]
    assert codes(unlawful(book(sanction(unless=has("consents", "sharing")), actions=SHOUT))) == []


@pytest.mark.parametrize(
    ("title", "code"),
    [("停水提醒", "L405"), ("不停水的提醒", ""), ("关闭门禁", "L405"), ("缴费提醒", ""), ("断网通知", "L405")],
)
def test_a_title_tells_what_the_effects_do_not(tmp_path: Path, title: str, code: str) -> None:
    body = f"actions:\n  remind: {{title: {title}, effects: [contact_debtor]}}\n"
    found = codes(refused(tmp_path, body)) if code else list(load(tmp_path, body).findings)

    assert found == ([code] if code else [])


def test_a_warning_does_not_stop_the_load(tmp_path: Path) -> None:
    loaded = load(tmp_path, ladder("formal_demand", ", gives: {deadline: 15d}") + "declined: []\n")

    assert codes(list(loaded.findings)) == ["L421"]
