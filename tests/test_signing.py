"""Signing rule files: what is written, what it holds on to, who may sign what, and what unsigned books may do."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest

from dunning.basis.errors import RulesError, UsageError
from dunning.check.run import check
from dunning.check.signing import Draft, file_to_sign, prepare, refuse_unfit, sign, signatures
from dunning.engine.law.guard import unreviewed_at
from dunning.lang.folder import load, load_folder
from dunning.lang.signatures import log_of, read_log
from dunning.model.rulebook import RuleBook
from dunning.output.book import book_text
from dunning.output.signing import draft_text, history_text
from rule_files import write

ON = date(2026, 11, 22)
BOOK = """\
# 合规部的规则
rulebook: home
title: 住宅催缴
version: "1"
in_force: {since: 2023-01-01}
applies: {use: residential}
law: cn
reviewed: null   # 只由 dunning sign 写

# 分级
tables:
  grade:
    title: 分级
    output: [A, B]
    hit: first
    source: 制度
    rows: [{when: {arrears: 超过5000元}, then: A}, {else: B}]
relief:
  - {offer: hardship, title: 困难分期, kind: instalments, when: {hardship: true}, count: 3..12, source: 制度}
"""
LAW = """\
law: cn
title: 全国
reviewed: null
layer: statute
places: [CN]
articles:
  CC-944.3:
    cite: 民法典第九百四十四条第三款
    says: 不得停止供水
    in_force: {since: 2021-01-01}
    checked: {text: copy, in_force: copy}
prohibitions: [{effects: [water_supply], verdict: prohibited, articles: [CC-944.3]}]
"""
POLICY = """\
law: policy
title: 公司政策
layer: policy
places: [CN]
articles:
  POLICY-HOURS:
    cite: 公司政策
    says: 夜里不联系
    in_force: {since: 2021-01-01}
    checked: {text: copy, in_force: copy}
limits: [{of: contact_hours, between: 08:00-22:00, articles: [POLICY-HOURS]}]
"""
FILES = {"packs/home.yaml": BOOK, "law/cn/national.yaml": LAW, "law/policy.yaml": POLICY}
SIGN_BY = "sign_by: {relief: [finance, legal]}\n"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    return write(tmp_path / "rules", FILES)


@pytest.fixture
def pack(rules: Path) -> Path:
    return rules / "packs" / "home.yaml"


def signed(path: Path, by: str = "张三", on: date = ON, *, section: str = "", role: str | None = None) -> Draft:
    """The file after this person has signed it."""
    draft = prepare(path)
    sign(draft, signatures(draft, by=by, on=on, sections=[section] if section else [], role=role))
    return prepare(path)


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def codes(path: Path) -> list[str]:
    return [found.code for found in check(path) if found.code.startswith("S")]


# --- what is written ---------------------------------------------------------------------------------------------


def test_the_entry_is_written_and_nothing_else(pack: Path) -> None:
    before = load(pack)
    signed(pack)

    entry = (
        "reviewed:    # 只由 dunning sign 写\n  by: 张三\n  date: 2026-11-22\n"
        f"  digest: {before.meaning}\n  law_digest: {before.law_digest}\n"
    )
    assert pack.read_text(encoding="utf-8") == BOOK.replace("reviewed: null   # 只由 dunning sign 写\n", entry)
    after = load(pack)
    assert (after.meaning, after.digest, after.signed) == (before.meaning, before.digest, True)
    assert "已签" in book_text(after).splitlines()[1]


def test_who_signs_later_takes_the_place_of_who_signed_before(pack: Path) -> None:
    signed(pack)
    first = pack.read_text(encoding="utf-8")
    signed(pack, "李四", date(2026, 12, 1))

    assert pack.read_text(encoding="utf-8") == first.replace("张三", "李四").replace("2026-11-22", "2026-12-01")
    assert [each.by for each in read_log(pack)] == ["张三", "李四"]


def test_a_file_with_chinese_keys_is_signed_in_chinese(tmp_path: Path) -> None:
    text = "规则书: shop\n标题: 商铺\n适用: {用途: 商业}\n法律: cn\n归口: 合规部\n费项: {催缴: [物业费]}\n"
    path = write(tmp_path, {"shop.yaml": text, **FILES}) / "shop.yaml"
    signed(path)

    lines = path.read_text(encoding="utf-8").splitlines()
    assert [line.split(":")[0] for line in lines[5:10]] == ["审签", "  由", "  日期", "  摘要", "  法律摘要"]
    assert load(path).signed


def test_a_name_that_yaml_would_misread_is_quoted(pack: Path) -> None:
    signed(pack, "no: #1")

    assert load(pack).reviewed.by == "no: #1"  # type: ignore[union-attr]


@pytest.mark.parametrize("by", ["", "   ", "a\x07", "x" * 61])
def test_a_name_that_is_none_is_refused(pack: Path, by: str) -> None:
    with pytest.raises(UsageError, match="--by"):
        signatures(prepare(pack), by=by, on=ON)
    assert pack.read_text(encoding="utf-8") == BOOK


def test_an_entry_written_by_hand_is_added_to_or_left_alone(pack: Path) -> None:
    changed(pack, "reviewed: null ", "reviewed: {by: 旧人, date: 2025-01-01}")
    signed(pack)
    assert load(pack).signed

    pack.write_text(BOOK.replace("reviewed: null ", "reviewed: {}"), encoding="utf-8")
    with pytest.raises(UsageError, match="by hand"):
        signed(pack)
    assert "reviewed: {}" in pack.read_text(encoding="utf-8")


# --- what keeps a file from being signed -------------------------------------------------------------------------


def test_a_pack_with_errors_is_not_signed(pack: Path) -> None:
    changed(pack, "超过5000元", "超过5000O元")
    with pytest.raises(RulesError) as raised:
        prepare(pack)
    assert [found.code for found in raised.value.findings] == ["T203"]


def test_a_pack_that_fails_its_cases_is_not_signed(rules: Path, pack: Path) -> None:
    case = """\
    rulebook: home
    cases:
      - case: 恰为5000元
        date: 2026-11-22
        account: {use: residential, charges: [{id: Q1, amount: 5000, due: 2026-01-15}]}
        expect: {grades: {grade: %s}}
    """
    write(rules, {"cases/home.yaml": case % "A", "cases/other.yaml": "rulebook: other\ncases: []\n"})
    draft = prepare(pack)
    with pytest.raises(UsageError, match="cases fail"):
        sign(draft, signatures(draft, by="张三", on=ON))
    assert pack.read_text(encoding="utf-8") == BOOK

    write(rules, {"cases/home.yaml": case % "B"})
    assert "1 例通过, 0 例不符" in draft_text(signed(pack), ())


def test_what_is_no_rule_file_is_not_signed(rules: Path) -> None:
    write(rules, {"folder.yaml": "require_signed: false\n"})
    with pytest.raises(UsageError, match="rule books, communities' files and law files"):
        prepare(rules / "folder.yaml")


def test_files_are_found_by_path_and_by_name(rules: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(rules.parent)
    found = [
        file_to_sign(name).as_posix() for name in ("home", "rules/packs/home.yaml", "packs/home", "law/cn/national")
    ]
    assert found == [*["rules/packs/home.yaml"] * 3, "rules/law/cn/national.yaml"]
    for name, said in (("residential", "dunning rules"), ("rules", "one by one"), ("residental", "did you mean")):
        with pytest.raises(UsageError, match=said):
            file_to_sign(name)


# --- what a signature holds on to --------------------------------------------------------------------------------


def test_layout_and_comments_leave_a_signature_as_it_is(pack: Path) -> None:
    signed(pack)
    changed(pack, "# 分级\n", "# 分级, 又写了一句\n\n")
    changed(pack, "超过5000元", '"> 5000"')

    assert load(pack).signed
    assert codes(pack) == []


def test_a_change_of_meaning_unsigns_and_says_what_was_changed(pack: Path) -> None:
    signed(pack)
    changed(pack, "count: 3..12", "count: 3..6")
    (found,) = load(pack).findings

    assert found.code == "S801"
    assert found.message("zh") == "张三 2026-11-22 签字后又改了 1 处, 现按“未签”处理"
    assert found.message("en") == "1 clause was changed since 张三 signed on 2026-11-22; it counts as unsigned"
    assert found.why("zh") == "改: relief.hardship (困难分期)"
    assert not load(pack).signed
    assert "改了 1 处: 改: relief.hardship (困难分期); 没有改的" in draft_text(prepare(pack), ())


def test_without_its_log_it_is_only_told_that_something_was_changed(pack: Path) -> None:
    signed(pack)
    log_of(pack).write_text("no json\n{}\n", encoding="utf-8")
    changed(pack, "count: 3..12", "count: 3..6")
    (found,) = load(pack).findings

    assert found.message("zh") == "张三 2026-11-22 签字后又改过, 现按“未签”处理"
    assert "说不出改了哪几处" in draft_text(prepare(pack), ())


def test_law_that_changed_since_is_a_note_and_the_signature_holds(rules: Path, pack: Path) -> None:
    signed(pack)
    changed(rules / "law/cn/national.yaml", "effects: [water_supply]", "effects: [water_supply, gas_supply]")
    book = load(pack)

    assert [(found.code, found.severity) for found in book.findings] == [("S802", "note")]
    assert "全国" in book.findings[0].message("zh")
    assert book.signed
    assert "上次签字后改过的法律文件: 全国" in draft_text(prepare(pack), ())


def test_a_base_that_changed_unsigns_what_stands_on_it(rules: Path, pack: Path) -> None:
    write(rules, {"packs/base.yaml": "rulebook: base\npayments: {chase_from: 10元}\n"})
    changed(pack, "law: cn\n", "law: cn\nbased_on: base\n")
    signed(pack)
    changed(rules / "packs/base.yaml", "10元", "20元")

    assert load(pack).findings[0].why("zh") == "改: payments (付款)"


def test_history_tells_who_signed_what_and_whether_it_holds(pack: Path) -> None:
    assert history_text(prepare(pack)).endswith("没有签字记录")
    signed(pack)
    draft = signed(pack, "李四", date(2026, 12, 1))
    assert history_text(draft).splitlines() == [
        f"2026-11-22  张三  全书  {draft.digest[:19]} 1",
        f"2026-12-01  李四  全书  {draft.digest[:19]} 1  有效",
    ]
    changed(pack, "count: 3..12", "count: 3..6")
    assert history_text(prepare(pack), "en").endswith("changed since: no longer in force")


def test_a_log_torn_in_its_last_line_goes_on(pack: Path) -> None:
    signed(pack)
    log = log_of(pack)
    log.write_bytes(log.read_bytes() + b'{"by":"half')
    signed(pack, "李四")

    assert [each.by for each in read_log(pack)] == ["张三", "李四"]


# --- law ---------------------------------------------------------------------------------------------------------


def test_a_law_file_a_lawyer_signed_is_no_longer_called_unreviewed(rules: Path, pack: Path) -> None:
    assert unreviewed_at(load(pack), "CN-3301") == ("全国", "公司政策")
    national = rules / "law/cn/national.yaml"
    signed(national, "王律师")
    assert unreviewed_at(load(pack), "CN-3301") == ("公司政策",)
    assert codes(rules) == []

    changed(national, "不得停止供水", "不得停水")
    assert unreviewed_at(load(pack), "CN-3301") == ("全国", "公司政策")
    (found,) = [found for found in check(rules) if found.code == "S801"]
    assert (found.at.file, found.why("zh")) == (national.as_posix(), "改: articles.CC-944.3")  # type: ignore[union-attr]
    assert found.line.startswith("reviewed:")
    assert "条文    1 条" in draft_text(prepare(national), ())


def test_a_signed_law_file_does_not_unsign_the_books_on_it(rules: Path, pack: Path) -> None:
    signed(pack)
    signed(rules / "law/cn/national.yaml", "王律师")

    assert codes(rules) == []


# --- second signers ----------------------------------------------------------------------------------------------


def lacking(book: RuleBook) -> list[tuple[str, str]]:
    return [(lack.section, lack.role) for lack in book.lacking]


def test_a_book_is_signed_once_every_second_signer_has(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": SIGN_BY})
    signed(pack)
    assert (load(pack).signed, lacking(load(pack))) == (False, [("relief", "finance"), ("relief", "legal")])
    signed(pack, "李四", section="relief", role="finance")
    assert codes(pack) == ["S803"]
    draft = signed(pack, "王律师", section="relief", role="legal")

    assert load(pack).signed
    assert codes(pack) == []
    assert pack.read_text(encoding="utf-8").count("- {section: relief, role: ") == 2
    assert "会签    relief: 财务 李四 2026-11-22、法务 王律师 2026-11-22" in draft_text(draft, ())
    assert "relief (法务)" in history_text(draft)


def test_a_second_signature_holds_while_its_section_stays(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": "sign_by: {relief: [finance]}\n"})
    signed(pack, "李四", section="relief", role="finance")
    signed(pack)
    changed(pack, "超过5000元", "超过6000元")
    signed(pack)
    assert load(pack).signed

    changed(pack, "count: 3..12", "count: 3..6")
    signed(pack)
    (found,) = load(pack).findings
    assert "“relief”一段还缺财务的会签 (李四 2026-11-22 签过, 之后改了)" in found.message("zh")
    signed(pack, "赵六", section="relief", role="finance")
    assert load(pack).signed
    assert pack.read_text(encoding="utf-8").count("section: relief") == 1


def test_second_signers_are_other_people(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": SIGN_BY})
    signed(pack)
    signed(pack, "李四", section="relief", role="finance")
    for by, section, role in (("张三", "relief", "legal"), ("李四", "relief", "legal"), ("李四", "", None)):
        with pytest.raises(UsageError, match="another person"):
            signed(pack, by, section=section, role=role)


def test_one_person_under_two_names_of_the_file_does_not_count_twice(rules: Path, pack: Path) -> None:
    """What `dunning sign` refuses does not hold if somebody writes it by hand either."""
    write(rules, {"folder.yaml": SIGN_BY})
    signed(pack)
    signed(pack, "李四", section="relief", role="finance")
    signed(pack, "王律师", section="relief", role="legal")
    changed(pack, "王律师", "李四")

    assert lacking(load(pack)) == [("relief", "legal")]
    assert "要另一个人" in load(pack).findings[0].message("zh")


def test_the_role_has_to_be_one_that_is_asked_for(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": SIGN_BY})
    wrong: tuple[tuple[Mapping[str, str], str], ...] = (
        ({"section": "relief"}, "say in which role"),
        ({"section": "relief", "role": "steward"}, "finance, legal"),
        ({"section": "tables", "role": "finance"}, "asks for: relief"),
        ({"section": "reliefs", "role": "finance"}, "no section `reliefs`; did you mean `relief`.*there are: in_force"),
        ({"section": "late_fee", "role": "legal"}, "has no `late_fee`"),
        ({"role": "finance"}, "goes with --section"),
    )
    for given, said in wrong:
        with pytest.raises(UsageError, match=said):
            signed(pack, "李四", **given)  # type: ignore[arg-type]
    assert pack.read_text(encoding="utf-8") == BOOK


def test_where_nothing_is_signed_apart_the_line_that_would_ask_for_it_is_told(pack: Path) -> None:
    with pytest.raises(UsageError, match=r"sign_by: \{tables: \[finance\]\}"):
        signed(pack, "李四", section="tables", role="finance")


def test_a_section_the_book_does_not_have_needs_no_signature(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": "sign_by: {late_fee: [finance], incentives: [finance]}\n"})
    signed(pack)

    assert load(pack).signed


def test_a_lawyer_may_answer_for_what_only_a_lawyer_may_let_pass(rules: Path, pack: Path) -> None:
    """3‰ a day is an error until legal has signed for the late fee; nobody else's name takes it away."""
    fee = "late_fee: {rate: 3‰ per day, cap: 5% of charge, items: [property_fee], source: 合同}\n"
    sure = "in_force: {since: 2021-01-01}, checked: {text: copy, in_force: copy}"
    article = f"  CC-585: {{cite: 民法典第五百八十五条, says: 可以适当减少, {sure}}}\n"
    changed(rules / "law/cn/national.yaml", "prohibitions:", article + "prohibitions:")
    changed(pack, "# 分级\n", "# 分级\n" + fee)
    draft = prepare(pack)
    assert [found.code for found in draft.findings if found.severity == "error"] == ["L501"]
    with pytest.raises(UsageError, match="there are errors"):
        refuse_unfit(draft, signatures(draft, by="张三", on=ON))

    signed(pack, "王律师", section="late_fee", role="legal")
    assert load(pack).reviewed.by == ""  # type: ignore[union-attr]
    signed(pack)
    assert load(pack).signed


# --- signatures required -----------------------------------------------------------------------------------------


def test_where_signatures_are_required_an_unsigned_book_is_only_looked_at(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": "require_signed: true\n"})
    for loading in (lambda: load(pack), lambda: load_folder(rules)):
        with pytest.raises(RulesError) as raised:
            loading()
        (found,) = raised.value.findings
        assert (found.code, found.message("zh")) == ("S805", "规则书“home”没有签字, 不能用来评估")
        assert found.line == "rulebook: home"
    assert codes(rules) == ["S804"]
    assert load(pack, draft=True).name == "home"
    assert [book.name for book in load_folder(rules, draft=True).books] == ["home"]

    signed(pack)
    assert load(pack).signed
    assert codes(rules) == []
    changed(pack, "count: 3..12", "count: 3..6")
    with pytest.raises(RulesError, match="was changed after 张三 signed"):
        load(pack)


def test_a_base_is_not_used_by_itself_and_needs_no_signature(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": "require_signed: true\n", "packs/base.yaml": "rulebook: base\n"})
    signed(pack)

    assert {book.name for book in load_folder(rules).books} == {"home", "base"}
    assert codes(rules) == []


def test_a_missing_second_signer_is_told_when_the_book_is_used(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": "require_signed: true\n" + SIGN_BY})
    signed(pack)
    with pytest.raises(RulesError) as raised:
        load(pack)

    (found,) = raised.value.findings
    assert found.message("zh") == "规则书“home”还缺财务对“relief”、法务对“relief”的会签, 不能用来评估"


def test_settings_that_cannot_be_read_keep_every_book_from_loading(rules: Path, pack: Path) -> None:
    write(rules, {"folder.yaml": "require_signed: maybe\n"})
    with pytest.raises(RulesError) as raised:
        load(pack)

    assert [found.code for found in raised.value.findings] == ["R104"]


def test_the_log_is_one_line_a_signature(pack: Path) -> None:
    signed(pack)
    (line,) = log_of(pack).read_text(encoding="utf-8").splitlines()
    said = json.loads(line)

    assert {"by", "on", "digest", "law_digest", "version", "clauses", "law"} == said.keys()
    assert said["law"].keys() == {"全国", "公司政策"}
    assert {"tables.grade", "relief.hardship", "title"} <= said["clauses"].keys()
