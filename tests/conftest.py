"""What every test shares: how hard Hypothesis looks, and the flag that writes golden files anew.

Tests that set `max_examples` themselves keep theirs. On CI the examples are the same each time, so that a change
lands or not for what it changes; at home they differ, and find more.
"""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import Phase, settings

settings.register_profile("home", deadline=None, print_blob=True)
settings.register_profile("ci", deadline=None, print_blob=True, derandomize=True)
settings.register_profile(  # a mutant is killed by the first example found, not by the smallest
    "mutants", deadline=None, derandomize=True, database=None, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("ci" if os.environ.get("CI") else "home")

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    # A shell lets its background jobs ignore Ctrl-C, and so would every program that a test starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--reset", action="store_true", help="write the expected screens of tests/findings anew")
    parser.addoption("--tables", type=int, default=3000, help="how many tables the solver looks at (tests/test_solver)")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Examples before properties: what is broken shows sooner."""
    items.sort(key=lambda item: "properties" in item.path.parts)
