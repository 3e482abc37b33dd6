"""Changing a file at given places: what is not named stays, byte for byte."""

from __future__ import annotations

import pytest

from dunning.basis.span import Span
from dunning.lang.text.edit import Edit, as_written, edited, lines_after
from dunning.lang.text.positions import Mapping, Scalar, compose


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_edits_stand_where_they_were_asked_for(end: str, mark: str) -> None:
    before = mark + end.join(["标题: 一", "b: 2  # 备注", "c: 3"])
    after = edited(before.encode(), [Edit(2, 4, 5, "二"), lines_after(1, "标题: 一", ["x: 1", "y: 2"])])

    assert after.decode() == mark + end.join(["标题: 一", "x: 1", "y: 2", "b: 二  # 备注", "c: 3"])


def test_lines_go_in_after_a_last_line_without_end() -> None:
    assert edited(b"a: 1", [lines_after(1, "a: 1", ["b: 2"])]) == b"a: 1\nb: 2"


def test_no_edit_is_no_change() -> None:
    assert edited(b"\xef\xbb\xbfa: 1\r\nb: 2\n\n", []) == b"\xef\xbb\xbfa: 1\r\nb: 2\n\n"


@pytest.mark.parametrize(
    "text", ["张三", "O'Neill", "Anna Müller", "no", "null", "张三: 法务", "#1", "{a}", '"', "y", "2026"]
)
def test_a_text_is_read_back_as_it_was(text: str) -> None:
    root, findings = compose(f"by: {as_written(text)}\n", "a.yaml")

    assert findings == []
    assert isinstance(root, Mapping)
    assert isinstance(value := root.get("by"), Scalar)
    assert (value.text, value.is_null) == (text, False)
    assert root.key("by").span == Span("a.yaml", 1, 1, 3)  # type: ignore[union-attr]


def test_a_plain_name_stands_without_quotes() -> None:
    assert [as_written(name) for name in ("张三", "Anna Müller", "阿·买买提")] == ["张三", "Anna Müller", "阿·买买提"]
