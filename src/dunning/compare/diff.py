"""`diff`: what changed in meaning from one version of the rules to another, with households that show it.

Books are held against each other by name; two single books always are, whatever their names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from itertools import zip_longest

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.compare import clauses
from dunning.compare.clauses import Found
from dunning.compare.difference import Change, Compared, Difference
from dunning.compare.ground import compare_ground
from dunning.compare.impact import Impact, pairs
from dunning.compare.parts import Sides
from dunning.compare.steps import Steps
from dunning.compare.tables import Tables
from dunning.compare.witnesses import Trial
from dunning.engine.assess import Rules
from dunning.intake.groups import Group
from dunning.lang.words.fingerprints import ORDER, fingerprints
from dunning.model.rulebook import RuleBook
from dunning.output.phrases import Phrases


def diff(old: Rules, new: Rules, *, on: date, portfolio: Iterable[Group] | None = None) -> Difference:
    """What differs between two rule books, or two folders of them; true if anything does in meaning.

    `on` is the day on which answers are compared and households assessed; dated values are compared on all their days.
    Layout, comments, the language of keys, titles, sources and rows whose order decides nothing are no differences:
    what of it there is stands under `wording`. With a `portfolio` its groups are assessed under both (`impact`).
    UsageError for rules not loaded, or an `on` that is no date.
    """
    if type(on) is not date:
        raise UsageError(Text(f"on 要是日期 (datetime.date), 不能是 {on!r}", f"`on` is a datetime.date, not {on!r}"))
    before, after = _books(old), _books(new)
    versions = [(before[0], after[0])] if len(before) == len(after) == 1 else list(_paired(before, after))
    ground = list(compare_ground(before, after))
    return Difference(
        on=on,
        books=tuple(_compared(*pair, on) for pair in versions),
        ground=tuple(change for change, meant in ground if meant),
        ground_wording=tuple(change for change, meant in ground if not meant),
        impact=None if portfolio is None else Impact.of(pairs(portfolio, old, new, on=on)),
    )


def _books(rules: Rules) -> list[RuleBook]:
    if isinstance(rules, RuleBook):
        return [rules]
    if not hasattr(rules, "books"):
        wanted = Text("规则要先用 dunning.load 或 load_folder 装入", "load rules first: dunning.load or load_folder")
        raise UsageError(wanted.joined(Text(f": {rules!r:.40}", f": {rules!r:.40}")))
    return list(rules.books)


Pair = tuple[RuleBook | None, RuleBook | None]


def _paired(old: Sequence[RuleBook], new: Sequence[RuleBook]) -> Iterator[Pair]:
    """Bases first, by name and community; of versions side by side those of one number, then in the order of days."""
    bases_first = sorted((*new, *old), key=lambda book: book.applies is not None)
    for key in dict.fromkeys(map(_name, bases_first)):
        mine, theirs = ([book for book in books if _name(book) == key] for books in (old, new))
        for book in list(mine):
            same = next((other for other in theirs if other.version == book.version), None)
            if same is not None:
                yield book, same
                mine.remove(book)
                theirs.remove(same)
        yield from zip_longest(_by_day(mine), _by_day(theirs))


def _name(book: RuleBook) -> tuple[str, str]:
    return book.name, book.community


def _by_day(books: Iterable[RuleBook]) -> list[RuleBook]:
    return sorted(books, key=lambda book: (book.since or date.min, book.until or date.max))


def _compared(old: RuleBook | None, new: RuleBook | None, on: date) -> Compared:
    book = new or old
    assert book is not None  # one of a pair
    name, title = book.name, Text(book.title, book.name)
    if old is None or new is None:
        return Compared(name=name, title=title, old=old, new=new)
    found = list(_found(old, new, on))
    changes = tuple(change for change, meant in found if meant)
    wording = tuple(change for change, meant in found if not meant)
    same = _clauses(new, [*changes, *wording])
    return Compared(name=name, title=title, old=old, new=new, changes=changes, wording=wording, same=same)


def _clauses(book: RuleBook, but: Iterable[Change]) -> tuple[str, ...]:
    """The clauses of a book that are as they were."""
    changed = {change.clause for change in but}
    return tuple(name for name in fingerprints(book) if not name.startswith(ORDER) and name not in changed)


def _found(old: RuleBook, new: RuleBook, on: date) -> Iterator[Found]:
    """Every clause that differs, in the order a book is read."""
    trial, sides = Trial.of(old, new, on), Sides(Phrases(old), Phrases(new))
    renamed = {one.name: one.now for one in new.retired if one.now}
    yield from clauses.head(old, new, sides)
    yield from clauses.money(trial, old, new, sides)
    yield from clauses.facts(old, new, sides)
    tables = Tables(trial, sides, renamed)
    yield from tables.compared()
    yield from clauses.limits(trial, old, new, sides)
    yield from Steps(trial, sides, "reminders", old.reminders, new.reminders, renamed, tables.moved).compared()
    rungs = old.ladder.steps, new.ladder.steps
    yield from Steps(trial, sides, "ladder.steps", *rungs, renamed, tables.moved).compared()
    yield from clauses.ladder(trial, old, new, sides)
    yield from clauses.lists(old, new, sides)
    yield from clauses.relief(old, new, sides)
    yield from clauses.named("actions", old.actions, new.actions, sides)
    yield from clauses.named("templates", old.templates, new.templates, sides)
