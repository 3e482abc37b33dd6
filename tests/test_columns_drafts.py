"""Steps on their way to being due or withheld, many at once: codes, and until when they hold."""

from __future__ import annotations

import numpy as np

from dunning.columns.attempts import NEVER, Asked
from dunning.columns.drafts import BIT, Drafts, blank, joined, said, taken
from dunning.engine.steps.candidates import CODES

ALL = np.ones(2, np.bool_)
FIRST = np.array([True, False])


def asked(*homes: int) -> Asked:
    return Asked(np.array(homes, np.int64), np.full(len(homes), -1, np.int64))


def drafts(*homes: int) -> Drafts:
    return blank(asked(*homes), judged=True)


def test_the_first_code_to_be_told_is_the_lowest_bit() -> None:
    assert sorted(BIT, key=BIT.__getitem__) == list(CODES)
    assert [1 << place for place in range(len(CODES))] == list(BIT.values())


def test_codes_are_added_where_they_hold() -> None:
    found = drafts(0, 1)
    found.add("condition", FIRST)
    found.add("hold", ALL)
    assert found.codes.tolist() == [BIT["condition"] | BIT["hold"], BIT["hold"]]
    assert found.has(BIT["condition"]).tolist() == [True, False]


def test_of_several_ends_the_last_counts_and_one_that_nobody_knows_is_the_last_of_all() -> None:
    found = drafts(0, 1)
    found.add("hold", ALL, np.array([700, 800]))
    found.add("hold", ALL, np.array([750, 750]))
    assert found.until().tolist() == [750, 800]
    found.add("hold", FIRST, NEVER)
    found.add("hold", FIRST, np.array([900, 900]))
    assert found.until().tolist() == [NEVER, 800]


def test_the_end_told_is_that_of_the_first_code() -> None:
    found = drafts(0, 1)
    found.add("promise", ALL, np.array([700, 700]))
    found.add("after", FIRST)
    assert found.until().tolist() == [NEVER, 700]
    found.add("done", ALL, np.array([650, 650]))
    assert found.until().tolist() == [650, 650]


def test_a_code_of_nobody_leaves_everything_as_it_was() -> None:
    found = drafts(0, 1)
    found.add("hold", ~ALL, np.array([700, 700]))
    assert found.codes.tolist() == [0, 0]
    assert not found.ends


def test_a_step_of_which_there_is_one_thing_to_say() -> None:
    found = said(asked(3, 4), "not_yet", np.array([700, NEVER]))
    assert found.codes.tolist() == [BIT["not_yet"]] * 2
    assert found.until().tolist() == [700, NEVER]
    assert not found.judged.any()


def test_drafts_put_together_keep_what_was_said_of_each() -> None:
    one, other = drafts(5, 1), said(asked(3), "not_yet", np.array([700]))
    one.add("hold", FIRST, np.array([800, 800]))
    one.tries, other.tries = (None, None), (None,)
    one.ways[:] = [0, 1]
    found = joined([one, other], np.array([5, 1, 3]))
    assert found.asked.homes.tolist() == [1, 3, 5]
    assert found.until().tolist() == [NEVER, 700, 800]
    assert found.judged.tolist() == [True, False, True]
    assert found.ways.tolist() == [1, 2, 0]  # each still means its own tries
    assert len(found.tries) == 3


def test_without_an_order_drafts_stay_as_they_are_given() -> None:
    found = joined([drafts(5, 1), said(asked(3), "not_yet")])
    assert found.asked.homes.tolist() == [5, 1, 3]
    assert found.codes.tolist() == [0, 0, BIT["not_yet"]]


def test_drafts_of_nobody_are_left_out_where_there_are_others() -> None:
    none, some = drafts(), drafts(2, 1)
    assert joined([none, some]) is some
    assert len(joined([none, drafts()])) == 0


def test_some_of_the_rows() -> None:
    found = said(asked(3, 4, 5), "not_yet", np.array([700, 701, 702]))
    assert taken(found, np.array([2, 0])).until().tolist() == [702, 700]
    assert taken(found, np.array([False, True, False])).asked.homes.tolist() == [4]
