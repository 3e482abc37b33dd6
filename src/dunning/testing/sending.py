"""What goes out to a debtor and into the ERP's books: once, in its hours, called off in time, and read back.

The third part of the adapter suite. Each test says what goes wrong in the field where it fails.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from dunning.adapter.protocol import Mark
from dunning.basis.money import yuan
from dunning.testing.bench import (
    Arrived,
    Bench,
    Crashing,
    Point,
)
from dunning.testing.probes import (
    both_ways,
    charge,
    contact_of,
    day,
    delivery,
    dispatch,
    does,
    hour,
    household,
    posting,
    put,
    refused,
    reread,
    still_owed,
)


class SendingTests:
    """Tests of all that goes out, as far as it is declared; `erp` is the fixture of AdapterSuite."""

    # deliveries

    def test_delivered_twice_is_sent_once(self, erp: Bench) -> None:
        """After a crash all is handed over again: whoever is called twice for one reminder complains, and rightly."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        sent = delivery(erp, kept, account)
        if not erp.open().capabilities().delivers:
            return refused("deliver", lambda: erp.open().deliver([sent]))
        erp.open().deliver([sent])
        reworded = replace(sent, action=replace(sent.action, tone="firm"))
        again = erp.open().deliver([sent, reworded])
        assert [receipt.key for receipt in again] == [sent.key] * 2, "one receipt for each delivery, in their order"
        dispatch(erp)
        erp.open().deliver([replace(sent, on=day(erp, 1))])
        dispatch(erp)
        dispatch(erp, days=1)
        assert list(erp.sent()).count(sent.key) == 1, f"sent: {list(erp.sent())}"
        return None

    @pytest.mark.parametrize("point", ["before", "between", "after"])
    def test_a_process_that_dies_loses_nothing_and_sends_nothing_twice(self, erp: Bench, point: Point) -> None:
        """Killed while it delivers, then started again: a reminder lost is a step never done, one sent twice worse."""
        mine = [put(erp, household(name, charge(erp, -40))) for name in ("1-101", "2-202")]
        both = [delivery(erp, kept, account) for kept, account in mine]
        if not erp.open().capabilities().delivers:
            return refused("deliver", lambda: erp.open().deliver(both))
        if isinstance(erp, Crashing):
            with pytest.raises(KeyboardInterrupt):
                erp.crash(point).deliver(both)
        else:
            erp.open().deliver({"before": [], "between": both[:1], "after": both}[point])
        dispatch(erp)
        erp.open().deliver(both)
        dispatch(erp, 11)
        times = [list(erp.sent()).count(one.key) for one in both]
        assert times == [1, 1], f"two messages left {times[0]} and {times[1]} times"
        return None

    def test_what_is_cancelled_never_leaves(self, erp: Bench) -> None:
        """The money has come and the reminder was called off in time; it goes out all the same."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        if not erp.open().capabilities().delivers:
            return refused("cancel", lambda: erp.open().cancel(["0" * 32], "paid"))
        sent = delivery(erp, kept, account)
        erp.open().deliver([sent])
        answers = erp.open().cancel([sent.key, "0" * 32], "paid")
        assert [receipt.key for receipt in answers] == [sent.key, "0" * 32], "one receipt for each key, in their order"
        dispatch(erp)
        left = sent.key in erp.sent()
        assert answers[0].state == ("too_late" if left else "cancelled"), f"{answers[0]}, and it left: {left}"
        return None

    def test_what_was_cancelled_may_be_due_again(self, erp: Bench) -> None:
        """A dispute stopped a reminder and is over: the same step is due, with the same key, and must go out now."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        if not erp.open().capabilities().delivers:
            return refused("deliver", lambda: erp.open().deliver([delivery(erp, kept, account)]))
        sent = delivery(erp, kept, account)
        erp.open().deliver([sent])
        if erp.open().cancel([sent.key], "dispute")[0].state == "cancelled":
            erp.open().deliver([sent])
            dispatch(erp)
            assert sent.key not in erp.sent(), "handed over again on the same day by one who had not heard, it left"
            erp.open().deliver([delivery(erp, kept, account, days=1)])
            dispatch(erp, days=1)
            assert list(erp.sent()).count(sent.key) == 1, "due again on another day, it never left"
        return None

    def test_what_missed_its_day_goes_on_another(self, erp: Bench) -> None:
        """The gateway was down until evening: the message counts as under way for ever, and the step is never done."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        sent = delivery(erp, kept, account, until=12)
        if not erp.open().capabilities().delivers:
            return refused("deliver", lambda: erp.open().deliver([sent]))
        erp.open().deliver([sent])
        dispatch(erp, 13)
        dispatch(erp, days=1)
        assert not erp.sent(), "yesterday's message left today, with yesterday's sum in it"
        erp.open().deliver([delivery(erp, kept, account, days=1, until=18)])
        dispatch(erp, 15, days=1)
        assert list(erp.sent()) == [sent.key], "due again on another day, it never left"
        return None

    def test_a_cancel_that_comes_too_late_says_so(self, erp: Bench) -> None:
        """It left and counts as cancelled: the contact is not recorded, and the next one comes too soon."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        if not erp.open().capabilities().delivers:
            return refused("cancel", lambda: erp.open().cancel(["0" * 32], "paid"))
        sent = delivery(erp, kept, account)
        erp.open().deliver([sent])
        dispatch(erp)
        answer = erp.open().cancel([sent.key], "paid")[0]
        assert answer.state == "too_late", f"it left at ten, and the cancel at eleven is answered with {answer.state}"
        assert list(erp.sent()) == [sent.key]
        assert contact_of(erp, sent).outcome in ("sent", "delivered"), "a contact that was made is not recorded"
        return None

    def test_a_late_receipt_changes_the_outcome_and_adds_no_contact(self, erp: Bench) -> None:
        """`delivered` comes an hour after `sent`: counted as two contacts, it uses up the week's cap."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        if not erp.open().capabilities().delivers:
            return refused("receipts", lambda: list(erp.open().receipts(None)))
        sent = delivery(erp, kept, account)
        erp.open().deliver([sent])
        dispatch(erp)
        first = contact_of(erp, sent)
        marks = [one.cursor for one in erp.open().receipts(None) if isinstance(one, Mark)]
        assert marks, "receipts end with a Mark"
        if does(erp, Arrived(sent.key, "delivered", hour(erp, 12))):
            news = [one for one in erp.open().receipts(marks[-1]) if not isinstance(one, Mark)]
            told = [(one.key, one.state) for one in news]
            assert (sent.key, "delivered") in told, f"since the mark it was delivered; told are {told}"
            second = contact_of(erp, sent)
            assert (second.id, second.outcome) == (first.id, "delivered"), f"{first}, then {second}"
        if "contacts" in erp.open().capabilities().lists:
            ours = [one for one in reread(erp, kept).contacts if one.key == sent.key]
            assert len(ours) == 1, f"one message is {len(ours)} contacts of the account"
            assert ours[0].outcome == contact_of(erp, sent).outcome, f"the contact says {ours[0].outcome}"
        return None

    def test_a_step_is_not_sent_again_within_its_gap(self, erp: Bench) -> None:
        """A key made anew (a due date corrected, a charge split) is a second reminder on the same day."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        first, second = (delivery(erp, kept, account, nth=nth, gap=3) for nth in (1, 2))
        if not erp.open().capabilities().delivers:
            return refused("deliver", lambda: erp.open().deliver([first]))
        erp.open().deliver([first])
        dispatch(erp)
        erp.open().deliver([second])
        dispatch(erp, 11)
        assert list(erp.sent()) == [first.key], "the same step went out twice within its gap"
        erp.open().deliver([delivery(erp, kept, account, nth=2, days=3, gap=3)])
        dispatch(erp, days=3)
        assert list(erp.sent()) == [first.key, second.key], "after the gap, the next one never left"
        return None

    def test_nothing_leaves_outside_its_hours(self, erp: Bench) -> None:
        """A reminder that waited for the gateway goes out at eleven at night: the law forbids it, and people mind."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        sent = delivery(erp, kept, account, until=12)
        if not erp.open().capabilities().delivers:
            return refused("deliver", lambda: erp.open().deliver([sent]))
        erp.open().deliver([sent])
        for at in (8, 13):
            dispatch(erp, at)
            assert not erp.sent(), f"it may leave from 9 to 12 and left at {at}"
        other, its = put(erp, household("2-202", charge(erp, -40)))
        tomorrow = delivery(erp, other, its, until=12, days=1)
        erp.open().deliver([tomorrow])
        dispatch(erp, 9, days=1)
        assert list(erp.sent()) == [tomorrow.key], "within its hours it did not leave"
        return None

    def test_what_did_not_leave_in_the_morning_leaves_in_the_afternoon(self, erp: Bench) -> None:
        """Who is not contacted at noon may be again at two: by the first hours alone the day is over at twelve."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        sent = delivery(erp, kept, account, until=12, then=(14, 18))
        if not erp.open().capabilities().delivers:
            return refused("deliver", lambda: erp.open().deliver([sent]))
        erp.open().deliver([sent])
        for at in (13, 19):
            dispatch(erp, at)
            assert not erp.sent(), f"it may leave from 9 to 12 and from 14 to 18, and left at {at}"
        other, its = put(erp, household("2-202", charge(erp, -40)))
        tomorrow = delivery(erp, other, its, until=12, then=(14, 18), days=1)
        erp.open().deliver([tomorrow])
        dispatch(erp, 15, days=1)
        assert list(erp.sent()) == [tomorrow.key], "within its second hours it did not leave"
        return None

    # late fees

    def test_our_late_fee_is_read_back_with_its_key(self, erp: Bench) -> None:
        """Without its key nobody knows the fee is booked: it is booked again the next day, and the next."""
        kept, _ = put(erp, household("1-101", charge(erp, -40)))
        fee = posting(erp, kept, 1_234)
        if not erp.open().capabilities().posts:
            return refused("post", lambda: erp.open().post([fee]))
        assert "late_fees" in erp.open().capabilities().lists, "what is posted has to be read back: `late_fees`"
        row = erp.open().post([fee])
        assert erp.open().post([fee]) == row, "posted again, the same key is another row"
        for account in both_ways(erp, kept):
            assert [(one.charge, one.amount, one.key) for one in account.late_fees] == [(fee.charge, 1_234, fee.key)]
            assert still_owed(account, erp) == 100_000, "the fee is counted as principal"
        return None

    def test_a_correction_is_read_back_in_the_sum(self, erp: Bench) -> None:
        """A fee booked too high and corrected, of which only the first half is read, is corrected again every day."""
        kept, _ = put(erp, household("1-101", charge(erp, -40)))
        if not erp.open().capabilities().posts:
            return refused("post", lambda: erp.open().post([posting(erp, kept, 1_234)]))
        erp.open().post([posting(erp, kept, 1_234)])
        correction = posting(erp, kept, -234, kind="late_fee_correction")
        erp.open().post([correction])
        for account in both_ways(erp, kept):
            booked = sum(one.amount for one in account.late_fees if one.charge == correction.charge)
            assert booked == 1_000, f"12.34 less 2.34 are 10.00 yuan, not {yuan(booked)}"
            assert correction.key in {one.key for one in account.late_fees}, "the correction's key is not read back"
        return None

    # people

    def test_parties_are_those_asked_for(self, erp: Bench) -> None:
        """A letter to the wrong name tells a stranger of somebody's debt."""
        mine = [put(erp, household(name, charge(erp, -40)))[1].debtor.id for name in ("1-101", "2-202")]
        if not erp.open().capabilities().resolves:
            return refused("parties", lambda: list(erp.open().parties(mine)))
        cards = [card.id for card in erp.open().parties([mine[1], "no-such-party"])]
        assert cards == [mine[1]], f"asked for {mine[1]} and one there is not, and got {cards}"
        return None

    def test_who_is_forgotten_is_not_sent_the_same_again(self, erp: Bench) -> None:
        """Erasing what is kept of a person erases that the reminder was sent, and it is sent again."""
        kept, account = put(erp, household("1-101", charge(erp, -40)))
        can = erp.open().capabilities()
        if not can.forgets:
            return refused("forget", lambda: erp.open().forget(account.debtor.id))
        sent = delivery(erp, kept, account)
        if can.delivers:
            erp.open().deliver([sent])
            dispatch(erp)
        erp.open().forget(account.debtor.id)
        erp.open().forget(account.debtor.id)
        if can.delivers:
            erp.open().deliver([sent])
            dispatch(erp, 11)
            assert list(erp.sent()) == [sent.key], f"sent: {list(erp.sent())}"
        return None
