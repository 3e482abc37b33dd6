"""The README's mappings are sound, its Python runs up to the gateway, and its figures name benchmarks that exist."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import dunning_sql
from dunning_sql import read_mapping
from dunning_sql.commands import init

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.S)


def test_the_mapping_it_shows_is_sound() -> None:
    whole, writing = blocks("yaml")
    fees = "late_fees:\n  table: fee\n  account: room_id\n"
    fees += "  fields: {id: i, charge: c, on: o, amount: a, key: source_key}\n"
    for text in (whole, whole + writing + fees):
        mapping, findings = read_mapping(text, "README.md")
        assert mapping is not None, [f"{one.at} {one.message('en')}" for one in findings]
        assert findings == []


def test_the_draft_it_shows_is_what_init_writes(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "erp.db")) as db:
        db.executescript((ROOT / "tests/erps/chinese.sql").read_text("utf-8"))
    draft = init(f"sqlite:///{tmp_path}/erp.db", None, "zh")
    assert blocks("text")[0] in draft


def test_the_names_it_imports_are_ours_to_give() -> None:
    (code,) = blocks("python")
    (imported,) = re.findall(r"from dunning_sql import (.*)", code)
    assert set(imported.split(", ")) <= set(dunning_sql.__all__)
    compile(code, "README.md", "exec")


def test_what_it_points_to_exists() -> None:
    for path in re.findall(r"\]\(([^)#:]+)", README):
        assert (ROOT / path).exists(), path
    for script in re.findall(r"`python (benchmarks/\w+\.py)", README):
        assert (ROOT / script).exists(), script
