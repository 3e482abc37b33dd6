"""DMN files: each hit policy as its standard says, what comes over from a modeller, and what is refused by element."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from dunning import diff, load
from dunning.basis.errors import RulesError, UsageError
from dunning.cli.main import app
from dunning.exchange.document import document_of
from dunning.exchange.drawn import Imported
from dunning.exchange.evaluate import evaluate, json_text
from dunning.exchange.from_dmn import imported
from dunning.exchange.names import MODELS
from dunning.exchange.to_dmn import to_dmn
from exchanged import meaning, read_text

ON = date(2026, 11, 22)
Rows = Iterable[tuple[tuple[str, ...], str]]


def dmn(*decisions: str, model: str = MODELS[0], before: str = "") -> bytes:
    inside = before + "".join(decisions)
    return f'<definitions xmlns="{model}" id="d" name="t" namespace="n">{inside}</definitions>'.encode()


def escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def table(
    columns: Iterable[str], rows: Rows, *, policy: str = "UNIQUE", name: str = "answer", values: str = "",
    default: str = "", typed: str = "",
) -> str:  # fmt: skip
    """A decision with one output, as a modeller writes it: no ids of ours, no extensions."""
    hit, _, aggregation = policy.partition("+")
    heads = "".join(
        f'<input id="col_{n}"><inputExpression id="read_{n}"><text>{column}</text></inputExpression></input>'
        for n, column in enumerate(columns, 1)
    )
    allowed = f"<outputValues><text>{escaped(values)}</text></outputValues>" if values else ""
    rest = f"<defaultOutputEntry><text>{escaped(default)}</text></defaultOutputEntry>" if default else ""
    rules = "".join(
        f'<rule id="rule_{n}">'
        + "".join(f'<inputEntry id="in_{n}_{m}"><text>{escaped(c)}</text></inputEntry>' for m, c in enumerate(cells, 1))
        + f'<outputEntry id="out_{n}"><text>{escaped(then)}</text></outputEntry></rule>'
        for n, (cells, then) in enumerate(rows, 1)
    )
    aggregated = f' aggregation="{aggregation}"' if aggregation else ""
    output = f'<output id="o" typeRef="{typed}">{allowed}{rest}</output>'
    return (
        f'<decision id="dec_{name}" name="{name}"><decisionTable id="tab_{name}" hitPolicy="{hit}"{aggregated}>'
        f"{heads}{output}{rules}</decisionTable></decision>"
    )


def answer(data: Mapping[str, Any], *decisions: str) -> Any:
    return json.loads(json_text(evaluate(document_of(dmn(*decisions), "t.dmn"), "answer", data)))


# --- hit policies: expected results written by hand, as the DMN TCK has them ----------------------------------------

OVERLAPPING: Rows = [(("> 10",), '"low"'), (("> 20",), '"high"'), (("> 20",), '"low"')]
POINTS: Rows = [(("> 10",), "30"), (("> 20",), "12.5"), (("> 30",), "30")]


@pytest.mark.parametrize(
    ("policy", "rows", "values", "x", "expected"),
    [
        ("UNIQUE", [(("> 10",), '"a"'), (("<= 10",), '"b"')], "", 10, "b"),
        ("UNIQUE", [(("> 10",), '"a"')], "", 10, None),
        ("FIRST", OVERLAPPING, "", 25, "low"),
        ("FIRST", OVERLAPPING, "", 5, None),
        ("ANY", [(("> 10",), '"a"'), (("> 20",), '"a"')], "", 25, "a"),
        ("PRIORITY", OVERLAPPING, '"high", "low"', 25, "high"),
        ("PRIORITY", OVERLAPPING, '"low", "high"', 25, "low"),
        ("OUTPUT ORDER", OVERLAPPING, '"high", "low"', 25, ["high", "low", "low"]),
        ("RULE ORDER", OVERLAPPING, "", 25, ["low", "high", "low"]),
        ("COLLECT", OVERLAPPING, "", 25, ["low", "high", "low"]),
        ("COLLECT", OVERLAPPING, "", 5, []),
        ("COLLECT+SUM", POINTS, "", 25, 42.5),
        ("COLLECT+SUM", POINTS, "", 5, None),
        ("COLLECT+MIN", POINTS, "", 31, 12.5),
        ("COLLECT+MAX", POINTS, "", 31, 30),
        ("COLLECT+COUNT", POINTS, "", 31, 3),
    ],
)
def test_hit_policy(policy: str, rows: Rows, values: str, x: int, expected: Any) -> None:
    assert answer({"x": x}, table(["x"], rows, policy=policy, values=values)) == expected


def test_the_default_holds_where_no_rule_does() -> None:
    only = table(["x"], [(("> 10",), '"a"')], default='"rest"')
    assert answer({"x": 1}, only) == "rest"
    assert answer({"x": None}, only) == "rest"


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        ("-", None, True), ("5", 5, True), ("5", "5", False), ("< 5", 5, False), ("<= 5", 5, True),
        ("[1..5]", 1, True), ("(1..5]", 1, False), ("]1..5[", 5, False), ("[1..5)", Decimal("4.99"), True),
        ("1, 2, 3", 2, True), ("not(1, 2)", 3, True), ("not(1, 2)", 2, False), ("not(> 5)", None, False),
        ("> 5", None, False), ("null", None, True), ("null", 0, False), ('"a", "b"', "b", True),
        ('not("a")', "b", True), ("true", True, True), ("true", None, False), ("false", False, True),
        ("< 0, > 10", 11, True), ('list contains(?, "a")', ["a"], True), ("count(?) = 0", [], True),
        ("? > 3 and ? < 5", 4, True), ("> y", 7, True), ("< y * 2", 7, True), ('"\\"q\\""', '"q"', True),
        ("0.1 + 0.2", Decimal("0.3"), True), ("-5", -5, True), ("[-5..-1]", -3, True),
    ],
)  # fmt: skip
def test_unary_test(test: str, value: Any, expected: bool) -> None:
    found = answer({"x": value, "y": 6}, table(["x"], [((test,), "true")], policy="FIRST", default="false"))
    assert found is expected


@pytest.mark.parametrize(
    ("typed", "test", "value", "expected"),
    [
        ("date", '>= date("2026-01-01")', "2026-01-01", True),
        ("date", '[date("2026-01-01")..date("2026-02-01"))', "2026-02-01", False),
        ("date", '@"2026-01-01"', "2026-01-01", True),
        ("days and time duration", '< duration("P2D")', "PT47H", True),
        ("years and months duration", '= duration("P1Y")', "P12M", True),
    ],
)
def test_dates_and_durations(typed: str, test: str, value: str, expected: bool) -> None:
    data = f'<inputData id="i" name="x"><variable name="x" typeRef="{typed}"/></inputData>'
    file = dmn(table(["x"], [((test,), "true")], policy="FIRST", default="false"), before=data)
    assert evaluate(document_of(file, "t.dmn"), "answer", {"x": value}) is expected


def test_numbers_stay_exact() -> None:
    points = table(["x"], [(("> 0",), "0.1"), (("> 1",), "0.2")], policy="COLLECT+SUM")
    assert json_text(evaluate(document_of(dmn(points), "t.dmn"), "answer", {"x": 2})) == "0.3"


def test_several_outputs_are_a_map_and_names_may_have_blanks() -> None:
    decision = """<decision id="d1" name="two"><decisionTable id="t1" hitPolicy="FIRST">
      <input id="c"><inputExpression><text>Days Late</text></inputExpression></input>
      <output id="o1" name="tone"/><output id="o2" name="share"/>
      <rule id="r"><inputEntry><text>&gt; 3</text></inputEntry>
      <outputEntry><text>"firm"</text></outputEntry><outputEntry><text>0.5</text></outputEntry></rule>
    </decisionTable></decision>"""
    data = '<inputData id="i" name="Days Late"><variable name="Days Late" typeRef="number"/></inputData>'
    document = document_of(dmn(decision, before=data), "t.dmn")
    assert json_text(evaluate(document, "two", {"Days Late": 4})) == '{"tone": "firm", "share": 0.5}'


def refused(data: Mapping[str, Any], *decisions: str, before: str = "") -> list[tuple[str, Any]]:
    with pytest.raises(RulesError) as caught:
        evaluate(document_of(dmn(*decisions, before=before), "t.dmn"), "answer", data)
    return [(found.code, found.args["element"]) for found in caught.value.findings]


def test_what_cannot_be_run_is_named_by_its_element() -> None:
    assert refused({"x": 25}, table(["x"], OVERLAPPING)) == [("X401", "tab_answer")]
    assert refused({"x": 25}, table(["x"], OVERLAPPING, policy="ANY")) == [("X402", "tab_answer")]
    assert refused({"x": 1}, table(["x"], [(("starts(?)",), "1")])) == [("X203", "in_1_1")]
    assert refused({"x": 1}, table(["x"], [(("> 5 >",), "1")])) == [("X203", "in_1_1")]
    assert refused({}, '<decision id="b" name="answer"><context id="c"/></decision>') == [("X205", "b")]
    typed = '<inputData id="i" name="x"><variable name="x" typeRef="number"/></inputData>'
    assert refused({"x": "25"}, table(["x"], OVERLAPPING), before=typed) == [("X404", "i")]


def test_a_circle_of_decisions_is_told() -> None:
    need = '<informationRequirement><requiredDecision href="#dec_answer"/></informationRequirement>'
    circle = table(["answer"], [(("-",), "1")]).replace("<decisionTable", f"{need}<decisionTable", 1)
    assert refused({}, circle) == [("X405", "dec_answer")]


def test_unknown_decisions_and_inputs_are_guessed() -> None:
    document = document_of(dmn(table(["x"], OVERLAPPING)), "t.dmn")
    with pytest.raises(UsageError, match="did you mean `answer`"):
        evaluate(document, "anwser", {})


# --- XML ------------------------------------------------------------------------------------------------------------


def test_a_doctype_is_refused_before_any_entity_is_read() -> None:
    bomb = b'<!DOCTYPE d [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><definitions>&b;</definitions>'
    with pytest.raises(RulesError, match="DOCTYPE"):
        document_of(bomb, "t.dmn")


@pytest.mark.parametrize("data", [b"", b"<a>", b"<a/>", b'<definitions xmlns="urn:x"/>', b"PK\x03\x04"])
def test_what_is_no_dmn_is_told(data: bytes) -> None:
    with pytest.raises(RulesError) as caught:
        document_of(data, "t.dmn")
    assert caught.value.findings[0].code == "X201"


@pytest.mark.parametrize("model", MODELS)
def test_every_version_is_read(model: str) -> None:
    document = document_of(dmn(table(["x"], OVERLAPPING), model=model), "t.dmn")
    assert document.decisions[0].name == "answer"


# --- import -----------------------------------------------------------------------------------------------------------


def taken(*decisions: str, before: str = "") -> Imported:
    return imported(document_of(dmn(*decisions, before=before), "t.dmn"))


def codes(read: Imported) -> list[tuple[str, Any]]:
    return [(found.code, found.args["element"]) for found in read.findings]


def test_inputs_are_facts_by_id_or_title() -> None:
    rows: Rows = [(("> 10000", ">= 3", "true"), '"S"'), (("[5000..10000]", "-", "-"), '"A"')]
    read = taken(table(["arrears", "欠费期数", "hardship"], rows, policy="FIRST", default='"B"'))
    assert codes(read) == []
    assert read.text.partition("tables:\n")[2] == (
        "  answer:\n    title: answer\n    output: [S, A, B]\n    hit: first\n    grid: |\n"
        "      欠费金额      | 欠费期数 | 困难 | => answer\n"
        "      超过1万元     | 3期以上  | 是   | S\n"
        "      5000元至1万元 |          |      | A\n"
        "      否则          |          |      | B\n"
    )


def test_an_unknown_input_is_told_with_the_nearest_fact() -> None:
    read = taken(table(["overdue_day"], [(("> 1",), '"a"')]))
    assert codes(read) == [("X202", "read_1")]
    assert read.findings[0].fix == "overdue_days"


def test_what_does_not_come_over_is_told_by_element() -> None:
    rows: Rows = [
        (("date(x)", "-"), '"a"'),
        (("-", '"castle"'), '"a"'),
        (("> 5.005", "-"), '"a"'),
        (('not("x")', "-"), '"a"'),
    ]
    read = taken(
        table(["arrears", "use"], rows),
        '<decision id="lit" name="lit"><literalExpression><text>1</text></literalExpression></decision>',
        before='<businessKnowledgeModel id="bkm" name="f"/>',
    )
    assert codes(read) == [
        ("X205", "bkm"), ("X203", "in_1_1"), ("X204", "in_2_2"), ("X204", "in_3_1"), ("X204", "in_4_1"),
        ("X205", "lit"),
    ]  # fmt: skip


def test_several_tests_in_a_cell_become_any() -> None:
    read = taken(table(["overdue_days", "use"], [(("< 5, > 10", 'not("office", null)'), '"a"')]))
    assert codes(read) == []
    row = "{when: {use: 非 office, any: [{overdue_days: 不满5天}, {overdue_days: 超过10天}]}, then: a}"
    assert f"- {row}\n" in read.text
    assert meaning(read_text(read.text)["answer"]) == meaning(read.tables[0])


def test_not_without_null_is_noted() -> None:
    assert codes(taken(table(["use"], [(('not("office")',), '"a"')]))) == [("X208", "in_1_1")]


def test_policies_that_have_no_like_are_told() -> None:
    rows: Rows = [(("> 5",), '"a"')]
    assert codes(taken(table(["arrears"], rows, policy="RULE ORDER"))) == [("X206", "tab_answer")]
    assert codes(taken(table(["arrears"], rows, policy="COLLECT+COUNT"))) == [("X207", "tab_answer")]


def test_a_charge_fact_makes_a_table_of_charges() -> None:
    read = taken(table(["charge_age"], [(('< duration("P3M")',), "0.15")], typed="percent"))
    assert read.tables[0].of == "charge"
    assert "不满3个月 | 15%" in read.text


# --- the shipped packs ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pack", ["residential", "commercial", "parking"])
def test_the_shipped_tables_come_back_the_same(pack: str) -> None:
    book = load(pack)
    written = to_dmn(book, book.tables, on=ON)
    read = imported(document_of(written.text.encode(), f"{pack}.dmn"))
    split = {found.args["table"].zh for found in written.findings if found.code == "X103"}
    assert codes(read) == []
    assert {found.severity for found in written.findings} <= {"note"}
    assert len(read.tables) == len(book.tables)
    again = read_text(read.text)
    for each in read.tables:
        if each.title.zh not in split:
            assert meaning(each) == meaning(again[each.id]) == meaning(book.tables[each.id])
    assert not diff(book, replace(book, tables=dict(again)), on=ON)  # nor do those whose rows became several


def test_what_dmn_cannot_hold_is_told_with_the_rule(tmp_path: Path) -> None:
    pack = tmp_path / "p.yaml"
    pack.write_text(
        """rulebook: p
title: 试
language: 1
tables:
  share:
    output: percent
    rows:
      - {when: {overdue_days: 超过1天}, then: {2021-01-01: 5%, 2026-01-01: 3%}}
  limit:
    output: duration
    rows:
      - {when: {any: [{overdue_days: 超过1天}, {arrears: 超过1元}]}, then: 10wd}
""",
        encoding="utf-8",
    )
    book = load(str(pack))
    written = to_dmn(book, book.tables, on=ON)
    told = [(found.code, found.args["element"]) for found in written.findings]
    assert sorted(told) == sorted([
        ("X103", "rule_limit_1_1"), ("X101", "rule_share_1"), ("X106", "rule_limit_1_1"), ("X106", "rule_limit_1_2"),
        ("X104", "rulebook_p"),
    ])  # fmt: skip
    assert evaluate(document_of(written.text.encode(), "p"), "share", {"overdue_days": 2}) == Decimal("0.03")


# --- the command line -------------------------------------------------------------------------------------------------


def dunning(*words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, [*words, "--lang", "en"])
    return done.exit_code, done.stdout, done.stderr


def test_out_in_and_run_on_the_command_line(tmp_path: Path) -> None:
    file, rules = tmp_path / "grades.dmn", tmp_path / "grades.yaml"
    code, _, told = dunning(
        "export-dmn", "residential", "--table", "account_grade", "--out", str(file), "--on", "2026-11-22"
    )
    assert (code, "has no unknown" in told) == (0, True)
    data = '{"arrears": 10000.01, "overdue_periods": 4}'
    assert dunning("eval-dmn", str(file), "--decision", "account_grade", "--input", data)[:2] == (0, '"S"\n')
    assert dunning("eval-dmn", str(file), "--decision", "分级催收", "--input", "{}")[:2] == (0, "null\n")
    assert dunning("import-dmn", str(file), "--out", str(rules))[0] == 0
    assert "超过1万元" in rules.read_text(encoding="utf-8")


def test_what_does_not_come_over_is_exit_1_with_the_rest_written(tmp_path: Path) -> None:
    file = tmp_path / "foreign.dmn"
    rows: Rows = [(("> 1",), '"a"')]
    file.write_bytes(dmn(table(["arrears"], rows), table(["arrear"], rows, name="other")))
    code, text, told = dunning("import-dmn", str(file))
    assert code == 1
    assert "超过1元" in text
    assert "did you mean `arrears`" in told


NEVER = """
rulebook: n
title: n
language: 1
version: "1"
applies: {use: residential}
tables:
  never:
    title: never
    output: [A, B]
    hit: first
    rows: [{when: {arrears: 超过1万元, not: {arrears: 超过5000元}}, then: A}]
  some:
    title: some
    output: [A, B]
    hit: first
    rows: [{when: {arrears: 超过1万元}, then: A}, {else: B}]
"""


def test_a_table_none_of_whose_rows_can_hold_is_left_out_with_a_word_and_the_file_reads_back() -> None:
    book = replace(load("residential"), tables=read_text(NEVER))
    written = to_dmn(book, book.tables, on=ON)

    assert [found.code for found in written.findings if found.code in ("X110", "X111")] == ["X110", "X111"]
    back = imported(document_of(written.text.encode(), "x.dmn"))
    assert list(read_text(back.text)) == ["some"]


def test_a_table_without_a_rule_is_left_out() -> None:
    assert codes(taken(table(["arrears"], [], values='"A"'))) == [("X213", "tab_answer")]
