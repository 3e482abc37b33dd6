"""What is read of an ERP: money to the fen, everybody once, days that stay, and what stands in the way of a call.

The first part of the adapter suite. Each test says what goes wrong in the field where it fails.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import ClassVar, Literal

import pytest

from dunning.basis.money import yuan
from dunning.basis.span import Source
from dunning.intake.headers import LISTS
from dunning.model.account import Account, BookedLateFee, Charge, Dispute, Hold, Payment
from dunning.testing.bench import (
    Bench,
    Bounced,
    Change,
    Closed,
    Disputed,
    Emptied,
    Erased,
    FeeBooked,
    Held,
    Invoiced,
    Merged,
    Moved,
    Paid,
    Refunded,
    Released,
    Voided,
)
from dunning.testing.probes import (
    COMPANY,
    HERE,
    Pass,
    both_ways,
    charge,
    day,
    delivery,
    does,
    household,
    payment,
    posting,
    put,
    read_all,
    refused,
    reread,
    still_owed,
    unpaid,
)


class ReadingTests:
    """Tests of `accounts(None)` and `reread`; `erp` is the fixture of AdapterSuite."""

    many: ClassVar[int] = 1_050
    """How many accounts the paging test puts: more than a page of the ERP holds."""
    largest: ClassVar[int] = 123_456_789
    """The largest amount put, in fen. Lower it where a column of the ERP holds no such sum."""

    # what is declared

    def test_capabilities_are_constant_and_name_what_there_is(self, erp: Bench) -> None:
        """A list misspelt is a list nobody supplies: its facts are unknown for ever, and steps never become due."""
        first, again = erp.open().capabilities(), erp.open().capabilities()
        assert first == again, "capabilities change from one opening to the next"
        assert first.name, "an adapter has a name"
        strange = first.lists - (LISTS.keys() - {"accounts"})
        assert not strange, f"no lists of an account: {sorted(strange)}"
        assert "charges" in first.lists, "an adapter that supplies no charges supplies nothing"

    def test_what_is_not_declared_is_refused(self, erp: Bench) -> None:
        """Something that quietly does nothing is taken for done: a fee never booked, a person never erased."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        adapter, can = erp.open(), erp.open().capabilities()
        if not can.delivers:
            refused("deliver", lambda: adapter.deliver([delivery(erp, kept, account)]))
            refused("cancel", lambda: adapter.cancel(["0" * 32], "paid"))
            refused("receipts", lambda: list(adapter.receipts(None)))
        if not can.posts:
            refused("post", lambda: adapter.post([posting(erp, kept, 1_234)]))
        if not can.resolves:
            refused("parties", lambda: list(adapter.parties([account.debtor.id])))
        if not can.forgets:
            refused("forget", lambda: adapter.forget(account.debtor.id))
        if can.changes == "none":
            refused("accounts(since)", lambda: list(adapter.accounts("0")))

    # money

    def test_money_comes_to_the_fen(self, erp: Bench) -> None:
        """0.29 through a float is 28 fen: a household is asked for one fen less than the court awards, or one more."""
        amounts = [1, 10, 29, 57, 115, 435, 1_999, 159_225, 10_000_001, self.largest]
        charges = [charge(erp, -400 + n, fen, name=f"Q{n}") for n, fen in enumerate(amounts)]
        kept, account = put(erp, household("1-101", *charges))
        found = {one.id: one.amount for one in account.charges}
        for asked in charges:
            came = found.get(kept.charges[asked.id])
            assert came == asked.amount, f"{yuan(asked.amount)} yuan came back as {came} fen"
            assert type(came) is int, f"an amount is an int of fen, not {type(came).__name__}"

    def test_a_partial_payment_leaves_the_rest(self, erp: Bench) -> None:
        """Owed 1200, paid 900: an ERP's own dunning goes on asking for 1200, and charges its fee on it."""
        kept, _ = put(erp, household("1-101", charge(erp, -40, 120_000)))
        erp.do(Paid(HERE, payment(erp, -10, 90_000)))
        for account in both_ways(erp, kept):
            owed = unpaid(account, erp.today)
            assert owed.get(kept.charges["Q1"]) == 30_000, f"unpaid are 300.00 yuan, not {owed} fen"

    def test_what_is_paid_is_not_owed(self, erp: Bench) -> None:
        """Somebody who has paid in full is called: the worst call there is."""
        kept, _ = put(erp, household("1-101", charge(erp, -40, 120_000)))
        erp.do(Paid(HERE, payment(erp, -10, 120_000)))
        for found in (read_all(erp), Pass.of(erp.open().reread([kept.at]))):
            if kept.at in found.accounts:  # an ERP that knows only open items knows nothing of this one
                owed = still_owed(found.accounts[kept.at], erp)
                assert owed == 0, f"all is paid, and {yuan(owed)} yuan are owed"

    def test_a_late_fee_is_not_principal(self, erp: Bench) -> None:
        """The ERP books its late fee as one more open item: taken for principal, it bears a late fee itself."""
        kept, _ = put(erp, household("1-101", charge(erp, -40)))
        fee = BookedLateFee(id="L1", charge="Q1", on=day(erp, -5), amount=3_583)
        if not does(erp, FeeBooked(HERE, fee)):
            assert erp.open().capabilities().late_fees_by != "source", "it says the source books late fees"
            return
        for account in both_ways(erp, kept):
            owed = sum(unpaid(account, erp.today).values())
            assert owed == 100_000, f"1000.00 yuan of principal are owed, not {yuan(owed)}"
            if "late_fees" in erp.open().capabilities().lists:
                assert sum(row.amount for row in account.late_fees) == 3_583, "the fee the ERP booked is not told"

    def test_a_mixed_invoice_is_taken_apart(self, erp: Bench) -> None:
        """One invoice for property fee, water and a late fee: as one sum, water is chased under a law it has not."""
        kept, _ = put(erp, household("1-101", charge(erp, -40)))
        lines = (charge(erp, -20, 50_000, name="Q2"), replace(charge(erp, -20, 8_050, name="W2"), item="utility"))
        if not does(erp, Invoiced(HERE, lines, BookedLateFee(id="L1", charge="Q1", on=day(erp, -20), amount=777))):
            return
        everything = read_all(erp)
        if everything.rejected(kept.at):
            return  # it cannot tell the lines apart, and says so: nobody is asked for a wrong sum
        account = everything.accounts[kept.at]
        fees = sum(one.amount for one in account.charges if one.item == "property_fee")
        rest = sum(one.amount for one in account.charges if one.item != "property_fee")
        assert fees == 150_000, f"the property fees are 1500.00 yuan, not {yuan(fees)}"
        assert rest in (0, 8_050), f"beside them there are 80.50 yuan of water, not {yuan(rest)}"

    def test_a_payment_that_bounced_is_owed_again(self, erp: Bench) -> None:
        """A cheque that bounced counts as paid for ever, and limitation runs out on it."""
        kept, _ = put(erp, household("1-101", charge(erp, -40, 120_000)))
        erp.do(Paid(HERE, payment(erp, -20, 120_000)))
        if does(erp, Bounced(HERE, "P1", day(erp, -5))):
            for account in both_ways(erp, kept):
                owed = still_owed(account, erp)
                assert owed == 120_000, f"the payment bounced: 1200.00 yuan are owed, not {yuan(owed)}"

    def test_refunded_money_is_owed_again(self, erp: Bench) -> None:
        """Money given back by mistake's correction looks like money received: the charge stays closed."""
        kept, _ = put(erp, household("1-101", charge(erp, -40, 120_000)))
        erp.do(Paid(HERE, payment(erp, -20, 120_000)))
        if does(erp, Refunded(HERE, "P1", 30_000, day(erp, -5))):
            for account in both_ways(erp, kept):
                owed = still_owed(account, erp)
                assert owed == 30_000, f"300.00 yuan were given back and are owed, not {yuan(owed)}"

    def test_a_deleted_payment_never_came(self, erp: Bench) -> None:
        """ERPs delete by a flag: read without looking at it, a payment entered for the wrong flat still counts."""
        kept, _ = put(erp, household("1-101", charge(erp, -40, 120_000)))
        erp.do(Paid(HERE, payment(erp, -20, 50_000)))
        if does(erp, Voided(HERE, "payments", "P1")):
            for account in both_ways(erp, kept):
                owed = still_owed(account, erp)
                assert owed == 120_000, f"the payment is deleted: 1200.00 yuan are owed, not {yuan(owed)}"

    def test_a_deleted_charge_is_not_owed(self, erp: Bench) -> None:
        """A bill withdrawn goes on being dunned, and the letter about it is the one the debtor shows in court."""
        kept, _ = put(erp, household("1-101", charge(erp, -40), charge(erp, -20, 50_000, name="Q2")))
        if does(erp, Voided(HERE, "charges", "Q2")):
            for account in both_ways(erp, kept):
                owed = still_owed(account, erp)
                assert owed == 100_000, f"the second charge is deleted: 1000.00 yuan are owed, not {yuan(owed)}"

    # who

    def test_every_account_comes_once_and_in_one_order(self, erp: Bench) -> None:
        """An account that comes twice is contacted twice; one whose place depends on the day cannot be resumed."""
        put_there = erp.put([household(f"{n}-101", charge(erp, -40 - n)) for n in (5, 3, 7, 1, 6, 2, 4)])
        first, second = read_all(erp).order, read_all(erp).order
        assert first == second, "two reads of the same data differ in their order"
        assert len(first) == len(set(first)), "an account came twice"
        lost = {kept.at for kept in put_there} - set(first)
        assert not lost, f"these never came: {sorted(lost)}"

    def test_pages_lose_nobody(self, erp: Bench) -> None:
        """ERPs answer with the first 20, or 1,000: without asking for the rest, everybody else is never dunned."""
        put_there = erp.put([household(f"{n}-101", charge(erp, -40, 100 * n + 100)) for n in range(self.many)])
        found = read_all(erp)
        assert len(found.order) == len(set(found.order)), "an account came twice"
        lost = {kept.at for kept in put_there} - found.accounts.keys()
        assert not lost, f"of {self.many} accounts {len(lost)} never came, {min(lost)} among them"
        for n, kept in enumerate(put_there):
            amounts = [one.amount for one in found.accounts[kept.at].charges]
            assert amounts == [100 * n + 100], f"{kept.at} has the charges {amounts}, not its own"

    def test_the_accounts_of_one_debtor_come_together(self, erp: Bench) -> None:
        """Caps hold for a person: read apart, somebody with three flats gets three calls in one morning."""
        others = [household(f"{n}-300", charge(erp, -40)) for n in range(2, 9)]
        mine = [household(name, charge(erp, -40), debtor="O-7") for name in ("1-101", "5-501", "9-901")]
        erp.put([mine[0], *others[:3]])
        erp.put([mine[1], *others[3:]])
        (last,) = erp.put([mine[2]])
        found = read_all(erp)
        me = found.accounts[last.at].debtor.id
        places = [n for n, at in enumerate(found.order) if at in found.accounts and found.accounts[at].debtor.id == me]
        assert len(places) == 3, f"the debtor has 3 accounts, not {len(places)}: one person with several ids?"
        assert places[2] - places[0] == 2, "between a debtor's accounts there are another's"

    def test_two_companies_may_have_the_same_room_number(self, erp: Bench) -> None:
        """Room 1-101 exists in every estate: mixed up, one family is asked for another's debt."""
        amounts = {COMPANY: 11_111, "wy-02": 22_222}
        put_there = erp.put([household("1-101", charge(erp, -40, fen), company=of) for of, fen in amounts.items()])
        assert put_there[0].at != put_there[1].at, "two companies' accounts have one address"
        for kept, amount in zip(put_there, amounts.values(), strict=True):
            for account in both_ways(erp, kept):
                came = [each.amount for each in account.charges]
                assert came == [amount], f"{kept.at} has the charges {came}, not its own"
        order = read_all(erp).order
        assert len(order) == len(set(order)), "an account came twice"

    def test_a_new_owner_is_a_new_account(self, erp: Bench) -> None:
        """Who buys a flat does not buy its debts: the old owner's arrears must not follow the room."""
        kept, before = put(erp, household("1-101", charge(erp, -40, 11_111)))
        erp.do(Paid(HERE, payment(erp, -30, 1_111)))
        addresses = set(read_all(erp).order)
        buyer = replace(household("1-101/2", charge(erp, -5, 22_222, name="Q2"), debtor="O-2"), unit="1-101")
        erp.do(Moved(HERE, replace(buyer, debtor=replace(buyer.debtor, since=day(erp, -20)))))
        found = read_all(erp).accounts
        new = [found[at] for at in found.keys() - addresses]
        assert len(new) == 1, f"with the new owner there is one more account, not {len(new)}"
        assert new[0].debtor.id != before.debtor.id, "the new owner has the old one's id"
        assert [one.amount for one in new[0].charges] == [22_222], "the new owner has other charges than the new ones"
        assert not new[0].payments, "the old owner's payment is credited to the new one"
        if kept.at in found:
            assert found[kept.at].debtor.id == before.debtor.id, "the old account has changed its debtor"
            assert still_owed(found[kept.at], erp) == 10_000, "the old owner's debt has changed with the sale"

    @pytest.mark.parametrize("because", ["closed", "merged", "erased"])
    def test_what_is_gone_is_told(self, erp: Bench, because: str) -> None:
        """An account that silently stops coming keeps its last assessment, and its owner the calls that follow."""
        kept, into = erp.put([household("1-101", charge(erp, -40)), household("2-202", charge(erp, -40))])
        changes: dict[str, Change] = {
            "closed": Closed(HERE),
            "merged": Merged(HERE, (COMPANY, "2-202")),
            "erased": Erased(HERE),
        }
        if does(erp, changes[because]):
            assert kept.at not in read_all(erp).accounts, f"the account is {because} and still comes"
            gone = [one for one in Pass.of(erp.open().reread([kept.at])).gone if (one.company, one.id) == kept.at]
            assert [one.because for one in gone] == [because], f"read again: {gone}"
            assert because != "merged" or gone[0].into == into.id, f"it was merged into {into.id}: {gone}"

    def test_who_was_never_there_is_gone(self, erp: Bench) -> None:
        """An account named in an old list and not answered for would be waited for, and hold up all the others."""
        (kept,) = erp.put([household("1-101", charge(erp, -40))])
        asked = [(kept.company, "no-such-account"), kept.at, ("no-such-company", kept.id)]
        found = Pass.of(erp.open().reread(asked))
        assert kept.at in found.accounts, "beside one that is not there, one that is was left out"
        assert {(one.company, one.id) for one in found.gone} == {asked[0], asked[2]}, f"gone are {found.gone}"

    def test_an_account_is_read_again_with_all_its_debtor_has(self, erp: Bench) -> None:
        """Before a call one flat is read again: without the debtor's other one, today's call about that is not seen."""
        mine = [household(name, charge(erp, -40), debtor="O-7") for name in ("1-101", "5-501")]
        kept = erp.put([mine[0], household("2-202", charge(erp, -40)), mine[1]])
        alone = Pass.of(erp.open().reread([kept[2].at])).order
        both = Pass.of(erp.open().reread([kept[0].at, kept[2].at])).order
        assert sorted(alone) == sorted(both) == sorted([kept[0].at, kept[2].at]), f"{alone}, {both}"

    # what stands in the way

    def test_a_dispute_is_told(self, erp: Bench) -> None:
        """The debtor has complained and is called again as if nothing had been said."""
        kept, _ = put(erp, household("1-101", charge(erp, -40)))
        if not does(erp, Disputed(HERE, Dispute(id="D1", kind="service_quality", opened=day(erp, -10)))):
            assert "disputes" not in erp.open().capabilities().lists, "it says it supplies disputes"
            return
        for account in both_ways(erp, kept):
            disputed = any(one.closed is None for one in account.disputes)
            assert disputed or _held(account, erp), "of the open dispute there is no word"

    def test_a_hold_is_told_and_taken_back(self, erp: Bench) -> None:
        """The manager has promised a month's rest; or the rest is over, and nobody ever asks again."""
        kept, _ = put(erp, household("1-101", charge(erp, -40)))
        if not does(erp, Held(HERE, Hold(id="H1", kind="contact", since=day(erp, -5), until=day(erp, 30)))):
            assert "holds" not in erp.open().capabilities().lists, "it says it supplies holds"
            return
        for account in both_ways(erp, kept):
            assert _held(account, erp), "of the hold there is no word"
        erp.do(Released(HERE, "H1"))
        for account in both_ways(erp, kept):
            assert not _held(account, erp), "the hold was taken back and still stands"

    # days

    def test_days_do_not_drift(self, erp: Bench) -> None:
        """Midnight in Shanghai is yesterday in UTC: every due date a day early is a late fee a day too high."""
        year = erp.today.year - 1
        days = [date(year, 1, 1), date(year, 2, 28), date(year, 3, 1), date(year, 12, 31)]
        charges = [Charge(id=f"Q{n}", amount=10_000, due=due) for n, due in enumerate(days)]
        kept, account = put(erp, household("1-101", *charges))
        found = {one.id: one.due for one in account.charges}
        assert [found[kept.charges[one.id]] for one in charges] == days, "due dates have moved"
        if "payments" in erp.open().capabilities().lists:
            (other,) = erp.put([household("2-202", Charge(id="Q1", amount=10_000, due=days[0]))])
            for n, on in enumerate(days):
                erp.do(Paid((COMPANY, "2-202"), Payment(id=f"P{n}", on=on, amount=1_000, for_=("Q1",))))
            came = sorted(one.on for one in reread(erp, other).payments)
            assert came == days, f"the days of payments have moved: {came}"

    def test_an_account_says_when_its_source_was_asked(self, erp: Bench) -> None:
        """Without `data_as_of` nobody knows whether somebody has paid since: nothing is ever sent (`stale_data`)."""
        for account in both_ways(erp, erp.put([household("1-101", charge(erp, -40))])[0]):
            asked = account.data_as_of
            assert asked is not None, "data_as_of is missing"
            assert asked.tzinfo is not None, f"data_as_of has no zone: {asked}"

    # what is missing

    @pytest.mark.parametrize("field", ["due", "amount"])
    def test_a_missing_field_names_the_erps_own_column(self, erp: Bench, field: Literal["due", "amount"]) -> None:
        """`due is missing` helps nobody who has an ERP before them: which table, which row, which column."""
        kept, other = erp.put([household("1-101", charge(erp, -40)), household("2-202", charge(erp, -40))])
        if not does(erp, Emptied(HERE, "Q1", field)):
            return
        everything = read_all(erp)
        rejected = everything.rejected(kept.at)
        assert rejected, "a row that cannot be read is a Rejected in its place, and does not disappear"
        places = [found.at for found in rejected[0].findings]
        columns = {place.column for place in places if isinstance(place, Source)}
        assert erp.column(field) in columns, f"the findings point at {places}, not at {erp.column(field)}"
        assert other.at in everything.accounts, "one bad row cost another household its result"


def _held(account: Account, erp: Bench) -> bool:
    """Whether contact rests today."""
    return any(
        one.kind in ("contact", "both") and one.since <= erp.today and (one.until is None or erp.today <= one.until)
        for one in account.holds
    )
