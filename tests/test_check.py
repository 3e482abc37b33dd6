"""`dunning.check`: every finding of a file or folder, whatever it is, and never an exception for what stands in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dunning.basis.errors import UsageError
from dunning.check.run import check
from rule_files import write


def codes(path: str | Path) -> list[str]:
    return [found.code for found in check(path)]


def test_nothing_is_wrong_with_the_shipped_rules() -> None:
    """Notes are no fault: what courts compare the late fee with, rungs nearer to each other than the gap."""
    found = [*check("residential"), *check(Path(__file__).parents[1] / "rules")]

    assert {finding.code for finding in found if finding.severity != "note"} == set()


def test_what_is_let_stand_in_a_base_or_beside_errors_is_not_held_against_the_file(tmp_path: Path) -> None:
    """What it would let stand was not looked for there."""
    base = "rulebook: base\n# dunning: allow Q508 because of the base\nladder: {steps: [{step: a, action: visit}]}\n"
    write(tmp_path, {"base.yaml": base, "b.yaml": "rulebook: b\nbased_on: base\n"})
    write(tmp_path, {"bad.yaml": base.replace("action: visit", "action: visti")})

    assert {found.code for found in check(tmp_path / "b.yaml")} == set()
    assert {found.code for found in check(tmp_path / "bad.yaml")} == {"N206"}
    assert "D401" in {found.code for found in check(tmp_path / "base.yaml")}


def test_findings_come_by_file_and_line(tmp_path: Path) -> None:
    write(tmp_path, {"b.yaml": "rulebook: b\npayment: {}\nitem: {}\n", "a.yaml": "rulebook: a\ntitels: x\n"})

    places = [str(found.at).removeprefix(f"{tmp_path.as_posix()}/") for found in check(tmp_path)]
    assert places == ["a.yaml:2:1", "b.yaml:2:1", "b.yaml:3:1"]


def test_every_finding_of_a_file_shows_its_line(tmp_path: Path) -> None:
    table = "tables: {t: {output: [A], rows: [{when: {arears: 1元}, then: B}]}}"
    write(tmp_path, {"a.yaml": f"rulebook: a\n{table}\nlaw: xx\n"})

    assert [found.line for found in check(tmp_path)] == [table, table, "law: xx"]


def test_law_files_calendars_and_settings_are_checked_too(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "packs/a.yaml": "rulebook: a\n",
            "law/xx/local.yaml": "law: xx\nlayer: locl\nplaces: [CN]\nunresearched: true\n",
            "calendars/cn.yaml": "calendar: cn\nyears: {26: {}}\n",
            "folder.yaml": "require_signed: maybe\n",
        },
    )

    assert codes(tmp_path) == ["R104", "R104", "R104"]
    assert codes(tmp_path / "law" / "xx" / "local.yaml") == ["R104"]
    assert codes(tmp_path / "calendars" / "cn.yaml") == ["R104"]
    assert codes(tmp_path / "folder.yaml") == ["R104"]


def test_a_law_file_is_read_once_however_many_books_stand_on_it(tmp_path: Path) -> None:
    law = "law: xx\nlayer: local\nplaces: [CN]\nunresearched: true\nlimit: []\n"
    write(
        tmp_path,
        {"packs/a.yaml": "rulebook: a\nlaw: xx\n", "packs/b.yaml": "rulebook: b\nlaw: xx\n", "law/xx/local.yaml": law},
    )

    assert codes(tmp_path) == ["R101"]


CASE = "rulebook: a\ncases: [{case: x, date: 2026-03-01, like: y, expect: {total: 0}}]\n"


def test_what_is_wrong_in_cases_is_found_with_their_book_and_not_whether_they_come_true(tmp_path: Path) -> None:
    write(tmp_path, {"packs/a.yaml": "rulebook: a\n", "cases/a.yaml": CASE})
    assert codes(tmp_path) == codes(tmp_path / "cases/a.yaml") == ["M102"]

    write(tmp_path, {"cases/a.yaml": CASE.replace("like: y, ", "account: {}, ").replace("total: 0", "total: 7")})
    assert codes(tmp_path) == []


def test_a_book_with_errors_is_told_once_and_a_book_that_is_not_there_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"packs/a.yaml": "rulebook: a\ntitel: x\n", "cases/a.yaml": CASE})
    assert codes(tmp_path) == ["R101"]

    write(tmp_path, {"packs/a.yaml": "rulebook: a\n", "cases/a.yaml": CASE.replace("rulebook: a", "rulebook: shap")})
    assert codes(tmp_path) == ["N209"]


def test_the_yaml_of_a_file_of_cases_comes_first(tmp_path: Path) -> None:
    write(tmp_path, {"cases.yaml": "rulebook: a\ncases: [{case: x}]\ncases: []\n"})

    assert codes(tmp_path / "cases.yaml") == ["Y110"]


@pytest.mark.parametrize("text", ["", "- a\n- b\n", "just text\n", "null\n", "{}\n", "title: x\n"])
def test_a_file_that_is_no_rule_file_says_so(tmp_path: Path, text: str) -> None:
    write(tmp_path, {"a.yaml": text})

    assert codes(tmp_path / "a.yaml") != []


def test_what_does_not_exist_is_the_callers_mistake() -> None:
    with pytest.raises(UsageError):
        check("no/such/file.yaml")
