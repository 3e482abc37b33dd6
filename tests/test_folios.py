"""Accounts put together from an ERP's rows: where money goes, what a float meant, whom a finding sends where."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dunning import Read, Rejected
from dunning.adapter import Gone, Mark, Source
from dunning.adapter.folios import NOWHERE, Folios, account_of, debtor_of, number, or_gone
from dunning.adapter.notes import Note, Notes

ASKED = datetime(2026, 3, 2, 1, tzinfo=UTC)
COLUMNS = {"charges": {"amount": "debit", "due": "matures"}, "payments": {"amount": "credit"}}
YUAN = Source("company", "1", "currency"), "CNY"


def folios(*notes: Note) -> Folios:
    return Folios("1", "O-1", who=Source("partner", "O-1"), columns=COLUMNS, notes=Notes.of(notes))


def bill(of: Folios, place: str, name: str, amount: str = "100.00", due: str | None = "2026-01-15") -> None:
    of.at(place).add("charges", Source("bill", name), {"id": name, "amount": amount, "due": due})


def read(of: Folios) -> list[Read | Rejected]:
    return list(of.accounts(currency=YUAN, asked=ASKED))


def good(of: Folios) -> list[Read]:
    found = read(of)
    assert [one for one in found if isinstance(one, Rejected)] == []
    return [one for one in found if isinstance(one, Read)]


def codes(of: Folios) -> dict[str, list[str]]:
    return {one.id: [each.code for each in one.findings] for one in read(of) if isinstance(one, Rejected)}


def test_an_account_is_a_debtor_and_a_place() -> None:
    of = folios()
    for place in ("10-101", "9-101", ""):
        bill(of, place, f"B{place}")
    accounts = [one.account for one in good(of)]
    assert [one.id for one in accounts] == ["O-1/9-101", "O-1/10-101", f"O-1/{NOWHERE}"]
    assert {(one.company, one.debtor.id, one.unit) for one in accounts} >= {("1", "O-1", "9-101")}
    assert accounts[0].data_as_of == ASKED


@pytest.mark.parametrize("debtor", ["7", "A/B", "50%", "a%2Fb", "/"])
def test_the_debtor_can_be_had_back_from_the_id(debtor: str) -> None:
    assert debtor_of(account_of(debtor, "1/101")) == debtor


def test_a_finding_names_the_erps_own_column() -> None:
    of = folios()
    bill(of, "1-101", "B1", due=None)
    (rejected,) = read(of)
    assert [str(one.at) for one in rejected.findings] == ["bill[B1].matures"]


def test_another_currency_is_refused_where_it_stands() -> None:
    of = folios()
    bill(of, "1-101", "B1")
    of.at("1-101").currency = Source("bill", "B1", "currency_id"), "USD"
    (rejected,) = read(of)
    assert [str(one.at) for one in rejected.findings] == ["bill[B1].currency_id"]


# money


def test_the_parts_of_a_payment_are_one_record() -> None:
    of = folios()
    for name in ("B1", "B2"):
        bill(of, "1-101", name)
    folio = of.at("1-101")
    for name, amount in (("B1", "60.00"), ("B2", "30.00")):
        folio.pay(folio.payment("P1", "2026-02-01", Source("receipt", "P1")), Decimal(amount), [name])
    folio.pay(folio.payment("P1", "2026-02-01", Source("receipt", "P1")), Decimal("5.00"), late_fee_of="B1")
    (payment,) = good(of)[0].account.payments
    assert (payment.amount, payment.for_) == (9500, ("B1", "B2"))
    assert [(one.charge, one.part, one.amount) for one in payment.settles or ()] == [
        ("B1", "principal", 6000), ("B2", "principal", 3000), ("B1", "late_fee", 500),
    ]  # fmt: skip


def test_what_was_booked_to_nothing_settles_nothing_yet() -> None:
    of = folios()
    bill(of, "1-101", "B1")
    folio = of.at("1-101")
    folio.pay(folio.payment("P1", "2026-02-01", Source("receipt", "P1")), Decimal(10))
    assert good(of)[0].account.payments[0].settles is None


def test_money_for_no_invoice_goes_where_there_is_no_choice() -> None:
    of, at = folios(), Source("receipt", "P1", "amount")
    assert of.choose(Decimal(1), at) is of.at(NOWHERE)
    bill(of, "1-101", "B1")
    assert of.choose(Decimal(1), at) is of.at("1-101") is of.lone()
    bill(of, "1-102", "B2")
    assert of.lone() is of.at(NOWHERE)
    of.at("1-102").payment("P1", "2026-02-01", at)
    assert of.choose(Decimal(1), at, payment="P1") is of.at("1-102")
    assert codes(of) == {}


def test_where_there_is_a_choice_nobody_is_asked() -> None:
    of = folios()
    for place in ("1-101", "1-102"):
        bill(of, place, place)
    of.choose(Decimal(1), Source("receipt", "P1", "amount"))
    assert codes(of) == {"O-1/1-101": ["P502"], "O-1/1-102": ["P502"]}


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (1592.2500000000002, "1592.25"), ("1592.25", "1592.25"), (Decimal("-0.1"), "-0.10"), (None, "0.00"), (7, "7"),
        ("0.30000000000000004", "0.30"),
    ],
)  # fmt: skip
def test_the_noise_of_floats_is_taken_off(written: object, meant: str) -> None:
    of = folios()
    assert of.at("1").exact(written, Source("bill", "1")) == Decimal(meant)
    assert of.at("1").findings == []


@pytest.mark.parametrize("written", ["0.005", "12.345", "abc", "NaN", "Infinity"])
def test_what_is_no_number_of_fen_rejects_the_account(written: str) -> None:
    of = folios()
    bill(of, "1-101", "B1")
    bill(of, "1-102", "B2")
    of.at("1-101").exact(written, Source("bill", "B1", "amount"))
    assert codes(of) == {"O-1/1-101": ["P505"]}
    of.exact(written, Source("receipt", "P1", "amount"))
    assert codes(of) == {"O-1/1-101": ["P505", "P505"], "O-1/1-102": ["P505"]}


def test_a_number_comes_in_any_dress() -> None:
    assert [number(one) for one in (1, "1.50", None, "", False)] == [1, Decimal("1.50"), 0, 0, 0]
    assert number("1,5").is_nan()


# what is not money


def test_a_tick_rests_contact_and_says_where_it_was_ticked() -> None:
    of = folios()
    bill(of, "1-101", "B1")
    of.at("1-101").hold(Source("partner", "O-1", "quiet"), "2026-02-01")
    (hold,) = good(of)[0].account.holds
    assert (hold.id, hold.kind, f"{hold.since}") == ("partner O-1 quiet", "contact", "2026-02-01")


def test_a_note_that_nobody_can_read_rejects_the_account() -> None:
    note = Note("#dunning abc done it", ASKED, Source("note", "7", "body"))
    of = folios(note)
    bill(of, "1-101", "B1")
    (rejected,) = read(of)
    assert isinstance(rejected, Rejected)
    assert [str(one.at) for one in rejected.findings] == ["note[7].body"]
    assert "abc done it" in rejected.findings[0].message("en")


# read again


def test_who_did_not_come_is_gone() -> None:
    of = folios()
    for place in ("1-101", "1-102"):
        bill(of, place, place)
    other = Gone("2", "O-1/1-101", "deleted")
    items = [*good(of), other, Mark("7")]
    asked = [("1", "O-1/1-101"), ("1", "O-1/9"), ("1", "O-1/9"), ("1", "O-2/1")]
    found = list(or_gone(asked, items))
    assert found[:2] == items[:2]
    assert found[2:] == [Gone("1", "O-1/9", "deleted"), Gone("1", "O-2/1", "deleted")]
