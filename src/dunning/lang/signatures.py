"""The signatures of rule files: whether they still hold, and the log of all that were ever given.

A file carries the signatures in force. The log beside the rules (`signatures/packs/residential.jsonl`) has a line for
each signature, with a digest of each clause, so that it can be told what was changed since; without it only that.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from dunning.basis.finding import Finding, Text
from dunning.lang.words.fingerprints import Change, Meaning, changes, changes_told, fingerprints, section_digest
from dunning.model.action import ROLES, Role
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook
from dunning.model.signature import Lacking, Reviewed

SignBy = Mapping[str, tuple[Role, ...]]
"""Which section needs a second signature, and by which roles: `sign_by` of folder.yaml."""

_BOOKS = ("packs", "communities")


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A line of the log: one signature, under the whole or (`section`, in a `role`) under a part of it.

    `digest` is that of the whole meaning, or of the section; `clauses` are those of the whole as it was that day, and
    `law` the digests of the law files by title.
    """

    by: str
    on: date
    digest: str
    law_digest: str = ""
    version: str = ""
    section: str = ""
    role: str = ""
    clauses: Mapping[str, str] = field(default_factory=dict)
    law: Mapping[str, str] = field(default_factory=dict)


def root_of(path: Path) -> Path:
    """The rules folder a rule file belongs to; its own folder where there is none."""
    for folder in path.parents:
        if folder.name == "law":
            return folder.parent
    return path.parent.parent if path.parent.name in _BOOKS else path.parent


def log_of(path: Path) -> Path:
    """The log of a rule file's signatures: `signatures/` in its rules folder, and in it the file's own place."""
    root = root_of(path)
    return root / "signatures" / path.relative_to(root).with_suffix(".jsonl")


def read_log(path: Path) -> tuple[Signed, ...]:
    """The signatures of a rule file, oldest first; a line that cannot be read is passed over."""
    log = log_of(path)
    if not log.is_file():
        return ()
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return tuple(found for line in lines if (found := _signed(line)) is not None)


def _signed(line: str) -> Signed | None:
    try:
        said = json.loads(line)
        return Signed(**{**said, "on": date.fromisoformat(said["on"])})
    except (ValueError, KeyError, TypeError):
        return None


def add_to_log(path: Path, signed: Signed) -> None:
    """One more line at the end of a rule file's log."""
    log = log_of(path)
    log.parent.mkdir(parents=True, exist_ok=True)
    said = {name: getattr(signed, name) for name in Signed.__dataclass_fields__}
    kept = {name: value for name, value in (said | {"on": signed.on.isoformat()}).items() if value}
    torn = log.is_file() and not log.read_bytes().endswith(b"\n")
    with log.open("a", encoding="utf-8", newline="\n") as file:
        file.write("\n" * torn + json.dumps(kept, ensure_ascii=False, separators=(",", ":")) + "\n")


def law_by_title(book: RuleBook) -> dict[str, str]:
    """The digest of each law file a book stands on, by its title."""
    return {pack.title or pack.name: pack.digest for pack in book.laws}


# What was changed since


def changed_since(meaning: Meaning, log: Sequence[Signed], digest: str) -> tuple[Change, ...] | None:
    """The clauses changed since the whole was signed with that digest; None if the log does not know it."""
    before = next((each for each in reversed(log) if each.digest == digest and each.clauses), None)
    return None if before is None else changes(before.clauses, fingerprints(meaning))


def law_changed_since(book: RuleBook, log: Sequence[Signed], law_digest: str) -> tuple[str, ...]:
    """The titles of the law files changed, new or gone since; none if the log does not know that state of the law."""
    before = next((each.law for each in reversed(log) if each.law_digest == law_digest and each.law), None)
    if before is None:
        return ()
    now = law_by_title(book)
    return tuple(title for title in {**now, **before} if before.get(title) != now.get(title))


# Findings


def signature_findings(book: RuleBook, path: Path, *, require_signed: bool = False) -> Iterator[Finding]:
    """What is to be said of a book's signatures: given on another meaning, on other law, still lacking, or none."""
    seen = book.reviewed
    if seen is None or not seen.by:
        if require_signed and book.applies is not None:
            yield Finding("S804", book.at, {"name": book.name, "file": book.file})
        return
    log = read_log(path)
    if seen.digest != book.meaning:
        yield _changed(book, seen, log)
        return
    if seen.law_digest != book.law_digest:
        titles = law_changed_since(book, log, seen.law_digest)
        untold = Text("哪几份没有记下", "which files is not recorded")
        which = Text("、".join(titles), ", ".join(titles)) if titles else untold
        yield Finding("S802", seen.at, {**_given(seen), "which": which, "file": book.file})
    for lack in book.lacking:
        said = {"section": lack.section, "role": ROLES[lack.role], "role_id": lack.role, "stale": _stale(book, lack)}
        yield Finding("S803", seen.at, {**said, "file": book.file})


def law_signature_findings(pack: LawPack, path: Path) -> Iterator[Finding]:
    """That a law file was changed after a lawyer signed it."""
    seen = pack.reviewed
    if seen is not None and seen.by and not pack.signed:
        yield _changed(pack, seen, read_log(path))


def _changed(meaning: Meaning, seen: Reviewed, log: Sequence[Signed]) -> Finding:
    found = changed_since(meaning, log, seen.digest)
    if found:
        n = len(found)
        what = Text(f"又改了 {n} 处", f"{n} {'clause was' if n == 1 else 'clauses were'} changed")
        told = changes_told(found, meaning)
    else:
        what = Text("又改过", "something was changed")
        told = Text("签的是什么没有记在 signatures 里, 说不出改了哪几处", "`signatures` does not know what was signed")
    return Finding("S801", seen.at, {**_given(seen), "what": what, "clauses": told, "file": meaning.file})


def _given(seen: Reviewed) -> dict[str, Any]:
    return {"by": seen.by, "date": seen.on or ""}


def _stale(book: RuleBook, lack: Lacking) -> Text:
    """Why a second signature that was given does not count."""
    given = lack.stale
    if given is None:
        return Text("", "")
    if given.digest != section_digest(book, lack.section):
        return Text(f" ({given.by} {given.on} 签过, 之后改了)", f" (changed since {given.by} signed on {given.on})")
    return Text(
        f" ({given.by} 已经签过别的, 要另一个人)", f" ({given.by} has signed already; another person is needed)"
    )


# Second signers


def lacking(book: RuleBook, sign_by: SignBy) -> tuple[Lacking, ...]:
    """The second signatures asked for that are not there: one person a role, and none who signed the whole.

    A section the book does not have needs no signature.
    """
    seen = book.reviewed or Reviewed()
    found = []
    for section, roles in sign_by.items():
        digest = section_digest(book, section)
        people = {seen.by}
        for role in roles if digest else ():
            given = [each for each in seen.sections if (each.section, each.role) == (section, role)]
            last = given[-1] if given else None
            if last is not None and last.digest == digest and last.by not in people:
                people.add(last.by)
            else:
                found.append(Lacking(section, role, last))
    return tuple(found)


def unsigned_use(book: RuleBook) -> Finding | None:
    """Why a book may not be used where signatures are required; None if it may. A mere base is not used by itself."""
    if book.signed or book.applies is None:
        return None
    seen = book.reviewed
    if seen is None or not seen.by:
        why = Text("没有签字", "is not signed")
    elif seen.digest != book.meaning:
        why = Text(f"在 {seen.by} {seen.on} 签字后又改过", f"was changed after {seen.by} signed on {seen.on}")
    else:
        zh = "、".join(f"{ROLES[lack.role].zh}对“{lack.section}”" for lack in book.lacking)
        en = ", ".join(f"{ROLES[lack.role].en} under `{lack.section}`" for lack in book.lacking)
        why = Text(f"还缺{zh}的会签", f"lacks the signature of {en}")
    at = seen.at if seen is not None else book.at
    return Finding("S805", at, {"name": book.name, "why": why, "file": book.file})
