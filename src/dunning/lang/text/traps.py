"""The traps of YAML, one small function each: what a reviewer wrote, and the line to copy.

YAML takes `> 5`, a comma in braces or a full-width colon for something else, often without a word. To silence a trap,
quote the value. Each function looks at one line of code and answers the first of its mistakes, with a mend to go on by.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from dunning.basis.finding import Text
from dunning.lang.text.indents import block_indent, meant_indent, widths
from dunning.lang.text.keys import ALIAS
from dunning.lang.text.layout import BLOCK_HEAD, Draft, Line

_WORD = r"[^\W\d][\w.()-]*"
_KEY = rf"(?:{_WORD}|\d{{4}}-\d\d-\d\d)"


@dataclass(frozen=True, slots=True)
class Trap:
    """A mistake on a line: its code, the characters to mend (0-based), and what to put there.

    The mended line is the one to copy. `caret`: what to underline, where it is less than what is mended. `code` empty:
    mended without a word. Not `sure`: a guess to read on by, which is not to be written down.
    """

    code: str
    start: int
    end: int
    mend: str
    said: dict[str, Any] = field(default_factory=dict)
    caret: tuple[int, int] | None = None
    sure: bool = True


def quoted(text: str) -> str:
    """The text between quotes that keep every character."""
    return f'"{text}"' if '"' not in text and "\\" not in text else "'" + text.replace("'", "''") + "'"


# Blanks

_ZERO_WIDTH = "\u200b\u2060\ufeff\u00ad"
_UNSEEN = "\u00a0\u3000\u202f\u205f" + _ZERO_WIDTH + "".join(chr(code) for code in range(0x2000, 0x200B))
_UNSEEN_NAMES = {"\u00a0": Text("不间断空格", "a no-break blank"), "\u3000": Text("全角空格", "a full-width blank")}
_UNSEEN_PLACES = re.compile(
    rf"^[ \t]*(?:- +)*([{_UNSEEN}]+)|[:,\[{{]\s*([{_UNSEEN}]+)|([{_UNSEEN}]+)(?=\s*[:,\]}}])|([{_UNSEEN}]+)\s*$"
)


def unseen_blank(line: Line, draft: Draft) -> Trap | None:
    """A no-break or full-width blank where YAML looks for a plain one."""
    found = _UNSEEN_PLACES.search(line.code)
    if found is None:
        return None
    start, end = next(found.span(number) for number in (1, 2, 3, 4) if found[number])
    while start > 0 and line.text[start - 1] in _UNSEEN:  # \s takes them for blanks too
        start -= 1
    char = line.text[start]
    mend, sure = "" if char in _ZERO_WIDTH else " ", True
    if not line.text[:start].strip(" ") and not line.flow:
        seen = sum(2 if each == "\u3000" else each not in _ZERO_WIDTH for each in line.text[start:end])
        plain = " " * (start + seen) + line.text[end:]
        meant = meant_indent(draft, line.number, plain, frozenset({start + seen}))
        mend, sure = " " * max(meant.blanks - start, 0), meant.sure
    shown = "".join("□" if each in _UNSEEN else each for each in line.text.strip(" "))
    name = _UNSEEN_NAMES.get(char, Text("看不见的字符", "an unseen character"))
    said = {"shown": shown[:60], "name": name, "point": f"U+{ord(char):04X}"}
    return Trap("Y107", start, end, mend, said, sure=sure)


def tab_indent(line: Line, draft: Draft) -> Trap | None:
    """A tab before the first character of a line."""
    blanks = len(line.text) - len(line.text.lstrip(" \t"))
    if "\t" not in line.text[:blanks]:
        return None
    if (text := block_indent(draft, line.number)) is not None:
        return Trap("Y114", 0, blanks, " " * text, {"doubt": Text("", "")})
    meant = meant_indent(draft, line.number, line.text, widths(line.text[:blanks]))
    doubt = Text("", "") if meant.sure else Text("; ", "; ").joined(meant.told())
    return Trap("Y114", 0, blanks, " " * meant.blanks, {"doubt": doubt}, sure=meant.sure)


# Full-width punctuation

_BAR, _WIDE_BAR = "|", "｜"
_NARROW = {_WIDE_BAR: _BAR, "：": ": ", "，": ", ", "｛": "{", "｝": "}", "［": "[", "］": "]"}
_WIDE_KEY = re.compile(rf" *(?:- +)*{_WORD} *(：)")
_WIDE_IN_FLOW = re.compile(rf"[{{,，]\s*{_KEY}\s*(：)|(，)(?=\s*{_KEY}\s*[:：])|([｛｝［］])")


def wide_sign(line: Line, _: Draft) -> Trap | None:
    """A full-width colon, comma or bracket where YAML needs the half-width one."""
    place = _wide_place(line)
    if place is None:
        return None
    char, rest = line.text[place], line.text[place + 1 :]
    said = {"char": char, "plain": _NARROW[char].strip()}
    if char in "：，":
        end = place + 1 + len(rest) - len(rest.lstrip(" "))
        return Trap("Y108", place, end, _NARROW[char], said, (place, place + 1))
    brackets = "".join(_NARROW[each] if each in "｛｝［］｜" else each for each in char + rest)
    return Trap("Y108", place, len(line.text), brackets, said, (place, place + 1))


def _wide_place(line: Line) -> int | None:
    code = line.code
    if not line.flow and not line.continued and (key := _WIDE_KEY.match(code)):
        return key.start(1)
    if line.value[:1] in ("｛", "［") or line.value == _WIDE_BAR:
        return line.start
    if line.begin < 0:
        return None
    if found := _WIDE_IN_FLOW.search(code, line.begin):
        return next(found.start(number) for number in (1, 2, 3) if found[number])
    opened = line.flow
    for place in range(line.begin, len(code)):
        char = code[place]
        opened = opened + char if char in "[{" else opened[:-1] if char in "]}" else opened
        if char == "，" and opened.endswith("["):
            return place
    return None


def wide_bar(number: int, draft: Draft) -> Trap | None:
    """A full-width bar between the cells of a grid. Where a line has all its bars without it, it is part of a text."""
    line = draft.line(number)
    place = line.find(_WIDE_BAR)
    heads = draft.heads_of(number) if place >= 0 else ""
    bars = heads.count(_BAR) + heads.count(_WIDE_BAR)
    if not heads or line.count(_BAR) >= bars > 0:
        return None
    mend = line[place:].replace(_WIDE_BAR, _BAR)
    return Trap("Y108", place, len(line), mend, {"char": _WIDE_BAR, "plain": _BAR}, (place, place + 1))


def curly_quotes(line: Line, _: Draft) -> Trap | None:
    """“> 5”: what an input method makes of straight quotes; read as quotes, one for one."""
    for found in re.finditer(r"“([^“”\"\\]*)”(?=\s*(?:[,}\]]|$))", line.code):
        before = line.code[: found.start()].rstrip(" ")
        if not line.continued and (not before or before[-1] in "[{,:-"):
            return Trap("", found.start(), found.end(), f'"{found[1]}"')
    return None


# Keys


_TIGHT_KEY = re.compile(rf" *(?:- +)*({_WORD})(:)(?=[^\s:/\\])")
_TIGHT_IN_FLOW = re.compile(rf"[{{,]\s*({_KEY})(:)(?=[^\s,}}\]:/\\])")
_TIGHT_DASH = re.compile(rf" *(?:- +)*(-)(?={_WORD}\s*:(?:\s|$))")


def colon_without_blank(line: Line, _: Draft) -> Trap | None:
    """`title:分级` is one word to YAML."""
    if not line.flow and not line.continued and not line.quoted_before:
        found = _TIGHT_KEY.match(line.code)
        if found:
            return _spaced(found.start(2), found[1])
    if line.begin >= 0:
        found = _TIGHT_IN_FLOW.search(line.code, line.begin)
        if found:
            return _spaced(found.start(2), found[1])
    return None


def _spaced(place: int, key: str) -> Trap:
    return Trap("Y105", place, place + 1, ": ", {"key": key}, caret=(place, place + 1))


def dash_without_blank(line: Line, _: Draft) -> Trap | None:
    """`-step: x` is a key of that name to YAML."""
    found = _TIGHT_DASH.match(line.code)
    if found is None or line.flow or line.continued:
        return None
    return Trap("Y117", found.start(1), found.end(1), "- ")


# Values that begin with a sign

_COMPARED_IN_FLOW = re.compile(r"(?:[{\[,]\s*|:\s+)(>[^,}\]\0]*)")
_SIGNED_IN_FLOW = re.compile(r"(?:[{\[,]\s*|:\s+)([%@`*!&][^,}\]\0]*)")


def comparison(line: Line, _: Draft) -> Trap | None:
    """`> 5000元` without quotes begins a folded text to YAML."""
    value, start, end = line.value, line.start, line.end
    if value.startswith(">") and (not BLOCK_HEAD.fullmatch(value) or value[1:2].isdigit()):
        return _compared(line, start, end)
    if line.begin >= 0 and (found := _COMPARED_IN_FLOW.search(line.code, line.begin)):
        return _compared(line, found.start(1), found.start(1) + len(found[1].rstrip()))
    return None


def _compared(line: Line, start: int, end: int) -> Trap:
    value = line.text[start:end]
    number = value.lstrip(">=").strip()
    said = f"{number}以上" if value.startswith(">=") else f"超过{number}"
    return Trap("Y101", start, end, said if number else quoted(value), caret=(start, start + 1))


def sign_first(line: Line, _: Draft) -> Trap | None:
    """`%5`, `!= 5`, a backtick, `*`: signs YAML keeps for itself."""
    value, start, end = line.value, line.start, line.end
    if value.startswith("%") and line.start == line.indent:
        return None  # a directive, not a value
    if not _begins_with_sign(value):
        found = _SIGNED_IN_FLOW.search(line.code, line.begin) if line.begin >= 0 else None
        if found is None or not _begins_with_sign(found[1].rstrip()):
            return None
        start, value = found.start(1), found[1].rstrip()
        end = start + len(value)
    if value == "-":
        return Trap("Y102", start, end, "任意", {"char": "-"})
    other = value[2:].strip(" \"'") if value.startswith("!=") else ""
    mend = f"非 {other}" if re.fullmatch(r"\w+", other) else quoted(value)
    return Trap("Y102", start, end, mend, {"char": value[0]}, (start, start + 1))


def _begins_with_sign(value: str) -> bool:
    if value[:1] in ("*", "&"):  # a proper alias or anchor is refused as such
        return not re.fullmatch(r"[*&][A-Za-z0-9_-]+(?:\s.*)?", value)
    if value[:1] == "!":  # as is a proper tag
        return not re.fullmatch(r"!+[A-Za-z0-9_./:-]*(?:\s.*)?", value) or value.startswith("! ")
    return value == "-" or value[:1] in ("%", "@", "`", ",", "]", "}")


def text_beside_bar(line: Line, draft: Draft) -> Trap | None:
    """`grid: | 标签`: the text of a block begins on the next line."""
    value, start, end = line.value, line.start, line.end
    if not value.startswith("|") or BLOCK_HEAD.fullmatch(value):
        return None
    following = draft.following(line.number)
    below = len(following) - len(following.lstrip(" ")) > line.key_indent
    mend = "|" if below else quoted(value)
    return Trap("Y131", start, end, mend, {"rest": value[1:].strip()}, (start + 1, end))


def item_beside_key(line: Line, _: Draft) -> Trap | None:
    """`channels: - sms`: a list begins on its own line, or stands in brackets."""
    value, start, end = line.value, line.start, line.end
    if not line.key or not value.startswith("- "):
        return None
    return Trap("Y118", start, end, f"[{value[2:].strip()}]", caret=(start, start + 1))


# Brackets, quotes and second colons

_BETWEEN = r"[^\[\](){},:]*\.\.[^\[\](){},:]*"
_HALF_OPEN = re.compile(rf"\[{_BETWEEN}\)|\({_BETWEEN}[\])]|\]{_BETWEEN}\[")


def half_open(line: Line, _: Draft) -> Trap | None:
    """`[3mo..6mo)`: YAML counts the brackets and misses one."""
    begin = line.start if line.value[:1] == "]" else line.begin
    if begin < 0:
        return None
    for found in _HALF_OPEN.finditer(line.code, begin):
        if found.group()[0] != "(" or not found.group().endswith(")"):
            start, end = found.span()
            return Trap("Y103", start, end, f'"{found.group()}"', {"value": found.group()})
    return None


def after_brackets(line: Line, _: Draft) -> Trap | None:
    """`title: [重要] 催告`: text after a list."""
    value, start, end = line.value, line.start, line.end
    if value[:1] not in ("[", "{"):
        return None
    depth = 0
    for place in range(start, end):
        depth += (line.code[place] in "[{") - (line.code[place] in "]}")
        if depth == 0:
            if not line.code[place + 1 : end].strip():
                return None
            said = {"open": value[0], "rest": line.text[place + 1 : end].strip()}
            return Trap("Y109", start, end, quoted(value), said, caret=(start, place + 1))
    return None


def second_colon(line: Line, _: Draft) -> Trap | None:
    """`title: 制度 2.3: 催收`: a second colon in one value."""
    value, start, end = line.value, line.start, line.end
    if not line.key or not value or value[0] in "\"'[{|>&*!":
        return None
    found = re.search(r":(?=\s|$)", line.code[start:end])
    if found is None:
        return None
    place = start + found.start()
    return Trap("Y111", start, end, quoted(value), {}, caret=(place, place + 1))


def after_quotes(line: Line, _: Draft) -> Trap | None:
    """`title: "重要" 催告`: text after the closing quote."""
    value, start, end = line.value, line.start, line.end
    if value[:1] not in ("'", '"') or not line.closed:
        return None
    close = line.code.find(value[0], start + 1)
    if close < 0 or not line.code[close + 1 : end].strip():
        return None
    return Trap("Y113", start, end, quoted(value), {"rest": line.text[close + 1 : end].strip()}, caret=(close + 1, end))


# What is opened and not closed: the next line is a key no deeper than this one


def _cut_short(line: Line, draft: Draft) -> bool:
    following = draft.following(line.number)
    indent = len(following) - len(following.lstrip(" "))
    return not following or (indent <= line.indent and bool(re.match(rf" *(?:(?:- +)?{_KEY}:(?:\s|$)|- )", following)))


def open_quote(line: Line, draft: Draft) -> Trap | None:
    """A quote that is not closed on its line nor goes on below."""
    if line.closed or line.quoted_before or not _cut_short(line, draft):
        return None
    sign = next(char for char in reversed(line.code) if char in "\"'")
    place = line.code.rindex(sign)
    end = len(line.text.rstrip())
    return Trap("Y112", end, end, sign, {"char": sign}, caret=(place, place + 1))


def open_bracket(line: Line, draft: Draft) -> Trap | None:
    """A bracket that is not closed on its line nor goes on below: closed where the row's next key begins, or at the end
    of the line.
    """
    if not line.flow_after or not line.closed or not _cut_short(line, draft):
        return None
    end = len(line.code.rstrip())
    missing = _unclosed(line.code, end, frozenset() if line.flow else _row_keys(line, draft), line.flow)
    first, mend, opened = missing[0][0], "", max(place for _, place, _ in missing)
    for (place, _, sign), (after, *_) in pairwise((*missing, (end, 0, ""))):
        blank = " " if line.code[:place].endswith(":") else ""
        mend += blank + sign + line.text[place:after]
    said = {"open": line.code[opened], "close": "".join(sign for _, _, sign in missing)}
    return Trap("Y119", first, end, mend, said, caret=(opened, opened + 1))


_NEXT_KEY = re.compile(rf",\s*({_KEY})\s*:(?:\s|$)")


def _unclosed(code: str, end: int, row_keys: frozenset[str], opened: str) -> list[tuple[int, int, str]]:
    """The brackets that are missing: where each is to stand, where the one it closes stands, and which."""
    stack = [(char, 0) for char in opened]
    missing = []

    def close(place: int, *, down_to: int) -> None:
        while len(stack) > down_to:
            char, start = stack.pop()
            missing.append((place, start, _CLOSES[char]))

    for place, char in enumerate(code[:end]):
        if char in _CLOSES:
            stack.append((char, place))
        elif char in "}]":
            while stack and _CLOSES[stack[-1][0]] != char:  # one further in was left open
                close(place, down_to=len(stack) - 1)
            del stack[-1:]
        elif char == "," and len(stack) > 1 and (key := _NEXT_KEY.match(code, place)) and key[1] in row_keys:
            close(place, down_to=1)
    close(end, down_to=0)
    return missing


_CLOSES = {"[": "]", "{": "}"}


def _row_keys(line: Line, draft: Draft) -> frozenset[str]:
    """The keys of the rows beside a row in braces, and those that only a row can have."""
    found = {"then", ALIAS["then"]}
    for below in (range(line.number - 1, 0, -1), range(line.number + 1, len(draft.lines) + 1)):
        for number in below:
            row = draft.line(number)
            if row.strip() and len(row) - len(row.lstrip(" ")) < line.indent:
                break
            if row.startswith(" " * line.indent + "- {"):
                found |= _first_keys(row)
    return frozenset(found)


def _first_keys(row: str) -> set[str]:
    """The keys of the outer braces of a row."""
    keys, depth = set(), 0
    for place, char in enumerate(row):
        depth += (char in "[{") - (char in "]}")
        if char in "{," and depth == 1 and (key := re.compile(rf"\s*({_KEY})\s*:").match(row, place + 1)):
            keys.add(key[1])
    return keys


TRAPS: tuple[Callable[[Line, Draft], Trap | None], ...] = (
    tab_indent,
    unseen_blank,
    wide_sign,
    curly_quotes,
    dash_without_blank,
    colon_without_blank,
    half_open,
    comparison,
    sign_first,
    text_beside_bar,
    item_beside_key,
    after_brackets,
    second_colon,
    after_quotes,
    open_quote,
    open_bracket,
)


_HARMLESS = re.compile(r" *(?:- )*\w[\w.()-]*:(?: +\w[\w /.()、+-]*)?")


def first_trap(line: Line, draft: Draft) -> Trap | None:
    """The first trap on a line of code, or None."""
    if line.begin < 0 and _HARMLESS.fullmatch(line.code):
        return None
    return next((found for trap in TRAPS if (found := trap(line, draft)) is not None), None)
