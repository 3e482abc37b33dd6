"""A fake Odoo: the documented routes of JSON-2 and of JSON-RPC, over tables in memory, and its ways of answering.

What is served is what the adapter's README lists and no more: another path, model, field, operator or argument is
refused as Odoo refuses it. Its traps are Odoo's: floats with noise, False for nothing, errors with HTTP 200.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

KEY = "6578616d706c65206a736f6e20617069206b6579"
LOGIN = "dunning@example.com"

Row = dict[str, Any]

FIELDS: dict[str, dict[str, str]] = {
    "res.company": {"name": "char", "currency_id": "res.currency"},
    "res.currency": {"name": "char", "rounding": "float"},
    "res.partner": {
        "name": "char", "phone": "char", "email": "char", "contact_address": "char", "active": "bool",
        "commercial_partner_id": "res.partner", "parent_id": "res.partner", "payment_note": "char",
        "manual_followup": "bool",
    },
    "account.account": {"code": "char", "account_type": "char", "internal_type": "char"},
    "product.product": {"default_code": "char"},
    "account.move": {
        "name": "char", "move_type": "char", "state": "char", "partner_id": "res.partner", "company_id": "res.company",
        "partner_shipping_id": "res.partner", "invoice_origin": "char", "reversed_entry_id": "account.move",
        "no_overdue_reminder": "bool",
    },
    "account.move.line": {
        "move_id": "account.move", "partner_id": "res.partner", "company_id": "res.company", "date": "date",
        "date_maturity": "date", "debit": "money", "credit": "money", "amount_residual": "money",
        "currency_id": "res.currency", "account_id": "account.account", "product_id": "product.product",
        "name": "char", "price_total": "money", "tax_line_id": "account.tax", "display_type": "char",
        "parent_state": "char",
    },
    "account.partial.reconcile": {
        "debit_move_id": "account.move.line", "credit_move_id": "account.move.line", "amount": "money",
        "max_date": "date",
    },
    "mail.message": {
        "model": "char", "res_id": "int", "date": "time", "body": "char", "mail_activity_type_id": "mail.activity.type",
    },
    "mail.activity": {
        "res_model": "char", "res_model_id": "ir.model", "res_id": "int", "summary": "char", "note": "char",
        "date_deadline": "date", "user_id": "res.users",
    },
    "ir.model": {"model": "char"},
    "credit.control.line": {
        "state": "char", "company_id": "res.company", "partner_id": "res.partner", "date": "date", "date_sent": "time",
        "channel": "char",
    },
}  # fmt: skip
METHODS = {
    "search_read": ("domain", "fields", "offset", "limit", "order"),
    "create": ("vals_list",),
    "unlink": (),
    "message_post": ("body", "message_type", "subtype_xmlid"),
}


class OdooError(Exception):
    """What Odoo answers with an error: the name of its exception and what it says."""

    def __init__(self, name: str, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.name = name
        self.status = status


class Database:
    """One database of the fake. `forbidden`: models its user may not read. `modules`: fields other modules bring."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.tables: dict[str, dict[int, Row]] = {model: {} for model in FIELDS}
        self.forbidden: set[str] = set()
        self.last = 0
        self.insert("ir.model", model="res.partner")

    def insert(self, table: str, /, **values: Any) -> int:
        self.last += 1
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
        row = {**dict.fromkeys(FIELDS[table], False), "id": self.last, "create_date": now, "write_date": now}
        assert values.keys() <= row.keys(), values.keys() - row.keys()
        self.tables[table][self.last] = {**row, **values}
        return self.last

    def rows(self, table: str, /, **values: Any) -> list[Row]:
        return [row for row in self.tables[table].values() if all(row[name] == value for name, value in values.items())]

    # what is called from outside

    def call(self, model: str, method: str, ids: list[int], arguments: Row) -> Any:
        if model not in FIELDS:
            raise OdooError("builtins.KeyError", f"the model '{model}' does not exist", 404)
        if method not in METHODS or (method == "message_post" and model != "res.partner"):
            raise OdooError("builtins.AttributeError", f"The method '{model}.{method}' does not exist", 404)
        unknown = arguments.keys() - {*METHODS[method], "context"}
        if unknown:
            raise OdooError("builtins.TypeError", f"got an unexpected keyword argument '{min(unknown)}'")
        if model in self.forbidden:
            raise OdooError("odoo.exceptions.AccessError", f"You are not allowed to access '{model}' records.", 403)
        arguments.pop("context", None)
        return getattr(self, f"_{method}")(model, ids, **arguments)

    def _search_read(
        self,
        model: str,
        ids: list[int],
        *,
        domain: list[Any],
        fields: list[str],
        limit: int,
        order: str,
        offset: int = 0,
    ) -> list[Row]:
        assert not ids
        assert order == "id"
        for name in fields:
            if name not in (*FIELDS[model], "id", "write_date"):
                raise OdooError("builtins.ValueError", f"Invalid field '{name}' on model '{model}'")
        test = self._domain(model, domain)
        found = [row for _, row in sorted(self.tables[model].items()) if test(row)][offset : offset + limit]
        return [{"id": row["id"], **{name: self._shown(model, name, row[name]) for name in fields}} for row in found]

    def _create(self, model: str, ids: list[int], *, vals_list: list[Row]) -> list[int]:
        assert model == "mail.activity"
        assert not ids
        links = {"res_model": "res.partner"}
        return [self.insert(model, **{"user_id": 2, **values, **links}) for values in vals_list]

    def _unlink(self, model: str, ids: list[int]) -> bool:
        for number in ids:
            if number not in self.tables[model]:
                raise OdooError("odoo.exceptions.MissingError", "Record does not exist or has been deleted.", 404)
            del self.tables[model][number]
        return True

    def _message_post(self, model: str, ids: list[int], *, body: str, message_type: str, subtype_xmlid: str) -> Any:
        """What is written over RPC is text (since 17) or HTML (before); either way HTML is kept."""
        assert (model, message_type, subtype_xmlid) == ("res.partner", "comment", "mail.mt_note")
        (number,) = ids
        kept = html.escape(body) if self.version >= 17 else body
        message = self.message(number, f"<p>{kept}</p>")
        return [message] if self.version >= 19 else message

    def message(self, partner: int, body: str, *, at: datetime | None = None, activity: int | bool = False) -> int:
        date = (at or datetime.now(UTC)).astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        more = {"date": date, "mail_activity_type_id": activity}
        return self.insert("mail.message", model="res.partner", res_id=partner, body=body, **more)

    def _shown(self, model: str, name: str, value: Any) -> Any:
        """As Odoo's JSON has it: a link with its name, money as a float that sums have left their noise in."""
        kind = FIELDS[model].get(name, "char")
        if "." in kind and value is not False:
            return [value, f"{kind} {value}"]
        if kind == "money" and isinstance(value, Decimal):
            return math.nextafter(float(value), math.inf) if value else 0.0
        return value

    def _domain(self, model: str, domain: list[Any]) -> Callable[[Row], bool]:
        """Polish notation: `|` takes the two conditions after it, and what stands side by side must all hold."""
        rest = list(domain)

        def condition() -> Callable[[Row], bool]:
            first = rest.pop(0)
            if first == "|":
                left, right = condition(), condition()
                return lambda row: left(row) or right(row)
            name, operator, value = first
            return lambda row: self._holds(model, row, name, operator, value)

        tests = []
        while rest:
            tests.append(condition())
        return lambda row: all(test(row) for test in tests)

    def _holds(self, model: str, row: Row, name: str, operator: str, value: Any) -> bool:
        link, _, beyond = name.partition(".")
        if link not in (*FIELDS[model], "id"):
            raise OdooError("builtins.ValueError", f"Invalid field {model}.{link} in leaf ('{name}', '{operator}')")
        has = row[link]
        if beyond:
            new = self.version >= 16
            if (link, beyond) != ("account_id", "account_type" if new else "internal_type"):
                raise OdooError("builtins.ValueError", f"Invalid field {name} in leaf")
            has = self.tables[FIELDS[model][link]][has][beyond] if has else False
        match operator:
            case "=":
                return bool(has == value)
            case ">":
                return bool(has > value)
            case "in":
                return has in value
            case "not in":
                return has not in value
            case "ilike":
                return value.lower() in str(has).lower()
        raise OdooError("builtins.ValueError", f"Invalid operator {operator}")


class FakeOdoo:
    """The HTTP side. `databases` by name; a database older than 19 has no JSON-2, one of 22 has no /jsonrpc."""

    def __init__(self) -> None:
        self.databases: dict[str, Database] = {}
        self.app = Starlette(
            routes=[
                Route("/json/2/{model}/{method}", self.json2, methods=["POST"]),
                Route("/jsonrpc", self.jsonrpc, methods=["POST"]),
            ]
        )

    async def json2(self, request: Request) -> Response:
        database = self.databases.get(request.headers.get("X-Odoo-Database", ""))
        if database is None or database.version < 19:
            return HTMLResponse("<!doctype html><title>404 Not Found</title>", 404)
        if request.headers.get("Authorization") != f"bearer {KEY}":
            return _error(OdooError("werkzeug.exceptions.Unauthorized", "Invalid apikey", 401))
        arguments = await request.json()
        ids = arguments.pop("ids", [])
        path = request.path_params
        try:
            return JSONResponse(database.call(path["model"], path["method"], ids, arguments))
        except OdooError as error:
            return _error(error)

    async def jsonrpc(self, request: Request) -> Response:
        envelope = await request.json()
        assert (envelope["jsonrpc"], envelope["method"]) == ("2.0", "call")
        params = envelope["params"]
        try:
            told = {"result": self._service(params["service"], params["method"], params["args"])}
        except OdooError as error:
            if error.status == 410:
                return HTMLResponse("<!doctype html><title>404 Not Found</title>", 404)
            data = {"name": error.name, "message": str(error), "arguments": [str(error)], "debug": "Traceback ..."}
            told = {"error": {"code": 200, "message": "Odoo Server Error", "data": data}}
        return JSONResponse({"jsonrpc": "2.0", "id": envelope["id"], **told})

    def _service(self, service: str, method: str, args: list[Any]) -> Any:
        match service, method, args:
            case "common", "version", []:
                version = min(one.version for one in self.databases.values()) if self.databases else 18
                if version >= 22:
                    raise OdooError("gone", "removed in 22", 410)
                return {"server_version": f"{version}.0", "server_version_info": [version, 0, 0, "final", 0, ""]}
            case "common", "authenticate", [name, login, key, {}]:
                return 2 if name in self.databases and (login, key) == (LOGIN, KEY) else False
            case "object", "execute_kw", [name, 2, key, model, method_, positional, arguments] if key == KEY:
                ids = positional[0] if positional else []
                return self.databases[name].call(model, method_, ids, dict(arguments))
        raise OdooError("odoo.exceptions.AccessDenied", "Access Denied")


def _error(error: OdooError) -> Response:
    body = {"name": error.name, "message": str(error), "arguments": [str(error)], "context": {}, "debug": "Traceback"}
    return JSONResponse(body, error.status)


def text_of(body: str) -> str:
    """The text of a body, as a clerk sees it."""
    return html.unescape(re.sub(r"<[^>]+>", "", body))
