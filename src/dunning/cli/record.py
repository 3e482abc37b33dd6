"""`dunning replay`, `verify`, `forget`: what was decided, whether it is still what was written, and whose it is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.cli.options import LangOption, Rules, day_of
from dunning.cli.speech import chosen, says

Record: TypeAlias = Annotated[
    Path,
    typer.Argument(
        metavar="RECORD",
        help=says("assess --record 写的文件夹", "the folder that assess --record wrote"),
        show_default=False,
    ),
]


def replay(
    record: Record,
    decision: Annotated[
        str | None,
        typer.Option(
            "--id", metavar="ID", help=says("只重放这一条, 并写出结果", "only this decision, and print its result")
        ),
    ] = None,
    rules: Rules = None,
    lang: LangOption = None,
) -> None:
    """The recorded input through the rules again: the same bytes, or what differs."""
    from dunning.output.record.batch import read_rules
    from dunning.output.record.replay import replay as replayed

    spoken = chosen(lang)
    _there(record)
    same = differ = 0
    for one in replayed(record, read_rules(rules, draft=True), decision=decision):
        same, differ = same + one.same, differ + (not one.same)
        for what in one.differs:
            typer.echo(f"{one.id}: {what.to(spoken)}", err=decision is not None)
        if decision is not None and one.result is not None:
            typer.echo(one.result)
    told = Text(
        f"重放 {same + differ} 条: 相同 {same}, 不同 {differ}",
        f"{same + differ} replayed: {same} same, {differ} differ",
    )
    typer.echo(told.to(spoken), err=decision is not None)
    raise typer.Exit(1 if differ else 0)


def verify(
    record: Record,
    head: Annotated[
        str | None,
        typer.Option(
            metavar="HASH",
            help=says("别处存的链尾哈希, 用来比较", "the last line's hash as kept elsewhere, to compare"),
            show_default=False,
        ),
    ] = None,
    lang: LangOption = None,
) -> None:
    """Whether the record is as it was written: finds what was changed, is missing, was moved or is torn."""
    from dunning.output.record.chain import lines
    from dunning.output.record.chain import verify as checked
    from dunning.output.record.keyring import head_of

    spoken = chosen(lang)
    _there(record)
    check = checked(record, known=head_of(record))
    for fault in check.faults:
        typer.echo(fault.message.to(spoken))
    told = Text(
        f"{check.count} 条完好, 链尾 {check.head.hash}", f"{check.count} sound, the last hash is {check.head.hash}"
    )
    typer.echo(told.to(spoken))
    faults = len(check.faults)
    if head is not None and not any(line.data and line.data.get("hash") == head for line in lines(record)):
        typer.echo(
            Text(f"链里没有哈希 {head}: 被重写过或截短过", f"no line has the hash {head}: rewritten or cut short").to(
                spoken
            )
        )
        faults += 1
    raise typer.Exit(1 if faults else 0)


def forget(
    record: Record,
    party: Annotated[str, typer.Option(metavar="ID", help=says("债务人的编号", "the debtor's id"), show_default=False)],
    company: Annotated[str | None, typer.Option(help=says("公司 (编号重复时)", "the company, if ids repeat"))] = None,
    lang: LangOption = None,
) -> None:
    """Delete a person's key, so that no record can be tied to them any more; refused while anything is open."""
    from dunning.output.record.forgetting import forget as forgotten

    spoken = chosen(lang)
    _there(record)
    person = forgotten(record, party, on=day_of(None), company=company)
    told = Text(
        f"“{party}”的钥匙已删除; 记录 {person} 再也认不出是谁. 备份里的钥匙文件也要删",
        f"the key of `{party}` is deleted; nobody can tell whose {person} is. Delete it from backups too",
    )
    typer.echo(told.to(spoken))


def _there(record: Path) -> None:
    if not any(record.glob("*.jsonl")):
        raise UsageError(Text(f"{record} 里没有记录", f"there is no record in {record}"))
