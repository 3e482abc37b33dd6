"""The judge of `make mutants` judges right: mutation testing itself is too slow to run with every test."""

from __future__ import annotations

from pathlib import Path

import mutants
from mutants import Mutant

LIVED = Mutant("dunning.basis.money.yuan", "return a", "return b")
LISTED = {"function": LIVED.function, "was": LIVED.was, "now": LIVED.now, "reason": "a is b"}
DIFF = """\
# dunning.basis.money.x_yuan__mutmut_1: survived
--- src/dunning/basis/money.py
+++ src/dunning/basis/money.py
@@ -1,2 +1,2 @@
 def yuan(fen):
-    return a
+    return b
"""


def test_nothing_is_wrong_where_all_were_killed() -> None:
    assert mutants.judge([1] * 100, set(), set(), {}) == []


def test_less_than_95_percent_killed_fails() -> None:
    assert mutants.judge([1] * 95 + [0] * 5, {LIVED}, set(), {"survivor": [LISTED]}) == []
    assert mutants.judge([1] * 94 + [0] * 6, {LIVED}, set(), {"survivor": [LISTED]}) == [
        "only 94.0% of 100 mutants were killed; 95% is the least"
    ]


def test_a_mutant_no_test_reaches_is_not_killed() -> None:
    assert mutants.judge([33] * 10, {LIVED}, set(), {"survivor": [LISTED]}) != []


def test_an_unlisted_survivor_fails_and_gives_the_entry_to_copy() -> None:
    entry = "[[survivor]]\nfunction = 'dunning.basis.money.yuan'\nwas = 'return a'\nnow = 'return b'\nreason = \"\""
    assert mutants.judge([1] * 99 + [0], {LIVED}, set(), {}) == [f"not listed:\n{entry}"]


def test_a_listed_survivor_that_is_gone_fails() -> None:
    assert mutants.judge([1] * 100, set(), set(), {"survivor": [LISTED]}) == [
        "listed, but killed or gone: dunning.basis.money.yuan: return b"
    ]


def test_a_listed_survivor_that_is_slow_may_be_killed_by_the_time_limit() -> None:
    assert mutants.judge([1] * 100, set(), set(), {"survivor": [LISTED | {"slow": True}]}) == []


def test_a_survivor_without_a_reason_fails() -> None:
    assert mutants.judge([1] * 99 + [0], {LIVED}, set(), {"survivor": [LISTED | {"reason": " "}]}) != []


def test_a_function_that_cannot_be_mutated_is_listed() -> None:
    entry = {"function": "m.f", "reason": "tested through m.g"}
    assert mutants.judge([1] * 100, set(), {"m.f"}, {}) != []
    assert mutants.judge([1] * 100, set(), {"m.f"}, {"unmutated": [entry]}) == []
    assert mutants.judge([1] * 100, set(), set(), {"unmutated": [entry]}) != []


def test_functions_under_a_decorator_are_found(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    methods = "    @property\n    def h(self): ...\n    @classmethod\n    def i(c): ..."
    file.write_text(f"@cache\ndef f(): ...\ndef g(): ...\nclass A:\n{methods}\n")
    assert list(mutants.unmutated(file, "m")) == ["m.f", "m.A.h"]


def test_a_survivor_is_known_by_its_lines_not_by_its_number() -> None:
    assert mutants.from_diff("dunning.basis.money.x_yuan__mutmut_1", DIFF) == LIVED
    assert (
        mutants.readable("dunning.engine.owed.ledger.xǁLedgerǁreplay__mutmut_12")
        == "dunning.engine.owed.ledger.Ledger.replay"
    )
