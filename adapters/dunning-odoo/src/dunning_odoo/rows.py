"""What is read of Odoo for a page of debtors: receivable lines, their documents, and what they are reconciled with."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from dunning.adapter.folios import by_column
from dunning.adapter.options import Items
from dunning_odoo.server import Row, Server

LINE, MOVE, PARTNER = "account.move.line", "account.move", "res.partner"
PARTIAL, CONTROL = "account.partial.reconcile", "credit.control.line"
LINES = (
    "move_id", "partner_id", "company_id", "date", "date_maturity", "debit", "credit", "amount_residual", "currency_id",
)  # fmt: skip
MOVES = ("name", "move_type", "partner_id", "invoice_origin", "reversed_entry_id", "write_date")
PRODUCTS = ("move_id", "product_id", "account_id", "name", "date", "price_total", "tax_line_id", "display_type")
SENT = ("company_id", "partner_id", "date", "date_sent", "channel")


@dataclass(frozen=True, slots=True)
class Settings:
    """How this Odoo is read, as its options say."""

    snapshot: bool
    items: Items
    unit: str
    holds: tuple[tuple[str, str], ...]
    attributes: tuple[str, ...]
    credit_control: bool
    of_all: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of some debtors, in all companies."""

    partners: Mapping[int, Row]
    lines: Mapping[tuple[int, int], list[Row]]  # receivable, by (company, debtor)
    every: Mapping[int, Row]  # those lines, and the ones of others they are reconciled with
    moves: Mapping[int, Row]
    products: Mapping[int, list[Row]]  # what was sold, by move
    codes: Mapping[tuple[str, int], str]  # of products and accounts
    paying: Mapping[int, list[Row]]  # reconciliations by the line that was paid
    credit_control: Mapping[tuple[int, int], list[Row]]
    asked: datetime

    @classmethod
    def read(cls, server: Server, settings: Settings, companies: Sequence[int], debtors: Sequence[int]) -> Page:
        held = {model: [name for of, name in settings.holds if of == model] for model in (MOVE, PARTNER)}
        more = ("commercial_partner_id", "write_date", *held[PARTNER], *settings.attributes)
        members = server.read(PARTNER, [["commercial_partner_id", "in", list(debtors)]], more)
        debtor_of = {row["id"]: row["commercial_partner_id"] for row in members}
        receivable = ["account_id.internal_type", "=", "receivable"]
        if server.version >= 16:
            receivable = ["account_id.account_type", "=", "asset_receivable"]
        mine = [["partner_id", "in", sorted(debtor_of)], ["company_id", "in", list(companies)]]
        lines = server.read(LINE, [["parent_state", "=", "posted"], receivable, *mine], LINES)
        asked = server.site.asked()
        ids = [row["id"] for row in lines]
        partials: list[Row] = []
        if ids and not settings.snapshot:
            either = ["|", ["debit_move_id", "in", ids], ["credit_move_id", "in", ids]]
            partials = server.read(PARTIAL, either, ("debit_move_id", "credit_move_id", "amount", "max_date"))
        every = {row["id"]: row for row in lines}
        others = {row[side] for row in partials for side in ("debit_move_id", "credit_move_id")} - every.keys()
        if others:
            every |= {row["id"]: row for row in server.read(LINE, [["id", "in", sorted(others)]], LINES)}
        documents = sorted({row["move_id"] for row in every.values()})
        fields = (*MOVES, *dict.fromkeys([settings.unit, *held[MOVE]]))
        moves = server.read(MOVE, [["id", "in", documents]], fields) if documents else []
        invoices = [row["id"] for row in moves if row["move_type"] == "out_invoice"]
        sold = server.read(LINE, [["move_id", "in", invoices], ["id", "not in", ids]], PRODUCTS) if invoices else []
        sold = [row for row in sold if row["display_type"] in (None, "product") and row["tax_line_id"] is None]
        control: list[Row] = []
        if settings.credit_control:
            sent = [["state", "=", "sent"], ["partner_id", "in", sorted(debtor_of)]]
            control = server.read(CONTROL, sent, SENT)
        return cls(
            partners={row["id"]: row for row in members},
            lines=_by(lines, debtor_of),
            every=every,
            moves={row["id"]: row for row in moves},
            products=by_column(sold, "move_id"),
            codes=_codes(server, sold) if settings.items.by_code else {},
            paying=by_column(partials, "debit_move_id"),
            credit_control=_by(control, debtor_of),
            asked=asked,
        )

    def is_bill(self, line: Row) -> bool:
        return bool(line["debit"]) and self.moves[line["move_id"]]["move_type"] == "out_invoice"

    def is_refund(self, line: Row) -> bool:
        kind: str = self.moves[line["move_id"]]["move_type"]
        return kind == "out_refund"

    def parts(self, move: Row, settings: Settings) -> dict[str, list[Row]]:
        """The lines of an invoice by what they are for; a property fee unless told otherwise."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.products.get(move["id"], ()):
            codes = (self.codes.get((of, row[of]), "") for of in ("product_id", "account_id"))
            found[settings.items.of(*codes)].append(row)
        return dict(found) or {settings.items.of(): []}


def _codes(server: Server, sold: Sequence[Row]) -> dict[tuple[str, int], str]:
    """The codes of the products and accounts of these lines."""
    found: dict[tuple[str, int], str] = {}
    models = {"product_id": ("product.product", "default_code"), "account_id": ("account.account", "code")}
    for of, (model, code) in models.items():
        ids = sorted({row[of] for row in sold if row[of] is not None})
        if ids:
            rows = server.read(model, [["id", "in", ids]], (code,))
            found |= {(of, row["id"]): row[code] for row in rows if row[code]}
    return found


def _by(rows: Iterable[Row], debtor_of: Mapping[int, int]) -> dict[tuple[int, int], list[Row]]:
    found: dict[tuple[int, int], list[Row]] = defaultdict(list)
    for row in rows:
        found[row["company_id"], debtor_of[row["partner_id"]]].append(row)
    return found
