"""An ERP's own Flask app with a "cut water" button, and what it takes to guard it with `dunning.may`, in-process.

    flask --app flask_app run

Everything above the line is the ERP as it was; below it, the guard. The page hides the button, and the handler behind
it asks again: a button that is not shown can still be called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta, timezone
from functools import wraps
from typing import Any

from flask import Flask, abort, render_template_string

import dunning

app = Flask(__name__)

BILLS: Mapping[str, Mapping[str, Any]] = {
    "XH-1-0502": {"owner": "O-77", "bills": [("2026Q1", "1592.25", "2026-01-15")]},
    "XH-1-0601": {"owner": "O-78", "bills": []},
}
DONE: list[tuple[str, str]] = []  # what the water works and the message gateway were told

PAGE = """
<h1>{{ unit }}</h1>
{% for name, title, refused in buttons %}
  {% if refused %}<p class="refused">{{ title }}: {{ refused }}</p>
  {% else %}<form method="post" action="/units/{{ unit }}/{{ name }}"><button>{{ title }}</button></form>{% endif %}
{% endfor %}
"""


def bills_of(unit: str) -> Mapping[str, Any]:
    return BILLS.get(unit) or abort(404)


# ------------------------------------------------------------------------------------------------ the guard

RULES = dunning.load_folder()  # once, at the start: a book never changes, and all threads share it
CHINA = timezone(timedelta(hours=8))


def account_of(unit: str) -> dunning.Account:
    """The ERP's rows as an account. What it cannot supply is said to be unknown, so that nobody takes it for empty."""
    row = bills_of(unit)
    return dunning.read_account(
        {
            "id": f"{unit}/{row['owner']}",
            "unit": unit,
            "use": "residential",
            "place": "CN-3301",
            "debtor": {"id": row["owner"]},
            "charges": [{"id": id_, "amount": amount, "due": due} for id_, amount, due in row["bills"]],
            "unknown": ["contacts", "disputes", "contracts"],
        }
    )


def verdict_on(action: str, unit: str, on: date) -> dunning.Verdict:
    """May we? By the law and house policy of the book that applies to this unit."""
    account = account_of(unit)
    book = RULES.book_for(account, on)
    if not isinstance(book, dunning.RuleBook):
        abort(403, "no rule book can be told to apply: nothing is done")
    return dunning.may(action, book, on=on, account=account)


def guarded(action: str) -> Callable[[Callable[[str], str]], Callable[[str], str]]:
    """A handler that runs only where the action is allowed outright; `conditional` is a no until somebody saw to it."""

    def wrap(handler: Callable[[str], str]) -> Callable[[str], str]:
        @wraps(handler)
        def asked_first(unit: str) -> str:
            verdict = verdict_on(action, unit, today())
            if verdict.verdict != "allowed":
                abort(403, verdict.reason.zh)
            return handler(unit)

        return asked_first

    return wrap


def today() -> date:
    """The day it is in China; the library never asks a clock."""
    return datetime.now(CHINA).date()


# ------------------------------------------------------------------------------------------------ the pages


@app.get("/units/<unit>")
def page(unit: str) -> str:
    buttons = []
    for name, title, action in (("cut-water", "停水", "cut_water"), ("remind", "发缴费通知", "send_notice")):
        verdict = verdict_on(action, unit, today())
        buttons.append((name, title, "" if verdict.verdict == "allowed" else verdict.reason.zh))
    return render_template_string(PAGE, unit=unit, buttons=buttons)


@app.post("/units/<unit>/cut-water")
@guarded("cut_water")
def cut_water(unit: str) -> str:
    DONE.append(("cut_water", unit))
    return "done"


@app.post("/units/<unit>/remind")
@guarded("send_notice")
def remind(unit: str) -> str:
    bills_of(unit)
    DONE.append(("send_notice", unit))
    return "done"
