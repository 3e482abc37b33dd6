"""Law packs: articles, prohibitions, gates, limits, clocks and the rest, to records with their days and layer.

Reading is strict: a prohibition without an article, or an article without its first source, is no law. What the records
mean on a day at a place is for the guard.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.engine.law.law_facts import LAW_FACTS
from dunning.lang.readers.read import Page
from dunning.lang.readers.read_head import read_in_force, read_reviewed
from dunning.lang.readers.read_when import CHARGE, Name, Names, read_when
from dunning.lang.text import positions as yaml
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields
from dunning.lang.words.terms import read_clock_range, read_count, read_duration, read_rate, read_share
from dunning.model.action import ACTIONS
from dunning.model.anchor import Duration
from dunning.model.condition import ALWAYS, Condition
from dunning.model.law import (
    Article,
    BillRule,
    Checked,
    Clock,
    DebtorRule,
    Gate,
    LawPack,
    Layer,
    LegalLimit,
    Penalty,
    Permit,
    Prohibition,
    ReferenceRate,
    TextRule,
    Vacancy,
)

T = TypeVar("T")

LAW = (
    "law",
    "title",
    "reviewed",
    "places",
    "layer",
    "unresearched",
    "articles",
    "prohibitions",
    "gates",
    "limits",
    "clocks",
    "text",
    "permits",
    "bills",
    "debtor",
    "vacancy",
    "references",
)
ARTICLE = ("cite", "says", "layer", "in_force", "replaces", "checked")
CHECKED = ("text", "in_force", "by", "date")
PROHIBITION = ("effects", "actions", "verdict", "for", "unless", "penalty", "articles")
PENALTY = ("says", "articles")
GATE = ("actions", "effects", "requires", "says", "needs", "for", "articles")
LIMIT = ("of", "at_most", "at_least", "per", "between", "for", "articles")
CLOCK = ("clock", "lasts", "from", "restarts", "proof", "alerts", "articles")
TEXT = ("never", "allow", "must", "templates", "before", "articles")
PERMIT = ("effects", "actions", "says", "conflicts_with", "articles")
BILL = ("never", "says", "articles")
DEBTOR = ("when", "is", "says", "articles")
VACANCY = ("at_most", "after", "when", "says", "articles")
REFERENCE = ("rate", "title", "values", "known_until", "articles")

_PLACE = re.compile(r"CN(?:-\d{2}(?:\d{2}(?:\d{2})?)?)?", re.ASCII)
_ARTICLE = re.compile(r"[A-Z][A-Z0-9]*(?:-[A-Za-z0-9.]+)+", re.ASCII)


@dataclass(slots=True)
class _Pack:
    """A law pack while it is read: the articles it and its fellows know, and the facts law may speak of."""

    desk: Desk
    names: Names
    layer: Layer
    known: set[str] = field(default_factory=set)
    cited: list[tuple[str, Span]] = field(default_factory=list)


def law_names() -> Names:
    """The facts, and what only law reads: who receives the action, valid approvals, consents, proceedings."""
    names = Names()
    for fact in LAW_FACTS.values():
        names.add(Name(fact.id, fact.type, fact.title, "charge" if fact.of == "charge" else "account", "law"))
    return names


def read_law_page(page: Page) -> tuple[LawPack | None, list[tuple[str, Span]], Desk]:
    """The pack of a law file, the articles it cites with their places, and its desk (findings not yet closed).

    Citations are checked by `check_citations` once every pack of a law is read: a local pack may cite the national one.
    """
    desk = page.desk()
    if page.node is None:
        return None, [], desk
    fields = desk.open(page.node, LAW, Text("法律文件", "a law file"), ("law", "layer", "places"))
    layer: Layer = fields.word("layer", words.LAYERS, "policy")
    pack = _Pack(desk, law_names(), layer)
    node = fields.node("articles")
    articles = tuple(_articles(pack, node)) if node is not None else ()
    read = LawPack(
        name=fields.text("law"),
        title=fields.text("title"),
        layer=layer,
        places=_places(fields),
        reviewed=read_reviewed(desk, fields),
        unresearched=fields.truth("unresearched"),
        articles=articles,
        prohibitions=_each(fields, "prohibitions", PROHIBITION, pack, _prohibition),
        gates=_each(fields, "gates", GATE, pack, _gate),
        limits=_each(fields, "limits", LIMIT, pack, _limit),
        clocks=_each(fields, "clocks", CLOCK, pack, _clock),
        text=_each(fields, "text", TEXT, pack, _text),
        permits=_each(fields, "permits", PERMIT, pack, _permit),
        bills=_each(fields, "bills", BILL, pack, _bill),
        debtor=_each(fields, "debtor", DEBTOR, pack, _debtor),
        vacancy=_each(fields, "vacancy", VACANCY, pack, _vacancy),
        references=_each(fields, "references", REFERENCE, pack, _reference),
        file=page.file,
    )
    if node is None and not read.unresearched:
        desk.report("L101", page.node.span, title=read.title or read.name)
    return read, pack.cited, desk


def check_citations(desk: Desk, cited: list[tuple[str, Span]], known: set[str]) -> None:
    """Every article cited has to stand in one of the packs."""
    for article, at in cited:
        if article not in known:
            guess = nearest(article, known)
            hint = did_you_mean(guess)
            desk.report("L102", at, article=article, hint=hint, fix=guess or "")


def _places(fields: Fields) -> tuple[str, ...]:
    node = fields.node("places")
    for item in node.items if isinstance(node, yaml.Sequence) else [node] if node is not None else []:
        if isinstance(item, Scalar) and not _PLACE.fullmatch(item.text.strip()):
            fields.desk.report("L103", item.span, place=item.text)
    return tuple(place for place in fields.texts("places") if _PLACE.fullmatch(place))


# Articles


def _articles(pack: _Pack, node: Node) -> Iterator[Article]:
    desk = pack.desk
    if not isinstance(node, yaml.Mapping):
        desk.report("R103", node.span, what=Text("条文", "`articles`"), wanted=Text("编号: 内容", "`ID: content`"))
        return
    for key, value in node.entries:
        if not _ARTICLE.fullmatch(key.text):
            desk.report("L104", key.span, article=key.text)
            continue
        article = _article(pack, key, value)
        pack.known.add(article.id)
        yield article


def _article(pack: _Pack, key: Scalar, node: Node) -> Article:
    desk = pack.desk
    fields = desk.open(node, ARTICLE, Text(f"条文“{key.text}”", f"the article {key.text}"), ("cite", "says", "checked"))
    since, until = read_in_force(desk, fields)
    return Article(
        id=key.text,
        cite=fields.text("cite"),
        says=fields.title("says"),
        layer=fields.word("layer", words.LAYERS, pack.layer),
        since=since,
        until=until,
        replaces=fields.text("replaces") or None,
        checked=_checked(desk, fields),
        at=key.span,
    )


def _checked(desk: Desk, fields: Fields) -> Checked:
    node = fields.node("checked")
    if node is None:
        return Checked()
    inner = desk.open(node, CHECKED, fields.named("checked"), ("text", "in_force"))
    return Checked(
        text=inner.word("text", words.SOURCES, "memory"),
        in_force=inner.word("in_force", words.SOURCES, "memory"),
        by=inner.text("by") or None,
        on=inner.day("date"),
    )


# Entries with articles


def _each(
    fields: Fields,
    key: str,
    keys: tuple[str, ...],
    pack: _Pack,
    read: Callable[[_Pack, Fields, tuple[str, ...]], T | None],
) -> tuple[T, ...]:
    """The entries of a section; each has to name its articles."""
    found = []
    for item in fields.items(key):
        inner = fields.desk.open(item, keys, fields.named(key), ("articles",))
        articles = _cites(inner, "articles", pack)
        entry = read(pack, inner, articles)
        if entry is not None:
            found.append(entry)
    return tuple(found)


def _cites(fields: Fields, key: str, pack: _Pack) -> tuple[str, ...]:
    node = fields.node(key)
    nodes = node.items if isinstance(node, yaml.Sequence) else [node] if node is not None else []
    pack.cited += [(item.text.strip(), item.span) for item in nodes if isinstance(item, Scalar)]
    return fields.texts(key)


def _when(pack: _Pack, fields: Fields, key: str) -> Condition:
    return read_when(pack.desk, fields.node(key), pack.names, CHARGE)


def _prohibition(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> Prohibition | None:
    effects, actions = _effects_or_actions(pack, fields)
    verdict = fields.word("verdict", words.VERDICTS, "prohibited")
    penalty = fields.node("penalty")
    unless = fields.node("unless")
    if not effects and not actions:
        return None
    return Prohibition(
        effects=effects,
        actions=actions,
        verdict=verdict,
        articles=articles,
        for_=_when(pack, fields, "for"),
        unless=_when(pack, fields, "unless") if unless is not None else None,
        penalty=None if penalty is None else _penalty(pack, fields, penalty),
        at=fields.span,
    )


def _effects_or_actions(pack: _Pack, fields: Fields) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    """What a rule is about: effects, actions by name, or both."""
    effects = fields.words("effects", words.EFFECTS, code="N208")
    if fields.node("effects") is None and fields.node("actions") is None:
        fields.desk.report("R102", fields.span, what=fields.what, key=fields.desk.spelling("effects"))
    return effects, _actions(pack, fields)


def _actions(pack: _Pack, fields: Fields) -> tuple[str, ...]:
    """Actions of the vocabulary: a book's own have no names law could know."""
    node = fields.node("actions")
    nodes = node.items if isinstance(node, yaml.Sequence) else [node] if node is not None else []
    found = []
    for item in nodes:
        name = pack.desk.text(item, fields.named("actions")) or ""
        if name in ACTIONS:
            found.append(name)
        elif name:
            guess = nearest(name, ACTIONS)
            hint = did_you_mean(guess)
            pack.desk.report("N206", item.span, name=name, hint=hint, fix=guess or "")
    return tuple(dict.fromkeys(found))


def _penalty(pack: _Pack, fields: Fields, node: Node) -> Penalty:
    if isinstance(node, Scalar):
        return Penalty(Text(node.text.strip(), node.text.strip()))
    inner = pack.desk.open(node, PENALTY, fields.named("penalty"), ("says",))
    return Penalty(inner.title("says"), _cites(inner, "articles", pack))


def _gate(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> Gate | None:
    effects, actions = _effects_or_actions(pack, fields)
    says = fields.title("says")
    if fields.node("requires") is None and not says.zh:
        pack.desk.report("R102", fields.span, what=fields.what, key=pack.desk.spelling("requires"))
    if not effects and not actions:
        return None
    return Gate(
        actions=actions,
        effects=effects,
        requires=_when(pack, fields, "requires"),
        says=says,
        needs=fields.words("needs", words.NEEDS),
        articles=articles,
        for_=_when(pack, fields, "for"),
        at=fields.span,
    )


def _amount(text: str, at: Span) -> tuple[Duration | Fraction | int | None, list[Finding]]:
    """A length of time, a share, or a count."""
    if text.isascii() and text.isdigit():
        return read_count(text, at)
    if re.search(r"[%‰]|分之", text):
        return read_share(text, at)
    return read_duration(text, at)


def _limit(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> LegalLimit | None:
    of = fields.maybe_word("of", words.LIMITS)
    most: Duration | Fraction | int | None = fields.term("at_most", _amount)
    least: Duration | Fraction | int | None = fields.term("at_least", _amount)
    per = fields.term("per", read_duration)
    between = fields.term("between", read_clock_range)
    if not any(key in fields for key in ("at_most", "at_least", "between")):
        pack.desk.report("L105", fields.span)
    if isinstance(least, int) or isinstance(most, int) != (per is not None):
        pack.desk.report("L107", fields.span)
        return None
    if of is None:
        return None
    return LegalLimit(
        of=of,
        articles=articles,
        at_most=most,
        at_least=least,
        per=per,
        between=between,
        for_=_when(pack, fields, "for"),
        at=fields.span,
    )


def _clock(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> Clock | None:
    clock = fields.maybe_word("clock", words.CLOCKS)
    lasts = fields.term("lasts", read_duration)
    start = fields.maybe_word("from", words.CLOCK_STARTS)
    alerts = [
        alert
        for item in fields.items("alerts")
        if (alert := pack.desk.term(item, fields.named("alerts"), read_duration)) is not None
    ]
    for key in ("clock", "lasts", "from"):
        if key not in fields:
            pack.desk.report("R102", fields.span, what=fields.what, key=pack.desk.spelling(key))
    if clock is None or lasts is None or start is None:
        return None
    return Clock(
        clock=clock,
        lasts=lasts,
        from_=start,
        articles=articles,
        restarts=fields.words("restarts", words.RESTARTS),
        proof=fields.maybe_word("proof", words.PROOFS),
        alerts=tuple(alerts),
        at=fields.span,
    )


def _text(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> TextRule | None:
    rule = TextRule(
        articles=articles,
        never=fields.texts("never"),
        allow=fields.texts("allow"),
        must=fields.texts("must"),
        templates=fields.texts("templates"),
        before=fields.maybe_word("before", words.BEFORE),
        at=fields.span,
    )
    if not rule.never and not rule.must:
        pack.desk.report("R102", fields.span, what=fields.what, key=pack.desk.spelling("never"))
        return None
    return rule


def _permit(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> Permit | None:
    effects, actions = _effects_or_actions(pack, fields)
    conflicts = _cites(fields, "conflicts_with", pack)
    if not effects and not actions:
        return None
    return Permit(
        effects=effects,
        actions=actions,
        articles=articles,
        says=fields.title("says"),
        conflicts_with=conflicts,
        at=fields.span,
    )


def _bill(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> BillRule | None:
    if fields.node("never") is None:
        pack.desk.report("R102", fields.span, what=fields.what, key=pack.desk.spelling("never"))
        return None
    never = _when(pack, fields, "never")
    return BillRule(never=never, articles=articles, says=fields.title("says"), at=fields.span)


def _debtor(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> DebtorRule | None:
    owes = fields.maybe_word("is", words.OWERS)
    when = _when(pack, fields, "when")
    if owes is None or when == ALWAYS:
        if "is" not in fields or "when" not in fields:
            key = "is" if "is" not in fields else "when"
            pack.desk.report("R102", fields.span, what=fields.what, key=pack.desk.spelling(key))
        return None
    return DebtorRule(when=when, is_=owes, articles=articles, says=fields.title("says"), at=fields.span)


def _vacancy(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> Vacancy | None:
    most = fields.term("at_most", read_share)
    if most is None:
        if "at_most" not in fields:
            pack.desk.report("R102", fields.span, what=fields.what, key=pack.desk.spelling("at_most"))
        return None
    return Vacancy(
        at_most=most,
        articles=articles,
        after=fields.term("after", read_duration),
        when=_when(pack, fields, "when"),
        says=fields.title("says"),
        at=fields.span,
    )


def _reference(pack: _Pack, fields: Fields, articles: tuple[str, ...]) -> ReferenceRate | None:
    values, known_until = fields.dated("values", read_rate), fields.day("known_until")
    for key in ("rate", "values", "known_until"):
        if key not in fields:
            pack.desk.report("R102", fields.span, what=fields.what, key=pack.desk.spelling(key))
    if values is None or known_until is None:
        return None
    return ReferenceRate(
        rate=fields.text("rate"),
        title=fields.title("title"),
        values=values.steps,
        known_until=known_until,
        articles=articles,
        at=fields.span,
    )
