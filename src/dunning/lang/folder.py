"""A rules folder: packs with their bases, law and calendar, found by name or path, and the one book for an account.

Rules travel in the wheel as `dunning/rules` and stand beside `src` in a checkout; one resolver finds both.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from dunning.basis.calendar import Calendar
from dunning.basis.errors import RulesError, UsageError
from dunning.basis.finding import Finding, has_errors, in_order
from dunning.basis.span import Span
from dunning.lang.names import nearest
from dunning.lang.read import Ground, Page, Reading, open_page, read_book
from dunning.lang.read_calendar import read_calendar_page
from dunning.model.rulebook import RuleBook


@cache
def shipped() -> Path:
    """The folder of the rules that come with this package."""
    here = Path(__file__).resolve()
    in_wheel = here.parents[1] / "rules"
    return in_wheel if in_wheel.is_dir() else here.parents[3] / "rules"


def shipped_packs() -> list[str]:
    """The names of the packs that come with this package, sorted."""
    return sorted(path.stem for path in (shipped() / "packs").glob("*.yaml"))


def resolve(name_or_path: str | Path) -> Path:
    """The file or folder meant: a path that exists, or the name of a shipped pack. UsageError with the nearest name."""
    path = Path(name_or_path)
    name = str(name_or_path)
    if name in shipped_packs() and not path.is_file():
        return shipped() / "packs" / f"{name}.yaml"
    if path.exists():
        return path
    guess = nearest(name, shipped_packs())
    hint = f"did you mean `{guess}`?" if guess else f"shipped packs are {', '.join(shipped_packs()) or 'none'}"
    raise UsageError(f"`{name}` is neither a file, a folder nor the name of a shipped pack; {hint}")


def load(name_or_path: str | Path) -> RuleBook:
    """The book in a file, or of a shipped name. RulesError with all its findings; UsageError if there is no file."""
    path = resolve(name_or_path)
    if path.is_dir():
        raise UsageError(f"`{name_or_path}` is a folder; `load_folder` reads it")
    reading = _read(path)
    if reading.book is None:
        raise RulesError(in_order(reading.findings))
    return reading.book


def _read(path: Path) -> Reading:
    page = open_file(path)
    return read_book(page, Ground(calendar=read_calendar()))


def open_file(path: Path) -> Page:
    """A rule file, taken apart."""
    return open_page(path.read_bytes(), shown_path(path))


def shown_path(path: Path) -> str:
    """How findings name a file: as the caller wrote it; a shipped one from `rules/` on."""
    root = shipped()
    if path.is_absolute() and path.is_relative_to(root):
        return (Path("rules") / path.relative_to(root)).as_posix()
    return path.as_posix()


def read_calendar(path: str | Path | None = None) -> Calendar:
    """The calendar of a file, or the shipped one. RulesError with every finding of the file."""
    calendar, findings = _calendar(Path(path) if path else shipped() / "calendars" / "cn.yaml")
    if has_errors(findings):
        raise RulesError(in_order(findings))
    return calendar


@cache
def _shipped_calendar(stamp: float) -> tuple[Calendar, tuple[Finding, ...]]:  # noqa: ARG001  # a changed file is read anew
    return read_calendar_page(open_file(shipped() / "calendars" / "cn.yaml"))


def _calendar(path: Path) -> tuple[Calendar, tuple[Finding, ...]]:
    if not path.is_file():
        return Calendar(years={}), (Finding("N211", Span(shown_path(path), 1, 1), {"file": shown_path(path)}),)
    if path == shipped() / "calendars" / "cn.yaml":
        return _shipped_calendar(path.stat().st_mtime)
    return read_calendar_page(open_file(path))
