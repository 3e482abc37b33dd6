"""A fake ERPNext: the documented routes of Frappe REST v1 and v2, over documents in memory, and its ways of answering.

What is served is what the adapter's README lists and no more. Its traps are Frappe's: twenty rows unless asked for
more, numbers that are text, 417 for what it does not like, 202 for what it puts off, no child tables in lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

KEY, SECRET = "a1b2c3", "s3cr3t"
ZONE = ZoneInfo("Asia/Shanghai")
PAGE = 20

Row = dict[str, Any]

FIELDS: dict[str, tuple[str, ...]] = {
    "Company": ("default_currency",),
    "Customer": ("customer_name", "mobile_no", "email_id", "primary_address", "custom_hold"),
    "Sales Invoice": (
        "customer", "company", "posting_date", "due_date", "currency", "grand_total", "rounded_total",
        "outstanding_amount", "is_return", "return_against", "shipping_address_name", "custom_hold",
    ),
    "Payment Entry": (
        "payment_type", "party_type", "party", "company", "posting_date", "paid_amount", "unallocated_amount",
    ),
    "Dunning": (
        "customer", "company", "posting_date", "status", "dunning_fee", "total_interest", "sales_invoice",
        "interest_amount",
    ),
    "ToDo": ("status", "priority", "description", "date", "reference_type", "reference_name", "allocated_to"),
    "Comment": ("comment_type", "content", "reference_doctype", "reference_name"),
}  # fmt: skip
TABLES = {
    "Sales Invoice": ("items", "payment_schedule"),
    "Payment Entry": ("references", "deductions"),
    "Dunning": ("overdue_payments",),
}
ALWAYS = ("name", "creation", "modified", "docstatus")


class FrappeError(Exception):
    """What Frappe answers with an error: the name of its exception, the status, and what it says."""

    def __init__(self, kind: str, status: int, message: str) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status


class Site:
    """One site. `version`: a Frappe before 15 has no v2. `busy`: it puts off what is written."""

    def __init__(self, version: int) -> None:
        self.version = version
        self.tables: dict[str, dict[str, Row]] = {doctype: {} for doctype in FIELDS}
        self.forbidden: set[str] = set()
        self.busy = False
        self.names = count(1)
        self.last = datetime.now(ZONE)

    def now(self) -> str:
        """The site's time, which never stands still: no two documents are of one microsecond."""
        self.last = max(datetime.now(ZONE), self.last + timedelta(microseconds=1))
        return self.last.strftime("%Y-%m-%d %H:%M:%S.%f")

    def insert(self, doctype: str, /, name: str = "", **values: Any) -> Row:
        known = {*FIELDS[doctype], *TABLES.get(doctype, ()), *ALWAYS}
        assert values.keys() <= known, values.keys() - known
        now = self.now()
        row = {
            **dict.fromkeys(FIELDS[doctype]), **{table: [] for table in TABLES.get(doctype, ())},
            "creation": now, "modified": now, "docstatus": 0, **values,
            "name": name or f"{doctype[:3].upper()}-{next(self.names):06}",
        }  # fmt: skip
        self.tables[doctype][row["name"]] = row
        return row

    def child(self, **values: Any) -> Row:
        return {"name": f"{next(self.names):010x}", **values}

    def rows(self, doctype: str, /, **values: Any) -> list[Row]:
        return [
            row for row in self.tables[doctype].values() if all(row[name] == value for name, value in values.items())
        ]

    # what is called from outside

    def listed(self, doctype: str, asked: Row, start: int, limit: int) -> tuple[list[Row], bool]:
        fields, filters, order = asked.get("fields", ["name"]), asked.get("filters", []), asked.get("order_by")
        if not isinstance(fields, list) or not isinstance(filters, list):
            raise FrappeError("FrappeValueError", 417, "'fields' must be a list")
        assert order == "name asc"
        for name in fields:
            if name not in (*FIELDS[doctype], *ALWAYS):
                raise FrappeError("DataError", 417, f"Field not permitted in query: {name}")
        test = self._filters(doctype, filters)
        found = [row for _, row in sorted(self.tables[doctype].items()) if test(row)]
        page = [{name: row[name] for name in fields} for row in found[start : start + limit]]
        return page, len(found) > start + limit

    def updated(self, doctype: str, name: str, values: Row) -> Row:
        row = self.found(doctype, name)
        if "modified" in values and values.pop("modified") != row["modified"]:
            raise FrappeError("TimestampMismatchError", 417, "Document has been modified after you have opened it")
        if values.get("status", "Open") not in ("Open", "Closed", "Cancelled"):
            raise FrappeError("ValidationError", 417, 'Status must be one of "Open", "Closed", "Cancelled"')
        row |= {**values, "modified": self.now()}
        return row

    def found(self, doctype: str, name: str) -> Row:
        if name not in self.tables[doctype]:
            raise FrappeError("DoesNotExistError", 404, f"{doctype} {name} not found")
        return self.tables[doctype][name]

    def _filters(self, doctype: str, filters: list[list[Any]]) -> Callable[[Row], bool]:
        for name, operator, _ in filters:
            if name not in (*FIELDS[doctype], *ALWAYS) or operator not in ("=", "!=", ">", ">=", "in", "like"):
                raise FrappeError("DataError", 417, f"Invalid filter: {name} {operator}")
        return lambda row: all(_holds(row[name], operator, value) for name, operator, value in filters)


def _holds(has: Any, operator: str, value: Any) -> bool:
    if isinstance(has, Decimal) or operator in ("=", "!="):
        has, value = (Decimal(str(one)) if isinstance(one, int | Decimal) else one for one in (has, value))
    match operator:
        case "=":
            return bool(has == value)
        case "!=":
            return bool(has != value)
        case ">":
            return bool(has > value)
        case ">=":
            return bool(has >= value)
        case "in":
            return has in value
    return re.fullmatch(re.escape(value).replace("%", ".*"), str(has), re.S | re.I) is not None


class FakeFrappe:
    """The HTTP side of one site at a time."""

    def __init__(self) -> None:
        self.site = Site(15)
        here = [
            Route("/{doctype}", self.many, methods=["GET", "POST"]),
            Route("/{doctype}/{name:path}", self.one, methods=["GET", "PUT"]),
        ]
        self.app = Starlette()
        for prefix in ("/api/resource", "/api/v2/document"):
            self.app.router.routes += [Route(prefix + one.path, one.endpoint, methods=one.methods) for one in here]

    async def many(self, request: Request) -> Response:
        return await self._answer(request, self._many)

    async def one(self, request: Request) -> Response:
        return await self._answer(request, self._one)

    async def _answer(self, request: Request, serve: Callable[[Request, str, Any], Row]) -> Response:
        v2 = request.url.path.startswith("/api/v2")
        if v2 and self.site.version < 15:
            return HTMLResponse("<h1>Not Found</h1>", 404)
        try:
            if request.headers.get("Authorization") != f"token {KEY}:{SECRET}":
                raise FrappeError("AuthenticationError", 401, "Invalid key")
            doctype = request.path_params["doctype"]
            if doctype not in FIELDS or doctype in self.site.forbidden:
                raise FrappeError("PermissionError", 403, f"No permission for {doctype}")
            body = await request.json() if request.method in ("POST", "PUT") else None
            if body is not None and self.site.busy:
                return JSONResponse({"data": {"job_id": "j-1"}}, 202)
            return JSONResponse(json.loads(json.dumps(serve(request, doctype, body), default=self._number)))
        except FrappeError as error:
            if v2:
                return JSONResponse({"errors": [{"type": error.kind, "message": str(error)}]}, error.status)
            told = {"exc_type": error.kind, "exception": f"frappe.exceptions.{error.kind}: {error}"}
            return JSONResponse(told, error.status)

    @staticmethod
    def _number(amount: Decimal) -> Any:
        """Money as Frappe gives it: a float, or text where the database driver has it so."""
        return str(amount) if int(amount * 100) % 2 else float(amount)

    def _many(self, request: Request, doctype: str, body: Any) -> Row:
        if body is not None:
            return {"data": self.site.insert(doctype, **body)}
        v2 = request.url.path.startswith("/api/v2")
        start, limit = ("start", "limit") if v2 else ("limit_start", "limit_page_length")
        params = dict(request.query_params)
        at, most = int(params.pop(start, 0)), int(params.pop(limit, PAGE))
        asked = {key: json.loads(value) if key in ("fields", "filters") else value for key, value in params.items()}
        page, more = self.site.listed(doctype, asked, at, most)
        return {"data": page, "has_next_page": more} if v2 else {"data": page}

    def _one(self, request: Request, doctype: str, body: Any) -> Row:
        name = request.path_params["name"]
        return {"data": self.site.found(doctype, name) if body is None else self.site.updated(doctype, name, body)}
