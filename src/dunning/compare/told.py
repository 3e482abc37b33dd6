"""A difference as lines for a screen, and as data for other programs.

The lines carry what they are, so that a terminal can colour them; the data has the same in the same order.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from itertools import dropwhile
from typing import Any, Literal, NamedTuple

from dunning.basis.finding import Lang, Text
from dunning.basis.span import Span
from dunning.compare.difference import Change, Compared, Difference, How, Move, Part, Witness
from dunning.compare.impact import Impact
from dunning.compare.impact_told import HEADLINE, Told, grid, impact_dict
from dunning.compare.names import Names
from dunning.model.rulebook import RuleBook
from dunning.output.exchange import place_in_pack
from dunning.output.phrases import joined
from dunning.output.screens import findings_json

Kind = Literal["book", "added", "removed", "changed", "moved", "follows", "old", "new", "label", "plain", "quiet"]


class Line(NamedTuple):
    """One line of the screen, and what it is."""

    kind: Kind
    text: str


MARKS: Mapping[How, Text] = {
    "added": Text("加", "added  "),
    "removed": Text("删", "removed"),
    "changed": Text("改", "changed"),
    "moved": Text("换次序", "moved  "),
    "follows": Text("随着变", "follows"),
}
NO_DIFFERENCE = Text("意思没有不同", "no differences in meaning")
WORDING = Text("只改了写法, 结果不变", "only worded otherwise: no answer changes")
GROUND = Text("法规和日历", "law and calendar")
UNDECIDED = Text("表太大, 没能逐户比完: 请看改了的行", "the table is too large to be looked through: see its rows")
MORE = Text("还有别的户也这样变", "there are others of whom the same is true")
MOVES = Text("结果会变的户", "households whose answer changes")
_FACTS_ONLY = Text("没有造出这样的户, 只按事实推算", "no household like that was found: facts only")


def difference_text(difference: Difference, *, lang: Lang = "zh") -> str:
    """The whole difference as text."""
    return "\n".join(line.text for line in lines(difference, lang)) + "\n"


def lines(difference: Difference, lang: Lang) -> Iterator[Line]:
    """The whole difference line by line."""
    return dropwhile(lambda line: not line.text, _Teller(lang).difference(difference))


class _Teller:
    def __init__(self, lang: Lang) -> None:
        self.lang: Lang = lang
        self.already: dict[Hashable, Text] = {}

    def say(self, zh: str, en: str) -> str:
        return Text(zh, en).to(self.lang)

    def difference(self, difference: Difference) -> Iterator[Line]:
        if not difference:
            yield Line("book", NO_DIFFERENCE.to(self.lang))
        for book in difference.books:
            if book or book.wording:
                yield from self.book(book)
        if difference.ground or difference.ground_wording:
            yield Line("plain", "")
            yield Line("book", GROUND.to(self.lang))
            yield from self.changes(difference.ground)
            yield from self.wording(difference.ground_wording)

        yield from self.findings(difference)
        if difference.impact is not None:
            yield from self.impact(difference.impact, Names(difference))

    def findings(self, difference: Difference) -> Iterator[Line]:
        for findings, kind, said in (
            (difference.new_findings, "added", self.say("检查新发现的", "new findings of check")),
            (difference.gone_findings, "removed", self.say("检查不再发现的", "findings that are gone")),
        ):
            if findings:
                yield Line("plain", "")
                yield Line("book", said)
                for finding in findings:
                    yield Line(kind, f"  {finding.at or ''} [{finding.code}] {finding.message(self.lang)}")  # type: ignore[arg-type]

    def impact(self, impact: Impact, names: Names) -> Iterator[Line]:
        yield Line("plain", "")
        yield Line("book", HEADLINE.to(self.lang))
        for sheet, below in Told(impact, names, self.lang).sheets():
            yield Line("plain", "")
            yield Line("label", f"  {sheet.title}")
            yield from (Line("plain", f"    {row}") for row in grid(sheet))
            yield from (Line("quiet", f"    {line}") for line in below)
            if sheet.note:
                yield Line("quiet", f"    {sheet.note}")

    def book(self, book: Compared) -> Iterator[Line]:
        title = self.say(f"{book.title.zh} ({book.name})", book.name)
        yield Line("plain", "")
        if book.old is None or book.new is None:
            gone = self.say("删去的规则书", "book removed") if book.new is None else self.say("新的规则书", "new book")
            yield Line("removed" if book.new is None else "added", f"{gone}: {title}")
            return
        counts = self.say(
            f"{len(book.changes)} 处意思不同, {len(book.wording)} 处只改写法, {len(book.same)} 处相同",
            f"{len(book.changes)} differ in meaning, {len(book.wording)} in wording, {len(book.same)} are the same",
        )
        yield Line("book", f"{title}  {versions(book.old, book.new)}  {counts}")
        yield from self.again(book.changes, book.title)
        yield from self.wording(book.wording)

    def changes(self, changes: Iterable[Change]) -> Iterator[Line]:
        for change in changes:
            yield Line("plain", "")
            yield from self.change(change)

    def again(self, changes: Iterable[Change], of: Text) -> Iterator[Line]:
        """Changes of one book; what was told of its base is not told once more."""
        for change in changes:
            first = self.already.setdefault(change.told_once, of)
            yield Line("plain", "")
            if first is of:
                yield from self.change(change)
            else:
                same = self.say(f"  (同“{first.zh}”)", f"  (as in {first.en})")
                yield Line(change.how, f"{MARKS[change.how].to(self.lang)}  {change.title.to(self.lang)}{same}")

    def change(self, change: Change) -> Iterator[Line]:
        because = joined(change.because).to(self.lang)
        because = self.say(f"  (随 {because})", f"  (with {because})") if because else ""
        yield Line(change.how, f"{MARKS[change.how].to(self.lang)}  {change.title.to(self.lang)}{because}{_at(change)}")
        for part in change.parts:
            yield from self.part(part)
        if change.undecided:
            yield Line("label", f"    {UNDECIDED.to(self.lang)}")
        if change.moves:
            yield Line("label", f"    {MOVES.to(self.lang)}")
        for move in change.moves:
            yield from self.move(move)

    def part(self, part: Part) -> Iterator[Line]:
        yield Line("label", f"    {part.what.to(self.lang)}")
        for kind, mark, said in (("old", "-", part.old), ("new", "+", part.new)):
            text = said.to(self.lang)
            yield from (Line(kind, f"      {mark} {line}") for line in text.splitlines())  # type: ignore[arg-type]

    def move(self, move: Move) -> Iterator[Line]:
        since = self.say(f" (自 {move.since} 起)", f" (from {move.since})") if move.since else ""
        yield Line("plain", f"      {move.where.to(self.lang)}{since}")
        yield Line("plain", f"        {move.old.to(self.lang)} → {move.new.to(self.lang)}")
        shows = move.witness
        if shows is None:
            yield Line("quiet", f"        {self.say('例', 'e.g.')}  {_FACTS_ONLY.to(self.lang)}")
        else:
            run = self.say(f" ({shows.on} 试算)", f" (run on {shows.on})")
            like = shows.like.to(self.lang)
            yield Line("quiet", f"        {self.say('例', 'e.g.')}  {like}{run}")
            yield Line("old", f"          - {shows.old.to(self.lang)}")
            yield Line("new", f"          + {shows.new.to(self.lang)}")
        if move.more:
            yield Line("quiet", f"        {MORE.to(self.lang)}")

    def wording(self, changes: Iterable[Change]) -> Iterator[Line]:
        told = list(changes)
        if told:
            yield Line("plain", "")
            yield Line("label", WORDING.to(self.lang))
        for change in told:
            what = self.say("、", ", ").join(dict.fromkeys(part.what.to(self.lang) for part in change.parts))
            yield Line("quiet", f"  {change.title.to(self.lang)}: {what}")


def versions(old: RuleBook, new: RuleBook) -> str:
    """2026.1 → 2027.1; one number where it is the same."""
    return old.version if old.version == new.version else f"{old.version} → {new.version}"


def _at(change: Change) -> str:
    at = change.new_at or change.old_at
    return f"  [{place_in_pack(at)}]" if at else ""


# As data


def difference_dict(difference: Difference, *, lang: Lang = "zh") -> dict[str, Any]:
    """The same as plain data with stable keys; texts in the language asked for, days as ISO text."""
    found: dict[str, Any] = {
        "on": difference.on.isoformat(),
        "differs": bool(difference),
        "books": [_book(book, lang) for book in difference.books],
        "ground": [_change(change, lang) for change in difference.ground],
        "ground_wording": [_change(change, lang) for change in difference.ground_wording],
    }
    for name, told in (("new_findings", difference.new_findings), ("gone_findings", difference.gone_findings)):
        if told is not None:
            found[name] = findings_json(told, lang)
    if difference.impact is not None:
        found["impact"] = impact_dict(difference.impact)
    return found


def _book(book: Compared, lang: Lang) -> dict[str, Any]:
    return {
        "name": book.name,
        "title": book.title.to(lang),
        "old": _version(book.old),
        "new": _version(book.new),
        "changes": [_change(change, lang) for change in book.changes],
        "wording": [_change(change, lang) for change in book.wording],
        "same": list(book.same),
    }


def _version(book: RuleBook | None) -> dict[str, Any] | None:
    return None if book is None else {"version": book.version, "file": book.file, "digest": book.digest}


def _change(change: Change, lang: Lang) -> dict[str, Any]:
    return {
        "clause": change.clause,
        "title": change.title.to(lang),
        "how": change.how,
        "because": [title.to(lang) for title in change.because],
        "undecided": change.undecided,
        "old_at": _place(change.old_at),
        "new_at": _place(change.new_at),
        "parts": [{"what": p.what.to(lang), "old": p.old.to(lang), "new": p.new.to(lang)} for p in change.parts],
        "moves": [_move(move, lang) for move in change.moves],
    }


def _place(at: Span | None) -> str | None:
    return None if at is None else str(at)


def _move(move: Move, lang: Lang) -> dict[str, Any]:
    return {
        "where": move.where.to(lang),
        "old": move.old.to(lang),
        "new": move.new.to(lang),
        "since": None if move.since is None else move.since.isoformat(),
        "more": move.more,
        "witness": None if move.witness is None else _witness(move.witness, lang),
    }


def _witness(shows: Witness, lang: Lang) -> dict[str, Any]:
    told = {"like": shows.like.to(lang), "old": shows.old.to(lang), "new": shows.new.to(lang)}
    return {"on": shows.on.isoformat(), **told}
