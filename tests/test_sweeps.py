"""Which read comes next: all of it the first time, each day, and where changes are missed and data grows old."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dunning.adapter import Capabilities
from dunning.adapter.sweeps import Bookmark, Sweep, fresh_data, next_sweep, source_of
from dunning.basis.errors import UsageError
from dunning.model.account import SHANGHAI
from dunning.model.anchor import Duration
from dunning.model.steps import Contact
from households import BOOK

EVENING = datetime(2026, 6, 25, 20, tzinfo=SHANGHAI)
SOURCE = source_of("adapter:sql?url=sqlite:///x")


def swept(
    changes: Any,
    *,
    hours_ago: int | None,
    fresh: int | None = 24,
    now: datetime = EVENING,
    until: datetime | None = None,
) -> Sweep:
    last = None if hours_ago is None else Bookmark(SOURCE, "c9", now - timedelta(hours=hours_ago))
    limit = None if fresh is None else timedelta(hours=fresh)
    can = Capabilities(name="shelf", changes=changes)
    return next_sweep(can, last, source=SOURCE, fresh=limit, now=now, kept_until=until)


def codes(sweep: Sweep) -> list[str]:
    return [finding.code for finding in sweep.findings]


@pytest.mark.parametrize(
    ("changes", "hours_ago", "since", "said"),
    [
        ("complete", None, None, []),
        ("complete", 3, "c9", ["P405"]),
        ("complete", 30, None, ["P404"]),
        ("partial", None, None, ["P402"]),
        ("partial", 3, "c9", ["P402", "P405"]),
        ("partial", 24, None, ["P402", "P403"]),
        ("none", None, None, ["P401"]),
        ("none", 3, None, ["P401"]),
    ],
)
def test_which_read_comes_next(changes: str, hours_ago: int | None, since: str | None, said: list[str]) -> None:
    sweep = swept(changes, hours_ago=hours_ago)
    assert (sweep.since, codes(sweep)) == (since, said)


@pytest.mark.parametrize(
    ("changes", "hours_ago", "fresh", "since", "said"),
    [
        ("complete", 300, 24, "c9", ["P408"]),
        ("complete", 300, None, "c9", ["P408"]),
        ("partial", 1, 25, "c9", ["P402", "P408"]),
        ("partial", 1, 24, None, ["P402", "P407"]),
        ("partial", 30, 24, None, ["P402", "P403"]),
        ("partial", 30, None, None, ["P402", "P404"]),
        ("none", 1, 24, None, ["P401"]),
    ],
)
def test_who_keeps_the_accounts_reads_whole_only_what_would_be_too_old(
    changes: str, hours_ago: int, fresh: int | None, since: str | None, said: list[str]
) -> None:
    """What is acted on until this time tomorrow must not be older than it may be by then."""
    until = EVENING + timedelta(hours=23, minutes=30)
    sweep = swept(changes, hours_ago=hours_ago, fresh=fresh, until=until)
    assert (sweep.since, codes(sweep)) == (since, said)


def test_fresher_data_is_asked_for_more_often() -> None:
    assert swept("partial", hours_ago=3, fresh=2).since is None
    assert swept("partial", hours_ago=3, fresh=4).since == "c9"


def test_a_day_begins_in_china() -> None:
    """An hour ago it was yesterday in Shanghai, and still is in Greenwich."""
    early = datetime(2026, 6, 26, 0, 30, tzinfo=SHANGHAI)
    assert codes(swept("complete", hours_ago=1, now=early)) == ["P404"]


def test_books_that_do_not_say_how_fresh_still_get_a_warning() -> None:
    sweep = swept("partial", hours_ago=3, fresh=None)
    assert sweep.since == "c9"
    assert "every day" in sweep.findings[0].help("en")
    assert "within 24 hours" in swept("partial", hours_ago=3).findings[0].help("en")


def test_the_strictest_book_counts() -> None:
    day, hours = (
        replace(BOOK, contact=Contact(fresh_data=Duration(count, unit))) for count, unit in ((2, "d"), (36, "h"))
    )
    assert fresh_data([BOOK, day, hours]) == timedelta(hours=36)
    assert fresh_data([BOOK]) is None


def test_the_bookmark_after_a_full_read_and_after_news() -> None:
    full, news = swept("complete", hours_ago=None), swept("complete", hours_ago=3)
    first = full.bookmark(None, SOURCE, "c10", EVENING)
    assert first == Bookmark(SOURCE, "c10", EVENING)
    later = news.bookmark(first, SOURCE, "c11", EVENING + timedelta(hours=1))
    assert later == Bookmark(SOURCE, "c11", EVENING)  # everything was read when it was
    assert full.bookmark(None, SOURCE, None, EVENING) is None


def test_a_bookmark_is_read_as_it_was_written() -> None:
    mark = Bookmark(SOURCE, "页 3", EVENING, receipts="r7")
    assert Bookmark.from_json(mark.to_json()) == mark


@pytest.mark.parametrize(
    "text", ["", "[]", '{"source": "x"}', '{"source": "x", "cursor": "1", "full_at": "soon", "receipts": null}']
)
def test_what_is_no_bookmark_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="delete it"):
        Bookmark.from_json(text)


def test_another_adapters_bookmark_is_refused() -> None:
    mark = Bookmark(source_of("sql?url=other"), "c9", EVENING)
    with pytest.raises(UsageError, match="begin anew"):
        next_sweep(Capabilities(name="shelf"), mark, source=SOURCE, fresh=None, now=EVENING)


def test_a_bookmark_does_not_give_a_password_away() -> None:
    source = source_of("adapter:sql?url=mysql://erp:geheim@db/wy")
    assert source.startswith("sql ")
    assert "geheim" not in Bookmark(source, "1", EVENING).to_json()
