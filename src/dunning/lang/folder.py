"""A rules folder: packs with their bases, law and calendar, found by name or path, and the one book for an account.

Rules travel in the wheel as `dunning/rules` and stand beside `src` in a checkout; one resolver finds both.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from dunning.basis.calendar import Calendar
from dunning.basis.errors import RulesError, UsageError
from dunning.basis.finding import Finding, Text, has_errors, in_order
from dunning.basis.span import Entry
from dunning.engine.assess import applies, not_told, undecided
from dunning.lang.library import Library, Settings, calendar_of, shipped
from dunning.lang.signatures import SignBy, unsigned_use
from dunning.lang.text.names import did_you_mean, nearest
from dunning.model.account import Account
from dunning.model.condition import facts_of
from dunning.model.rulebook import RuleBook


def shipped_packs() -> list[str]:
    """The names of the packs that come with this package, sorted."""
    return sorted(path.stem for path in (shipped() / "packs").glob("*.yaml"))


def is_shipped_name(name: str) -> bool:
    """Whether a name means a pack that comes with this package, and not a file of that name."""
    return name in shipped_packs() and not Path(name).is_file()


def resolve(name_or_path: str | Path) -> Path:
    """The file or folder meant: a path that exists, or the name of a shipped pack. UsageError with the nearest name."""
    path, name = Path(name_or_path), str(name_or_path)
    packs = shipped_packs()
    if is_shipped_name(name):
        return shipped() / "packs" / f"{name}.yaml"
    if path.exists():
        return path
    guess = nearest(name, packs)
    known = Text(f"; 随附的规则书: {'、'.join(packs)}", f"; shipped packs are {', '.join(packs)}")
    what = Text(f"“{name}”不是文件、文件夹, 也不是随附规则书的名字", f"`{name}` is no file, folder or shipped pack")
    raise UsageError(what.joined(did_you_mean(guess) if guess else known))


def load(name_or_path: str | Path, *, draft: bool = False) -> RuleBook:
    """The book in a file, or of a shipped name. RulesError with all its findings; UsageError if there is no file.

    `draft`: to look at and try out only, so that it need not be signed where its folder asks for signatures.
    """
    path = resolve(name_or_path)
    if path.is_dir():
        zh, en = (
            f"“{name_or_path}”是文件夹, 这里要一个规则书文件",
            f"`{name_or_path}` is a folder; one rule file is wanted",
        )
        raise UsageError(Text(zh, en))
    library = Library.around(path)
    reading = library.book(path)
    findings = (*reading.findings, *library.findings_of_ground())
    if reading.book is None or has_errors(findings):
        raise RulesError(in_order(findings))
    if not draft:
        _refuse_unsigned(library, library.settings(), [reading.book])
    return reading.book


def load_folder(name_or_path: str | Path | None = None, *, draft: bool = False) -> RuleFolder:
    """Every book of a folder (the shipped one if none is named). RulesError with all findings of all its files.

    `draft` as for `load`.
    """
    path = shipped() if name_or_path is None else resolve(name_or_path)
    if not path.is_dir():
        return RuleFolder((load(path, draft=draft),), path)
    library = Library.around(path)
    settings = library.settings()
    books, findings = read_folder(library, path)
    if has_errors(findings):
        raise RulesError(in_order(findings))
    if not books:
        raise UsageError(Text(f"“{path}”里没有规则书", f"there is no rule book in `{path}`"))
    if not draft:
        _refuse_unsigned(library, settings, books)
    return RuleFolder(tuple(books), path, settings.require_signed, settings.sign_by, tuple(in_order(findings)))


def _refuse_unsigned(library: Library, settings: Settings, books: Iterable[RuleBook]) -> None:
    """RulesError with every book that would have to be signed to be used."""
    if settings.require_signed:
        refused = [found for book in books if (found := unsigned_use(book)) is not None]
        if refused:
            raise RulesError(in_order(library.with_lines(refused)))


def read_folder(library: Library, path: Path) -> tuple[list[RuleBook], list[Finding]]:
    """The books of a folder that can be read, and every finding of it, versions and tracks included."""
    readings = [library.book(file) for file in library.book_files(path)]
    books = [reading.book for reading in readings if reading.book is not None]
    findings = [found for reading in readings for found in reading.findings]
    findings += library.findings_of_ground()
    findings += versions_side_by_side(books)
    return books, findings


def read_calendar(path: str | Path | None = None) -> Calendar:
    """The calendar of a file, or the shipped one. RulesError with every finding of the file."""
    calendar, findings = calendar_of(Path(path) if path else shipped() / "calendars" / "cn.yaml")
    if has_errors(findings):
        raise RulesError(in_order(findings))
    return calendar


# Versions


def versions_side_by_side(books: Iterable[RuleBook]) -> list[Finding]:
    """Two versions of one book in force on one day, and days between two versions on which none is."""
    by_name: dict[str, list[RuleBook]] = {}
    for book in books:
        by_name.setdefault(book.name, []).append(book)
    findings = []
    for versions in by_name.values():
        versions.sort(key=lambda book: (book.since or date.min, book.until or date.max))
        for one, next_one in pairwise(versions):
            findings += _joint(one, next_one)
    return findings


def _joint(one: RuleBook, other: RuleBook) -> list[Finding]:
    until, since = one.until or date.max, other.since or date.min
    args = {"name": one.name, "one": one.version or one.file, "other": other.version or other.file}
    at, there = other.at, one.at
    related = ((there, Text("前一版在这里", "the version before is here")),) if there else ()
    if since <= until:
        return [Finding("R410", at, {**args, "day": other.since or one.since or ""}, related=related)]
    if since > until + timedelta(days=1):
        first, last = until + timedelta(days=1), since - timedelta(days=1)
        return [Finding("R411", at, {**args, "first": first, "last": last}, related=related)]
    return []


# The book of an account


_STANDING: Mapping[str, Callable[[Account], Hashable]] = {
    "use": lambda account: account.use,
    "community": lambda account: account.community,
    "place": lambda account: account.place,
    "occupancy": lambda account: account.occupancy,
    "area": lambda account: account.area,
    "debtor_kind": lambda account: account.debtor.kind,
    "debtor_role": lambda account: account.debtor.role,
    "tags": lambda account: account.debtor.tags,
    "contract_kind": lambda account: account.contracts,
}
"""What of an account the facts that `applies` may read are made from."""
_REMEMBERED = 10_000


@dataclass(frozen=True, slots=True, eq=False)
class RuleFolder:
    """The books of a folder. `require_signed` and `sign_by` (section -> roles) are what rules/folder.yaml asks for."""

    books: tuple[RuleBook, ...]
    path: Path
    require_signed: bool = False
    sign_by: SignBy = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    _reads: tuple[Callable[[Account], Hashable], ...] = field(init=False, repr=False)
    _chosen: dict[Hashable, RuleBook | None] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_reads", _read_by(self.books))

    def __reduce__(self) -> tuple[Any, ...]:
        return RuleFolder, (self.books, self.path, self.require_signed, self.sign_by, self.findings)

    def book_for(self, account: Account, on: date) -> RuleBook | Finding | None:
        """The one book for an account on a day; None if none applies; a finding if it cannot be told, or two apply.

        A community's file takes the place of the pack it is based on, a track that of the book named in its `then`.
        """
        key = (on, *[read(account) for read in self._reads])
        if key in self._chosen:
            return self._chosen[key]
        candidates = [book for book in self.books if not book.community or book.community == account.community]
        fits = [(book, applies(book, account, on)) for book in candidates]
        left = _after_replacing([book for book, holds in fits if holds])
        if len(left) > 1:
            names = "、".join(f"{book.name} ({book.file})" for book in left)
            return Finding("R412", Entry(account.company, account.id), {"names": names})
        if not left:
            open_facts = [fact for book, holds in fits if holds is None for fact in undecided(book, account, on)]
            if open_facts:
                return not_told(account, tuple(dict.fromkeys(open_facts)))
        chosen = left[0] if left else None
        if len(self._chosen) < _REMEMBERED:
            self._chosen[key] = chosen
        return chosen


def _read_by(books: Sequence[RuleBook]) -> tuple[Callable[[Account], Hashable], ...]:
    """What of an account decides among these books: accounts that agree on it stand under the same one."""
    reads: dict[str, Callable[[Account], Hashable]] = {"unknown": lambda account: account.unknown}
    for book in books:
        for fact in facts_of(book.applies) if book.applies is not None else ():
            reads[fact] = _STANDING.get(fact) or _attribute(book.facts[fact].key)
        if book.track is not None:
            reads["handed_over"] = lambda account: account.handed_over
    return tuple(reads.values())


def _attribute(key: str) -> Callable[[Account], Hashable]:
    return lambda account: account.attributes.get(key)


def _after_replacing(applying: Sequence[RuleBook]) -> list[RuleBook]:
    """Without the packs that a community's file or a track takes the place of."""
    followed = {book.track.then for book in applying if book.track is not None}
    based = {book.based_on for book in applying if book.community}
    return [
        book
        for book in applying
        if book.track is not None
        or not (book.name in followed or book.name in based or (book.community and book.based_on in followed))
    ]
