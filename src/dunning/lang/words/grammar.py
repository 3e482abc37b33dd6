"""Unary tests: `超过1万元`, `[5000..10000]`, `S、A` to a typed test with canonical ints and the written form.

One grammar for both spellings, so that a Chinese test and its S-FEEL twin can never come to differ in meaning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.lang.text.names import nearest
from dunning.lang.words.literals import (
    MisreadError,
    Read,
    misread,
    narrow,
    read_value,
    refuse_parted,
    refuse_vague,
)
from dunning.model.condition import Anything, Bound, Contains, Nothing, OneOf, Range, Test, Type, Value

if TYPE_CHECKING:
    from lark import Lark, Token, Tree

ORDERED_KINDS = frozenset({"money", "integer", "days", "months", "percent", "number", "date"})
_LONGEST = 2000

_ANYTHING = frozenset({"-", "任意"})
_NOTHING = frozenset({"无", "null"})
_SOMETHING = re.compile(r"(?:非|不为|不是)\s*(?:无|null)|not\s+null|not\s*\(\s*null\s*\)|!=\s*null", re.IGNORECASE)
_TRUE = frozenset({"是", "true"})
_FALSE = frozenset({"否", "false"})
_LIKE_TRUE = frozenset({"yes", "y", "on", "对", "有", "1", "真", "t", "√"})
_LIKE_FALSE = frozenset({"no", "n", "off", "不", "不是", "没有", "0", "假", "f", "×", "非"})

# 民法典 1259: 以上, 以下, 以内, 届满 include the number; 不满, 超过, 以外 do not. 起 includes its day.
_AT_LEAST = re.compile(r"大于或?等于|>=|=>|≥|⩾|不少于|不低于|不小于|不早于|达到|至少|最少|届?满|及?以上|起")
_MORE = re.compile(r">|超过|高于|大于|多于|晚于|及?以外|之外")
_AT_MOST = re.compile(
    r"小于或?等于|<=|=<|≤|⩽|不超过|不高于|不大于|不多于|不晚于|未超过|至多|最多|及?以下|及?以内|之?内"
)


def read_test(
    text: str | Sequence[str], fact_type: Type, span: Span, fact: str, title: Text
) -> tuple[Test | None, list[Finding]]:
    """A test as written for a fact of that type, or what is wrong with it. A YAML list is passed as several texts.

    Never raises. The findings name the fact by `title` and give a line to copy where there is a plain one.
    """
    listed = not isinstance(text, str)
    whole = text if isinstance(text, str) else "、".join(text)
    reader = _Reader(fact_type, (fact, title.zh, title.en))
    try:
        if isinstance(text, str) or len(text) == 1:
            return reader.one(text if isinstance(text, str) else text[0], listed=listed), []
        return reader.several(text), []
    except MisreadError as wrong:
        found = misread(wrong, whole, span, {"title": _named(fact, title)})
        return None, [found if reader.reads(found.fix) else replace(found, fix="")]


def read_literal(text: str, fact_type: Type, span: Span, fact: str, title: Text) -> tuple[Value, list[Finding]]:
    """One value of a type: canonical int, word, truth, set of words; None for 无, and with findings."""
    try:
        return _Reader(fact_type).literal(narrow(text).strip()), []
    except MisreadError as wrong:
        return None, [misread(wrong, text, span, {"title": _named(fact, title)})]


def _named(fact: str, title: Text) -> Text:
    return Text(title.zh or fact, title.en or fact)


class _Reader:
    """One test, read against its type; `names` are what the fact itself is called."""

    def __init__(self, fact_type: Type, names: tuple[str, ...] = ()) -> None:
        self.type = fact_type
        self.names = names

    def one(self, text: str, *, listed: bool) -> Test:
        plain = _unwrapped(text)
        if not plain:
            raise MisreadError("T220")
        if len(plain) > _LONGEST:
            raise MisreadError("T200", {}, plain)
        if self._known(plain) is not None:
            return self._some([plain], negated=False)
        if plain.lower() in _ANYTHING:
            return Anything()
        if re.sub(r"^[为是]\s*", "", plain).lower() in _NOTHING:
            return Nothing()
        if _SOMETHING.fullmatch(plain):
            return Nothing(negated=True)
        if self.type.kind == "boolean":
            return self._truth(plain)
        if self.type.kind not in ORDERED_KINDS:
            alone = listed and not re.search(r"[\s、,;()]", plain)
            return self._some([plain], negated=False) if alone else self._words(plain)
        if listed and re.fullmatch(r"[^\[\]()]+\.\.[^\[\]()]+", plain):
            plain = f"[{plain}]"  # YAML took the brackets of [30d..90d] for a list
        return self._ordered(plain)

    def reads(self, text: str) -> bool:
        """Whether a text is a test: a line to copy that is wrong in its turn is none."""
        try:
            self.one(text, listed=False)
        except MisreadError:
            return False
        return True

    def several(self, texts: Sequence[str]) -> Test:
        """A YAML list: one of these."""
        plain = [_unwrapped(text) for text in texts]
        if not plain or not all(plain):
            raise MisreadError("T220")
        if self.type.kind == "boolean":
            return OneOf(tuple(self._true(text) for text in plain), tuple(plain))
        if self.type.kind not in ORDERED_KINDS:
            return self._some(plain, negated=False)
        for text in plain:
            if isinstance(self._ordered(text), Range):
                raise MisreadError("T214", {}, text)
        reads = [read_value(text, self.type) for text in plain]
        return OneOf(tuple(read.value for read in reads), tuple(read.written for read in reads))

    def literal(self, plain: str) -> Value:
        if plain.lower() in _NOTHING and self._known(plain) is None:
            return None
        if self.type.kind == "boolean":
            return self._true(plain)
        if self.type.kind in ORDERED_KINDS:
            return read_value(plain, self.type).value
        if self.type.kind == "set":
            return frozenset(self._word(word) for word in re.split(r"[,、]\s*", plain) if word)
        return self._word(plain)

    # Truths

    def _truth(self, plain: str) -> Test:
        denied = re.fullmatch(r"(?:not\s*\(|not\s+|非\s*|不是\s*|!=\s*)([^()]+)\)?", plain, re.IGNORECASE)
        asked = re.fullmatch(r"(?:==?\s*|为|等于)(.+)", plain)
        if denied and denied[1].lower() in _TRUE | _FALSE:
            said = not self._true(denied[1])
        else:
            said = self._true(asked[1] if asked else plain)
        return OneOf((said,), ("是" if said else "否",))

    def _true(self, text: str) -> bool:
        lower = text.strip().lower()
        if lower in _TRUE or lower in _FALSE:
            return lower in _TRUE
        raise MisreadError("T219", {}, text, "是" if lower in _LIKE_TRUE else "否" if lower in _LIKE_FALSE else "")

    # Ordered facts

    def _ordered(self, plain: str) -> Test:
        refuse_parted(plain)
        self._refuse_foreign(plain)
        self._refuse_open_ended(plain)
        tree = _parse("ordered", plain)
        if tree is None:
            raise self._why_not(plain)
        return _Ordered(self.type, plain).read(tree)

    def _refuse_foreign(self, plain: str) -> None:
        """What is asked of sets, arithmetic, and what people say around a test."""
        if re.match(r"不?(?:包含|含有?)|contains\b", plain):
            raise MisreadError("T222", {}, plain)
        if self.type.kind != "date" and re.search(r"[\w%‰)]\s*[*×÷+/]\s*[\w(]", plain):
            raise MisreadError("T223", {}, plain)
        if re.search(r"[。.;!?的]$|^截至|\(含[^()]*\)", plain):
            raise MisreadError("T200", {}, plain, self._mended(plain))

    def _refuse_open_ended(self, plain: str) -> None:
        """之间 and 以前 do not say whether their ends belong, and the law has no rule for them."""
        if between := re.fullmatch(r"(?:在|介于)(.+?)(?:之间|中间)?|(.+?)(?:之间|中间)", plain):
            inner = re.sub(r"[和与到]", "至", between[1] or between[2])
            raise MisreadError("T217", {"word": "之间"}, plain, inner if self._readable(inner) else "")
        if side := re.search(r"[以之][前后]$", plain):
            before, after = ("早于", "晚于") if self.type.kind == "date" else ("不满", "超过")
            mended = (before if side.group()[1] == "前" else after) + plain[: side.start()]
            raise MisreadError("T217", {"word": side.group()}, plain, mended if self._readable(mended) else "")

    def _why_not(self, plain: str) -> MisreadError:
        """What keeps an ordered test from being read, with the nearest thing that can be."""
        try:
            refuse_vague(plain)
        except MisreadError as vague:
            return vague
        if re.search(r"(?:[<>]|[超高大多低少小]于|超过|不满).*(?:[,、;]|或|or).*(?:[<>]|于|超过|不满)", plain):
            return MisreadError("T214", {}, plain)
        return MisreadError("T200", {}, plain, self._mended(plain))

    def _mended(self, plain: str) -> str:
        """The test without what may be said around it: the fact's own name, a full stop, an open bracket."""
        bare = plain.strip("。.!！?？;；:：,，、 的")
        for name in self.names:
            if name and bare.startswith(name):
                bare = bare.removeprefix(name).strip(" :：的")
        tries = [bare, bare.strip("()[] "), f"[{bare.strip('()[] ')}]"]
        tries += [
            re.sub("^[从自]", "", bare),
            re.sub("^截至", "不晚于" if self.type.kind == "date" else "不超过", bare),
        ]
        if (stated := re.sub(r"\(含[^()]*\)", "", bare)) != bare and self._ends_belong(stated):
            tries.append(stated)
        return next((text for text in tries if text and text != plain and self._readable(text)), "")

    def _ends_belong(self, text: str) -> bool:
        """Whether a test includes its ends, so that （含）beside it says nothing more."""
        tree = _parse("ordered", text)
        try:
            test = _Ordered(self.type, text).read(tree) if tree else None
        except MisreadError:
            return False
        return isinstance(test, Range) and all(end.included for end in (test.low, test.high) if end)

    def _readable(self, text: str) -> bool:
        text = text.strip()
        tree = _parse("ordered", text)
        if tree is None:
            return False
        try:
            _Ordered(self.type, text).read(tree)
        except MisreadError:
            return False
        return True

    # Words

    def _words(self, plain: str) -> Test:
        if not self.type.values and (joined := re.match(r"非(?=[^\s(\[])([^\s、,;()]+)", plain)):
            raise MisreadError("T229", {"word": joined[1]}, joined.group(), f"非 {joined[1]}")
        tree = _parse("words", self._quoted(plain))
        if tree is None:
            raise self._why_no_words(plain)
        if tree.data in ("contains", "lacks") and self.type.kind != "set":
            bare = re.sub(r"^(?:不?包含|不?含有|不?含|没有|contains)\s*", "", plain)
            raise MisreadError("T212", {}, plain, bare if tree.data == "contains" else f"非 {bare}")
        words = [str(token).strip("\"'") for token in tree.scan_values(_is_word)]
        return self._some(words, negated=tree.data in ("none", "lacks"))

    def _quoted(self, plain: str) -> str:
        """Known words that the grammar would take apart, put in quotes."""
        known = [*(self.type.values or {}), *(title.zh for title in (self.type.values or {}).values())]
        risky = [word for word in known if re.search(r"[\s或、,;()\[\]]|^(?:非|不|是|为|含|包含|没有|属于)", word)]
        for word in sorted(risky, key=len, reverse=True):
            plain = re.sub(rf'(?<![^\s、,(\[]){re.escape(word)}(?![^\s、,)\]])(?!")', f'"{word}"', plain)
        return plain

    def _why_no_words(self, plain: str) -> MisreadError:
        if re.search(r"[<>≥≤]|超过|不满|以[上下内]|至少|至多", plain):
            return MisreadError("T224", {"known": self._choices()}, plain)
        return MisreadError("T200", {}, plain)

    def _some(self, words: Sequence[str], *, negated: bool) -> Test:
        for word in words:
            if word.lower() in _NOTHING and len(words) > 1 and self._known(word) is None:
                raise MisreadError("T226", {}, word)
            parts = re.split(r"[和与且&+]|\s+and\s+", word)
            if self.type.kind == "set" and len(parts) > 1 and self._known(word) is None:
                raise MisreadError("T225", {}, word)
        meant: dict[str, str] = {}
        for word in words:
            meant.setdefault(self._word(word), word)
        if self.type.kind == "set":
            return Contains(tuple(meant), negated)
        return OneOf(tuple(meant), tuple(meant.values()), negated)

    def _word(self, word: str) -> str:
        known = self._known(word)
        if known is not None or not self.type.values:
            return known or word
        names = {*self.type.values, *(title.zh for title in self.type.values.values() if title.zh)}
        raise MisreadError("T206", {"known": self._choices()}, word, nearest(word, sorted(names)) or "")

    def _choices(self) -> str:
        values = self.type.values or {}
        shown = [f"{word} ({title.zh})" if title.zh and title.zh != word else word for word, title in values.items()]
        return "、".join(shown[:12]) + (" …" if len(shown) > 12 else "")

    def _known(self, word: str) -> str | None:
        """The id of a word given by its id or its title."""
        values = self.type.values
        if not values or self.type.kind == "boolean":
            return None
        return word if word in values else next((key for key, title in values.items() if word in title), None)


def _unwrapped(text: str) -> str:
    """Without blanks and quotes around it; the curly ones are what an input method makes of the straight ones."""
    plain = narrow(text).strip()
    quoted = re.fullmatch(r"[“\"'「‘]([^“”\"'「」]+)[”\"'」’]", plain)
    return quoted[1].strip() if quoted else plain


class _Ordered:
    """The parse of an ordered test, to ranges of ints."""

    def __init__(self, fact_type: Type, text: str) -> None:
        self.type = fact_type
        self.text = text

    def read(self, tree: Tree[Token]) -> Test:
        parts: list[Any] = tree.children
        match tree.data:
            case "one_side":
                return self._range(*self._side(parts[0]))
            case "other_side":
                side = next(part for part in parts if _is_tree(part))
                return self._flipped(self._range(*self._side(side)))
            case "both_sides":
                return self._both(self._range(*self._side(parts[0])), self._range(*self._side(parts[1])))
            case "span":
                return self._between(parts[0], parts[2])
            case "interval":
                return self._interval(*parts)
            case "dash":
                raise self._dashed(parts[0], parts[2])
            case "outside":
                raise MisreadError("T214", {}, self.text)
            case "several" | "none_of":
                values = next(part for part in parts if _is_tree(part))
                return self._equal(values.children, negated=tree.data == "none_of")
            case kind:
                return self._equal([part for part in parts if _is_tree(part)], negated=kind == "unequal")

    def _written(self, value: Tree[Token]) -> str:
        first, last = value.children[0], value.children[-1]
        return self.text[first.start_pos : last.end_pos]  # type: ignore[union-attr]  # values hold tokens only

    def _value(self, value: Tree[Token]) -> Read:
        return read_value(self._written(value), self.type)

    def _equal(self, values: Sequence[Tree[Token]], *, negated: bool) -> OneOf:
        reads = [self._value(value) for value in values]
        return OneOf(tuple(read.value for read in reads), tuple(read.written for read in reads), negated)

    def _side(self, side: Tree[Token]) -> tuple[str, Read]:
        if side.data == "doubled":
            raise MisreadError("T218", {}, self.text)
        first, second = side.children
        operator, value = (first, second) if side.data == "before" else (second, first)
        return str(operator), self._value(value)  # type: ignore[arg-type]  # by the grammar

    def _range(self, operator: str, read: Read) -> Range:
        least, most = _AT_LEAST.fullmatch(operator), _AT_MOST.fullmatch(operator)
        bound = Bound(read.value, bool(least or most), read.written)
        return Range(bound, None) if least or _MORE.fullmatch(operator) else Range(None, bound)

    def _flipped(self, plain: Range) -> Range:
        """not(> 5) is <= 5."""
        if plain.low:
            return Range(None, Bound(plain.low.value, not plain.low.included, plain.low.written))
        assert plain.high is not None
        return Range(Bound(plain.high.value, not plain.high.included, plain.high.written), None)

    def _both(self, one: Range, two: Range) -> Range:
        if (one.low is None) == (two.low is None):
            raise MisreadError("T218", {}, self.text)
        return self._nonempty(Range(one.low or two.low, one.high or two.high))

    def _between(self, low: Tree[Token], high: Tree[Token], *, left: bool = True, right: bool = True) -> Range:
        least, most = self._written(low), self._written(high)
        scaled = re.match(r"([0-9]+(?:\.[0-9]+)?)(?:[十百千]?[万亿]|[百千])", most)
        if scaled and re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", least) and float(least) <= float(scaled[1]):
            # 5至10万元: five yuan, or 50,000? (5000至1万元 can only be five thousand)
            raise MisreadError("T211", {}, least, most.replace(scaled[1], least, 1))
        one, two = read_value(least, self.type), read_value(most, self.type)
        return self._nonempty(Range(Bound(one.value, left, one.written), Bound(two.value, right, two.written)))

    def _interval(self, left: Token, low: Tree[Token], high: Tree[Token], right: Token) -> Range:
        # [a..b] both ends, (a..b) and ]a..b[ neither: FEEL writes an end left out either way.
        if left == ")" or right == "(":
            raise MisreadError("T200", {}, self.text, f"[{self.text[1:-1]}]")
        return self._between(low, high, left=left == "[", right=right == "]")

    def _dashed(self, low: Tree[Token], high: Tree[Token]) -> MisreadError:
        least, most = self._written(low), self._written(high)
        unit = most.removeprefix(_figures(most))
        if self.type.kind == "date" and not re.search(r"[0-9]-[0-9]|日", least):
            return MisreadError("T213", {}, self.text)
        span = f"{least + unit if re.fullmatch(r'[0-9.]+', least) else least}至{most}"
        return MisreadError("T208", {}, self.text, span)

    def _nonempty(self, found: Range) -> Range:
        low, high = found.lowest, found.highest
        if low is not None and high is not None and low > high:
            raise MisreadError("T207", {}, self.text)
        return found


def _figures(text: str) -> str:
    found = re.match(r"[0-9.]*", text)
    return found.group() if found else ""


def _is_tree(part: Any) -> bool:
    return hasattr(part, "data")


def _is_word(part: Any) -> bool:
    return getattr(part, "type", "") == "WORD"


@cache
def _parser(name: str) -> Callable[[str], Tree[Token]]:
    """The parser of `<name>.lark`, built at the first test: importing lark costs more than reading a small pack."""
    from lark import Lark

    text = (files("dunning.lang.words") / f"{name}.lark").read_text(encoding="utf-8")
    lark: Lark = Lark(text, parser="lalr", lexer="contextual", maybe_placeholders=False)
    return lark.parse


def _parse(name: str, text: str) -> Tree[Token] | None:
    """The parse, or None if it does not fit the grammar."""
    from lark import UnexpectedInput

    try:
        return _parser(name)(text)
    except UnexpectedInput:
        return None
