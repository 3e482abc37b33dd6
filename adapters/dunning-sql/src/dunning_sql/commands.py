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

_UNKNOWN = Text("欠费算不出", "arrears unknown")

FIRST = 200
SHOWN = 5


def init(url: str, out: Path | None, lang: Lang) -> str:
    """Draft a mapping of the database at `url`: written to `out`, or given back. UsageError if the file is there."""
    if out is not None and out.exists():
        raise UsageError(Text(f"{out} 已经有了, 不覆盖", f"{out} is there already and is not overwritten"))
    engine = open_engine(url)
    name = Path((engine.url.database or "").replace("\\", "/")).stem
    with snapshot(engine) as connection:
        draft = drafted(connection, name.removeprefix("file:") or "erp")
    if out is None:
        return draft.text()
    out.write_text(draft.text(), encoding="utf-8")
    then = f"dunning sql-map check {out}{' URL' if url else ''}"
    zh = f"已写出 {out}: {draft.guesses} 处猜测, {draft.gaps} 处没找到. 改好以后运行: {then}\n"
    en = f"{out} written: {draft.guesses} guesses, {draft.gaps} gaps. Put it right, then run: {then}\n"
    return Text(zh, en).to(lang)


def check(file: Path, url: str, lang: Lang) -> tuple[str, bool]:
    """What is wrong with a mapping, by itself and against its database, and its first accounts; whether all is well.

    Whatever can be seen is told at once; accounts are read where nothing keeps them from being read.
    """
    if not file.is_file():
        raise UsageError(Text(f"没有映射文件 {file}", f"there is no mapping {file}"))
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
    arrears = [result.value("arrears") for result in results]
    known = [each for each in arrears if isinstance(each, int) and each]
    steps = sum(bool(result.actions) for result in results)
    none = sum(result.status == "not_applicable" for result in results)
    unsaid = sum(not isinstance(each, int) for each in arrears)
    zh = f"照随附的规则, {on}: {len(known)} 户欠费 {_yuan(sum(known))} 元, 算不出的 {unsaid} 户; {steps} 户有步骤到期"
    en = f"by the shipped rules, {on}: {len(known)} in arrears with {_yuan(sum(known))} yuan, unknown for {unsaid};"
    yield Text(f"{zh}; {none} 户没有规则书适用", f"{en} steps due for {steps}; no book applies to {none}").to(lang)
    for result, owed in zip(results[:SHOWN], arrears[:SHOWN], strict=True):
        account, count = result.account, len(result.account.charges)
        named = f"  {account.company} {account.id} ({account.debtor.id})"
        due = Text(f"欠费 {_yuan(owed)} 元", f"in arrears {_yuan(owed)} yuan") if isinstance(owed, int) else _UNKNOWN
        yield Text(f"{named}: 账单 {count} 笔, ", f"{named}: charges {count}, ").joined(due).to(lang)
    for one in rejected[:SHOWN]:
        yield Text("拒收", "rejected").to(lang) + f" {one.company} {one.id}"
        yield render(one.findings[:SHOWN], lang).rsplit("\n\n", 1)[0]


def _yuan(fen: int) -> str:
    return f"{Decimal(fen).scaleb(-2):,.2f}"
