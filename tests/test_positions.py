"""YAML with places: texts kept as written, every trap found with its place, all of a file's mistakes at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from dunning.basis.finding import Finding
from dunning.basis.span import Span
from dunning.lang.text.positions import MAX_BYTES, Mapping, Node, Scalar, Sequence, compose, mends

DRAFTS = sorted((Path(__file__).parent.parent / "rules" / "packs").glob("*.yaml"))


def plain(node: Node | None) -> object:
    """The tree as dicts, lists and texts."""
    match node:
        case Mapping(entries):
            return {key.text: plain(value) for key, value in entries}
        case Sequence(items):
            return [plain(item) for item in items]
        case Scalar(text):
            return text
    return None


def read(text: str | bytes) -> tuple[object, list[Finding]]:
    node, findings = compose(text, "f.yaml")
    return plain(node), findings


def codes(text: str | bytes) -> list[str]:
    return [found.code for found in compose(text, "f.yaml")[1]]


def get(text: str, *path: str) -> Node:
    node, findings = compose(text, "f.yaml")
    assert findings == []
    for key in path:
        assert isinstance(node, Mapping)
        node = node.get(key)
    assert node is not None
    return node


# Texts


@pytest.mark.parametrize(
    "word", ["0.0005", "no", "on", "yes", "10:00", "2026.10", "0371", "1e3", "0x1F", "2026-01-01", ".5"]
)
def test_scalar_stays_the_text_written(word: str) -> None:
    scalar = get(f"a: {word}\n", "a")

    assert isinstance(scalar, Scalar)
    assert (scalar.text, scalar.quoted, scalar.is_null) == (word, False, False)


def test_words_in_a_list_stay_texts_too() -> None:
    assert plain(get("places: [CN-3301, 0371, no, 10:00-12:00]\n")) == {
        "places": ["CN-3301", "0371", "no", "10:00-12:00"]
    }


@pytest.mark.parametrize("written", ["", " null", " ~"])
def test_nothing_written_is_null(written: str) -> None:
    scalar = get(f"a:{written}\nb: 1\n", "a")

    assert isinstance(scalar, Scalar)
    assert scalar.is_null


@pytest.mark.parametrize("written", ['"null"', "''", '"~"', "none", "无"])
def test_quoted_null_and_other_words_are_texts(written: str) -> None:
    scalar = get(f"a: {written}\n", "a")

    assert isinstance(scalar, Scalar)
    assert not scalar.is_null


def test_quotes_are_remembered() -> None:
    scalar = get("a: '> 5'\n", "a")

    assert isinstance(scalar, Scalar)
    assert (scalar.text, scalar.quoted) == ("> 5", True)


def test_curly_quotes_are_read_as_quotes() -> None:
    node, findings = read("a: “> 5”\nb: {c: “x, y”, d: [“1”]}\n")

    assert node == {"a": "> 5", "b": {"c": "x, y", "d": ["1"]}}
    assert findings == []


def test_curly_quotes_inside_a_text_stay() -> None:
    assert read("a: 凡“重要”的都要\nb: “甲”与“乙”\n") == ({"a": "凡“重要”的都要", "b": "“甲”与“乙”"}, [])


# Places


def test_key_and_value_have_their_columns_in_characters() -> None:
    node = get("标题: 分级\nwhen: {欠费金额: 超过1万元, b: 'x'}\n")
    assert isinstance(node, Mapping)
    title, when = node.entries
    inner = when[1]
    assert isinstance(inner, Mapping)

    assert title[0].span == Span("f.yaml", 1, 1, 3)
    assert title[1].span == Span("f.yaml", 1, 5, 7)
    assert inner.entries[0][1].span == Span("f.yaml", 2, 14, 19)
    assert inner.entries[1][1].span == Span("f.yaml", 2, 24, 27)


def test_byte_order_mark_and_windows_line_ends_move_no_place() -> None:
    node, findings = compose("\ufeffa: 1\r\nb: 2\r\n".encode(), "f.yaml")

    assert findings == []
    assert isinstance(node, Mapping)
    assert [key.span for key, _ in node.entries] == [Span("f.yaml", 1, 1, 2), Span("f.yaml", 2, 1, 2)]


def test_block_says_where_its_text_stands() -> None:
    block = get("t:\n  grid: |\n    甲 | 乙\n     丙 | 丁\n", "t", "grid")

    assert isinstance(block, Scalar)
    assert (block.text, block.quoted) == ("甲 | 乙\n 丙 | 丁\n", True)
    assert (block.block_line, block.block_indent) == (3, 4)


def test_signs_inside_a_block_are_no_traps() -> None:
    text = "grid: |\n  标签：甲 | {a: 1，b} | > 5\n  title:x #y\t| “z” | [3mo..6mo)\nnext: 1\n"

    assert codes(text) == []


def test_signs_in_quotes_and_comments_are_no_traps() -> None:
    assert codes("a: \"：，｛｝ > 5 #x\"  # 注：{b: 1，c}\n# title：x\nb: 'it''s [3mo..6mo)'\n") == []


def test_text_over_several_lines_is_one_text() -> None:
    node, findings = read("says: 不得停水\n  停电\nb: [1,\n  2]\n")

    assert node == {"says": "不得停水 停电", "b": ["1", "2"]}
    assert findings == []


def test_shipped_packs_have_no_trap() -> None:
    assert DRAFTS
    assert {path.name: codes(path.read_bytes()) for path in DRAFTS} == {path.name: [] for path in DRAFTS}


# Traps: what is written, the finding, its column, the line to copy, what it is read as to go on

TRAPS = [
    ("a: > 5000元", "Y101", 4, "a: 超过5000元", {"a": "超过5000元"}),
    ("a: >= 3", "Y101", 4, "a: 3以上", {"a": "3以上"}),
    ("a: >5", "Y101", 4, "a: 超过5", {"a": "超过5"}),
    ("a: {b: > 5, c: 1}", "Y101", 8, "a: {b: 超过5, c: 1}", {"a": {"b": "超过5", "c": "1"}}),
    ("a: !=5", "Y102", 4, "a: 非 5", {"a": "非 5"}),
    ("a: %5", "Y102", 4, 'a: "%5"', {"a": "%5"}),
    ("a: `x`", "Y102", 4, 'a: "`x`"', {"a": "`x`"}),
    ("a: @x", "Y102", 4, 'a: "@x"', {"a": "@x"}),
    ("a: **重要**", "Y102", 4, 'a: "**重要**"', {"a": "**重要**"}),
    ("a: -", "Y102", 4, "a: 任意", {"a": "任意"}),
    ("a: [3mo..6mo)", "Y103", 4, 'a: "[3mo..6mo)"', {"a": "[3mo..6mo)"}),
    ("a: {b: (3mo..6mo], c: 1}", "Y103", 8, 'a: {b: "(3mo..6mo]", c: 1}', {"a": {"b": "(3mo..6mo]", "c": "1"}}),
    ("a: ]3..6[", "Y103", 4, 'a: "]3..6["', {"a": "]3..6["}),
    ("{g: in (S, A)}", "Y104", 5, "{g: [S, A]}", {"g": ["S", "A"]}),
    ("{g: not(S, A, B), h: 1}", "Y104", 5, "{g: 非 S、A、B, h: 1}", {"g": "非 S、A、B", "h": "1"}),
    ("{use: commercial, office}", "Y104", 7, "{use: [commercial, office]}", {"use": ["commercial", "office"]}),
    ("{2021-01-01:0.5‰ per day}", "Y105", 12, "{2021-01-01: 0.5‰ per day}", {"2021-01-01": "0.5‰ per day"}),
    ("title:分级", "Y105", 6, "title: 分级", {"title": "分级"}),
    ("when:{a: 1}", "Y105", 5, "when: {a: 1}", {"when": {"a": "1"}}),
    ("a: 制度#2.3 #附件", "Y106", 11, 'a: "制度#2.3 #附件"', {"a": "制度#2.3"}),
    ("a: #附件", "Y106", 4, 'a: "#附件"', {"a": ""}),
    ("a:\u00a0{b: 1}", "Y107", 3, "a: {b: 1}", {"a": {"b": "1"}}),
    ("a: [b,\u3000c]", "Y107", 7, "a: [b, c]", {"a": ["b", "c"]}),
    ("a: b\u200b", "Y107", 5, "a: b", {"a": "b"}),
    ("title：分级", "Y108", 6, "title: 分级", {"title": "分级"}),
    ("a: ｛b: 1｝", "Y108", 4, "a: {b: 1}", {"a": {"b": "1"}}),
    ("a: {b: 1，c: 2}", "Y108", 9, "a: {b: 1, c: 2}", {"a": {"b": "1", "c": "2"}}),
    ("a: {b：1}", "Y108", 6, "a: {b: 1}", {"a": {"b": "1"}}),
    ("a: [b，c]", "Y108", 6, "a: [b, c]", {"a": ["b", "c"]}),
    ("a: ［b, c］", "Y108", 4, "a: [b, c]", {"a": ["b", "c"]}),
    ("when：{a: 1}", "Y108", 5, "when: {a: 1}", {"when": {"a": "1"}}),
    ("title: [重要] 催告", "Y109", 8, 'title: "[重要] 催告"', {"title": "[重要] 催告"}),
    ("title: 制度 2.3: 催收", "Y111", 14, 'title: "制度 2.3: 催收"', {"title": "制度 2.3: 催收"}),
    ('a: "重要', "Y112", 4, 'a: "重要"', {"a": "重要"}),
    ('a: "重要" 催告', "Y113", 8, "a: '\"重要\" 催告'", {"a": '"重要" 催告'}),
    ("-a: 1", "Y117", 1, "- a: 1", [{"a": "1"}]),
    ("a: - b", "Y118", 4, "a: [b]", {"a": ["b"]}),
    ("a: [b, c", "Y119", 4, "a: [b, c]", {"a": ["b", "c"]}),
    ("a: {b: [1, 2", "Y119", 8, "a: {b: [1, 2]}", {"a": {"b": ["1", "2"]}}),
    ("a: {b: [1, 2}", "Y119", 8, "a: {b: [1, 2]}", {"a": {"b": ["1", "2"]}}),
    ("a: {when: {b: 1, then: S}", "Y119", 11, "a: {when: {b: 1}, then: S}", {"a": {"when": {"b": "1"}, "then": "S"}}),
    (
        "a: {条件: {b: [1, 结果: S}",
        "Y119",
        13,
        "a: {条件: {b: [1]}, 结果: S}",
        {"a": {"条件": {"b": ["1"]}, "结果": "S"}},
    ),
]


@pytest.mark.parametrize(("line", "code", "column", "fix", "meant"), TRAPS)
def test_trap_is_found_with_a_line_to_copy(line: str, code: str, column: int, fix: str, meant: object) -> None:
    node, findings = read(line + "\n")

    assert [(found.code, found.at, found.fix) for found in findings] == [(code, findings[0].at, fix)]
    assert isinstance(findings[0].at, Span)
    assert (findings[0].at.line, findings[0].at.column) == (1, column)
    assert findings[0].line == line
    assert node == meant


@pytest.mark.parametrize("fix", sorted({fix for _, _, _, fix, _ in TRAPS}))
def test_line_to_copy_has_no_trap_of_its_own(fix: str) -> None:
    assert codes(fix + "\n") == []


@pytest.mark.parametrize(
    ("line", "code"), [(line, code) for line, code, *_ in TRAPS if not line.startswith(("{", "-"))]
)
def test_trap_is_found_among_other_lines_too(line: str, code: str) -> None:
    node, findings = compose(f"first: 1\nrows:\n  {line}\n  last: 2\nend: 3\n", "f.yaml")

    assert [found.code for found in findings] == [code]
    assert isinstance(node, Mapping)
    rows = node.get("rows")
    assert isinstance(rows, Mapping)
    assert plain(rows.get("last")) == "2"
    assert plain(node.get("end")) == "3"


def test_brace_left_open_is_closed_where_the_next_key_of_the_row_begins() -> None:
    rows = ["{when: {a: 1, title: x, then: S}", "{when: {a: 2}, title: y, then: A}", "{else: B}"]
    text = "rows:\n" + "".join(f"  - {row}\n" for row in rows)
    node, findings = read(text)

    assert [(found.code, found.fix) for found in findings] == [("Y119", "- {when: {a: 1}, title: x, then: S}")]
    assert node == {
        "rows": [
            {"when": {"a": "1"}, "title": "x", "then": "S"},
            {"when": {"a": "2"}, "title": "y", "then": "A"},
            {"else": "B"},
        ]
    }


@pytest.mark.parametrize("key", ["grid", "表格"])
def test_full_width_bars_of_a_grid(key: str) -> None:
    text = f"{key}: |\n  天数｜=> 级\n  30 ｜ A\n  5 | B\n  6 | C ｜ D\ntitle: a ｜ b\n"
    node, findings = read(text)

    told_of = [(found.code, found.at.line, found.fix) for found in findings if isinstance(found.at, Span)]
    assert told_of == [("Y108", 2, "天数|=> 级"), ("Y108", 3, "30 | A")]
    assert node == {key: "天数|=> 级\n30 | A\n5 | B\n6 | C ｜ D\n", "title": "a ｜ b"}


def test_a_full_width_bar_that_begins_a_block() -> None:
    assert [(found.code, found.fix) for found in read("grid: ｜\n  a | b\n")[1]] == [("Y108", "grid: |")]
    assert read("text: |\n  a ｜ b\n")[1] == []


def test_tab_before_a_line() -> None:
    node, findings = read("a:\n\tb: 1\n\tc: 2\n")

    assert [(found.code, found.fix) for found in findings] == [("Y114", "  b: 1"), ("Y114", "  c: 2")]
    assert node == {"a": {"b": "1", "c": "2"}}


def told(text: str) -> list[tuple[str, int, str, str]]:
    """Code, line, sentence and line to copy of what is found."""
    return [
        (found.code, found.at.line, found.message("en").rpartition("; ")[2], found.fix)
        for found in compose(text, "f.yaml")[1]
        if isinstance(found.at, Span)
    ]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a:\n  b:\n    c: 1\n\td: 2\n    e: 3\n", "    d: 2"),  # both neighbours stand there
        ("a:\n  b:\n    c: 1\n    \td: 2\n    e: 3\n", "    d: 2"),
        ("a:\n  b:\n    c: 1\n\td:\n      e: 3\n    f: 4\n", "    d:"),  # what hangs on it stands under it
        ("a:\n  b:\n    c: 1\n\td:\n    e: 3\n", "  d:"),
        ("a:\n  b:\n\t\tc: 1\n    d: 3\n", "    c: 1"),
        ("a:\n  - b: 1\n    c: 1\n\t- b: 2\n    c: 2\n", "  - b: 2"),  # only items stand where items stand
        ("a:\n  b: 1\n  c:\n    d: 1\n\tb: 2\n  e: 1\n", "    b: 2"),  # no level has a key twice
        ("a: |\n   x  | y\n\t | z\nb: 1\n", "   | z"),
    ],
)
def test_tab_stands_where_the_lines_around_it_say(text: str, line: str) -> None:
    [(_, number, _, fix)] = [found for found in told(text) if found[0] == "Y114"]

    assert fix == line
    assert told(text.replace(text.split("\n")[number - 1], line)) == []


@pytest.mark.parametrize("blanks", ["\t", "   "])
def test_indent_between_two_levels_is_not_guessed_at(blanks: str) -> None:
    [(_, line, sentence, fix)] = told(f"a:\n  b:\n    c: 1\n{blanks}d: 2\n  e: 3\n")

    assert (line, sentence, fix) == (4, "it may be 2 or 4: it has to be seen what it belongs to", "")


def test_line_not_guessed_at_does_not_hide_what_else_is_wrong() -> None:
    text = "a:\n  b:\n    c: 1\n\td: > 2\n  e：3\n"

    assert [code for code, *_ in told(text)] == ["Y114", "Y101", "Y108"]
    assert mends(text) == {5: "  e: 3"}


def test_first_line_that_stands_alone_is_the_wrong_one() -> None:
    assert [(line, fix) for _, line, _, fix in told("a:\n   b: 1\n  c: 2\n  d: 3\n")] == [(2, "  b: 1")]
    assert [(line, fix) for _, line, _, fix in told("a:\n - {b: 1}\n  - {b: 2}\n  - {b: 3}\n")] == [(2, "  - {b: 1}")]


def test_outdent_that_is_no_level() -> None:
    node, findings = read("a:\n  b: 1\n c: 2\n  e: 3\nd: 3\n")

    assert [(found.code, str(found.at), found.fix) for found in findings] == [("Y115", "f.yaml:3:2", "  c: 2")]
    assert node == {"a": {"b": "1", "c": "2", "e": "3"}, "d": "3"}


def test_indent_below_a_value() -> None:
    node, findings = read("a: 1\n  b: 2\nc: 3\n")

    assert [(found.code, found.at.line) for found in findings if isinstance(found.at, Span)] == [("Y115", 2)]
    assert node == {"a": "1", "b": "2", "c": "3"}


def test_item_moved_by_one_takes_its_lines_along() -> None:
    node, findings = read("a:\n  - b: 1\n    c: 2\n - b: 3\n   c: 4\n")

    assert [found.code for found in findings] == ["Y115"]
    assert node == {"a": [{"b": "1", "c": "2"}, {"b": "3", "c": "4"}]}


def test_key_without_its_colon() -> None:
    node, findings = read("a: 1\nlate_fee\nc: 3\n")

    assert [(found.code, found.fix) for found in findings] == [("Y116", "late_fee:")]
    assert node == {"a": "1", "late_fee": "", "c": "3"}


def test_text_beside_the_bar_of_a_block() -> None:
    node, findings = read("grid: | 标签\n  a | b\nc: 1\n")

    assert [(found.code, found.fix) for found in findings] == [("Y131", "grid: |")]
    assert node == {"grid": "a | b\n", "c": "1"}


def test_same_key_twice_shows_both_places_and_keeps_the_first() -> None:
    node, findings = read("steps:\n  at: due + 3d\n  of: charge\n  at: due + 5d\n")

    assert [(found.code, str(found.at)) for found in findings] == [("Y110", "f.yaml:4:3")]
    place, word = findings[0].related[0]
    assert (str(place), word.zh) == ("f.yaml:2:3", "两处不同: due + 3d | due + 5d")
    assert node == {"steps": {"at": "due + 3d", "of": "charge"}}


def test_comment_that_begins_with_a_blank_is_meant_as_one() -> None:
    assert codes("a: 1 # x\nb: [1] #x\nc:  # y\n  d: 1\n#z\n") == []


def test_explicit_null_in_braces_is_no_trap() -> None:
    assert read("a: {since: 2026-01-01, until: null, x: ''}\n")[1] == []


@pytest.mark.parametrize("text", ["a: {b: }\n", "a: {b}\n", "a: {b: , c: 1}\n"])
def test_key_in_braces_without_a_value(text: str) -> None:
    assert codes(text) == ["Y130"]


def test_all_mistakes_of_a_file_are_found_at_once() -> None:
    text = (
        "title：分级催收\n"
        "tables:\n"
        "  grade:\n"
        "    rows:\n"
        "      - {when: {arrears: > 5000元}, then: A}\n"
        "      - {when: {grade: in (S, A)}, then: B}\n"
        "     - {when: {charge_age: [3mo..6mo)}, then: B}\n"
        "late_fee:\n"
        "\trate: {2021-01-01:0.5‰ per day}\n"
        "  source: 制度#2.3 #附件\n"
        "  source: [重要] 催告\n"
        "  note: 制度 2.3: 催收\n"
        "  cap:\u00a05% of charge\n"
    )
    node, findings = read(text)

    found = [(each.at.line, each.code) for each in findings if isinstance(each.at, Span)]
    assert found == [
        (1, "Y108"), (5, "Y101"), (6, "Y104"), (7, "Y115"), (7, "Y103"), (9, "Y114"), (9, "Y105"), (10, "Y106"),
        (11, "Y110"), (11, "Y109"), (12, "Y111"), (13, "Y107"),
    ]  # fmt: skip
    assert isinstance(node, dict)
    assert list(node) == ["title", "tables", "late_fee"]
    assert node["late_fee"]["cap"] == "5% of charge"


def test_every_finding_of_a_mended_line_copies_the_same_line() -> None:
    findings = compose("a:\n\trate: {2021-01-01:0.5‰，cap: > 5}\n", "f.yaml")[1]

    assert {found.code: found.fix.strip() for found in findings} == dict.fromkeys(
        ["Y114", "Y105", "Y108", "Y101"], "rate: {2021-01-01: 0.5‰, cap: 超过5}"
    )


def test_line_that_cannot_be_read_is_left_out_and_the_rest_read() -> None:
    node, findings = read('a: 1\nb: [1, , 2]\nc: {d: "\\q"}\ne: 5\n')

    assert [(found.code, found.at.line) for found in findings if isinstance(found.at, Span)] == [
        ("Y100", 2),
        ("Y100", 3),
    ]
    assert node == {"a": "1", "b": "", "c": "", "e": "5"}
    assert findings[1].fix == "c: {d: '\\q'}"


# Limits


def test_size() -> None:
    assert codes("# " + "x" * MAX_BYTES) == ["Y122"]
    assert codes(b"#" * (MAX_BYTES + 1)) == ["Y122"]


@pytest.mark.parametrize(
    "text", ["a: " + "[" * 200_000, "[" * 200_000 + "]" * 200_000, "{a: " * 60, "- " * 200_000 + "x"]
)
def test_depth(text: str) -> None:
    node, findings = compose(text, "f.yaml")

    assert node is None
    assert "Y123" in [found.code for found in findings]


def test_forty_deep_is_deep_enough() -> None:
    assert codes("[" * 40 + "]" * 40) == []
    assert codes("[" * 41 + "]" * 41) == ["Y123"]


def test_anchors_aliases_and_tags() -> None:
    assert codes("a: &x 1\nb: *x\nc: !tag 1\n<<: *x\n") == ["Y124", "Y124", "Y125", "Y124"]


def test_second_document() -> None:
    assert codes("a: 1\n---\nb: 2\n") == ["Y126"]


@pytest.mark.parametrize("text", ["", "# 只有注释\n", "\n\n", "---\n", "null\n"])
def test_empty_file(text: str) -> None:
    assert (compose(text, "f.yaml")[0], codes(text)) == (None, ["Y127"])


def test_keys_that_are_no_words() -> None:
    assert codes("? [a, b]\n: c\n") == ["Y128"]
    assert codes("a: {: 1}\n") == ["Y129"]


def test_control_characters_are_shown_as_boxes() -> None:
    node, findings = read("a: b\x07c\nd: e\u2028f\n")

    assert [(found.code, str(found.at), found.args["shown"]) for found in findings] == [
        ("Y121", "f.yaml:1:5", "a: b□c"),
        ("Y121", "f.yaml:2:5", "d: e□f"),
    ]
    assert node == {"a": "b c", "d": "e f"}


def test_lone_surrogate_is_a_finding() -> None:
    assert codes("a: \ud800\n") == ["Y121"]


def test_other_encodings_are_named() -> None:
    findings = compose("a: 1\n标题: 分级\n".encode("gb18030"), "f.yaml")[1]

    assert [(found.code, str(found.at)) for found in findings] == [("Y120", "f.yaml:2:1")]
    assert "GB18030" in findings[0].message("zh")
    assert "either" in compose(b"a: \xff\xfe\xff", "f.yaml")[1][0].message("en")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le"])
def test_utf16_is_called_by_its_name(encoding: str) -> None:
    [found] = compose("title: x\n".encode(encoding), "f.yaml")[1]

    assert (found.code, found.message("en")) == (
        "Y120", "the file is not UTF-8; it is UTF-16 (which Windows calls Unicode)"
    )  # fmt: skip
