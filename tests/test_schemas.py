"""The published schemas: what the code writes fits them, what they let through is read, and a slip is caught."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

import jsonschema_rs
import pytest

import dunning
from dunning.intake.account_schema import VALUES
from dunning.output.schemas import Published

ROOT = Path(__file__).resolve().parent.parent
DAY = date(2026, 11, 22)
RULES = dunning.load_folder()


def fits(of: Published) -> Any:
    return jsonschema_rs.validator_for(dunning.json_schema(of), validate_formats=True)


def faults(of: Published, data: object) -> list[str]:
    return [f"{fault.instance_path}: {fault.message:.200}" for fault in fits(of).iter_errors(data)]


def in_the_contract() -> Any:
    """The account with every field that docs/reference/records.md shows."""
    page = (ROOT / "docs" / "reference" / "records.md").read_text(encoding="utf-8")
    shown = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert shown
    return json.loads(shown[1])


def portfolio() -> Iterator[tuple[dunning.Account, ...]]:
    with dunning.open_portfolio(ROOT / "examples" / "portfolio") as opened:
        yield from (group.accounts for group in opened)


@pytest.mark.parametrize("of", get_args(Published))
def test_a_schema_is_a_schema_and_names_all_it_refers_to(of: Published) -> None:
    schema = dunning.json_schema(of)
    jsonschema_rs.meta.validate(schema)
    named = set(re.findall(r'"#/\$defs/(\w+)"', json.dumps(schema)))
    assert named == set(schema["$defs"])


def test_there_is_no_schema_of_anything_else() -> None:
    with pytest.raises(dunning.UsageError, match="accounts"):
        dunning.json_schema("accounts")  # type: ignore[arg-type]


def test_the_account_of_the_contract_fits_and_is_read() -> None:
    account = in_the_contract()
    assert faults("account", account) == []
    assert isinstance(dunning.read(account), dunning.Read)


def test_short_forms_and_nulls_fit() -> None:
    whole = {"id": "A", "debtor": {"kind": "person"}, "contract": {"late_fee_clause": True}, "charges": None}
    nulls = {
        "id": "A",
        **dict.fromkeys(dunning.json_schema("account")["$defs"]["Account"]["properties"].keys() - {"id"}),
    }
    for account in (whole, nulls):
        assert faults("account", account) == []
        assert isinstance(dunning.read(account), dunning.Read)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("charges", 0, "amount"), 1592.25),
        (("charges", 0, "amount"), 1592),  # yuan or fen? text is never taken for the other
        (("charges", 0, "amount"), "1592.255"),
        (("charges", 0, "due"), "2026-02-30"),
        (("charges", 0, "item"), "late_fee"),
        (("payments", 0, "fro"), "2026Q1"),
        (("contacts", 0, "at"), "2026-02-30T10:15:00+08:00"),
        (("plans", 0, "waive_late_fee"), "50"),
        (("place",), "Hangzhou"),
        (("name",), "王五"),
    ],
)
def test_what_is_written_otherwise_does_not_fit(path: tuple[str | int, ...], value: object) -> None:
    account = in_the_contract()
    inner = account
    for part in path[:-1]:
        inner = inner[part]
    inner[path[-1]] = value
    assert any(str(list(path[:-1]))[:-1] in fault for fault in faults("account", account))


def test_every_day_there_is_fits_and_no_other() -> None:
    days = re.compile(VALUES[date][1]["pattern"])
    for year in (1900, 2000, 2023, 2024, 2100, 2199):
        first = date(year, 1, 1)
        real = {(first + timedelta(days=n)).isoformat() for n in range(366 if first.replace(month=3, day=1) - first
                == timedelta(days=60) else 365)}  # fmt: skip
        written = {f"{year}-{month:02}-{day:02}" for month in range(14) for day in range(33)}
        assert {each for each in written if days.fullmatch(each)} == real


def test_rates_are_written_as_the_contract_says() -> None:
    rates = re.compile(VALUES[next(kind for kind in VALUES if VALUES[kind][0] == "Share")][1]["pattern"])
    for written in ("0.5‰", "5%", "0.0005", "万分之五", "万分之零点五", "百分之十五", "3.9% per year", "0.05% per day"):
        assert rates.fullmatch(written)
        account = {"id": "A", "contract": {"late_fee_rate": written}}
        assert isinstance(dunning.read(account), dunning.Read), written
    assert not any(rates.fullmatch(written) for written in ("5", "1.5", "-1%", "1/0", "5 %元", ""))


def test_every_answer_fits() -> None:
    fit = fits("assessment")
    for accounts in portfolio():
        for result in dunning.assess_group(accounts, RULES, on=DAY):
            fit.validate(dunning.to_dict(result))


def test_the_answer_that_shows_every_field_fits() -> None:
    page = (ROOT / "docs" / "reference" / "assessment.md").read_text(encoding="utf-8")
    shown = [json.loads(each) for each in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    (answer,) = (each for each in shown if "balance" in each)
    assert faults("assessment", answer) == []
    del answer["balance"]["total"]
    answer["more"] = 1
    assert len(faults("assessment", answer)) == 2


def test_an_account_without_a_book_fits() -> None:
    result = dunning.assess(dunning.read_account({"id": "A", "use": "other"}), RULES, on=DAY)
    assert faults("assessment", dunning.to_dict(result)) == []


def test_a_rejected_account_fits() -> None:
    rejected = dunning.read({"id": "A", "charges": [{"id": "1", "amount": -1}]}, where=dunning.Pointer(("accounts", 3)))
    assert isinstance(rejected, dunning.Rejected)
    data = dunning.to_dict(rejected)
    assert faults("rejected", data) == []
    assert data["where"] == "/accounts/3"
    assert {finding["at"] for finding in data["findings"]} == {"/accounts/3/charges/0/amount"}


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("action", ["cut_water", "send_sms", "sue", "file_suit", "formal_demand", "publish_name"])
def test_verdicts_fit(action: str, lang: Any) -> None:
    book = dunning.load("residential")
    accounts = [None, next(portfolio())[0]]
    for account in accounts:
        try:
            verdict = dunning.may(action, book, on=DAY, account=account, place="CN-3301")
        except dunning.UsageError:
            continue
        assert faults("verdict", dunning.verdict_dict(verdict, lang=lang)) == []


@pytest.mark.parametrize("scenario", ["silent", "promises_and_breaks", "pays_on:2026-12-20"])
def test_timelines_fit(scenario: str) -> None:
    account = next(account for accounts in portfolio() for account in accounts if account.id == "XD-1-1404/O-215")
    played = dunning.timeline(account, RULES, since=DAY, until=date(2027, 1, 31), scenario=scenario)
    assert faults("timeline", dunning.timeline_dict(played)) == []
    titles = [[event["title"] for event in dunning.timeline_dict(played, lang=lang)["events"]] for lang in ("zh", "en")]  # type: ignore[arg-type]
    assert titles[0] != titles[1]


def test_a_pointer_is_a_json_pointer() -> None:
    assert str(dunning.Pointer(("charges", 0, "a/b~c"))) == "/charges/0/a~1b~0c"
    assert str(dunning.Pointer()) == ""


def test_the_facts_are_those_of_the_reference() -> None:
    page = (ROOT / "docs" / "reference" / "facts.md").read_text(encoding="utf-8")
    assert {fact.id for fact in dunning.facts()} == set(re.findall(r"^### `(\w+)`", page, re.MULTILINE))
