"""Every trap of MicroCommunity's tables, one test each: what goes wrong in the field where it is not seen."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from homes import DUE, Homes, at, on

from dunning import Rejected, RuleBook, UsageError, assess, load
from dunning.adapter import Gone, Source
from dunning_microcommunity import open_microcommunity


@pytest.fixture
def homes(url: str) -> Homes:
    return Homes(url)


@pytest.fixture
def home(homes: Homes) -> Homes:
    """Room R1 of M1 with a monthly fee E1, paid ahead."""
    homes.room("R1", "M1")
    homes.fee()
    return homes


# (a) due dates


@pytest.mark.parametrize("due", ["", "prepaid", "prepaid:start", "prepaid:start+15,prepaid:end+1", "postpaid:begin+3"])
def test_without_a_policy_for_due_dates_it_refuses(url: str, due: str) -> None:
    with pytest.raises(UsageError, match=r"keeps no due dates .* due=prepaid:start\+15,postpaid:end\+30"):
        open_microcommunity(due=due, url=url)


@pytest.mark.parametrize(
    ("payment_cd", "cycle", "due"),
    [
        ("1200", "1", "2026-03-16"),
        ("2100", "1", "2026-04-30"),  # 31 March and 30 days
        ("1200", "3", "2026-01-16"),  # the quarter that began in January
        ("2100", "3", "2026-04-30"),
        ("2100", "6", "2026-07-30"),
        ("2100", "", "2026-04-30"),
    ],
)
def test_due_dates_follow_the_stated_policy_and_the_cycle(homes: Homes, payment_cd: str, cycle: str, due: str) -> None:
    homes.room("R1", "M1")
    homes.fee(payment_cd=payment_cd, payment_cycle=cycle)
    homes.month("Y3", "2026-03-01", "100.0000")
    (charge,) = homes.account().charges
    assert charge.due == on(due)
    assert charge.period == (on("2026-03-01"), on("2026-03-31"))


def test_the_end_of_a_period_is_not_taken_for_a_due_date(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0000", deadline_time="2026-01-31")
    home.month("Y2", "2026-02-01", "100.0000", deadline_time="1000-01-01")
    first, second = home.account().charges
    assert (first.due, second.due) == (on("2026-01-16"), on("2026-02-16"))
    assert second.period == (on("2026-02-01"), on("2026-02-28"))


def test_a_way_of_paying_without_terms_is_refused_with_its_place(homes: Homes) -> None:
    homes.room("R1", "M1")
    homes.fee(payment_cd="2100")
    homes.month("Y1", "2026-01-01", "100.0000")
    found = homes.findings(due="prepaid:start+15")[0]
    assert (found.code, found.at) == ("P601", Source("pay_fee_config", "KE1", "payment_cd"))


def test_a_cycle_that_is_no_number_of_months_is_refused(homes: Homes) -> None:
    homes.room("R1", "M1")
    homes.fee(payment_cycle="每季")
    homes.month("Y1", "2026-01-01", "100.0000")
    found = homes.findings()[0]
    assert (found.code, found.at) == ("P602", Source("pay_fee_config", "KE1", "payment_cycle"))


# (b) months, not the paid-through date


def test_each_unpaid_month_has_its_own_age(home: Homes) -> None:
    for month in (1, 2, 3):
        home.month(f"Y{month}", f"2026-{month:02d}-01", "100.0000")
    home.change("UPDATE pay_fee SET end_time = '2026-01-01'")
    home.arrears("300.00")
    assert [charge.due for charge in home.account().charges] == [on("2026-01-16"), on("2026-02-16"), on("2026-03-16")]


# (c) four decimals and two


def test_fractions_of_a_fen_are_parted_by_the_largest_remainder(home: Homes) -> None:
    for month, amount in ((1, "33.3337"), (2, "33.3332"), (3, "33.3331")):
        home.month(f"Y{month}", f"2026-{month:02d}-01", amount)
    home.arrears("100.00")
    read = home.read()["R1/M1"]
    assert [charge.amount for charge in read.account.charges] == [3334, 3333, 3333]
    (told,) = read.findings
    assert told.code == "P604"
    assert told.message("en") == (
        "months that are no whole fen: 3; together 100 yuan, taken as 100.00 yuan by the largest remainders"
    )


def test_whole_fen_stay_what_they_are(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0100")
    home.month("Y2", "2026-02-01", "100.0000")
    home.arrears("200.00")
    read = home.read()["R1/M1"]
    assert [charge.amount for charge in read.account.charges] == [10001, 10000]
    assert [found.code for found in read.findings] == ["P603"]


@pytest.mark.parametrize(
    ("snapshot", "theirs"), [("250.00", "250.00 yuan"), (None, "no row"), ("350.00", "350.00 yuan")]
)
def test_a_difference_to_the_snapshot_is_told(home: Homes, snapshot: str | None, theirs: str) -> None:
    for month in (1, 2, 3):
        home.month(f"Y{month}", f"2026-{month:02d}-01", "100.0000")
    if snapshot:
        home.arrears(snapshot)
    read = home.read()["R1/M1"]
    assert sum(charge.amount for charge in read.account.charges) == 30_000
    (told,) = read.findings
    assert told.code == "P603"
    assert told.message("en") == (f"fee E1: by its months 300.00 yuan are unpaid, by the snapshot of arrears {theirs}")
    assert told.at == Source("report_owe_fee", "WE1" if snapshot else "E1", "amount_owed")


def test_arrears_without_month_rows_are_told_and_not_asked_for(home: Homes) -> None:
    home.bond("R1", "M2", "2003")
    for fee, owner, amount in (("E8", "M1", "88.00"), ("E9", "", "99.00"), ("E7", "M1", "0.00")):
        home.fee(fee)
        home.arrears(amount, fee=fee)
        home.change(f"UPDATE report_owe_fee SET payer_obj_id = 'R1', owner_id = '{owner}' WHERE fee_id = '{fee}'")
    read = home.read()["R1/M1"]
    assert read.account.charges == ()
    assert [(one.code, str(one.at)) for one in read.findings] == [
        ("P603", "report_owe_fee[WE8].amount_owed"), ("P603", "report_owe_fee[WE9].amount_owed"),
    ]  # fmt: skip
    told = "fee E8: by its months 0.00 yuan are unpaid, by the snapshot of arrears 88.00 yuan"
    assert read.findings[0].message("en") == told


def test_months_after_those_of_the_snapshot_are_no_difference(home: Homes) -> None:
    for month in (1, 2, 3):
        home.month(f"Y{month}", f"2026-{month:02d}-01", "100.0000")
    home.arrears("200.00", until="2026-03-01")
    assert home.codes() == []
    assert len(home.account().charges) == 3


# (d) partial payments


def test_a_payment_for_part_of_a_month_leaves_the_rest(home: Homes) -> None:
    home.month("Y3", "2026-03-01", "1200.0000", received_amount="900.00", detail_id="D1")
    home.paid("D1", "2026-03-01", "2026-03-24", "900.00")
    home.arrears("300.00")
    account = home.account()
    (charge,), (payment,) = account.charges, account.payments
    assert (charge.amount, payment.amount, payment.on) == (120_000, 90_000, on("2026-03-05"))
    assert [(line.charge, line.amount) for line in payment.settles or ()] == [("Y3", 90_000)]


def test_one_payment_for_several_months_is_taken_apart(home: Homes) -> None:
    for month in (1, 2):
        row = {"received_amount": "100.00", "state": "C", "detail_id": "D1"}
        home.month(f"Y{month}", f"2026-{month:02d}-01", "100.0000", **row)
    home.month("Y3", "2026-03-01", "100.0000", received_amount="50.00")
    home.paid("D1", "2026-01-01", "2026-03-16", "250.00")
    home.arrears("50.00")
    (payment,) = home.account().payments
    assert [(line.charge, line.amount) for line in payment.settles or ()] == [
        ("Y1", 10_000),
        ("Y2", 10_000),
        ("Y3", 5_000),
    ]
    assert home.codes() == []


# (e) who owes


def test_the_owner_a_fee_names_goes_before_the_room(homes: Homes) -> None:
    homes.room("R1", "M1", "M2")
    homes.fee(owner="M9")
    homes.month("Y1", "2026-01-01", "100.0000", owner_id="M9")
    homes.arrears("100.00")
    assert [charge.id for charge in homes.account("R1/M9").charges] == ["Y1"]
    assert homes.account("R1/M1").charges == ()


def test_a_fee_and_its_month_that_name_different_owners_are_told(home: Homes) -> None:
    home.change("INSERT INTO pay_fee_attrs (attr_id, fee_id, spec_cd, value) VALUES ('T1', 'E1', '390007', 'M2')")
    home.owner("M2")
    home.change("UPDATE building_owner_room_rel SET state = '2003', end_time = '2026-01-31'")
    home.bond("R1", "M2", start_time="2026-02-01")
    home.month("Y1", "2026-01-01", "100.0000")
    home.arrears("100.00")
    read = home.read()["R1/M2"]
    assert [found.code for found in read.findings] == ["P608"]
    assert read.account.debtor.since == on("2026-02-01"), "what fell in before is not the new owner's"


def test_several_owners_of_a_room_are_told(homes: Homes) -> None:
    homes.room("R1", "M1", "M2")
    homes.owner("M3", owner_type_cd="1002")  # a member of the family
    homes.bond("R1", "M3")
    homes.bond("R1", "M4", "2003")
    homes.fee()
    homes.month("Y1", "2026-01-01", "100.0000", owner_id="")
    homes.arrears("100.00")
    read = homes.read()
    assert set(read) == {"R1/M1"}
    assert [party.id for party in read["R1/M1"].account.parties] == ["M2"]
    (told,) = read["R1/M1"].findings
    assert told.code == "P607"
    assert "M2" in told.message("zh")


def test_a_fee_that_is_nobodys_is_rejected_and_does_not_disappear(homes: Homes) -> None:
    homes.room("R1")
    homes.fee()
    homes.month("Y1", "2026-01-01", "100.0000", owner_id="")
    (item,) = homes.items()
    assert isinstance(item, Rejected)
    assert item.id == "R1/"
    assert "P606" in [found.code for found in item.findings]


def test_a_former_owner_keeps_the_debts_of_that_time(homes: Homes) -> None:
    homes.room("R1")
    homes.owner("M1")
    homes.owner("M2")
    homes.bond("R1", "M1", "2003", start_time="2020-01-01", end_time="2026-01-31")
    homes.bond("R1", "M2", start_time="2026-02-01", end_time="2037-01-01")
    homes.fee()
    homes.month("Y1", "2026-01-01", "100.0000", owner_id="M1")
    homes.month("Y2", "2026-02-01", "100.0000", owner_id="M2")
    homes.arrears("200.00")
    before, after = homes.account("R1/M1"), homes.account("R1/M2")
    assert ([charge.id for charge in before.charges], before.debtor.until) == (["Y1"], on("2026-01-31"))
    assert ([charge.id for charge in after.charges], after.debtor.until) == (["Y2"], None)


def test_a_payment_over_a_sale_is_each_owners_own(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0000", state="C", received_amount="100.00", detail_id="D1")
    home.month("Y2", "2026-02-01", "100.0000", state="C", received_amount="100.00", detail_id="D1", owner_id="M2")
    home.paid("D1", "2026-01-01", "2026-03-01", "200.00")
    read = home.read()
    for owner in ("M1", "M2"):
        (payment,) = read[f"R1/{owner}"].account.payments
        assert (payment.amount, payment.ref) == (10_000, "D1")


# (f) a stale snapshot


def test_a_stale_snapshot_dates_the_data_and_nothing_is_sent(home: Homes, book: RuleBook) -> None:
    home.month("Y1", "2026-01-01", "1000.0000")
    home.arrears("1000.00", age=timedelta(hours=30))
    stale, fresh = home.read()["R1/M1"], home.read(stale="48")["R1/M1"]
    assert [found.code for found in stale.findings] == ["P605"]
    asked = fresh.account.data_as_of
    assert asked is not None
    assert stale.account.data_as_of is not None
    assert asked - stale.account.data_as_of > timedelta(hours=29)
    today = asked.astimezone(at("2026-01-01").tzinfo).date()
    withheld = assess(stale.account, book, on=today)
    assert withheld.actions == ()
    assert {each.code for each in withheld.withheld} == {"stale_data"}
    assert assess(fresh.account, book, on=today).actions


@pytest.fixture
def book() -> RuleBook:
    return load(Path(__file__).parent / "book.yaml")


# (g) refunds


def test_a_refund_pair_is_no_payment_and_the_month_is_owed_again(home: Homes) -> None:
    home.month("Y3", "2026-03-01", "100.0000", state="R", received_amount="100.00", detail_id="D1")
    home.paid("D1", "2026-03-01", "2026-04-01", "100.00", state="1100")
    home.paid("D2", "2026-03-01", "2026-04-01", "-100.00", state="1300")
    home.arrears("100.00")
    account = home.account()
    assert account.payments == ()
    assert [charge.amount for charge in account.charges] == [10_000]
    assert home.codes() == []


@pytest.mark.parametrize("state", ["1400", "1200", "1000"])
def test_a_refund_applied_for_or_failed_leaves_the_payment(home: Homes, state: str) -> None:
    home.month("Y3", "2026-03-01", "100.0000", state="C", received_amount="100.00", detail_id="D1")
    home.paid("D1", "2026-03-01", "2026-04-01", "100.00", state=state)
    assert [payment.amount for payment in home.account().payments] == [10_000]


def test_a_refunded_month_with_a_new_row_is_owed_once(home: Homes) -> None:
    home.month("Y3", "2026-03-01", "100.0000", state="R", received_amount="100.00")
    home.month("Y4", "2026-03-01", "100.0000")
    home.arrears("100.00")
    assert [charge.id for charge in home.account().charges] == ["Y4"]
    assert home.codes() == ["P611"]


def test_a_refunded_month_of_a_fee_that_has_ended_is_not_owed(home: Homes) -> None:
    home.change("UPDATE pay_fee SET state = '2009001'")
    home.month("Y3", "2026-03-01", "100.0000", state="R", received_amount="100.00")
    assert home.account().charges == ()
    assert home.codes() == ["P611"]


# Late fees


def test_a_late_fee_in_a_payment_is_no_principal(home: Homes) -> None:
    for month in (1, 2):
        row = {"received_amount": "100.00", "state": "C", "detail_id": "D1"}
        home.month(f"Y{month}", f"2026-{month:02d}-01", "100.0000", **row)
    home.paid("D1", "2026-01-01", "2026-03-01", "207.01", late_amount="7.01")
    home.late("D1", "-7.01")
    home.late("D1", "5.00")  # a discount by the same table
    account = home.account()
    assert [(fee.charge, fee.amount, fee.on) for fee in account.late_fees] == [
        ("Y1", 351, on("2026-03-05")),
        ("Y2", 350, on("2026-03-05")),
    ]
    (payment,) = account.payments
    settled = [(line.charge, line.part, line.amount) for line in payment.settles or ()]
    assert settled == [
        ("Y1", "principal", 10_000), ("Y2", "principal", 10_000), ("Y1", "late_fee", 351), ("Y2", "late_fee", 350),
    ]  # fmt: skip
    assert home.codes() == []


def test_two_sums_for_one_late_fee_are_told(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0000", state="C", received_amount="100.00", detail_id="D1")
    home.paid("D1", "2026-01-01", "2026-02-01", "105.00", late_amount="6.00")
    home.late("D1", "-5.00")
    assert home.codes() == ["P613"]
    assert [fee.amount for fee in home.account().late_fees] == [500]


# What it calls paid is not asked for


def test_a_paid_month_without_its_payment_is_paid(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0000", state="C", received_amount="100.00", pay_fee_time="2026-01-20")
    (payment,) = home.account().payments
    assert (payment.amount, payment.on) == (10_000, on("2026-01-20"))
    assert home.codes() == ["P609"]


def test_a_discount_and_what_lacks_of_a_paid_month_are_let_off(home: Homes) -> None:
    row = {"state": "C", "received_amount": "85.00", "discount_amount": "10.00", "detail_id": "D1"}
    home.month("Y1", "2026-01-01", "100.0000", **row)
    home.paid("D1", "2026-01-01", "2026-02-01", "85.00")
    account = home.account()
    assert [(each.kind, each.amount) for each in account.adjustments] == [("relief", 1000), ("credit_note", 500)]
    assert home.codes() == ["P610"]


def test_payments_for_years_without_month_rows_are_left_out(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0000")
    home.paid("D0", "2019-01-01", "2020-01-01", "1200.00", create_time="2019-02-01")
    home.arrears("100.00")
    assert home.account().payments == ()
    assert home.codes() == ["P612"]


# Deleted rows


@pytest.mark.parametrize(
    "deleted",
    ["pay_fee_detail_month", "pay_fee", "pay_fee_detail", "pay_fee_attrs", "building_owner_room_rel", "s_community"],
)
def test_rows_deleted_by_their_flag_do_not_count(homes: Homes, deleted: str) -> None:
    homes.room("R1", "M1")
    homes.fee(owner="M2")
    homes.month("Y1", "2026-01-01", "100.0000", detail_id="D1", received_amount="40.00")
    homes.paid("D1", "2026-01-01", "2026-02-01", "40.00")
    homes.change(f"UPDATE {deleted} SET status_cd = '1'")
    read = homes.read()
    charges = {id_: [charge.id for charge in each.account.charges] for id_, each in read.items()}
    match deleted:
        case "pay_fee_detail_month" | "pay_fee":
            assert charges == {"R1/M1": []}
        case "pay_fee_detail":
            assert "P609" in [found.code for found in read["R1/M2"].findings]
            assert [payment.id for payment in read["R1/M2"].account.payments] == ["Y1/paid"]
        case "pay_fee_attrs":
            assert charges == {"R1/M1": ["Y1"]}
        case "building_owner_room_rel":
            assert charges == {"R1/M2": ["Y1"]}
        case "s_community":
            assert charges == {}


def test_a_deleted_room_is_gone(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0000")
    home.change("UPDATE building_room SET status_cd = '1'")
    assert list(home.items()) == [Gone("7", "R1/M1", "deleted")]


# What a room is


@pytest.mark.parametrize(
    ("room_type", "sub_type", "use"),
    [
        ("1010301", "110", "residential"),
        ("1010301", None, "residential"),
        ("1010301", "119", None),  # its comment and its dictionary disagree
        ("1010301", "128", "other"),
        ("2020602", None, "commercial"),
        ("2020702", None, None),
        ("2020902", None, "parking"),
    ],
)
def test_what_a_room_is_used_for(homes: Homes, room_type: str, sub_type: str | None, use: str | None) -> None:
    homes.room("R1", "M1", room_type=room_type, room_sub_type=sub_type, built_up_area="96.50")
    account = homes.account()
    assert account.use == use
    assert (account.unit, account.community, account.company) == ("3-2-501", "7", "7")
    assert account.area == Fraction("96.5")


def test_a_parking_space_is_an_account_of_its_owner(home: Homes) -> None:
    home.fee("E2", "C1", payer_obj_type="6666", owner="M1")
    home.month("Y1", "2026-01-01", "150.0000", fee="E2", obj="C1", fee_type_cd="888800010008", owner_id="")
    home.arrears("150.00", fee="E2")
    read = home.read()
    assert list(read) == ["C1/M1", "R1/M1"]
    assert read["C1/M1"].account.use == "parking"
    assert [charge.item for charge in read["C1/M1"].account.charges] == ["parking"]


def test_communities_are_chosen_and_a_company_may_be_named(home: Homes) -> None:
    home.add("s_community", community_id="8")
    home.add("building_room", room_id="R8", community_id="8")
    home.bond("R8", "M1")
    assert {item.account.company for item in home.read().values()} == {"7", "8"}
    assert set(home.read(community="8")) == {"R8/M1"}
    assert {item.account.company for item in home.read(company="wy-01").values()} == {"wy-01"}


def test_the_contracts_clause_is_said_or_unknown(home: Homes) -> None:
    assert home.account().contracts == ()
    assert home.account(late_fee_clause="yes").contracts[0].late_fee_clause is True
    with pytest.raises(UsageError):
        home.account(late_fee_clause="maybe")


def test_where_the_rooms_are_and_of_what_there_is_none_is_said(home: Homes) -> None:
    read = home.read()["R1/M1"]
    assert read.account.place is None
    assert home.account(place="CN-3301").place == "CN-3301"
    adapter = open_microcommunity(due=DUE, url=home.url, none="disputes,plans")
    assert adapter.capabilities().lists >= {"disputes", "plans"}
    with pytest.raises(UsageError, match="the option none cannot be `charges`"):
        open_microcommunity(due=DUE, url=home.url, none="charges")


# Contacts


def test_its_logs_are_contacts_one_for_each_time(home: Homes) -> None:
    home.month("Y1", "2026-01-01", "100.0000")
    row = {"payer_obj_id": "R1", "owner_id": "M1", "fee_id": "E1", "amountd_owed": 100, "staff_id": "s",
           "community_id": "7", "create_time": "2026-03-01 10:00:00"}  # fmt: skip
    home.add("owe_fee_callable", ofc_id="O1", callable_way="SMS", state="C", **row)
    home.add("owe_fee_callable", ofc_id="O2", callable_way="SMS", state="C", **row | {"fee_id": "E2"})
    home.add("owe_fee_callable", ofc_id="O3", callable_way="WECHAT", state="F", **row)
    home.add("owe_fee_callable", ofc_id="O4", callable_way="PRINT", state="C", status_cd="1", **row)
    old = {"payer_obj_id": "R1", "owner_id": "M1", "create_time": "2025-03-01 09:00:00"}
    home.add("fee_collection_detail", detail_id="O5", collection_way="003", **old)
    contacts = home.account().contacts
    assert [(each.channel, each.at) for each in contacts] == [
        ("wechat", at("2025-03-01T09:00:00")),
        ("sms", at("2026-03-01T10:00:00")),
    ]
