"""`dunning may`, asked in front of the button: text, JSON, accounts of a portfolio, and wrong calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def dunning_may(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from dunning.cli.main import main; main()", "may", *words, "--on", "2026-11-22"]
    env = os.environ | {"LC_ALL": "zh_CN.UTF-8", "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, timeout=120)


def test_the_answer_is_a_line_and_the_articles_under_it() -> None:
    done = dunning_may("停水", "--place", "CN-3301")

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("停水 (cut_water): 法律禁止  [CN-3301 2026-11-22]\n依据:\n  CC-944.3  民法典")
    assert "罚则: 一万元以上五万元以下罚款" in done.stdout


def test_json_for_the_program_behind_the_button() -> None:
    told = json.loads(dunning_may("cut_water", "--place", "CN-3301", "--format", "json", "--lang", "en").stdout)

    assert told["verdict"] == "prohibited"
    assert [article["id"] for article in told["articles"]] == ["CC-944.3", "HZ-55", "HZ-86.2"]
    assert set(told["articles"][0]) == {"id", "cite", "says"}
    assert told["reason"].startswith("cut the water: prohibited by law")
    assert told["conditions"] == []


def test_an_account_of_a_portfolio_under_the_book_that_applies_to_it() -> None:
    done = dunning_may("sue", "--account", "examples/portfolio", "--id", "XD-1-1404/O-215", "--format", "json")
    told = json.loads(done.stdout)

    assert (told["verdict"], told["places"][0]) == ("conditional", "CN")
    assert "该笔催告已期满" in told["conditions"]
    assert told["charges"] == []


def test_an_account_alone_in_its_file_needs_no_id(tmp_path: Path) -> None:
    lines = ['{"id": "A-1", "use": "residential", "place": "CN-4101", "charges": []}\n']
    file = tmp_path / "one.jsonl"
    file.write_text(lines[0], encoding="utf-8")

    assert json.loads(dunning_may("restrict_lift", "--account", str(file), "--format", "json").stdout)["places"] == [
        "CN", "CN-41", "CN-4101",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("cut_watr",), "是想写 cut_water 吗"),
        (("cut_water", "--place", "hangzhou"), "CN-3301"),
        (("cut_water", "--format", "xml"), "text | json"),
        (("cut_water", "--rules", "residentail"), "residential"),
        (("cut_water", "--rules", "rules"), "--rules"),
        (("cut_water", "--account", "examples/portfolio", "--id", "XD-1-1404/O-216"), "XD-1-1404/O-215"),
        (("cut_water", "--account", "examples/portfolio"), "--id"),
        (("cut_water", "--account", "examples/portfolio", "--id", "XA-1-1004/O-36"), "2026-02-30"),
    ],
)
def test_a_wrong_call_is_exit_2_and_says_what_would_be_right(words: tuple[str, ...], said: str) -> None:
    done = dunning_may(*words)

    assert done.returncode == 2, done.stdout
    assert said in done.stderr
