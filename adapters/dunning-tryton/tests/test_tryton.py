"""What Tryton does its own way: its dunning beside ours, and the entries that people make by hand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from estate import ITEMS, TrytonBench
from tryton import Tryton

import dunning
from dunning.adapter import AdapterError, Gone, Mark, Source, deliveries, open_adapter
from dunning.testing.conformance import Bounced, FeeBooked, Invoiced, Kept, Paid
from dunning.testing.probes import (
    HERE,
    charge,
    cursor_of,
    day,
    delivery,
    dispatch,
    hour,
    household,
    payment,
    put,
    read_all,
    reread,
    still_owed,
)
from dunning_sql import Store

BOOK = Path(__file__).parent / "late-fee.yaml"


@pytest.fixture
def erp(sqlite_tryton: Tryton) -> Iterator[TrytonBench]:
    bench = TrytonBench(sqlite_tryton)
    yield bench
    bench.leave()


def opened(erp: TrytonBench, **options: str) -> Any:
    tryton = erp.tryton
    address = {"url": tryton.url, "database": tryton.database, "user": tryton.user, "password": tryton.password}
    return open_adapter("tryton", **{**address, "items": ITEMS, **options})


def assessed(erp: TrytonBench, kept: Kept) -> dunning.Assessment:
    """The account by a book of 0.05% a day, under a contract that has a clause on late fees."""
    (found,) = opened(erp, use="residential", late_fee_clause="yes").reread([kept.at])
    return dunning.assess(found.account, dunning.load(BOOK), on=erp.today)


def items_of(erp: TrytonBench, kept: Kept) -> list[Any]:
    return list(erp.open().reread([kept.at]))


def test_tryton_goes_on_asking_for_all_and_we_for_the_rest(erp: TrytonBench) -> None:
    """Owed 1200.00, paid 900.00 before it fell due, 100 days late. Tryton's dunning asks for 1200.00, and a level of 5%
    costs 60.00. At 0.05% a day, 5% in 100 days, ours is on what is unpaid: 300.00 and 15.00."""
    (kept,) = erp.put([household("1-101", charge(erp, -100, 120_000))])
    erp.do(Paid(HERE, payment(erp, -101, 90_000)))

    ours = assessed(erp, kept)
    assert (ours.balance.principal_due, ours.balance.late_fee) == (30_000, 1_500)

    theirs = erp.tryton.do("rounds", party=erp.places[HERE]["party"])
    assert theirs == {"amount": "1200.00", "fee": "60.00"}
    assert erp.tryton.do("owed", invoice=erp.invoice(HERE, "Q1")) == "300.00", "and yet it knows"

    assert assessed(erp, kept).balance.principal_due == 30_000, "the fee it booked is not principal"
    assert [fee.amount for fee in reread(erp, kept).late_fees] == [6_000]


def test_what_tryton_cannot_keep_stands_in_a_store(erp: TrytonBench, tmp_path: Path) -> None:
    """A call is made and noted; why the debtor has not paid, and that they complained, is written into the store."""
    kept, account = put(erp, household("1-101", charge(erp, -40)))
    sent = delivery(erp, kept, account)
    erp.open().deliver([sent])
    dispatch(erp)
    store = Store(tmp_path / "dunning.db")
    result = {"outcome": "promised", "reason": "forgot", "promise": {"on": f"{erp.today}"}}
    store.put("contacts", *kept.at, {"id": sent.key, "at": hour(erp, 10).isoformat(), **result})
    adapter = opened(erp, store=str(tmp_path / "dunning.db"))
    (found,) = adapter.reread([kept.at])
    (contact,) = found.account.contacts
    assert (contact.outcome, contact.reason, contact.step) == ("promised", "forgot", sent.action.step)
    assert "disputes" in adapter.capabilities().lists
    cursor = next(one.cursor for one in adapter.accounts(None) if isinstance(one, Mark))
    store.put("disputes", *kept.at, {"id": "D1", "kind": "price", "opened": f"{erp.today}"})
    news = [one.account for one in adapter.accounts(cursor) if isinstance(one, dunning.Read)]
    assert [one.kind for account in news if account.id == kept.id for one in account.disputes] == ["price"]


def test_what_is_said_of_all_accounts_is_in_each(erp: TrytonBench) -> None:
    """Whether the contracts have a clause on late fees, Tryton does not know."""
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    (plain,) = erp.open().reread([kept.at])
    assert (plain.account.use, plain.account.contracts) == (None, ())
    (told,) = opened(erp, use="residential", place="CN-3301", late_fee_clause="no").reread([kept.at])
    assert (told.account.use, told.account.place) == ("residential", "CN-3301")
    assert [one.late_fee_clause for one in told.account.contracts] == [False]


def test_a_bounced_payment_can_be_paid_again(erp: TrytonBench) -> None:
    """Tryton keeps the cancelled payment among the invoice's; counted, the money would be owed twice or not at all."""
    (kept,) = erp.put([household("1-101", charge(erp, -40, 120_000))])
    erp.do(Paid(HERE, payment(erp, -20, 90_000)))
    erp.do(Bounced(HERE, "P1", day(erp, -5)))
    erp.do(Paid(HERE, payment(erp, -3, 30_000, name="P2")))
    account = reread(erp, kept)
    assert still_owed(account, erp) == 90_000
    assert sorted((one.amount, one.reversed_on) for one in account.payments) == [(30_000, None), (90_000, erp.today)]


def test_a_cancelled_bounce_is_a_payment_again(erp: TrytonBench) -> None:
    """The bank was wrong: the move that cancelled the payment is cancelled itself."""
    (kept,) = erp.put([household("1-101", charge(erp, -40, 120_000))])
    erp.do(Paid(HERE, payment(erp, -20, 90_000)))
    move, _ = erp.moves[HERE, "P1"]
    erp.do(Bounced(HERE, "P1", day(erp, -5)))
    erp.tryton.do("bounce", move=erp.tryton.do("cancelled_by", move=move))
    assert still_owed(reread(erp, kept), erp) == 30_000


def test_each_item_of_an_invoice_is_a_charge(erp: TrytonBench) -> None:
    """A property fee, water, and a late fee that names the line it is for."""
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    water = replace(charge(erp, -20, 8_050, name="W2"), item="utility")
    fee = booked("7.77", erp)
    erp.do(Invoiced(HERE, (charge(erp, -20, 50_000, name="Q2"), water), fee))
    account = reread(erp, kept)
    assert sorted((one.item, one.amount) for one in account.charges) == [
        ("property_fee", 50_000), ("property_fee", 100_000), ("utility", 8_050),
    ]  # fmt: skip
    assert [(one.charge, one.amount) for one in account.late_fees] == [(kept.charges["Q1"], 777)]


def test_a_late_fee_that_is_for_nothing_is_told(erp: TrytonBench) -> None:
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    line = {**erp.places[HERE], "due": erp.today.isoformat(), "lines": [["LF", "7.77", None]]}
    (made,) = erp.tryton.do("invoices", company=erp.tryton.companies["wy-01"], invoices=[line])
    (found,) = items_of(erp, kept)
    assert [(one.code, one.at) for one in found.findings] == [
        ("P504", Source("account.invoice.line", str(made["lines"][0]), "origin"))
    ]


def test_money_on_no_invoice_counts_where_there_is_one_unit(erp: TrytonBench) -> None:
    """Entered from a bank statement and not yet matched: who has paid must not be called."""
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    entry(erp, "-1000.00")
    assert still_owed(reread(erp, kept), erp) == 0


def test_money_on_no_invoice_rests_all_units_it_may_be_for(erp: TrytonBench) -> None:
    both = erp.put([household(name, charge(erp, -40), debtor="O-7") for name in ("1-101", "5-501")])
    entry(erp, "-1000.00")
    found = items_of(erp, both[0])
    told = [(item.id, [one.code for one in item.findings]) for item in found if isinstance(item, dunning.Rejected)]
    assert told == [(one.id, ["P502"]) for one in both]


def test_a_debt_entered_by_hand_is_a_charge(erp: TrytonBench) -> None:
    """An opening balance of the old system, with a due date; without one it is told, and nothing is made up."""
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    entry(erp, "250.00", due=day(erp, -300).isoformat())
    assert still_owed(reread(erp, kept), erp) == 125_000
    move = entry(erp, "99.00")
    (found,) = items_of(erp, kept)
    assert [(one.code, one.at.column) for one in found.findings] == [("A205", "maturity_date")], move


def test_a_late_fee_that_is_paid_takes_nothing_off_the_principal(erp: TrytonBench) -> None:
    """Tryton books its own fee on a move of its own; the money for it is reconciled with that, and pays that."""
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    erp.do(FeeBooked(HERE, booked("10.00", erp)))
    fee = erp.tryton.do("fee_move", invoice=erp.invoice(HERE, "Q1"))
    entry(erp, "-10.00", settles=fee)
    account = reread(erp, kept)
    assert assessed(erp, kept).balance.principal_due == 100_000
    assert [[(one.part, one.amount) for one in paid.settles] for paid in account.payments] == [[("late_fee", 1_000)]]


def test_a_sum_that_is_not_trytons_own_is_told(erp: TrytonBench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another module may change what is to pay in a way that we have never seen: then nobody is asked for anything."""
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    adapter = erp.open()
    read = adapter.server.read

    def with_a_discount(model: str, *args: Any, **context: Any) -> Any:
        rows = read(model, *args, **context)
        return [{**row, "amount_to_pay": row["amount_to_pay"] - 50} if "amount_to_pay" in row else row for row in rows]

    monkeypatch.setattr(adapter.server, "read", with_a_discount)
    (found,) = adapter.reread([kept.at])
    at = Source("account.invoice", str(erp.invoice(HERE, "Q1")), "amount_to_pay")
    assert [(one.code, one.at) for one in found.findings] == [("P501", at)]
    said = found.findings[0].message("en")
    assert "1000.00" in said, said
    assert "950.00" in said, said


def test_another_currency_is_not_added_up(erp: TrytonBench) -> None:
    """An invoice in dollars: Tryton books it in yuan, at a rate of its day, and nobody owes that."""
    erp.put([household("1-101", charge(erp, -40))])
    order = {"due": day(erp, -20).isoformat(), "lines": [["PM", "100.00", None]]}
    company = erp.tryton.companies["wy-01"]
    (made,) = erp.tryton.do("invoices", company=company, currency="USD", invoices=[{**erp.places[HERE], **order}])
    (found,) = erp.open().reread([(str(company), "{party}/{address}".format(**erp.places[HERE]))])
    assert isinstance(found, dunning.Rejected)
    assert [one.at for one in found.findings] == [Source("account.move.line", str(made["entry"]), "second_currency")]


def test_a_party_merged_into_another_says_into_which(erp: TrytonBench) -> None:
    """One person, entered twice. Tryton 8.2 merges nobody who has posted entries: there is no debt to move."""
    twice, once = erp.put([household("1-101", debtor="O-1"), household("2-202", debtor="O-2")])
    party, into = erp.parties["wy-01", "O-1"], erp.parties["wy-01", "O-2"]
    erp.tryton.do("replace", party=party, into=into, company=erp.tryton.companies["wy-01"])
    address = twice.id.partition("/")[2]
    assert items_of(erp, twice) == [Gone(twice.company, twice.id, "merged", f"{into}/{address}")]
    assert items_of(erp, once) == [Gone(once.company, once.id, "deleted")], "it has no account here and never had one"


def test_a_companys_accounts_alone(erp: TrytonBench) -> None:
    erp.put([household("1-101", charge(erp, -40), company=name) for name in ("wy-01", "wy-02")])
    here = str(erp.tryton.companies["wy-02"])
    found = [
        item.account.company for item in opened(erp, companies=here).accounts(None) if isinstance(item, dunning.Read)
    ]
    assert set(found) == {here}


# notes


def test_a_clerk_answers_in_chinese(erp: TrytonBench) -> None:
    kept, account = put(erp, household("1-101", charge(erp, -40)))
    sent = delivery(erp, kept, account)
    erp.open().deliver([sent])
    answer(erp, f"#dunning {sent.key} 已发出 phone 2026-11-20T10:00:00")
    (contact,) = reread(erp, kept).contacts
    assert (contact.outcome, contact.channel, contact.key) == ("sent", "phone", sent.key)
    assert contact.at.isoformat() == "2026-11-20T10:00:00+08:00"


@pytest.mark.parametrize(
    "line", ["{key} snet", "{key} sent pigeon", "0000 sent", "{key} sent sms 2026-11-31T10:00", "?"]
)
def test_a_note_that_cannot_be_read_is_told(erp: TrytonBench, line: str) -> None:
    """The reminder may have gone out or not: until somebody looks, nothing more is sent."""
    kept, account = put(erp, household("1-101", charge(erp, -40)))
    sent = delivery(erp, kept, account)
    erp.open().deliver([sent])
    answer(erp, f"#dunning {line.format(key=sent.key)}")
    (found,) = items_of(erp, kept)
    assert isinstance(found, dunning.Rejected)
    assert {(one.at.table, one.at.column) for one in found.findings} == {("ir.note", "message")}
    assert {one.key for one in erp.open().receipts(None) if hasattr(one, "key")} >= {sent.key}


def test_nothing_is_written_about_an_account_that_is_not_there(erp: TrytonBench) -> None:
    kept, account = put(erp, household("1-101", charge(erp, -40)))
    sent = delivery(erp, kept, account)
    others = [replace(sent, account=name) for name in ("no-such-account", "999999999/1", f"{kept.id}1")]
    assert [one.state for one in erp.open().deliver(others)] == ["refused"] * 3
    assert not erp.tryton.do("notes", parties=[erp.places[HERE]["party"]])


def test_other_notes_are_left_alone(erp: TrytonBench) -> None:
    kept, _ = put(erp, household("1-101", charge(erp, -40)))
    answer(erp, "业主说下周付 #dunning")
    assert not reread(erp, kept).contacts


def test_what_an_assessment_wants_is_delivered_and_comes_back(erp: TrytonBench) -> None:
    """From the account to a step of the shipped rules, to a note, to the contact it leaves."""
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    (found,) = opened(erp, use="residential", place="CN-3301", late_fee_clause="yes").reread([kept.at])
    book = dunning.load_folder(Path(__file__).parents[3] / "rules")
    planned = [one for n in range(4) for one in deliveries(dunning.assess(found.account, book, on=day(erp, n)))]
    assert planned, "an account 40 days late, and nothing is to be done for four days"
    receipts = erp.open().deliver(planned[:1])
    assert [(one.key, one.state) for one in receipts] == [(planned[0].key, "accepted")]


def test_names_and_ways_to_reach_somebody(erp: TrytonBench) -> None:
    erp.put([household("1-101", charge(erp, -40))])
    party = erp.places[HERE]["party"]
    erp.tryton.do("rename", party=party, called="张三", phone="010-5555 0100")
    (card,) = erp.open().parties([str(party), "no-number"])
    assert (card.name, card.addresses["phone"], card.addresses["letter"]) == ("张三", "010-5555 0100", "1-101")


# news


def test_news_of_what_tryton_dates(erp: TrytonBench) -> None:
    """A payment, a bounce and a note are new rows; what is older than the overlap is not read again."""
    kept, other = erp.put([household("1-101", charge(erp, -40)), household("2-202", charge(erp, -40))])
    erp.do(Paid(HERE, payment(erp, -20, 50_000)))
    cursor = cursor_of(erp)
    assert {kept.at, other.at} <= set(read_all(erp, cursor).order), "within the overlap all comes again"
    later = (datetime.fromisoformat(cursor) + timedelta(minutes=20)).isoformat()
    assert not read_all(erp, later).order


# what may be wrong


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"password": "wrong"}, "the user or the password is wrong"),
        ({"database": "nowhere"}, "there is no such database of Tryton here"),
        ({"url": "http://127.0.0.1:1"}, "cannot be reached"),
    ],
)
def test_what_is_wrong_with_the_address_is_said(erp: TrytonBench, options: dict[str, str], told: str) -> None:
    with pytest.raises(AdapterError) as error:
        list(opened(erp, **options).accounts(None))
    assert told in error.value.told("en")


def test_a_session_that_has_run_out_is_begun_anew(erp: TrytonBench) -> None:
    (kept,) = erp.put([household("1-101", charge(erp, -40))])
    adapter = erp.open()
    list(adapter.reread([kept.at]))
    adapter.server.site.http.headers["Authorization"] = "Session YWRtaW46MTpnb25l"
    assert [item.account.id for item in adapter.reread([kept.at])] == [kept.id]


def test_trytons_own_words_are_handed_on(erp: TrytonBench) -> None:
    with pytest.raises(AdapterError, match=r"model\.party\.party\.read was refused: .*don't exist"):
        erp.open().server.call("model.party.party.read", [999_999_999], ["name"])


@pytest.mark.parametrize(
    "options", [{"page": "0"}, {"items": "PM"}, {"companies": "a"}, {"holds": "no"}, {"late_fee_clause": "maybe"}]
)
def test_an_option_that_makes_no_sense_is_refused(options: dict[str, str]) -> None:
    with pytest.raises(dunning.UsageError):
        open_adapter("tryton", url="http://127.0.0.1:1", database="x", user="x", password="x", **options)


def booked(amount: str, erp: TrytonBench) -> Any:
    """A late fee on Q1, as the ERP books it."""
    due = {"id": "Q1", "amount": "1", "due": erp.today}
    fee = {"id": "L1", "charge": "Q1", "on": erp.today, "amount": amount}
    return dunning.read_account({"id": "1", "charges": [due], "late_fees": [fee]}).late_fees[0]


def entry(erp: TrytonBench, amount: str, **more: Any) -> int:
    """A move by hand on the household's receivable; below zero is money."""
    order = {"party": erp.places[HERE]["party"], "amount": amount, "on": day(erp, -1).isoformat(), **more}
    return int(erp.tryton.do("entry", company=erp.tryton.companies["wy-01"], **order))


def answer(erp: TrytonBench, message: str) -> None:
    erp.tryton.do("note", party=erp.places[HERE]["party"], message=message)
