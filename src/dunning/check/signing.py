"""What lies before somebody who is about to sign a rule file, and the signing itself.

Nobody signs what has errors or fails its own cases, and nobody has to take on trust what was changed since.
"""

from __future__ import annotations

import os
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dunning.basis.errors import RulesError, UsageError
from dunning.basis.finding import Finding, Text, in_order
from dunning.check.cases import CaseReport, run_cases
from dunning.check.run import check
from dunning.lang.folder import shipped_packs
from dunning.lang.library import Library, kind_of, shipped
from dunning.lang.readers.read import Page, open_page
from dunning.lang.signatures import (
    SignBy,
    Signed,
    add_to_log,
    changed_since,
    law_by_title,
    law_changed_since,
    read_log,
    root_of,
)
from dunning.lang.signing import with_signature
from dunning.lang.text.keys import english
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.words.fingerprints import SECTIONS, Change, Meaning, fingerprints, section_digest
from dunning.model.action import ROLES
from dunning.model.rulebook import RuleBook
from dunning.model.signature import Lacking, Reviewed, SectionReview

_LONGEST_NAME = 60
_TO_CURE = {("late_fee", "legal"): frozenset({"L501"})}
"""Errors that a second signer's name is asked for to take away: a lawyer answers for a late fee as high as that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A rule file as it lies before its signer.

    `findings` are those of `check`, apart from signing; `cases` the run of the cases about it (None: there are none).
    `changes` are the clauses changed since the whole was last signed; None if that cannot be told.
    """

    path: Path
    page: Page
    meaning: Meaning
    digest: str
    law_digest: str = ""
    findings: tuple[Finding, ...] = ()
    cases: CaseReport | None = None
    log: tuple[Signed, ...] = ()
    changes: tuple[Change, ...] | None = None
    law_changes: tuple[str, ...] = ()
    sign_by: SignBy

    @property
    def reviewed(self) -> Reviewed:
        """The signatures the file carries now."""
        return self.meaning.reviewed or Reviewed()


def file_to_sign(name: str) -> Path:
    """The rule file meant: a path, or a name in the folder `rules` here (`residential`, `law/cn/hangzhou`).

    What came with the program is not signed where it was installed. UsageError with what would be right.
    """
    own = Path("rules")
    places = (Path(name), Path(f"{name}.yaml"), own / name, own / f"{name}.yaml", own / "packs" / f"{name}.yaml")
    found = next((place for place in places if place.is_file()), None)
    if found is not None:
        return found
    if Path(name).is_dir():
        raise UsageError(Text(f"“{name}”是文件夹; 一份一份地签", f"`{name}` is a folder; files are signed one by one"))
    if any((shipped() / f"{place}.yaml").is_file() for place in (name, f"packs/{name}")):
        raise UsageError(
            Text(
                f"“{name}”随程序装来, 不在原地签; 先抄一份: dunning rules",
                f"`{name}` came with the program and is not signed there; copy it first: dunning rules",
            )
        )
    near = did_you_mean(nearest(name, shipped_packs()))
    raise UsageError(Text(f"没有规则文件“{name}”", f"there is no rule file `{name}`").joined(near))


def prepare(path: Path) -> Draft:
    """A rule file with all its signer should see. RulesError if it cannot load; UsageError if it is nothing to sign."""
    library = Library.around(path)
    page = library.page(path)
    kind = kind_of(page)
    if kind not in ("book", "community", "law"):
        zh, en = "签的是规则书、小区规则或法律文件", "rule books, communities' files and law files are signed"
        raise UsageError(Text(f"{page.file}: {zh}", f"{page.file}: {en}"))
    findings = tuple(found for found in check(path) if not found.code.startswith("S"))
    meaning = library.law_pack(path) if kind == "law" else library.book(path).book
    if meaning is None:
        raise RulesError(in_order(findings))
    return _draft(library, path, meaning, findings)


def _draft(library: Library, path: Path, meaning: Meaning, findings: tuple[Finding, ...]) -> Draft:
    log = read_log(path)
    seen = meaning.reviewed or Reviewed()
    book = meaning if isinstance(meaning, RuleBook) else None
    return Draft(
        path=path,
        page=library.page(path),
        meaning=meaning,
        digest=digest_of(meaning),
        law_digest=book.law_digest if book else "",
        findings=findings,
        cases=_cases(path, meaning),
        log=log,
        changes=changed_since(meaning, log, seen.digest) if seen.by else None,
        law_changes=law_changed_since(book, log, seen.law_digest) if book and seen.by else (),
        sign_by=library.settings().sign_by if book else {},
    )


def digest_of(meaning: Meaning) -> str:
    """The digest a signature under the whole holds on to."""
    return meaning.meaning if isinstance(meaning, RuleBook) else meaning.digest


def _cases(path: Path, meaning: Meaning) -> CaseReport | None:
    """The cases about a book; all cases of the folder for a law file or a base, on which every book may stand."""
    files = sorted((root_of(path) / "cases").glob("*.yaml"))
    if isinstance(meaning, RuleBook) and meaning.applies is not None:
        files = [file for file in files if open_page(file.read_bytes(), file.name).scalar("rulebook") == meaning.name]
    return run_cases(files) if files else None


# Signing


def signatures(
    draft: Draft, *, by: str, on: date, sections: Sequence[str] = (), role: str | None = None
) -> tuple[Signed, ...]:
    """What a person would give: a signature under the whole, or a second signer's under some sections. Writes nothing.

    UsageError if this person may not sign that, or nobody asks for it.
    """
    name = _name(by)
    if not sections:
        return (_first(draft, name, on, role),)
    role = next((each for each, title in ROLES.items() if role in (each, title.zh)), role)
    return tuple(_second(draft, name, on, english(section)[0], role) for section in sections)


def refuse_unfit(draft: Draft, given: Sequence[Signed]) -> None:
    """UsageError if there are errors, or a case about it fails; but for errors that a signature is to take away."""
    cured = {code for signed in given for code in _TO_CURE.get((signed.section, signed.role), ())}
    if any(found.severity == "error" and found.code not in cured for found in draft.findings):
        raise UsageError(Text("有错误, 不能签", "there are errors: it cannot be signed"))
    if draft.cases is not None and not draft.cases.passed:
        raise UsageError(Text("有用例不符, 不能签", "cases fail: it cannot be signed"))


def sign(draft: Draft, given: Sequence[Signed]) -> None:
    """Puts signatures into the file and its log. UsageError if it is unfit or cannot take them: nothing is written."""
    refuse_unfit(draft, given)
    data = draft.path.read_bytes()
    for signed in given:
        data = with_signature(data, open_page(data, draft.page.file), signed)
    _read_back(draft, data, given)
    for signed in given:
        add_to_log(draft.path, signed)
    _write(draft.path, data)


def _name(by: str) -> str:
    """A person's name as it will stand in the file."""
    name = " ".join(by.split())
    if not name or len(name) > _LONGEST_NAME or any(unicodedata.category(char)[0] == "C" for char in name):
        raise UsageError(Text(f"--by 要写签字人的姓名, 不能是“{by}”", f"--by takes the signer's name, not `{by}`"))
    return name


def _first(draft: Draft, by: str, on: date, role: str | None) -> Signed:
    """The signature under the whole."""
    if role is not None:
        raise UsageError(Text("--role 要和 --section 一起写: 会签哪一段", "--role goes with --section: what is signed"))
    second = [each for each in draft.reviewed.sections if each.by == by and _holds(draft, each)]
    if second:
        raise _another(by, second[0])
    law = law_by_title(draft.meaning) if isinstance(draft.meaning, RuleBook) else {}
    return Signed(
        by=by,
        on=on,
        digest=draft.digest,
        law_digest=draft.law_digest,
        version=_version(draft),
        clauses=fingerprints(draft.meaning),
        law=law,
    )


def _second(draft: Draft, by: str, on: date, section: str, role: str | None) -> Signed:
    """A second signer's signature under one section."""
    roles = _asked(draft, section)
    if not roles or not isinstance(draft.meaning, RuleBook):
        raise UsageError(_not_signed_apart(draft, section))
    if role is None or role not in roles:
        zh, en = "、".join(f"{each} ({ROLES[each].zh})" for each in roles), ", ".join(roles)
        raise UsageError(
            Text(
                f"“{section}”由 {zh} 会签; 用 --role 写明以哪个岗位签",
                f"`{section}` is signed by {en}; say in which role with --role",
            )
        )
    digest = section_digest(draft.meaning, section)
    if not digest:
        raise UsageError(Text(f"这本规则书没有“{section}”这一段", f"this rule book has no `{section}`"))
    seen = draft.reviewed
    others = [each for each in seen.sections if each.section == section and each.role != role]
    for each in others:
        if each.by == by and _holds(draft, each):
            raise _another(by, each)
    if seen.by == by and seen.digest == draft.digest:
        raise _another(by, None)
    return Signed(by=by, on=on, digest=digest, version=_version(draft), section=section, role=role)


def _not_signed_apart(draft: Draft, section: str) -> Text:
    """Which sections there are, where the word means none; else which of them are signed apart."""
    if section not in SECTIONS:
        near = nearest(section, list(SECTIONS))
        told = Text(f"没有“{section}”这一段", f"there is no section `{section}`").joined(did_you_mean(near))
        return told.joined(Text(f"; 有: {'、'.join(SECTIONS)}", f"; there are: {', '.join(SECTIONS)}"))
    if not draft.sign_by:
        zh = f"“{section}”不要会签; 要会签的段写在 folder.yaml 的 sign_by, 如 sign_by: {{{section}: [finance]}}"
        en = f"nobody has to sign `{section}` apart; folder.yaml says who does: sign_by: {{{section}: [finance]}}"
        return Text(zh, en)
    return Text(
        f"“{section}”不要会签; folder.yaml 的 sign_by 要会签的: {'、'.join(draft.sign_by)}",
        f"nobody has to sign `{section}` apart; `sign_by` in folder.yaml asks for: {', '.join(draft.sign_by)}",
    )


def _asked(draft: Draft, section: str) -> tuple[str, ...]:
    """The roles that sign a section: those of the folder's `sign_by`, and those whose name takes an error away."""
    cures = (role for name, role in _TO_CURE if name == section)
    return tuple(dict.fromkeys((*draft.sign_by.get(section, ()), *cures)))


def _holds(draft: Draft, given: SectionReview) -> bool:
    """Whether a second signature still covers its section."""
    book = draft.meaning
    if not isinstance(book, RuleBook) or given.section not in SECTIONS:
        return False
    return given.digest == section_digest(book, given.section)


def _another(by: str, given: SectionReview | None) -> UsageError:
    zh = "全书" if given is None else f"“{given.section}”"
    en = "the whole" if given is None else f"`{given.section}`"
    return UsageError(
        Text(f"{by} 已经签过{zh}; 会签要另一个人", f"{by} has signed {en} already; it takes another person")
    )


def _version(draft: Draft) -> str:
    return draft.meaning.version if isinstance(draft.meaning, RuleBook) else ""


def _read_back(draft: Draft, data: bytes, given: Sequence[Signed]) -> None:
    """Before anything is written: the file still says what it said, and carries the signatures."""
    library = Library.around(draft.path)
    library.pages[draft.path] = open_page(data, draft.page.file)
    is_book = isinstance(draft.meaning, RuleBook)
    now = library.book(draft.path).book if is_book else library.law_pack(draft.path)
    if now is None or digest_of(now) != draft.digest or not all(carries(now, signed) for signed in given):
        zh, en = "签字会改动规则的意思, 没有写", "a signature would change what it says; nothing was written"
        raise UsageError(Text(f"{draft.page.file}: {zh}", f"{draft.page.file}: {en}"))


def carries(meaning: Meaning, signed: Signed) -> bool:
    """Whether a file carries a signature, whether or not it still holds."""
    seen = meaning.reviewed or Reviewed()
    if not signed.section:
        return (seen.by, seen.on, seen.digest) == (signed.by, signed.on, signed.digest)
    of_role = [each for each in seen.sections if (each.section, each.role) == (signed.section, signed.role)]
    return bool(of_role) and (of_role[-1].by, of_role[-1].digest) == (signed.by, signed.digest)


def left_to_sign(draft: Draft) -> tuple[Lacking, ...]:
    """The second signatures that are still asked for, as the file stands now."""
    book = Library.around(draft.path).book(draft.path).book if isinstance(draft.meaning, RuleBook) else None
    return () if book is None else book.lacking


def _write(path: Path, data: bytes) -> None:
    """In one go: a run that is killed leaves the file as it was."""
    target = path.resolve()
    part = target.with_name(f".{target.name}.part")
    part.write_bytes(data)
    part.chmod(target.stat().st_mode)
    os.replace(part, target)
