"""Steps, the governor, pauses and offers: typed, with every name looked up."""

from __future__ import annotations

from datetime import time
from fractions import Fraction

from dunning.model.anchor import Anchor, AnchorWindow, ClockRange, CountRange, Duration, ShareRange
from dunning.model.condition import Check
from dunning.model.steps import ApprovalRule, Authority, By, Channels, Gives, Promises, Stop
from rule_files import base_book, book, codes, findings

LADDER = """
ladder:
  catch_up: lowest_first
  min_gap: 3d
  steps:
    - step: second_reminder
      title: 逾期提醒
      at: due + 3d .. due + 5d
      action: call
      channels: {first_of: [phone, 微信]}
      role: customer_service
      record: [reason, outcome]
    - step: formal_demand
      title: 书面催告
      when: {overdue_days: 超过180天}
      action: formal_demand
      channels: {all_of: [ems, sms]}
      role: 法务
      approval: [legal, property_manager]
      gives: {deadline: 10wd, at_least: 15d}
      proof: B
    - step: suit
      title: 起诉
      after: [expired(formal_demand)]
      action: sue
      approval: {roles: [legal, general_manager], valid: 60d}
      repeat: {every: 7d, times: 8, until: {promise_open: 是}}
  at_end: refer_to_management
"""


def test_the_ladder_is_read_in_its_order() -> None:
    ladder = book(LADDER).ladder
    reminder, demand, suit = ladder.steps

    assert (ladder.catch_up, ladder.min_gap, ladder.at_end) == ("lowest_first", Duration(3, "d"), "refer_to_management")
    assert reminder.window == AnchorWindow(Anchor("due", "", Duration(3, "d")), Anchor("due", "", Duration(5, "d")))
    assert reminder.channels == Channels("first_of", ("phone", "wechat"))
    assert (reminder.role, reminder.record, reminder.late) == ("customer_service", ("reason", "outcome"), "keep")
    assert (demand.window, demand.role, demand.proof) == (None, "legal", "B")
    assert demand.approval == ApprovalRule(("legal", "property_manager"))
    assert demand.gives == Gives(Duration(10, "wd"), Duration(15, "d"), "delivered")
    assert suit.after == (Anchor("expired", "formal_demand"),)
    assert suit.approval == ApprovalRule(("legal", "general_manager"), Duration(60, "d"))
    assert suit.repeat is not None
    assert (suit.repeat.every, suit.repeat.times) == (Duration(7, "d"), 8)
    assert isinstance(suit.repeat.until, Check)


def test_reminders_are_dropped_when_late_unless_they_say_otherwise() -> None:
    first, second = book("""
        reminders:
          - {step: due_notice, action: send_notice, at: due - 15d .. due - 7d, of: charge}
          - {step: thanks, action: send_receipt, at: paid .. paid + 1d, late: keep}
        """).reminders

    assert (first.late, first.of, first.title.zh) == ("drop", "charge", "发送通知")
    assert second.late == "keep"


def test_values_of_a_step_may_be_taken_from_tables() -> None:
    rules = book("""
        tables:
          tone_by_age:
            output: [friendly, legal]
            rows: [{when: {overdue_days: 超过90天}, then: legal}, {else: friendly}]
          handler: {output: role, rows: [{else: collector}]}
        reminders:
          - step: call_back
            action: call
            at: due + 3d
            role: {by: handler}
            tone: {by: tone_by_age}
            template: {by: tone_by_age}
        """)

    (step,) = rules.reminders
    assert (step.role, step.tone, step.template) == (By("handler"), By("tone_by_age"), By("tone_by_age"))


def test_a_table_a_step_takes_its_role_from_has_to_answer_roles() -> None:
    found = codes("""
        tables: {grade: {output: [S, A], rows: [{else: A}]}}
        reminders: [{step: a, action: call, at: due, role: {by: grade}}]
        """)

    assert found == ["R606"]


def test_charge_facts_may_be_read_in_steps_of_a_charge_only() -> None:
    step = "reminders: [{step: a, action: call, at: due, %swhen: {charge_age: 满3个月}}]\n"

    assert codes(step % "") == ["R207"]
    assert codes(step % "of: charge, ") == []


def test_names_of_steps_are_looked_up_in_windows_too() -> None:
    (found,) = findings("""
        reminders:
          - {step: due_notice, action: send_notice, at: due - 15d}
          - {step: follow_up, action: call, at: done(due_notise) + 3d}
        """)

    assert (found.code, found.fix) == ("N204", "due_notice")
    assert found.related[0][0].line == 5  # type: ignore[union-attr]


def test_an_outcome_that_is_none_is_found() -> None:
    assert codes("reminders: [{step: a, action: call, at: contact(gone) + 1d}]\n") == ["R104"]
    assert codes("reminders: [{step: a, action: call, at: contact(away) + 1d}]\n") == []


def test_own_actions_may_be_used_by_steps() -> None:
    rules = book("""
        actions: {negotiate_hq: {title: 总对总协商, effects: [contact_debtor], receiver: headquarters}}
        reminders: [{step: talk, action: negotiate_hq, at: due + 30d, to: headquarters}]
        """)

    assert rules.actions["negotiate_hq"].effects == ("contact_debtor",)
    assert (rules.reminders[0].title.zh, rules.reminders[0].to) == ("总对总协商", "headquarters")


def test_an_own_action_has_to_say_its_effects() -> None:
    assert codes("actions: {talk: {title: 谈话}}\n") == ["R102"]


def test_sanctions_are_known_so_that_they_can_be_refused_by_name() -> None:
    assert book("reminders: [{step: a, action: 停水, at: due}]\n").reminders[0].action == "cut_water"


# --- bases -------------------------------------------------------------------------------------------------------


def test_a_bases_step_stands_where_it_is_used_and_may_be_changed_key_by_key() -> None:
    rules = book(
        """
        based_on: base
        dropped: {second_reminder: 商业项目不用}
        ladder:
          steps:
            - {step: warning, title: 预警, action: call, at: due + 15d}
            - {use: formal_demand, at: due + 45d}
            - {use: suit}
        """,
        base_book(LADDER),
    )

    assert [step.id for step in rules.ladder.steps] == ["warning", "formal_demand", "suit"]
    changed = rules.ladder.steps[1]
    assert changed.window == AnchorWindow(Anchor("due", "", Duration(45, "d")))
    assert (changed.gives, changed.pack) == (Gives(Duration(10, "wd"), Duration(15, "d"), "delivered"), "base")
    assert (rules.ladder.catch_up, rules.ladder.at_end) == ("lowest_first", "refer_to_management")


def test_a_ladder_that_is_not_written_is_the_bases() -> None:
    rules = book("based_on: base\n", base_book(LADDER))

    assert [step.id for step in rules.ladder.steps] == ["second_reminder", "formal_demand", "suit"]


def test_reminders_of_the_base_come_along() -> None:
    base = base_book("reminders: [{step: due_notice, action: send_notice, at: due - 7d}]\n")
    rules = book("based_on: base\nreminders: [{step: thanks, action: send_receipt, at: paid}]\n", base)

    assert [step.id for step in rules.reminders] == ["due_notice", "thanks"]


def test_a_renamed_step_names_the_one_it_is_now() -> None:
    rules = book("renamed: {home_visit: second_reminder}\n" + LADDER)

    assert (rules.retired[0].name, rules.retired[0].now) == ("home_visit", "second_reminder")
    assert codes("renamed: {home_visit: second_reminders}\n" + LADDER) == ["N204"]


# --- the governor ------------------------------------------------------------------------------------------------


def test_windows_caps_and_quotas_are_read() -> None:
    contact = book("""
        tables: {grade: {output: [S, A], rows: [{else: A}]}}
        contact:
          windows:
            phone: {workday: [10:00-12:00, 15:00-18:00], rest_day: [10:30-12:00], festival: []}
          caps: [{at_most: 3, of: phone, per: 7d}]
          quotas: [{at_least: 2, of: 全部, per: 7d, when: {grade: S}, lacks: report}]
          fresh_data: 24h
        """).contact

    assert contact.windows["phone"]["workday"] == (
        ClockRange(time(10), time(12)),
        ClockRange(time(15), time(18)),
    )
    assert contact.windows["phone"]["festival"] == ()
    assert [(cap.count, cap.of, cap.per) for cap in contact.caps] == [(3, "phone", Duration(7, "d"))]
    assert [(quota.count, quota.of) for quota in contact.quotas] == [(2, "any")]
    assert isinstance(contact.quotas[0].when, Check)
    assert contact.fresh_data == Duration(24, "h")


def test_promises_and_pauses_are_read() -> None:
    rules = book("""
        promises: {longest: 14d, in_a_row: 3}
        pauses:
          - {while: {promise_open: 是}, stops: [ladder]}
          - {while: {open_dispute_kinds: 服务质量}, stops: [tone legal, 口径 坚定], until: answered, answer_within: 48h}
        """)

    assert rules.promises == Promises(Duration(14, "d"), 3)
    first, second = rules.pauses
    assert (first.stops, first.until) == ((Stop("ladder"),), None)
    assert second.stops == (Stop("tone", "legal"), Stop("tone", "firm"))
    assert (second.until, second.answer_within) == ("answered", Duration(48, "h"))


def test_a_pause_may_stop_one_step() -> None:
    rules = book(LADDER + "pauses: [{while: {refused: 是}, stops: [second_reminder]}]\n")

    assert rules.pauses[0].stops == (Stop("step", "second_reminder"),)


# --- offers, targets, declined -----------------------------------------------------------------------------------


def test_relief_is_read() -> None:
    (offer,) = book("""
        relief:
          - offer: hardship
            kind: instalments
            when: {hardship: 是}
            count: 3..12
            every: 1mo
            waive: 50%..100% of late_fee
            tolerance: 3d
            needs: [written]
            authority: [{up_to: 50%, roles: [property_manager]}, {above: 50%, roles: [finance]}]
        """).relief

    assert (offer.id, offer.kind, offer.count) == ("hardship", "instalments", CountRange(3, 12))
    assert offer.waive == ShareRange(Fraction(1, 2), Fraction(1), "late_fee")
    assert offer.authority == (
        Authority(("property_manager",), up_to=Fraction(1, 2)),
        Authority(("finance",), above=Fraction(1, 2)),
    )


def test_an_instalment_offer_lacks_nothing_it_needs() -> None:
    assert codes("relief: [{offer: a, kind: instalments}]\n") == ["R102"]


def test_incentives_targets_and_declined_are_read() -> None:
    rules = book("""
        incentives:
          stacking: best
          rows: [{title: 提前缴全年, when: {paid_ahead: 满3个月}, then: {discount: 5%}}]
        targets: [{measure: notice_coverage, at_least: 95%, by: due}]
        declined: [{item: B.12, says: 停水停电, because: CC-944.3}]
        """)

    assert rules.incentives.rows[0].discount == Fraction(5, 100)
    assert (rules.targets[0].measure, rules.targets[0].at_least) == ("notice_coverage", Fraction(95, 100))
    assert (rules.declined[0].item, rules.declined[0].because) == ("B.12", "CC-944.3")


def test_impossible_households_are_conditions() -> None:
    (condition,) = book("impossible: [{arrears: 0元, overdue_periods: 1期以上}]\n").impossible

    assert not isinstance(condition, Check)
