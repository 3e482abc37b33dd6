"""The embedding example does what it shows: the button that cuts the water stays away, and calling it does nothing."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def erp() -> ModuleType:
    """The Flask app of the example, new for each test."""
    spec = importlib.util.spec_from_file_location("flask_app", ROOT / "examples" / "embedding" / "flask_app.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_button_is_not_shown_and_the_reason_is(erp: Any) -> None:
    page = erp.app.test_client().get("/units/XH-1-0502").text
    assert "/cut-water" not in page
    assert "民法典第九百四十四条第三款" in page
    assert 'action="/units/XH-1-0502/remind"' in page


def test_calling_the_hidden_button_does_nothing(erp: Any) -> None:
    response = erp.app.test_client().post("/units/XH-1-0502/cut-water")
    assert response.status_code == 403
    assert "民法典第九百四十四条第三款" in response.text
    assert erp.DONE == []


def test_what_is_allowed_is_done(erp: Any) -> None:
    assert erp.app.test_client().post("/units/XH-1-0502/remind").text == "done"
    assert erp.DONE == [("send_notice", "XH-1-0502")]


def test_where_no_book_can_be_told_nothing_is_done(erp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    account = erp.account_of("XH-1-0502")
    read = erp.dunning.read_account
    monkeypatch.setattr(erp, "account_of", lambda _: read({"id": account.id}))
    assert erp.app.test_client().post("/units/XH-1-0502/remind").status_code == 403
    assert erp.DONE == []


def test_a_unit_that_is_not_there(erp: Any) -> None:
    assert erp.app.test_client().get("/units/nothing").status_code == 404
