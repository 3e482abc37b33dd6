"""Tracks: the days between which one book takes the place of another, tied to the day of handover."""

from __future__ import annotations

from datetime import date

from dunning.basis.calendar import Calendar
from dunning.engine.steps.anchors import shifted
from dunning.model.account import Account
from dunning.model.anchor import Anchor
from dunning.model.steps import Track


def on_track(track: Track, account: Account, on: date, calendar: Calendar) -> bool:
    """Whether a day lies on the track, both ends counted; never for a unit without a day of handover."""
    if account.handed_over is None:
        return False  # the book that follows speaks for it: nothing can be counted from a day that is not known
    since = _day(track.since, account.handed_over, calendar)
    until = _day(track.until, account.handed_over, calendar)
    return (since is None or since <= on) and (until is None or on <= until)


def _day(anchor: Anchor | None, start: date, calendar: Calendar) -> date | None:
    return None if anchor is None else shifted(start, anchor.offset, calendar)[0]
