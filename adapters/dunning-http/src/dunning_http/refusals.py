"""A request that is not as described, told as findings: which field, why, and in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi.exceptions import RequestValidationError

from dunning import Finding, Pointer, Text
from dunning_http.problems import Problem

_WHY: Mapping[str, Text] = {
    "one_of": Text("account 和 accounts 要写其中一个", "give either `account` or `accounts`"),
    "string_type": Text("应是文字", "it should be text"),
    "string_unicode": Text("应是能用 UTF-8 写出的文字", "it should be text that UTF-8 can hold"),
    "string_too_short": Text("不能是空的", "it is empty"),
    "string_too_long": Text("太长", "it is too long"),
    "bool_type": Text("应是 true 或 false", "it should be true or false"),
    "list_type": Text("应是列表 [...]", "it should be a list [...]"),
    "too_short": Text("至少要有一项", "it needs one entry at least"),
    "too_long": Text("太多", "it has too many entries"),
    "dict_type": Text("应是对象 {...}", "it should be an object {...}"),
    "model_type": Text("应是对象 {...}", "it should be an object {...}"),
    "model_attributes_type": Text("应是对象 {...}", "it should be an object {...}"),
}


def from_validation(error: RequestValidationError) -> Problem:
    """The problem of a request that FastAPI refused."""
    findings = [_finding(fault) for fault in error.errors()]
    words = Text(f"有 {len(findings)} 处不合接口的约定", f"{len(findings)} places are not as described")
    return Problem("not-as-described", words, findings=findings)


def _finding(fault: Mapping[str, Any]) -> Finding:
    where = tuple(part for part in fault["loc"][1:] if part != "[key]")
    at = Pointer(where)
    field = _named(where)
    match fault["type"]:
        case "missing":
            return Finding("H102", at, {"field": field})
        case "extra_forbidden":
            return Finding("H103", at, {"field": field})
        case "string_pattern_mismatch" if where[-1:] in (("on",), ("since",), ("until",), ("pays_on",)):
            why = Text("应是日期, 如 2026-11-22", "it should be a day, like 2026-11-22")
        case "string_pattern_mismatch" if where[:1] == ("place",):
            why = Text("应是地区, 如 CN-3301", "it should be a place, like CN-3301")
        case "string_pattern_mismatch":
            why = Text(
                "应是规则文件夹里的文件名, 如 packs/residential.yaml", "it should be like packs/residential.yaml"
            )
        case kind:
            why = _WHY.get(kind, Text(fault["msg"], fault["msg"]))
    return Finding("H104", at, {"field": field, "why": why})


def _named(where: tuple[str | int, ...]) -> Text:
    if not where:
        return Text("请求体", "the body")
    name = ".".join(map(str, where)).encode("utf-8", "replace").decode()
    return Text(f"“{name}”", f"`{name}`")
