"""Every kind of finding about mappings, seen once: a bad mapping, its exact screens, and the good one beside it.

tests/findings/<code>/ holds `bad.yaml`, `good.yaml` and `expected.txt`, what `dunning sql-map check` shows of it
in Chinese and English, against the database of `erp.sql`. `RESET=1 pytest` writes the screens anew: look at them.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from dunning.adapter.documents import catalogue
from dunning_sql.commands import check

PAIRS = Path(__file__).parent / "findings"
CODES = sorted(path.name for path in PAIRS.iterdir() if path.is_dir())
TODAY = re.compile(r"^(照随附的规则|by the shipped rules), .*$", re.MULTILINE)
ELSEWHERE = {
    "P210": "SQLite has one way of storing tables: test_reading.py",
    "P305": "check finds it as P211 first: test_reading.py",
}
"""Kinds that no mapping of this database brings about."""


@pytest.fixture
def url(tmp_path: Path) -> str:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db:
        db.executescript((PAIRS / "erp.sql").read_text("utf-8"))
    return f"sqlite:///{tmp_path}/erp.db"


@pytest.mark.parametrize("code", CODES)
def test_a_finding_has_its_screens(code: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(PAIRS / code)
    shown = "\n".join(f"--- {lang} ---\n{check(Path('bad.yaml'), url, lang)[0]}" for lang in ("zh", "en"))
    shown = TODAY.sub(r"\1 ...", shown)
    if os.environ.get("RESET"):
        Path("expected.txt").write_text(shown, encoding="utf-8")
    assert f"[{code}]" in shown
    assert shown == Path("expected.txt").read_text(encoding="utf-8")
    good, well = check(Path("good.yaml"), url, "en")
    assert well, good
    assert "[" not in good, good


def test_every_kind_is_seen() -> None:
    ours = {kind.code for kind in catalogue() if "P1" < kind.code < "P4"}
    assert ours - set(CODES) == set(ELSEWHERE)
