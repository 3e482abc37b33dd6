"""What becomes of a Parquet portfolio is what becomes of its accounts one by one."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from dunning.columns import store
from dunning.columns.convert import convert_portfolio
from dunning.columns.portfolio import InParquet
from dunning.compare.impact import Impact, pairs
from dunning.compare.impact_columns import Asked, impact
from dunning.intake.files.tables import open_portfolio
from dunning.intake.files.writers import write_jsonl
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.library import shipped
from dunning.output.record.batch import read_rules

ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    at = tmp_path_factory.mktemp("impact")
    write_jsonl(at / "p.jsonl", make_portfolio(120, seed=8))
    patch = pytest.MonkeyPatch()
    patch.setattr(store, "PART", 50)
    with open_portfolio(at / "p.jsonl") as opened:
        convert_portfolio(opened, at / "records")
    patch.undo()
    return at / "records"


@pytest.fixture(scope="module")
def changed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Rules with another cap, another grade, and nobody chased for small sums."""
    rules = tmp_path_factory.mktemp("rules") / "rules"
    shutil.copytree(shipped(), rules)
    common, pack = rules / "packs/common.yaml", rules / "packs/residential.yaml"
    common.write_text(common.read_text().replace("5% of charge", "8% of charge").replace("from: 1元", "from: 1000元"))
    pack.write_text(pack.read_text().replace("超过0元      ", "超过800元    "))
    return str(rules)


@pytest.mark.parametrize("steps", [True, False])
def test_the_sums_are_those_of_the_accounts(folder: Path, changed: str, steps: bool) -> None:
    old, new = read_rules(None), read_rules(changed, draft=True)
    wanted = Impact.of(pairs(InParquet(folder), old, new, on=ON))
    asked = Asked(folder, partial(read_rules, None), partial(read_rules, changed, draft=True), ON, steps)
    found = impact(asked)
    assert wanted.moved > 0
    assert wanted.fee_changed > 0
    assert sum(wanted.steps_dropped.values()) > 0
    if not steps:
        for name in ("steps_before", "steps_after", "steps_added", "steps_dropped", "reasons_new", "reasons_gone"):
            getattr(wanted, name).clear()
    assert {move: len(names) for move, names in found.who.items()} == {m: len(n) for m, n in wanted.who.items()}
    assert replace(found, who={}) == replace(wanted, who={})
    assert impact(asked, jobs=2) == found
