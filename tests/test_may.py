"""`may`, asked in front of the button: text, JSON, accounts of a portfolio, wrong calls, and what rests the step."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import dunning
from dunning import RuleBook, Verdict
from dunning.model.account import Hold, Instalment, Plan
from dunning.output.verdicts import verdict_text
from escalation import pack
from households import charge, day, dispute, household, promised

ROOT = Path(__file__).resolve().parent.parent


def dunning_may(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from dunning.cli.main import main; main()", "may", *words, "--on", "2026-11-22"]
    env = os.environ | {"LC_ALL": "zh_CN.UTF-8", "PYTHONPATH": str(ROOT / "src")}
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=env, timeout=120)


def test_the_answer_is_a_line_and_the_articles_under_it() -> None:
    done = dunning_may("停水", "--place", "CN-3301")

    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout.startswith("停水 (cut_water): 法律禁止  [CN-3301 2026-11-22]\n依据:\n  CC-944.3  民法典")
    assert "罚则: 一万元以上五万元以下罚款" in done.stdout


@pytest.mark.parametrize(
    ("words", "verdict", "code"),
    [
        (("send_message", "--place", "CN-3301"), "allowed", 0),
        (("sue", "--place", "CN-3301"), "conditional", 1),
        (("cut_water", "--place", "CN-3301"), "prohibited", 3),
    ],
)
def test_a_script_can_tell_by_the_exit_code(words: tuple[str, ...], verdict: str, code: int) -> None:
    done = dunning_may(*words, "--format", "json")

    assert (json.loads(done.stdout)["verdict"], done.returncode) == (verdict, code)


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
        (("cut_water", "--place", "CN-330"), "CN-330"),
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


# What rests it today


Q1 = charge("2026-01-15", "6000.00", name="Q1")
Q2 = charge("2026-02-10", "300.00", name="Q2")
HOLD = Hold(id="H1", kind="contact", since=day("2026-02-01"), until=day("2026-04-01"), reason="灾情")
PLAN = Plan(
    id="PL1", signed=day("2026-02-01"), charges=("Q1",), instalments=(Instalment(due=day("2026-06-01"), amount=1000),)
)


def may(action: str, on: str = "2026-03-01", rules: RuleBook | None = None, **records: Any) -> Verdict:
    account = household(Q1, Q2, use="residential", place="CN-3301", **records)
    return dunning.may(action, rules or pack(), on=day(on), account=account)


def rests(verdict: Verdict) -> list[tuple[str, str, str | None]]:
    return [(rest.code, rest.record, None if rest.until is None else str(rest.until)) for rest in verdict.rests]


@pytest.mark.parametrize(
    ("records", "expected", "says"),
    [
        ({}, [], ""),
        ({"holds": [HOLD]}, [("hold", "holds/H1", "2026-04-01")], "暂停 H1: 灾情, 到 2026-04-01 为止"),
        ({"plans": [PLAN]}, [("plan", "plans/PL1", None), ("plan", "plan_state", None)], "分期计划 PL1 履行中"),
        (
            {"contacts": [promised("2026-02-25", "2026-03-05", id="C1")]},
            [("promise", "contacts/C1", "2026-03-05"), ("promise", "promise_open", "2026-03-05")],
            "已承诺 2026-03-05 缴费 (联系记录 C1)",
        ),
        (
            {"disputes": [dispute("2026-02-25", "contract", id="D1", charge="Q1")]},
            [("dispute", "disputes/D1", "2026-03-10")],
            "异议 D1 (合同争议) 没有了结, 到 2026-03-10 为止",
        ),
        ({"disputes": [dispute("2026-02-25", "price", id="D1")]}, [], ""),  # explained, not waited for
        ({"unknown": ("contacts",)}, [("unknown", "promise_open", None)], "不知道有未到期承诺, 规则书要先停"),
    ],
)
def test_what_rests_a_step_today_is_told_beside_the_law(
    records: dict[str, Any], expected: list[tuple[str, str, str | None]], says: str
) -> None:
    free, verdict = may("home_visit"), may("home_visit", **records)

    assert rests(verdict) == expected
    assert verdict.verdict == free.verdict == "conditional"  # the law's word stays
    assert verdict.conditions[: len(free.conditions)] == free.conditions
    assert says in verdict.reason.zh
    assert [rest.says for rest in verdict.rests] == [*verdict.conditions[len(free.conditions) :]]


def test_a_rest_is_over_when_its_days_are() -> None:
    assert rests(may("home_visit", "2026-04-01", holds=[HOLD])) == [("hold", "holds/H1", "2026-04-01")]
    assert rests(may("home_visit", "2026-04-02", holds=[HOLD])) == []
    late = [promised("2026-02-25", "2026-03-05", id="C1")]
    assert rests(may("home_visit", "2026-03-06", contacts=late)) == []


def test_an_action_rests_with_any_step_that_does_it_and_others_do_not() -> None:
    assert [code for code, _, _ in rests(may("visit", plans=[PLAN]))] == ["plan", "plan"]
    for free in ("send_receipt", "counter_service", "resolve_complaint", "negotiate"):
        assert rests(may(free, plans=[PLAN])) == []
    assert [code for code, _, _ in rests(may("negotiate", holds=[HOLD]))] == ["hold"]
    assert rests(may("resolve_complaint", holds=[HOLD])) == []


def test_what_no_step_of_the_book_does_rests_as_a_rung_with_it_would() -> None:
    bare = replace(pack(), ladder=replace(pack().ladder, steps=()), reminders=())
    assert [code for code, _, _ in rests(may("visit", rules=bare, plans=[PLAN]))] == ["plan", "plan"]
    complaint = [dispute("2026-02-25", "service_quality", id="D1")]
    assert rests(may("sue", rules=bare, disputes=complaint)) == [("dispute", "disputes/D1", None)]
    assert rests(may("visit", rules=bare, disputes=complaint)) == []


def test_a_demand_of_which_all_is_disputed_says_so() -> None:
    answered = [dispute("2026-01-20", "contract", id="D1", answered=day("2026-01-25"))]
    verdict = may("formal_demand", disputes=answered)
    assert "所欠全部有争议, 不写进书面催告" in verdict.reason.zh
    assert rests(may("formal_demand", disputes=[replace(answered[0], charge="Q2")])) == []


def test_what_is_prohibited_is_prohibited_and_no_more() -> None:
    verdict = may("cut_water", holds=[HOLD])
    assert (verdict.verdict, verdict.rests, verdict.conditions) == ("prohibited", (), ())


def test_rests_are_data_for_the_button_and_a_part_of_the_text() -> None:
    verdict = may("home_visit", holds=[HOLD])
    assert dunning.verdict_dict(verdict, lang="en")["rests"] == [
        {
            "code": "hold",
            "says": "hold H1: 灾情, until 2026-04-01",
            "record": "holds/H1",
            "until": "2026-04-01",
            "charges": None,
        }
    ]
    told = verdict_text(verdict, "zh")
    assert told.count("暂停 H1") == 1
    assert "今天先停:\n  暂停 H1: 灾情, 到 2026-04-01 为止" in told


def test_the_command_tells_what_rests_an_account_of_a_file(tmp_path: Path) -> None:
    bill = {"id": "Q1", "amount": "6000.00", "due": "2026-01-15"}
    hold = {"id": "H1", "kind": "contact", "since": "2026-11-01", "reason": "灾情"}
    account = {"id": "A-1", "use": "residential", "place": "CN-4101", "charges": [bill], "holds": [hold]}
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(account), encoding="utf-8")

    told = json.loads(dunning_may("visit", "--account", str(file), "--id", "A-1", "--format", "json").stdout)
    assert [rest["says"] for rest in told["rests"]] == ["暂停 H1: 灾情"]
    assert "暂停 H1: 灾情" in told["conditions"]
