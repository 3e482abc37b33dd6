"""A meaning clause by clause: nothing of it escapes, and what changed is named as a reviewer would name it."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date
from itertools import pairwise

import pytest

from dunning.lang.folder import load
from dunning.lang.words.fingerprints import (
    SECTIONS,
    Change,
    changes,
    changes_told,
    fingerprints,
    section_digest,
)
from dunning.lang.words.meaning import digest, said
from dunning.model.rulebook import RuleBook
from rule_files import book

TABLE = "tables: {grade: {title: 分级, output: [A, B], hit: first, rows: [%s, {else: B}]}}\n"
HIGH, HIGHER = "{when: {arrears: 超过5000元}, then: A}", "{when: {arrears: 超过5000.01元}, then: A}"


def step(name: str, more: str = "") -> str:
    return f"    - {{step: {name}, title: {name}, at: due + 3d, action: call, channels: {{first_of: [phone]}}{more}}}\n"


def ladder(*steps: str) -> str:
    return "ladder:\n  steps:\n" + "".join(steps)


def changed(before: str, now: str) -> list[tuple[str, str]]:
    return [tuple(change) for change in changes(fingerprints(book(before)), fingerprints(book(now)))]


@pytest.fixture(scope="module")
def residential() -> RuleBook:
    return load("residential")


def test_the_same_meaning_has_the_same_clauses() -> None:
    assert changed(TABLE % HIGH, "# a comment\n" + TABLE % "{when: {arrears: '> 5000'}, then: A}") == []


def test_a_changed_an_added_and_a_removed_clause_are_told_apart() -> None:
    before = TABLE % HIGH + ladder(step("call"), step("visit"))
    now = TABLE % HIGHER + ladder(step("call"), step("write"))

    assert changed(before, now) == [
        ("tables.grade", "changed"), ("ladder.steps.write", "added"), ("ladder.steps.visit", "removed"),
    ]  # fmt: skip


def test_one_step_put_in_between_moves_none() -> None:
    assert changed(ladder(step("a"), step("c")), ladder(step("a"), step("b"), step("c"))) == [
        ("ladder.steps.b", "added")
    ]


def test_steps_in_another_order_have_moved() -> None:
    assert changed(ladder(step("a"), step("b")), ladder(step("b"), step("a"))) == [("ladder.steps", "moved")]


def test_what_the_ladder_says_beside_its_steps_is_a_clause() -> None:
    assert changed(ladder(step("a")), ladder(step("a")) + "  min_gap: 3d\n") == [("ladder", "changed")]


def test_what_stands_at_its_default_is_no_clause() -> None:
    assert changed("", "payments: {across_charges: earliest_due}\n") == []
    assert changed("", "payments: {across_charges: statutory}\n") == [("payments", "added")]


def test_no_field_of_a_book_escapes(residential: RuleBook) -> None:
    """Whatever field is put back to nothing, a clause is gone or changed; so the digest never changes alone."""
    now = fingerprints(residential)
    by_name = {field.name: field for field in fields(RuleBook)}
    for name in said(residential):
        field = by_name[name]
        usual = field.default_factory() if callable(field.default_factory) else field.default
        assert changes(now, fingerprints(replace(residential, **{name: usual}))), name


@pytest.mark.parametrize("pack", ["residential", "commercial"])
def test_no_single_thing_of_a_book_escapes(pack: str) -> None:
    """Each item of each list left out, and each two neighbours the other way round, where that changes the digest."""
    rules = load(pack)
    before = fingerprints(rules)
    for name, value in said(rules).items():
        if not isinstance(value, tuple):
            continue
        shorter = [value[:place] + value[place + 1 :] for place in range(len(value))]
        turned = [(*value[:p], two, one, *value[p + 2 :]) for p, (one, two) in enumerate(pairwise(value))]
        for other in (*shorter, *turned):
            now = replace(rules, **{name: other})
            assert bool(changes(before, fingerprints(now))) == (digest(now) != digest(rules)), name


def test_no_article_of_a_law_escapes(residential: RuleBook) -> None:
    pack = next(pack for pack in residential.laws if pack.title == "杭州市")
    first, *rest = pack.articles
    now = replace(pack, articles=(replace(first, until=date(2026, 1, 1)), *rest))

    assert changes(fingerprints(pack), fingerprints(now)) == (Change(f"articles.{first.id}", "changed"),)
    assert changes(fingerprints(pack), fingerprints(replace(pack, limits=()))) == (Change("limits", "removed"),)


def test_changes_are_told_by_kind_with_titles_for_those_still_there(residential: RuleBook) -> None:
    found = (
        Change("late_fee", "changed"),
        Change("tables.account_grade", "changed"),
        Change("ladder.steps.mediation", "removed"),
        Change("reminders", "moved"),
    )
    told = changes_told(found, replace(residential, ladder=replace(residential.ladder, steps=())))

    assert told.zh == (
        "改: late_fee (违约金)、tables.account_grade (分级催收); 删: ladder.steps.mediation; 换次序: reminders (提醒)"
    )
    assert told.en == "changed: late_fee, tables.account_grade; removed: ladder.steps.mediation; moved: reminders"


# --- sections ----------------------------------------------------------------------------------------------------


def test_a_section_has_a_digest_of_its_own(residential: RuleBook) -> None:
    cheaper = replace(residential, late_fees=())
    other = replace(residential, version="2")

    assert section_digest(residential, "late_fee") == section_digest(other, "late_fee")
    assert section_digest(cheaper, "late_fee") == ""


def test_every_section_can_be_told_of_every_book(residential: RuleBook) -> None:
    digests = {section: section_digest(residential, section) for section in SECTIONS}

    assert {section for section, found in digests.items() if not found} == {"actions"}
    assert len(set(digests.values())) == len(digests)
    assert {section_digest(book(""), section) for section in ("tables", "ladder", "relief", "approval")} == {""}


def test_approvals_and_templates_are_those_of_all_steps() -> None:
    plain = ladder(step("a"))
    asked = ladder(step("a", ", approval: [legal]"))
    worded = ladder(step("a", ", template: visit, tone: friendly"))

    assert section_digest(book(plain), "approval") == ""
    assert section_digest(book(asked), "approval") not in ("", section_digest(book(worded), "approval"))
    assert section_digest(book(worded), "templates") not in ("", section_digest(book(plain), "templates"))
