"""What is Odoo's own: its two APIs, its floats, its documents, its chatter, and what is said when it goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from estate import OdooBench
from fake_odoo import FakeOdoo

import dunning
from dunning import Account
from dunning.adapter import AdapterError, Delivery, Gone, open_adapter
from dunning.testing.conformance import Dispatched, Paid
from dunning_sql import Store

Served = tuple[FakeOdoo, str]
HERE = ("wy-01", "1-101")


def household(erp: OdooBench, *fen: int, unit: str = "1-101", debtor: str = "O-1") -> Account:
    due = (erp.today - timedelta(days=40)).isoformat()
    charges = [{"id": f"Q{n}", "amount": Decimal(each) / 100, "due": due} for n, each in enumerate(fen, 1)]
    return dunning.read_account({"company": "wy-01", "id": unit, "debtor": {"id": debtor}, "charges": charges})


def accounts(erp: OdooBench) -> list[Account]:
    found = list(erp.open().accounts(None))
    assert all(isinstance(one, dunning.Read) for one in found), found
    return [one.account for one in found if isinstance(one, dunning.Read)]


def rejected(erp: OdooBench) -> list[tuple[str, str]]:
    """The codes and places of what stands against the accounts."""
    found = [one for one in erp.open().accounts(None) if isinstance(one, dunning.Rejected)]
    return [(finding.code, str(finding.at)) for one in found for finding in one.findings]


def debtor(erp: OdooBench) -> int:
    return erp.accounts[HERE][1]


def delivery(erp: OdooBench, days: int = 0) -> Delivery:
    now = datetime.now(UTC)
    action = {
        "key": "b" * 32, "step": "first_reminder", "charge": None, "action": "send_message", "to": [str(debtor(erp))],
        "channels": {"first_of": ["sms"]}, "role": "customer_service", "tone": "friendly", "template": None,
        "not_before": (now - timedelta(hours=1)).isoformat(), "not_after": None, "hours": [], "needs": [], "record": [],
        "ask": None, "bundle": "1", "charges": [], "pay_by": None, "approved_by": [], "void_if": [], "carries": [],
    }  # fmt: skip
    of = {"company": str(erp.companies["wy-01"]), "account": f"{debtor(erp)}/{erp.accounts[HERE][2]}"}
    on = (erp.today + timedelta(days=days)).isoformat()
    gap = {"debtor": str(debtor(erp)), "not_again_before": None}
    return Delivery.from_dict({**of, **gap, "on": on, "action": action})


@pytest.fixture
def erp(odoo: Served) -> OdooBench:
    return OdooBench(*odoo, 19)


# how it is asked


@pytest.mark.parametrize(("version", "api"), [(14, "jsonrpc"), (18, "jsonrpc"), (19, "json2"), (22, "json2")])
def test_the_api_there_is_is_found(odoo: Served, version: int, api: str) -> None:
    erp = OdooBench(*odoo, version)
    erp.put([household(erp, 100)])
    adapter: Any = erp.open()
    assert len(list(adapter.accounts(None))) == 1
    assert adapter.server.api == api


def test_pages_are_as_small_as_one_likes(odoo: Served) -> None:
    erp = OdooBench(*odoo, 19, page="7")
    erp.put([household(erp, 100 + n, unit=f"{n}-101", debtor=f"O-{n}") for n in range(45)])
    assert sorted(one.charges[0].amount for one in accounts(erp)) == [100 + n for n in range(45)]


@pytest.mark.parametrize(
    ("version", "options", "said"),
    [
        (19, {"key": "old"}, "the API key is wrong or has run out"),
        (18, {"key": "old"}, "the database, the login or the key is wrong"),
        (18, {"user": ""}, "has no JSON-2; for /jsonrpc give the login"),
        (18, {"api": "json2"}, "there is no JSON-2 here"),
        (22, {"api": "jsonrpc"}, "neither JSON-2 nor /jsonrpc is here"),
        (19, {"unit": "x_flat_id"}, "Invalid field 'x_flat_id' on model 'account.move'"),
        (18, {"unit": "x_flat_id"}, "Invalid field 'x_flat_id' on model 'account.move'"),
        (19, {"url": "http://127.0.0.1:9"}, "cannot be reached"),
    ],
)
def test_what_goes_wrong_is_said(odoo: Served, version: int, options: dict[str, str], said: str) -> None:
    erp = OdooBench(*odoo, version)
    erp.put([household(erp, 100)])
    erp.options |= options
    with pytest.raises(AdapterError, match=said) as error:
        list(erp.open().accounts(None))
    assert erp.options["key"] not in str(error.value)


@pytest.mark.parametrize("version", [18, 19])
def test_what_may_not_be_read_is_named(odoo: Served, version: int) -> None:
    erp = OdooBench(*odoo, version)
    erp.put([household(erp, 100)])
    erp.db.forbidden.add("account.partial.reconcile")
    with pytest.raises(AdapterError, match=r"not allowed to access 'account\.partial\.reconcile'"):
        list(erp.open().accounts(None))
    erp.options["ledger"] = "snapshot"
    assert len(accounts(erp)) == 1


@pytest.mark.parametrize(
    "option",
    [
        {"api": "xmlrpc"}, {"ledger": "none"}, {"page": "0"}, {"companies": "wy-01"}, {"items": "PM"},
        {"holds": "no_overdue_reminder"}, {"credit_control": "oca"}, {"assignee": "bot"}, {"timeout": "soon"},
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_is_refused(erp: OdooBench, option: dict[str, str]) -> None:
    ((name, value),) = option.items()
    with pytest.raises(dunning.UsageError, match=f"the option {name} cannot be `{value}`"):
        open_adapter("odoo", **{**erp.options, **option})


# money


def test_the_noise_of_floats_is_taken_off_and_nothing_else(erp: OdooBench) -> None:
    erp.put([household(erp, 159_225)])
    assert [one.charges[0].amount for one in accounts(erp)] == [159_225]  # 1592.2500000000002 over HTTP
    line = erp.rows[HERE, "charges", "Q1"]
    for column in ("debit", "amount_residual"):
        erp.db.tables["account.move.line"][line][column] = Decimal("1592.254")
    assert ("P505", f"account.move.line[{line}].debit") in rejected(erp)


def test_no_amount_has_been_a_float(erp: OdooBench) -> None:
    erp.put([household(erp, 159_225)])
    adapter: Any = erp.open()
    (row,) = adapter.server.read("account.move.line", [["debit", ">", 0]], ("debit",))
    assert row["debit"] == Decimal("1592.2500000000002")


def test_a_credit_note_takes_off_what_it_is_for(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    note = erp.invoice(HERE, {"property_fee": 20_000}, erp.today, kind="out_refund")
    erp.reconcile(erp.rows[HERE, "charges", "Q1"], note, Decimal(200))
    (account,) = accounts(erp)
    assert [(one.kind, one.charge, one.amount) for one in account.adjustments] == [
        ("credit_note", account.charges[0].id, 20_000)
    ]


def test_a_credit_note_paid_out_is_nobodys_payment(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    note = erp.invoice(HERE, {"property_fee": 20_000}, erp.today, kind="out_refund")
    erp.reconcile(erp.entry(HERE, Decimal(200), erp.today), note, Decimal(200))
    (account,) = accounts(erp)
    assert (account.payments, account.adjustments) == ((), ())


def test_another_may_pay(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000), household(erp, 5_000, unit="2-202", debtor="O-2")])
    credit = erp.entry(("wy-01", "2-202"), Decimal(-1000), erp.today)
    erp.reconcile(erp.rows[HERE, "charges", "Q1"], credit, Decimal(900))
    first, second = accounts(erp)
    assert [one.amount for one in first.payments] == [90_000]
    assert [one.amount for one in second.payments] == [10_000]  # the rest is still the payer's own


def test_money_for_nothing_in_particular_has_to_be_of_one_unit(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    credit = erp.entry(HERE, Decimal(-100), erp.today)
    (account,) = accounts(erp)
    assert [(one.amount, one.for_) for one in account.payments] == [(10_000, ())]
    erp.put([household(erp, 5_000, unit="2-202")])
    assert rejected(erp) == [("P502", f"account.move.line[{credit}].amount_residual")] * 2


def test_a_late_fee_says_what_it_is_for(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    erp.invoice(HERE, {"late_fee": 500}, erp.today, label="违约金")
    assert [code for code, _ in rejected(erp)] == ["P504"]


def test_a_late_fee_that_is_paid_is_no_payment_of_principal(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    charge = erp.rows[HERE, "charges", "Q1"]
    name = erp.db.tables["account.move"][erp.db.tables["account.move.line"][charge]["move_id"]]["name"]
    fee = erp.invoice(HERE, {"late_fee": 500}, erp.today, label=f"违约金 {name}")
    erp.reconcile(fee, erp.entry(HERE, Decimal(-5), erp.today), Decimal(5))
    (account,) = accounts(erp)
    (payment,) = account.payments
    assert payment.settles is not None
    assert [(one.charge, one.part, one.amount) for one in payment.settles] == [(str(charge), "late_fee", 500)]


def test_several_items_and_instalments_cannot_be_told_apart(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    line = erp.invoice(HERE, {"property_fee": 1_000, "utility": 1_000}, erp.today)
    erp.db.tables["account.move.line"][line] |= {"debit": Decimal(10), "amount_residual": Decimal(10)}
    assert [code for code, _ in rejected(erp)] == ["P503"]


def test_a_residual_that_does_not_follow_is_told(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    line = erp.rows[HERE, "charges", "Q1"]
    erp.db.tables["account.move.line"][line]["amount_residual"] = Decimal(700)
    assert rejected(erp) == [("P501", f"account.move.line[{line}].amount_residual")]


def test_another_currency_is_not_added_up(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    line = erp.rows[HERE, "charges", "Q1"]
    erp.db.tables["account.move.line"][line]["currency_id"] = erp.db.insert("res.currency", name="USD", rounding=0.01)
    assert [place for _, place in rejected(erp)] == [f"account.move.line[{line}].currency_id"]


# OCA's fields


def test_fields_of_other_modules_are_read_where_they_are_named(odoo: Served) -> None:
    options = {"holds": "res.partner.manual_followup", "attributes": "payment_note", "credit_control": "yes"}
    erp = OdooBench(*odoo, 16, **options)
    erp.put([household(erp, 120_000)])
    erp.db.tables["res.partner"][debtor(erp)] |= {"manual_followup": True, "payment_note": "每月十号"}
    company = erp.companies["wy-01"]
    sent = {"state": "sent", "company_id": company, "partner_id": debtor(erp), "channel": "email"}
    erp.db.insert("credit.control.line", **sent, date="2026-03-01", date_sent="2026-03-02 18:00:00")
    erp.db.insert("credit.control.line", **sent, date="2026-04-01")
    (account,) = accounts(erp)
    assert [one.kind for one in account.holds] == ["contact"]
    assert account.attributes == {"payment_note": "每月十号"}
    assert [(f"{one.at:%m-%d %H}", one.step, one.outcome) for one in account.contacts] == [
        ("03-03 02", None, "sent"), ("04-01 12", None, "sent"),
    ]  # fmt: skip


# the chatter


@pytest.mark.parametrize(
    ("feedback", "outcome", "channel"),
    [("", "sent", "sms"), ("好的", "sent", "sms"), ("#dunning {key} 已送达 ems", "delivered", "ems")],
)
def test_an_activity_that_is_done_says_what_became_of_it(
    erp: OdooBench, feedback: str, outcome: str, channel: str
) -> None:
    erp.put([household(erp, 120_000)])
    erp.open().deliver([delivery(erp)])
    (activity,) = erp.db.rows("mail.activity")
    erp.done(activity, datetime.now(UTC), f"<p>{feedback.format(key='b' * 32)}</p>")
    ((contact,),) = [one.contacts for one in accounts(erp)]
    assert (contact.outcome, contact.channel, contact.key) == (outcome, channel, "b" * 32)


def test_what_odoo_cannot_keep_stands_in_a_store(odoo: Served, tmp_path: Path) -> None:
    """A message leaves; why the debtor has not paid, and that they complained, is written into the store."""
    erp = OdooBench(*odoo, 18, store=str(tmp_path / "dunning.db"))
    erp.put([household(erp, 120_000)])
    one = delivery(erp)
    erp.open().deliver([one])
    erp.do(Dispatched(datetime.now(UTC)))
    store = Store(tmp_path / "dunning.db")
    at, result = datetime.now(UTC).isoformat(), {"outcome": "promised", "reason": "forgot"}
    store.put("contacts", one.company, one.account, {"id": one.key, "at": at, **result})
    store.put("disputes", one.company, one.account, {"id": "D1", "kind": "price", "opened": f"{erp.today}"})
    (account,) = accounts(erp)
    assert [(each.outcome, each.reason, each.step) for each in account.contacts] == [
        ("promised", "forgot", one.action.step)
    ]
    assert [each.kind for each in account.disputes] == ["price"]
    assert erp.open().capabilities().lists >= {"contacts", "disputes", "approvals"}


def test_a_note_that_cannot_be_read_is_told(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    erp.open().deliver([delivery(erp)])
    number = erp.db.message(debtor(erp), f"<p>#dunning {'b' * 32} schon erledigt</p>")
    assert {place for _, place in rejected(erp)} == {f"mail.message[{number}].body"}


def test_a_crash_before_the_activity_is_made_good(odoo: Served) -> None:
    erp = OdooBench(*odoo, 18, assignee="7")
    erp.put([household(erp, 120_000)])
    adapter: Any = erp.open()
    adapter.chatter.plan = lambda _: None
    adapter.deliver([delivery(erp)])
    assert not erp.db.rows("mail.activity")
    erp.open().deliver([delivery(erp)])
    assert [row["user_id"] for row in erp.db.rows("mail.activity")] == [7]
    assert len(erp.db.rows("mail.message")) == 1


def test_what_missed_its_day_gets_a_new_activity(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    for days in (0, 1):
        erp.open().deliver([delivery(erp, days)])
        deadlines = [row["date_deadline"] for row in erp.db.rows("mail.activity")]
        assert deadlines == [(erp.today + timedelta(days=days)).isoformat()]


def test_cancelled_it_is_no_activity_any_more(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    erp.open().deliver([delivery(erp)])
    assert [one.state for one in erp.open().cancel(["b" * 32], "paid")] == ["cancelled"]
    assert not erp.db.rows("mail.activity")
    assert [one.state for one in erp.open().receipts(None) if hasattr(one, "state")] == ["accepted", "cancelled"]


def test_one_that_was_sent_meanwhile_is_too_late(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    erp.open().deliver([delivery(erp)])
    adapter: Any = erp.open()
    unplan = adapter.chatter.unplan

    def clerk_first(key: str) -> None:
        erp.do(Dispatched(datetime.now(UTC)))
        unplan(key)

    adapter.chatter.unplan = clerk_first
    assert [one.state for one in adapter.cancel(["b" * 32], "paid")] == ["too_late"]


def test_who_has_no_account_is_not_written_to(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000)])
    nobody = replace(delivery(erp), account="999/1")
    assert [one.state for one in erp.open().deliver([nobody])] == ["refused"]
    assert erp.open().deliver([]) == []
    assert not erp.db.rows("mail.message")
    assert list(erp.open().reread([("1", "x")])) == [Gone("1", "x", "deleted")]


def test_a_payment_of_two_units_is_split_as_it_was_booked(erp: OdooBench) -> None:
    erp.put([household(erp, 120_000), household(erp, 5_000, unit="2-202")])
    paid = {"id": "P1", "on": erp.today.isoformat(), "amount": "1250.00", "for": ["Q1"]}
    (payment,) = dunning.read_account({"id": "1-101", "payments": [paid]}).payments
    erp.do(Paid(HERE, payment))
    second = erp.rows[("wy-01", "2-202"), "charges", "Q1"]
    erp.reconcile(second, erp.rows[HERE, "payments", "P1"], Decimal(50))
    assert [[one.amount for one in account.payments] for account in accounts(erp)] == [[120_000], [5_000]]
