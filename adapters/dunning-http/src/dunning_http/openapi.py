"""The OpenAPI document: FastAPI's, with the library's schemas in their places, and the limits this service has."""

from __future__ import annotations

import json
from typing import Any, Literal

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

import dunning
from dunning_http import models
from dunning_http.settings import Settings

HERE = "#/components/schemas/"
_PUBLISHED: tuple[Literal["account", "assessment", "verdict", "timeline"], ...] = (
    "account", "assessment", "verdict", "timeline",
)  # fmt: skip
_WRITTEN = (models.ProblemDetails, models.AssessMany, models.Explained, models.ExplainMany, models.May)
"""What routes answer as text of their own making, so that FastAPI does not know of it."""


def published() -> dict[str, Any]:
    """The library's schemas by name, as parts of an OpenAPI document."""
    found: dict[str, Any] = {}
    for name in _PUBLISHED:
        text = json.dumps(dunning.json_schema(name)["$defs"], ensure_ascii=False)
        found |= json.loads(text.replace("#/$defs/", HERE))
    return found


def _own() -> dict[str, Any]:
    """Those of answers that routes write as text."""
    _, own = models_json_schema([(model, "serialization") for model in _WRITTEN], ref_template=HERE + "{model}")
    return dict(own["$defs"])


def describe(app: FastAPI, settings: Settings) -> dict[str, Any]:
    """The document of an application."""
    document: dict[str, Any] = get_openapi(
        title=app.title, version=app.version, description=app.description, routes=app.routes, tags=app.openapi_tags
    )
    schemas = document["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):  # FastAPI's own errors, which are never sent
        schemas.pop(name, None)
    document["components"]["schemas"] = dict(sorted((_own() | schemas | published()).items()))
    document = _placed(document)
    schemas = document["components"]["schemas"]
    for name in ("AssessRequest", "ExplainRequest"):
        schemas[name]["properties"]["accounts"]["maxItems"] = settings.max_accounts
    if settings.keys is None:
        for path in document["paths"].values():
            for operation in path.values():
                operation.pop("security", None)
                for status in ("401", "403"):
                    operation["responses"].pop(status, None)
    else:
        document["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    return document


def _placed(part: Any) -> Any:
    """Every mark replaced by the reference it stands for."""
    if isinstance(part, dict):
        if models.SHAPE in part:
            return {"$ref": HERE + part[models.SHAPE], **{key: part[key] for key in part if key != models.SHAPE}}
        return {key: _placed(value) for key, value in part.items()}
    return [_placed(each) for each in part] if isinstance(part, list) else part
