"""A book's head, money and conditions: what is written comes out typed, and every mistake is found in one go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest

from dunning.basis.calendar import Calendar
from dunning.lang.folder import read_calendar
from dunning.lang.readers.read import Ground, open_page, read_book
from dunning.lang.text.keys import ALIAS
from dunning.lang.text.positions import Mapping, Scalar, Sequence, compose
from dunning.model.condition import ALWAYS, All, Any, Check, Condition, Not, OneOf, Range
from dunning.model.rulebook import Cap
from dunning.model.signature import Reviewed
from rule_files import base_book, book, codes, findings

FEE = "late_fee: {rate: 0.5‰ per day, cap: 5% of charge, items: [property_fee]}\n"


# --- late fee ----------------------------------------------------------------------------------------------------


def test_late_fee_is_read_with_its_rate_cap_and_defaults() -> None:
    (terms,) = book(FEE).late_fees

    assert terms.items == ("property_fee",)
    assert terms.rate.on(date(2026, 1, 1)) == Fraction(1, 2000)
    assert terms.cap.on(date(2026, 1, 1)) == Cap(Fraction(5, 100), "charge")
    assert (terms.dated_by, terms.payment_day, terms.rest_day_due) == ("day", "counted", "roll_forward")
    assert terms.grace.on(date(2026, 1, 1)) == 0
    assert terms.rounding.on(date(2026, 1, 1)) == "half_up"


def test_rate_cap_grace_and_rounding_may_change_by_date() -> None:
    (terms,) = book("""
        late_fee:
          rate: {2026-01-01: 0.3‰ per day, 2021-01-01: 每日万分之五}
          cap: {2021-01-01: 欠费的5%, 2026-01-01: none}
          grace: {2021-01-01: 0d, 2026-01-01: 3天}
          rounding: {2021-01-01: 四舍五入, 2026-01-01: floor}
          items: [property_fee]
        """).late_fees

    before, between, after = date(2020, 12, 31), date(2025, 12, 31), date(2026, 1, 1)
    assert terms.rate.on(before) is None
    assert (terms.rate.on(between), terms.rate.on(after)) == (Fraction(1, 2000), Fraction(3, 10_000))
    assert (terms.cap.on(between), terms.cap.on(after)) == (Cap(Fraction(1, 20), "overdue"), None)
    assert (terms.grace.on(between), terms.grace.on(after)) == (0, 3)
    assert (terms.rounding.on(between), terms.rounding.on(after)) == ("half_up", "floor")


def test_late_fee_may_be_a_list_by_items() -> None:
    rules = book("late_fee: [{rate: 0.5‰, items: [property_fee]}, {rate: 0.3‰, items: [parking, rent]}]\n")

    assert rules.late_fee_for("rent") is rules.late_fees[1]
    assert rules.late_fee_for("heating") is None


def test_without_a_cap_there_is_none() -> None:
    (terms,) = book("late_fee: {rate: 0.5‰, items: [property_fee]}\n").late_fees

    assert terms.cap.on(date(2026, 1, 1)) is None


def test_all_mistakes_of_a_section_are_found_at_once() -> None:
    found = codes("late_fee: {rat: 0.5‰, cap: 5% of everything, items: [property_fees], grace: 3mo, rounding: up}\n")

    assert {"R101", "R102", "R104", "T233", "T236"} <= set(found)


# --- payments and items ------------------------------------------------------------------------------------------


def test_payments_are_read_or_stand_at_their_defaults() -> None:
    usual = book("").payments
    written = book("""
        payments:
          across_charges: statutory
          within_charge: [late_fee, principal]
          source_split: ignore
          chase_from: 10元
        """).payments

    assert (usual.across_charges, usual.within_charge) == ("earliest_due", ("principal", "late_fee"))
    assert (usual.source_split, usual.chase_from) == ("follow", 1)
    assert (written.across_charges, written.within_charge) == ("statutory", ("late_fee", "principal"))
    assert (written.source_split, written.chase_from) == ("ignore", 1000)


def test_words_of_closed_sets_may_be_written_in_chinese() -> None:
    assert book("payments: {across_charges: 法定次序}\n").payments.across_charges == "statutory"
    assert book("items: {chased: [物业费, 停车费]}\n").chased == ("property_fee", "parking")


# --- the head ----------------------------------------------------------------------------------------------------


def test_head_is_read() -> None:
    rules = book("""
        version: "2026.1"
        in_force: {since: 2026-01-01, until: null}
        owner: 合规部
        reviewed: {by: 张三, date: 2026-01-05, digest: "sha256:ab", law_digest: "sha256:cd"}
        """)

    assert (rules.name, rules.title, rules.version, rules.owner) == ("sample", "样例", "2026.1", "合规部")
    assert (rules.since, rules.until) == (date(2026, 1, 1), None)
    assert isinstance(rules.reviewed, Reviewed)
    assert (rules.reviewed.by, rules.reviewed.on) == ("张三", date(2026, 1, 5))
    assert not rules.signed


def test_reviewed_null_is_no_signature() -> None:
    assert book("reviewed: null\n").reviewed is None
    assert book("reviewed: {by: null, date: null}\n").reviewed is None


def test_a_signature_holds_while_the_meaning_stays() -> None:
    plain = book(FEE)
    signature = (
        f'reviewed: {{by: 张三, date: 2026-01-05, digest: "{plain.meaning}", law_digest: "{plain.law_digest}"}}\n'
    )

    assert book(FEE + signature).signed
    assert not book(FEE.replace("5%", "4%") + signature).signed


def test_a_book_without_applies_is_only_a_base() -> None:
    assert book("").applies is None


def test_applies_is_a_condition_on_what_the_account_is() -> None:
    found = book("applies: {use: [commercial, office]}\n").applies

    assert isinstance(found, Check)
    assert found.test == OneOf(("commercial", "office"), ("commercial", "office"))


def test_a_track_has_its_days_and_what_follows() -> None:
    rules = book("applies: {use: residential, from: handover - 30d, to: handover + 45d, then: residential}\n")

    assert rules.track is not None
    assert rules.track.then == "residential"
    assert rules.track.since is not None
    assert rules.track.since.offset.count == -30
    assert isinstance(rules.applies, Check)


def test_then_of_a_track_may_stand_beside_applies() -> None:
    rules = book("applies: {use: residential, from: handover}\nthen: residential\n")

    assert rules.track is not None
    assert rules.track.then == "residential"


def test_a_book_from_nothing_lacks_its_name() -> None:
    assert [found.code for found in findings("rulebook: twice\n")] == ["Y110"]


# --- own facts ---------------------------------------------------------------------------------------------------


def test_own_facts_are_typed_and_read_from_attributes() -> None:
    facts = book("""
        facts:
          satisfaction: {type: integer, title: 满意度, from: attributes.score}
          conduct: {type: [good, poor], title: 社区行为, from: attributes.conduct, default: good}
          moved: {type: 是否, title: 已搬走, from: attributes.moved, default: null}
        """).facts

    assert (facts["satisfaction"].type.kind, facts["satisfaction"].key) == ("integer", "score")
    assert not facts["satisfaction"].has_default
    assert list(facts["conduct"].type.values or ()) == ["good", "poor"]
    assert (facts["conduct"].has_default, facts["conduct"].default) == (True, "good")
    assert (facts["moved"].has_default, facts["moved"].default) == (True, None)


def test_a_default_has_to_fit_the_type() -> None:
    assert codes("facts: {a: {type: integer, title: 甲, from: attributes.a, default: 很多}}\n") != []


# --- conditions --------------------------------------------------------------------------------------------------


def condition(text: str) -> Condition:
    return book(f"tables: {{t: {{output: [A], rows: [{{when: {text}, then: A}}]}}}}\n").tables["t"].rows[0].when


def test_when_maps_facts_to_tests_that_all_hold() -> None:
    found = condition("{arrears: 超过1万元, overdue_periods: 3期以上}")

    assert isinstance(found, All)
    assert [part.fact for part in found.parts if isinstance(part, Check)] == ["arrears", "overdue_periods"]


def test_facts_may_be_called_by_their_chinese_title() -> None:
    found = condition("{欠费金额: 超过1万元}")

    assert isinstance(found, Check)
    assert found.fact == "arrears"
    assert isinstance(found.test, Range)
    assert found.test.lowest == 1_000_001


def test_any_and_not_nest() -> None:
    found = condition("{any: [{arrears: 超过1万元}, {not: {use: residential}}]}")

    assert isinstance(found, Any)
    assert isinstance(found.parts[1], Not)


def test_an_empty_condition_always_holds() -> None:
    assert condition("{}") == ALWAYS


def test_every_test_keeps_its_place_and_its_spelling() -> None:
    found = condition("{arrears: 超过1万元}")

    assert isinstance(found, Check)
    assert found.text == "超过1万元"
    assert found.at is not None
    assert (found.at.line, found.at.end - found.at.column) == (3, len("超过1万元"))


# --- bases -------------------------------------------------------------------------------------------------------

BASE = """
late_fee: {rate: 0.5‰ per day, items: [property_fee]}
payments: {across_charges: statutory}
facts: {satisfaction: {type: integer, title: 满意度, from: attributes.satisfaction}}
tables:
  points: {title: 分, output: integer, hit: sum, rows: [{when: {satisfaction: 不满60}, then: 10}]}
  band: {title: 级, output: [low, high], rows: [{when: {points: 不满10}, then: low}, {else: high}]}
"""


def test_a_section_that_is_not_written_is_the_bases() -> None:
    rules = book("based_on: base\n", base_book(BASE))

    assert rules.payments.across_charges == "statutory"
    assert [rules.origins[key] for key in ("late_fee", "payments", "tables.band")] == ["base"] * 3


def test_a_section_that_is_written_is_the_files_own() -> None:
    rules = book("based_on: base\npayments: {chase_from: 10元}\n", base_book(BASE))

    assert (rules.payments.across_charges, rules.payments.chase_from) == ("earliest_due", 1000)
    assert rules.origins["payments"] == "sample"


def test_a_book_may_say_that_nothing_bears_a_late_fee() -> None:
    assert book("based_on: base\nlate_fee: []\n", base_book(BASE)).late_fees == ()


def test_a_list_that_needs_something_may_not_be_empty() -> None:
    assert (
        codes("items: {chased: []}\nlate_fee: {rate: 0.5‰, items: []}\ntables: {t: {output: [], rows: []}}\n")
        == ["R115"] * 3
    )


def test_a_table_of_the_same_id_takes_the_place_of_the_bases() -> None:
    rules = book(
        "based_on: base\ntables: {band: {title: 新级, output: [low, high], rows: [{else: low}]}}\n", base_book(BASE)
    )

    assert rules.tables["band"].title.zh == "新级"
    assert rules.tables["band"].pack == "sample"
    assert rules.tables["points"].pack == "base"


def test_a_table_of_the_base_may_be_used_by_name_and_dropped_with_a_reason() -> None:
    used = book("based_on: base\ntables: {use: [band]}\n", base_book(BASE))
    dropped = book("based_on: base\ndropped: {band: 不再分级}\n", base_book(BASE))

    assert list(used.tables) == ["points", "band"]
    assert list(dropped.tables) == ["points"]
    assert dropped.retired[0].reason == "不再分级"


def test_using_a_table_the_base_has_not_got_is_found() -> None:
    (found,) = findings("based_on: base\ntables: {use: [bnad]}\n", base_book(BASE))

    assert (found.code, found.fix) == ("N203", "band")


def test_the_files_tables_may_test_the_bases() -> None:
    tier = "tables: {tier: {output: [A, B], rows: [{when: {band: high}, then: A}, {else: B}]}}\n"
    rules = book("based_on: base\n" + tier, base_book(BASE))

    assert list(rules.tables) == ["points", "band", "tier"]


# --- digests -----------------------------------------------------------------------------------------------------

TABLE = """
tables:
  grade:
    title: 分级
    output: [A, B]
    rows:
      - {when: {arrears: %s, use: residential}, then: A}
      - {else: B}
"""


def test_layout_comments_and_spelling_leave_the_digest_as_it_is() -> None:
    plain = book(FEE + TABLE % "超过1万元").digest

    assert book("# 说明\n\n" + FEE + TABLE % '"> 10000"').digest == plain
    assert book(FEE + TABLE % "超过10000元" + "# 一万元是多少\n").digest == plain
    assert book(TABLE % "超过1万元" + FEE).digest == plain


def test_order_of_facts_in_a_condition_is_no_meaning() -> None:
    swapped = TABLE.replace("arrears: %s, use: residential", "use: residential, arrears: %s")

    assert book(swapped % "超过1万元").digest == book(TABLE % "超过1万元").digest


@pytest.mark.parametrize(
    "change",
    [("超过1万元", "1万元以上"), ("then: A", "then: B"), ("title: 分级", "title: 等级"), ("[A, B]", "[B, A]")],
    ids=["test", "answer", "title", "rank"],
)
def test_whatever_is_said_otherwise_changes_the_digest(change: tuple[str, str]) -> None:
    text = TABLE % "超过1万元"

    assert book(text.replace(*change)).digest != book(text).digest


def test_the_calendar_is_part_of_the_digest_and_not_of_the_meaning() -> None:
    from dunning.lang.readers.read import Ground, open_page, read_book

    other = read_book(
        open_page("rulebook: sample\ntitle: 样例\n" + FEE, "sample.yaml"), Ground(calendar=Calendar(years={}))
    )
    assert other.book is not None
    mine = book(FEE)

    assert other.book.meaning == mine.meaning
    assert other.book.digest != mine.digest


# --- keys in Chinese ---------------------------------------------------------------------------------------------


def in_chinese_keys(text: str) -> str:
    """The same file with every key of the language in Chinese; ids, facts, words and values stay."""
    node, _ = compose(text, "sample.yaml")
    lines = text.split("\n")
    free = ("applies", "when", "while", "unless", "impossible", "facts", "tables", "actions", "articles", "output")
    for key in reversed(list(keys_in(node, free))):
        at = key.span
        line = lines[at.line - 1]
        lines[at.line - 1] = line[: at.column - 1] + ALIAS[key.text] + line[at.column - 1 + len(key.text) :]
    return "\n".join(lines)


def keys_in(node: object, free: tuple[str, ...], under: str = "") -> Iterator[Scalar]:
    """The keys of the language, in file order: under `when` only any and not; ids are no keys."""
    if isinstance(node, Sequence):
        for item in node.items:
            yield from keys_in(item, free, under)
    if not isinstance(node, Mapping):
        return
    for key, value in node.entries:
        named = under in ("facts", "tables", "actions", "articles")
        known = key.text in ALIAS and not named and (under not in free or key.text in ("any", "not", "type", "or"))
        if known and not (under == "output" and key.text not in ("type", "or")):
            yield key
        yield from keys_in(value, free, "" if named else under if key.text in ("any", "not") else key.text)


WHOLE = (Path(__file__).parent / "books" / "whole.yaml").read_text(encoding="utf-8").replace("law: cn\n", "")


def test_a_whole_book_reads_without_a_finding() -> None:
    read = read_book(open_page(WHOLE, "whole.yaml"), Ground(calendar=read_calendar()))

    assert read.findings == ()
    assert read.book is not None


def test_the_same_book_in_chinese_keys_means_the_same() -> None:
    chinese = in_chinese_keys(WHOLE)
    english, other = (
        read_book(open_page(text, "whole.yaml"), Ground(calendar=read_calendar())) for text in (WHOLE, chinese)
    )

    assert "阶梯:" in chinese
    assert "steps:" not in chinese
    assert other.findings == ()
    assert english.book is not None
    assert other.book is not None
    assert other.book.digest == english.book.digest


def test_two_languages_of_keys_in_one_file_are_found() -> None:
    assert codes("付款: {across_charges: earliest_due}\n") == ["R105"]


@pytest.mark.parametrize(
    ("text", "said", "fix"),
    [
        ("滞纳金: {rate: 0.5‰ per day}\n", "是想写 late_fee (违约金) 吗?", "late_fee"),
        ("late_charge: {rate: 0.5‰ per day}\n", "是想写 late_fee (违约金) 吗?", "late_fee"),
        ("payments: {滞纳金: 1元}\n", "可以写: ", ""),
    ],
)
def test_a_wrong_word_for_a_key_is_known_by_its_meaning(text: str, said: str, fix: str) -> None:
    (found,) = findings(text)
    assert (found.code, found.fix) == ("R101", fix)
    assert said in found.message("zh")
