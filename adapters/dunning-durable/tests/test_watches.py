"""Patterns over time: what durable-rules makes of their rules is what a plain loop over all signs says."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

import pytest

from dunning_durable import Seen, Sign, Watch
from dunning_durable.fence import Fence, Match

WORDS = ["", "a", "b", "c", "day"]
FIRST = date(2026, 1, 1)
ROOMS = 40
DAYS = 30


def some_watch(dice: Random, place: int) -> Watch:
    def seen() -> Seen:
        name, now = (dice.choice([None, "a", "b"]) for _ in range(2))
        return Seen(dice.choice("abc"), name, None, now)

    kind = dice.choice(["alone", "then", "unless"])
    if kind == "alone":
        return Watch(f"k{place}", seen())
    return Watch(f"k{place}", seen(), within=dice.randint(1, 6), **{kind: seen()})


def matches(watch: Watch, name: str, signs: list[tuple[int, int, Sign]]) -> set[Match]:
    """The plain loop: signs are (serial number, account, sign), in the order they came."""
    found = set()
    for place, (last, whose, sign) in enumerate(signs):
        if watch.then is None and watch.unless is None:
            found |= {Match(name, last)} if watch.first.fits(sign) else set()
            continue
        for earlier, (first, other, begun) in enumerate(signs[:place]):
            days = (sign.on - begun.on).days
            if other != whose or not watch.first.fits(begun):
                continue
            if watch.then is not None:
                hit = watch.then.fits(sign) and days <= watch.within
            else:
                assert watch.unless is not None
                between = [each for _, same, each in signs[earlier + 1 : place] if same == whose]
                hit = sign.what == "day" and days == watch.within + 1 and not any(map(watch.unless.fits, between))
            if hit:
                found.add(Match(name, last, first))
    return found


@pytest.mark.parametrize("seed", range(5))
def test_durable_rules_matches_what_a_plain_loop_does(seed: int) -> None:
    dice = Random(seed)
    watches = {f"w{place}": some_watch(dice, place) for place in range(12)}
    fence = Fence({name: watch.rule(WORDS.index) for name, watch in watches.items()})
    fence.start()
    told: list[set[Match]] = [set() for _ in range(ROOMS)]
    signs: list[list[tuple[int, int, Sign]]] = [[] for _ in range(ROOMS)]
    serial = 0
    try:
        for day in range(DAYS):
            for room in range(ROOMS):
                batch = []
                for whose in (1, 2):
                    on = FIRST + timedelta(days=day)
                    happened = [Sign(on, dice.choice("abc"), dice.choice("ab"), "", dice.choice("ab"))] * dice.randint(
                        0, 2
                    )
                    for sign in (Sign(on, "day"), *happened):
                        serial += 1
                        batch.append((serial, whose, sign))
                signs[room] += batch
                told[room] |= fence.tell(room, [], [fact(watches, *each) for each in batch])
    finally:
        fence.close()
    expected = [{match for name, watch in watches.items() for match in matches(watch, name, each)} for each in signs]
    assert told == expected
    assert sum(map(len, expected)) > 1_000


def fact(watches: dict[str, Watch], serial: int, whose: int, sign: Sign) -> list[int]:
    stays = any(watch.keeps(sign) for watch in watches.values())
    words = map(WORDS.index, (sign.what, sign.name, sign.was, sign.now))
    return [serial, int(stays), *words, whose, sign.on.toordinal()]


def test_a_wrong_rule_is_seen() -> None:
    """The loop against a rule that lets one day too many go by."""
    right, wrong = (Watch("k", Seen("a"), then=Seen("b"), within=within) for within in (2, 3))
    fence = Fence({"w": wrong.rule(WORDS.index)})
    fence.start()
    signs = [(1, 1, Sign(FIRST, "a")), (2, 1, Sign(FIRST + timedelta(days=3), "b"))]
    told = fence.tell(0, [], [fact({"w": wrong}, *each) for each in signs])
    fence.close()
    assert told == matches(wrong, "w", signs) == {Match("w", 2, 1)}
    assert matches(right, "w", signs) == set()
