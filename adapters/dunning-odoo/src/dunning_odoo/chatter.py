"""Deliveries as notes in the debtor's chatter, and as activities that a clerk works off.

The note is the record: an activity that is done disappears in some versions and is archived in others, and in all of
them leaves a message in the chatter that names it. That message, or a note of a clerk's, says what became of it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from dunning.adapter import Delivery, Source
from dunning.adapter.folios import debtor_of
from dunning.adapter.notes import HEAD, Note, Notes, message_of, plain
from dunning_odoo.server import Domain, Row, Server

CHINA = timezone(timedelta(hours=8))
FIELDS = ("res_id", "date", "body", "mail_activity_type_id")
NAMED = re.compile(re.escape(HEAD) + r"([0-9a-f]+)")
BEHIND = 500
"""How far behind its cursor receipts are read again: a message numbered earlier may be committed later."""


class Chatter:
    """The messages of partners that are ours."""

    def __init__(self, server: Server, assignee: int | None) -> None:
        self.server = server
        self.assignee = assignee

    def of(self, debtors: Collection[int]) -> dict[int, Notes]:
        """The notes of each of these."""
        found: dict[int, list[Note]] = {debtor: [] for debtor in debtors}
        if debtors:
            for debtor, _, note in self._notes([["res_id", "in", sorted(debtors)]]):
                found[debtor].append(note)
        return {debtor: Notes.of(notes) for debtor, notes in found.items()}

    def about(self, keys: Sequence[str]) -> Notes:
        asked = [["body", "ilike", HEAD + key] for key in dict.fromkeys(keys)]
        return Notes.of(note for *_, note in self._notes([*["|"] * (len(asked) - 1), *asked])) if asked else Notes()

    def since(self, last: int) -> Iterator[tuple[int, Note]]:
        return ((number, note) for _, number, note in self._notes([["id", ">", last - BEHIND]]))

    def write(self, debtor: int, text: str) -> Note:
        """A note on a partner, which nobody is sent. It is one transaction."""
        arguments: dict[str, Any] = {"message_type": "comment", "subtype_xmlid": "mail.mt_note"}
        told = self.server.call("res.partner", "message_post", [debtor], body=text, **arguments)
        number = told[0] if isinstance(told, list) else told
        return Note(text, self.server.site.asked(), Source("mail.message", str(number), "body"))

    def plan(self, deliveries: Sequence[Delivery]) -> None:
        """An activity for each delivery that has none for its day, all in one call."""
        if not deliveries:
            return
        planned = self._activities([one.key for one in deliveries])
        days = {HEAD + one.key: _day(one) for one in deliveries}
        late = [row["id"] for row in planned if row["date_deadline"] != days[row["summary"]]]
        if late:  # it missed its day, and is due again
            self.server.call("mail.activity", "unlink", late)
        here = {row["summary"] for row in planned if row["id"] not in late}
        missing = [one for one in deliveries if HEAD + one.key not in here]
        if missing:
            (partners,) = self.server.read("ir.model", [["model", "=", "res.partner"]], ("model",))
            planning = [self._activity(one, partners["id"]) for one in missing]
            self.server.call("mail.activity", "create", vals_list=planning)

    def unplan(self, key: str) -> None:
        planned = [row["id"] for row in self._activities([key])]
        if planned:
            self.server.call("mail.activity", "unlink", planned)

    def _activity(self, delivery: Delivery, model: int) -> Row:
        values = {
            "res_model_id": model,
            "res_id": int(debtor_of(delivery.account)),
            "summary": HEAD + delivery.key,
            "note": message_of(delivery),
            "date_deadline": _day(delivery),
        }
        return values if self.assignee is None else {**values, "user_id": self.assignee}

    def _activities(self, keys: Sequence[str]) -> list[Row]:
        """Those still to be done."""
        named = [["res_model", "=", "res.partner"], ["summary", "in", [HEAD + key for key in keys]]]
        return self.server.read("mail.activity", named, ("summary", "date_deadline"), context={"active_test": True})

    def _notes(self, domain: Domain) -> Iterator[tuple[int, int, Note]]:
        """Our notes, oldest first: the partner, the number of the message, the note."""
        ours = [["model", "=", "res.partner"], ["body", "ilike", HEAD]]
        for row in self.server.read("mail.message", [*ours, *domain], FIELDS):
            at = datetime.fromisoformat(row["date"]).replace(tzinfo=UTC)
            for text in _said(plain(row["body"] or ""), done=row["mail_activity_type_id"] is not None):
                yield row["res_id"], row["id"], Note(text, at, Source("mail.message", str(row["id"]), "body"))


def _day(delivery: Delivery) -> str:
    return delivery.on.isoformat()


def _said(text: str, *, done: bool) -> Iterator[str]:
    """What a message says of deliveries: its whole text, or for each key in it what the clerk wrote on being done."""
    if not done:
        yield text
        return
    for key in dict.fromkeys(NAMED.findall(text)):
        lines = [line for line in text.split("\n") if line.startswith(f"{HEAD}{key} ")]
        words = [line for line in lines if line.split()[2:3] not in ([], ["accepted"])]  # those are of the note itself
        yield words[-1] if words else f"{HEAD}{key} sent"
