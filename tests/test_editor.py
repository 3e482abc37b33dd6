"""rules/schema.json in an editor: a real YAML language server offers our keys, explains them in Chinese, marks others.

Both ways to tie a file to the schema are tried: the settings of a workspace, and the first line of the file itself.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from editors import Editor, File, installed, opened_on

RULES = Path(__file__).resolve().parent.parent / "rules"
FILES = sorted(path.relative_to(RULES).as_posix() for path in RULES.rglob("*.yaml"))

BOOK = """\
规则书: shop
标题: 商铺物业费规则
语言版本: 1
表:
  warning_level:
    标题: 三级预警
    输出: {yellow: 一级, red: 三级}
    命中: 首个
    行:
      - {条件: {逾期天数: 45天以上}, 结果: red}
      - 标题: 满15天
        %s
提醒:
  - 步骤: due_notice
    动作: send_notice
    渠道: {依次: [sms]}
"""
NUMBERS = count(1)
MODELINE = "# yaml-language-server: $schema=../rules/schema.json\n"


@pytest.fixture(scope="module")
def editor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Editor]:
    """An editor on a copy of the shipped rules, set as rules/README.md says."""
    command = installed(tmp_path_factory.mktemp("server"))
    folder = tmp_path_factory.mktemp("workspace").resolve()
    shutil.copytree(RULES, folder / "rules")
    shown = re.search(r'^{"yaml\.schemas".*$', (RULES / "README.md").read_text(encoding="utf-8"), re.M)
    assert shown is not None
    schemas = json.loads(shown.group())["yaml.schemas"]
    settings = {
        "schemas": schemas,
        "schemaStore": {"enable": False},
        "validate": True,
        "hover": True,
        "completion": True,
    }
    with opened_on(folder, command, settings) as started:
        yield started


def opened(editor: Editor, place: str, text: str) -> File:
    """A new rule file where the settings name the schema, or elsewhere, where it does so itself."""
    return editor.open(f"{place}/shop-{next(NUMBERS)}.yaml", (MODELINE if place == "elsewhere" else "") + text)


@pytest.mark.parametrize("place", ["rules/packs", "elsewhere"])
def test_keys_of_a_row_are_offered_with_what_they_mean(editor: Editor, place: str) -> None:
    offered = opened(editor, place, BOOK % "结").completions("        结")

    assert offered["结果"] == "结果; 可以按起始日期写"
    assert offered["条件"] == "条件: 全部满足才算"
    assert {"then", "when", "否则"} <= offered.keys()
    assert not {"标题", "步骤", "命中", "规则书"} & offered.keys()  # written already, or of another place


def test_words_of_a_closed_set_are_offered(editor: Editor) -> None:
    offered = opened(editor, "rules/packs", (BOOK % "结果: yellow").replace("首个", "首")).completions("命中: 首")

    assert {"首个", "first", "求和"} <= offered.keys()


@pytest.mark.parametrize("place", ["rules/packs", "elsewhere"])
@pytest.mark.parametrize(
    ("on", "said"),
    [
        ("命中", "几行都符合时怎么算"),
        ("步骤", "步骤的编号"),
        ("逾期天数", "最早欠费到期日至今的天数"),
        ("规则书", "规则书的名字"),
    ],
)
def test_a_key_is_explained_in_chinese(editor: Editor, place: str, on: str, said: str) -> None:
    assert said in opened(editor, place, BOOK % "结果: yellow").hover(on)


@pytest.mark.parametrize("place", ["rules/packs", "elsewhere"])
def test_a_wrong_key_is_marked_where_it_stands(editor: Editor, place: str) -> None:
    file = opened(
        editor, place, (BOOK % "结果: yellow").replace("步骤: due_notice", "步骤: due_notice\n    标签: 通知")
    )

    (line, said), *more = file.mistakes()
    assert more == []
    assert file.lines[line - 1] == "    标签: 通知"
    assert "标签" in said


def test_nothing_is_marked_in_the_shipped_rules(editor: Editor) -> None:
    assert FILES
    marked = {
        name: editor.open(f"rules/{name}", (RULES / name).read_text(encoding="utf-8")).mistakes() for name in FILES
    }

    assert {name: mistakes for name, mistakes in marked.items() if mistakes} == {}
