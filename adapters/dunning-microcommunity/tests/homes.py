"""Rooms, fees and months for one test each, written as MicroCommunity would have them, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

from estate import CHINA, Tables, midnight, now

from dunning import Account, Finding, Read, Rejected
from dunning.adapter import Gone
from dunning_microcommunity import open_microcommunity

DUE = "prepaid:start+15,postpaid:end+30"
COMMUNITY = "7"


class Homes:
    """One community. Amounts are written as the database has them."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.tables = Tables(url)
        self.add = self.tables.add
        self.change = self.tables.change
        self.add("s_community", community_id=COMMUNITY, name="幸福里")
        self.add("f_floor", floor_id="F1", floor_num="3", community_id=COMMUNITY)
        self.add("building_unit", unit_id="U1", unit_num="2", floor_id="F1")

    def room(self, room: str = "R1", *owners: str, **row: object) -> None:
        """A room, and who lives in it."""
        given: dict[str, object] = {"room_type": "1010301", "room_sub_type": "110", "state": "2001", **row}
        self.add("building_room", room_id=room, room_num="501", unit_id="U1", community_id=COMMUNITY, **given)
        for owner in owners:
            self.owner(owner)
            self.bond(room, owner)

    def owner(self, member: str, **row: object) -> None:
        given: dict[str, object] = {"owner_type_cd": "1001", "person_type": "P", "person_role": "1", **row}
        self.add("building_owner", member_id=member, owner_id=member, link="13800000000", name="某", **given)

    def bond(self, room: str, owner: str, state: str = "2002", **row: object) -> None:
        self.add(
            "building_owner_room_rel", rel_id=self.tables.id("L"), room_id=room, owner_id=owner, state=state, **row
        )

    def fee(self, fee: str = "E1", obj: str = "R1", *, owner: str = "", **row: object) -> None:
        """A fee and its item; `owner` is what it names itself (390007)."""
        config = {key: row.pop(key) for key in ("payment_cd", "payment_cycle") if key in row}
        item: dict[str, object] = {"payment_cd": "1200", "payment_cycle": "1", **config}
        self.add("pay_fee_config", config_id=f"K{fee}", fee_type_cd="888800010001", fee_name="物业费", **item)
        given: dict[str, object] = {"payer_obj_type": "3333", "start_time": "2026-01-01", "state": "2008001", **row}
        self.add("pay_fee", fee_id=fee, payer_obj_id=obj, config_id=f"K{fee}", community_id=COMMUNITY, **given)
        if owner:
            self.add("pay_fee_attrs", attr_id=self.tables.id("T"), fee_id=fee, spec_cd="390007", value=owner)

    def month(self, month: str, begins: str, amount: str, *, fee: str = "E1", obj: str = "R1", **row: object) -> None:
        """A month row, unpaid unless told otherwise."""
        given: dict[str, object] = {"state": "W", "received_amount": 0, "discount_amount": 0, "owner_id": "M1", **row}
        given = {"fee_type_cd": "888800010001", "receivable_amount": amount, "cur_month_time": begins, **given}
        self.add("pay_fee_detail_month", month_id=month, fee_id=fee, obj_id=obj, community_id=COMMUNITY, **given)

    def paid(self, detail: str, since: str, until: str, amount: str, *, fee: str = "E1", **row: object) -> None:
        """A payment for a period."""
        given: dict[str, object] = {"state": "1400", "create_time": "2026-03-05 10:00:00", "late_amount": 0, **row}
        self.add("pay_fee_detail", detail_id=detail, fee_id=fee, received_amount=amount, start_time=since,
                 end_time=until, **given)  # fmt: skip

    def late(self, detail: str, price: str, **row: object) -> None:
        """A line among the discounts of a payment: below zero it is a late fee."""
        id_ = self.tables.id("X")
        self.add("pay_fee_detail_discount", detail_discount_id=id_, detail_id=detail, discount_price=price, **row)

    def arrears(
        self, amount: str, *, fee: str = "E1", until: str = "2026-12-01", age: timedelta = timedelta(0)
    ) -> None:
        """The snapshot of a fee, so old."""
        self.add("report_owe_fee", owe_id=f"W{fee}", fee_id=fee, amount_owed=amount, deadline_time=until,
                 update_time=now() - age, community_id=COMMUNITY)  # fmt: skip

    # Read

    def items(self, store: Path | None = None, **options: str) -> Iterator[Read | Rejected | Gone]:
        adapter = open_microcommunity(**{"due": DUE, "url": self.url, "store": str(store or ""), **options})
        for item in adapter.accounts(None):
            assert isinstance(item, Read | Rejected | Gone)
            yield item

    def read(self, store: Path | None = None, **options: str) -> dict[str, Read]:
        """What can be read, by id."""
        return {item.account.id: item for item in self.items(store, **options) if isinstance(item, Read)}

    def account(self, id_: str = "R1/M1", **options: str) -> Account:
        return self.read(**options)[id_].account

    def codes(self, id_: str = "R1/M1", **options: str) -> list[str]:
        return [found.code for found in self.findings(id_, **options)]

    def findings(self, id_: str = "R1/M1", **options: str) -> tuple[Finding, ...]:
        for item in self.items(**options):
            if isinstance(item, Rejected) and item.id == id_:
                return item.findings
            if isinstance(item, Read) and item.account.id == id_:
                return item.findings
        raise AssertionError(f"{id_} is not there")


def on(text: str) -> date:
    return date.fromisoformat(text)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)


__all__ = ["DUE", "Homes", "at", "midnight", "on"]
