"""Steps a book had and has no longer, without a word of what became of them: households may stand on them.

A step by another name is another step: whoever stands on it would begin anew, and nobody could say whether it was done.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import pairwise

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Span
from dunning.engine.assess import Rules, assess
from dunning.engine.law.refusal import pointing_at
from dunning.engine.steps.ready import made_ready
from dunning.lang.text.names import nearest
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Step

Stood = Mapping[tuple[str, str], int]
"""By the file of a book and a step it does not know: how many households stand on that."""


def stood_on(accounts: Iterable[Account], rules: Rules, on: date) -> Stood:
    """The households on that day whose present debt was dunned under a step their book has under no name."""
    found: Counter[tuple[str, str]] = Counter()
    for account in accounts:
        result = assess(account, rules, on=on)
        if result.book is not None:
            steps = {each.args["step"] for each in result.findings if each.code == "A802"}
            found.update((result.book.file, step) for step in steps)
    return found


def lost(books: Sequence[RuleBook], stood: Stood | None = None) -> Iterator[Finding]:
    """Steps of a version that the next has under no name; then those that households stand on and no version has.

    `stood`: how many do (None: nobody has looked).
    """
    told: set[tuple[str, str]] = set()
    for before, after in _versions(books):
        retired = {each.name for each in after.retired}
        for step in (*before.reminders, *before.ladder.steps):
            if step.id not in made_ready(after).steps and step.id not in retired:
                told.add((after.file, step.id))
                title = Text(f"({step.title.zh}) ", f" ({step.title.en})")
                yield _gone(after, step.id, title, stood, step, before)
    for file, name in stood or ():
        book = next((each for each in books if each.file == file), None)
        if book is not None and (file, name) not in told:
            yield _gone(book, name, Text("", ""), stood)


def _versions(books: Iterable[RuleBook]) -> Iterator[tuple[RuleBook, RuleBook]]:
    """Each version of a book with the next."""
    by_name: dict[str, list[RuleBook]] = {}
    for book in books:
        by_name.setdefault(book.name, []).append(book)
    for versions in by_name.values():
        yield from pairwise(sorted(versions, key=lambda book: book.since or date.min))


def _gone(
    book: RuleBook,
    name: str,
    title: Text,
    stood: Stood | None,
    step: Step | None = None,
    before: RuleBook | None = None,
) -> Finding:
    count = 0 if stood is None else stood.get((book.file, name), 0)
    standing = Text("", "")
    if stood is not None:
        standing = Text(f", 有 {count} 户正做到这一步", f", households that stand on it: {count}")
    now = "" if step is None or before is None else _successor(step, book, before)
    fix = f"renamed: {{{name}: {now}}}" if now else ""
    related = (
        () if step is None else pointing_at(step.at, Text("前一版的这一步在这里", "the step in the version before"))
    )
    args = {"step": name, "title": title, "standing": standing}
    return Finding("E602", _place(book, step, before), args, fix, related)


def _place(book: RuleBook, step: Step | None, before: RuleBook | None) -> Span | None:
    """The ladder, for a rung; else the book."""
    rung = step is None or before is None or step in before.ladder.steps
    own = book.ladder.at is not None and book.ladder.at.file == book.file
    return book.ladder.at if rung and own else book.at


def _successor(step: Step, book: RuleBook, before: RuleBook) -> str:
    """The new step it may be called now: of the same title, or of the nearest name."""
    new = [each for each in (*book.reminders, *book.ladder.steps) if before.step(each.id) is None]
    same = next((each.id for each in new if each.title == step.title), None)
    return same or nearest(step.id, [each.id for each in new]) or ""
