"""`dunning sql-map`: a first mapping drafted from a schema, and a mapping checked against its database.

The command line of `dunning` calls these; it alone decides how its arguments are written.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Literal

from dunning import Read, UsageError, assess, load_folder
from dunning.adapter import Gone
from dunning.adapter.documents import Text, has_errors, in_order, render
from dunning_sql.database import now, open_engine, snapshot
from dunning_sql.desk import with_line
from dunning_sql.document import examined
from dunning_sql.draft import drafted
from dunning_sql.lacking import lacking
from dunning_sql.mapping import SHANGHAI, SqlMapping
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
    """What is wrong with a mapping, by itself and against its database, and its first accounts; whether all is well.

    Whatever can be seen is told at once; accounts are read where nothing keeps them from being read.
    """
    mapping, findings = examined(file.read_bytes(), file.as_posix())
    if mapping is None:
        return render(findings, lang), False
    with snapshot(open_engine(url)) as connection:
        found = [*findings, *against(mapping, connection)]
        wrong = has_errors(found)
        found = in_order([*found, *(with_line(one, mapping.lines) for one in lacking(mapping))])
        told = render(found, lang)
        if wrong:  # nothing can be read by it
            return told, False
        shown = "\n".join(_accounts(Reader(connection, mapping), mapping, lang))
    return f"{told}\n{shown}\n", not has_errors(found)


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
    on, rules = now(reader.connection).astimezone(SHANGHAI).date(), load_folder()
    results = [assess(item.account, rules, on=on) for item in reads]
    overdue = [result for result in results if result.balance.principal_due]
    total, steps = sum(result.balance.principal_due for result in results), sum(bool(one.actions) for one in results)
    none = sum(result.status == "not_applicable" for result in results)
    zh = f"照随附的规则, {on}: {len(overdue)} 户逾期, 本金 {_yuan(total)} 元; {steps} 户有步骤到期"
    zh += f"; {none} 户没有规则书适用"
    en = f"by the shipped rules, {on}: {len(overdue)} overdue, principal {_yuan(total)} yuan; steps due for {steps}"
    en += f"; no book applies to {none}"
    yield Text(zh, en).to(lang)
    for result in results[:SHOWN]:
        account, due = result.account, _yuan(result.balance.principal_due)
        named, count = f"  {account.company} {account.id} ({account.debtor.id})", len(account.charges)
        yield Text(f"{named}: 账单 {count} 笔, 逾期本金 {due} 元", f"{named}: charges {count}, overdue {due} yuan").to(
            lang
        )
    for one in rejected[:SHOWN]:
        yield Text("拒收", "rejected").to(lang) + f" {one.company} {one.id}"
        yield render(one.findings[:SHOWN], lang).rsplit("\n\n", 1)[0]


def _yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):,.2f}"
