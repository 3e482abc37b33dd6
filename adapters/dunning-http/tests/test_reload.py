"""A good edit is taken up, a bad one never is, and what is in use says which of the two it was."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import dunning
from dunning_http.shelf import Shelf

DAY = "2026-11-22"


def edit(rules: Path, old: str, new: str, *, file: str = "packs/residential.yaml") -> None:
    path = rules / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def look_twice(shelf: Shelf) -> None:
    """Once to see that something has changed, once to see that it stands still."""
    shelf.look()
    shelf.look()


def version(shelf: Shelf) -> str:
    return next(book.version for book in shelf.rules.books if book.name == "residential")


def bump(rules: Path, to: str) -> None:
    path = rules / "packs" / "residential.yaml"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    place = next(number for number, line in enumerate(lines) if line.startswith(("version:", "版本:")))
    lines[place] = f'{lines[place].split(":")[0]}: "{to}"\n'
    path.write_text("".join(lines), encoding="utf-8")


def test_a_good_edit_is_taken_up_once_it_stands_still(rules: Path) -> None:
    shelf = Shelf(str(rules))
    before = shelf.loaded
    bump(rules, "2027.1")
    shelf.look()
    assert shelf.loaded is before  # somebody may still be saving
    shelf.look()
    assert version(shelf) == "2027.1"
    again = shelf.loaded
    look_twice(shelf)
    assert shelf.loaded is again


def test_a_bad_edit_never_replaces_a_good_book_and_is_told(rules: Path) -> None:
    shelf = Shelf(str(rules))
    before = shelf.loaded
    bump(rules, "2027.1")
    edit(rules, "applies", "aplies")
    look_twice(shelf)
    assert shelf.loaded is before
    assert shelf.refused is not None
    assert any("residential.yaml" in str(finding.at) for finding in shelf.refused.findings)


def test_a_bad_edit_put_right_is_taken_up(rules: Path) -> None:
    shelf = Shelf(str(rules))
    bump(rules, "2027.1")
    edit(rules, "applies", "aplies")
    look_twice(shelf)
    edit(rules, "aplies", "applies")
    look_twice(shelf)
    assert shelf.refused is None
    assert version(shelf) == "2027.1"


@pytest.mark.parametrize("spoil", ["gone", "empty", "binary", "half", "law"])
def test_whatever_happens_to_the_files_the_rules_in_use_stay(rules: Path, spoil: str) -> None:
    shelf = Shelf(str(rules))
    before = shelf.loaded
    pack = rules / "packs" / "residential.yaml"
    match spoil:
        case "gone":
            rules.rename(rules.with_name("elsewhere"))
        case "empty":
            for file in (rules / "packs").iterdir():
                file.unlink()
        case "binary":
            pack.write_bytes(b"\x00\xff" * 100)
        case "half":
            text = pack.read_text(encoding="utf-8")
            pack.write_text(text[: len(text) // 2] + "\n  - {", encoding="utf-8")
        case "law":
            (rules / "law" / "cn" / "national.yaml").write_text("law: cn\nlayer: [", encoding="utf-8")
    look_twice(shelf)
    assert shelf.loaded is before
    assert shelf.refused is not None
    assert shelf.refused.findings


def test_a_new_version_beside_the_old_one_is_taken_up_without_changing_old_answers(rules: Path) -> None:
    shelf = Shelf(str(rules))
    names = {book.name for book in shelf.rules.books}
    head = "rulebook: corner_shop\ntitle: 街角小店\nlanguage: 1\nversion: '1'\nlaw: cn\napplies: {community: corner}\n"
    (rules / "packs" / "corner_shop.yaml").write_text(head, encoding="utf-8")
    look_twice(shelf)
    assert {book.name for book in shelf.rules.books} == names | {"corner_shop"}


def test_what_is_saved_while_it_is_loaded_is_left_for_the_next_look(
    rules: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf = Shelf(str(rules))
    before = shelf.loaded
    load = dunning.load_folder

    def load_and_save(path: str) -> Any:
        found = load(path)
        monkeypatch.undo()
        bump(rules, "2027.2")
        return found

    monkeypatch.setattr(dunning, "load_folder", load_and_save)
    bump(rules, "2027.1")
    look_twice(shelf)
    assert shelf.loaded is before
    look_twice(shelf)
    assert version(shelf) == "2027.2"


def test_one_file_may_be_served(rules: Path) -> None:
    shelf = Shelf(str(rules / "packs" / "residential.yaml"))
    assert [book.name for book in shelf.rules.books] == ["residential"]
    assert shelf.folder == rules
    bump(rules, "2027.1")
    look_twice(shelf)
    assert version(shelf) == "2027.1"


def test_without_good_rules_there_is_no_service(rules: Path) -> None:
    edit(rules, "applies", "aplies")
    with pytest.raises(dunning.RulesError):
        Shelf(str(rules))
    with pytest.raises(dunning.UsageError):
        Shelf(str(rules / "nothing"))


# Through the service


def test_an_answer_is_given_by_the_rules_in_use(rules: Path, opened: Any, household: dict[str, Any]) -> None:
    client = opened(rules=str(rules))
    asked = {"on": DAY, "account": household}
    before = client.post("/v1/assess", json=asked).json()
    edit(rules, "applies", "aplies")
    refused = client.post("/v1/reload")
    assert refused.status_code == 409
    assert refused.json()["type"].endswith(":rules-refused")
    assert any("residential.yaml" in str(finding["at"]) for finding in refused.json()["findings"])
    assert client.post("/v1/assess", json=asked).json() == before
    told = client.get("/v1/books").json()
    assert told["refused"]["findings"] == refused.json()["findings"]
    assert client.get("/healthz").json()["refused"] is True
    edit(rules, "aplies", "applies")
    bump(rules, "2027.1")
    assert client.post("/v1/reload").status_code == 200
    assert client.get("/v1/books").json()["refused"] is None
    assert client.post("/v1/assess", json=asked).json()["rulebook"]["version"] == "2027.1"


def test_files_are_watched_while_the_service_is_up(rules: Path, opened: Any) -> None:
    client = opened(rules=str(rules), watch_seconds=0.02)
    bump(rules, "2027.1")
    for _ in range(500):
        books = client.get("/v1/books").json()["books"]
        if "2027.1" in {book["version"] for book in books}:
            return
    pytest.fail("the edit was never seen")
