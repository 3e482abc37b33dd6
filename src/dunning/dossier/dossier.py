"""All that people read before a change of rules is signed, gathered: one record, from which the document is made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date

from dunning.basis.finding import Finding, Lang
from dunning.check.run import check
from dunning.compare.diff import diff
from dunning.compare.difference import Compared, Difference
from dunning.compare.ground import called
from dunning.compare.news import news
from dunning.dossier.households import Households, Tick, look
from dunning.dossier.legal import Legal, legal, once
from dunning.dossier.played import Played, played
from dunning.dossier.tried import Cases, tried
from dunning.intake.groups import Group
from dunning.lang.folder import resolve
from dunning.lang.library import Library
from dunning.lang.signatures import SignBy
from dunning.lang.words.fingerprints import ORDER, SECTIONS, Meaning, fingerprints, section_digest
from dunning.lang.words.meaning import digest
from dunning.model.account import Account
from dunning.model.action import Role
from dunning.output.record.batch import read_rules


@dataclass(frozen=True, slots=True, kw_only=True)
class ToSign:
    """One signature the new rules need: under the whole of a book or law file (`section` empty), or a second signer's
    under a section of a book.

    `there`: a signature is there and still holds; `changed`: what it is under is not what it was.
    """

    of: Meaning
    digest: str
    there: bool
    changed: bool
    section: str = ""
    role: Role | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dossier:
    """What the document says, apart from words.

    `findings` are all of `check` of the new rules; their news and the portfolio's sums stand in `difference`.
    `player` is the household that was played forward: a number of the portfolio, None for one drawn up, 0 for nobody.
    """

    difference: Difference
    households: Households
    legal: Legal
    cases: Cases
    findings: tuple[Finding, ...]
    played: tuple[Played, ...]
    player: int | None
    to_sign: tuple[ToSign, ...]

    @property
    def on(self) -> date:
        return self.difference.on


def gather(
    old: str, new: str, portfolio: Iterable[Group], *, on: date, lang: Lang = "zh", tick: Tick | None = None
) -> Dossier:
    """Everything about the change from `old` to `new` (names, files or folders as anywhere), and what it does on that
    day to a portfolio. RulesError, UsageError as for loading; `tick` is told how many households are done.
    """
    before, after = read_rules(old, draft=True), read_rules(new, draft=True)
    found = check(new)
    fresh, gone = news(check(old), found)
    households = look(portfolio, before, after, on=on, lang=lang, tick=tick)
    difference = replace(diff(before, after, on=on), new_findings=fresh, gone_findings=gone, impact=households.impact)
    clauses = [change.clause for _, change in once(difference)]
    account, player = _player(difference, households)
    return Dossier(
        difference=difference,
        households=households,
        legal=legal(difference),
        cases=tried(old, new, before, after, clauses, on=on),
        findings=tuple(found),
        played=() if account is None else played(account, before, after, on=on),
        player=player,
        to_sign=tuple(_to_sign(difference, Library.around(resolve(new)).settings().sign_by)),
    )


def _player(difference: Difference, households: Households) -> tuple[Account | None, int | None]:
    """The household to play forward: the first of those looked at, else one that was drawn up to show a change."""
    if households.samples:
        first = households.samples[0]
        return first.account, first.number
    shown = (move.witness for change in difference.changes for move in change.moves)
    drawn = next((witness for witness in shown if witness is not None), None)
    return (None, 0) if drawn is None else (drawn.account, None)


# Signatures


def _to_sign(difference: Difference, sign_by: SignBy) -> Iterator[ToSign]:
    """Of every book whose meaning or law changed: the whole, then each section a second signer is asked for; then the
    law files that changed.
    """
    for compared in difference.books:
        book = compared.new
        if book is None or not _other(compared):
            continue
        seen = book.reviewed
        holds = seen is not None and seen.digest == book.meaning
        changed = compared.old is None or compared.old.meaning != book.meaning
        yield ToSign(of=book, digest=book.meaning, there=holds, changed=changed)
        missing = {(lack.section, lack.role) for lack in book.lacking}
        for section, roles in sign_by.items():
            now = section_digest(book, section)
            was = "" if compared.old is None else section_digest(compared.old, section)
            for role in roles if now else ():
                there = (section, role) not in missing
                yield ToSign(of=book, digest=now, there=there, changed=now != was, section=section, role=role)

    other = {change.clause for change in difference.ground}
    books = (compared.new for compared in difference.books if compared.new is not None)
    packs = {f"law.{called(pack)}": pack for book in books for pack in book.laws}
    for clause, pack in packs.items():
        if clause in other:
            yield ToSign(of=pack, digest=pack.digest, there=pack.signed, changed=True)


def _other(compared: Compared) -> bool:
    """Whether a signature under the old book does not hold for the new."""
    old, new = compared.old, compared.new
    return old is None or new is None or (old.meaning, old.law_digest) != (new.meaning, new.law_digest)


def changed_sections(compared: Compared) -> tuple[str, ...]:
    """The sections of a book that say something else, as `dunning sign --section` names them."""
    old, new = compared.old, compared.new
    if old is None or new is None:
        return ()
    return tuple(name for name in SECTIONS if section_digest(old, name) != section_digest(new, name))


def rest_digest(compared: Compared) -> str:
    """One digest over every clause of a book that is as it was; empty where there is none."""
    if compared.new is None or not compared.same:
        return ""
    said = fingerprints(compared.new)
    return digest({name: said[name] for name in compared.same if name in said and not name.startswith(ORDER)})
