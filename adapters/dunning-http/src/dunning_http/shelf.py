"""The rules in use: loaded once, shared by all threads, replaced as a whole when the files have changed for the better.

A folder that does not load never replaces one that did. Somebody saving ten files is waited for: what is loaded is what
stood still between two looks, and stands the same after loading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from difflib import get_close_matches
from pathlib import Path
from threading import Lock

import dunning
from dunning import Finding, RuleBook, RuleFolder, Text
from dunning_http.problems import Problem

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
SUFFIXES = (".yaml", ".yml")
USUAL = "residential"
"""The book asked where neither a book nor an account is named, as the command line does."""

State = tuple[tuple[str, int, int, int], ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """An edit that did not load: when it was seen, and every reason."""

    at: datetime
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What is in use, since when."""

    rules: RuleFolder
    at: datetime
    state: State


class Shelf:
    """The rules of a folder; `loaded` is what is in use, `refused` a later edit that was no good."""

    def __init__(self, path: str | None) -> None:
        """Loads them. RulesError, UsageError as `dunning.load_folder` raises: without rules there is no service."""
        self._path = path
        self._root = _root(path)
        self._lock = Lock()
        state = self._state()
        self.loaded = Loaded(dunning.load_folder(path), now(), state)
        self.refused: Refused | None = None
        self._tried = state
        self._last = state

    @property
    def rules(self) -> RuleFolder:
        return self.loaded.rules

    @property
    def folder(self) -> Path:
        """Where the rules lie."""
        return self._root or self.rules.path

    def look(self) -> None:
        """Loads what has changed since the last load, once it has stood still from one look to the next."""
        with self._lock:
            state = self._state()
            still, self._last = state == self._last, state
            if still and state != self._tried:
                self._load(state)

    def reload(self) -> Refused | None:
        """Loads now, changed or not; what was wrong if that is not to be, and then the former rules stay."""
        with self._lock:
            self._load(self._state())
            return self.refused

    def _load(self, state: State) -> None:
        try:
            rules = dunning.load_folder(self._path)
        except dunning.RulesError as error:
            self._refuse(state, error.findings)
        except dunning.UsageError as error:  # the folder is gone, or empty
            self._refuse(state, (Finding("H201", None, {"why": error.message}),))
        else:
            if self._state() == state:  # else somebody is still saving: the next look will see
                self.loaded, self.refused, self._tried = Loaded(rules, now(), state), None, state

    def _refuse(self, state: State, findings: Sequence[Finding]) -> None:
        self.refused, self._tried = Refused(now(), tuple(findings)), state

    def _state(self) -> State:
        """What changes when a rule file does; nothing changes in the rules that come with the package."""
        if self._root is None:
            return ()
        found = []
        for path in sorted(self._root.rglob("*")):
            if path.suffix in SUFFIXES:
                try:
                    seen = path.stat()
                except FileNotFoundError:  # between the listing and the look
                    continue
                found.append((str(path), seen.st_mtime_ns, seen.st_size, seen.st_ino))
        return tuple(found)


def _root(path: str | None) -> Path | None:
    """The folder to watch: of a file, the rules folder it stands in."""
    if path is None or not Path(path).exists():
        return None
    given = Path(path)
    if given.is_dir():
        return given
    return given.parent.parent if given.parent.name in ("packs", "communities") else given.parent


def now() -> datetime:
    return datetime.now(CHINA)


def today() -> date:
    """The day it is in China: what is asked about where nobody names a day."""
    return now().date()


# Which of the rules


def named(rules: RuleFolder, name: str | None, on: date) -> RuleFolder | RuleBook:
    """The book of a name in its version for that day; without a name the folder, which gives each account its book."""
    if name is None:
        return rules
    versions = [book for book in rules.books if book.name == name]
    if not versions:
        raise _no_book(name, rules)
    for book in versions:
        if (book.since or date.min) <= on <= (book.until or date.max):
            return book
    raise Problem("not-here", Text(f"{on} 没有生效的“{name}”", f"no version of `{name}` is in force on {on}"))


def book_of(rules: RuleFolder, name: str | None, account: dunning.Account | None, on: date) -> RuleBook:
    """The one book a question about an action is put to: the one named, the account's, else the residential one."""
    chosen = named(rules, name, on)
    if isinstance(chosen, RuleBook):
        return chosen
    if account is None:
        books = [book for book in rules.books if book.applies is not None]
        usual = named(rules, books[0].name if len(books) == 1 else USUAL, on)
        assert isinstance(usual, RuleBook)
        return usual
    found = rules.book_for(account, on)
    if isinstance(found, Finding):
        told = Text(found.message("zh"), found.message("en"))
        raise Problem("contradiction", told, findings=[found])
    if found is None:
        raise Problem("not-here", Text("没有规则书适用于这一户", "no rule book applies to the account"))
    return found


def _no_book(name: str, rules: RuleFolder) -> Problem:
    known = sorted({book.name for book in rules.books})
    near = get_close_matches(name, known, 1)
    hint = Text(f"; 是想写 {near[0]} 吗?", f"; did you mean `{near[0]}`?") if near else Text("", "")
    told = Text(
        f"没有规则书“{name}”, 有的是 {'、'.join(known)}", f"there is no book `{name}`; there are {', '.join(known)}"
    )
    return Problem("not-here", told.joined(hint))
