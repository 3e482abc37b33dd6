"""What is new since a cursor: every change found, none lost to a process that dies or to a read under way.

The second part of the adapter suite. Each test says what goes wrong in the field where it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice

import pytest

from dunning.adapter.protocol import Mark
from dunning.intake.records import Read
from dunning.model.account import BookedLateFee, Dispute, Hold
from dunning.testing.bench import (
    At,
    Bench,
    Bounced,
    Change,
    Charged,
    Closed,
    Disputed,
    Emptied,
    FeeBooked,
    Held,
    Paid,
    Refunded,
    Released,
    Voided,
)
from dunning.testing.probes import (
    COMPANY,
    HERE,
    charge,
    cursor_of,
    day,
    does,
    household,
    payment,
    place_of,
    put,
    read_all,
    refused,
    still_owed,
)

NEWS: Mapping[str, Callable[[Bench], Change]] = {
    "charged": lambda erp: Charged(HERE, charge(erp, -1, 70_000, name="Q3")),
    "paid": lambda erp: Paid(HERE, payment(erp, -1, 20_000)),
    "bounced": lambda erp: Bounced(HERE, "P0", day(erp, -1)),
    "refunded": lambda erp: Refunded(HERE, "P0", 1_000, day(erp, -1)),
    "payment deleted": lambda _: Voided(HERE, "payments", "P0"),
    "charge deleted": lambda _: Voided(HERE, "charges", "Q1"),
    "late fee booked": lambda erp: FeeBooked(HERE, BookedLateFee(id="L1", charge="Q1", on=day(erp, -1), amount=100)),
    "disputed": lambda erp: Disputed(HERE, Dispute(id="D1", kind="service_quality", opened=day(erp, -1))),
    "held": lambda erp: Held(HERE, Hold(id="H1", kind="contact", since=day(erp, 0), until=day(erp, 5))),
    "released": lambda _: Released(HERE, "H0"),
    "closed": lambda _: Closed(HERE),
    "due date emptied": lambda _: Emptied(HERE, "Q1", "due"),
}
"""What may happen to the household of `test_news_is_found`, which has two charges, a payment P0 and a hold H0."""


class NewsTests:
    """Tests of `accounts(since)`, as far as `changes` declares it; `erp` is the fixture of AdapterSuite."""

    # news

    def test_a_read_ends_with_a_mark(self, erp: Bench) -> None:
        """Without a mark every read is a full one: a night's work each time, and the ERP's people pull the plug."""
        erp.put([household("1-101", charge(erp, -40))])
        if erp.open().capabilities().changes != "none":
            assert isinstance(read_all(erp).last, Mark), "the last item of a full read is a Mark"
            assert isinstance(read_all(erp, cursor_of(erp)).last, Mark), "the last item of a read of news is a Mark"

    @pytest.mark.parametrize("change", NEWS)
    def test_news_is_found(self, erp: Bench, change: str) -> None:
        """In Tryton a bounced payment touches no write date: whoever reads by write dates never hears of it."""
        can = erp.open().capabilities()
        kept, _ = put(erp, household("1-101", charge(erp, -40, 120_000), charge(erp, -20, 50_000, name="Q2")))
        erp.do(Paid(HERE, payment(erp, -15, 50_000, name="P0", of="Q2")))
        does(erp, Held(HERE, Hold(id="H0", kind="contact", since=day(erp, -5), until=day(erp, 30))))
        if can.changes == "none":
            return refused("accounts(since)", lambda: list(erp.open().accounts("0")))
        cursor = cursor_of(erp)
        if does(erp, NEWS[change](erp)):
            found = read_all(erp, cursor)
            assert found.mentions(kept.at) or can.changes == "partial", f"complete changes did not find it: {change}"
        return None

    def test_news_of_one_account_brings_all_its_debtor_has(self, erp: Bench) -> None:
        """Assessed with half of a person's accounts, caps count half of the contacts."""
        mine = [household(name, charge(erp, -40), debtor="O-7") for name in ("1-101", "5-501")]
        kept = erp.put([mine[0], household("2-202", charge(erp, -40)), mine[1]])
        if erp.open().capabilities().changes == "none":
            return refused("accounts(since)", lambda: list(erp.open().accounts("0")))
        cursor = cursor_of(erp)
        erp.do(Paid(HERE, payment(erp, -3, 100)))
        found = read_all(erp, cursor)
        if erp.open().capabilities().changes == "complete" or found.mentions(kept[0].at):
            places = [found.order.index(one.at) for one in (kept[0], kept[2]) if one.at in found.order]
            assert len(places) == 2, f"the debtor has two accounts; with the news came {len(places)}"
            assert abs(places[0] - places[1]) == 1, "between the debtor's accounts there is another's"
        return None

    def test_a_change_during_a_read_is_not_lost(self, erp: Bench) -> None:
        """A payment booked while the night's read runs falls between this read and the next: nobody ever sees it."""
        kept = {one.at: n for n, one in enumerate(erp.put([household(f"{n}-101", charge(erp, -40)) for n in range(9)]))}
        if erp.open().capabilities().changes != "complete":
            return
        paid: At | None = None
        cursor = None
        for item in erp.open().accounts(None):
            if isinstance(item, Mark):
                cursor = item.cursor
            elif paid is None and isinstance(item, Read) and place_of(item) in kept:
                paid = place_of(item)
                erp.do(Paid((COMPANY, f"{kept[paid]}-101"), payment(erp, -1, 40_000)))
        assert paid is not None, "none of the accounts that were put came"
        found = read_all(erp, cursor).accounts
        assert paid in found, "an account that was paid for while it was read is not among the next news"
        assert still_owed(found[paid], erp) == 60_000

    def test_a_read_cut_short_loses_nothing(self, erp: Bench) -> None:
        """The process dies before its results are safe: what it had read and not kept must all come again."""
        names = [f"{n}-101" for n in range(9)]
        kept = erp.put([household(name, charge(erp, -40)) for name in names])
        full = read_all(erp)
        list(islice(erp.open().accounts(None), 4))
        assert read_all(erp).order == full.order, "after a read that was cut short, the next differs"
        if erp.open().capabilities().changes == "none":
            return
        for cursor, before in full.marks:
            later = set(full.order[before:])
            lost = later - set(read_all(erp, cursor).order)
            assert not lost, f"begun again at a mark in the middle, the read lost {len(lost)} of {len(later)} accounts"
        cursor = cursor_of(erp)
        for name in names:
            erp.do(Paid((COMPANY, name), payment(erp, -1, 100)))
        first = read_all(erp, cursor).order
        list(islice(erp.open().accounts(cursor), 1))
        assert read_all(erp, cursor).order == first, "news that was read and not kept did not come again"
        if erp.open().capabilities().changes == "complete":
            assert {one.at for one in kept} <= set(first), "of nine changes not all were found"
