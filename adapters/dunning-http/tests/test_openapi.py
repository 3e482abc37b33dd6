"""The OpenAPI document: complete, typed, in agreement with the library; schemathesis finds nothing by it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, settings
from schemathesis import Case

import dunning
from dunning_http import Settings, create_app
from dunning_http.models import Answer, Request
from dunning_http.openapi import published

ROOT = Path(__file__).resolve().parents[3]
QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]

app = create_app(Settings(watch_seconds=0, max_accounts=3, max_timeline_days=60))
api = schemathesis.openapi.from_asgi("/openapi.json", app)
api.config.phases.coverage.enabled = False  # thousands of requests: `schemathesis run` against a running service


@(api.exclude(path="/v1/check").parametrize())
@settings(max_examples=40, suppress_health_check=QUIET)
def test_schemathesis_finds_nothing(case: Case[Any]) -> None:
    case.call_and_validate()


@(api.include(path="/v1/check").parametrize())
@settings(max_examples=6, suppress_health_check=QUIET)  # each is a process of its own
def test_schemathesis_finds_nothing_in_checks(case: Case[Any]) -> None:
    case.call_and_validate()


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(app.openapi())


def test_every_route_is_there_with_typed_bodies_and_problems(document: dict[str, Any]) -> None:
    assert sorted(document["paths"]) == [
        "/healthz", "/v1/assess", "/v1/books", "/v1/check", "/v1/explain", "/v1/facts", "/v1/may", "/v1/reload",
        "/v1/timeline",
    ]  # fmt: skip
    for path, operations in document["paths"].items():
        for operation in operations.values():
            assert operation["description"], path
            assert "schema" in operation["responses"]["200"]["content"]["application/json"]
            if "requestBody" in operation:
                assert "$ref" in operation["requestBody"]["content"]["application/json"]["schema"]
            for status, response in operation["responses"].items():
                if status != "200":
                    schema = response["content"]["application/problem+json"]["schema"]
                    assert schema == {"$ref": "#/components/schemas/ProblemDetails"}


def test_every_reference_leads_somewhere_and_every_schema_is_used(document: dict[str, Any]) -> None:
    text = json.dumps(document)
    named = set(re.findall(r'"#/components/schemas/(\w+)"', text))
    assert named == set(document["components"]["schemas"])
    assert "x-shape" not in text


def test_no_schema_of_ours_has_the_name_of_one_of_the_librarys() -> None:
    ours = {model.__name__ for base in (Request, Answer) for model in base.__subclasses__()}
    assert ours & published().keys() == set()


def test_every_schema_is_one(document: dict[str, Any]) -> None:
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_money_is_text_with_a_pattern(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    for name in ("Amount", "Yuan"):
        assert schemas[name]["type"] == "string"
        assert re.fullmatch(schemas[name]["pattern"], "1592.25")
    assert schemas["Charge"]["properties"]["amount"]["$ref"].endswith("/Amount")
    assert schemas["Balance"]["properties"]["total"]["$ref"].endswith("/Yuan")


def test_a_batch_of_good_and_bad_is_as_described(document: dict[str, Any], service: TestClient) -> None:
    page = (ROOT / "docs" / "reference" / "records.md").read_text(encoding="utf-8")
    shown = re.search(r"```json\n(.*?)```", page, re.DOTALL)
    assert shown
    account = json.loads(shown[1])
    accounts = [
        account,
        {**account, "id": "B", "currency": "USD"},
        {"id": ""},
        None,
        {**account, "id": "C", "use": None},
    ]
    many = service.post("/v1/assess", json={"on": "2026-11-22", "accounts": accounts}).json()
    fit = jsonschema_rs.validator_for(
        {"$ref": "#/components/schemas/AssessMany", "components": document["components"]}, validate_formats=True
    )
    fit.validate(many)
    assert (many["assessed"], many["rejected"]) == (2, 3)
    with pytest.raises(jsonschema_rs.ValidationError):
        fit.validate({**many, "more": 1})


def test_the_document_names_the_versions(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert document["info"]["version"]
    assert dunning.__name__ == document["info"]["title"]
