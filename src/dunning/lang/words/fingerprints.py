"""A meaning clause by clause: what was changed since a signature, and what a second signer's section says.

A clause is what a reviewer would point at: a table, a step, a fact, or a section that has no names in it. All clauses
together say all that the digest of the whole is made from, so no change of meaning escapes them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Literal, NamedTuple

from dunning.basis.finding import Text
from dunning.lang.text.keys import ALIAS
from dunning.lang.words.meaning import digest, said
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Ladder

Meaning = RuleBook | LawPack
How = Literal["changed", "added", "removed", "moved"]

ORDER = "order."
"""Before the name of a clause that holds the order of others, as their names in a row."""

_KEY = {
    "name": "rulebook", "late_fees": "late_fee", "chased": "items", "since": "in_force", "until": "in_force",
    "track": "applies", "retired": "dropped",
}  # fmt: skip
"""Fields of the records by the key they are written under, where the two differ."""

_SHOWN = 16  # hex digits of a clause's digest: enough to tell two states of one clause apart


class Change(NamedTuple):
    """One clause that is no longer what it was."""

    clause: str
    how: How


def fingerprints(meaning: Meaning) -> dict[str, str]:
    """A short digest of each clause by name (`late_fee`, `tables.account_grade`), and the order of those that have one.

    What stands at its default is no clause: written out or left out, it says the same.
    """
    parts: dict[str, list[Any]] = {}
    orders: dict[str, str] = {}
    for field, value in said(meaning).items():
        for name, part in _parts(_KEY.get(field, field), value):
            if name.startswith(ORDER):
                orders[name] = part
            else:
                parts.setdefault(name, []).append([field, part])
    return {name: digest(part).removeprefix("sha256:")[:_SHOWN] for name, part in parts.items()} | orders


def _parts(key: str, value: Any) -> Iterator[tuple[str, Any]]:
    """The clauses a field holds: one for each thing that has an id, one for all where nothing has."""
    if isinstance(value, Ladder):
        yield key, replace(value, steps=())
        yield from _parts(f"{key}.steps", value.steps)
    elif isinstance(value, Mapping):
        yield from ((f"{key}.{name}", part) for name, part in value.items())
    elif isinstance(value, tuple) and value and all(hasattr(part, "id") for part in value):
        yield from ((f"{key}.{part.id}", part) for part in value)
        yield ORDER + key, " ".join(part.id for part in value)
    else:
        yield key, value


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> tuple[Change, ...]:
    """What differs between two states: in the order of the clauses as they are now, those removed last.

    Things have moved if those that stand in both states do so in another order; one put in between moves none.
    """
    found: list[Change] = []
    for name, value in now.items():
        if name.startswith(ORDER):
            if _in_both(value, before.get(name, "")) != _in_both(before.get(name, ""), value):
                found.append(Change(name.removeprefix(ORDER), "moved"))
        elif name not in before:
            found.append(Change(name, "added"))
        elif before[name] != value:
            found.append(Change(name, "changed"))
    gone = [name for name in before if name not in now and not name.startswith(ORDER)]
    return (*found, *(Change(name, "removed") for name in gone))


def _in_both(names: str, others: str) -> list[str]:
    also = set(others.split())
    return [name for name in names.split() if name in also]


_HOW: Mapping[How, Text] = {
    "changed": Text("改", "changed"),
    "added": Text("加", "added"),
    "removed": Text("删", "removed"),
    "moved": Text("换次序", "moved"),
}


def changes_told(found: tuple[Change, ...], meaning: Meaning) -> Text:
    """The changes in a row by kind: `改: late_fee (违约金); 删: ladder.steps.mediation`."""
    told = []
    for how, word in _HOW.items():
        names = [clause_title(one.clause, meaning) for one in found if one.how == how]
        if names:
            zh, en = "、".join(name.zh for name in names), ", ".join(name.en for name in names)
            told.append(Text(f"{word.zh}: {zh}", f"{word.en}: {en}"))
    return Text("; ".join(each.zh for each in told), "; ".join(each.en for each in told))


def clause_title(clause: str, meaning: Meaning) -> Text:
    """A clause by its name, for Chinese readers with its title where there still is one."""
    key, _, name = clause.rpartition(".")
    thing = _thing(key.split(".")[0], name, meaning) if key else None
    title = getattr(thing, "title", "") or ALIAS.get(clause, "")
    shown = title.zh if isinstance(title, Text) else title
    return Text(f"{clause} ({shown})" if shown and shown != name else clause, clause)


def _thing(section: str, name: str, meaning: Meaning) -> Any:
    """The step, table, fact or offer of that name."""
    if section in ("ladder", "reminders"):
        return meaning.step(name) if isinstance(meaning, RuleBook) else None
    found = getattr(meaning, section, None)
    if isinstance(found, Mapping):
        return found.get(name)
    return next((part for part in found if getattr(part, "id", "") == name), None) if isinstance(found, tuple) else None


# Sections: what a second signer signs


def _approvals(book: RuleBook) -> Any:
    """Who must agree: to each step, and to what may be offered."""
    steps = {step.id: step.approval for step in (*book.reminders, *book.ladder.steps) if step.approval is not None}
    return [sorted(steps.items()), sorted((offer.id, offer.authority) for offer in book.relief if offer.authority)]


def _templates(book: RuleBook) -> Any:
    """What is said to people: the template and the tone of each step, and what the templates say."""
    steps = (*book.reminders, *book.ladder.steps)
    named = sorted((step.id, step.template, step.tone) for step in steps if step.template or step.tone)
    return [named, book.templates] if book.templates else named


SECTIONS: Mapping[str, Callable[[RuleBook], Any]] = {
    "in_force": lambda book: (book.since, book.until) if book.since or book.until else (),
    "applies": lambda book: (book.applies, book.track) if book.applies is not None else (),
    "late_fee": lambda book: book.late_fees,
    "payments": lambda book: (book.payments,),
    "items": lambda book: book.chased,
    "facts": lambda book: book.facts,
    "tables": lambda book: book.tables,
    "contact": lambda book: (book.contact,),
    "reminders": lambda book: book.reminders,
    "promises": lambda book: (book.promises,),
    "pauses": lambda book: book.pauses,
    "ladder": lambda book: (book.ladder,) if book.ladder.steps else (),
    "relief": lambda book: book.relief,
    "incentives": lambda book: book.incentives.rows and (book.incentives,),
    "targets": lambda book: book.targets,
    "actions": lambda book: book.actions,
    "declined": lambda book: book.declined,
    "approval": _approvals,
    "templates": _templates,
}
"""What a folder may ask a second signature under (`sign_by`), and what of a book that is; empty where it has none."""


def section_digest(book: RuleBook, section: str) -> str:
    """The digest of what a book says under a section; empty where it says nothing there."""
    part = SECTIONS[section](book)
    return digest(part) if any(part) else ""
