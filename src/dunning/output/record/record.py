"""The decision record: what was decided for whom, on which day, by which rules, from which input; kept for good.

One line of the chain (`output.chain`) holds one debtor's accounts on one day, for contacts and caps are a person's and
no account is decided alone:

    seq, prev            place in the chain
    kind                 `decision`; `healed` (a torn line was cut off) and `forgotten` (a key was deleted) stand beside
    person, account      HMAC-SHA256 of the ids under the person's own key (`output.keyring`)
    on, engine, rules    the day, the version of this package, the digest over all books in use
    input_digest, input  the accounts without personal data (`output.pseudonyms`), as `dunning replay` reads them
    decisions            one an account: id, account, rulebook and law digests, whether the book was signed, doubts
                         (codes of the reader's findings), result_digest and result: the assessment told by the same
                         pseudonyms
    hash                 SHA-256 of the line so far

A decision's id is made from account, day, digests, engine and input: a run that is repeated, or goes on after it was
killed, records nothing twice. Keys are on disk before the lines that need them, lines before the results of the run get
their names; what each kind of crash can cost is told in `output.chain`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import PackageNotFoundError, version
from json.encoder import encode_basestring as quoted
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple

from dunning.basis.finding import Text
from dunning.engine.result import Assessment
from dunning.intake.groups import Group
from dunning.model.rulebook import RuleBook
from dunning.output.record.chain import Head, Healed, Writer, cut_off, end_line, recovered
from dunning.output.record.keyring import Index, Keyring, keyed
from dunning.output.record.pseudonyms import Names, canonical, masked, told


class Decided(NamedTuple):
    """One account's part of what is kept. `rulebook` and `law` are digests, empty where no book applies."""

    account: str
    rulebook: str
    law: str
    signed: bool
    doubts: tuple[str, ...]
    result: str


class Kept(NamedTuple):
    """A debtor's accounts on one day, ready to be recorded; made by the workers, written by one."""

    company: str
    debtor: str
    on: str
    rules: str
    input: str
    decisions: tuple[Decided, ...]


class Keep:
    """Makes what is kept of groups and their answers, under some books on one day."""

    def __init__(self, books: Iterable[RuleBook], on: date) -> None:
        books = list(books)
        self._on = on.isoformat()
        self._rules = digest_of_rules(books)
        self._attributes = frozenset(fact.key for book in books for fact in book.facts.values())

    def of(self, group: Group, results: Sequence[Assessment], texts: Sequence[str]) -> Kept:
        """What a record keeps of a group; `texts` are its results as JSON. Of attributes, those that a book reads."""
        names = Names(group.accounts)
        decisions = []
        for read, result, text in zip(group.reads, results, texts, strict=True):
            doubts = tuple(finding.code for finding in read.findings)
            book = result.book
            basis = ("", "", False) if book is None else (book.digest, book.law_digest, book.signed)
            decisions.append(Decided(read.account.id, *basis, doubts, told(result, text, names, apart=len(doubts))))
        inputs = ",".join(masked(account, names, self._attributes) for account in group.accounts)
        return Kept(group.company, group.debtor, self._on, self._rules, f"[{inputs}]", tuple(decisions))


def digest_of(text: str) -> str:
    return f"sha256:{sha256(text.encode()).hexdigest()}"


def digest_of_rules(books: Iterable[RuleBook]) -> str:
    """One digest over all books in use, whatever their order."""
    return digest_of(canonical(sorted(book.digest for book in books)))


@cache
def engine_version() -> str:
    """The version of this package."""
    try:
        return version("dunning")
    except PackageNotFoundError:  # run from its sources, not installed
        return "0"


class Recorder:
    """Adds decisions to the record in a folder; use it in a `with`. UsageError if it is damaged or in use.

    `added` and `known` count decisions written now and those that were there; `healed` is the torn line of a run that
    was killed, if there was one.
    """

    def __init__(self, folder: Path) -> None:
        self.added = self.known = 0
        self.healed: Healed | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self._index = Index(folder)
        try:
            self._keys = Keyring(folder, make=True)
            self._writer, self.healed = caught_up(folder, self._index)
        except BaseException:
            self._index.close()
            raise

    def record(self, groups: Iterable[Kept]) -> None:
        """Records the decisions of some groups, but for those recorded already; a kill after this loses none."""
        for group in groups:
            self._add(group)
        self._keys.commit()
        if self._writer.flush():
            self.sync()

    def sync(self) -> None:
        """What was recorded outlives a power cut."""
        self._writer.sync()
        self._index.commit(self._writer.head)

    def close(self) -> None:
        """Writes and syncs what was taken, the keys first."""
        self._keys.commit()
        self._writer.close()
        self._index.commit(self._writer.head)
        self._index.close()
        self._keys.close()

    def told(self) -> Text:
        """What was recorded, for the end of a run."""
        zh = f"记录: 新 {self.added} 条, 原有 {self.known} 条"
        en = f"recorded: {self.added} new, {self.known} known already"
        if self.healed is not None:
            torn = f"{self.healed.segment:06}.jsonl", self.healed.bytes
            zh += f"; 上次被中断, {torn[0]} 最后一行没有写完 ({torn[1]} 字节), 已切除"
            en += f"; the last run was killed and tore the last line of {torn[0]} ({torn[1]} bytes), cut off"
        return Text(zh, en)

    def __enter__(self) -> Recorder:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _add(self, group: Kept) -> None:
        key = self._keys.key_or_new(group.company, group.debtor)
        input_digest = digest_of(group.input)
        engine, on = engine_version(), group.on
        ids, parts = [], []
        for one in group.decisions:
            account = keyed(key, "account", group.company, one.account)
            basis = [account, on, one.rulebook or group.rules, one.law, engine, input_digest]
            ids.append(id_ := sha256(canonical(basis).encode()).hexdigest()[:32])
            parts.append(
                f'{{"id":"{id_}","account":"{account}","rulebook":{_or_null(one.rulebook)},"law":{_or_null(one.law)}'
                f',"signed":{canonical(one.signed)},"doubts":{canonical(one.doubts)}'
                f',"result_digest":"{digest_of(one.result)}","result":{one.result}}}'
            )
        if not ids or self._index.knows(ids[0]):
            self.known += len(ids)
            return
        person = keyed(key, "person", group.company, group.debtor)
        place = self._writer.add(
            f'"kind":"decision","person":"{person}","on":"{on}","engine":{quoted(engine)},"rules":"{group.rules}"'
            f',"input_digest":"{input_digest}","input":{group.input},"decisions":[{",".join(parts)}]'
        )
        self._index.add(ids, person, on, place)
        self.added += len(ids)


def caught_up(folder: Path, index: Index) -> tuple[Writer, Healed | None]:
    """A writer at the end of the chain, the index led up to it; a torn last line is cut off and a line says so."""
    head, healed, last = index.head(), None, None
    for line in recovered(folder, head):
        last = line
        if not line.whole:
            break
        data: dict[str, Any] = line.data or {}
        if data["kind"] == "decision":
            ids = [one["id"] for one in data["decisions"]]
            index.add(ids, data["person"], data["on"], (line.segment, line.start))
        head = Head(data["seq"], data["hash"], line.segment, line.end)
    if last is not None and last.torn:
        if last.whole:
            head = end_line(folder, head)
        else:
            healed = cut_off(folder, last)
    writer = Writer(folder, head)
    if healed is not None:
        writer.add(f'"kind":"healed","bytes":{healed.bytes},"sha256":"{healed.sha256}"')
        writer.flush()
    writer.sync()
    index.commit(writer.head)
    return writer, healed


def _or_null(text: str) -> str:
    return quoted(text) if text else "null"
