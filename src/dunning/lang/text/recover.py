"""Where libyaml stopped: what the line most likely lacks, so that reading can go on behind it.

libyaml's own words speak of mappings and tokens; here they become a mend, or a sentence in the reviewer's words.
"""

from __future__ import annotations

import re

from dunning.basis.finding import Text
from dunning.lang.text.indents import is_odd, meant_indent
from dunning.lang.text.layout import Draft
from dunning.lang.text.traps import Trap

_ODD = "stands unlike the lines below it"


def stopped_at(draft: Draft, number: int, problem: str, column: int) -> Trap | None:
    """The mend for the line libyaml stopped at (0-based `column`); None if the line has to be given up."""
    if "could not find expected ':'" in problem:
        return _no_colon(draft.line(number))
    return _wrong_indent(draft, number, problem, column)


def blamed(draft: Draft, number: int, problem: str) -> tuple[int, str]:
    """The line to look at, and what is wrong with it.

    A word alone above, at the same indent, is a key without its colon; a first line may stand unlike all the rest.
    """
    before = next((n for n in range(number - 1, 0, -1) if draft.line(n).strip()), 0)
    above, here = draft.line(before), draft.line(number)
    level = _blanks(above) == _blanks(here)
    if "mapping values are not allowed" in problem and level and _no_colon(above):
        return before, "could not find expected ':'"
    if before and re.search("mapping values are not|did not find expected|block sequence", problem):
        return (before, _ODD) if is_odd(draft, before, number) else (number, problem)
    return number, problem


def _no_colon(line: str) -> Trap | None:
    """A key alone on its line, without its colon."""
    bare = line.rstrip()
    if not re.fullmatch(r" *(?:- +)?[\w.()-]+", bare):
        return None
    return Trap("Y116", len(bare), len(bare), ":", {"key": bare.strip(" -")}, caret=_inked(bare))


def _wrong_indent(draft: Draft, number: int, problem: str, column: int) -> Trap | None:
    """A line that stands at no level, or deeper than the value before it allows."""
    line = draft.line(number)
    indent = _blanks(line)
    head = re.match(r" *(?:- +)?[^\s\"'\[\]{}#:][^#:]*:(?=\s|$)", line)
    too_deep = "mapping values are not allowed" in problem and head is not None and column < head.end()
    between = "did not find expected" in problem and indent > 0 and column <= indent
    if not (too_deep or between or problem == _ODD):
        return None
    meant = meant_indent(draft, number, line, frozenset({indent}))
    if meant.blanks == indent:
        return None
    said = {"blanks": indent, "wanted": meant.told()}
    return Trap("Y115", 0, indent, " " * meant.blanks, said, _inked(line), sure=meant.sure)


def children(draft: Draft, number: int, indent: int, wanted: int) -> list[int]:
    """The lines that hang on a line moved from `indent` to `wanted` and go with it; none where they stand right."""
    moved = draft.line(number)
    dashes = re.match(r" *((?:- +)*)", moved)
    offset = len(dashes[1]) if dashes else 0
    if not offset and not moved.split(" #")[0].rstrip().endswith(":"):
        return []
    found = []
    for child in range(number + 1, len(draft.lines) + 1):
        line = draft.line(child)
        if not line.strip():
            continue
        if _blanks(line) <= indent:
            break
        found.append(child)
    stands = _blanks(draft.line(found[0])) if found else 0
    return [] if (stands in (wanted, wanted + offset) if offset else stands > wanted) else found


def _blanks(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _inked(line: str) -> tuple[int, int]:
    """From the first to the last character of a line that is not blank."""
    return len(line) - len(line.lstrip()), len(line.rstrip())


_PROBLEMS = {
    "did not find expected key": Text("这里应当是一个键 (键: 值)", "a key (key: value) was expected here"),
    "did not find expected '-' indicator": Text("这一层是列表, 每项以“- ”开头", "a list item (`- `) was expected"),
    "did not find expected ',' or '}'": Text("花括号里缺逗号或右括号", "a comma or closing brace is missing"),
    "did not find expected ',' or ']'": Text("方括号里缺逗号或右括号", "a comma or closing bracket is missing"),
    "did not find expected node content": Text("逗号或括号前面没有值", "there is no value before the comma or bracket"),
    "hexdecimal": Text("双引号里的反斜线有特别的意思, 请改用单引号", "a backslash needs single quotes"),
    "escape": Text("双引号里的反斜线有特别的意思, 请改用单引号", "a backslash needs single quotes"),
    "cannot start any token": Text("值不能以这个符号开头, 请加引号", "a value cannot begin with this sign; quote it"),
    "block sequence entries": Text("列表不能从这里开始, 要另起一行", "a list cannot begin here, but on its own line"),
    "mapping values are not allowed": Text("这里多了一个冒号, 或缩进不对", "a colon too many here, or a wrong indent"),
    "end of stream": Text("到文件末尾引号或括号还没有关上", "a quote or bracket is still open"),
    "could not find expected ':'": Text("这里应当有冒号 (键: 值)", "a colon (key: value) was expected"),
}
_UNTOLD = Text("不合 YAML 的写法", "it is not YAML")


def told(problem: str) -> Text:
    """libyaml's problem in the reviewer's words."""
    return next((words for part, words in _PROBLEMS.items() if part in problem), _UNTOLD)


def escaped(line: str, problem: str) -> str:
    """A double-quoted value with a backslash, in single quotes: the line to copy; empty for other problems."""
    found = re.search(r'"([^"\']*)"', line) if "escape" in problem or "hexdecimal" in problem else None
    return line.replace(found.group(), f"'{found[1]}'").rstrip() if found else ""
