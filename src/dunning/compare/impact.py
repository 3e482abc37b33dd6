"""What becomes of a portfolio under the new rules."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Impact:
    """Counts and sums over households, before and after."""
