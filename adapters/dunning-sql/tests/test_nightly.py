"""The example of a nightly job over SQL does what it says, on the ERP of these tests."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import ModuleType

import pytest
from wuye import MAPPING, WuyeBench

import dunning
from dunning.testing.conformance import Bounced, Paid

EXAMPLE = Path(__file__).resolve().parents[3] / "examples" / "embedding" / "nightly_sql.py"
CHINA = timezone(timedelta(hours=8))
NIGHT, MORNING = datetime(2026, 11, 20, 2, tzinfo=CHINA), datetime(2026, 11, 20, 11, tzinfo=CHINA)
TOMORROW = timedelta(days=1)


@pytest.fixture(scope="module")
def nightly() -> ModuleType:
    spec = importlib.util.spec_from_file_location("nightly_sql", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["nightly_sql"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rules() -> dunning.RuleFolder:
    return dunning.load_folder()


@pytest.fixture
def erp(tmp_path: Path) -> WuyeBench:
    """An owner with two flats in arrears, and one who owes nothing."""
    asked = '  fields:\n    data_as_of: {value: "2026-11-21T01:00:00+08:00"}\n'  # whatever day it is when this runs
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING.read_text("utf-8").replace("  fields:\n", asked, 1), encoding="utf-8")
    bench = WuyeBench(f"sqlite:///{tmp_path}/wuye.db", f"{tmp_path}/dunning.db", mapping=mapping)
    for name, owner, amount in (("1-101", "O-7", "1000"), ("1-102", "O-7", "500"), ("2-201", "O-8", None)):
        charges = [{"id": "Q1", "amount": amount, "due": "2026-10-15"}] if amount else []
        household = {"company": "wy-01", "id": name, "debtor": {"id": owner}, "charges": charges}
        bench.put([dunning.read_account(household)])
    return bench


def paid(bench: WuyeBench, name: str, amount: int) -> None:
    payment = {"id": f"P-{name}", "on": "2026-11-20", "amount": str(amount), "for": ["Q1"]}
    charges = [{"id": "Q1", "amount": "1000", "due": "2026-10-15"}]
    account = dunning.read_account({"id": name, "charges": charges, "payments": [payment]})
    bench.do(Paid(("wy-01", name), account.payments[0]))


def test_what_the_night_finds_due_leaves_in_the_morning_once(
    nightly: ModuleType, rules: dunning.RuleFolder, erp: WuyeBench, tmp_path: Path
) -> None:
    bookmark, gateway = tmp_path / "bookmark.json", nightly.Folder(tmp_path / "messages", lambda: MORNING)
    handed = [nightly.night(erp.open(), rules, bookmark=bookmark, now=NIGHT) for _ in range(2)]
    assert handed[0][0] > 0
    assert nightly.send(erp.open(), rules, gateway, now=lambda: NIGHT) == [], "not at two in the morning"
    sent = nightly.send(erp.open(), rules, gateway, now=lambda: MORNING)
    assert {receipt.state for receipt in sent} == {"sent"}
    assert len(list((tmp_path / "messages").glob("*.json"))) == len(sent)
    assert nightly.send(erp.open(), rules, gateway, now=lambda: MORNING) == []
    contacted = [item.account for item in erp.open().accounts(None) if isinstance(item, dunning.Read)]
    assert any(account.contacts for account in contacted), "the next night knows of it"


def test_whoever_pays_before_the_message_leaves_is_left_in_peace(
    nightly: ModuleType, rules: dunning.RuleFolder, erp: WuyeBench, tmp_path: Path
) -> None:
    bookmark, gateway = tmp_path / "bookmark.json", nightly.Folder(tmp_path / "messages", lambda: MORNING)
    nightly.night(erp.open(), rules, bookmark=bookmark, now=NIGHT)
    paid(erp, "1-101", 1000)
    paid(erp, "1-102", 500)
    (receipt, *_) = nightly.send(erp.open(), rules, gateway, now=lambda: MORNING)
    assert (receipt.state, receipt.detail) == ("cancelled", "本金已经缴清")
    assert list((tmp_path / "messages").glob("*.json")) == []
    erp.do(Bounced(("wy-01", "1-101"), "P-1-101", NIGHT.date()))
    nightly.night(erp.open(), rules, bookmark=bookmark, now=NIGHT + TOMORROW)
    again = nightly.send(erp.open(), rules, gateway, now=lambda: MORNING + TOMORROW)
    assert receipt.key in {one.key for one in again if one.state == "sent"}, "it bounced: the same step is due again"


def test_the_second_read_of_a_day_reads_the_news_alone(
    nightly: ModuleType, rules: dunning.RuleFolder, erp: WuyeBench, tmp_path: Path
) -> None:
    bookmark = tmp_path / "bookmark.json"
    nightly.night(erp.open(), rules, bookmark=bookmark, now=NIGHT)
    before = bookmark.read_text("utf-8")
    nightly.night(erp.open(), rules, bookmark=bookmark, now=NIGHT + timedelta(hours=1))
    assert f'"full_at": "{NIGHT.isoformat()}"' in before
    assert f'"full_at": "{NIGHT.isoformat()}"' in bookmark.read_text("utf-8")


def test_it_runs_from_the_command_line(erp: WuyeBench, tmp_path: Path) -> None:
    for job in ("night", "send"):
        options = ["--mapping", str(erp.mapping), "--url", erp.url, "--store", erp.store]
        done = subprocess.run(
            [sys.executable, str(EXAMPLE), job, *options], cwd=tmp_path, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
