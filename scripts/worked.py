"""docs/reference/assessment.md: worked examples run through the code, and every field of them described.

What the examples show is what a program will read, so a field nobody described, or a description without its field,
stops the page from being written.
"""

from __future__ import annotations

import json
import re
import tempfile
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dunning
from dunning.output.sums import FEE_REASONS
from dunning.output.why import CODES

SOURCE = Path(__file__).with_name("assessment.toml")
OPEN = {"facts"}
"""Objects whose keys are names of the rules: every value is described once, as `*`."""
WIDTH = 118
STEPS = {
    "actions": "今天要做的",
    "withheld": "今天不做的",
    "shortfalls": "没有做到的次数",
    "deadlines": "期限",
}

Described = Mapping[str, tuple[str, str]]


def page(made: str) -> str:
    """The whole page; `made` is the comment that says who writes it."""
    told = tomllib.loads(SOURCE.read_text(encoding="utf-8"))
    book = _book(told["rules"])
    account = json.loads(told["account"])
    clear = _assessed(account, book, told["on"])
    doubtful = _assessed({**account, "contract": {"kind": "committee"}, "attributes": {}}, book, told["on"])
    told_late = {"late_fee": doubtful["charges"][0]["late_fee"]}
    in_doubt = {**told_late, "facts": doubtful["facts"], "grades": {"care": doubtful["grades"]["care"]}}
    shown = [clear, doubtful]
    charges = [charge for one in shown for charge in one["charges"]]
    grades = [grade for one in (*shown, *charges) for grade in one["grades"].values()]
    parts = [
        "# The assessment · 评估结果\n",
        made,
        told["intro"].lstrip("\n"),
        "## An example · 示例\n",
        "The rules:\n",
        _fenced("yaml", told["rules"]),
        "The account:\n",
        _fenced("json", told["account"]),
        f"The assessment on {told['on']}, with line breaks for reading:\n",
        _fenced("json", _pretty(clear)),
        "## The account · 一户\n",
        _table(told["account_fields"], shown, without=("charges", "grades", *STEPS)),
        "## `charges[]` · 账单\n",
        _table(told["charge_fields"], charges, without=("grades",)),
        "Why a late fee is what it is (`late_fee.why`):\n",
        *(f"- `{code}`: {reason.zh} · {reason.en}" for code, reason in FEE_REASONS.items()),
        "\n## `grades.*` · 表的结果\n",
        _table(told["grade_fields"], grades, without=()),
        *(part for name, title in STEPS.items() for part in _section(name, title, told, shown)),
        "## `because[]` · 原因\n",
        told["because"].lstrip("\n"),
        _table(told["because_fields"], _reasons(shown), without=("value",)),
        "The codes of what is withheld, in their order (`withheld[].codes`):\n",
        *(f"- `{code}`: {words.zh} · {words.en}" for code, words in CODES.items()),
        "",
        "## What cannot be told · 无法确定",
        told["in_doubt"],
        _fenced("json", _pretty(in_doubt)),
        "## Beside it · 另外几个文件",
        told["beside"].rstrip("\n"),
    ]
    return "\n".join(parts) + "\n"


def _section(name: str, title: str, told: Mapping[str, Any], shown: list[dict[str, Any]]) -> Iterator[str]:
    yield f"## `{name}[]` · {title}\n"
    yield _table(told[f"{name}_fields"], [each for one in shown for each in one[name]], without=("because",))


def _reasons(shown: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [reason for one in shown for name in STEPS for each in one[name] for reason in each.get("because", ())]


def _book(text: str) -> dunning.RuleBook:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "example.yaml"
        file.write_text(text.lstrip("\n"), encoding="utf-8")
        return dunning.load(file)


def _assessed(account: dict[str, Any], book: dunning.RuleBook, on: Any) -> dict[str, Any]:
    text = dunning.to_json(dunning.assess(dunning.read_account(account), book, on=on))
    data: dict[str, Any] = json.loads(re.sub(r"sha256:[0-9a-f]+", "sha256:...", text))
    return data


def _fenced(language: str, text: str) -> str:
    return f"```{language}\n{text.strip()}\n```\n"


def _table(described: Described, examples: list[dict[str, Any]], *, without: tuple[str, ...]) -> str:
    seen = dict.fromkeys(path for example in examples for path in _paths(example, without))
    if missing := seen.keys() - described.keys():
        raise LookupError(f"{SOURCE.name} does not describe {', '.join(sorted(missing))}")
    if idle := described.keys() - seen.keys():
        raise LookupError(f"{SOURCE.name} describes what no example has: {', '.join(sorted(idle))}")
    rows = (f"| `{path}` | {zh} | {en} |" for path, (zh, en) in described.items())
    return "| field | 字段 | what it is |\n|---|---|---|\n" + "\n".join(rows) + "\n"


def _paths(value: Any, without: tuple[str, ...], at: str = "") -> Iterator[str]:
    """The paths of all fields in a value, lists as `[]`, the values of open objects as `*`."""
    if isinstance(value, list):
        for item in value:
            yield from _paths(item, (), f"{at}[]")
    elif isinstance(value, dict):
        for key, inner in value.items():
            path = f"{at}.{'*' if at in OPEN else key}".removeprefix(".")
            yield path
            if key not in without:
                yield from _paths(inner, (), path)


def _pretty(value: Any, depth: int = 0, label: int = 0) -> str:
    """JSON with a line for what fits one; `label` is the width of what stands before it."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + depth + label <= WIDTH or not isinstance(value, dict | list) or not value:
        return flat
    if isinstance(value, list):
        parts, (opening, closing) = [_pretty(item, depth + 1) for item in value], "[]"
    else:
        parts = [f'"{key}": {_pretty(item, depth + 1, len(key) + 4)}' for key, item in value.items()]
        opening, closing = "{}"
    inside = " " * (depth + 1)
    return opening + "\n" + ",\n".join(inside + part for part in parts) + "\n" + " " * depth + closing
