"""What durable-rules 2.0.28 does that may not happen to a debtor, each seen to happen, and each kept out by the fence.

A trap is shown in a process of its own, for some of them end it. If a newer durable-rules mends one, its test here
fails: then the fence may be lower.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from live import BEGIN, BOOK, account, contact, day, paid, promised, session

from dunning_durable import WATCHES, Seen, Session, Watch
from dunning_durable.fence import LARGEST, MOST_ROOMS, NAMES, Fence, Match, MatcherError, distinct, hashed, next_serial

# Two names with one hash. Of the numbers below the larger no two have one.
SAME = ("40187", "797188")

DURABLE = """
import itertools, json, sys
from durable.engine import MessageNotHandledException, MessageObservedException, Ruleset

fired = []

def rules(run=None, **definitions):
    def told(name):
        return run or (lambda c: fired.append([name, {each: fact.get("id") for each, fact in c._m.items()}]))
    return Ruleset("trap", None, {name: {**each, "run": told(name)} for name, each in definitions.items()})

def done(error, _):
    if error: raise error

def say(ruleset, **fact):
    del fired[:]
    try:
        ruleset.do_actions(ruleset.assert_fact(fact), done)
    except (MessageNotHandledException, MessageObservedException) as refused:
        return type(refused).__name__
    return list(fired)

def show(*told):
    print(json.dumps(told))
"""


def durable(code: str) -> subprocess.CompletedProcess[str]:
    """Runs a few lines on durable-rules itself."""
    command = [sys.executable, "-W", "ignore", "-c", DURABLE + code]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def shown(code: str) -> Any:
    ran = durable(code)
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout)


@contextmanager
def fence(**rules: dict[str, Any]) -> Iterator[Fence]:
    running = Fence(rules, patience=20)
    running.start()
    try:
        yield running
    finally:
        running.close()


def fact(serial: int, *, stays: int = 1, **values: int) -> list[int]:
    return [serial, stays, *(values.get(name, 0) for name in NAMES)]


def one(**values: int) -> dict[str, Any]:
    return {"all": [{"last": {"$and": [{name: value} for name, value in values.items()]}}]}


# --- names are hashes of 32 bits -------------------------------------------------------------------------------------


def test_trap_a_fact_is_lost_when_another_has_its_hash() -> None:
    told = shown(f"""
r = rules(one={{"all": [{{"last": {{"what": 1}}}}]}})
show(say(r, sid=1, id={SAME[0]}, what=1), say(r, sid=1, id={SAME[1]}, what=1))
""")
    assert told == [[["one", {"last": 40187}]], "MessageObservedException"]


def test_fence_gives_facts_numbers_that_differ() -> None:
    assert hashed(SAME[0]) == hashed(SAME[1])
    assert next_serial(797_187, [40_187]) == 797_189
    assert next_serial(797_187, [40_188]) == 797_188
    with fence(w0=one(what=1)) as running:
        assert running.tell(0, [], [fact(40_187, what=1)]) == {Match("w0", 40_187)}
        with pytest.raises(MatcherError, match="MessageObservedException"):  # should one slip through, it is told
            running.tell(0, [], [fact(797_188, what=1)])


def test_trap_two_sids_of_one_hash_share_their_facts() -> None:
    told = shown(f"""
r = rules(two={{"all": [{{"first": {{"what": 1}}}}, {{"last": {{"what": 2}}}}]}})
show(say(r, sid={SAME[0]}, id=1, what=1), say(r, sid={SAME[1]}, id=2, what=2))
""")
    assert told == [[], [["two", {"first": 1, "last": 2}]]]


def test_trap_two_properties_of_one_hash_are_one() -> None:
    told = shown(f"""
r = rules(one={{"all": [{{"last": {{"{SAME[0]}": 7}}}}]}})
show(say(r, **{{"sid": 1, "id": 1, "{SAME[1]}": 7}}))
""")
    assert told == [[["one", {"last": 1}]]]


def test_fence_tells_its_rooms_and_names_apart() -> None:
    assert len({hashed(str(room)) for room in range(MOST_ROOMS)}) == MOST_ROOMS
    with pytest.raises(ValueError, match="cannot tell '40187' from '797188'"):
        distinct(SAME)
    with pytest.raises(ValueError, match="cannot tell"):
        Fence({"w0": {"all": [{SAME[0]: {"what": 1}}, {SAME[1]: {"what": 2}}]}})


# --- numbers are 64 bits ---------------------------------------------------------------------------------------------


def test_trap_products_wrap_and_large_numbers_are_cut() -> None:
    small, large, cut = shown("""
square = {"$mul": {"$l": {"first": "fen"}, "$r": {"first": "fen"}}}
r = rules(less={"all": [{"first": {"what": 1}}, {"last": {"$and": [{"what": 2}, {"$lt": {"fen": square}}]}}]})
say(r, sid=1, id=1, what=1, fen=10)
say(r, sid=2, id=1, what=1, fen=2**32)
most = rules(most={"all": [{"last": {"fen": 2**63 - 1}}]})
show(say(r, sid=1, id=2, what=2, fen=50), say(r, sid=2, id=2, what=2, fen=50), say(most, sid=1, id=3, fen=2**64))
""")
    assert (bool(small), bool(large)) == (True, False)  # 50 is less than 10^2, and "not" than 2^64
    assert bool(cut)  # 2^64 "is" 2^63 - 1


@pytest.mark.parametrize(
    ("number", "refused"),
    [
        (LARGEST + 1, OverflowError),
        (-LARGEST - 1, OverflowError),
        (1.0, TypeError),
        (True, TypeError),
        ("1", TypeError),
    ],
)
def test_fence_lets_only_ints_pass_whose_sums_stay_whole(number: Any, refused: type[Exception]) -> None:
    with fence(w0=one(what=1)) as running:
        with pytest.raises(refused):
            running.tell(0, [], [[1, 1, number, 0, 0, 0, 0, 0]])
        assert running.tell(0, [], [fact(1, what=1, day=LARGEST)]) == {Match("w0", 1)}


def test_fence_no_rule_multiplies_or_divides() -> None:
    several = (*WATCHES, PAID_AFTER_ALL, Watch("alone", Seen("promise"), unless=Seen("contacts"), within=3))
    written = json.dumps([watch.rule(len) for watch in several])
    assert "$mul" not in written
    assert "$div" not in written


# --- the process -----------------------------------------------------------------------------------------------------

QUOTIENT = {"$div": {"$l": {"first": "day"}, "$r": {"first": "was"}}}
PAID_AFTER_ALL = Watch("paid_after_all", Seen("promise", now="broken"), then=Seen("payments"), within=5)


@dataclass(frozen=True)
class Dividing(Watch):
    """A pattern whose rule divides by a number of its first sign: none that can be written, but bugs are not either."""

    def rule(self, number: Any) -> dict[str, Any]:
        first, last = super().rule(number)["all"]
        last["last"]["$and"].append({"$gt": {"day": QUOTIENT}})
        return {"all": [first, last]}


def test_trap_a_division_by_zero_ends_the_process() -> None:
    ran = durable(f"""
last = {{"$and": [{{"what": 2}}, {{"$gt": {{"day": {QUOTIENT}}}}}]}}
r = rules(quotient={{"all": [{{"first": {{"what": 1}}}}, {{"last": last}}]}})
say(r, sid=1, id=1, what=1, day=1, was=0)
say(r, sid=1, id=2, what=2, day=1)
show("still here")
""")
    assert (ran.returncode, ran.stdout) == (-signal.SIGFPE, "")


def test_fence_its_end_is_told_and_a_new_one_starts() -> None:
    rule = {"all": [{"first": {"what": 1}}, {"last": {"$and": [{"what": 2}, {"$gt": {"day": QUOTIENT}}]}}]}
    with fence(w0=rule) as running:
        running.tell(0, [], [fact(1, what=1, day=6)])
        with pytest.raises(MatcherError, match=f"ended with -{signal.SIGFPE:d}"):
            running.tell(0, [], [fact(2, what=2, day=1)])
        with pytest.raises(MatcherError, match="not running"):
            running.tell(0, [], [])
        running.start()
        assert running.tell(0, [], [fact(1, what=1, day=6, was=2), fact(2, what=2, day=4)]) == {Match("w0", 2, 1)}


def test_session_goes_on_where_durable_rules_dies_of_the_news() -> None:
    """It dies of the contacts and again once it has been told all anew; the answers are told nevertheless."""
    poisoned = Dividing("twice", Seen("contacts"), then=Seen("contacts"), within=3)
    with session(watches=(*WATCHES, PAID_AFTER_ALL, poisoned)) as (held, recorder):
        for name in ("A", "B"):
            held.open(account(name))
            held.tick(day("01-16"))
            held.event(name, contacts=promised("C", "01-16", "01-20"))
        assert recorder.troubles == []
        held.event("A", contacts=contact("D", "01-16", "call", "refused"))
        assert [(trouble.debtor[1], trouble.lost) for trouble in recorder.troubles] == [("O-A", False), ("O-A", True)]
        assert all(f"ended with -{signal.SIGFPE:d}" in trouble.what for trouble in recorder.troubles)
        held.tick(day("01-21"))
        recorder.changes.clear()
        for name in ("A", "B"):
            held.event(name, payments=paid("P", "01-21", "1592.25"))
    told = [change.kind for change in recorder.changes if change.account[1] == "B"]
    assert told.count("paid_after_all") == told.count("episode_ended") == 1
    assert len(recorder.troubles) == 2


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGFPE, signal.SIGSEGV])
def test_session_loses_nothing_when_the_process_is_killed(how: signal.Signals) -> None:
    """Between all news: what is told is the same, half-finished patterns included, but for the trouble."""

    def run(*, killing: bool) -> tuple[list[tuple[str, ...]], list[tuple[str, bool]]]:
        watches = (
            *WATCHES,
            PAID_AFTER_ALL,
            Watch("quiet", Seen("promise", now="broken"), unless=Seen("payments"), within=2),
        )
        with session(watches=watches, live=2) as (held, recorder):
            for name in ("A", "B", "C"):
                held.open(account(name))
            for date, news in (
                ("01-16", {"contacts": promised("C", "01-16", "01-20")}),
                ("01-21", {}),
                ("01-22", {"payments": paid("P", "01-22", "10.00")}),
                ("01-24", {"payments": paid("Q", "01-24", "1582.25")}),
            ):
                held.tick(day(date))
                for name in ("A", "B", "C"):
                    if killing:
                        assert held.pid is not None
                        os.kill(held.pid, how)
                    held.event(name, **news)
        return recorder.told(), [(trouble.what, trouble.lost) for trouble in recorder.troubles]

    told, troubles = run(killing=True)
    assert told == run(killing=False)[0]
    assert troubles == [(f"the matcher ended with {-how}", False)] * len(troubles) != []


def test_session_does_not_wait_for_ever() -> None:
    with session(patience=0.5) as (held, recorder):
        held.open(account())
        held.tick(day("01-16"))
        assert held.pid is not None
        os.kill(held.pid, signal.SIGSTOP)
        held.event("A", payments=paid("P", "01-16", "1592.25"))
    assert recorder.told("episode_ended") == [("01-16", "A", "episode_ended")]
    assert [trouble.lost for trouble in recorder.troubles] == [False]


def test_session_logs_trouble_where_nobody_asked_to_be_told(caplog: pytest.LogCaptureFixture) -> None:
    with Session(BOOK, on=BEGIN, changed=lambda _: None) as held:
        held.open(account())
        assert held.pid is not None
        os.kill(held.pid, signal.SIGKILL)
        held.tick(day("01-16"))
    assert [record.getMessage() for record in caplog.records] == [
        "the matcher ended with -9, at news of debtor ('main', 'O-A')"
    ]


def test_session_leaves_no_process_behind() -> None:
    with session() as (held, _):
        pid = held.pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_fence_ends_with_whoever_started_it() -> None:
    """A worker that is killed closes nothing; the matcher sees that nobody writes any more."""
    code = """
import os, signal, sys
from dunning_durable.fence import Fence
fence = Fence({"w0": {"all": [{"last": {"what": 1}}]}})
fence.start()
print(fence.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""
    path = os.pathsep.join(sys.path)
    environment = {**os.environ, "PYTHONPATH": path}
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=False)
    matcher = int(ran.stdout)
    for _ in range(200):
        if not running(matcher):
            return
        time.sleep(0.05)
    pytest.fail(f"process {matcher} is still there")


def running(pid: int) -> bool:
    """Whether it runs; one that ended and that nobody has waited for yet does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


# --- how many at once ------------------------------------------------------------------------------------------------


def test_trap_more_than_1024_sids_are_too_many() -> None:
    assert shown("""
r = rules(one={"all": [{"last": {"what": 1}}]})
for sid in range(2000):
    try:
        say(r, sid=sid, id=1, what=1)
    except MemoryError:
        break
show(sid)
""") == [1024]


def test_fence_holds_as_many_rooms_as_a_session_may_have() -> None:
    with fence(w0=one(what=1)) as running:
        for again in (1, 2):
            for room in range(MOST_ROOMS):
                assert running.tell(room, [], [fact(again, what=1)]) == {Match("w0", again)}


def test_session_holds_more_debtors_than_it_has_room_for() -> None:
    """What comes back finds its half-finished pattern again."""
    names = [f"H{number}" for number in range(30)]
    with session(watches=[PAID_AFTER_ALL], live=7) as (held, recorder):
        for name in names:
            held.open(account(name))
        held.tick(day("01-16"))
        for name in names:
            held.event(name, contacts=promised("C", "01-16", "01-20"))
        held.tick(day("01-21"))
        for name in names:
            held.event(name, payments=paid("P", "01-21", "1.00"))
    assert recorder.told() == [("01-21", name, "paid_after_all", "promise", "payments") for name in names]
    assert recorder.troubles == []


# --- consequences ----------------------------------------------------------------------------------------------------


def test_trap_what_a_consequence_raises_is_swallowed() -> None:
    told, kept = shown("""
def raises(c):
    raise ValueError("no line to the ERP")
r = rules(raises, one={"all": [{"last": {"what": 1}}]})
show(say(r, sid=1, id=1, what=1), r.get_state(1)["exception"])
""")
    assert told == []
    assert "no line to the ERP" in kept


def test_trap_a_rule_of_what_is_not_there_fires_for_ever() -> None:
    assert shown("""
import os
firings = []
def run(c):
    firings.append(1)
    if len(firings) > 5000:
        show("for ever")
        sys.stdout.flush()
        os._exit(0)
r = rules(run, absent={"all": [{"last": {"$nex": {"what": 1}}}]})
say(r, sid=1, id=1, day=1)
show("it ends")
""") == ["for ever"]


def test_fence_ends_what_would_not_end_and_tells_what_was_raised() -> None:
    """The rule fires for the engine's own message of the room, whose id is no number."""
    endless = {"all": [{"last": {"$nex": {"missing": 1}}}]}
    with fence(w0=endless) as running, pytest.raises(MatcherError, match=r"(?s)fired more than 1000 times.*ValueError"):
        running.tell(0, [], [fact(1)])


# --- what it says ----------------------------------------------------------------------------------------------------


def test_trap_a_rule_fires_once_for_each_branch_of_an_or() -> None:
    told = shown("""
r = rules(either={"all": [{"last": {"$or": [{"what": 1}, {"day": 1}]}}]})
show(say(r, sid=1, id=1, what=1, day=1))
""")
    assert told == [[["either", {"last": 1}]] * 2]


def test_fence_a_match_is_one() -> None:
    with fence(w0={"all": [{"last": {"$or": [{"what": 1}, {"day": 1}]}}]}) as running:
        assert running.tell(0, [], [fact(1, what=1, day=1)]) == {Match("w0", 1)}


def test_trap_what_is_absent_is_looked_for_once_unless_it_stands_last() -> None:
    told = shown("""
first, absent, last = {"first": {"what": 1}}, {"absent$not": {"what": 2}}, {"last": {"what": 3}}
said = []
for order in ([first, absent, last], [first, last, absent]):
    r = rules(missing={"all": order})
    for serial in (1, 2, 3):
        told = say(r, sid=1, id=serial, what=serial)
    said.append(told)
show(*said)
""")
    assert told == [[["missing", {"first": 1, "last": 3}]], []]


def test_fence_what_is_absent_stands_last() -> None:
    rule = Watch("alone", Seen("promise"), unless=Seen("contacts"), within=3).rule(len)
    assert [name for pattern in rule["all"] for name in pattern] == ["first", "last", "absent$not"]


# --- days ------------------------------------------------------------------------------------------------------------


def test_trap_timers_run_by_the_clock_on_the_wall() -> None:
    """Whatever day the events are of; and they ring in threads."""
    early, late, threads = shown("""
import threading, time
from durable.lang import m, post, ruleset, timeout, when_all
rang = []
with ruleset("promises"):
    @when_all(m.what == 1)
    def promised(c):
        c.start_timer("promised", 2)
    @when_all(m.what == 2)
    def later(c):
        pass
    @when_all(timeout("promised"))
    def broken(c):
        rang.append(1)
post("promises", {"what": 1, "day": 1})
post("promises", {"what": 2, "day": 400})
early = len(rang)
for _ in range(600):
    if rang:
        break
    time.sleep(0.05)
show(early, len(rang), threading.active_count())
""")
    assert (early, late) == (0, 1)
    assert threads > 1


def test_session_days_are_those_it_is_told() -> None:
    with session(watches=[Watch("quiet", Seen("episode", now="running"), unless=Seen("contacts"), within=400)]) as (
        held,
        recorder,
    ):
        held.open(account())
        held.tick(day("2027-03-01"))
        if (tasks := Path(f"/proc/{held.pid}/task")).exists():
            assert len(list(tasks.iterdir())) == 1
    assert [(change.kind, change.after.on) for change in recorder.changes] == [("quiet", day("2027-02-21"))]
