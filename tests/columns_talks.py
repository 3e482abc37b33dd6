"""Whether the contacts that count are those the engine counts, one account and one debtor after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from dunning.columns.packing import pack, unpack
from dunning.columns.rows import Batch, Ints
from dunning.columns.talks import Named, Said, talks_of
from dunning.engine.known.contacts import Person, Talk, of_account
from dunning.model.account import Account, Contact

Plain = list[tuple[date, Contact]]


def differences(accounts: Sequence[Account], on: date) -> list[str]:
    """Every list of contacts that is not the same, of all accounts that arrays hold."""
    batch = pack(accounts)
    talks = talks_of(batch, on)
    every = {
        int(talks.contacts.start[place]) + number: contact
        for place in range(len(batch))
        if not batch.as_objects[place]
        for number, contact in enumerate(unpack(batch, place).contacts)
    }
    found: list[str] = []

    def same(what: str, said: Said, place: int, wanted: Sequence[Talk]) -> None:
        rows = said.rows[said.start[place] : said.start[place + 1]].tolist()
        got = [(date.fromordinal(int(talks.day[row])), every[row]) for row in rows]
        if got != [(talk.day, talk.contact) for talk in wanted]:
            found.append(f"{place} {what}: engine {wanted}, columns {got}")

    for place in range(len(batch)):
        if batch.as_objects[place]:
            continue
        account = unpack(batch, place)
        told = of_account(account, on)
        same("records", talks.records, place, told.records)
        same("once", talks.once, place, told.once)
        there = {charge.id for charge in account.charges}
        uncharged = [talk._replace(contact=replace(talk.contact, charges=())) for talk in told.of_steps]
        first, end = talks.of_steps.start[place : place + 2].tolist()
        rows = talks.of_steps.rows[first:end].tolist()
        if [replace(every[row], charges=()) for row in rows] != [talk.contact for talk in uncharged]:
            found.append(f"{place} steps: engine {told.of_steps}, columns {[every[row] for row in rows]}")
            continue
        for at, talk in zip(range(first, end), told.of_steps, strict=True):
            wanted = talk.contact.charges
            got = named(batch, talks.charges_of_steps, at)
            if got != (None if wanted is None else there.intersection(wanted)):
                found.append(f"{place} charges: engine {wanted}, columns {got}")
    for group in range(len(batch.groups) - 1):
        first, end = batch.groups[group : group + 2].tolist()
        if not batch.as_objects[first]:
            theirs = [unpack(batch, place) for place in range(first, end)]
            same("person", talks.of_person, group, Person(theirs, on).talks)
    return found


def named(batch: Batch, charges: Named, place: int) -> set[str | None] | None:
    """The ids of the charges a contact names that are there; None where it names none."""
    rows: Ints = charges.rows[charges.start[place] : charges.start[place + 1]]
    if charges.absent[place]:
        assert not len(rows)
        return None
    return {batch.charges.texts("id").text(row) for row in rows.tolist() if row >= 0}
