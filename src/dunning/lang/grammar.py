"""Unary tests: `超过1万元`, `[5000..10000]`, `S、A` to a typed test with canonical ints and the written form.

One grammar for both spellings, so that a Chinese test and its S-FEEL twin can never come to differ in meaning.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.lang.literals import KIND_NAMES, Misread, Read, narrow, read_value
from dunning.lang.names import nearest
from dunning.model.condition import Anything, Bound, Contains, Nothing, OneOf, Range, Test, Type

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

_ANYTHING = frozenset({"-", "任意", "any", ""})
_NOTHING = frozenset({"无", "null"})
_SOMETHING = frozenset({"非无", "不是无", "not null", "not(null)", "有值", "!= null", "非null", "非 null"})
_TRUE = frozenset({"是", "true", "= true", "为是"})
_FALSE = frozenset({"否", "false", "= false", "为否"})
_TRUISH = frozenset({"yes", "y", "on", "对", "有", "1", "真", "t", "√"})
_FALSISH = frozenset({"no", "n", "off", "不", "不是", "没有", "0", "假", "f", "×", "非"})

# 民法典 1259: 以上, 以下, 以内, 届满 include the number; 不满, 超过, 以外 do not.
_AT_LEAST = frozenset(">= => ≥ ⩾ 不少于 不低于 不小于 不早于 达到 至少 最少 届满 满 以上 及以上 起".split())
_MORE = frozenset("> 超过 高于 大于 多于 晚于 以外 之外".split())
_AT_MOST = frozenset("<= =< ≤ ⩽ 不超过 不高于 不大于 不多于 不晚于 未超过 至多 最多 以下 及以下 以内 及以内 之内".split())
_ORDERED = frozenset({"money", "integer", "days", "months", "percent", "number", "date"})


def read_test(
    text: str | Sequence[str], type: Type, span: Span, fact: str, title: Text
) -> tuple[Test | None, list[Finding]]:
    """A test as written for a fact of that type, or what is wrong with it. A YAML list is passed as several texts.

    Never raises. The findings name the fact by `title` and give a line to copy where there is a plain one.
    """
    texts = [text] if isinstance(text, str) else list(text)
    whole = text if isinstance(text, str) else "、".join(texts)
    try:
        if len(texts) == 1:
            return _Reader(type).one(texts[0], listed=not isinstance(text, str)), []
        return _Reader(type).several([item.strip() for item in texts]), []
    except Misread as wrong:
        return None, [finding(wrong, whole, span, {"fact": fact, "title": _titled(title, fact)})]


def _titled(title: Text, fact: str) -> Text:
    return title if title.zh or title.en else Text(fact, fact)


def finding(wrong: Misread, text: str, span: Span, args: Mapping[str, object]) -> Finding:
    """The finding of a misread literal, at its place inside the scalar, with the whole scalar mended to copy."""
    part = wrong.part or text
    at = span
    offset = text.find(part)
    width = span.end - span.column - len(text)
    if span.end and offset >= 0 and width in (0, 2):
        start = span.column + offset + width // 2
        at = Span(span.file, span.line, start, start + len(part))
    fix = text.replace(part, wrong.instead, 1) if wrong.instead else ""
    return Finding(wrong.code, at, {"text": text, "part": part, **args, **wrong.args_}, fix=fix)


class _Reader:
    """One test, read against its type."""

    def __init__(self, type: Type) -> None:
        self.type = type

    def one(self, text: str, *, listed: bool = False) -> Test:
        plain = narrow(text).strip().strip("“”").strip()
        lower = plain.lower()
        if not plain and not text.strip():
            raise Misread("T220", {}, text)
        if lower in _ANYTHING:
            return Anything()
        if lower in _NOTHING and not self._is_word(plain):
            return Nothing()
        if lower in _SOMETHING:
            return Nothing(negated=True)
        if self.type.kind == "boolean":
            return self._truth(plain)
        if self.type.kind in _ORDERED:
            if listed and re.fullmatch(r"[^\[\]()]+\.\.[^\[\]()]+", plain):
                plain = f"[{plain}]"  # YAML took the brackets of [30d..90d] for a list
            return self._ordered(plain)
        return self._words(plain)

    def several(self, texts: list[str]) -> Test:
        if not texts:
            raise Misread("T220", {}, "")
        if self.type.kind in ("choice", "set", "text"):
            return self._some([narrow(text) for text in texts], negated=False)
        return self._equals(texts, negated=False)

    def _is_word(self, text: str) -> bool:
        return self.type.values is not None and text in self.type.values

    def _truth(self, plain: str) -> Test:
        lower = plain.lower()
        negated = False
        if found := re.fullmatch(r"(?:not\s*\(?|非\s*|不是\s*|!=\s*)(true|false|是|否)\)?", lower):
            lower, negated = found[1], True
        if lower in _TRUE or lower in _FALSE:
            return OneOf(((lower in _TRUE) is not negated,), ("是" if (lower in _TRUE) is not negated else "否",))
        instead = "是" if lower in _TRUISH else "否" if lower in _FALSISH else ""
        raise Misread("T219", {}, plain, instead)

    # Ordered facts

    def _ordered(self, plain: str) -> Test:
        tree = _parse("ordered", plain, self.type)
        return _Ordered(self.type, plain).read(tree)

    def _equals(self, texts: list[str], *, negated: bool) -> OneOf:
        reads = [read_value(text, self.type) for text in texts]
        return OneOf(tuple(read.value for read in reads), tuple(read.written for read in reads), negated)

    # Words

    def _words(self, plain: str) -> Test:
        if (known := self._known(plain)) is not None:
            return self._some([known], negated=False)
        tree = _parse("words", plain, self.type)
        words = [token.strip("\"'") for token in _tokens(tree, "WORD")]
        if tree.data in ("contains", "lacks") and self.type.kind != "set":
            raise Misread("T212", {"word": plain}, plain, plain.lstrip("不含有包").strip())
        return self._some(words, negated=tree.data in ("none", "lacks"))

    def _some(self, words: list[str], *, negated: bool) -> Test:
        ids = tuple(dict.fromkeys(self._word(word) for word in words))
        if self.type.kind == "set":
            return Contains(ids, negated)
        return OneOf(ids, tuple(words), negated)

    def _word(self, word: str) -> str:
        if not self.type.values:
            return word
        known = self._known(word)
        if known is None:
            values = self.type.values
            names = {**{id: id for id in values}, **{title.zh: id for id, title in values.items() if title.zh}}
            guess = nearest(word, names)
            raise Misread("T206", {"known": "、".join(values)}, word, guess or "")
        return known

    def _known(self, word: str) -> str | None:
        """The id of a word given by id or by title."""
        values = self.type.values
        if not values:
            return None
        if word in values:
            return word
        return next((id for id, title in values.items() if word and word in (title.zh, title.en)), None)


class _Ordered:
    """The parse of an ordered test to ranges of ints."""

    def __init__(self, type: Type, text: str) -> None:
        self.type = type
        self.text = text

    def read(self, tree: Tree[Token]) -> Test:
        kind, parts = tree.data, tree.children
        match kind:
            case "one_side":
                return self._range(*self._side(parts[0]))
            case "other_side":
                return self._flipped(self._side(parts[1]))
            case "both_sides":
                return self._both(self._side(parts[0]), self._side(parts[1]))
            case "span":
                return self._between(parts[0], parts[2], True, True)
            case "interval":
                left, low, high, right = parts
                return self._between(low, high, left.data == "opening", right.data == "closing")
            case "dash":
                raise Misread("T208", {}, self.text, f"{self._text(parts[0])}至{self._text(parts[2])}")
            case "not_span":
                raise Misread("T214", {}, self.text)
            case "several" | "none_of":
                return self._several(parts[-1].children, negated=kind == "none_of")
            case _:
                read = self._value(parts[-1])
                return OneOf((read.value,), (read.written,), kind == "unequal")

    def _text(self, value: Tree[Token]) -> str:
        tokens = value.children
        return self.text[tokens[0].start_pos : tokens[-1].end_pos]

    def _value(self, value: Tree[Token]) -> Read:
        return read_value(self._text(value), self.type)

    def _several(self, values: list[Tree[Token]], *, negated: bool) -> OneOf:
        reads = [self._value(value) for value in values]
        return OneOf(tuple(read.value for read in reads), tuple(read.written for read in reads), negated)

    def _side(self, side: Tree[Token]) -> tuple[str, Read]:
        if side.data == "doubled":
            raise Misread("T218", {}, self.text)
        value = next(part for part in side.children if not hasattr(part, "type"))
        operator = str(next(part for part in side.children if hasattr(part, "type")))
        return operator, self._value(value)

    def _range(self, operator: str, read: Read) -> Range:
        included = operator in _AT_LEAST or operator in _AT_MOST
        bound = Bound(read.value, included, read.written)
        return Range(bound, None) if operator in _AT_LEAST or operator in _MORE else Range(None, bound)

    def _flipped(self, side: tuple[str, Read]) -> Range:
        plain = self._range(*side)
        bound = plain.low or plain.high
        assert bound is not None
        other = Bound(bound.value, not bound.included, bound.written)
        return Range(None, other) if plain.low else Range(other, None)

    def _both(self, one: tuple[str, Read], two: tuple[str, Read]) -> Range:
        first, second = self._range(*one), self._range(*two)
        if (first.low is None) == (second.low is None):
            raise Misread("T218", {}, self.text)
        low, high = first.low or second.low, first.high or second.high
        return self._checked(Range(low, high))

    def _between(self, low: Tree[Token], high: Tree[Token], left: bool, right: bool) -> Range:
        least, most = self._text(low), self._text(high)
        if re.fullmatch(r"[0-9.]+", least) and re.match(r"[0-9.]+[千万亿]", most):
            scale = re.sub(r"^[0-9.]+", "", most)
            raise Misread("T211", {}, self.text, self.text.replace(least, least + scale, 1))
        one, two = read_value(least, self.type), read_value(most, self.type)
        return self._checked(Range(Bound(one.value, left, one.written), Bound(two.value, right, two.written)))

    def _checked(self, found: Range) -> Range:
        low, high = found.lowest, found.highest
        if low is not None and high is not None and low > high:
            raise Misread("T207", {}, self.text)
        return found


def _tokens(tree: Tree[Token], name: str) -> list[str]:
    return [str(token) for token in tree.scan_values(lambda token: token.type == name)]


@cache
def _parser(name: str) -> Lark:
    """The parser of `<name>.lark`, built at the first test: importing lark costs more than reading a small pack."""
    from lark import Lark  # noqa: PLC0415

    text = (files("dunning.lang") / f"{name}.lark").read_text(encoding="utf-8")
    return Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)


def _parse(name: str, text: str, type: Type) -> Tree[Token]:
    from lark import UnexpectedInput  # noqa: PLC0415

    try:
        return _parser(name).parse(text)
    except UnexpectedInput:
        what = KIND_NAMES.get(type.kind, Text("条件", "a condition"))
        raise Misread("T200", {"what": what}, text) from None
