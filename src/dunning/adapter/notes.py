"""Deliveries kept as notes in an ERP: one that says what is to be sent, and one for each thing that became of it.

For ERPs with no outbox: notes, tasks and comments are read by their clerks and kept in their own histories. Nothing is
overwritten, and what cannot be read is told, never guessed: the step may have been done.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, time, timedelta
from html.parser import HTMLParser
from typing import Any, NamedTuple, get_args

from dunning.adapter.delivery import Delivery, Receipt, ReceiptState, contacts_of, moved_on
from dunning.basis.errors import UsageError
from dunning.basis.span import Source
from dunning.model.account import SHANGHAI, Channel

__all__ = [
    "HEAD", "NEVER_LEFT", "Kept", "Note", "Notes", "end_of", "message_of", "plain", "receipt_of", "reply", "taken",
]  # fmt: skip

HEAD = "#dunning "
"""How every note of ours begins; then a key, a word of `WORDS`, and perhaps a channel and a time."""

WORDS: Mapping[str, ReceiptState] = {
    "accepted": "accepted",
    "cancelled": "cancelled",
    "sent": "sent", "已发出": "sent",
    "delivered": "delivered", "已送达": "delivered",
    "undeliverable": "undeliverable", "无法送达": "undeliverable",
    "failed": "failed", "未能发出": "failed",
}  # fmt: skip
NEVER_LEFT: tuple[ReceiptState, ...] = ("cancelled", "failed")


class Note(NamedTuple):
    """A note as the ERP keeps it: its text without markup, when it was written, and where a finding can point."""

    text: str
    at: datetime
    source: Source


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of one delivery: the delivery as it was last taken, its present receipt, the note that says so."""

    delivery: Delivery
    receipt: Receipt
    source: Source

    def stands(self, delivery: Delivery) -> bool:
        """Whether this is the answer to a delivery with its key. What has not left by the end of its day, whatever
        became of it, may be taken up again on a later one.
        """
        return self.receipt.state not in (*NEVER_LEFT, "accepted") or self.delivery.on >= delivery.on


@dataclass(slots=True)
class Notes:
    """Notes that were read, oldest first: deliveries by key, and those that could not be read."""

    found: dict[str, Kept] = field(default_factory=dict)
    unread: list[Note] = field(default_factory=list)

    @classmethod
    def of(cls, notes: Iterable[Note]) -> Notes:
        kept = cls()
        for note in notes:
            if note.text.startswith(HEAD):
                kept.add(note)
        return kept

    def add(self, note: Note) -> None:
        receipt = receipt_of(note)
        before = None if receipt is None else self.found.get(receipt.key)
        if receipt is None:
            self.unread.append(note)
        elif receipt.state == "accepted":
            delivery = _delivery(note.text)
            if delivery is None or delivery.key != receipt.key:
                self.unread.append(note)
            elif before is None or not before.stands(delivery):
                self.found[receipt.key] = Kept(delivery, receipt, note.source)
        elif before is None:
            self.unread.append(note)
        elif moved_on(before.receipt, receipt) is receipt:
            known = receipt._replace(channel=receipt.channel or before.receipt.channel)
            self.found[receipt.key] = replace(before, receipt=known, source=note.source)

    def answer(self, delivery: Delivery, at: datetime) -> Receipt | None:
        """The receipt of a delivery that is not to be taken: known already, or too soon; None: take it."""
        known = self.found.get(delivery.key)
        if known is not None and known.stands(delivery):
            return known.receipt
        if any(map(_in_the_way_of(delivery), self.found.values())):
            return Receipt(delivery.key, "refused", at, detail="the same step went out a short while ago")
        return None

    def taken_back(self, key: str, because: str, at: datetime) -> Receipt:
        """The answer to a cancel, once it is written: `too_late` for what has left."""
        if key not in self.found:
            return Receipt(key, "refused", at, detail="no such note")
        receipt = self.found[key].receipt
        return receipt if receipt.state in NEVER_LEFT else receipt._replace(state="too_late", detail=because)

    def contacts(self) -> Iterator[tuple[tuple[str, str], Source, dict[str, Any]]]:
        """The contacts these deliveries have left, as ((company, account), the note, the record)."""
        for kept in self.found.values():
            for account, contact in contacts_of(kept.delivery, kept.receipt):
                yield (kept.delivery.company, account), kept.source, asdict(contact)


def _in_the_way_of(delivery: Delivery) -> Callable[[Kept], bool]:
    """Whether another delivery is of the same step and account, is not called off, and its gap is not over."""

    def stands_in_the_way(kept: Kept) -> bool:
        other = kept.delivery
        return (
            kept.receipt.state not in NEVER_LEFT
            and other.key != delivery.key
            and (other.company, other.account, other.action.step)
            == (delivery.company, delivery.account, delivery.action.step)
            and other.not_again_before is not None
            and other.not_again_before > delivery.on
        )

    return stands_in_the_way


def taken(
    deliveries: Iterable[Delivery],
    there: Collection[tuple[str, str]],
    notes_of: Callable[[Delivery], Notes],
    write: Callable[[Delivery], Note],
    asked: Callable[[], datetime],
) -> list[Receipt]:
    """The receipts of deliveries, in order: a note is written for each that has none and may have one.

    `there`: the accounts there are, by (company, account). `notes_of`: what was read of a delivery's debtor, to which
    the new note is added. `asked`: the ERP's time.
    """

    def take(one: Delivery) -> Receipt:
        if (one.company, one.account) not in there:
            return Receipt(one.key, "refused", asked(), detail="no such account")
        notes = notes_of(one)
        known = notes.answer(one, asked())
        if known is None:
            notes.add(write(one))
            known = notes.found[one.key].receipt
        return known

    return [take(one) for one in deliveries]


def receipt_of(note: Note) -> Receipt | None:
    """What the first line of a note says; None if it cannot be read. A time without an offset is Shanghai's."""
    parts = note.text.split("\n", 1)[0].split()
    if len(parts) < 3 or parts[0] != HEAD.strip() or parts[2] not in WORDS:
        return None
    _, key, word, *more = parts
    state = WORDS[word]
    if state == "accepted":
        return Receipt(key, state, note.at)
    channel: Any = more.pop(0) if more and more[0] in get_args(Channel) else None
    at = _time(more.pop(0)) if more else note.at
    return None if more or at is None else Receipt(key, state, at, channel)


def message_of(delivery: Delivery) -> str:
    """What the clerk or the gateway reads: how to answer, what to do and when, and all of it for a program.

    No character in it has a meaning in HTML, so that it is the same text wherever the ERP takes it for that.
    """
    action = delivery.action
    by = "; ".join(f"{mode} {', '.join(channels)}" for mode, channels in action.channels.items())
    stretches = [(since, until or end_of(delivery)) for since, until in delivery.hours]
    hours = "; ".join(f"{_minute(since)} - {_minute(until)}" for since, until in stretches)
    lines = [
        f"{HEAD}{delivery.key} accepted",
        f"{action.step}: {action.action}; {by}; {hours}",
        f"做完后另记一条 / when done, add: {HEAD}{delivery.key} sent sms",
        delivery.to_json(),
    ]
    text = "\n".join(lines)
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def _minute(at: datetime) -> str:
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def end_of(delivery: Delivery) -> datetime:
    """Until when it may leave: its hours, else the end of its day."""
    return delivery.ends or datetime.combine(delivery.on + timedelta(days=1), time(), SHANGHAI)


def reply(key: str, state: ReceiptState, because: str = "") -> str:
    """A further note about a delivery."""
    return f"{HEAD}{key} {state}" + (f"\n{because}" if because else "")


def plain(html: str) -> str:
    """The text of a note that the ERP keeps as HTML, its paragraphs and breaks as lines."""
    text = _Text()
    text.feed(html)
    text.close()
    return "".join(text.parts).strip()


class _Text(HTMLParser):
    """The text of HTML, with a line for each block."""

    BLOCKS: Sequence[str] = ("p", "div", "br", "li", "ul", "ol", "pre", "tr")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []

    def handle_data(self, data: str) -> None:
        self.parts.append(data)

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        del attrs
        if tag in self.BLOCKS and self.parts and not self.parts[-1].endswith("\n"):
            self.parts.append("\n")


def _time(word: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(word)
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=SHANGHAI)


def _delivery(text: str) -> Delivery | None:
    try:
        return Delivery.from_dict(json.loads(text[text.index("{") :]))
    except (ValueError, UsageError):
        return None
