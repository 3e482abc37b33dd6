"""Steps as other programs read them: actions, and withheld steps with their reasons, in the same bytes each time."""

from __future__ import annotations

import pickle
from dataclasses import replace
from datetime import datetime
from typing import Any

import dunning
from dunning.adapter import Delivery, Receipt, contacts_of, deliveries
from dunning.engine.result import Assessment, Withheld
from dunning.engine.steps.candidates import Reason
from dunning.model.account import SHANGHAI, Account, Party
from dunning.model.anchor import Duration
from dunning.model.condition import Bound, Check, Range
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Contact as Governor
from dunning.model.steps import Limit
from escalation import book, did, pack, step
from households import charge, day, household, said

Q1 = charge("2026-01-15", "1500.00", period="2026-01-01..2026-03-31", name="2026Q1")
AT = datetime(2026, 3, 2, 8, tzinfo=SHANGHAI)


def owner(*contacts: Any, **more: Any) -> Account:
    return household(Q1, contacts=contacts, use="residential", place="CN-3301", data_as_of=AT, **more)


def assessed(account: Account, rules: RuleBook | None = None, on: str = "2026-03-02") -> Assessment:
    return dunning.assess(account, rules or pack(), on=day(on))


def test_an_action_has_the_fields_of_the_contract_in_their_order() -> None:
    (action,) = dunning.to_dict(assessed(owner()))["actions"]
    assert list(action) == [
        "key", "step", "charge", "action", "to", "channels", "role", "tone", "template", "not_before", "not_after",
        "hours", "needs", "record", "ask", "bundle", "charges", "pay_by", "approved_by", "void_if", "carries",
        "because",
    ]  # fmt: skip
    assert action["step"] == "routine_round"
    assert action["channels"] == {"first_of": ["phone", "sms"]}
    assert action["ask"] == {"principal": "1500.00", "late_fee": "34.50", "total": "1534.50", "as_of": "2026-03-02"}
    assert (action["not_before"], action["not_after"]) == ("2026-03-02T10:00:00+08:00", "2026-03-02T12:00:00+08:00")
    assert action["hours"] == [
        ["2026-03-02T10:00:00+08:00", "2026-03-02T12:00:00+08:00"],
        ["2026-03-02T15:00:00+08:00", "2026-03-02T18:00:00+08:00"],
    ]
    assert action["bundle"] == "O1/2026-03-02"
    assert action["because"] == [{"day": "due(2026Q1)", "value": "2026-01-15"}]


def test_a_withheld_step_has_all_its_codes_and_the_reasons_in_their_order() -> None:
    withheld = {each["step"]: each for each in dunning.to_dict(assessed(owner()))["withheld"]}
    assert list(withheld["suit"]) == ["step", "charge", "code", "codes", "until", "because"]
    assert withheld["suit"]["code"] == "gate"
    assert withheld["suit"]["codes"] == ["gate", "condition", "after", "approval"]
    assert [each["code"] for each in withheld["suit"]["because"]] == sorted(
        (each["code"] for each in withheld["suit"]["because"]), key=withheld["suit"]["codes"].index
    )
    assert {"code": "condition", "fact": "overdue_days", "value": 46, "at": "escalation:230:28"} in withheld["suit"][
        "because"
    ]
    assert withheld["quarter_visit"]["until"] == "2026-03-16"
    assert withheld["due_notice"]["charge"] == "2026Q1"


def test_every_configured_step_is_among_actions_and_withheld() -> None:
    data = dunning.to_dict(assessed(owner(did("2026-02-27", "routine_round"))))
    found = {each["step"] for each in (*data["actions"], *data["withheld"])}
    assert found == {each.id for each in (*pack().reminders, *pack().ladder.steps)}


def test_facts_that_only_steps_read_are_told_too() -> None:
    assert "willing" in dunning.to_dict(assessed(owner()))["facts"]


def test_the_same_inputs_give_the_same_bytes_and_an_equal_answer() -> None:
    one, other = assessed(owner()), assessed(owner())
    assert dunning.to_json(one) == dunning.to_json(other)
    assert one.actions == other.actions
    assert one.withheld == other.withheld
    assert hash(one.withheld[0]) == hash(other.withheld[0])


def test_a_withheld_step_can_be_handed_to_another_process() -> None:
    found = assessed(owner()).withheld
    assert pickle.loads(pickle.dumps(found)) == found
    assert "suit" in repr(found[-1])
    assert found[0] != "due_notice"


def test_reasons_are_looked_up_once() -> None:
    asked = []

    def why() -> tuple[Reason, ...]:
        asked.append(1)
        return (Reason("condition", "fact", "arrears", 1),)

    found = Withheld("call", None, ("condition",), None, (), why)
    assert found.because == found.because
    assert len(asked) == 1
    assert found.code == "condition"


def test_a_household_without_steps_to_take_has_none() -> None:
    data = dunning.to_dict(assessed(household(use="residential", place="CN-3301")))
    assert data["actions"] == []
    assert {each["code"] for each in data["withheld"] if each["step"] != "early_payers"} == {"not_yet"}


def test_of_two_accounts_of_a_person_one_message_goes_out() -> None:
    rules = book(step("note", 3, action="send_message"), contact=Governor())
    one, other = owner(), replace(owner(), id="A2")
    first, second = dunning.assess_group((one, other), rules, on=day("2026-03-02"))
    assert [action.step for action in first.actions] == ["note"]
    assert [each.codes for each in second.withheld] == [("grouped",)]
    (carried,) = first.actions[0].carries
    assert (carried.account, carried.step, carried.charge) == ("A2", "note", None)
    alone = assessed(other, rules).actions[0]
    assert carried.key == alone.key  # a sink that stores keys delivers neither again
    assert dunning.to_dict(first)["actions"][0]["carries"] == [
        {"account": "A2", "step": "note", "charge": None, "key": alone.key}
    ]


def test_a_message_that_went_out_completes_all_it_carried_and_counts_once() -> None:
    notes = (step("note", 3, action="send_message", of="charge"), step("low", 3, action="send_message"))
    rules = book(*notes, catch_up="all", contact=Governor())
    account = replace(owner(), charges=(charge("2026-01-15", name="Q1"), charge("2026-04-15", name="Q2")))
    (action,) = assessed(account, rules, "2026-04-20").actions
    assert [(one.step, one.charge) for one in action.carries] == [("low", None), ("note", "Q2")]
    (delivery,) = deliveries(assessed(account, rules, "2026-04-20"))
    receipt = Receipt(delivery.key, "delivered", action.not_before, "sms", "O1")
    told = [contact for _, contact in contacts_of(Delivery.from_dict(delivery.to_dict()), receipt)]
    done = assessed(replace(account, contacts=tuple(told)), rules, "2026-04-21")
    assert (done.actions, {each.codes for each in done.withheld}) == ((), {("done",)})
    assert done.value("contacts_7d") == 1


def test_a_quota_that_is_not_met_is_a_shortfall() -> None:
    quota = Limit(count=2, of="any", per=Duration(7, "d"), title="每周两次")
    data = dunning.to_dict(assessed(owner(), book(step("call", 3), contact=Governor(quotas=(quota,)))))
    assert data["shortfalls"] == [
        {"of": "any", "at_least": 2, "per": "7d", "times": 1, "lacking": [], "title": "每周两次", "at": None}
    ]


def test_stale_data_is_told_with_its_day() -> None:
    rules = replace(book(step("call", 3)), contact=Governor(fresh_data=Duration(24, "h")))
    stale = replace(owner(), data_as_of=datetime(2026, 2, 20, 8, tzinfo=SHANGHAI))
    (found,) = dunning.to_dict(assessed(stale, rules))["withheld"]
    assert found["codes"] == ["stale_data"]
    assert {"code": "stale_data", "fact": "data_as_of", "value": "2026-02-20"} in found["because"]


def test_what_nobody_knows_is_written_as_unknown() -> None:
    rules = book(step("call", 3, when=Check("area", Range(Bound(1, included=True, written="1"), None), ">= 1")))
    (found,) = dunning.to_dict(assessed(owner(), rules))["withheld"]
    assert found["codes"] == ["unknown"]
    assert found["because"] == [{"code": "unknown", "fact": "area", "value": {"unknown": ["area"]}}]


def test_who_cannot_be_reached_is_told_by_channel() -> None:
    data = dunning.to_dict(assessed(owner(debtor=Party(id="O1", reachable=("ems",)))))
    found = next(each for each in data["withheld"] if each["step"] == "routine_round")
    assert found["codes"] == ["unreachable"]
    assert found["because"] == [{"code": "unreachable", "channel": "phone"}, {"code": "unreachable", "channel": "sms"}]


def test_a_contact_that_says_too_little_is_named() -> None:
    rules = book(step("call", 3, record=("reason",)))
    (action,) = dunning.to_dict(assessed(owner(did("2026-02-20", "call"), said("2026-02-21")), rules))["actions"]
    assert action["because"][-1] == {"record": "contacts/call@2026-02-20", "value": "reason"}
