"""`dunning fmt` as a reviewer meets it: what is changed, shown, mended and left; what the rules mean stays."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dunning.check.cases import run_cases
from dunning.check.tidy import tidied
from dunning.cli.main import app
from dunning.lang.folder import load_folder
from dunning.lang.library import yaml_files
from dunning.lang.text.keys import ALIAS, Keys

RULES = Path(__file__).resolve().parent.parent / "rules"


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the shipped rules as `rules` of the working folder."""
    shutil.copytree(RULES, tmp_path / "rules")
    monkeypatch.chdir(tmp_path)
    return Path("rules")


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["fmt", *words, "--lang", "zh"])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.output


def write(text: str, name: str = "a.yaml") -> Path:
    Path(name).write_text(text, encoding="utf-8")
    return Path(name)


def meanings(rules: Path) -> dict[str, str]:
    """The digests of everything in a folder."""
    folder = load_folder(rules, draft=True)
    return {
        **{book.name: book.meaning for book in folder.books},
        **{pack.file: pack.digest for book in folder.books for pack in book.laws},
        "calendar": folder.books[0].calendar.digest,
    }


def answers(rules: Path) -> tuple[bool, int]:
    report = run_cases(sorted((rules / "cases").glob("*.yaml")))
    return report.passed, len(report.results)


# The shipped rules


def test_the_shipped_rules_are_laid_out() -> None:
    code, said = run("--check", str(RULES))

    assert (code, said.splitlines()[-1].split(", ")[1]) == (0, "要改 0 个")


@pytest.mark.usefixtures("rules")
def test_laying_out_mangled_rules_leaves_their_meaning() -> None:
    rules = Path("rules")
    before, passed = meanings(rules), answers(rules)
    files = {path: path.read_bytes() for path in yaml_files(rules)}
    for path in files:
        path.write_text(mangled(path.read_text(encoding="utf-8")), encoding="utf-8")

    code, said = run()

    assert (code, said) == (0, f"{len(files)} 个文件, 改了 {len(files)} 个\n")
    assert {path: path.read_bytes() for path in files} == files
    assert (meanings(rules), answers(rules)) == (before, passed)
    assert run()[1] == f"{len(files)} 个文件, 改了 0 个\n"


def mangled(text: str) -> str:
    """With blanks at the ends of lines, grids out of line, and no line end after the last line."""
    lines, inside = [], False
    for line in text.splitlines():
        inside = line.endswith("grid: |") or (inside and "|" in line)
        if inside and "|" in line and not line.endswith("grid: |"):
            lines.append(re.sub(r" *\| *", "|", line[:6]) + re.sub(r" *\| *", " |", line[6:]))
        else:
            lines.append(f"{line}  " if not line or line[-1] != "|" else line)
    return "\n".join(lines)


# Keys


@pytest.mark.usefixtures("rules")
def test_keys_turn_into_chinese_and_back_and_the_meaning_stays() -> None:
    rules = Path("rules")
    before, passed = meanings(rules), answers(rules)
    files = {path: path.read_bytes() for path in yaml_files(rules)}

    assert run("--keys", "zh")[0] == 0
    chinese = {path: path.read_bytes() for path in files}
    assert (meanings(rules), answers(rules)) == (before, passed)
    left = {word for text in chinese.values() for word in re.findall(r"^(\w+):", text.decode(), re.M)}
    assert not left & ALIAS.keys()

    assert run("--keys", "en")[0] == 0
    assert {path: path.read_bytes() for path in files} == files


BOOK = """\
rulebook: x  # rulebook
title: 标题
language: 1
version: "1"
facts: {source: {type: [title, rate], title: 来源, from: attributes.title}}
tables:
  cap:
    title: 表
    output: {title: 标题, rate: 费率}
    hit: first
    rows:
      - {when: {any: [{source: title}, {not: {来源: title}}]}, then: title}
      - {else: rate}
"""


def test_ids_facts_and_titles_that_are_spelled_like_keys_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(BOOK)

    assert run("a.yaml", "--keys", "zh") == (0, "1 个文件, 改了 1 个\n")
    assert (
        Path("a.yaml").read_text(encoding="utf-8")
        == """\
规则书: x  # rulebook
标题: 标题
语言版本: 1
版本: "1"
事实: {source: {类型: [title, rate], 标题: 来源, 从: attributes.title}}
表:
  cap:
    标题: 表
    输出: {title: 标题, rate: 费率}
    命中: first
    行:
      - {条件: {任一: [{source: title}, {并非: {来源: title}}]}, 结果: title}
      - {否则: rate}
"""
    )


@pytest.mark.parametrize("keys", ["zh", "en"])
def test_a_file_that_cannot_be_read_whole_keeps_its_keys(
    keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write(BOOK.replace("hit: first", "hitt: first") + "unheard_of: 1\n")

    file = tidied(path, keys=keys)

    assert {found.code for found in file.findings} == {"R101"}
    assert not file.changed


# Files with mistakes

SLIPS = """\
rulebook: x
标题：分级
late_fee: {rate: {2021-01-01:0.5‰ per day}， items: [property_fee]}
places: [0371]
""".replace("\n", "\r\n")


def test_a_file_with_mistakes_is_told_and_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write("title: 好 \n", "b.yaml")
    path = write("标题：分级 \n")

    code, said = run("a.yaml", "b.yaml")

    assert code == 1
    assert "a.yaml:1:3 [Y108]" in said
    assert said.endswith("2 个文件, 改了 1 个; 1 个还有错误, 要自己改好\n")
    assert path.read_text(encoding="utf-8") == "标题：分级 \n"


def test_fix_mends_them_and_shows_each_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("a.yaml")
    path.write_bytes(SLIPS.encode())

    assert run("--fix", "a.yaml")[1].startswith(
        """\
a.yaml:2
  原来  标题：分级
  改成  标题: 分级
a.yaml:3
  原来  late_fee: {rate: {2021-01-01:0.5‰ per day}， items: [property_fee]}
  改成  late_fee: {rate: {2021-01-01: 0.5‰ per day}, items: [property_fee]}
"""
    )
    assert path.read_bytes().decode() == (
        "rulebook: x\r\n标题: 分级\r\n"
        'late_fee: {rate: {2021-01-01: 0.5‰ per day}, items: [property_fee]}\r\nplaces: ["0371"]\r\n'
    )


def test_fix_fails_while_errors_are_left(rules: Path) -> None:
    pack = rules / "packs" / "residential.yaml"
    good = pack.read_text(encoding="utf-8")
    pack.write_text(good.replace("    hit: first", "\thit: first", 1), encoding="utf-8")
    line = good[: good.index("    hit: first")].count("\n") + 1
    assert run("--fix", str(pack)) == (
        0, f"{pack}:{line}\n  原来  →hit: first\n  改成      hit: first\n1 个文件, 改了 1 个\n"
    )  # fmt: skip
    assert pack.read_text(encoding="utf-8") == good

    pack.write_text(good.replace("    hit: first", "    hit：frist", 1), encoding="utf-8")
    code, said = run("--fix", str(pack))

    assert (code, "frist" in said, said.endswith("1 个文件, 改了 1 个; 1 个还有错误, 要自己改好\n")) == (1, True, True)


def test_fix_leaves_a_tab_between_two_levels_and_says_so(rules: Path) -> None:
    pack = rules / "packs" / "residential.yaml"
    good = pack.read_text(encoding="utf-8")
    last = "    covers: [C.4, P.5]\n"
    assert good.count(last) == 1
    pack.write_text(good.replace(last, f"\t{last.lstrip()}"), encoding="utf-8")
    before = pack.read_bytes()

    code, said = run("--fix", str(pack))

    assert (code, pack.read_bytes()) == (1, before)
    assert "[Y114] 行首用了制表符 (Tab), 只能用空格缩进; 应是 0 格还是 4 格, 要看它属于哪一层" in said


def test_check_says_how_many_slips_fix_would_mend(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(f"{SLIPS}places: [1]\n")

    done = CliRunner().invoke(app, ["check", "a.yaml", "--lang", "zh"])

    assert "[Y110]" in done.output
    assert done.output.endswith("其中 3 处笔误, dunning fmt --fix 可以一次改完\n")


def test_what_fix_cannot_mend_is_told_and_the_rest_is_mended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write("标题：分级\na: 1 \na: 2\n")

    code, said = run("--fix", "a.yaml")

    assert code == 1
    assert "[Y110]" in said
    assert "[Y108]" not in said
    assert path.read_text(encoding="utf-8") == "标题: 分级\na: 1 \na: 2\n"


def test_a_file_that_is_no_text_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_bytes("标题: 分级\n".encode("gb18030"))

    code, said = run("--fix", "a.yaml")

    assert code == 1
    assert "[Y120]" in said


# Showing


def test_check_and_diff_show_a_patch_and_write_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = write("a: no\nb: 1")
    patch = """\
--- a.yaml
+++ a.yaml
@@ -1,2 +1,2 @@
-a: no
-b: 1
\\ No newline at end of file
+a: "no"
+b: 1
1 个文件, 要改 1 个
"""

    assert run("--check", "a.yaml") == (1, patch)
    assert run("--diff", "a.yaml") == (0, patch)
    assert path.read_text(encoding="utf-8") == "a: no\nb: 1"


@pytest.mark.parametrize(("words", "said"), [((), "这里没有 rules"), (("none.yaml",), "“none.yaml”不是文件或文件夹")])
def test_without_a_file_what_is_wanted_is_told(
    words: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(app, ["fmt", *words])

    assert said in str(getattr(done.exception, "message", ""))
