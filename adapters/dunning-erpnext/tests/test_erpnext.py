"""What is ERPNext's own: its two APIs, its numbers, its documents, its ToDos, and what is said when it goes wrong."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from estate import ErpNextBench
from fake_frappe import FakeFrappe

import dunning
from dunning import Account
from dunning.adapter import AdapterError, Delivery, open_adapter
from dunning.testing.conformance import Dispatched, Paid
from dunning_sql import Store

Served = tuple[FakeFrappe, str]
HERE = ("wy-01", "1-101")
KEY = "b" * 32


def household(erp: ErpNextBench, *fen: int, unit: str = "1-101", debtor: str = "O-1") -> Account:
    due = (erp.today - timedelta(days=40)).isoformat()
    charges = [{"id": f"Q{n}", "amount": Decimal(each) / 100, "due": due} for n, each in enumerate(fen, 1)]
    return dunning.read_account({"company": "wy-01", "id": unit, "debtor": {"id": debtor}, "charges": charges})


def accounts(erp: ErpNextBench) -> list[Account]:
    found = list(erp.open().accounts(None))
    assert all(isinstance(one, dunning.Read) for one in found), found
    return [one.account for one in found if isinstance(one, dunning.Read)]


def rejected(erp: ErpNextBench) -> list[tuple[str, str]]:
    """The codes and places of what stands against the accounts."""
    found = [one for one in erp.open().accounts(None) if isinstance(one, dunning.Rejected)]
    return [(finding.code, str(finding.at)) for one in found for finding in one.findings]


def invoice(erp: ErpNextBench, charge: str = "Q1") -> dict[str, Any]:
    return erp.site.tables["Sales Invoice"][erp.rows[HERE, "charges", charge]]


def delivery(erp: ErpNextBench, days: int = 0) -> Delivery:
    company, customer, unit = erp.units[HERE]
    action = {
        "key": KEY, "step": "first_reminder", "charge": None, "action": "send_message", "to": [customer],
        "channels": {"first_of": ["sms"]}, "role": "customer_service", "tone": "friendly", "template": None,
        "not_before": (datetime.now(UTC) - timedelta(hours=1)).isoformat(), "not_after": None, "hours": [], "needs": [],
        "record": [], "ask": None, "bundle": "1", "charges": [], "pay_by": None, "approved_by": [], "void_if": [],
        "carries": [],
    }  # fmt: skip
    of = {"company": company, "account": f"{customer}/{unit}", "debtor": customer, "not_again_before": None}
    return Delivery.from_dict({**of, "on": (erp.today + timedelta(days=days)).isoformat(), "action": action})


@pytest.fixture
def erp(frappe: Served) -> ErpNextBench:
    return ErpNextBench(*frappe, 15)


# how it is asked


@pytest.mark.parametrize(("version", "api"), [(14, "v1"), (15, "v2")])
@pytest.mark.parametrize("page", ["7", "100"])
def test_the_api_there_is_is_found_and_asked_page_by_page(frappe: Served, version: int, api: str, page: str) -> None:
    erp = ErpNextBench(*frappe, version, page=page)
    erp.put([household(erp, 100 + n, unit=f"{n}-101", debtor=f"O-{n}") for n in range(45)])
    adapter: Any = erp.open()
    amounts = [one.account.charges[0].amount for one in adapter.accounts(None)]
    assert sorted(amounts) == [100 + n for n in range(45)]
    assert adapter.server.api == api


@pytest.mark.parametrize("version", [14, 15])
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"secret": "old"}, "the API key or its secret is wrong"),
        ({"holds": "Customer.custom_rest"}, "Customer was refused: .*Field not permitted in query: custom_rest"),
        ({"url": "http://127.0.0.1:9"}, "cannot be reached"),
    ],
)
def test_what_goes_wrong_is_said(frappe: Served, version: int, options: dict[str, str], said: str) -> None:
    erp = ErpNextBench(*frappe, version)
    erp.put([household(erp, 100)])
    erp.options |= options
    with pytest.raises(AdapterError, match=said) as error:
        list(erp.open().accounts(None))
    assert erp.options["secret"] not in str(error.value)


@pytest.mark.parametrize("version", [14, 15])
def test_what_may_not_be_read_is_named(frappe: Served, version: int) -> None:
    erp = ErpNextBench(*frappe, version)
    erp.put([household(erp, 100)])
    erp.site.forbidden.add("Payment Entry")
    with pytest.raises(AdapterError, match="No permission for Payment Entry"):
        list(erp.open().accounts(None))


def test_there_is_no_v2_before_15(frappe: Served) -> None:
    erp = ErpNextBench(*frappe, 14, api="v2")
    with pytest.raises(AdapterError, match="Company was refused: HTTP 404"):
        list(erp.open().accounts(None))


def test_what_is_put_off_is_not_done(erp: ErpNextBench) -> None:
    erp.put([household(erp, 100)])
    erp.site.busy = True
    with pytest.raises(AdapterError, match="has put it off"):
        erp.open().deliver([delivery(erp)])


def test_what_erpnext_cannot_keep_stands_in_a_store(frappe: Served, tmp_path: Path) -> None:
    """A message leaves; why the debtor has not paid, and that they complained, is written into the store."""
    erp = ErpNextBench(*frappe, 15, store=str(tmp_path / "dunning.db"))
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


@pytest.mark.parametrize(
    "option",
    [
        {"api": "v3"}, {"page": "0"}, {"items": "PM"}, {"holds": "custom_hold"}, {"holds": "Dunning.custom_hold"},
        {"begin": "2024"}, {"zone": "China"}, {"timeout": "soon"},
    ],
)  # fmt: skip
def test_an_option_that_cannot_be_is_refused(erp: ErpNextBench, option: dict[str, str]) -> None:
    ((name, value),) = option.items()
    with pytest.raises(dunning.UsageError, match=f"the option {name} cannot be `{value}`"):
        open_adapter("erpnext", **{**erp.options, **option})


# money


def test_numbers_may_be_text_or_floats_with_noise(erp: ErpNextBench) -> None:
    erp.put([household(erp, 159_225, 80_000)])
    schedule = invoice(erp)["payment_schedule"][0]
    schedule["payment_amount"] = 1592.2500000000002
    assert sorted(one.amount for one in accounts(erp)[0].charges) == [80_000, 159_225]
    schedule["payment_amount"] = "1592.254"
    assert rejected(erp) == [("P505", f"Payment Schedule[{schedule['name']}]")]


def instalments(erp: ErpNextBench) -> list[dict[str, Any]]:
    erp.put([household(erp, 120_000)])
    rows = [
        erp.site.child(
            payment_term=term, payment_amount=Decimal(600), due_date=(erp.today - timedelta(days=days)).isoformat()
        )
        for term, days in (("first", 40), ("second", 10))
    ]
    invoice(erp)["payment_schedule"] = rows
    return rows


def test_an_instalment_is_a_charge_and_is_paid_by_its_term(erp: ErpNextBench) -> None:
    first, second = instalments(erp)
    entry = erp.entry(HERE, Decimal(600), erp.today, **{invoice(erp)["name"]: Decimal(600)})
    entry["references"][0]["payment_term"] = "second"
    (account,) = accounts(erp)
    assert [(one.id, one.amount) for one in account.charges] == [(first["name"], 60_000), (second["name"], 60_000)]
    assert [one.for_ for one in account.payments] == [(second["name"],)]


def test_several_items_and_instalments_cannot_be_told_apart(erp: ErpNextBench) -> None:
    instalments(erp)
    invoice(erp)["items"] = [erp.site.child(item_code=code, amount=Decimal(600)) for code in ("PM", "WT")]
    assert [code for code, _ in rejected(erp)] == ["P503"]


def test_an_invoice_without_a_schedule_is_one_charge(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    invoice(erp)["payment_schedule"] = []
    assert [(one.id, one.amount) for one in accounts(erp)[0].charges] == [(invoice(erp)["name"], 120_000)]


@pytest.mark.parametrize("stands", [False, True])
def test_a_return_takes_off_its_invoice_or_stands_by_itself(erp: ErpNextBench, *, stands: bool) -> None:
    """Since version 15 a return keeps an outstanding amount of its own until somebody reconciles it."""
    erp.put([household(erp, 120_000)])
    bill = invoice(erp)
    left = Decimal(-200) if stands else Decimal(0)
    more = {"is_return": 1, "return_against": bill["name"], "grand_total": Decimal(-200), "outstanding_amount": left}
    note = erp.invoice(HERE, {"property_fee": -20_000}, erp.today, **more)
    bill["outstanding_amount"] -= Decimal(200) + left
    (account,) = accounts(erp)
    if stands:
        assert [(one.id, one.amount, one.for_) for one in account.payments] == [(f"{note['name']}/open", 20_000, ())]
    else:
        assert [(one.kind, one.amount) for one in account.adjustments] == [("credit_note", 20_000)]


def test_a_return_paid_out_takes_off_nothing(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    more = {"is_return": 1, "return_against": invoice(erp)["name"], "grand_total": Decimal(-200)}
    note = erp.invoice(HERE, {"property_fee": -20_000}, erp.today, **more, outstanding_amount=Decimal(-200))
    entry = erp.entry(HERE, Decimal(200), erp.today, kind="Pay", **{note["name"]: Decimal(-200)})
    entry["unallocated_amount"] = Decimal(0)
    note["outstanding_amount"] = Decimal(0)
    (account,) = accounts(erp)
    assert (account.payments, account.adjustments) == ((), ())


def test_what_a_journal_entry_took_off_is_told(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    invoice(erp)["outstanding_amount"] = Decimal(700)
    assert rejected(erp) == [("P501", f"Sales Invoice[{invoice(erp)['name']}].outstanding_amount")]


def test_money_for_nothing_in_particular_has_to_be_of_one_unit(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    entry = erp.entry(HERE, Decimal(100), erp.today)
    assert [(one.amount, one.for_) for one in accounts(erp)[0].payments] == [(10_000, ())]
    erp.put([household(erp, 5_000, unit="2-202")])
    assert rejected(erp) == [("P502", f"Payment Entry[{entry['name']}].unallocated_amount")] * 2


def test_money_paid_out_for_nothing_that_is_known_is_told(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    entry = erp.entry(HERE, Decimal(100), erp.today, kind="Pay")
    assert [place.partition(".")[0] for _, place in rejected(erp)] == [f"Payment Entry[{entry['name']}]"]


def test_another_currency_is_not_added_up(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    invoice(erp)["currency"] = "USD"
    assert [place for _, place in rejected(erp)] == [f"Sales Invoice[{invoice(erp)['name']}].currency"]


def test_old_invoices_that_are_paid_may_be_left_out(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000, 5_000)])
    paid = {"id": "P1", "on": erp.today.isoformat(), "amount": "1200.00", "for": ["Q1"]}
    (payment,) = dunning.read_account({"id": "1-101", "payments": [paid]}).payments
    erp.do(Paid(HERE, payment))
    erp.options["begin"] = erp.today.isoformat()
    (account,) = accounts(erp)
    assert [one.amount for one in account.charges] == [5_000]
    assert account.payments == ()


# late fees


@pytest.mark.parametrize("column", ["interest", "interest_amount"])
def test_the_last_dunning_has_all_the_interest(erp: ErpNextBench, column: str) -> None:
    """Each Dunning counts from the due date anew: their interests are no sum, their fixed fees are."""
    erp.put([household(erp, 120_000)])
    erp.dunning(HERE, "Q1", erp.today - timedelta(days=20), Decimal("1.50"), column=column, fee=5)
    erp.dunning(HERE, "Q1", erp.today, Decimal("3.10"), column=column, fee=5)
    assert [(one.charge, one.amount) for one in accounts(erp)[0].late_fees] == [
        (invoice(erp)["payment_schedule"][0]["name"], 1_310)
    ]


@pytest.mark.parametrize("version", [14, 15])
def test_a_late_fee_that_is_paid_is_no_payment_of_principal(frappe: Served, version: int) -> None:
    """Until 14 a Dunning is of one invoice and is paid by a reference; since 15 its fee is income of the payment."""
    erp = ErpNextBench(*frappe, version)
    erp.put([household(erp, 120_000)])
    due = erp.dunning(HERE, "Q1", erp.today, Decimal("3.10"))
    entry = erp.entry(HERE, Decimal("1203.10"), erp.today, **{invoice(erp)["name"]: Decimal(1200)})
    entry["unallocated_amount"] = Decimal(0)
    if version < 15:
        due |= {"overdue_payments": [], "sales_invoice": invoice(erp)["name"], "interest_amount": Decimal("3.10")}
        part = {"reference_doctype": "Dunning", "reference_name": due["name"], "allocated_amount": Decimal("3.10")}
        entry["references"].append(erp.site.child(**part))
    else:
        entry["deductions"].append(erp.site.child(amount=Decimal("-3.10")))
    (account,) = accounts(erp)
    assert [one.amount for one in account.late_fees] == [310]
    (payment,) = account.payments
    assert payment.settles is not None
    assert [(one.part, one.amount) for one in payment.settles] == [("principal", 120_000), ("late_fee", 310)]


def test_a_credit_note_may_be_set_off_in_a_payment(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    more = {"is_return": 1, "return_against": invoice(erp)["name"], "grand_total": Decimal(-200)}
    note = erp.invoice(HERE, {"property_fee": -20_000}, erp.today, **more, outstanding_amount=Decimal(-200))
    parts = {invoice(erp)["name"]: Decimal(1200), note["name"]: Decimal(-200)}
    erp.entry(HERE, Decimal(1000), erp.today, **parts)
    (account,) = accounts(erp)
    assert [one.amount for one in account.payments] == [120_000]
    assert account.adjustments == ()


def test_a_dunning_that_was_cancelled_is_none(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    erp.dunning(HERE, "Q1", erp.today, Decimal("3.10"))["docstatus"] = 2
    assert accounts(erp)[0].late_fees == ()


# ToDos


def test_a_todo_that_is_closed_was_sent(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    erp.open().deliver([delivery(erp)])
    (todo,) = erp.site.rows("ToDo")
    assert todo["reference_name"] == erp.units[HERE][1]
    todo |= {"status": "Closed", "modified": erp.site.now()}
    assert [(one.outcome, one.key) for one in accounts(erp)[0].contacts] == [("sent", KEY)]
    erp.comment(todo["reference_name"], f"<p>#dunning {KEY} 无法送达 ems</p>", datetime.now(UTC) + timedelta(hours=1))
    assert [(one.outcome, one.channel) for one in accounts(erp)[0].contacts] == [("undeliverable", "ems")]


def test_a_comment_that_cannot_be_read_is_told(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    erp.open().deliver([delivery(erp)])
    comment = erp.comment(erp.units[HERE][1], f"<p>#dunning {KEY} schon erledigt</p>", datetime.now(UTC))
    assert {place for _, place in rejected(erp)} == {f"Comment[{comment['name']}].content"}


def test_what_missed_its_day_gets_a_new_todo(frappe: Served) -> None:
    erp = ErpNextBench(*frappe, 15, assignee="cs@example.com")
    erp.put([household(erp, 120_000)])
    for days in (0, 1):
        erp.open().deliver([delivery(erp, days)])
    assert [row["status"] for row in erp.site.rows("ToDo", allocated_to="cs@example.com")] == ["Cancelled", "Open"]


@pytest.mark.parametrize("version", [14, 15])
def test_a_todo_closed_while_it_is_called_off_was_sent(frappe: Served, version: int) -> None:
    erp = ErpNextBench(*frappe, version)
    erp.put([household(erp, 120_000)])
    erp.open().deliver([delivery(erp)])
    adapter: Any = erp.open()
    update = adapter.server.update

    def clerk_first(doctype: str, row: dict[str, Any], values: dict[str, Any]) -> Any:
        erp.site.tables["ToDo"][row["name"]] |= {"status": "Closed", "modified": erp.site.now()}
        return update(doctype, row, values)

    adapter.server.update = clerk_first
    assert [one.state for one in adapter.cancel([KEY], "paid")] == ["too_late"]


def test_receipts_come_since_a_moment(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    *_, mark = erp.open().receipts(None)
    erp.open().deliver([delivery(erp)])
    states = [one.state for one in erp.open().receipts(mark.cursor) if hasattr(one, "state")]
    assert states == ["accepted"]


def test_who_has_no_account_is_not_written_to(erp: ErpNextBench) -> None:
    erp.put([household(erp, 120_000)])
    nobody = replace(delivery(erp), account="CUST-0/1-101")
    assert [one.state for one in erp.open().deliver([nobody])] == ["refused"]
    assert erp.open().deliver([]) == []
    assert not erp.site.rows("ToDo")


def test_a_name_may_have_a_slash_in_it(erp: ErpNextBench) -> None:
    erp.customers["wy-01", "O-1"] = erp.site.insert("Customer", "100%/张三", customer_name="张三")["name"]
    erp.put([household(erp, 120_000)])
    (account,) = accounts(erp)
    assert (account.id, account.debtor.id) == ("100%25%2F张三/1-101-Shipping", "100%/张三")
    (again,) = erp.open().reread([("wy-01", account.id)])
    assert isinstance(again, dunning.Read)
    assert again.account.id == account.id
