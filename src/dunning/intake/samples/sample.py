"""Realistic portfolios to try things on: communities and their people, who pays and who does not, and what goes wrong.

Everything comes from the seed, account by account, so that a million accounts need no more memory than ten. The people
and figures are made up; shares and habits follow the source documents (systems.md C.1, C.2, D.2, K).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Lang, Text
from dunning.basis.money import Fen, yuan
from dunning.intake.files.writers import write_csv, write_jsonl, write_xlsx
from dunning.intake.samples.histories import AS_OF, ON, Dice, Kind, Record, Terms, history
from dunning.model.account import Cycle

ATTRIBUTES = ("satisfaction", "conduct", "long_supporter")

_NAMES = (
    "星河花园", "翠湖湾", "锦绣江南", "阳光新城", "水岸名邸", "金色家园", "和平里", "书香苑", "东方丽景", "碧水云天",
    "香樟园", "望江府", "紫荆公寓", "枫林晚", "云栖里", "城市之光", "滨江一号", "锦园", "怡和家园", "天成雅苑",
)  # fmt: skip
_PLACES = ("CN-330106", "CN-330106", "CN-330110", "CN-410105", "CN-440305", "CN-510107", "CN-110105", "CN-320106")
_CYCLES: tuple[Cycle, ...] = ("quarter", "month", "quarter", "half_year", "year", "quarter", "month", "quarter")
_SIZE = 900  # accounts in a community, about
_KINDS: dict[str, tuple[tuple[Kind, float], ...]] = {
    "residential": (("on_time", 0.72), ("reminded", 0.14), ("often_late", 0.09), ("refuses", 0.05)),
    "commercial": (("on_time", 0.5), ("reminded", 0.22), ("often_late", 0.2), ("refuses", 0.08)),
    "other": (("on_time", 0.75), ("reminded", 0.15), ("often_late", 0.07), ("refuses", 0.03)),
}
_USES = (("residential", 0.84), ("commercial", 0.06), ("office", 0.03), ("parking", 0.06), ("other", 0.01))
_CHANNELS = ("sms", "wechat", "phone", "ems", "letter", "visit", "app")


@dataclass(slots=True)
class Community:
    """A place of some hundred households under one contract."""

    company: str
    name: str
    code: str
    place: str
    tariff: Fen  # per square metre and month, of its dwellings
    cycle: Cycle
    contract: str
    since: date
    clause: float  # the share of contracts with a late-fee clause
    booked: bool
    contacts_known: bool
    disaster: bool
    units: int = 0


@dataclass(slots=True)
class Person:
    """A debtor: on all their accounts in the company the same id, the same kind of payer."""

    id: str
    kind: str
    role: str
    pays: Kind
    receipts: str = ""  # of one with several accounts
    paying: int = 0
    tags: list[str] = field(default_factory=list)
    reachable: list[str] | None = None


class Coming(NamedTuple):
    """An account still to come: another unit of a person, or the one who bought a unit."""

    person: Person
    community: Community
    use: str
    unit: str
    since: date


def make_portfolio(accounts: int, seed: int) -> Iterator[Record]:
    """So many accounts as JSON would have them (docs/reference/records.md), the same for the same seed; about one in
    eighty contradicts itself and will be rejected.
    """
    yield from _Town(accounts, seed).accounts()


def write_portfolio(out: Path, *, accounts: int, seed: int, shape: str = "csv", lang: Lang = "en") -> Path:
    """Write a portfolio into the folder `out`; returns what to open: the folder for csv, else the file in it.

    `shape`: csv, xlsx or jsonl, UsageError for others. `lang`: the language of heads and words in csv and xlsx. A
    folder with something in it is a UsageError: files of another portfolio among ours would be taken for part of it.
    """
    if shape not in ("csv", "xlsx", "jsonl"):
        raise UsageError(f"--format {shape}: csv | xlsx | jsonl")
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(Text(f"{out} 已经有东西了; 换一个空的文件夹", f"{out} is not empty; name another folder"))
    records = make_portfolio(accounts, seed)
    out.mkdir(parents=True, exist_ok=True)
    if shape == "csv":
        write_csv(out, records, lang=lang, attributes=ATTRIBUTES)
        return out
    path = out / f"portfolio.{shape}"
    if shape == "xlsx":
        write_xlsx(path, records, lang=lang, attributes=ATTRIBUTES)
    else:
        write_jsonl(path, records)
    return path


class _Town:
    """All that the accounts have in common, made as it is needed."""

    def __init__(self, accounts: int, seed: int) -> None:
        self.size = accounts
        self.dice = Dice(seed)
        self.people = 0
        self.coming: dict[int, Coming] = {}
        self.communities: list[Community] = []
        self.per_community = max(40, min(_SIZE, accounts // 5))

    def accounts(self) -> Iterator[Record]:
        for position in range(self.size):
            if position % self.per_community == 0:
                self.communities.append(self._community(position // self.per_community))
                del self.communities[:-6]  # who has several flats has them near, and memory stays flat
            coming = self.coming.pop(position, None)
            record = self._known(coming) if coming else self._new(position)
            if position % 80 == 37:
                record = spoilt(record, position // 80)
            elif position % 70 == 23:
                record = doubtful(record)
            yield record

    # Who and where

    def _community(self, number: int) -> Community:
        dice = self.dice
        name = _NAMES[number % len(_NAMES)] + (f"{number // len(_NAMES) + 1}期" if number >= len(_NAMES) else "")
        return Community(
            company=f"wy-{number * 2 // 5 + 1:02}" if self.size < 5000 else f"wy-{number // 12 + 1:02}",
            name=name,
            code=_code(number),
            place=_PLACES[number % len(_PLACES)],
            tariff=dice.one((120, 150, 180, 195, 210, 240, 265, 280, 320, 380, 450, 550)),
            cycle=_CYCLES[number % len(_CYCLES)],
            contract=dice.by((("preliminary", 0.45), ("committee", 0.5), ("holdover", 0.05))),
            since=date(dice.whole(2012, 2022), dice.one((3, 6, 9, 12)), 1),
            clause=0.4 if number % 6 == 5 else 0.97,
            booked=number % 3 == 1,
            contacts_known=number % 6 != 4,
            disaster=number % 7 == 3,
        )

    def _new(self, position: int) -> Record:
        dice = self.dice
        community = self.communities[-1]
        use = dice.by(_USES)
        person = self._person(use)
        unit = self._unit(community, use)
        since = community.since + timedelta(days=dice.whole(0, 900))
        if use == "residential" and person.kind == "person":
            self._others(position, community, person, since)
            if dice.chance(0.03):
                return self._sold(position, community, person, unit, since)
        return self._account(community, person, use, unit, since, None)

    def _others(self, position: int, community: Community, person: Person, since: date) -> None:
        """One household in eight has more: a parking space, or another flat, anywhere in what follows."""
        if not self.dice.chance(0.12):
            return
        person.receipts, person.paying = f"R{person.id[2:]}", self.dice.whole(1, 10**9)
        same_company = [each for each in self.communities if each.company == community.company]
        for _ in range(self.dice.by(((1, 0.75), (2, 0.2), (3, 0.05)))):
            place = self.dice.one(same_company)
            use = self.dice.by((("parking", 0.6), ("residential", 0.4)))
            self._later(position, Coming(person, place, use, self._unit(place, use), since))

    def _sold(self, position: int, community: Community, seller: Person, unit: str, since: date) -> Record:
        """A unit that changed hands: the seller's account ends, the buyer has one of their own."""
        sold = ON - timedelta(days=self.dice.whole(60, 700))
        if sold <= since:
            return self._account(community, seller, "residential", unit, since, None)
        buyer = self._person("residential")
        self._later(position, Coming(buyer, community, "residential", unit, sold + timedelta(days=1)))
        return self._account(community, seller, "residential", unit, since, sold)

    def _later(self, position: int, coming: Coming) -> None:
        at = position + 1 + self.dice.whole(0, min(3000, max(1, self.size // 3)))
        while at in self.coming:
            at += 1
        if at < self.size:
            self.coming[at] = coming

    def _known(self, coming: Coming) -> Record:
        return self._account(coming.community, coming.person, coming.use, coming.unit, coming.since, None)

    def _person(self, use: str) -> Person:
        dice = self.dice
        self.people += 1
        pays: Kind = dice.by(_KINDS.get(use, _KINDS["other"]))
        kind, role = "person", "owner"
        if use in ("commercial", "office"):
            kind = dice.by((("company", 0.5), ("sole_trader", 0.3), ("person", 0.15), ("government", 0.05)))
            role = dice.by((("owner", 0.4), ("tenant", 0.6)))
        elif dice.chance(0.02):
            kind = role = "developer"
        elif dice.chance(0.05):
            role = dice.by((("tenant", 0.7), ("occupant", 0.2), ("heir", 0.1)))
        person = Person(f"O-{self.people}", kind, role, pays)
        if kind == "person":
            if dice.chance(0.03):
                person.tags.append("vip")
            if dice.chance(0.02):
                person.tags.append("elderly_alone")
            if pays in ("often_late", "refuses") and dice.chance(0.1):
                person.tags.append("low_income")
        if dice.chance(0.3):
            person.reachable = [channel for channel in _CHANNELS if dice.chance(0.7)]
        return person

    def _unit(self, community: Community, use: str) -> str:
        community.units += 1
        number = community.units
        if use == "parking":
            return f"{community.code}-P{number:04}"
        if use in ("commercial", "office"):
            return f"{community.code}-S{number:03}"
        floor, door = divmod(number % 120, 4)
        return f"{community.code}-{number // 120 + 1}-{floor + 1:02}{door + 1:02}"

    # An account

    def _account(
        self, community: Community, person: Person, use: str, unit: str, since: date, until: date | None
    ) -> Record:
        dice = self.dice
        developer = person.kind == "developer"
        area = _area(use, dice)
        tariff = community.tariff if use in ("residential", "other") else dice.whole(300, 550)
        monthly = dice.one((8000, 10000, 15000, 30000)) if use == "parking" else (tariff * area + 5) // 10
        cycle: Cycle = community.cycle if use != "commercial" else dice.by((("month", 0.3), ("quarter", 0.7)))
        clause = None if dice.chance(0.03) else dice.chance(community.clause)
        joint = None
        if person.kind == "person" and use == "residential" and dice.chance(0.2):
            joint = f"{person.id}b"
        record: Record = {
            "company": community.company,
            "id": f"{unit}/{person.id}",
            "unit": unit,
            "community": community.name,
            "place": community.place,
            "currency": "CNY",
            "use": use,
        }
        if use != "parking":
            record["area"] = f"{area // 10}.{area % 10}0"
        record["occupancy"] = (
            "unsold" if developer else dice.by((("occupied", 0.88), ("vacant", 0.115), ("undelivered", 0.005)))
        )
        record["handed_over"] = (since if until is None else min(since, until)).isoformat()
        record["debtor"] = _party(person, since, until)
        if joint:
            also = {"id": joint, "kind": "person", "role": "joint_owner", "liable": True, "since": since.isoformat()}
            record["parties"] = [also]
        record["contracts"] = self._contracts(community, tariff, cycle, clause)
        terms = Terms(
            cycle=cycle,
            item="parking" if use == "parking" else "property_fee",
            amount=monthly,
            since=since,
            until=until,
            kind="on_time" if developer and dice.chance(0.5) else person.pays,
            liable=[person.id, joint] if joint else [person.id],
            receipts=person.receipts,
            paying=person.paying,
            clause=clause,
            booked=community.booked,
            contacts_known=community.contacts_known,
        )
        record |= history(terms, dice).lists()
        self._rest(record, community, person)
        return record

    def _contracts(self, community: Community, tariff: Fen, cycle: Cycle, clause: bool | None) -> list[Record]:
        contract: Record = {"id": "K1", "since": community.since.isoformat(), "kind": community.contract}
        contract |= {"tariff": yuan(tariff), "cycle": cycle}
        if clause is not None:
            contract["late_fee_clause"] = clause
            if clause:
                contract["clause_shown"] = self.dice.chance(0.9)
                if self.dice.chance(0.05):
                    contract["late_fee_rate"] = self.dice.one(("0.3‰", "0.1‰"))
        if community.contract == "committee" and community.since < date(2018, 1, 1):
            before = contract | {"kind": "preliminary", "until": date(2019, 12, 31).isoformat()}
            return [before, contract | {"id": "K2", "since": "2020-01-01"}]
        return [contract]

    def _rest(self, record: Record, community: Community, person: Person) -> None:
        dice = self.dice
        if community.disaster:
            hold = {"id": "H0", "kind": "accrual", "since": "2026-02-01", "until": "2026-04-30", "reason": "disaster"}
            record["holds"] = [hold, *record.get("holds", [])]
        if dice.chance(0.5):
            kinds = ["e_delivery"] + (["commercial_messages"] if dice.chance(0.3) else [])
            given = record["debtor"]["since"]
            record["consents"] = [{"party": person.id, "kind": kind, "since": given} for kind in kinds]
        attributes: Record = {}
        if dice.chance(0.6):
            attributes["satisfaction"] = dice.whole(85, 100) if person.pays == "on_time" else dice.whole(40, 90)
        if dice.chance(0.1):
            attributes["conduct"] = dice.by((("good", 0.7), ("normal", 0.2), ("poor", 0.1)))
        if "vip" in person.tags:
            attributes["long_supporter"] = True
        record["attributes"] = attributes
        if not community.contacts_known:
            record["unknown"] = ["contacts"]
        record["data_as_of"] = AS_OF


def _code(number: int) -> str:
    """XA, XB ... : what the units of a community begin with."""
    letters = "ABCDEFGHJKLMNPQRSTUVWXYZ"
    return f"X{letters[number % 24]}{number // 24 if number >= 24 else ''}"


def _area(use: str, dice: Dice) -> int:
    """Tenths of a square metre."""
    low, high = {"residential": (450, 1800), "commercial": (300, 6000), "office": (400, 4000)}.get(use, (100, 1500))
    return dice.whole(low, high)


def _party(person: Person, since: date, until: date | None) -> Record:
    party: Record = {"id": person.id, "kind": person.kind, "role": person.role, "since": since.isoformat()}
    if until:
        party["until"] = until.isoformat()
    if person.tags:
        party["tags"] = person.tags
    if person.reachable is not None:
        party["reachable"] = person.reachable
    return party


# What goes wrong in real files


def spoilt(record: Record, number: int) -> Record:
    """The account with one thing wrong that makes it rejected; `number` says which of them."""
    charges: list[Any] = [dict(charge) for charge in record.get("charges", ())]
    record = {**record, "charges": charges}
    if not charges:
        return {**record, "currency": "USD"}
    first = charges[0]
    match number % 8:
        case 0:
            first["due"] = "2026-02-30"
        case 1:
            first["amount"] = "-" + first["amount"]
        case 2:
            first["item"] = "late_fee"
        case 3:
            charges.append(dict(first))
        case 4:
            first["period"] = ["2026-03-31", "2026-01-01"]
        case 5:
            first["amount"] = first["amount"][:-1] + "O"
        case 6:
            record["use"] = "villa"
        case _:
            record["currency"] = "USD"
    return record


def doubtful(record: Record) -> Record:
    """The account with a payment made for a charge that is not there: a finding, and it is assessed all the same."""
    payments = [dict(payment) for payment in record.get("payments", ())]
    if payments:
        payments[-1]["for"] = ["2019Q1"]
    return {**record, "payments": payments}
