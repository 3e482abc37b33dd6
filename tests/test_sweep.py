"""Changing a value of the rules on trial: found by its path, checked like any rules, counted as `assess` counts."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from dunning.basis.errors import UsageError
from dunning.cli.main import app
from dunning.columns.convert import convert_portfolio
from dunning.columns.portfolio import InParquet
from dunning.compare.impact import Standing
from dunning.engine.assess import assess_group
from dunning.engine.review import fresh
from dunning.intake.files.tables import open_portfolio
from dunning.intake.files.writers import write_jsonl
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.library import shipped
from dunning.model.rulebook import RuleBook
from dunning.sweep.counted import Asked, Count, count
from dunning.sweep.params import param
from dunning.sweep.variants import Variant, load_anyway, variants

ON = date(2026, 11, 22)


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweep")
    write_jsonl(folder / "p.jsonl", make_portfolio(60, seed=3))
    with open_portfolio(folder / "p.jsonl") as opened:
        convert_portfolio(opened, folder / "records")
    return folder / "records"


def tried(rules: str | None, *params: str, into: Path, steps: int | None = None) -> list[Variant]:
    return variants(rules, [param(each, steps) for each in params], on=ON, into=into)


def book(variant: Variant) -> RuleBook:
    found = load_anyway(variant.path)
    assert isinstance(found, RuleBook)
    return found


# Values


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("late_fee.cap=3%..8%", "3% 4% 5% 6% 7% 8%"),
        ("late_fee.rate=0.2..0.5‰", "0.2‰ 0.26‰ 0.32‰ 0.38‰ 0.44‰ 0.5‰"),
        ("x=1..3", "1 2 3"),
        ("x=3000元..5000元", "3000元 3400元 3800元 4200元 4600元 5000元"),
        ("x=5%,8%", "5% 8%"),
        ("x=15:00,16:30", "15:00 16:30"),
    ],
)
def test_values_lie_evenly_and_whole_numbers_stay_whole(written: str, values: str) -> None:
    assert " ".join(param(written).values) == values


@pytest.mark.parametrize("written", ["late_fee.cap", "late_fee.cap=3%..8‰", "x=5..5", "x=09:00..10:00", "=1..2"])
def test_what_is_no_parameter_is_refused(written: str) -> None:
    with pytest.raises(UsageError):
        param(written)


# Where a value stands


@pytest.mark.parametrize(
    ("path", "now", "value"),
    [
        ("违约金.上限", "5%", "6%"),
        ("late_fee.rate", "0.5‰", "0.4‰"),
        ("tables.分级催收.5.arrears[2]", "1万元", "2万元"),
        ("tables.risk_points.3.overdue_days", "90天", "60天"),
        ("contact.windows.phone.workday.2[2]", "18:00", "17:00"),
    ],
)
def test_a_value_is_found_by_its_path_in_either_language(path: str, now: str, value: str, tmp_path: Path) -> None:
    today, other = tried("residential", f"{path}={value}", into=tmp_path)
    assert (today.values, other.values) == ((now,), (value,))
    assert book(today).meaning != book(other).meaning


def test_a_value_without_a_unit_keeps_the_unit_that_is_there(tmp_path: Path) -> None:
    _, other = tried("residential", "tables.account_grade.3.欠费金额=2", into=tmp_path)
    assert other.values == ("2万元",)


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("late_fee.capp", "did you mean `cap`?"),
        ("late_fee", "say which: rate"),
        ("tables.account_grade.5.欠费金额", "write tables.account_grade.5.欠费金额[1]"),
        ("tables.account_grade.5.标签", "is no number"),
        (
            "tables.account_grade.grid",
            "a whole table stands there; a cell of a table is written tables.TABLE.ROW.COLUMN",
        ),
        ("tables.account_grade.5", "a cell of a table is written tables.TABLE.ROW.COLUMN"),
        ("shop:late_fee.cap", "there is no rule book shop"),
    ],
)
def test_what_cannot_be_changed_is_told(path: str, told: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        tried("residential", f"{path}=1,2", into=tmp_path)
    assert told in raised.value.told("en")


def test_a_value_that_several_books_have_needs_the_name_of_one(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"common:late_fee\.rate|commercial:late_fee\.rate"):
        tried(None, "late_fee.rate=0.2‰,0.4‰", into=tmp_path / "a")
    assert len(tried(None, "common:late_fee.rate=0.2‰,0.4‰", into=tmp_path / "b")) == 3


def test_the_rules_themselves_are_not_touched(tmp_path: Path) -> None:
    shutil.copytree(shipped(), tmp_path / "rules")
    before = {path: path.read_bytes() for path in (tmp_path / "rules").rglob("*") if path.is_file()}
    tried(str(tmp_path / "rules"), "common:late_fee.cap=3%,8%", into=tmp_path / "tried")
    assert {path: path.read_bytes() for path in (tmp_path / "rules").rglob("*") if path.is_file()} == before


def test_what_the_law_does_not_allow_is_worked_out_and_told_with_its_article(tmp_path: Path) -> None:
    path = "contact.windows.phone.workday.2[2]"
    _, lawful, late = tried("residential", f"{path}=17:30,22:30", into=tmp_path)
    assert lawful.against_law == ()
    assert [finding.code for finding in late.against_law] == ["L411"]
    assert "08:00-22:00" in late.against_law[0].message("en")
    assert book(late).meaning != book(lawful).meaning


# What is counted


def by_objects(folder: Path, variant: Variant, actions: str) -> Count:
    """The same counts, household by household."""
    rules, total = load_anyway(variant.path), Count(actions=Counter())
    assert total.actions is not None
    for group in InParquet(folder):
        total.accounts += len(group.accounts) + len(group.rejected)
        for result in assess_group(group.accounts, rules, on=ON):
            standing = Standing.of(result)
            total.arrears += standing.arrears or 0
            total.in_arrears += (standing.arrears or 0) > 0
            total.late_fee += standing.late_fee
            total.fee_undetermined += standing.fee_undetermined
            for table, word in standing.grades.items():
                assert result.book is not None
                total.grades[result.book.name, table, word] += 1
        due: set[tuple[str, str]] = set()
        for ahead in range(7 if actions == "week" else 1):
            day = ON + timedelta(days=ahead)
            accounts = [fresh(each, day) if actions == "week" else each for each in group.accounts]
            found = assess_group(accounts, rules, on=day)
            due.update((action.step, action.key) for result in found for action in result.actions)
        total.actions.update(step for step, _ in due)
    return total


@pytest.mark.parametrize("actions", ["day", "week"])
def test_every_count_is_that_of_the_assessments(records: Path, actions: str, tmp_path: Path) -> None:
    found = tried("residential", "late_fee.cap=8%", "tables.account_grade.8.欠费金额=3000元", into=tmp_path)
    counts = count(Asked(records, tuple(each.path for each in found), ON, actions))  # type: ignore[arg-type]
    for variant, told in zip(found, counts, strict=True):
        told.paths.clear()
        assert told == by_objects(records, variant, actions)
    assert counts[0].late_fee != counts[1].late_fee
    assert counts[0].grades != counts[1].grades


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["sweep", *words, "--on", ON.isoformat(), "--jobs", "1", "--lang", "en"])
    assert result.exit_code == 0, result.output
    return result.output


@pytest.fixture(scope="module")
def asked(records: Path) -> list[str]:
    return ["residential", "--param", "late_fee.rate=0.5‰,1.5‰,0.2‰", "--portfolio", str(records)]


def test_it_is_told_as_text_with_today_in_its_place(asked: list[str]) -> None:
    told = run(*asked, "--actions", "none")
    lines = [line.split()[0] for line in told.splitlines() if line.strip().startswith(("0.", "1."))]
    assert lines[:3] == ["0.2‰", "0.5‰", "1.5‰"]
    assert "0.5‰ (now)" in told
    assert "1.5‰: L501" in told
    assert "actions that day" not in told


def test_it_is_told_as_data_and_as_drawing(asked: list[str], tmp_path: Path) -> None:
    data = json.loads(run(*asked, "--format", "json"))
    assert [each["values"] for each in data["variants"]] == [["0.5‰"], ["1.5‰"], ["0.2‰"]]
    assert [each["now"] for each in data["variants"]] == [True, False, False]
    assert [bool(each["against_law"]) for each in data["variants"]] == [False, True, False]
    assert sum(data["variants"][0]["steps"].values()) > 0
    out = tmp_path / "sweep.svg"
    run(*asked, "--format", "svg", "--actions", "none", "--out", str(out))
    drawing = ElementTree.fromstring(out.read_text(encoding="utf-8"))
    texts = [element.text for element in drawing.iter("{http://www.w3.org/2000/svg}text")]
    assert {"0.2‰", "now", "refused", "late fee (yuan)"} <= set(texts)
    page = run(*asked, "--format", "html", "--actions", "none")
    assert page.startswith("<!DOCTYPE html>")
    assert "<svg" in page
