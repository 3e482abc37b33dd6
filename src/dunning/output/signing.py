"""What a signer reads before signing, and the history of a file's signatures, as text.

In the order a reviewer asks: what is this, what was changed, on which law, what do the cases and the checks say.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from dunning.basis.finding import Lang, Text
from dunning.check.signing import Draft, carries, digest_of
from dunning.lang.signatures import Signed
from dunning.lang.words.fingerprints import ORDER, Meaning, changes_told, fingerprints, section_digest
from dunning.model.action import ROLES
from dunning.model.law import LawPack
from dunning.model.rulebook import RuleBook

_SHOWN = 19  # characters of a digest that people compare by eye: `sha256:` and twelve digits


def draft_text(draft: Draft, given: Sequence[Signed], lang: Lang = "zh") -> str:
    """What is about to be signed, and the signatures that would be given."""
    return "\n".join(line.to(lang) for line in _lines(draft, given))


def _lines(draft: Draft, given: Sequence[Signed]) -> Iterator[Text]:
    meaning = draft.meaning
    name = Text(f"{meaning.title} ({meaning.name})", f"{meaning.name}: {meaning.title}")
    if isinstance(meaning, RuleBook):
        version = Text(f", 版本 {meaning.version}", f", version {meaning.version}") if meaning.version else Text("", "")
        yield Text("规则书  ", "rule book   ").joined(name).joined(version)
    else:
        yield Text("法律文件  ", "law file    ").joined(name)
    yield Text(f"文件    {draft.page.file}", f"file        {draft.page.file}")
    yield Text(f"摘要    {draft.digest}", f"digest      {draft.digest}")
    if isinstance(meaning, RuleBook):
        yield Text(f"法律    {draft.law_digest}", f"law         {draft.law_digest}")
        yield from (
            Text(f"这一段  {each.section} {each.digest}", f"section     {each.section} {each.digest}")
            for each in given
            if each.section
        )
    yield _changed(draft)
    if isinstance(meaning, RuleBook):
        yield from _law(draft, meaning)
    else:
        yield _sources(meaning)
    yield _cases(draft)
    yield _checks(draft)
    yield from _seconds(draft)


def _changed(draft: Draft) -> Text:
    """What is no longer as it was last signed, and how much is."""
    seen = draft.reviewed
    if not seen.by:
        return Text("改动    还没有人签过全书", "changes     nobody has signed the whole yet")
    last = Text(f"自 {seen.by} {seen.on} 签字后", f"since {seen.by} signed on {seen.on}")
    if seen.digest == draft.digest:
        return Text(f"改动    {last.zh}没有改动", f"changes     none {last.en}")
    if draft.changes is None:
        return Text(
            f"改动    {last.zh}改过; 当时签的内容没有记在 signatures 里, 说不出改了哪几处",
            f"changes     there are some {last.en}; `signatures` does not know what was signed",
        )
    told = changes_told(draft.changes, draft.meaning)
    changed = {change.clause for change in draft.changes}
    same = sum(name not in changed for name in fingerprints(draft.meaning) if not name.startswith(ORDER))
    n = len(draft.changes)
    return Text(
        f"改动    {last.zh}改了 {n} 处: {told.zh}; 没有改的 {same} 处",
        f"changes     {n} {last.en}: {told.en}; {same} clauses as they were",
    )


def _law(draft: Draft, book: RuleBook) -> Iterator[Text]:
    """The law it stands on: what changed since, what no lawyer has signed, what was read second-hand."""
    if draft.law_changes:
        titles = draft.law_changes
        yield Text(
            f"        上次签字后改过的法律文件: {'、'.join(titles)}",
            f"            law changed since: {', '.join(titles)}",
        )
    unsigned = [pack.title or pack.name for pack in book.laws if not pack.signed and not pack.unresearched]
    if unsigned:
        yield Text(
            f"        未经律师审签 {len(unsigned)} 份: {'、'.join(unsigned)}",
            f"            signed by no lawyer ({len(unsigned)}): {', '.join(unsigned)}",
        )
    unread = [article.id for pack in book.laws for article in pack.articles if not article.read]
    if unread:
        yield Text(
            f"        只见过转述或凭记忆的条文 {len(unread)} 条, 只提示不作结论: {'、'.join(unread)}",
            f"            known second-hand or from memory, so they never rule ({len(unread)}): {', '.join(unread)}",
        )


def _sources(pack: LawPack) -> Text:
    """Of a law file: how many articles, and those whose text nobody has read."""
    unread = [article.id for article in pack.articles if not article.read]
    zh = f"条文    {len(pack.articles)} 条" + (f", 没有读过原文的: {'、'.join(unread)}" if unread else "")
    en = f"articles    {len(pack.articles)}" + (f", text not read: {', '.join(unread)}" if unread else "")
    return Text(zh, en)


def _cases(draft: Draft) -> Text:
    if draft.cases is None:
        return Text("用例    没有", "cases       there are none")
    passed = sum(result.passed for result in draft.cases.results)
    failed = len(draft.cases.results) - passed
    return Text(f"用例    {passed} 例通过, {failed} 例不符", f"cases       {passed} passed, {failed} failed")


def _checks(draft: Draft) -> Text:
    count = len(draft.findings)
    if not count:
        return Text("检查    没有发现问题", "checks      nothing found")
    return Text(f"检查    {count} 处, 见下", f"checks      {count} findings, see below")


def _seconds(draft: Draft) -> Iterator[Text]:
    """Which second signatures the folder asks for, and whether they are there."""
    book = draft.meaning
    if not isinstance(book, RuleBook):
        return
    missing = {(lack.section, lack.role) for lack in book.lacking}
    for section, roles in draft.sign_by.items():
        if not section_digest(book, section):
            continue
        told = []
        for role in roles:
            given = [each for each in draft.reviewed.sections if (each.section, each.role) == (section, role)]
            there = (section, role) not in missing
            who = Text(f"{given[-1].by} {given[-1].on}", f"{given[-1].by} {given[-1].on}") if there else _LACKING
            told.append(Text(f"{ROLES[role].zh} {who.zh}", f"{ROLES[role].en}: {who.en}"))
        zh, en = "、".join(each.zh for each in told), ", ".join(each.en for each in told)
        yield Text(f"会签    {section}: {zh}", f"second      {section}: {en}")


_LACKING = Text("(缺)", "lacking")


def history_text(draft: Draft, lang: Lang = "zh") -> str:
    """Every signature a file was given, oldest first, and which are in force."""
    lines = [_given(signed, draft.meaning) for signed in draft.log]
    if not lines:
        lines = [Text(f"{draft.page.file}: 没有签字记录", f"{draft.page.file}: no signature is recorded")]
    return "\n".join(line.to(lang) for line in lines)


def _given(signed: Signed, meaning: Meaning) -> Text:
    what = Text("全书", "the whole")
    if signed.section:
        title = ROLES.get(signed.role, Text(signed.role, signed.role))
        what = Text(f"{signed.section} ({title.zh})", f"{signed.section} ({title.en})")
    version = f" {signed.version}" if signed.version else ""
    standing = _standing(signed, meaning)
    shown = f"{signed.digest[:_SHOWN]}{version}"
    return Text(
        f"{signed.on}  {signed.by}  {what.zh}  {shown}  {standing.zh}".rstrip(),
        f"{signed.on}  {signed.by}  {what.en}  {shown}  {standing.en}".rstrip(),
    )


def _standing(signed: Signed, meaning: Meaning) -> Text:
    """Whether a signature of the log is one the file carries, and still covers it."""
    if not carries(meaning, signed):
        return Text("", "")
    if signed.section:
        holds = isinstance(meaning, RuleBook) and section_digest(meaning, signed.section) == signed.digest
    else:
        holds = signed.digest == digest_of(meaning)
    return Text("有效", "in force") if holds else Text("之后改过, 已失效", "changed since: no longer in force")
