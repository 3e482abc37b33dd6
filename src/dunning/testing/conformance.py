"""What an adapter must do, as tests: subclass `AdapterSuite`, give it one fixture `erp`, run pytest.

    class TestMine(AdapterSuite):
        @pytest.fixture
        def erp(self) -> Bench:
            return MyBench()

Each test says what goes wrong in the field where it fails. What the capabilities declare is tested, and what they do
not declare must be refused: nothing is skipped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import ClassVar

import pytest

from dunning.adapter.delivery import Delivery
from dunning.adapter.errors import RefusedError
from dunning.adapter.protocol import Gone, Item, Mark, Posting
from dunning.basis.calendar import Calendar
from dunning.basis.money import Fen, yuan
from dunning.basis.span import Source
from dunning.engine.owed.ledger import replay
from dunning.engine.result import Action
from dunning.engine.steps.candidates import Ask
from dunning.intake.headers import LISTS
from dunning.intake.records import Read, Rejected
from dunning.model.account import (
    SHANGHAI,
    Account,
    Charge,
    Contract,
    Party,
    Payment,
)
from dunning.model.rulebook import RuleBook
from dunning.testing.bench import (
    Arrived,
    At,
    Bench,
    Bounced,
    Change,
    Charged,
    Closed,
    Crashing,
    Dispatched,
    Disputed,
    Emptied,
    Erased,
    FeeBooked,
    Held,
    Invoiced,
    Kept,
    Merged,
    Moved,
    Paid,
    Point,
    Refunded,
    Released,
    Voided,
)

__all__ = [
    "AdapterSuite",
    "Arrived",
    "At",
    "Bench",
    "Bounced",
    "Change",
    "Charged",
    "Closed",
    "Crashing",
    "Dispatched",
    "Disputed",
    "Emptied",
    "Erased",
    "FeeBooked",
    "Held",
    "Invoiced",
    "Kept",
    "Merged",
    "Moved",
    "Paid",
    "Point",
    "Refunded",
    "Released",
    "Voided",
]

COMPANY = "wy-01"
PLAIN = RuleBook(name="conformance", title="", version="1", calendar=Calendar({}), chased=("property_fee",))
"""A book that only adds up: what is unpaid of each charge, however the source recorded it."""


@dataclass(slots=True)
class Pass:
    """Everything one read gave, in its order. `items` are the accounts and the rejected, `marks` the cursors."""

    items: list[Read | Rejected] = field(default_factory=list)
    gone: list[Gone] = field(default_factory=list)
    marks: list[str] = field(default_factory=list)
    last: Item | None = None

    @classmethod
    def of(cls, items: Iterable[Item]) -> Pass:
        found = cls()
        for item in items:
            found.last = item
            if isinstance(item, Mark):
                found.marks.append(item.cursor)
            elif isinstance(item, Gone):
                found.gone.append(item)
            else:
                found.items.append(Read(item) if isinstance(item, Account) else item)
        return found

    def order(self) -> list[At]:
        return [_at(item) for item in self.items]

    def accounts(self) -> dict[At, Account]:
        return {_at(item): item.account for item in self.items if isinstance(item, Read)}


def _at(item: Read | Rejected) -> At:
    return (item.account.company, item.account.id) if isinstance(item, Read) else (item.company, item.id)


def household(name: str, *charges: Charge, company: str = COMPANY, debtor: str = "") -> Account:
    """An owner under a committee's contract, with these charges."""
    return Account(
        company=company,
        id=name,
        unit=name,
        use="residential",
        debtor=Party(id=debtor or f"O-{name}", kind="person", role="owner"),
        contracts=(Contract(id="K1", kind="committee", late_fee_clause=True),),
        charges=charges,
    )


def unpaid(account: Account, on: date) -> dict[str, Fen]:
    """What is still to pay of the principal of each charge, in fen."""
    return {state.charge.id: state.unpaid for state in replay(account, PLAIN, on).charges}


class AdapterSuite:
    """Every test of the contract. Subclass it, and give it the fixture `erp`: a new Bench each time."""

    many: ClassVar[int] = 1_050
    """How many accounts the paging tests put: more than any page of this ERP holds. Lower it only together with the
    page size that the bench opens its adapter with.
    """

    @pytest.fixture
    def erp(self) -> Bench:
        raise NotImplementedError("the subclass gives the fixture `erp`, which returns a Bench")

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
        kept, account = _put(erp, household("1-101", _charge(erp, -40)))
        adapter, can = erp.open(), erp.open().capabilities()
        if not can.delivers:
            _refused("deliver", lambda: adapter.deliver([_delivery(erp, kept, account)]))
            _refused("cancel", lambda: adapter.cancel(["0" * 32], "paid"))
            _refused("receipts", lambda: list(adapter.receipts(None)))
        if not can.posts:
            _refused("post", lambda: adapter.post([_posting(erp, kept)]))
        if not can.resolves:
            _refused("parties", lambda: list(adapter.parties([account.debtor.id])))
        if not can.forgets:
            _refused("forget", lambda: adapter.forget(account.debtor.id))
        if can.changes == "none":
            _refused("accounts(since)", lambda: list(adapter.accounts("0")))

    # money

    def test_money_comes_to_the_fen(self, erp: Bench) -> None:
        """0.29 through a float is 28 fen: a household is asked for one fen less than the court awards, or one more."""
        amounts = [1, 10, 29, 57, 115, 435, 1999, 159_225, 10_000_001, 123_456_789]
        charges = [_charge(erp, -400 + n, fen, name=f"Q{n}") for n, fen in enumerate(amounts)]
        kept, account = _put(erp, household("1-101", *charges))
        found = {charge.id: charge.amount for charge in account.charges}
        for put in charges:
            came = found.get(kept.charges[put.id])
            assert came == put.amount, f"{yuan(put.amount)} yuan came back as {came} fen"
            assert type(came) is int, f"an amount is an int of fen, not {type(came).__name__}"

    def test_a_partial_payment_leaves_the_rest(self, erp: Bench) -> None:
        """Owed 1200, paid 900: an ERP's own dunning goes on asking for 1200, and charges its fee on it."""
        kept, _ = _put(erp, household("1-101", _charge(erp, -40, 120_000)))
        erp.do(Paid((COMPANY, "1-101"), _payment(erp, -10, 90_000)))
        owed = unpaid(_reread(erp, kept), erp.today)
        assert owed.get(kept.charges["Q1"]) == 30_000, f"unpaid is 300.00 yuan, not {owed}"

    def test_what_is_paid_is_not_owed(self, erp: Bench) -> None:
        """Somebody who has paid in full is called: the worst call there is."""
        kept, _ = _put(erp, household("1-101", _charge(erp, -40, 120_000)))
        erp.do(Paid((COMPANY, "1-101"), _payment(erp, -10, 120_000)))
        for account in _again(erp, kept):
            owed = sum(unpaid(account, erp.today).values())
            assert owed == 0, f"all is paid and {yuan(owed)} yuan are owed"

    # who

    def test_every_account_comes_once_and_in_one_order(self, erp: Bench) -> None:
        """An account that comes twice is contacted twice; one whose place depends on the day cannot be resumed."""
        put = [household(f"1-{n}", _charge(erp, -40 - n)) for n in range(7)]
        addresses = {kept.at for kept in erp.put(put)}
        first, second = _all(erp).order(), _all(erp).order()
        assert first == second, "two reads of the same data differ in order"
        assert len(first) == len(set(first)), "an account came twice"
        assert addresses <= set(first), f"these never came: {sorted(addresses - set(first))}"

    def test_the_accounts_of_one_debtor_come_together(self, erp: Bench) -> None:
        """Caps hold for a person: read apart, somebody with three flats gets three calls in one morning."""
        names = ["1-101", "5-501", "9-901"]
        mine = [household(name, _charge(erp, -40), debtor="O-7") for name in names]
        others = [household(f"{n}-300", _charge(erp, -40)) for n in range(2, 9)]
        kept = erp.put([mine[0], *others[:3], mine[1], *others[3:], mine[2]])
        order = _all(erp).items
        debtors = [item.account.debtor.id for item in order if isinstance(item, Read)]
        of_mine = {_all(erp).accounts()[kept[place].at].debtor.id for place in (0, 4, 8)}
        assert len(of_mine) == 1, f"one debtor has several ids: {of_mine}"
        places = [place for place, debtor in enumerate(debtors) if debtor in of_mine]
        assert places == list(range(places[0], places[0] + len(places))), "a debtor's accounts do not come together"

    def test_two_companies_may_have_the_same_room_number(self, erp: Bench) -> None:
        """Room 1-101 exists in every estate: mixed up, one family is asked for another's debt."""
        here = household("1-101", _charge(erp, -40, 11_111))
        there = household("1-101", _charge(erp, -40, 22_222), company="wy-02", debtor="O-77")
        one, two = erp.put([here, there])
        found = _all(erp).accounts()
        assert one.at != two.at, "two companies' accounts have one address"
        for kept, amount in ((one, 11_111), (two, 22_222)):
            assert kept.at in found, f"{kept.at} never came"
            assert [charge.amount for charge in found[kept.at].charges] == [amount], "charges of two companies mixed"

    # days

    def test_days_do_not_drift(self, erp: Bench) -> None:
        """Midnight in Shanghai is yesterday in UTC: every due date a day early is a late fee a day too high."""
        year = erp.today.year - 1
        days = [date(year, 1, 1), date(year, 2, 28), date(year, 3, 1), date(year, 12, 31)]
        charges = [Charge(id=f"Q{n}", amount=10_000, due=day) for n, day in enumerate(days)]
        kept, account = _put(erp, household("1-101", *charges))
        found = {charge.id: charge.due for charge in account.charges}
        assert [found[kept.charges[charge.id]] for charge in charges] == days

    # what is missing

    def test_a_missing_field_names_the_erps_own_column(self, erp: Bench) -> None:
        """`due is missing` helps nobody who has an ERP before them: which table, which row, which column."""
        kept, other = erp.put([household("1-101", _charge(erp, -40)), household("2-202", _charge(erp, -40))])
        emptied = [name for name in ("due", "amount") if _does(erp, Emptied((COMPANY, "1-101"), "Q1", name))]
        assert emptied, "neither a due date nor an amount can be missing: let the bench empty one of them"
        everything = _all(erp)
        rejected = [item for item in everything.items if isinstance(item, Rejected) and _at(item) == kept.at]
        assert rejected, "a row that cannot be read disappeared; it is a Rejected in its place"
        places = [found.at for found in rejected[0].findings]
        columns = {place.column for place in places if isinstance(place, Source)}
        assert {erp.column(name) for name in emptied} <= columns, f"the findings point at {places}"
        assert other.at in everything.accounts(), "one bad row cost another household its result"

    # deliveries

    def test_delivered_twice_is_sent_once(self, erp: Bench) -> None:
        """After a crash all is handed over again: whoever is called twice for one reminder complains, and rightly."""
        kept, account = _put(erp, household("1-101", _charge(erp, -40)))
        delivery = _delivery(erp, kept, account)
        if not erp.open().capabilities().delivers:
            return _refused("deliver", lambda: erp.open().deliver([delivery]))
        erp.open().deliver([delivery])
        reworded = replace(delivery, action=replace(delivery.action, tone="firm"))
        again = erp.open().deliver([delivery, reworded])
        _dispatch(erp)
        erp.open().deliver([delivery])
        _dispatch(erp)
        assert list(erp.sent()).count(delivery.key) == 1, f"sent: {list(erp.sent())}"
        assert [receipt.key for receipt in again] == [delivery.key] * 2, "one receipt for each delivery, in order"
        return None


# Making and reading


def _charge(erp: Bench, days: int, amount: Fen = 100_000, *, name: str = "Q1") -> Charge:
    """A property fee that fell due that many days from today (below zero: before)."""
    return Charge(id=name, amount=amount, due=erp.today + timedelta(days=days))


def _payment(erp: Bench, days: int, amount: Fen, *, name: str = "P1", of: str = "Q1") -> Payment:
    return Payment(id=name, on=erp.today + timedelta(days=days), amount=amount, for_=(of,))


def _all(erp: Bench) -> Pass:
    return Pass.of(erp.open().accounts(None))


def _reread(erp: Bench, kept: Kept) -> Account:
    found = Pass.of(erp.open().reread([kept.at])).accounts()
    assert kept.at in found, f"{kept.at} is not there when it is read again"
    return found[kept.at]


def _again(erp: Bench, kept: Kept) -> Iterator[Account]:
    """The account by both ways to it, as far as it is there at all: a full read, and `reread`."""
    for found in (_all(erp), Pass.of(erp.open().reread([kept.at]))):
        if kept.at in found.accounts():
            yield found.accounts()[kept.at]


def _put(erp: Bench, account: Account) -> tuple[Kept, Account]:
    """Put one account, and what the adapter then gives of it."""
    (kept,) = erp.put([account])
    return kept, _reread(erp, kept)


def _does(erp: Bench, change: Change) -> bool:
    """Whether this ERP has such a thing; if so, it has happened."""
    try:
        erp.do(change)
    except NotImplementedError:
        return False
    return True


def _refused(method: str, call: object) -> None:
    assert callable(call)
    try:
        call()
    except RefusedError:
        return
    raise AssertionError(f"`{method}` is not declared and was not refused with RefusedError")


def _at_ten(erp: Bench) -> datetime:
    return datetime.combine(erp.today, time(10), SHANGHAI)


def _dispatch(erp: Bench) -> None:
    erp.do(Dispatched(_at_ten(erp)))


def _key(*parts: str) -> str:
    return hashlib.sha256("/".join(parts).encode()).hexdigest()[:32]


def _delivery(erp: Bench, kept: Kept, account: Account, *, step: str = "first_reminder", nth: int = 1) -> Delivery:
    """A message about the account's first charge, for today, by SMS or telephone."""
    charges = tuple(charge.id for charge in account.charges[:1])
    action = Action(
        key=_key(*kept.at, account.debtor.id, step, str(nth)),
        step=step,
        charge=None,
        action="send_message",
        to=(account.debtor.id,),
        channels={"first_of": ("sms", "phone")},
        role="customer_service",
        tone="friendly",
        template=None,
        not_before=datetime.combine(erp.today, time(0), SHANGHAI),
        not_after=None,
        record=("outcome",),
        ask=Ask(account.charges[0].amount, 0, erp.today),
        bundle=f"{account.debtor.id}/{erp.today}",
        charges=charges,
        void_if=("paid",),
    )
    return Delivery(company=kept.company, account=kept.id, debtor=account.debtor.id, on=erp.today, action=action)


def _posting(erp: Bench, kept: Kept, *, amount: Fen = 1_234) -> Posting:
    charge = next(iter(kept.charges.values()))
    return Posting(
        key=_key(*kept.at, charge, "late_fee"),
        company=kept.company,
        account=kept.id,
        charge=charge,
        kind="late_fee",
        amount=amount,
        through=erp.today,
    )
