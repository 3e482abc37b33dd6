"""`dunning sql-map`: a first mapping drafted from a schema, and a mapping checked against its database.

The command line of `dunning` calls these; it alone decides how its arguments are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

from dunning import Read, UsageError
from dunning.adapter import Gone
from dunning.adapter.documents import Text, has_errors, render
from dunning_sql.database import open_engine, snapshot
from dunning_sql.document import read_file
from dunning_sql.draft import drafted
from dunning_sql.mapping import SqlMapping
from dunning_sql.reader import Reader
from dunning_sql.schema import against

Lang = Literal["zh", "en"]

FIRST = 200
SHOWN = 5


def init(url: str, out: Path | None, lang: Lang) -> str:
    """Draft a mapping of the database at `url`: written to `out`, or given back. UsageError if the file is there."""
    if out is not None and out.exists():
        raise UsageError(Text(f"{out} 已经有了, 不覆盖", f"{out} is there already and is not overwritten"))
    engine = open_engine(url)
    name = out.stem if out is not None else (engine.url.database or "erp").replace("\\", "/").rpartition("/")[2]
    with snapshot(engine) as connection:
        draft = drafted(connection, name.partition(".")[0].partition("?")[0] or "erp")
    if out is None:
        return draft.text()
    out.write_text(draft.text(), encoding="utf-8")
    then = f"dunning sql-map check {out} URL"
    zh = f"已写出 {out}: {draft.guesses} 处猜测, {draft.gaps} 处没找到. 改好以后运行: {then}\n"
    en = f"{out} written: {draft.guesses} guesses, {draft.gaps} gaps. Put it right, then run: {then}\n"
    return Text(zh, en).to(lang)


def check(file: Path, url: str, lang: Lang) -> tuple[str, bool]:
    """What is wrong with a mapping, by itself and against its database, and its first accounts; whether all is well."""
    mapping, findings = read_file(file)
    if mapping is None:
        return render(findings, lang), False
    with snapshot(open_engine(url)) as connection:
        found = [*findings, *against(mapping, connection)]
        told = render(found, lang)
        if has_errors(found):
            return told, False
        return told + "\n" + "\n".join(_accounts(Reader(connection, mapping), mapping, lang)) + "\n", True


def _accounts(reader: Reader, mapping: SqlMapping, lang: Lang) -> Iterator[str]:
    """The first accounts as they are read, and why some are not."""
    items = list(islice(reader.everything(), FIRST))
    reads = [item for item in items if isinstance(item, Read)]
    rejected = [item for item in items if not isinstance(item, Read | Gone)]
    gone = len(items) - len(reads) - len(rejected)
    zh = f"头 {len(items)} 户: 读出 {len(reads)}, 拒收 {len(rejected)}, 已不在 {gone}"
    yield Text(zh, f"the first {len(items)} accounts: {len(reads)} read, {len(rejected)} rejected, {gone} gone").to(
        lang
    )
    for name in sorted(mapping.lists - mapping.empty):
        yield f"  {name}: {sum(len(getattr(item.account, name)) for item in reads)}"
    for item in reads[:SHOWN]:
        account = item.account
        named = f"  {account.company} {account.id} ({account.debtor.id})"
        yield Text(f"{named}: 账单 {len(account.charges)} 笔", f"{named}: charges {len(account.charges)}").to(lang)
    for one in rejected[:SHOWN]:
        yield Text("拒收", "rejected").to(lang) + f" {one.company} {one.id}"
        yield render(one.findings[:SHOWN], lang).rsplit("\n\n", 1)[0]
