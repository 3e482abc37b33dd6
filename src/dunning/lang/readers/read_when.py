"""Conditions: `when` maps facts to tests, `any` and `not` nest; names are ids or Chinese titles.

One place decides what a name means and where a fact may be read, so that a misspelt fact is found in every section.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.engine.known.catalogue import CATALOGUE, meant_by
from dunning.lang.text import positions as yaml
from dunning.lang.text.keys import english
from dunning.lang.text.names import NOTHING, did_you_mean
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words.desk import Desk, is_nothing
from dunning.lang.words.grammar import read_test
from dunning.model.condition import ALWAYS, All, Any, Check, Condition, Not, Type

STATIC = frozenset({
    "use", "occupancy", "area", "community", "place", "debtor_kind", "debtor_role", "tags", "contract_kind",
})  # fmt: skip
"""Facts that hold without looking at money or contacts: what `applies` may read."""

_WORST = re.compile(r"(?:worst|最差)\s*[(（]\s*(?P<table>[^()（）]*?)\s*[)）]")
_WHEN = Text("条件", "a condition")


@dataclass(frozen=True, slots=True)
class Name:
    """Something a condition may test. `kind` says where it comes from, for the wording of findings."""

    id: str
    type: Type
    title: Text
    of: Literal["account", "charge"] = "account"
    kind: Literal["fact", "own", "table", "law"] = "fact"


_BUILT_IN = {fact.id: Name(fact.id, fact.type, fact.title, fact.of) for fact in CATALOGUE.values()}
_BUILT_IN_TITLES: dict[str, list[str]] = {}
for _name in _BUILT_IN.values():
    _BUILT_IN_TITLES.setdefault(_name.title.zh, []).append(_name.id)


@dataclass(slots=True)
class Names:
    """Every fact and table a file may speak of: the catalogue's and the book's own."""

    own: dict[str, Name] = field(default_factory=dict)
    titles: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: Name) -> None:
        self.own[name.id] = name
        if name.title.zh:
            self.titles.setdefault(name.title.zh, []).append(name.id)

    def get(self, identifier: str) -> Name | None:
        return self.own.get(identifier) or _BUILT_IN.get(identifier)

    def called(self, word: str) -> list[str]:
        """The ids a word may mean: itself if it is one, else all that have it as their title."""
        if word in self.own or word in _BUILT_IN:
            return [word]
        return [*self.titles.get(word, ()), *_BUILT_IN_TITLES.get(word, ())]

    def tables(self) -> dict[str, Name]:
        return {name.id: name for name in self.own.values() if name.kind == "table"}

    def all(self) -> Iterable[Name]:
        yield from self.own.values()
        yield from (name for name in _BUILT_IN.values() if name.id not in self.own)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a condition stands. `of` charge: charge facts may be read; `static`: only what needs no ledger."""

    of: Literal["account", "charge"] = "account"
    static: bool = False


ACCOUNT = Scope()
CHARGE = Scope("charge")
APPLIES = Scope(static=True)


def read_when(desk: Desk, node: Node | None, names: Names, scope: Scope = ACCOUNT) -> Condition:
    """The condition under a `when`; absent or empty, it always holds. What cannot be read is noted and left out."""
    if node is None or is_nothing(node):
        return ALWAYS
    if not isinstance(node, yaml.Mapping):
        wanted = Text("“事实: 条件”, 例如 {arrears: 超过5000元}", "`fact: test`, like {arrears: 超过5000元}")
        desk.report("R103", node.span, what=_WHEN, wanted=wanted)
        return ALWAYS
    parts = [part for key, value in node.entries if (part := _entry(desk, key, value, names, scope)) is not None]
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def _entry(desk: Desk, key: Scalar, value: Node, names: Names, scope: Scope) -> Condition | None:
    word, language = english(key.text)
    if word in ("any", "not") and language is not None:
        desk.take(key)
        what = Text(f"“{key.text}”", f"`{key.text}`")
        found = len(desk.findings)
        if word == "not":
            inner = read_when(desk, value, names, scope)
            if inner == ALWAYS and len(desk.findings) == found:
                desk.report("R115", key.span, what=what)
            return Not(inner)
        parts = desk.items(value, what)
        if not parts and len(desk.findings) == found:
            desk.report("R115", key.span, what=what)
        return Any(tuple(read_when(desk, part, names, scope) for part in parts)) if parts else None
    name = find_fact(desk, key.text, key.span, names, scope)
    return None if name is None else check(desk, name, value)


def check(desk: Desk, name: Name, value: Node) -> Check | None:
    """The test of one fact, with the findings of what it says."""
    if isinstance(value, yaml.Sequence):
        texts = [item.text for item in value.items if isinstance(item, Scalar)]
        if len(texts) != len(value.items):
            desk.report("R103", value.span, what=name.title, wanted=Text("一列词", "a list of words"))
            return None
        test, findings = read_test(texts, name.type, value.span, name.id, name.title)
        written = "、".join(texts)
    elif isinstance(value, Scalar):
        written = value.text
        test, findings = read_test(written, name.type, value.span, name.id, name.title)
    else:
        desk.report("R103", value.span, what=name.title, wanted=Text("一个条件", "a test"))
        return None
    desk.add(findings)
    return None if test is None else Check(name.id, test, written, value.span)


def find_fact(desk: Desk, word: str, at: Span, names: Names, scope: Scope) -> Name | None:
    """The fact or table a word means here. Unknown, ambiguous and out of place are noted."""
    if found := _WORST.fullmatch(word):
        return _worst(desk, found["table"], at, names)
    meant = names.called(word)
    if not meant:
        _unknown(desk, word, at, names)
        return None
    if len(meant) > 1:
        desk.report("N202", at, word=word, meant="、".join(meant))
        return None
    name = names.get(meant[0])
    assert name is not None
    if name.of == "charge" and scope.of == "account":
        fix = f"worst({name.id})" if name.kind == "table" else ""
        code = "R206" if name.kind == "table" else "R207"
        desk.report(code, at, name=name.id, title=name.title, fix=fix)
        return None
    if scope.static and name.id not in STATIC and name.kind != "own":
        desk.report("R403", at, name=name.id, title=name.title, known="、".join(sorted(STATIC)))
        return None
    return name


def _worst(desk: Desk, word: str, at: Span, names: Names) -> Name | None:
    """The aggregate `worst(TABLE)`: the highest answer of a charge table over the household's open charges."""
    tables = names.tables()
    name = next((table for table in tables.values() if word in (table.id, table.title.zh)), None)
    if name is None:
        guess = desk.nearest(word, tables)
        hint = did_you_mean(guess, tables[guess].title) if guess else NOTHING
        desk.report("N203", at, name=word, hint=hint, fix=f"worst({guess})" if guess else "")
        return None
    if name.of != "charge":
        desk.report("R208", at, name=name.id, title=name.title, fix=name.id)
        return None
    if name.type.kind in ("set", "boolean"):
        desk.report("R209", at, name=name.id, title=name.title)
        return None
    title = Text(f"最差的{name.title.zh}", f"worst {name.title.en}")
    return Name(f"worst({name.id})", name.type, title, kind="table")


def _unknown(desk: Desk, word: str, at: Span, names: Names) -> None:
    known = {name.id: name for name in names.all()}
    titles = {name.title.zh: name.id for name in names.all() if name.title.zh}
    misnamed = meant_by(word)
    guess: str | None
    if misnamed is not None:  # in the language it was written in
        guess = misnamed.id if word.isascii() else misnamed.title.zh
    else:
        guess = desk.nearest(word, known) or desk.nearest(word, titles)
    meant = known[titles.get(guess, guess)] if guess else None
    hint = did_you_mean(meant.id, meant.title) if meant else NOTHING
    desk.report("N201", at, word=word, hint=hint, fix=guess or "")
