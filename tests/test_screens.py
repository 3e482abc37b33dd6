"""Findings on the screen: the line, what is wrong underlined at its very column, and a last line that counts."""

from __future__ import annotations

import pytest

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell, Entry, Span
from dunning.basis.width import width
from dunning.lang.text.positions import compose
from dunning.output.screens import findings_json, render, workflow_commands

OTHER = Finding(
    "Y110", Span("a.yaml", 2, 1, 4), {"key": "cap", "line": 1}, related=((Span("a.yaml", 1, 1, 4), Text("甲", "A")),)
)
LOST = Finding("Y106", Span("a.yaml", 1, 10, 13), {"lost": "#附件"})


def test_one_screen_in_full() -> None:
    text = "title: 分级\nrows: {when: {arrears: > 5000元}, then: A}\n"

    shown = render(compose(text, "residential.yaml")[1], "zh", standing="规则书没有生效, 仍用 2026.1")

    assert shown == (
        "residential.yaml:2:24 [Y101] 大于号开头的条件要加引号, 或改用“超过”\n"
        "   2 | rows: {when: {arrears: > 5000元}, then: A}\n"
        "     |                        ^\n"
        "为什么:  不加引号, YAML 把 > 当成折行文字的开头\n"
        "改成:  rows: {when: {arrears: 超过5000元}, then: A}\n"
        "\n"
        "共 1 处: 1 错误; 规则书没有生效, 仍用 2026.1\n"
    )


def test_carets_count_two_columns_for_a_wide_character() -> None:
    line = "说明: 超过１０００O元 e\u0301 x"
    at = Span("f", 1, line.index("１") + 1, line.index("元") + 2)

    _, excerpt, carets, *_ = render([Finding("Y100", at, {"problem": ""}, line=line)]).split("\n")

    start = width(excerpt[: excerpt.index("１")])
    assert carets == " " * 5 + "|" + " " * (start - 6) + "^" * width("１０００O元")


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("分级", 4), ("（）", 4), ("e\u0301", 1), ("‰", 1), ("", 0)])
def test_width(text: str, columns: int) -> None:
    assert width(text) == columns


def test_unseen_characters_are_boxes_and_tabs_arrows() -> None:
    shown = render([Finding("Y100", Span("f", 1, 2, 3), {"problem": ""}, line="\ta\u00a0b\u3000c\u200b d")])

    assert "   1 | →a□b□c□ d\n     |  ^\n" in shown


def test_long_line_is_cut_around_the_place() -> None:
    line = "x" * 300 + "错" + "y" * 300
    _, excerpt, carets, *_ = render([Finding("Y100", Span("f", 1, 301, 302), {"problem": ""}, line=line)]).split("\n")

    assert width(excerpt) < 120
    assert "错" in excerpt
    assert excerpt.startswith("   1 | …")
    assert excerpt.endswith("…")
    assert width(excerpt[: excerpt.index("错")]) == carets.index("^")


def test_last_line_counts_by_severity() -> None:
    assert render([OTHER, LOST], "zh").endswith("\n\n共 2 处: 1 错误 1 提醒\n")
    assert render([OTHER, LOST], "en").endswith("\n\n2 in all: 1 error, 1 warning\n")
    assert render([], "zh") == "没有发现问题\n"
    assert render([], "en", standing="2026.1 stays") == "nothing found\n"


def test_findings_stand_by_place_with_the_other_place_shown() -> None:
    shown = render([OTHER, LOST], "zh", {"a.yaml": "cap: 5% of #附件\ncap: 3% of charge\n"})

    assert shown.index("a.yaml:1:10") < shown.index("a.yaml:2:1 [Y110]")
    assert "另见:  a.yaml:1:1  甲\n   1 | cap: 5% of #附件\n     | ^^^\n" in shown


def test_sample_household_is_shown() -> None:
    finding = Finding("Y127", Span("f", 1, 1), {"sample": Text("欠费 12,000.00 元", "owes 12,000.00 yuan")})

    assert "例:  欠费 12,000.00 元\n" in render([finding], "zh")
    assert "for example:  owes 12,000.00 yuan\n" in render([finding], "en")


def test_places_outside_rule_files() -> None:
    cell, entry = Cell("a.csv", 7, "金额"), Entry("main", "H1", "payments", "P1")
    findings = [Finding("Y127", cell), Finding("Y127", entry), Finding("Y127")]

    assert "a.csv:7:金额 [Y127]" in render(findings)
    assert "main/H1 payments[P1] [Y127]" in render(findings)
    assert [(row["file"], row["line"], row["column"]) for row in findings_json(findings)] == [
        ("a.csv", 7, "金额"),
        ("main/H1 payments[P1]", None, None),
        ("", None, None),
    ]


def test_json_has_what_an_editor_needs() -> None:
    assert findings_json([OTHER], "en") == [
        {
            "code": "Y110",
            "severity": "error",
            "file": "a.yaml",
            "line": 2,
            "column": 1,
            "message": OTHER.message("en"),
            "help": "",
            "related": [{"file": "a.yaml", "line": 1, "column": 1, "message": "A"}],
        }
    ]


def test_findings_as_workflow_commands_of_a_code_host() -> None:
    found = Finding(
        "T203", Span("home.yaml", 3, 5), {"part": "1000O元", "what": "金额", "place": 5, "char": "O", "digit": 0}
    )

    assert workflow_commands([found], "zh").startswith(
        "::error file=home.yaml,line=3,col=5,title=T203::“1000O元”不是金额: 第5个字符是“O”, 不是数字 0"
    )


def test_percent_signs_and_line_ends_of_a_message_are_escaped() -> None:
    found = Finding("D401", Span("home.yaml", 3, 5), {"code": "L502", "because": "5%\n次日", "what": ""})

    assert "5%25%0A次日" in workflow_commands([found], "zh")


def test_a_place_in_a_table_has_its_line_and_no_number_for_its_column() -> None:
    for column in ("", "amount"):
        found = Finding("I301", Cell("accounts.jsonl", 2, column), {"place": 3, "why": Text("", "")})
        assert workflow_commands([found], "en").startswith("::error file=accounts.jsonl,line=2,title=I301::")
