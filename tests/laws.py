"""Law packs and books written down briefly, for the tests of law and guard."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from dunning.basis.finding import Text
from dunning.model.action import Action
from dunning.model.condition import Check, Condition, Contains, OneOf
from dunning.model.law import Article, Checked, LawPack, Layer, Source
from dunning.model.rulebook import RuleBook
from dunning.model.statutes import Law
from households import BOOK

day = date.fromisoformat


def article(name: str, since: str = "2021-01-01", until: str = "", *, text: Source = "copy", **more: Any) -> Article:
    return Article(
        id=name,
        cite=f"第{name}条",
        says=Text(f"{name}说的", f"what {name} says"),
        layer=more.pop("layer", "statute"),
        since=day(since) if since else None,
        until=day(until) if until else None,
        checked=Checked(text, "copy"),
        **more,
    )


def pack(*articles: Article, place: str = "CN", layer: Layer = "statute", **rules: Any) -> LawPack:
    """A pack whose articles are of its layer."""
    given = {name: tuple(value) for name, value in rules.items() if name not in ("title", "reviewed", "unresearched")}
    rest = {name: value for name, value in rules.items() if name not in given}
    return LawPack(
        name="cn",
        title=rest.pop("title", place),
        layer=layer,
        places=(place,),
        articles=tuple(replace(one, layer=layer) for one in articles),
        **given,
        **rest,
    )


def law(*packs: LawPack) -> Law:
    return Law(packs)


def book(*packs: LawPack, actions: tuple[Action, ...] = (), **more: Any) -> RuleBook:
    """A book that stands on these packs."""
    return replace(BOOK, laws=packs, actions={action.id: action for action in actions}, **more)


def own(name: str, *effects: Any, **more: Any) -> Action:
    """An action of a book's own."""
    return Action(name, Text(name, name), effects, **more)


def is_(fact: str, *values: str | bool | int) -> Condition:
    return Check(fact, OneOf(values, tuple(map(str, values))), "、".join(map(str, values)))


def has(fact: str, *words: str) -> Condition:
    return Check(fact, Contains(words), "、".join(words))
