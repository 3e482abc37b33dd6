"""Docs that cannot lie: their code runs, their commands work, their rule files load, their names and links exist.

Every fenced block of the documents is looked at. What cannot be run or is wrong on purpose says so, with a reason, in
an HTML comment right above the block:

    <!-- not run: needs a running ERP -->
    <!-- exits 1: two households of the example are rejected -->
    <!-- wrong on purpose: T203 -->

A block under `<!-- saved as: rules/packs/shop.yaml -->` is written to that file, for the commands after it.
"""

from __future__ import annotations

import csv
import doctest
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import reference
import typer.main

import dunning
from dunning.basis.finding import Finding, Text, catalogue, kind
from dunning.basis.span import Span
from dunning.check.cases import run_cases
from dunning.cli.main import app
from dunning.lang.words.grammar import read_test
from dunning.model.condition import FactKind, Type

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = [
    path.relative_to(ROOT).as_posix()
    for pattern in (
        "README*.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs/**/*.md",
        "adapters/README*.md",
        "adapters/TEMPLATE/README.md",
        "rules/**/README.md",
        "examples/**/README.md",
    )
    for path in sorted(ROOT.glob(pattern))
]
FENCE = re.compile(r"^(?P<indent> *)(?P<ticks>```+)(?P<language>[^\n`]*)\n(?P<code>.*?)^ *(?P=ticks) *$", re.M | re.S)
MARK = re.compile(r"<!-- (not run|exits \d|wrong on purpose): ([^>]+?) -->\s*\Z")
SAVED = re.compile(r"<!-- saved as: (\S+) -->\s*(?:<!-- [^>]+ -->\s*)?\Z")
LANGUAGES = {"python", "pycon", "sh", "console", "yaml", "json", "toml", "csv", "text", "mermaid"}


@dataclass(frozen=True)
class Block:
    """A fenced block: where it starts, its language, its code, and what the comments above it say."""

    document: str
    line: int
    language: str
    code: str
    mark: str = ""
    reason: str = ""
    saved: str = ""

    def __str__(self) -> str:
        return f"{self.document}:{self.line}"


def blocks(document: str, text: str) -> Iterator[Block]:
    """Every fenced block of a document, in order."""
    for fence in FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        indent = len(fence["indent"])
        code = "".join(row[indent:] if row.strip() else row for row in fence["code"].splitlines(keepends=True))
        above = text[: fence.start()]
        mark, saved = MARK.search(above), SAVED.search(above)
        said = mark.groups() if mark else ("", "")
        yield Block(document, line, fence["language"].strip(), code, *said, saved=saved[1] if saved else "")


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


ALL = [block for document in DOCUMENTS for block in blocks(document, read(document))]
YAML = [block for block in ALL if block.language == "yaml" and block.mark != "not run"]
RUN = {"python", "pycon", "sh", "console"}


# Blocks that run: one folder and one namespace a document, in the order of reading


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with what a reader has: the examples and the rules."""
    for name in ("examples", "rules", "adapters/TEMPLATE"):
        shutil.copytree(ROOT / name, tmp_path / name)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("document", sorted({block.document for block in ALL if block.language in RUN}))
@pytest.mark.usefixtures("folder")
def test_the_code_of_a_document_runs(document: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "zh_CN.UTF-8" if in_chinese(document) else "en_US.UTF-8")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "120")
    names: dict[str, object] = {"__name__": "__docs__"}
    for block in ALL:
        if block.document != document or block.mark == "not run":
            continue
        if block.saved:
            Path(block.saved).parent.mkdir(parents=True, exist_ok=True)
            Path(block.saved).write_text(block.code, encoding="utf-8")
        if block.language in RUN and not block.saved:
            run(block, names)


def in_chinese(document: str) -> bool:
    """By its name, or by its title."""
    return "zh-CN" in document or re.match(r"# [^\n]*[\u4e00-\u9fff]", read(document)) is not None


def run(block: Block, names: dict[str, object]) -> None:
    match block.language:
        case "python":
            exec(compile("\n" * block.line + block.code, block.document, "exec"), names)
        case "pycon":
            example = doctest.DocTestParser().get_doctest(block.code, names, str(block), block.document, block.line)
            example.globs = names
            assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(example, clear_globs=False).failed == 0
        case _:
            for command, shown in commands(block):
                printed = run_command(block, command)
                assert not shown or agrees(shown, printed), f"{block}: $ {command}\n{printed}"


def commands(block: Block) -> Iterator[tuple[str, str]]:
    """Each command of a shell block with the output shown under it (`console` only; there, commands follow a `$`)."""
    code = re.sub(r" *\\\n *", " ", block.code)
    if block.language == "sh":
        yield from ((line, "") for line in code.splitlines() if line.strip() and not line.startswith("#"))
        return
    for part in re.split(r"^\$ ", code, flags=re.M)[1:]:
        command, _, shown = part.partition("\n")
        yield command, shown


def run_command(block: Block, command: str) -> str:
    """What the command prints. Commands that set a machine up are not run: that what they name exists is checked."""
    words = shlex.split(command, comments=True)
    match words:
        case ["make", *targets]:
            made = set(re.findall(r"^([a-z]+):", read("Makefile"), re.M))
            assert set(targets) <= made, f"{block}: no such target: {command}"
            return ""
        case ["pip", "install", *wanted]:
            extras = tomllib.loads(read("pyproject.toml"))["project"]["optional-dependencies"]
            named = set(re.findall(r"[a-z]+", " ".join(re.findall(r"\[(.*?)\]", " ".join(wanted)))))
            assert named <= extras.keys(), f"{block}: no such extra: {command}"
            return ""
        case ["git", "clone", *_] | ["cd" | ".", _] | ["python3", "-m", "venv", _]:
            return ""
        case ["dunning" | "dunning-http" | "python" | "cat" | "head" | "ls" | "diff" | "cp" | "mkdir", *_]:
            done = subprocess.run(
                ["bash", "-c", command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120
            )
            wanted_code = int(block.mark.removeprefix("exits ")) if block.mark.startswith("exits") else 0
            assert done.returncode == wanted_code, f"{block}: $ {command}\nexit {done.returncode}\n{done.stdout}"
            return done.stdout
        case _:
            pytest.fail(
                f"{block}: `{command}` is none of the commands run here; mark the block `not run` with a reason"
            )


def agrees(shown: str, printed: str) -> bool:
    """Whether the output shown in a document is what was printed.

    A line `...` stands for any lines. How wide a table is does not count: a longer title elsewhere widens it.
    """
    wanted = [_narrow(line) for line in shown.strip("\n").splitlines()]
    pattern = r"\n".join("(?:.*\n)*?.*" if line == "..." else re.escape(line) for line in wanted)
    return re.fullmatch(pattern, "\n".join(map(_narrow, printed.strip("\n").splitlines()))) is not None


def _narrow(line: str) -> str:
    return re.sub(r"([─━])\1+| {2,}", lambda run: run[0][0], line) if line[:1] in "│┌├└┏┡" else line.rstrip()


# Rule files in documents

HEAD = {
    "rulebook": 'rulebook: example\ntitle: Example\nlanguage: 1\nversion: "1"\nlaw: cn\n',
    "规则书": '规则书: example\n标题: 示例\n语言版本: 1\n版本: "1"\n法律: cn\n',
}


@pytest.mark.parametrize("block", YAML, ids=str)
def test_the_rule_files_shown_load(block: Block, folder: Path) -> None:
    if re.search(r"^(cases|用例):", block.code, re.M):  # with the files saved before it
        assert [f"{each.at}: {each.message('en')}" for each in failures(block, folder)] == []
        return
    errors = rule_errors(block.code, folder)
    if block.mark == "wrong on purpose":
        assert {each.code for each in errors} == set(block.reason.replace(",", " ").split())
    else:
        assert [f"{each.at}: [{each.code}] {each.message('en')}" for each in errors] == []


def failures(block: Block, folder: Path) -> list[Finding]:
    """What is wrong with the cases shown, their differences included, beside the rule files saved before them."""
    for other in ALL:
        if other.document == block.document and other.line < block.line and other.saved:
            (folder / other.saved).parent.mkdir(parents=True, exist_ok=True)
            (folder / other.saved).write_text(other.code, encoding="utf-8")
    file = folder / (block.saved or "rules/cases/shown.yaml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(block.code, encoding="utf-8")
    report = run_cases([file])
    told = [
        Finding("M101", each.at, {"case": result.name, "why": f"{each.what.en}: {each.got.en}"})
        for result in report.results
        for each in result.differences
    ]
    return [*report.findings, *told]


def rule_errors(code: str, folder: Path) -> list[Finding]:
    """The errors in a rule file, or in a part of one, which is given the head it lacks."""
    whole = "rulebook|规则书|cases|law|community|小区|calendar|require_signed"
    head = "" if re.search(rf"^({whole}): ", code, re.M) else _head_for(code)
    file = folder / "rules" / "packs" / "shown.yaml"
    file.write_text(head + code, encoding="utf-8")
    return [finding for finding in dunning.check(file) if finding.severity == "error"]


def _head_for(code: str) -> str:
    chinese = re.match(r"[^\x00-\x7f]", code)
    return HEAD["规则书" if chinese else "rulebook"]


# The words of tests, as the tables of the documents put them

WORDS = [
    (document, row)
    for document in DOCUMENTS
    for table in re.findall(r"^\|.*(?:S-FEEL|机器写法) \|\n\|[-|]+\|\n((?:\|.*\n)+)", read(document), re.M)
    for row in table.splitlines()
]


@pytest.mark.parametrize(("document", "row"), WORDS)
def test_the_words_of_a_row_mean_the_same(document: str, row: str) -> None:
    cells = row.strip("|").split("|")
    chinese, feel = re.findall("`([^`]+)`", cells[0]), re.findall("`([^`]+)`", cells[-1])
    assert chinese
    assert feel
    meanings = {said: meaning(said, chinese[0]) for said in (*chinese, *feel)}
    assert len(set(meanings.values())) == 1, f"{document}: {meanings}"


def meaning(said: str, beside: str) -> str:
    """A test without its written form, read as a test on the kind of fact that `beside` speaks of."""
    at = Span("", 1, 1, 1)
    test, findings = read_test(said, _type_in(beside), at, "fact", Text("事实", "fact"))
    assert findings == []
    return re.sub(r"(, )?written=('[^']*'|\([^)]*\))", "", repr(test))


def _type_in(said: str) -> Type:
    kinds: dict[str, FactKind] = {"元": "money", "月": "months", "天": "days", "是": "boolean", "否": "boolean"}
    for unit, fact_kind in kinds.items():
        if unit in said and "S" not in said:
            return Type(fact_kind)
    words = {word: Text(word, word) for word in ("S", "A", "B", "vip")}
    return Type("set", words) if "vip" in said else Type("choice", words)


# Names, codes and links in documents


@pytest.mark.parametrize("block", ALL, ids=str)
def test_every_block_says_what_it_is_and_is_well_formed(block: Block) -> None:
    assert block.language in LANGUAGES, f"{block}: write one of {sorted(LANGUAGES)} after the ticks"
    assert "\t" not in block.code
    if block.mark == "wrong on purpose":
        return
    match block.language:
        case "json":
            json.loads(block.code)
        case "toml":
            tomllib.loads(block.code)
        case "csv":
            assert len({len(row) for row in csv.reader(block.code.splitlines())}) == 1


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    text = FENCE.sub("", read(document))
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", path):
            continue
        linked = (ROOT / document).parent / path if path else ROOT / document
        if not linked.exists() or (anchor and anchor not in anchors(linked.read_text(encoding="utf-8"))):
            broken.append(target)
    assert broken == []


def anchors(text: str) -> set[str]:
    """The anchors that a Markdown viewer makes of headings."""
    titles = (title for _, title in headings(text))
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


def headings(text: str) -> list[tuple[int, str]]:
    """Level and words of each heading, code left out."""
    found = re.findall(r"^(#+) (.+)$", FENCE.sub("", text), re.M)
    return [(len(marks), title) for marks, title in found]


@pytest.mark.parametrize("document", DOCUMENTS)
def test_codes_and_commands_named_exist(document: str) -> None:
    text = read(document)
    codes = {entry.code for entry in catalogue()}
    assert set(re.findall(r"\[([A-Z]\d{3})\]", text)) <= codes
    group = typer.main.get_command(app)
    known = getattr(group, "commands", {})
    options = {option for command in known.values() for each in command.params for option in each.opts}
    for words in re.findall(r"`dunning ([^`]+)`", FENCE.sub("", text)):
        command, *rest = words.split()
        assert command in known or command.startswith("-"), f"no command `dunning {command}`"
        assert {word for word in rest if word.startswith("--")} <= options, words


@pytest.mark.parametrize("path", sorted(reference.PAGES))
def test_generated_pages_are_fresh(path: str) -> None:
    """They say what the code says; `make reference` writes them anew."""
    assert read(path) == reference.PAGES[path]()


def test_every_finding_code_is_explained_in_both_languages() -> None:
    page = read("docs/reference/findings.md")
    for entry in catalogue():
        assert f"`{entry.code}`" in page
        assert kind(entry.code).message.zh
        assert kind(entry.code).message.en


@pytest.mark.parametrize("chinese_page", [each for each in DOCUMENTS if each.endswith(".zh-CN.md")])
def test_two_languages_tell_the_same(chinese_page: str) -> None:
    """Sections, commands and code in the same order; only the words differ."""
    english, chinese = read(chinese_page.replace(".zh-CN.md", ".md")), read(chinese_page)
    assert [level for level, _ in headings(english)] == [level for level, _ in headings(chinese)]
    assert [_bare(block) for block in blocks("", english)] == [_bare(block) for block in blocks("", chinese)]


def _bare(block: Block) -> tuple[str, list[str]]:
    """A block without its comments, its blanks, and which language it asks for; of a `console`, the commands alone."""
    if block.language == "console":
        return block.language, [re.sub(r" --lang (zh|en)", "", command) for command, _ in commands(block)]
    if block.language == "text":
        return block.language, []
    lines = (re.sub(r"(^| +)#.*$| --lang (zh|en)", "", line) for line in block.code.splitlines())
    return block.language, [re.sub(r'"(zh|en)"', '""', line) for line in lines if line.strip()]


# The guards themselves, each seen to fail once

SAMPLE = """\
# Title

```python
x = 1
```

  <!-- saved as: a.txt -->
  <!-- exits 1: rejected rows -->
  ```console
  $ dunning assess \\
      here
  one
  ```
```
no language
```
"""


def test_blocks_are_found_with_place_mark_and_code() -> None:
    first, second, third = blocks("a.md", SAMPLE)
    assert (str(first), first.language, first.code, first.mark) == ("a.md:3", "python", "x = 1\n", "")
    assert (str(second), second.mark, second.reason) == ("a.md:9", "exits 1", "rejected rows")
    assert (first.saved, second.saved) == ("", "a.txt")
    assert list(commands(second)) == [("dunning assess here", "one\n")]
    assert third.language == ""


def test_a_failing_block_is_caught_at_its_line() -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        run(Block("a.md", 3, "python", "y = 1\ny / 0\n"), {})
    assert caught.traceback[-1].lineno + 1 == 5
    with pytest.raises(AssertionError):
        run(Block("a.md", 3, "pycon", ">>> 1 + 1\n3\n"), {})


@pytest.mark.parametrize(
    "command", ["make nothing", 'pip install "dunning[nothing]"', "dunning nothing", "ls nothing", "rm -rf out"]
)
def test_a_command_that_cannot_be_is_caught(command: str) -> None:
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        run(Block("a.md", 3, "sh", command + "\n"), {})


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb\n", "a\nb\n", True),
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\nc\n", "a\nb\n", False),
        ("a\n", "a\nb\n", False),
        ("│ a │ 1 │\n", "│ a    │   1 │\n", True),
        ("│ a │ 1 │\n", "│ a    │   2 │\n", False),
    ],
)
def test_shown_output_is_compared(shown: str, printed: str, *, same: bool) -> None:
    assert agrees(shown, printed) is same


def test_two_meanings_are_not_one() -> None:
    assert meaning("1万元以上", "1万元") != meaning("超过1万元", "1万元")
    assert meaning("S、A", "S") != meaning("非 S、A", "S")


def test_a_case_that_fails_is_caught(folder: Path) -> None:
    block = next(block for block in YAML if block.document == "rules/README.md" and "\ncases:" in block.code)
    wrong = replace(block, code=block.code.replace("late_fee: 35.83", "late_fee: 35.84"))
    assert [finding.code for finding in failures(wrong, folder)] == ["M101"]


def test_a_wrong_rule_file_is_caught(folder: Path) -> None:
    assert rule_errors("tables:\n  t: {output: [A], rows: [{when: {arears: 超过1元}, then: A}]}\n", folder)
