"""Laying a rule file out: what changes, what stays to the byte, which lines are mended, keys in the other language."""

from __future__ import annotations

from pathlib import Path

import pytest

from dunning.basis.finding import has_errors
from dunning.lang.text.positions import compose
from dunning.lang.write import formatted, mended, respelled

ROOT = Path(__file__).resolve().parent.parent
BAD = sorted((ROOT / "tests" / "findings").glob("Y*/bad.yaml"))


# Words


@pytest.mark.parametrize(
    "word",
    [
        *["0371", "00", "0x1F", "0o17", "10:00", "08:30", "1:30:00.5", "1e3", "12e5", "1_000", "-.inf", ".NaN", "="],
        *["no", "No", "ON", "off", "yes", "y", "N", "2026-02-20T10:15:00+08:00", "2026-02-20 10:15:00"],
    ],
)
def test_what_other_tools_would_misread_is_quoted(word: str) -> None:
    assert formatted(f"a: {word}  # c\nb: [{word}, {{c: {word}}}]\n") == (
        f'a: "{word}"  # c\nb: ["{word}", {{c: "{word}"}}]\n'
    )


@pytest.mark.parametrize(
    "word",
    [
        *["1592.25", "5.50", "0.0005", "0", "-1", "0.5‰", "5%", "2026-01-01", "10:00-12:00", "1万元", "30天以内"],
        *["true", "null", "~", "north", "once", "否", "2026.1.1", "0371-5555", "v1e3x", "'no'", '"10:00"'],
    ],
)
def test_amounts_dates_and_plain_words_are_not_touched(word: str) -> None:
    text = f"a: {word}\nb:\n  - {word}\n"

    assert formatted(text) == text


def test_a_version_is_a_name_and_an_amount_is_none() -> None:
    assert formatted("version: 2026.10\ncap: 2026.10\n") == 'version: "2026.10"\ncap: 2026.10\n'
    assert formatted("版本: 2026.10\ndeclined: [{item: 2.10}]\n") == '版本: "2026.10"\ndeclined: [{item: "2.10"}]\n'


def test_a_key_that_other_tools_misread_is_quoted_too() -> None:
    assert formatted("x: {on: 2026-01-01, 2021-01-01: 1, off: no}\n") == (
        'x: {"on": 2026-01-01, 2021-01-01: 1, "off": "no"}\n'
    )


# Blanks and line ends


def test_blanks_at_line_ends_go_and_a_last_line_end_comes() -> None:
    assert formatted("a: 1 \t\n  \n# c  \nb:  \n  - 2   # d \n  - 3") == "a: 1\n\n# c\nb:\n  - 2   # d\n  - 3\n"
    assert formatted("a: 1\n\n \n\n") == "a: 1\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_the_byte_order_mark_stay(end: str, mark: str) -> None:
    before = mark + end.join(["a: no ", "", "g:", "  grid: |", "    甲|乙", "    1|2", "b: 1"])
    after = mark + end.join(['a: "no"', "", "g:", "  grid: |", "    甲 | 乙", "    1  | 2", "b: 1", ""])

    assert formatted(before) == after


def test_mixed_line_ends_stay_mixed() -> None:
    assert formatted("a: 1 \r\nb: 2\nc: 3") == "a: 1\r\nb: 2\nc: 3\r\n"


def test_blanks_that_are_text_stay() -> None:
    text = 'a: |\n  one  \n   \n  two\t\nb: >-\n  x  \n\n  y\nc: "p \\ \n  q"\nd: |+\n  z\n\n\n'

    assert formatted(text) == text


def test_blank_lines_around_a_block_are_emptied() -> None:
    assert formatted("a: |\n  one\n  \n\n  two\n  \nb: 1\n") == "a: |\n  one\n\n\n  two\n\nb: 1\n"


def test_braces_comments_and_order_stay_as_written() -> None:
    text = "# 头\nb: { x: 1,z: 2 ,  d: [ 1,2 ] }   # 注\n#: 尾\na:   2\n"

    assert formatted(text) == text


# Grids


def grid(text: str) -> str:
    drawn = formatted("g:\n  grid: |\n" + "".join(f"    {line}\n" for line in text.splitlines()) + "next: 1\n")
    assert formatted(drawn) == drawn
    lines = drawn.removeprefix("g:\n  grid: |\n").removesuffix("next: 1\n")
    return "".join(line[4:] for line in lines.splitlines(keepends=True))


def test_columns_stand_under_one_another_by_width() -> None:
    assert grid("标签|困难|欠费金额|=> 分级|说明\n含 vip|是|||VIP 暂时困难\n|  |超过1万元|S|\n") == (
        "标签   | 困难 | 欠费金额  | => 分级 | 说明\n"
        "含 vip | 是   |           |         | VIP 暂时困难\n"
        "       |      | 超过1万元 | S       |\n"
    )


def test_bars_at_both_ends_and_a_line_of_dashes_stay() -> None:
    assert grid("| 欠费 | => 分级|\n|---|:-:|\n| 超过1万元 |A|\n||B|\n") == (
        "| 欠费      | => 分级 |\n|-----------|:-------:|\n| 超过1万元 | A       |\n|           | B       |\n"
    )
    assert grid("欠费 | => 分级\n---+---\n超过1万元|A\n") == "欠费      | => 分级\n----------+--------\n超过1万元 | A\n"
    assert grid("|甲|乙|\n| --- | ---: |\n|1|2|\n") == "| 甲 | 乙 |\n| -- | -: |\n| 1  | 2  |\n"


def test_a_grid_pasted_with_tabs_gets_bars() -> None:
    assert grid("欠费金额\t欠费期数\t=> 分级\n超过1万元\t\tA\n\t3期\tB\n") == (
        "欠费金额  | 欠费期数 | => 分级\n超过1万元 |          | A\n          | 3期      | B\n"
    )


@pytest.mark.parametrize("text", ["甲\t乙\n1|2\t3\n", "\t甲\t乙\n1\t2\t3\n", "甲\n1\t2\n", "甲\t=> 乙\n-\t-\n"])
def test_a_grid_that_would_read_otherwise_stays(text: str) -> None:
    assert grid(text) == text


def test_a_block_that_is_no_grid_stays() -> None:
    text = "text: |\n  甲|乙\n  1 |2\ngrid: >\n  甲|乙\n  1 |2\n"

    assert formatted(text) == text


# Mending


def test_a_file_that_cannot_be_read_as_it_is_is_left() -> None:
    text = "标题：分级 \nplaces: [0371]"

    assert formatted(text) == text


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("a: {b: > 5元}\n", "a: {b: 超过5元}\n"),
        ("a: {b: in (S, A), c: not(D, E)}\n", "a: {b: [S, A], c: 非 D、E}\n"),
        ("标题：分级\r\nb: {c：1，d: 2}\r\n", "标题: 分级\r\nb: {c: 1, d: 2}\r\n"),
        ("title:分级\n", "title: 分级\n"),
        ("x:\u00a0{a: 1}\n\u3000y: 2\n", "x: {a: 1}\ny: 2\n"),
        ("a: “> 5”\nb: {c: “x, y”}\n", 'a: "> 5"\nb: {c: "x, y"}\n'),
        (
            "a: [3mo..6mo)\nb: 制度 2.3: 催收\nc: [重要] 催告\n",
            'a: "[3mo..6mo)"\nb: "制度 2.3: 催收"\nc: "[重要] 催告"\n',
        ),
        ("a:\n\tb: 1\n", "a:\n  b: 1\n"),
        ('a: "x\\d"\n', "a: 'x\\d'\n"),
        ("a: 1\nb:\n  c: 2\n   d: {e: > 5元}\n", "a: 1\nb:\n  c: 2\n  d: {e: 超过5元}\n"),
    ],
)
def test_lines_with_a_line_to_copy_are_mended(wrong: str, right: str) -> None:
    assert mended(wrong) == right
    assert mended(right) == right
    assert compose(right, "")[1] == []


@pytest.mark.parametrize("text", ["a: 1\na: 2\n", "a: 制度#2.3 #附件\n", "a: *x\n", "", "a: 1元 #小额不催\n"])
def test_what_only_its_author_can_mend_is_left(text: str) -> None:
    assert mended(text) == text


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.parent.name)
def test_every_trap_with_a_line_to_copy_is_mended(path: Path) -> None:
    try:
        before = path.read_bytes().decode()
    except UnicodeDecodeError:
        return  # a file in GB18030 has no lines to copy
    offered = {f.code for f in compose(before, "f")[1] if f.fix and f.severity == "error"}
    after = mended(before)

    assert mended(after) == after
    assert not offered & {f.code for f in compose(after, "f")[1] if f.fix}


# Keys


def test_only_what_was_taken_for_a_key_is_respelled() -> None:
    text = "title: 'title'  # title\nfacts: {title: 1, \"title\": 2}\n"
    root, findings = compose(text, "f")
    assert not has_errors(findings) or root
    keys = [key for key, _ in root.entries]  # type: ignore[union-attr]

    assert respelled(text, keys, "zh") == "标题: 'title'  # title\n事实: {title: 1, \"title\": 2}\n"
    assert respelled(text, keys, "en") == text


def test_quotes_around_a_key_stay() -> None:
    root, _ = compose("{\"title\": 1, 'late_fee': 2}\n", "f")
    keys = [key for key, _ in root.entries]  # type: ignore[union-attr]

    assert respelled("{\"title\": 1, 'late_fee': 2}\n", [*keys, *keys], "zh") == "{\"标题\": 1, '违约金': 2}\n"
