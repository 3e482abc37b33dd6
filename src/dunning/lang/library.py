"""Where rule files find what they stand on: bases by name, law by directory, the calendar; each file read once.

A file's own rules folder comes first, then the shipped rules, so a pack in an empty directory has law and calendar too.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from shutil import copytree
from typing import Literal

from dunning.basis.calendar import Calendar
from dunning.basis.errors import UsageError
from dunning.basis.finding import Finding, Text, has_errors, in_order
from dunning.basis.span import Span
from dunning.engine.law.refusal import unlawful
from dunning.lang.law_layers import check_layers
from dunning.lang.readers.read import Ground, Page, Reading, close, open_page, read_book
from dunning.lang.readers.read_calendar import read_calendar_page
from dunning.lang.readers.read_community import read_community
from dunning.lang.readers.read_law import check_citations, read_law_page
from dunning.lang.readers.read_template import read_template
from dunning.lang.signatures import SignBy, lacking, law_signature_findings, signature_findings
from dunning.lang.text import positions as yaml
from dunning.lang.text.keys import english
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.text.positions import Node
from dunning.lang.words import words
from dunning.lang.words.desk import Desk
from dunning.lang.words.fingerprints import SECTIONS
from dunning.lang.words.meaning import digest_of_pack
from dunning.model.action import Role
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Template

Kind = Literal["book", "community", "law", "calendar", "cases", "settings", "unknown"]

LAW = "cn"
"""The law of a book that names none."""

SETTINGS = ("require_signed", "sign_by")
_APART = ("law", "calendars", "cases", "templates")
_OF_THE_BASE = frozenset({"N201", "N203", "N204", "R307"})
_SUFFIXES = (".yaml", ".yml")
_NO_TEMPLATES = ("README.md", "README.zh-CN.md")


@cache
def shipped() -> Path:
    """The folder of the rules that come with this package."""
    here = Path(__file__).resolve()
    in_wheel = here.parents[1] / "rules"
    return in_wheel if in_wheel.is_dir() else here.parents[3] / "rules"


def copy_shipped(out: Path) -> None:
    """A copy of the shipped rules in the folder `out`. UsageError if anything is there: nothing is overwritten."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(
            Text(
                f"“{out}”已经有了, 不覆盖; 换一个还没有的文件夹",
                f"`{out}` is there already and is not overwritten; name another",
            )
        )
    copytree(shipped(), out, dirs_exist_ok=True)


def shown_path(path: Path) -> str:
    """How findings name a file: as the caller wrote it; a shipped one from `rules/` on."""
    root = shipped()
    if path.is_absolute() and path.is_relative_to(root):
        return (Path("rules") / path.relative_to(root)).as_posix()
    return path.as_posix()


def kind_of(page: Page) -> Kind:
    """What a rule file is, by its keys."""
    keys = {english(key.text)[0] for key, _ in page.node.entries} if page.node else set()
    if "cases" in keys:
        return "cases"
    if "rulebook" in keys:
        return "book"
    if "community" in keys:
        return "community"
    if "calendar" in keys:
        return "calendar"
    if "law" in keys:
        return "law"
    if keys & {"require_signed", "sign_by"}:
        return "settings"
    return "unknown"


@dataclass(frozen=True, slots=True)
class Settings:
    """What rules/folder.yaml says."""

    require_signed: bool = False
    sign_by: SignBy = field(default_factory=dict)


@dataclass(slots=True)
class Library:
    """One rules folder at work: every file in it is opened and read at most once.

    `refuses`: a book that asks for more than the law allows does not load; otherwise it is only told.
    """

    root: Path
    pages: dict[Path, Page] = field(default_factory=dict)
    readings: dict[Path, Reading] = field(default_factory=dict)
    laws: dict[str, tuple[LawPack, ...] | None] = field(default_factory=dict)
    ground: list[Finding] = field(default_factory=list)  # of law files, calendar and settings
    refuses: bool = True
    _calendar: Calendar | None = None
    _templates: tuple[Mapping[str, Template], Collection[str] | None] | None = None
    _settings: dict[Path, Settings] = field(default_factory=dict)

    @classmethod
    def around(cls, path: Path) -> Library:
        """The library of a folder, or of the folder a file stands in (its parent too, for `packs/`, `communities/`)."""
        start = path if path.is_dir() else path.parent
        for folder in (start, start.parent):
            if any((folder / name).is_dir() for name in ("packs", "law", "calendars")):
                return cls(folder)
        return cls(start)

    def page(self, path: Path) -> Page:
        if path not in self.pages:
            self.pages[path] = open_page(path.read_bytes(), shown_path(path))
        return self.pages[path]

    def findings_of_ground(self) -> list[Finding]:
        """What is wrong in the law files, the calendar and the settings read so far."""
        return self.ground

    # Books

    def book_files(self, folder: Path) -> list[Path]:
        """The files of a folder that are books or communities' files, and those that are nothing known."""
        if (folder / "packs").is_dir():
            places = [folder / "packs", folder / "communities"]
            files = [path for place in places if place.is_dir() for path in yaml_files(place)]
        else:
            files = [path for path in yaml_files(folder) if not set(path.relative_to(folder).parts[:-1]) & set(_APART)]
        return [path for path in files if kind_of(self.page(path)) in ("book", "community", "unknown")]

    def book(self, path: Path) -> Reading:
        """The book of a file with its base, law and calendar; never raises for what stands in them."""
        if path not in self.readings:
            self.readings[path] = self._read(path)
        return self.readings[path]

    def _read(self, path: Path) -> Reading:
        page = self.page(path)
        kind = kind_of(page)
        if kind not in ("book", "community"):
            desk = page.desk()
            if page.node is not None or not desk.findings:
                desk.report("R114", Span(page.file, 1, 1))
            return close(desk, None)
        base, findings = self._base(page, path, kind)
        laws, missing = self._laws_of(page, base)
        ground = Ground(self.calendar(), laws, base, *self.templates())
        reading = read_community(page, ground) if kind == "community" else read_book(page, ground)
        if reading.book is not None:
            reading = replace(
                reading, book=replace(reading.book, lacking=lacking(reading.book, self.settings().sign_by))
            )
        stood = (*findings, *missing, *self._then(page, path))
        signed = self._signatures(reading.book, path)
        more = (*stood, *self._unlawful(reading.book), *signed)
        if not more:
            return reading
        # Without its base, every name the base would have brought is unknown: that is one mistake, not twenty.
        told = [found for found in reading.findings if not (findings and found.code in _OF_THE_BASE)]
        book = reading.book
        if book is None or has_errors(more if self.refuses else (*stood, *signed)):
            return Reading(None, (*told, *more))
        return Reading(replace(book, findings=(*told, *more)), (*told, *more))

    def _unlawful(self, book: RuleBook | None) -> list[Finding]:
        """What the law does not let a book ask for, each with its line."""
        if book is None:
            return []
        return self.with_lines(unlawful(book))

    def _signatures(self, book: RuleBook | None, path: Path) -> list[Finding]:
        """What is to be said of its signatures, each with its line."""
        required = self.settings().require_signed
        return [] if book is None else self.with_lines(signature_findings(book, path, require_signed=required))

    def with_lines(self, findings: Iterable[Finding]) -> list[Finding]:
        """Findings with the source line each points at, where its file has been read."""
        lines = {page.file: page.lines for page in self.pages.values()}
        return [_with_line(found, lines) for found in findings]

    def _base(self, page: Page, path: Path, kind: Kind) -> tuple[RuleBook | None, list[Finding]]:
        """The book named in `based_on`. One level; only a community's file may stand on one that has a base."""
        node, name = page.get("based_on"), page.scalar("based_on")
        if not name or node is None:
            return None, []
        found = self.find(name, path)
        if found is None:
            return None, [self._no_book(page, node, name, path)]
        if kind == "book" and self.page(found).scalar("based_on"):
            return None, [_finding(page, "R308", node, name=name)]
        if kind_of(self.page(found)) != "book":
            return None, [_finding(page, "R308", node, name=name)]
        base = self.book(found)
        if base.book is None:
            first = next(f for f in in_order(base.findings) if f.severity == "error")
            return None, [_finding(page, "R309", node, name=name, count=len(base.findings), at=str(first.at))]
        return base.book, []

    def _then(self, page: Page, path: Path) -> list[Finding]:
        """A track has to be followed by a book that exists."""
        node = page.get("then")
        applies = page.get("applies")
        if node is None and isinstance(applies, yaml.Mapping):
            node = next((value for key, value in applies.entries if english(key.text)[0] == "then"), None)
        if not isinstance(node, yaml.Scalar) or node.is_null or self.find(node.text.strip(), path) is not None:
            return []
        return [self._no_book(page, node, node.text.strip(), path)]

    def _no_book(self, page: Page, node: Node, name: str, path: Path) -> Finding:
        guess = nearest(name, self.names(path))
        hint = did_you_mean(guess)
        return _finding(page, "N209", node, fix=guess or "", name=name, hint=hint)

    def find(self, name: str, beside: Path) -> Path | None:
        """The file of a book by name: beside the file, in the folder's packs, among the shipped ones."""
        places = dict.fromkeys([beside.parent, self.root / "packs", shipped() / "packs"])
        for place in places:
            for suffix in _SUFFIXES:
                path = place / f"{name}{suffix}"
                if path != beside and _is_plain(name) and path.is_file():
                    return path
            for path in yaml_files(place, deep=False) if place.is_dir() else ():
                if path != beside and self.page(path).scalar("rulebook") == name and kind_of(self.page(path)) == "book":
                    return path
        return None

    def names(self, beside: Path) -> list[str]:
        """The names of the books that could be meant."""
        places = dict.fromkeys([beside.parent, self.root / "packs", shipped() / "packs"])
        files = [path for place in places if place.is_dir() for path in yaml_files(place, deep=False)]
        return [name for path in files if path != beside and (name := self.page(path).scalar("rulebook"))]

    # Law

    def _laws_of(self, page: Page, base: RuleBook | None) -> tuple[tuple[LawPack, ...], list[Finding]]:
        """The law a book names, its base's, or the shipped one: there is no book without law."""
        node, name = page.get("law"), page.scalar("law")
        if not name or node is None:
            return (base.laws if base else self.law(LAW) or ()), []
        laws = self.law(name)
        if laws is not None:
            return laws, []
        return (), [_finding(page, "N210", node, name=name)]

    def law(self, name: str) -> tuple[LawPack, ...] | None:
        """The packs of a law by name, house policy beside them; None if there are none."""
        if name not in self.laws:
            self.laws[name] = self._read_law(name)
        return self.laws[name]

    def _read_law(self, name: str) -> tuple[LawPack, ...] | None:
        folder = self._first(f"law/{name}") if _is_plain(name) else None
        if folder is None or not folder.is_dir():
            return None
        policy = self._first("law/policy.yaml")
        packs, findings = law_in([*yaml_files(folder), *([policy] if policy else [])])
        self.ground += findings
        return packs

    def all_law(self) -> list[Finding]:
        """What is wrong in any law file of this folder, whether or not a book stands on it."""
        folder = self.root / "law"
        for place in sorted(folder.iterdir()) if folder.is_dir() else ():
            if place.is_dir():
                self.law(place.name)
        return self.ground

    def law_file(self, path: Path) -> list[Finding]:
        """What is wrong in one law file, read with its fellows where it stands in `law/NAME/`."""
        _, found = self._with_fellows(path)
        return [finding for finding in found if getattr(finding.at, "file", "") == self.page(path).file]

    def law_pack(self, path: Path) -> LawPack | None:
        """The pack of one law file; None if it cannot be read."""
        packs, _ = self._with_fellows(path)
        return next((pack for pack in packs if pack.file == self.page(path).file), None)

    def _with_fellows(self, path: Path) -> tuple[tuple[LawPack, ...], list[Finding]]:
        """A law file and those beside it in `law/NAME/`, for they may cite one another."""
        together = path.resolve().parent.parent.name == "law"
        files = yaml_files(path.parent, deep=False) if together else [path]
        fellows = [other for other in files if kind_of(self.page(other)) == "law"]
        found: list[Finding] = []
        packs = _close_law([(other, *read_law_page(self.page(other))) for other in fellows], found)
        return packs, found

    # Templates

    def templates(self) -> tuple[Mapping[str, Template], Collection[str] | None]:
        """The templates by name, this folder's before the shipped ones; and the names of all, broken ones too.

        None: the folder keeps none of its own, and its books may name what an ERP has.
        """
        if self._templates is None:
            found: dict[str, Template] = {}
            names: set[str] = set()
            for folder in dict.fromkeys(root / "templates" for root in (shipped(), self.root)):
                known, findings = templates_in(folder)
                found |= known
                names |= {path.stem for path in _template_files(folder)}
                self.ground += findings
            self._templates = found, names if (self.root / "templates").is_dir() else None
        return self._templates

    # Calendar and settings

    def calendar(self) -> Calendar:
        """The folder's calendar, else the shipped one; without any, weekends are assumed and a finding says so."""
        if self._calendar is None:
            path = self._first("calendars/cn.yaml")
            if path is None:
                self._calendar = Calendar(years={})
                self.ground.append(Finding("N211", Span("calendars/cn.yaml", 1, 1), {"file": "calendars/cn.yaml"}))
            else:
                self._calendar, findings = calendar_of(path)
                self.ground += findings
        return self._calendar

    def settings(self, folder: Path | None = None) -> Settings:
        """What folder.yaml of this rules folder (or of `folder`) says."""
        return self.settings_in((folder or self.root) / "folder.yaml")

    def settings_in(self, path: Path) -> Settings:
        """The settings of a file, read once; none if there is no such file."""
        if path not in self._settings:
            self._settings[path] = self._read_settings(path)
        return self._settings[path]

    def _read_settings(self, path: Path) -> Settings:
        if not path.is_file():
            return Settings()
        desk = self.page(path).desk()
        node = self.page(path).node
        if node is None:
            self.ground += desk.results()
            return Settings()
        fields = desk.open(node, SETTINGS, Text("规则文件夹的设置", "the settings of a rules folder"))
        sections = fields.node("sign_by")
        sign_by: dict[str, tuple[Role, ...]] = {}
        if sections is not None:
            inner = desk.open(sections, tuple(SECTIONS), fields.named("sign_by"))
            sign_by = {key: inner.words(key, words.ROLES, code="N205") for key in inner.entries}
        settings = Settings(fields.truth("require_signed"), sign_by)
        self.ground += desk.results()
        return settings

    def _first(self, name: str) -> Path | None:
        """A part of the rules: of this folder if it has it, else the shipped one."""
        return next((root / name for root in (self.root, shipped()) if (root / name).exists()), None)


def _close_law(
    read: list[tuple[Path, LawPack | None, list[tuple[str, Span]], Desk]], ground: list[Finding]
) -> tuple[LawPack, ...]:
    """Checks citations over all packs read together, gives each its digest, and looks at its signature."""
    first: dict[str, Span] = {}
    for _, pack, _, desk in read:
        for article in pack.articles if pack else ():
            there = first.setdefault(article.id, article.at or Span(desk.file, 1, 1))
            if article.at is not None and there != article.at:
                other = Text("另一处", "the other")
                desk.report("L106", article.at, article=article.id, other=str(there), related=((there, other),))
    for _, _, cited, desk in read:
        check_citations(desk, cited, set(first))
    check_layers((pack, desk) for _, pack, _, desk in read if pack is not None)
    packs = []
    for path, pack, _, desk in read:
        if pack is not None:
            packs.append(closed := replace(pack, digest=digest_of_pack(pack)))
            desk.add(list(law_signature_findings(closed, path)))
        ground += desk.results()
    return tuple(packs)


def yaml_files(folder: Path, *, deep: bool = True) -> list[Path]:
    """The YAML files of a folder, in the order of their names; hidden ones apart."""
    found = folder.rglob("*") if deep else folder.iterdir()
    return sorted(
        path for path in found if path.suffix in _SUFFIXES and path.is_file() and not path.name.startswith(".")
    )


def _is_plain(name: str) -> bool:
    """A name, not a path that leads elsewhere."""
    return bool(name) and "/" not in name and "\\" not in name and not name.startswith(".")


def _finding(page: Page, code: str, node: Node, *, fix: str = "", **args: object) -> Finding:
    line = page.lines[node.span.line - 1] if 0 < node.span.line <= len(page.lines) else ""
    return Finding(code, node.span, args, fix=fix, line=line)


def law_in(paths: Iterable[Path]) -> tuple[tuple[LawPack, ...], tuple[Finding, ...]]:
    """The packs of law files read together, and what is wrong in them; files that have not changed are read once."""
    return _law_read(tuple((path, *_state(path)) for path in paths))


@cache
def _law_read(files: tuple[tuple[Path, int, int], ...]) -> tuple[tuple[LawPack, ...], tuple[Finding, ...]]:
    findings: list[Finding] = []
    pages = ((path, open_page(path.read_bytes(), shown_path(path))) for path, *_ in files)
    packs = _close_law([(path, *read_law_page(page)) for path, page in pages], findings)
    return packs, tuple(findings)


def _state(path: Path) -> tuple[int, int]:
    """What changes when a file does; its number tells files of one name in two places apart."""
    found = path.stat()
    return found.st_mtime_ns, found.st_ino


def templates_in(folder: Path) -> tuple[Mapping[str, Template], tuple[Finding, ...]]:
    """The templates of a folder by name, and what is wrong in them; files that have not changed are read once."""
    return _templates_read(tuple((path, *_state(path)) for path in _template_files(folder)))


def _template_files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.md") if path.name not in _NO_TEMPLATES and path.is_file())


@cache
def _templates_read(
    files: tuple[tuple[Path, int, int], ...],
) -> tuple[Mapping[str, Template], tuple[Finding, ...]]:
    found: dict[str, Template] = {}
    findings: list[Finding] = []
    for path, *_ in files:
        text = path.read_bytes().decode("utf-8", "replace")
        template, wrong = read_template(text, shown_path(path), path.stem)
        findings += wrong
        if template is not None:
            found[template.id] = template
    return found, tuple(findings)


def _with_line(found: Finding, lines: Mapping[str, Sequence[str]]) -> Finding:
    at = found.at
    if isinstance(at, Span) and 0 < at.line <= len(lines.get(at.file, ())):
        return replace(found, line=lines[at.file][at.line - 1])
    return found


def calendar_of(path: Path) -> tuple[Calendar, tuple[Finding, ...]]:
    """The calendar of a file and what is wrong in it; a file that has not changed is read once."""
    return _calendar_read(path, _state(path))


@cache
def _calendar_read(path: Path, state: tuple[int, int]) -> tuple[Calendar, tuple[Finding, ...]]:  # noqa: ARG001  # a part of the key
    return read_calendar_page(open_page(path.read_bytes(), shown_path(path)))
