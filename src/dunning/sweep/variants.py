"""The rules with other values in their files: written out, read and checked like any rules, those of today first.

What the law does not allow does not load; here it is worked out all the same, and told with its article.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path

from dunning.basis.errors import RulesError, UsageError
from dunning.basis.finding import Finding, Text, has_errors, in_order
from dunning.check.run import check
from dunning.compare.news import news
from dunning.engine.assess import Rules
from dunning.lang.folder import RuleFolder, read_folder, resolve
from dunning.lang.library import Library, shipped, yaml_files
from dunning.lang.text.edit import edited
from dunning.sweep.params import MOST, Param, Spot, spot, unknown, with_unit

TODAY = 0
"""The place of the variant that changes nothing."""


@dataclass(frozen=True, slots=True)
class Variant:
    """Rules with these values, a value a parameter; `path` is where they lie. The first has those of today.

    `against_law` is what the law does not allow in it, `findings` what else `check` says of it and not of today's.
    """

    values: tuple[str, ...]
    path: Path
    against_law: tuple[Finding, ...] = ()
    findings: tuple[Finding, ...] = ()

    def load(self) -> Rules:
        return load_anyway(self.path)


def variants(rules: str | None, params: Sequence[Param], *, on: date, into: Path) -> list[Variant]:
    """All combinations of the values, written into folders in `into`, after the rules as they are.

    UsageError: no such value, or too many. RulesError: with a value the rules cannot be read, whatever the law says.
    """
    path = shipped() if rules is None else resolve(rules)
    spots = [_spot_in(path, each, on) for each in params]
    count = 1
    for each in params:
        count *= len(each.values)
    if count > MOST:
        told = Text(f"一共 {count} 种取值, 最多 {MOST} 种", f"{count} combinations of values; at most {MOST}")
        raise UsageError(told)
    now = tuple(each.now for each in spots)
    found = [Variant(now, _written(path, [], into / "0"))]
    changed = {at.file for at in spots}
    before = _checked(path, changed, into / "0")
    load_anyway(found[TODAY].path)
    for number, values in enumerate(product(*(each.values for each in params)), 1):
        edits = list(zip(spots, values, strict=True))
        shown = tuple(with_unit(value, at.now) for at, value in edits)
        if shown == now:
            continue
        copy = _written(path, edits, into / str(number))
        load_anyway(copy)
        fresh, _ = news(before, _checked(path, changed, into / str(number)))
        said = [each for each in fresh if each.severity != "note" and each.code != _NOTHING_TO_PASS]
        law = tuple(each for each in said if each.code.startswith("L"))
        found.append(Variant(shown, copy, law, tuple(each for each in said if each not in law)))
    return found


_NOTHING_TO_PASS = "D403"
"""A finding that was passed by on purpose is gone: nothing that is wrong with the value."""


def _checked(path: Path, changed: Iterable[Path], copy: Path) -> list[Finding]:
    """What `check` says of a copy of the rules, and of files that were changed though the rules only stand on them."""
    root = Library.around(path).root
    files = {_in_copy(file, root, copy) for file in (path, *changed)}
    if path.is_dir():
        files = {_in_copy(path, root, copy)}
    return [each for file in sorted(files) for each in check(file)]


def _in_copy(file: Path, root: Path, copy: Path) -> Path:
    """Where a file lies in a copy; a base from elsewhere is put beside the book, where it is found first."""
    return copy / (file.relative_to(root) if file.is_relative_to(root) else file.name)


def _spot_in(path: Path, wanted: Param, on: date) -> Spot:
    """The one file of the rules that has the value."""
    library = Library.around(path)
    files = _with_bases(library, path)
    roots = [(file, library.page(file)) for file in files]
    if wanted.book:
        roots = [(file, page) for file, page in roots if wanted.book in (file.stem, page.scalar("rulebook"))]
    nodes = [(file, page.node, page.lines) for file, page in roots if page.node is not None]
    found = [at for file, node, lines in nodes if (at := spot(wanted, node, lines, file, on)) is not None]
    if not found:
        if not nodes:
            named = f" {wanted.book}" if wanted.book else ""
            told = Text(f"{path} 里没有规则书{named}", f"there is no rule book{named} in {path}")
            raise UsageError(Text(f"--param {wanted.written}: ", f"--param {wanted.written}: ").joined(told))
        raise unknown(wanted, [node for _, node, _ in nodes], on)
    if len(found) > 1 and path.is_dir():
        names = [at.file.stem for at in found]
        zh = f"--param {wanted.written}: {'、'.join(names)} 都有这个值; 写 {names[0]}:{wanted.name}"
        en = f"--param {wanted.written}: {', '.join(names)} all have it; write {names[0]}:{wanted.name}"
        raise UsageError(Text(zh, en))
    return found[0]


def _with_bases(library: Library, path: Path) -> list[Path]:
    """The files of the rules; of a single book its own first, then what it is based on."""
    if path.is_dir():
        return library.book_files(path)
    files = [path]
    while (name := library.page(files[-1]).scalar("based_on")) and (base := library.find(name, files[-1])):
        if base in files:
            break
        files.append(base)
    return files


def _written(path: Path, edits: Sequence[tuple[Spot, str]], into: Path) -> Path:
    """A copy of the rules with those values; what they stand on is copied with them."""
    root = Library.around(path).root
    whole = any((root / name).is_dir() for name in ("packs", "law", "calendars"))
    for file in _copied(root, path, whole=whole):
        target = into / file.relative_to(root)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
    for file in {at.file for at, _ in edits}:
        target = _in_copy(file, root, into)
        target.write_bytes(edited(file.read_bytes(), [at.edit(value) for at, value in edits if at.file == file]))
    return into / path.relative_to(root)


def _copied(root: Path, path: Path, *, whole: bool) -> Iterator[Path]:
    """The rule files of a folder, and the templates; of a folder that is none, the files beside the book."""
    if whole:
        yield from yaml_files(root)
        yield from (root / "templates").rglob("*.md")
    else:
        yield from yaml_files(path if path.is_dir() else root, deep=path.is_dir())


def load_anyway(path: Path) -> Rules:
    """The rules at a place as `load` reads them, though the law does not allow something in them."""
    library = Library.around(path)
    library.refuses = False
    if path.is_dir():
        books, findings = read_folder(library, path)
    else:
        reading = library.book(path)
        books, findings = [reading.book] if reading.book else [], list(reading.findings)
    wrong = [each for each in findings if not each.code.startswith("L")]
    if not books or has_errors(wrong):
        raise RulesError(in_order(wrong))
    return RuleFolder(tuple(books), path) if path.is_dir() else books[0]
