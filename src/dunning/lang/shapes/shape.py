"""The shape of rule files as a JSON Schema, for completion, hover and checking in any editor that speaks YAML.

Reading itself is `lang.read`, which knows places; a test holds the keys of both together. Every key stands in the
schema in both spellings, with its meaning in Chinese.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from dunning.basis.finding import Text
from dunning.engine.known.catalogue import CATALOGUE
from dunning.lang.shapes.shape_book import Approval, Book, Channels, Community, LateFee, Settings, Table
from dunning.lang.shapes.shape_law import Calendar, Law, Penalty
from dunning.lang.shapes.shape_parts import TEST
from dunning.lang.text.keys import ALIAS

KINDS: Mapping[str, type[BaseModel]] = {"rulebook": Book, "community": Community, "law": Law, "calendar": Calendar}
"""Each kind of file by the key it begins with."""

_PARTS: tuple[type[BaseModel], ...] = (*KINDS.values(), Settings, LateFee, Table, Channels, Approval, Penalty)


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 7) of all rule files: which kind a file is, its first key says."""
    _, drawn = models_json_schema([(part, "validation") for part in _PARTS], by_alias=True)
    shapes = {name: _bilingual(_refs(shape)) for name, shape in drawn["$defs"].items()}
    shapes["Condition"] = _condition()
    kinds = [
        {"if": _has(key), "then": {"$ref": f"#/definitions/{shape.__name__}"}}
        for key, shape in KINDS.items()
        if key != "law"
    ]
    a_law = {"allOf": [_has("law"), _has("layer")], "not": _has("rulebook")}
    settings = {"anyOf": [_has("require_signed"), _has("sign_by")]}
    cases = {"not": {"required": ["cases"]}}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "催缴规则",
        "description": "规则书、小区规则、法律文件、日历和文件夹设置. 由 dunning schema 生成, 不要手改",
        "type": "object",
        "if": cases,
        "then": {
            "allOf": [
                *kinds,
                {"if": a_law, "then": {"$ref": "#/definitions/Law"}},
                {"if": settings, "then": {"$ref": "#/definitions/Settings"}},
            ]
        },
        "definitions": dict(sorted(shapes.items())),
    }


def schema_text() -> str:
    """The schema as rules/schema.json has it."""
    return json.dumps(schema(), ensure_ascii=False, indent=1) + "\n"


def _has(key: str) -> dict[str, Any]:
    """A file that has a key, in either spelling."""
    return {"anyOf": [{"required": [key]}, {"required": [ALIAS[key]]}]} if key in ALIAS else {"required": [key]}


def _refs(shape: Any) -> Any:
    """`x-ref` and `$defs` as references of draft 7; what a key is by default is left to the reader."""
    if isinstance(shape, dict):
        if "properties" in shape:
            properties = {key: _refs(inner) for key, inner in shape["properties"].items()}
            return {**_refs(_without(shape, "properties")), "properties": properties}
        if "x-ref" in shape:
            told = {"description": shape["description"]} if "description" in shape else {}
            return {"allOf": [{"$ref": f"#/definitions/{shape['x-ref']}"}], **told}
        return {key: _refs(inner) for key, inner in shape.items() if key != "default"}
    if isinstance(shape, list):
        return [_refs(inner) for inner in shape]
    return shape.replace("#/$defs/", "#/definitions/") if isinstance(shape, str) else shape


def _bilingual(shape: dict[str, Any]) -> dict[str, Any]:
    """The same section with every key in both spellings; a key that is required may come in either.

    Any other may have `null` for its value, which says the same as leaving it out.
    """
    properties = {}
    for key, inner in shape.get("properties", {}).items():
        alias = ALIAS.get(key, key)
        drawn = inner if "$ref" not in inner else {"allOf": [{"$ref": inner["$ref"]}], **_without(inner, "$ref")}
        drawn = drawn if key in shape.get("required", ()) else _or_null(drawn)
        for spelled, other in ((key, alias), (alias, key)):
            properties[spelled] = {**drawn, "title": other}
    required = [_has(key) for key in shape.get("required", [])]
    drawn = {**_without(shape, "required", "title"), "properties": properties}
    return {**drawn, "allOf": required} if required else drawn


def _or_null(shape: dict[str, Any]) -> dict[str, Any]:
    """The same shape, or nothing; its title and description stay on top, where hovering finds them."""
    told: dict[str, Any] = {key: shape[key] for key in ("title", "description") if key in shape}
    bare = _without(shape, *told)
    nothing = {"type": "null"}
    match bare:
        case {"type": str() as kind, **rest} if "enum" not in rest:
            return {**told, **rest, "type": [kind, "null"]}
        case {"type": [*kinds], **rest} if "enum" not in rest:
            return {**told, **rest, "type": [*kinds, *({"null"} - set(kinds))]}
        case {"anyOf": [*either], **rest} if not rest:
            return {**told, "anyOf": [*either, nothing]}
        case {"allOf": [ref], **rest} if not rest:
            return {**told, "anyOf": [ref, nothing]}
    return {**told, "anyOf": [bare, nothing]}


def _without(shape: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in shape.items() if key not in keys}


def _condition() -> dict[str, Any]:
    """Facts by id and by Chinese title, `any` and `not`; a book's own facts and tables are other keys."""
    nested = {"$ref": "#/definitions/Condition"}
    facts: dict[str, Any] = {}
    for fact in CATALOGUE.values():
        drawn = {"title": fact.title.zh, "description": fact.definition.zh, **TEST}
        facts[fact.id] = drawn
        facts[fact.title.zh] = {**drawn, "title": fact.id}
    either: dict[str, Text] = {"any": Text("满足其一", ""), "not": Text("不满足", "")}
    for key, told in either.items():
        inner = {"type": "array", "items": nested} if key == "any" else {"allOf": [nested]}
        for spelled in (key, ALIAS[key]):
            facts[spelled] = {**inner, "description": told.zh}
    return {
        "type": "object",
        "description": "事实: 条件; 全部满足才算",
        "properties": facts,
        "additionalProperties": TEST,
    }
