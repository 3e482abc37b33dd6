"""Parts 1, 2 and 8: the clauses that changed, old beside new; whose answers change; and what is as it was."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from dunning.basis.finding import Text
from dunning.compare.difference import Change, Compared, Difference, Move
from dunning.compare.page import HOW
from dunning.compare.steps import SECTIONS
from dunning.compare.told import GROUND, MORE, NO_DIFFERENCE, UNDECIDED, WORDING, versions
from dunning.dossier.blocks import Block, Bullets, Cell, Grid, Heading, Paragraph
from dunning.dossier.dossier import rest_digest
from dunning.dossier.say import Say
from dunning.output.exchange import place_in_pack
from dunning.output.phrases import label

_NO_WITNESS = Text("没有造出这样的户, 只按事实推算", "no household like that was found: facts only")
_NOBODY = Text("没有哪一户的结果因此改变", "no household's answer changes by it")


class Clauses:
    """Tells a difference clause by clause; a change that a base and the books on it share is told once."""

    def __init__(self, difference: Difference, say: Say) -> None:
        self.difference = difference
        self.say = say
        self.numbered = list(_numbered(difference))

    # Part 1

    def changed(self) -> Iterator[Block]:
        """Every clause that says something else, as it was and as it is; then, apart, what only reads otherwise."""
        if not self.difference:
            yield Paragraph(self.say.text(NO_DIFFERENCE), "strong")
        for compared in self.difference.books:
            if compared.old is None or compared.new is None:
                gone = compared.new is None
                name = self.name(compared)
                yield Paragraph(
                    self.say(f"删去的规则书: {name}", f"book removed: {name}")
                    if gone
                    else self.say(f"新的规则书: {name}", f"new book: {name}"),
                    "old" if gone else "new",
                )
            elif compared.changes or compared.wording:
                yield from self._book(compared)
        if self.difference.ground or self.difference.ground_wording:
            yield Heading(self.say.text(GROUND), 2)
            for number, change in self.numbered:
                if change in self.difference.ground:
                    yield from self._change(number, change)
            yield from self._wording(self.difference.ground_wording)

    def name(self, compared: Compared) -> str:
        return self.say(f"{compared.title.zh} ({compared.name})", compared.name)

    def _book(self, compared: Compared) -> Iterator[Block]:
        assert compared.old is not None
        assert compared.new is not None
        yield Heading(f"{self.name(compared)}  {versions(compared.old, compared.new)}", 2)
        elsewhere: dict[str, list[str]] = {}
        follow = []
        for change in compared.changes:
            number = next((number for number, each in self.numbered if each is change), 0)
            if number and change.how == "follows":
                follow.append((number, change))
            elif number:
                yield from self._change(number, change)
            else:
                first = next(n for n, each in self.numbered if each.told_once == change.told_once)
                elsewhere.setdefault(self.say.text(change.title), []).append(str(first))
        if follow:
            heads = (
                self.say("条款", "clause"),
                self.say("随哪里变", "with"),
                self.say("变的是", "what is taken from there"),
            )
            rows = tuple(self._follows(number, change) for number, change in follow)
            yield Grid(
                heads, rows, (46, 24, 30), self.say("写法没改, 随别处变", "written as before, changed with others")
            )
        if elsewhere:
            told = self.say.listed(f"{title} (→ {', '.join(numbers)})" for title, numbers in elsewhere.items())
            yield Paragraph(
                self.say(f"随所依据的规则书一同改变: {told}", f"changed with the book it stands on: {told}"), "quiet"
            )
        yield from self._wording(compared.wording)

    def _change(self, number: int, change: Change) -> Iterator[Block]:
        yield Heading(f"{number}. {self.say.text(HOW[change.how])}: {self.say.text(change.title)}", 3)
        at = [
            (word, place)
            for word, place in ((self.say("旧", "old"), change.old_at), (self.say("新", "new"), change.new_at))
            if place
        ]
        if at:
            told = "   ".join(f"{word} {place_in_pack(place)}" for word, place in at)
            yield Paragraph(f"{change.clause}   {told}", "quiet")
        heads = ("", self.say("旧", "old"), self.say("新", "new"))
        rows = tuple(
            (Cell(self.say.text(part.what), "strong"), self._side(part.old, "old"), self._side(part.new, "new"))
            for part in change.parts
        )
        if rows:
            yield Grid(heads, rows, (18, 41, 41))
        if change.undecided:
            yield Paragraph(self.say.text(UNDECIDED), "mark")

    def _follows(self, number: int, change: Change) -> tuple[Cell, ...]:
        parts = [self.say.text(part.what) for part in change.parts if part.new.zh or part.old.zh]
        told = parts or [self.say("对谁做", "whom it is done to")]
        because = self.say.listed(self.say.text(each) for each in change.because)
        undecided = f"\n{self.say.text(UNDECIDED)}" if change.undecided else ""
        title = f"{number}. {self.say.text(change.title)}"
        return Cell(title), Cell(because), Cell(self.say.listed(told) + undecided)

    def _side(self, text: Text, tone: str) -> Cell:
        said = self.say.text(text)
        return Cell(said, "old" if tone == "old" else "new") if said else Cell("—", "quiet")

    def _wording(self, changes: Iterable[Change]) -> Iterator[Block]:
        items = []
        for change in changes:
            what = dict.fromkeys(self.say.text(part.what) for part in change.parts)
            items.append(f"{self.say.text(change.title)}: {self.say.listed(what)}")
        if items:
            yield Paragraph(self.say.text(WORDING), "strong")
            yield Bullets(tuple(items))

    # Part 2

    def moved(self) -> Iterator[Block]:
        """For each change the households whose answer changes: the region, old and new, and one that was run."""
        if not self.numbered:
            yield Paragraph(self.say.text(NO_DIFFERENCE))
        quiet = []
        for number, change in self.numbered:
            title = f"{number}. {self.say.text(change.title)}"
            if not change.moves:
                quiet.append(str(number))
                continue
            yield Heading(title, 3)
            heads = (
                self.say("哪些户", "which households"), self.say("旧", "old"), self.say("新", "new"),
                self.say("例 (试算过的一户)", "one that was run"),
            )  # fmt: skip
            yield Grid(heads, tuple(self._move(move) for move in change.moves), (26, 14, 14, 46))
        if quiet:
            told = ", ".join(quiet)
            yield Paragraph(f"{told}: {self.say.text(_NOBODY)}", "quiet")

    def _move(self, move: Move) -> tuple[Cell, ...]:
        since = self.say(f"\n自 {move.since} 起", f"\nfrom {move.since}") if move.since else ""
        more = f"\n{self.say.text(MORE)}" if move.more else ""
        shows = move.witness
        if shows is None:
            sample = Cell(self.say.text(_NO_WITNESS), "quiet")
        else:
            run = self.say(f"{shows.on} 试算", f"run on {shows.on}")
            old, new = self.say("旧", "old"), self.say("新", "new")
            told = [
                f"{self.say.text(shows.like)} ({run})",
                f"{old}: {self.say.text(shows.old)}",
                f"{new}: {self.say.text(shows.new)}",
            ]
            sample = Cell("\n".join(told))
        where = Cell(f"{self.say.text(move.where)}{since}{more}")
        return where, Cell(self.say.text(move.old), "old"), Cell(self.say.text(move.new), "new"), sample

    # Part 8

    def unchanged(self) -> Iterator[Block]:
        """What is as it was, with one digest over it."""
        same = [compared for compared in self.difference.books if compared.same]
        heads = (
            self.say("规则书", "book"), self.say("条款数", "clauses"), self.say("它们的摘要", "digest over them"),
        )  # fmt: skip
        rows = (
            (Cell(self.name(each), "strong"), Cell(str(len(each.same)), number=True), Cell(rest_digest(each)))
            for each in same
        )
        yield Grid(heads, tuple(rows), (34, 10, 56))
        for compared in same:
            by: dict[str, list[str]] = {}
            for clause in compared.same:
                section, _, name = clause.rpartition(".")
                by.setdefault(section, []).append(self._named(compared, section, name))
            told = (f"{self._section(section)}{self.say.listed(names)}" for section, names in by.items())
            yield Paragraph(f"{self.say.text(compared.title)}: {'; '.join(told)}", "quiet")

    def _named(self, compared: Compared, section: str, name: str) -> str:
        """A clause without its section: for Chinese readers by its title."""
        book = compared.new
        if self.say.lang == "en" or book is None:
            return name
        of: object = label(name) if not section else book.step(name)
        of = getattr(book, section, {}).get(name) if section in ("tables", "facts", "templates", "actions") else of
        title = getattr(of, "title", "") or (of if isinstance(of, Text) else "")
        return (title.zh if isinstance(title, Text) else str(title)) or name

    def _section(self, section: str) -> str:
        if not section:
            return ""
        told = self.say.text(SECTIONS.get(section, label(section)))
        return f"{told} "


def _numbered(difference: Difference) -> Iterator[tuple[int, Change]]:
    """Every change once, with its number in the document."""
    seen = set()
    number = 0
    for change in difference.changes:
        if change.told_once not in seen:
            seen.add(change.told_once)
            number += 1
            yield number, change
