"""Deliveries on their way: who may send them, when they may leave, how often they are tried, and what stays of them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from deliveries import TEN, Gateway, delivery

from dunning.adapter import Delivery, Mark, Receipt
from dunning_sql import NotSentError, Outbox, Store, work
from dunning_sql.outbox import FIRST_WAIT, LONGEST_WAIT, MOST_ATTEMPTS

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def outbox(tmp_path: Path) -> Outbox:
    return Outbox(Store(tmp_path / "dunning.db"))


@pytest.fixture(params=["sqlite", "postgres"])
def any_outbox(request: pytest.FixtureRequest, tmp_path: Path) -> Outbox:
    if request.param == "sqlite":
        return Outbox(Store(tmp_path / "dunning.db"))
    store = Store(request.getfixturevalue("on_postgres"))
    with store.writing() as db:
        for table in ("records", "deliveries", "covers", "receipts"):
            db.exec_driver_sql(f"DELETE FROM dunning_{table}")
    return Outbox(store)


def sent(key: str, *, state: str = "sent", at: object = TEN) -> Receipt:
    return Receipt(key, state, at, "sms", "O-1-101")  # type: ignore[arg-type]


def states(outbox: Outbox) -> list[tuple[str, str]]:
    """What was told of deliveries, oldest first."""
    return [(one.state, one.detail) for one in outbox.receipts(None) if isinstance(one, Receipt)]


def contacts(outbox: Outbox, account: str = "1-101") -> list[dict[str, object]]:
    return outbox.store.records([("wy-01", account)]).get(("wy-01", account), {}).get("contacts", [])


# Claims


def test_what_one_worker_has_claimed_no_other_one_gets(outbox: Outbox) -> None:
    outbox.accept([delivery("1-101"), delivery("2-202")], TEN)
    first, second = outbox.claim("a", 1, TEN), outbox.claim("b", 5, TEN)
    assert {claim.delivery.account for claim in (*first, *second)} == {"1-101", "2-202"}
    assert outbox.claim("c", 5, TEN) == []


def test_a_claim_that_ran_out_is_another_workers_and_says_that_it_may_have_left(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    (claim,) = outbox.claim("a", 1, TEN, lease=MINUTE)
    assert (claim.again, claim.attempt) == (False, 1)
    (again,) = outbox.claim("b", 1, TEN + 2 * MINUTE)
    assert (again.again, again.attempt, again.worker) == (True, 2, "b")


def test_a_clock_that_goes_back_gives_no_claim_twice(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    outbox.claim("a", 1, TEN)
    assert outbox.claim("b", 1, TEN - HOUR) == []


def test_whoever_lost_the_claim_can_no_longer_call_off_or_put_off(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    (slow,) = outbox.claim("a", 1, TEN, lease=MINUTE)
    (claim,) = outbox.claim("b", 1, TEN + HOUR)
    assert outbox.call_off(slow, "paid", TEN + HOUR).state == "accepted"
    assert outbox.retry(slow, "busy", TEN + HOUR).state == "accepted"
    assert outbox.report(sent(claim.key)).state == "sent"


# When it may leave


def test_it_leaves_neither_before_its_hours_nor_after_them(outbox: Outbox) -> None:
    outbox.accept([delivery(days=1, until=TEN + DAY)], TEN)
    assert outbox.claim("w", 1, TEN) == []
    assert outbox.claim("w", 1, TEN + DAY + MINUTE) == []
    assert states(outbox) == [("accepted", ""), ("cancelled", "not_after")]


def test_a_second_message_of_a_step_waits_for_the_quiet_to_end_whatever_its_key(outbox: Outbox) -> None:
    outbox.accept([delivery(nth=1, gap=3), delivery(nth=2, gap=3), delivery(step="formal_demand", gap=3)], TEN)
    first = outbox.claim("w", 9, TEN)
    assert [claim.delivery.action.step for claim in first] == ["first_reminder", "formal_demand"]
    for claim in first:
        outbox.report(sent(claim.key))
    assert outbox.claim("w", 9, TEN + 2 * DAY) == []
    (later,) = outbox.claim("w", 9, TEN + 3 * DAY)
    assert later.key == delivery(nth=2).key


def test_a_step_that_another_message_carried_rests_as_well(outbox: Outbox) -> None:
    carrying = _carries(delivery("1-101", gap=3), "2-202")
    outbox.accept([carrying, delivery("2-202", nth=2, gap=3)], TEN)
    assert [claim.key for claim in outbox.claim("w", 9, TEN)] == [carrying.key]
    outbox.report(sent(carrying.key))
    assert [one["step"] for one in contacts(outbox, "2-202")] == ["first_reminder"]
    assert outbox.claim("w", 9, TEN + DAY) == []


def _carries(one: Delivery, account: str) -> Delivery:
    """A message that says what is due on another account as well."""
    told = one.to_dict()
    told["action"]["carries"] = [{"account": account, "step": one.action.step, "charge": None, "key": "k" * 32}]
    return Delivery.from_dict(told)


def test_what_failed_for_good_keeps_nothing_else_quiet(outbox: Outbox) -> None:
    outbox.accept([delivery(nth=1, gap=3), delivery(nth=2, gap=3)], TEN)
    (claim,) = outbox.claim("w", 9, TEN)
    outbox.report(sent(claim.key, state="failed"))
    assert [one.key for one in outbox.claim("w", 9, TEN + HOUR)] == [delivery(nth=2).key]


# Tries


def test_what_could_not_be_sent_is_tried_again_after_twice_the_time_and_fails_in_the_end(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    now = TEN
    (claim,) = outbox.claim("w", 1, now)
    for attempt in range(1, MOST_ATTEMPTS):
        assert outbox.retry(claim, "gateway busy", now).state == "accepted"
        wait = min(FIRST_WAIT * 2 ** (attempt - 1), LONGEST_WAIT)
        assert outbox.claim("w", 1, now + wait - timedelta(seconds=1)) == []
        now += wait
        (claim,) = outbox.claim("w", 1, now)
        assert not claim.again, "it surely has not left"
    assert outbox.retry(claim, "gateway busy", now).state == "failed"
    assert states(outbox)[-1] == ("failed", "gateway busy")


def test_it_waits_between_two_of_its_hours_and_leaves_in_the_later_ones(outbox: Outbox) -> None:
    outbox.accept([delivery(hours=((9, 12), (14, 18)))], TEN - 2 * HOUR)
    assert outbox.claim("w", 1, TEN - 2 * HOUR) == [], "at eight nobody is contacted yet"
    assert outbox.claim("w", 1, TEN + 3 * HOUR) == [], "at one it is noon rest"
    (claim,) = outbox.claim("w", 1, TEN + 4 * HOUR)
    assert outbox.report(sent(claim.key, at=TEN + 4 * HOUR)).state == "sent"


def test_what_did_not_leave_in_the_morning_is_not_over_before_the_evening(outbox: Outbox) -> None:
    outbox.accept([delivery(hours=((9, 12), (14, 18)))], TEN)
    assert outbox.claim("w", 1, TEN + 3 * HOUR) == []
    assert states(outbox) == [("accepted", "")]
    assert outbox.claim("w", 1, TEN + 9 * HOUR) == []
    assert states(outbox) == [("accepted", ""), ("cancelled", "not_after")]


def test_a_worker_that_finds_other_hours_when_it_looks_again_waits_for_them(outbox: Outbox, tmp_path: Path) -> None:
    gateway, afternoon = Gateway(tmp_path / "gone.db"), delivery(hours=((14, 18),))
    outbox.accept([delivery(hours=((9, 12), (14, 18)))], TEN)
    (receipt,) = work(outbox, gateway, worker="w", now=lambda: TEN, still=lambda *_: afternoon)
    assert (receipt.state, gateway.left()) == ("accepted", [])
    assert outbox.claim("w", 1, TEN + 3 * HOUR) == []
    work(outbox, gateway, worker="w", now=lambda: TEN + 4 * HOUR, still=lambda *_: afternoon)
    assert gateway.left() == [afternoon.key]


# Called off


def test_what_is_cancelled_does_not_leave_and_what_has_left_is_too_late(outbox: Outbox) -> None:
    one, other = delivery("1-101"), delivery("2-202")
    outbox.accept([one, other], TEN)
    assert [receipt.state for receipt in outbox.cancel([one.key, "0" * 32], "paid", TEN)] == ["cancelled", "refused"]
    (claim,) = outbox.claim("w", 9, TEN)
    outbox.report(sent(claim.key))
    assert [receipt.state for receipt in outbox.cancel([other.key], "paid", TEN)] == ["too_late"]
    assert ("cancelled", "paid") in states(outbox)


def test_what_is_being_sent_when_it_is_cancelled_is_not_tried_again(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    (claim,) = outbox.claim("w", 1, TEN)
    assert outbox.cancel([claim.key], "paid", TEN)[0].state == "accepted"
    assert outbox.retry(claim, "busy", TEN).state == "cancelled"
    assert outbox.claim("w", 1, TEN + DAY) == []
    assert states(outbox)[-1] == ("cancelled", "paid")


def test_what_left_while_it_was_being_cancelled_has_left(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    (claim,) = outbox.claim("w", 1, TEN)
    outbox.cancel([claim.key], "paid", TEN)
    assert outbox.report(sent(claim.key)).state == "sent"
    assert len(contacts(outbox)) == 1


# Handed over again


@pytest.mark.parametrize("ended", ["cancelled", "failed"])
def test_what_never_left_is_taken_up_again_on_another_day(outbox: Outbox, ended: str) -> None:
    outbox.accept([delivery()], TEN)
    (claim,) = outbox.claim("w", 1, TEN)
    outbox.report(sent(claim.key, state=ended))
    assert outbox.accept([delivery()], TEN)[0].state == ended
    assert outbox.accept([delivery(days=1)], TEN + DAY)[0].state == "accepted"
    assert [one.key for one in outbox.claim("w", 1, TEN + DAY)] == [claim.key]


def test_what_still_waits_takes_the_words_and_hours_of_the_later_day(outbox: Outbox) -> None:
    outbox.accept([delivery(until=TEN)], TEN - HOUR)
    outbox.accept([delivery(days=1, until=TEN + DAY)], TEN)
    (claim,) = outbox.claim("w", 1, TEN + DAY)
    assert claim.delivery.on == delivery(days=1).on
    assert [state for state, _ in states(outbox)] == ["accepted"]


def test_an_earlier_day_handed_over_late_changes_nothing(outbox: Outbox) -> None:
    outbox.accept([delivery(days=1)], TEN)
    outbox.accept([delivery(days=0)], TEN)
    assert outbox.claim("w", 1, TEN) == []


# Receipts


def test_receipts_go_forward_only_and_leave_one_contact(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    (claim,) = outbox.claim("w", 1, TEN)
    for state in ("sent", "sent", "delivered", "sent", "undeliverable"):
        outbox.report(sent(claim.key, state=state))
    assert [state for state, _ in states(outbox)] == ["accepted", "sent", "delivered"]
    (contact,) = contacts(outbox)
    assert (contact["outcome"], contact["proof"], contact["key"]) == ("delivered", "B", claim.key)


RESULT = {"outcome": "promised", "reason": "forgot", "promise": {"on": "2026-12-01", "amount": "300.00"}, "by": "cs-07"}


def test_what_a_clerk_wrote_about_a_call_stays_when_a_later_receipt_comes(outbox: Outbox) -> None:
    key = _left(outbox)
    outbox.store.put("contacts", "wy-01", "1-101", {"id": key, **RESULT})
    outbox.report(sent(key, state="delivered", at=TEN + HOUR))
    (contact,) = contacts(outbox)
    assert contact.items() >= RESULT.items()
    assert (contact["at"], contact["proof"], contact["step"]) == (TEN.isoformat(), "B", "first_reminder")


def test_what_a_clerk_wrote_before_any_receipt_stays(outbox: Outbox) -> None:
    outbox.accept([delivery()], TEN)
    (claim,) = outbox.claim("w", 1, TEN)
    outbox.store.put("contacts", "wy-01", "1-101", {"id": claim.key, "at": TEN.isoformat(), **RESULT})
    outbox.report(sent(claim.key, at=TEN + HOUR))
    (contact,) = contacts(outbox)
    assert contact.items() >= RESULT.items()
    assert (contact["at"], contact["proof"], contact["step"]) == (TEN.isoformat(), "C", "first_reminder")


def test_of_a_letter_a_clerk_only_commented_on_the_receipt_says_what_came_of_it(outbox: Outbox) -> None:
    key = _left(outbox)
    outbox.store.put("contacts", "wy-01", "1-101", {"id": key, "content": "second copy", "proof": "A"})
    outbox.report(sent(key, state="delivered", at=TEN + DAY))
    (contact,) = contacts(outbox)
    assert (contact["outcome"], contact["at"]) == ("delivered", (TEN + DAY).isoformat())
    assert (contact["content"], contact["proof"]) == ("second copy", "A")


def test_a_call_somebody_answered_is_not_undeliverable_whatever_a_receipt_says(outbox: Outbox) -> None:
    key = _left(outbox)
    outbox.store.put("contacts", "wy-01", "1-101", {"id": key, **RESULT})
    outbox.report(sent(key, state="undeliverable", at=TEN + HOUR))
    (contact,) = contacts(outbox)
    assert (contact["outcome"], contact["proof"]) == ("promised", "C")


def test_a_contact_somebody_has_dropped_stays_away(outbox: Outbox) -> None:
    key = _left(outbox)
    outbox.store.drop("contacts", "wy-01", "1-101", key)
    outbox.report(sent(key, state="delivered"))
    assert contacts(outbox) == []


def _left(outbox: Outbox) -> str:
    """The key of a delivery that has been sent."""
    outbox.accept([delivery()], TEN)
    (claim,) = outbox.claim("w", 1, TEN)
    outbox.report(sent(claim.key))
    return claim.key


def test_receipts_and_what_people_write_at_the_same_time_lose_nothing(any_outbox: Outbox) -> None:
    """Two workers report, and two clerks write, about the same contacts, in whatever order they come."""
    outbox = any_outbox
    outbox.accept([delivery(f"{n}-101") for n in range(12)], TEN)
    keys = {claim.delivery.account: claim.key for claim in outbox.claim("w", 99, TEN)}
    for key in keys.values():
        outbox.report(sent(key))

    def reports(state: str) -> None:
        for key in keys.values():
            outbox.report(sent(key, state=state, at=TEN + HOUR))

    def writes(record: dict[str, object]) -> None:
        for account, key in keys.items():
            outbox.store.put("contacts", "wy-01", account, {"id": key, **record})

    with ThreadPoolExecutor(4) as at_once:
        said = [at_once.submit(writes, {"outcome": "promised", "promise": RESULT["promise"]})]
        said += [at_once.submit(reports, "delivered"), at_once.submit(writes, {"reason": "forgot", "by": "cs-07"})]
        said.append(at_once.submit(reports, "delivered"))
    assert [one.result() for one in said] == [None] * 4
    found = [contact for account in keys for contact in contacts(outbox, account)]
    assert len(found) == len(keys)
    for contact in found:
        assert contact.items() >= RESULT.items()
        assert (contact["proof"], contact["step"]) == ("B", "first_reminder")


def test_receipts_come_after_their_mark_and_only_once(outbox: Outbox) -> None:
    outbox.accept([delivery("1-101")], TEN)
    mark = list(outbox.receipts(None))[-1]
    assert isinstance(mark, Mark)
    assert list(outbox.receipts(mark.cursor)) == [mark]
    outbox.accept([delivery("2-202")], TEN)
    news = [one.key for one in outbox.receipts(mark.cursor) if isinstance(one, Receipt)]
    assert news == [delivery("2-202").key]


def test_a_receipt_for_what_nobody_handed_over_is_refused(outbox: Outbox) -> None:
    assert outbox.report(sent("0" * 32)).state == "refused"


# Workers


class Busy(Gateway):
    """A gateway that is not there for the first few times."""

    def __init__(self, file: Path, times: int) -> None:
        super().__init__(file)
        self.times = times

    def send(self, delivery: Delivery, key: str) -> Receipt:
        self.times -= 1
        if self.times >= 0:
            raise NotSentError("503")
        return super().send(delivery, key)


def test_a_gateway_that_is_not_there_is_asked_again_later(outbox: Outbox, tmp_path: Path) -> None:
    outbox.accept([delivery()], TEN)
    gateway = Busy(tmp_path / "gateway.db", 2)
    for minutes in (0, 1, 3):
        now = TEN + minutes * MINUTE
        work(outbox, gateway, worker="w", now=lambda now=now: now)  # type: ignore[misc]
    assert gateway.left() == [delivery().key]


def test_whoever_dies_of_a_delivery_every_time_does_not_try_it_for_ever(outbox: Outbox, tmp_path: Path) -> None:
    outbox.accept([delivery()], TEN)
    for n in range(MOST_ATTEMPTS):
        outbox.claim("dies", 1, TEN + n * HOUR)
    (receipt,) = work(outbox, Gateway(tmp_path / "g.db"), worker="w", now=lambda: TEN + DAY)
    assert receipt.state == "failed"


def test_a_worker_that_looked_too_long_leaves_it_to_the_next(outbox: Outbox, tmp_path: Path) -> None:
    outbox.accept([delivery()], TEN)
    ticks = iter([TEN, TEN, TEN + HOUR, TEN + HOUR, TEN + HOUR])
    gateway = Gateway(tmp_path / "gateway.db")
    work(outbox, gateway, worker="slow", now=lambda: next(ticks), still=lambda one, _: one, limit=1)
    assert gateway.left() == []
    work(outbox, gateway, worker="next", now=lambda: TEN + DAY)
    assert gateway.left() == [delivery().key]
