"""Adapters and what goes through them, on screen: what is installed, what would be delivered, what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from rich.table import Table

from dunning.adapter.delivery import Delivery, ReceiptState
from dunning.adapter.lookup import KNOWN, Installed
from dunning.adapter.protocol import Capabilities
from dunning.adapter.sending import Dropped, Handed, Heard, Withdrawn
from dunning.basis.finding import Lang, Text
from dunning.basis.money import yuan
from dunning.cli.terminal import console
from dunning.intake.headers import LISTS

SHOWN = 20
"""Deliveries named one by one; the rest are counted, and in the files."""

CHANGES = {
    "complete": Text("全部", "all"),
    "partial": Text("部分", "part"),
    "none": Text("找不出", "none"),
}
CAN = {
    "delivers": Text("送达", "deliver"),
    "posts": Text("记违约金", "post late fees"),
    "resolves": Text("姓名地址", "names and addresses"),
    "forgets": Text("删除个人资料", "forget a person"),
}
STATES: Mapping[ReceiptState, Text] = {
    "accepted": Text("已收下", "accepted"),
    "sent": Text("已发出", "sent"),
    "delivered": Text("已送达", "delivered"),
    "undeliverable": Text("送不到", "undeliverable"),
    "failed": Text("失败", "failed"),
    "cancelled": Text("已撤回", "cancelled"),
    "too_late": Text("撤回太晚", "cancelled too late"),
    "refused": Text("拒收", "refused"),
}


def adapters_table(found: Sequence[tuple[str, Installed | None, Capabilities | Text | None]], lang: Lang) -> Table:
    """A row an adapter: what it connects, where it is from or how to get it, and what it can do.

    Of each: its name, its distribution if it is installed, and what it declares, or why it cannot be asked.
    """
    table = Table(header_style="bold", show_lines=True)
    table.add_column(Text("适配器", "adapter").to(lang), no_wrap=True)
    table.add_column(Text("连接", "connects").to(lang))
    table.add_column(Text("能做什么", "what it can do").to(lang), overflow="fold")
    for name, here, can in found:
        connects = KNOWN[name].connects.to(lang) if name in KNOWN else ""
        if here is None:
            table.add_row(name, connects, KNOWN[name].pip, style="dim")
            continue
        connects = "\n".join(filter(None, (connects, f"{here.distribution} {here.version}".strip())))
        if isinstance(can, Capabilities):
            told = "\n".join(line.to(lang) for line in able(can))
        else:
            told = (can or Text(f"看: dunning adapters '{name}?...'", f"see: dunning adapters '{name}?...'")).to(lang)
        table.add_row(name, connects, told)
    return table


def able(can: Capabilities) -> tuple[Text, ...]:
    """What an adapter can do, a line each: finding changes, what it does beside reading, the lists it supplies."""
    does = [title for name, title in CAN.items() if getattr(can, name)] or [Text("只读", "reads only")]
    zh = "、".join(titles[0] for name, titles in LISTS.items() if name in can.lists)
    en = ", ".join(name for name in LISTS if name in can.lists)
    changes = CHANGES[can.changes]
    return (
        Text("、".join(one.zh for one in does), ", ".join(one.en for one in does)),
        Text(f"给: {zh}", f"supplies: {en}"),
        Text(f"变化: {changes.zh}", f"changes: {changes.en}"),
    )


def print_planned(planned: Iterable[Delivery], lang: Lang) -> int:
    """What would be delivered, the first ones by name; returns how many there are."""
    heads = [
        Text("户号", "account"),
        Text("步骤", "step"),
        Text("渠道", "channels"),
        Text("时间", "hours"),
        Text("要求(元)", "asks (yuan)"),
    ]
    table = Table(title=Text("将要送达", "Would be delivered").to(lang), title_justify="left", header_style="bold")
    for place, head in enumerate(heads):
        table.add_column(head.to(lang), justify="right" if place == len(heads) - 1 else "left")
    count = 0
    for count, one in enumerate(planned, start=1):
        if count <= SHOWN:
            table.add_row(*_row(one))
    if count > SHOWN:
        table.add_row(Text(f"另有 {count - SHOWN:,} 条", f"{count - SHOWN:,} more").to(lang), style="dim")
    if count:
        console().print(table)
    return count


def _row(one: Delivery) -> tuple[str, ...]:
    action = one.action
    channels = " / ".join(channel for channels in action.channels.values() for channel in channels)
    asks = "" if action.ask is None else yuan(action.ask.total)
    hours = ", ".join(f"{_clock(since)}-{_clock(until)}" for since, until in one.hours)
    return one.account, action.step, channels, hours, asks


def _clock(at: datetime | None) -> str:
    return "" if at is None else f"{at:%H:%M}"


def print_delivered(done: Iterable[Heard | Withdrawn | Dropped | Handed], lang: Lang) -> None:
    """What became of earlier deliveries and of today's, counted; the first of those no longer due with the reason."""
    earlier: Counter[ReceiptState] = Counter()
    today: Counter[ReceiptState] = Counter()
    idle = 0
    for one in done:
        match one:
            case Heard(_, receipt):
                earlier[receipt.state] += 1
            case Handed(_, receipt):
                today[receipt.state] += 1
            case Withdrawn(pending, receipt, why):
                earlier[receipt.state] += 1
                idle += 1
                _print_idle(STATES[receipt.state], pending.account, pending.step, why, idle, lang)
            case Dropped(delivery, why):
                idle += 1
                _print_idle(NOT_NOW, delivery.account, delivery.action.step, why, idle, lang)
    if earlier:
        console().print(Text("先前的: ", "Earlier ones: ").to(lang) + _counts(earlier, lang))
    console().print(Text("今天的: ", "Today's: ").to(lang) + _counts(today, lang))


NOT_NOW = Text("不再送达", "not delivered")


def _print_idle(what: Text, account: str, step: str, why: Text, number: int, lang: Lang) -> None:
    if number <= SHOWN:
        console().print(f"{what.to(lang)} {account} {step}: {why.to(lang)}", markup=False)


def _counts(states: Counter[ReceiptState], lang: Lang) -> str:
    between = Text("、", ", ").to(lang)
    return between.join(f"{STATES[state].to(lang)} {count:,}" for state, count in states.most_common()) or "0"
