"""The part of FEEL that decision tables are written in: unary tests, literals, plain expressions, read to a tree.

What goes beyond it (filters, contexts, loops, user functions) is refused by name, never skipped: a test that is not
understood must not become a test that always holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from fractions import Fraction
from typing import NamedTuple

from dunning.basis.finding import Text


@dataclass(frozen=True, slots=True)
class Months:
    """A `years and months duration`, in months."""

    count: int


@dataclass(frozen=True, slots=True)
class Seconds:
    """A `days and time duration`, in seconds."""

    count: Fraction


Plain = Fraction | str | bool | date | datetime | time | Months | Seconds | None


class FeelError(Exception):
    """A text that is not of this part of FEEL; `why` says what is wrong with it."""

    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


# --- the tree -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    value: Plain
    written: str = ""  # of a duration: P1Y and P12M are the same length


@dataclass(frozen=True, slots=True)
class Name:
    path: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """`?`, the value under test."""


@dataclass(frozen=True, slots=True)
class Side:
    """`> 5`: one side of a range."""

    operator: str
    bound: Node


@dataclass(frozen=True, slots=True)
class Interval:
    low: Node
    high: Node
    low_included: bool
    high_included: bool


@dataclass(frozen=True, slots=True)
class Tests:
    """Unary tests parted by commas, one of which must hold; `negated`: none. No test at all is `-`: anything."""

    tests: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Binary:
    operator: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Minus:
    operand: Node


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Listing:
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Within:
    """`x in (tests)`."""

    value: Node
    tests: Tests


Node = Literal | Name | Subject | Side | Interval | Tests | Binary | Minus | Call | Listing | Within

FUNCTIONS = frozenset({"not", "count", "sum", "min", "max", "list contains"})
"""What may be called; `date`, `time`, `date and time` and `duration` of a text are literals."""


def unary_tests(text: str, names: Iterable[str] = ()) -> Tests:
    """The tests of one cell. `names` are those with blanks or signs in them. Raises FeelError."""
    if text.strip() in ("", "-"):
        return Tests(())
    reader = _Reader(text, names)
    tests = reader.tests()
    reader.end()
    return tests


def expression(text: str, names: Iterable[str] = ()) -> Node:
    """An expression: of an input, an output. Raises FeelError."""
    reader = _Reader(text, names)
    node = reader.expression()
    reader.end()
    return node


# --- tokens -------------------------------------------------------------------------------------------------------


class _Token(NamedTuple):
    kind: str
    text: str


_TOKEN = re.compile(
    r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/)
  | (?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)
  | (?P<string>"(?:[^"\\]|\\.)*")
  | (?P<sign>\.\.|<=|>=|!=|\*\*|[-<>=+*/()\[\]{},.?:@;])
  | (?P<name>[^\W\d]\w*)
    """,
    re.VERBOSE | re.DOTALL,
)
_LONGEST = 10_000
_DEEPEST = 50
_LITERAL_CALLS = ("date and time", "date", "time", "duration")
_WITH_BLANKS = ("date and time", "list contains")
_WORDS = {"true": True, "false": False, "null": None}
_NOT_HERE = frozenset({"if", "for", "some", "every", "function", "instance"})


def _tokens(text: str, names: Iterable[str]) -> Iterator[_Token]:
    if len(text) > _LONGEST:
        raise FeelError(Text("太长", "it is too long"))
    odd = [name for name in (*names, *_WITH_BLANKS) if not re.fullmatch(r"[^\W\d]\w*", name)]
    spelled = [re.sub(r"\\?\s+", r"\\s+", re.escape(name)) for name in sorted(odd, key=len, reverse=True)]
    phrase = re.compile(rf"(?:{'|'.join(spelled)})(?!\w)")
    place = 0
    while place < len(text):
        known = phrase.match(text, place)
        if known:
            yield _Token("name", " ".join(known.group().split()))
            place = known.end()
            continue
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise FeelError(Text(f"不认识“{text[place]}”", f"`{text[place]}` cannot stand here"))
        if found.lastgroup != "blank":
            yield _Token(found.lastgroup, found.group())
        place = found.end()


# --- the reader ---------------------------------------------------------------------------------------------------


class _Reader:
    """Reads one text from left to right."""

    def __init__(self, text: str, names: Iterable[str]) -> None:
        self.tokens = list(_tokens(text, names))
        self.place = 0
        self.depth = 0

    def next_is(self, *texts: str, ahead: int = 0) -> bool:
        place = self.place + ahead
        return place < len(self.tokens) and self.tokens[place].kind != "string" and self.tokens[place].text in texts

    def take(self) -> _Token:
        if self.place >= len(self.tokens):
            raise FeelError(Text("没有写完", "it ends too early"))
        self.place += 1
        return self.tokens[self.place - 1]

    def taken(self, *texts: str) -> str:
        """The next token if it is one of these; empty if not."""
        return self.take().text if self.next_is(*texts) else ""

    def expect(self, *texts: str) -> str:
        found = self.taken(*texts)
        if not found:
            there = self.tokens[self.place].text if self.place < len(self.tokens) else ""
            if not there:
                raise FeelError(Text("没有写完", "it ends too early"))
            raise FeelError(Text(f"不支持“{there}”写在这里", f"`{there}` is not supported here"))
        return found

    def end(self) -> None:
        if self.place < len(self.tokens):
            self.expect("")

    # Unary tests

    def tests(self) -> Tests:
        if self.next_is("not") and self.next_is("(", ahead=1):
            start = self.place
            self.place += 2
            inner = self.several()
            self.expect(")")
            if self.place == len(self.tokens):
                return Tests(inner, negated=True)
            self.place = start  # `not(a) and b`: an expression
        return Tests(self.several())

    def several(self) -> tuple[Node, ...]:
        tests = [self.test()]
        while self.taken(","):
            tests.append(self.test())
        return tuple(tests)

    def test(self) -> Node:
        operator = self.taken("<", "<=", ">", ">=", "=", "!=")
        return Side(operator, self.sum()) if operator else self.expression()

    # Expressions, by binding

    def expression(self) -> Node:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise FeelError(Text("括号套得太深", "it is nested too deep"))
        node = self.conjunction()
        while self.taken("or"):
            node = Binary("or", node, self.conjunction())
        self.depth -= 1
        return node

    def conjunction(self) -> Node:
        node = self.comparison()
        while self.taken("and"):
            node = Binary("and", node, self.comparison())
        return node

    def comparison(self) -> Node:
        node = self.sum()
        if operator := self.taken("=", "!=", "<", "<=", ">", ">="):
            return Binary(operator, node, self.sum())
        if self.taken("between"):
            low = self.sum()
            self.expect("and")
            return Within(node, Tests((Interval(low, self.sum(), low_included=True, high_included=True),)))
        if self.taken("in"):
            if self.next_is("(") and not self._interval_ahead():
                self.take()
                tests = self.several()
                self.expect(")")
                return Within(node, Tests(tests))
            return Within(node, Tests((self.test(),)))
        return node

    def _interval_ahead(self) -> bool:
        """Whether the bracket that opens here holds `..`: `(1..5]` is a range, `(1, 5)` a list of tests."""
        depth = 0
        for token in self.tokens[self.place :]:
            if token.kind == "string":
                continue
            if token.text == ".." and depth == 1:
                return True
            if token.text in ("(", "["):
                depth += 1
            elif token.text in (")", "]"):
                depth -= 1
                if depth == 0:
                    return False
        return False

    def sum(self) -> Node:
        node = self.product()
        while operator := self.taken("+", "-"):
            node = Binary(operator, node, self.product())
        return node

    def product(self) -> Node:
        node = self.signed()
        while operator := self.taken("*", "/"):
            node = Binary(operator, node, self.signed())
        return node

    def signed(self) -> Node:
        if self.taken("-"):
            operand = self.signed()
            if isinstance(operand, Literal) and isinstance(operand.value, Fraction):
                return Literal(-operand.value)
            return Minus(operand)
        return self.primary()

    def primary(self) -> Node:
        token = self.take()
        match token.kind:
            case "number":
                return Literal(Fraction(token.text))
            case "string":
                return Literal(_unescaped(token.text))
            case "name":
                return self.named(token.text)
        match token.text:
            case "?":
                return Subject()
            case "@":
                return _at_literal(_unescaped(self.take().text))
            case "(" | "[" | "]":
                return self.bracketed(token.text)
        raise FeelError(Text(f"不支持“{token.text}”写在这里", f"`{token.text}` is not supported here"))

    def bracketed(self, opened: str) -> Node:
        """A range, a list, or an expression in brackets."""
        if opened == "[" and self.taken("]"):
            return Listing(())
        first = self.expression()
        if self.taken(".."):
            high = self.expression()
            closed = self.expect("]", ")", "[")
            return Interval(first, high, opened == "[", closed == "]")
        if opened == "(":
            self.expect(")")
            return first
        items = [first]
        while opened == "[" and self.taken(","):
            items.append(self.expression())
        self.expect("]")
        return Listing(tuple(items))

    def named(self, word: str) -> Node:
        if word in _WORDS:
            return Literal(_WORDS[word])
        if word in _NOT_HERE:
            raise FeelError(Text(f"不支持 {word}", f"`{word}` is not supported"))
        if self.taken("("):
            return self.call(word)
        path = [word]
        while self.taken("."):
            path.append(self.take().text)
        return Name(tuple(path))

    def call(self, function: str) -> Node:
        arguments: tuple[Node, ...] = ()
        if not self.next_is(")"):
            arguments = self.several() if function == "not" else tuple(self.arguments())
        self.expect(")")
        if function in _LITERAL_CALLS and len(arguments) == 1:
            match arguments[0]:
                case Literal(str() as text):
                    return _temporal(function, text)
        if function not in FUNCTIONS:
            raise FeelError(Text(f"不支持函数 {function}()", f"the function `{function}()` is not supported"))
        return Call(function, arguments)

    def arguments(self) -> Iterator[Node]:
        yield self.expression()
        while self.taken(","):
            yield self.expression()


# --- literals -----------------------------------------------------------------------------------------------------

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<y>\d+)Y)?(?:(?P<mo>\d+)M)?(?:(?P<d>\d+)D)?"
    r"(?:T(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+(?:\.\d+)?)S)?)?"
)


def _unescaped(quoted: str) -> str:
    if not quoted.startswith('"'):
        raise FeelError(Text(f"“{quoted}”要写在引号里", f"`{quoted}` must stand in quotes"))

    def meant(found: re.Match[str]) -> str:
        code = found[1]
        return chr(int(code[1:], 16)) if len(code) > 1 else _ESCAPES.get(code, code)

    return re.sub(r"\\(u[0-9a-fA-F]{4}|.)", meant, quoted[1:-1], flags=re.DOTALL)


def _at_literal(text: str) -> Literal:
    kinds = ("duration",) if re.match(r"-?P", text) else ("date", "date and time", "time")
    for kind in kinds:
        try:
            return _temporal(kind, text)
        except FeelError:
            continue
    raise FeelError(Text(f"“{text}”不是日期、时间或时长", f"`{text}` is no date, time or duration"))


def _temporal(kind: str, text: str) -> Literal:
    value = temporal(kind, text)
    if value is None:
        raise FeelError(Text(f"{kind}(“{text}”)写得不对", f'{kind}("{text}") is none'))
    return Literal(value, text)


def temporal(kind: str, text: str) -> Plain:
    """A date, time, date and time, or duration of its text; None if it is none."""
    try:
        match kind:
            case "date":
                return date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text) else None
            case "time":
                return time.fromisoformat(text)
            case "date and time":
                return datetime.fromisoformat(text)
    except ValueError:
        return None
    return _length(text)


def _length(text: str) -> Months | Seconds | None:
    found = _DURATION.fullmatch(text)
    if found is None or text[-1] in "PT":
        return None
    sign = -1 if found["sign"] else 1
    months, rest = (found["y"], found["mo"]), (found["d"], found["h"], found["m"], found["s"])
    if any(months) and any(rest):
        return None
    if any(months):
        return Months(sign * (12 * int(found["y"] or 0) + int(found["mo"] or 0)))
    sizes = (86_400, 3_600, 60, 1)
    return Seconds(sign * sum((Fraction(part or 0) * size for part, size in zip(rest, sizes, strict=True)), Fraction()))


def quoted(text: str) -> str:
    """A text as a FEEL string."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
