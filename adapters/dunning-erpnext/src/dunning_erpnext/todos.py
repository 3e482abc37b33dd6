"""Deliveries as ToDos on the customer: open is accepted, closed is sent, cancelled is called off.

What else there is to say of one (delivered, undeliverable, failed) is a comment on the customer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from dunning.adapter import Delivery, Source
from dunning.adapter.notes import HEAD, Note, Notes, message_of, plain, receipt_of
from dunning_erpnext.server import ChangedError, Filters, Row, Server

TODO, COMMENT = "ToDo", "Comment"
TODOS = ("status", "description", "reference_name", "creation", "modified")
COMMENTS = ("content", "reference_name", "creation", "modified")
AT_ONCE = 50
"""How many customers are named in one question, which is part of an address and has to stay short."""


class ToDos:
    """The ToDos and comments of customers that are ours; `zone` is the site's, in which Frappe keeps its times."""

    def __init__(self, server: Server, zone: ZoneInfo, assignee: str) -> None:
        self.server = server
        self.zone = zone
        self.assignee = assignee

    def of(self, customers: Collection[str]) -> dict[str, Notes]:
        """The notes of each of these."""
        found: dict[str, list[Note]] = {customer: [] for customer in customers}
        names = sorted(found)
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            for customer, note in self._notes([["reference_name", "in", some]]):
                found[customer].append(note)
        return {customer: Notes.of(notes) for customer, notes in found.items()}

    def about(self, keys: Sequence[str]) -> Notes:
        notes = [note for key in dict.fromkeys(keys) for _, note in self._notes([], key)]
        return Notes.of(sorted(notes, key=lambda note: note.at))

    def since(self, moment: datetime | None) -> Iterator[Note]:
        newer = [] if moment is None else [["modified", ">=", f"{moment.astimezone(self.zone):%Y-%m-%d %H:%M:%S}"]]
        return (note for _, note in self._notes(newer))

    def write(self, delivery: Delivery, customer: str) -> Note:
        """A ToDo for a delivery. One of an earlier day that nobody has done is called off before."""
        self.call_off(delivery.key)
        text = message_of(delivery)
        values = {
            "status": "Open", "priority": "Medium", "description": text.replace("\n", "<br>"),
            "date": delivery.on.isoformat(), "reference_type": "Customer", "reference_name": customer,
        }  # fmt: skip
        row = self.server.create(TODO, {**values, **({"allocated_to": self.assignee} if self.assignee else {})})
        return Note(text, self.server.site.asked(), Source(TODO, row["name"], "description"))

    def call_off(self, key: str) -> None:
        """Cancel what is still open; what somebody closes at this moment stays closed."""
        for row in self.server.read(TODO, [*_ours("description", key), ["status", "=", "Open"]], TODOS):
            try:
                self.server.update(TODO, row, {"status": "Cancelled"})
            except ChangedError:
                continue

    def _notes(self, filters: Filters, key: str = "") -> Iterator[tuple[str, Note]]:
        """Notes of ours, oldest first, each with its customer."""
        found = []
        customers = ["reference_type", "=", "Customer"]
        for row in self.server.read(TODO, [*_ours("description", key), customers, *filters], TODOS):
            found += [(row["reference_name"], note) for note in self._todo(row)]
        customers = ["reference_doctype", "=", "Customer"]
        for row in self.server.read(COMMENT, [*_ours("content", key), customers, *filters], COMMENTS):
            source = Source(COMMENT, row["name"], "content")
            found.append((row["reference_name"], Note(plain(row["content"]), self._time(row["creation"]), source)))
        return iter(sorted(found, key=lambda one: one[1].at))

    def _todo(self, row: Row) -> Iterator[Note]:
        source = Source(TODO, row["name"], "status")
        note = Note(plain(row["description"]), self._time(row["creation"]), source)
        yield note
        receipt = receipt_of(note)
        state = {"Closed": "sent", "Cancelled": "cancelled"}.get(row["status"])
        if receipt is not None and state is not None:
            yield Note(f"{HEAD}{receipt.key} {state}", self._time(row["modified"]), source)

    def _time(self, text: str) -> datetime:
        return datetime.fromisoformat(text).replace(tzinfo=self.zone)


def _ours(field: str, key: str) -> list[list[str]]:
    return [[field, "like", f"%{HEAD}{key}%"]]
