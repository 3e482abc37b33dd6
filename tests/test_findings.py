"""Every kind of finding about rule files, seen once: a bad file, its exact screens, and the good file beside it.

tests/findings/<code>/ holds `bad.yaml`, `good.yaml` (folders of the same names where one file is not enough) and
`expected.txt`, its screens in Chinese and English. `pytest tests/test_findings.py --reset` writes those anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from dunning.basis.finding import catalogue
from dunning.check.run import check
from dunning.output.screens import render

PAIRS = Path(__file__).parent / "findings"
FAMILIES = "YTNRLDQESC"

ELSEWHERE = {
    "C309": "a table too large for a file one reads: tests/test_check_coverage.py",
    "N211": "only a broken installation has no calendar",
    "Y122": "a file of a megabyte: tests/test_positions.py",
    "S805": "about using a book, not about a file: tests/test_signing.py",
    "Q506": "about a source, not a file: tests/test_timing.py",
    "Q515": "about a source, not a file: tests/test_timing.py",
    "Q514": "steps too many for a file one reads: tests/test_timing.py",
    "R412": "about an account, not a file: tests/test_folder.py",
}
"""Kinds no rule file can bring about by itself."""

CODES = sorted(kind.code for kind in catalogue() if kind.code[0] in FAMILIES and kind.code not in ELSEWHERE)


def screens(name: str) -> str:
    """What `dunning check` shows of a file or folder, in both languages."""
    found = check(name)
    return "\n".join(f"--- {lang} ---\n{render(found, lang, sources(name))}" for lang in ("zh", "en"))


def sources(name: str) -> dict[str, str]:
    path = Path(name)
    files = path.rglob("*.yaml") if path.is_dir() else [path]
    return {file.as_posix(): file.read_bytes().decode("utf-8", "replace") for file in files}


def named(stem: str) -> str:
    return stem if Path(stem).is_dir() else f"{stem}.yaml"


@pytest.mark.parametrize("code", CODES)
def test_finding_has_its_screens(code: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    folder = PAIRS / code
    assert folder.is_dir(), f"write tests/findings/{code}/bad.yaml and good.yaml"
    monkeypatch.chdir(folder)

    shown = screens(named("bad"))
    if request.config.getoption("--reset"):
        (folder / "expected.txt").write_text(shown, encoding="utf-8")

    assert code in {found.code for found in check(named("bad"))}
    assert shown == (folder / "expected.txt").read_text(encoding="utf-8")
    assert [found for found in check(named("good")) if found.severity != "note"] == []


def test_every_folder_is_for_a_finding_there_is() -> None:
    assert {path.name for path in PAIRS.iterdir() if path.is_dir()} - set(CODES) == set()


@pytest.mark.parametrize("kind", catalogue(), ids=lambda kind: kind.code)
def test_wording_is_complete_in_both_languages(kind) -> None:
    assert kind.message.zh
    assert kind.message.en
    assert bool(kind.why.zh) == bool(kind.why.en)
    assert bool(kind.help.zh) == bool(kind.help.en)
    assert "滞纳金" not in kind.message.zh + kind.why.zh + kind.help.zh
