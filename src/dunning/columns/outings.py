"""What is done about many persons today: the worklist is asked once for all whose offers and contacts stand alike.

Amounts, ids and what was said long ago are nothing to it. So few persons differ, and whoever is like another goes out
at the same hours, or is withheld for the same reason; only what it says of charges, and its key, is made for each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dunning.columns.arrays import keys
from dunning.columns.drafts import BIT
from dunning.columns.homes import Homes
from dunning.columns.kinds import alike, told_apart
from dunning.columns.lines import Lines
from dunning.columns.numbering import Numbering
from dunning.columns.offers import Look, Offers
from dunning.columns.order import by_key
from dunning.columns.packing import unpack_all
from dunning.columns.rows import Batch, Ints, Texts
from dunning.columns.schema import Shape
from dunning.columns.shares import DAYS, expanded
from dunning.columns.sought import sought
from dunning.columns.written import action_row, shortfall_row, table_of
from dunning.engine.assess import shortfall
from dunning.engine.known.contacts import Person
from dunning.engine.ladder.offered import key_of
from dunning.engine.ladder.pending import TONES, YIELDS
from dunning.engine.owed.ledger import ChargeState
from dunning.engine.result import Action
from dunning.engine.steps.candidates import Candidate
from dunning.engine.steps.channels import receivers
from dunning.engine.worklist import Due, Outcome, Share, worklist
from dunning.model.account import Account, Channel
from dunning.model.condition import Unknown, Value


class Looked(NamedTuple):
    """The homes of one part, with what is offered to them.

    `kept` are the homes meant, the offers speak of them by their place among these; `rows` are the same and `charges`
    all charges of the part, as rows of the whole batch. `standing` is the number of what the worklist asks of each
    home beside its offers and its contacts, `people` that of who stands beside the debtor.
    """

    home: Homes
    offers: Offers
    kept: Ints
    rows: Ints
    charges: Ints
    standing: Ints
    people: Ints


class Told(NamedTuple):
    """What becomes of the offers, part by part: the codes that withhold each (0: it goes out) and until when.

    `actions` are what goes out, and `shortfalls` by account, both in the order of the batch.
    """

    codes: list[Ints]
    until: list[Ints]
    actions: pa.Table
    shortfalls: pa.Array


class Goes(NamedTuple):
    """How an action goes out. `to`: 0 for the debtor, 1, 2 .. for the parties; `carries`: an account and its offer."""

    not_before: datetime
    not_after: datetime | None
    hours: tuple[tuple[datetime, datetime], ...]
    mode: str
    channels: tuple[Channel, ...]
    to: tuple[int, ...]
    carries: tuple[tuple[int, int], ...]


class _Charge(NamedTuple):
    id: str


class _State(NamedTuple):
    """A charge as the worklist looks at it."""

    charge: _Charge


class Outings:
    """What was found of persons so far, under some rules on one day. One object serves batch after batch."""

    def __init__(self, on: date, shape: Shape, numbering: Numbering) -> None:
        self.on = on
        self.schema = shape.schemas["actions"]
        self.short = shape.schemas["assessments"].field("shortfalls").type
        self.numbering = numbering
        self._kinds: dict[int, int] = {}  # by the number of how a person stands: the line of the first account
        self._lines = Lines(3)  # of each offer: codes, until, how it goes
        self._shortfalls: list[list[dict[str, Any]]] = []
        self._goes: dict[Goes, int] = {}
        self._going: list[Goes] = []
        self._said: dict[tuple[Look, int], int] = {}
        self._static: list[tuple[Any, ...]] = []

    def tell(self, batch: Batch, looked: Sequence[Looked]) -> Told:
        """What is done about the persons behind these homes, of whom all accounts are among them."""
        day = _Day(batch, looked, self.on)
        members = self._members(day)
        starts = np.flatnonzero(np.diff(day.group, prepend=-1))
        groups = day.group[starts]
        begins = np.append(starts, len(day.group))
        books = list(dict.fromkeys(part.home.book for part in looked))
        how = sought(batch, self.on, books, self.numbering)[groups]
        persons = self.numbering.of("person", [self.numbering.of_lists("persons", begins, members), how])
        codes, samples = told_apart(persons)
        new = sorted(place for place in samples.tolist() if int(persons[place]) not in self._kinds)
        self._learn_all(day, {place: int(persons[place]) for place in new}, begins)
        lines = [self._kinds[number] for number in persons[samples].tolist()]
        within = np.arange(len(day.group)) - np.repeat(starts, np.diff(begins))
        kinds = np.repeat(np.array(lines, np.int64)[codes], np.diff(begins)) + within
        found, _ = self._lines.of(kinds)
        actions = self._actions(day, found[:, 0], found[:, 2])
        return Told(day.by_part(found[:, 0]), day.by_part(found[:, 1]), actions, self._short(kinds))

    def _short(self, kinds: Ints) -> pa.Array:
        """The quotas that are not met, of accounts of these kinds."""
        codes, samples = told_apart(kinds)
        told = [self._shortfalls[kind] for kind in kinds[samples].tolist()]
        return pa.array(told, self.short).take(pa.array(codes))

    # Who is like whom

    def _members(self, day: _Day) -> Ints:
        """The number of each account: what its person's worklist asks of it."""
        offers = self.numbering.of("offer", day.weighed(self.numbering))
        listed = self.numbering.of_lists("offers", day.start, offers)
        return self.numbering.of("account of today", [day.standing, listed])

    # Finding out

    def _learn_all(self, day: _Day, new: Mapping[int, int], begins: Ints) -> None:
        """Has the worklist decide about one person of each new kind; by their places, ascending."""
        members = {place: range(int(begins[place]), int(begins[place + 1])) for place in new}
        rows = [row for each in members.values() for row in day.rows[each.start : each.stop].tolist()]
        accounts = iter(unpack_all(day.batch, np.array(rows, np.int64)))
        for place, number in new.items():
            self._kinds[number] = self._learn(day, members[place], list(islice(accounts, len(members[place]))))

    def _learn(self, day: _Day, members: range, accounts: Sequence[Account]) -> int:
        """Has the worklist decide about one person, and notes what each account is told."""
        shares = [
            Share(account, day.part_of(member).home.book, day.candidates(member, account), day.reader(member))
            for member, account in zip(members, accounts, strict=True)
        ]
        outcomes = worklist(shares, Person(tuple(accounts), self.on))
        first = len(self._lines)
        ids = {account.id: place for place, account in enumerate(accounts)}
        for account, share, outcome in zip(accounts, shares, outcomes, strict=True):
            self._note(account, share, outcome, ids)
        return first

    def _note(self, account: Account, share: Share, outcome: Outcome, ids: dict[str, int]) -> None:
        due = {int(each.candidate.key): each for each in outcome.due}
        withheld = iter(outcome.withheld)
        rows = []
        for place in range(len(share.candidates)):
            if place in due:
                rows.append((0, -1, self._number(account, due[place], ids)))
                continue
            each = next(withheld)
            bits = sum(BIT[code] for code in each.codes)
            rows.append((bits, -1 if each.until is None else each.until.toordinal(), -1))
        self._lines.add(rows)
        self._shortfalls.append([shortfall_row(shortfall(one)) for one in outcome.shortfalls])

    def _number(self, account: Account, due: Due, ids: dict[str, int]) -> int:
        people = {account.debtor.id: 0} | {party.id: place for place, party in enumerate(account.parties, 1)}
        channels = due.candidate.channels
        goes = Goes(
            due.not_before,
            due.not_after,
            due.hours,
            "" if channels is None else channels.mode,
            () if channels is None else channels.channels,
            tuple([people[one] for one in due.candidate.to]),
            tuple([(ids[whose], int(one.key)) for whose, one in due.carries]),
        )
        number = self._goes.setdefault(goes, len(self._going))
        if number == len(self._going):
            self._going.append(goes)
        return number

    # What goes out

    def _actions(self, day: _Day, codes: Ints, goes: Ints) -> pa.Table:
        due = np.flatnonzero(codes == 0)
        if not len(due):
            return self.schema.empty_table()
        kinds, samples = alike([day.part_number[due], day.look[due], goes[due]])
        said = [self._saying(day.look_of(int(due[place])), int(goes[due[place]])) for place in samples.tolist()]
        static = table_of(self._static, pa.schema(list(self.schema)[2:])).take(pa.array(np.array(said)[kinds]))
        going = [self._going[number] for number in goes[due].tolist()]
        carries = [[day.carried(int(row), *one) for one in each.carries] for row, each in zip(due, going, strict=True)]
        columns: dict[str, Any] = {
            **keys(day.batch, day.rows[day.member[due]]),
            "key": pa.array(day.keys(due)),
            "charge": pa.array(day.charge_ids(due), pa.string()),
            "to": _people(day, due, going),
            "bundle": day.bundles(due),
            "carries": pa.array(
                [[day.told(each) for each in some] for some in carries], self.schema.field("carries").type
            ),
            **day.asked(due, carries),
        }
        return pa.table(
            [columns[name] if name in columns else static.column(name) for name in self.schema.names],
            schema=self.schema,
        )

    def _saying(self, look: Look, goes: int) -> int:
        """The row of what an action says to everybody."""
        key = look, goes
        place = self._said.get(key)
        if place is None:
            place = self._said[key] = len(self._static)
            how = self._going[goes]
            action = Action(
                key="", step=look.rung.step.id, charge=None, action=look.action.id, to=(),
                channels={how.mode: how.channels} if how.mode else {}, role=look.role, tone=look.tone,
                template=look.template, not_before=how.not_before, not_after=how.not_after, hours=how.hours,
                needs=look.needs, record=look.record, ask=None, bundle="", charges=(), pay_by=look.pay_by,
                approved_by=look.approved_by, void_if=look.void_if, carries=(), because=(),
            )  # fmt: skip
            self._static.append(action_row(action))
        return place


class _Day:
    """The homes of all parts side by side, account by account, each with its offers.

    `rows` are the accounts, ascending rows of the batch; `start` where the offers of each begin, `member` whose each
    is.
    """

    def __init__(self, batch: Batch, looked: Sequence[Looked], on: date) -> None:
        self.batch = batch
        self.looked = looked
        self.on = on
        rows = np.concatenate([part.rows for part in looked])
        part = np.repeat(np.arange(len(looked)), [len(part.rows) for part in looked])
        place = np.concatenate([part.kept for part in looked])
        order = np.argsort(rows)
        self.rows, self.part, self.place = rows[order], part[order], place[order]
        self.standing = np.concatenate([part.standing for part in looked])[order]
        self.group = batch.debtor[self.rows]
        at = np.empty(len(rows), np.int64)
        at[order] = np.arange(len(rows))
        before = np.cumsum([0, *(len(part.rows) for part in looked)])
        member = np.concatenate([at[begin + each.offers.homes] for begin, each in zip(before, looked, strict=False)])
        self.order = np.argsort(member, kind="stable")
        self.member = member[self.order]
        self.start = np.searchsorted(self.member, np.arange(len(rows) + 1))
        self.part_number = self._put(lambda each, number: np.full(len(each.offers.homes), number, np.int64))
        self.offer = self._put(lambda each, _: np.arange(len(each.offers.homes)))
        self.look = self._put(lambda each, _: each.offers.look)

    def _put(self, find: Any) -> Ints:
        parts = [find(each, number) for number, each in enumerate(self.looked)]
        return np.asarray(np.concatenate(parts)[self.order])

    def by_part(self, values: Ints) -> list[Ints]:
        """Values of all offers, by part and in its own order."""
        found = np.empty(len(values), np.int64)
        found[self.order] = values
        cuts = np.cumsum([len(each.offers.homes) for each in self.looked])[:-1]
        return np.split(found, cuts)

    def weighed(self, numbering: Numbering) -> list[Ints]:
        """What the worklist asks of each offer: how it may go out, to whom, and its turn among those of the person."""
        words = [np.array([numbering.of_word(look) for look in each.offers.looks], np.int64) for each in self.looked]
        named = [np.array([_names_parties(look) for look in each.offers.looks], np.bool_) for each in self.looked]
        waits = [np.array([_turns(look) for look in each.offers.looks], np.bool_) for each in self.looked]

        def last(each: Looked, number: int) -> Ints:
            return np.where(waits[number][each.offers.look], each.offers.last, -1)

        def people(each: Looked, number: int) -> Ints:
            return np.where(named[number][each.offers.look], each.people[each.offers.homes], -1)

        return [
            self._put(lambda each, number: words[number][each.offers.look]),
            self._put(last),
            self._put(people),
            self._put(lambda each, _: each.offers.guessed.astype(np.int64)),
            self._turn(),
        ]

    def _turn(self) -> Ints:
        """The turn of each offer among those of its person: see `Pending.turn`."""
        offers = [
            self._put(lambda each, _, name=name: getattr(each.offers, name)) for name in ("first", "number", "ranks")
        ]
        first, number, rank = offers
        before = [np.array([_first_of(look) for look in each.offers.looks], np.int64) for each in self.looked]
        weight = self._put(lambda each, part: before[part][each.offers.look])
        person = self.group[self.member]
        order = np.lexsort((self._order_of_twins(), rank, self._ids[self.member], number, first, weight, person))
        found = np.empty(len(order), np.int64)
        begins = np.flatnonzero(np.diff(person[order], prepend=-1))
        found[order] = np.arange(len(order)) - np.repeat(begins, np.diff(np.append(begins, len(order))))
        return found

    @cached_property
    def _ids(self) -> Ints:
        """The place of each account among those of its person, by id."""
        found = np.zeros(len(self.rows), np.int64)
        ids = self.batch.texts("id")
        several = np.flatnonzero(self.group[1:] == self.group[:-1])
        for group in np.unique(self.group[several]).tolist():
            rows = range(int(np.searchsorted(self.group, group)), int(np.searchsorted(self.group, group, side="right")))
            names = {row: ids.text(int(self.rows[row])) or "" for row in rows}
            for place, row in enumerate(sorted(rows, key=names.__getitem__)):
                found[row] = place
        return found

    def _order_of_twins(self) -> Ints:
        """The place of offers of one step and account among each other, by the charge and the record they are about."""
        found = np.zeros(len(self.member), np.int64)
        rank = self._put(lambda each, _: each.offers.ranks)
        same = np.flatnonzero((self.member[1:] == self.member[:-1]) & (rank[1:] == rank[:-1]))
        for member, step in sorted({(int(self.member[row]), int(rank[row])) for row in same}):
            rows = [row for row in range(self.start[member], self.start[member + 1]) if rank[row] == step]
            names = [(self.charge_id(row) or "", self.record(row)) for row in rows]
            for place, row in enumerate(sorted(rows, key=dict(zip(rows, names, strict=True)).__getitem__)):
                found[row] = place
        return found

    # One offer

    def _of(self, row: int) -> tuple[Looked, int]:
        return self.looked[int(self.part_number[row])], int(self.offer[row])

    def part_of(self, member: int) -> Looked:
        return self.looked[int(self.part[member])]

    def look_of(self, row: int) -> Look:
        part, offer = self._of(row)
        return part.offers.looks[int(part.offers.look[offer])]

    def charge_id(self, row: int) -> str | None:
        part, offer = self._of(row)
        charge = int(part.offers.charge[offer])
        return None if charge < 0 else part.home.batch.charges.texts("id").text(charge)

    def record(self, row: int) -> str:
        part, offer = self._of(row)
        return part.offers.record[offer]

    def charge_ids(self, rows: Ints) -> list[str | None]:
        """The charge each is about."""
        found = self._charges[rows]
        ids = self.batch.charges.texts("id").values.take(pa.array(np.maximum(found, 0), mask=found < 0))
        told: list[str | None] = ids.to_pylist()
        return told

    @cached_property
    def _charges(self) -> Ints:
        return self._put(lambda each, _: np.append(each.charges, -1)[each.offers.charge])

    def keys(self, rows: Ints) -> list[str]:
        """The key a sink knows each by."""
        accounts = self.rows[self.member[rows]]
        company = self.batch.coded("company")
        companies = [str(company.words[code]) for code in company.codes[accounts].tolist()]
        ids = self.batch.texts("id").values.take(pa.array(accounts)).to_pylist()
        offers = [self.looked[part].offers for part in self.part_number[rows].tolist()]
        return [
            key_of(name, account, part.looks[look].rung.oldest, charge, part.kind[place], part.record[place], number)
            for name, account, part, look, charge, place, number in zip(
                companies, ids, offers, self.look[rows].tolist(), self.charge_ids(rows), self.offer[rows].tolist(),
                self._put(lambda each, _: each.offers.number)[rows].tolist(), strict=True,
            )
        ]  # fmt: skip

    def carried(self, row: int, account: int, offer: int) -> int:
        """The row of an offer that goes with that of a row: of so many accounts of the person, and its place there."""
        group = int(self.group[self.member[row]])
        first = int(np.searchsorted(self.group, group))
        return int(self.start[first + account]) + offer

    def told(self, row: int) -> dict[str, Any]:
        """An offer as what carries it tells of it."""
        account = self.batch.texts("id").text(int(self.rows[self.member[row]]))
        step = self.look_of(row).rung.step.id
        return {"account": account, "step": step, "charge": self.charge_id(row), "key": self.keys(np.array([row]))[0]}

    def bundles(self, due: Ints) -> pa.Array:
        debtors = self.batch.texts("debtor.id").values.take(pa.array(self.rows[self.member[due]]))
        return pc.binary_join_element_wise(debtors, str(self.on), "/")

    # What is asked for

    def asked(self, due: Ints, carries: Sequence[Sequence[int]]) -> dict[str, pa.Array]:
        """The charges each action speaks of, with those of what it carries of its own account, and their sums."""
        own = [(place, row) for place, row in enumerate(due.tolist())]
        own += [
            (place, other)
            for place, others in enumerate(carries)
            for other in others
            if self.member[other] == self.member[due[place]]
        ]
        whose = np.array([place for place, _ in own], np.int64)
        rows = np.array([row for _, row in own], np.int64)
        charges, unpaid, fee, of = [], [], [], []
        for number, part in enumerate(self.looked):
            mine = np.flatnonzero(self.part_number[rows] == number)
            offers, offer = part.offers, self.offer[rows[mine]]
            places, spoken = expanded(offers.start[offer], offers.start[offer + 1] - offers.start[offer])
            at = offers.charges[places]
            charges.append(part.charges[at])
            unpaid.append(part.home.owed.unpaid[at])
            fee.append(part.home.owed.fee[at])
            of.append(whose[mine][spoken])
        row, place = np.concatenate(charges), np.concatenate(of)
        sums = np.concatenate(unpaid), np.concatenate(fee)
        order = np.argsort(place, kind="stable")
        row, place, (principal, late) = row[order], place[order], (each[order] for each in sums)
        if any(carries):
            kept = self._once_in_order(row, place, self._own_charges(due))
            row, place, principal, late = row[kept], place[kept], principal[kept], late[kept]
        size = len(due)
        start = np.searchsorted(place, np.arange(size + 1))
        less = np.zeros(size, np.int64)
        for number, part in enumerate(self.looked):
            mine = np.flatnonzero(self.part_number[due] == number)
            less[mine] = part.offers.less[self.offer[due[mine]]]
        total, fees, unknown = np.zeros(size, np.int64), np.zeros(size, np.int64), np.zeros(size, np.bool_)
        np.add.at(total, place, principal)
        np.add.at(fees, place, np.maximum(late, 0))
        unknown[place[late < 0]] = True
        total -= less
        none = start[1:] == start[:-1]
        ids = self.batch.charges.texts("id").values.take(pa.array(row))
        day = pa.array([self.on] * size, pa.date32(), mask=none)
        return {
            "charges": pa.ListArray.from_arrays(start.astype(np.int32), ids),
            "ask_principal": pa.array(total, mask=none),
            "ask_late_fee": pa.array(fees, mask=none | unknown),
            "ask_total": pa.array(total + np.where(unknown, 0, fees), mask=none),
            "ask_as_of": day,
        }

    def _own_charges(self, due: Ints) -> Ints:
        """How many charges each speaks of itself."""
        counts = self._put(lambda each, _: np.diff(each.offers.start))
        return np.asarray(counts[due])

    def _once_in_order(self, row: Ints, place: Ints, own: Ints) -> Ints:
        """Each charge of an action once: its own in the order of the ledger; with others, by due date and id."""
        once = np.sort(np.unique(np.stack((place, row), axis=1), axis=0, return_index=True)[1])
        more = np.bincount(place[once], minlength=len(own)) > own
        fell = np.zeros(len(self.batch.charges), np.int64)
        for part in self.looked:
            fell[part.charges] = part.home.owed.fell
        some = more[place[once]]
        mixed = once[some]
        ids = Texts(self.batch.charges.texts("id").values.take(pa.array(row[mixed])))
        once[some] = mixed[by_key(place[mixed] << DAYS | fell[row[mixed]], ids)]
        return once

    # For the worklist

    def candidates(self, member: int, account: Account) -> list[Candidate]:
        """The offers of an account as the worklist weighs them; the key is the place of each."""
        part = self.part_of(member)
        home, offers = part.home, part.offers
        gap = home.gap_since(int(self.place[member]))
        found = []
        for place, row in enumerate(range(int(self.start[member]), int(self.start[member + 1]))):
            offer, look, charge = int(self.offer[row]), self.look_of(row), self.charge_id(row)
            rung, last = look.rung, int(offers.last[offer])
            state = None if charge is None else cast(ChargeState, _State(_Charge(charge)))
            found.append(
                Candidate(
                    rung.step, rung.kind, rung.rank, state,
                    since=date.fromordinal(int(offers.first[offer])),
                    last=None if last < 0 else date.fromordinal(last),
                    anchor_record=offers.record[offer],
                    occurrence=int(offers.number[offer]),
                    key=str(place),
                    action=look.action,
                    to=receivers(rung, account, self.on),
                    receiver=look.action.receiver or rung.step.to,
                    channels=look.channels,
                    tone=look.tone,  # type: ignore[arg-type]
                    gap_since=gap if rung.ladder else None,
                    provisional=bool(offers.guessed[offer]),
                )
            )  # fmt: skip
        return found

    def reader(self, member: int) -> Any:
        """The facts and grades of an account."""
        home = self.part_of(member).home
        at = int(home.accounts[self.place[member]])

        def read(fact: str) -> Value | Unknown:
            return home.facts[fact].at(at)

        return read


def _people(day: _Day, due: Ints, going: Sequence[Goes]) -> pa.Array:
    """Whom each action goes to."""
    parties, batch = day.batch.lists["parties"], day.batch
    accounts = day.rows[day.member[due]]
    counts = np.array([len(each.to) for each in going], np.int64)
    places = np.array([place for each in going for place in each.to], np.int64)
    whose = np.repeat(accounts, counts)
    rows = np.where(places == 0, whose, len(batch) + parties.start[whose] + places - 1)
    ids = pa.concat_arrays([batch.texts("debtor.id").values, parties.texts("id").values])
    start = np.concatenate(([0], np.cumsum(counts))).astype(np.int32)
    return pa.ListArray.from_arrays(start, ids.take(pa.array(rows)))


# What tells offers and contacts apart


def _names_parties(look: Look) -> bool:
    """Whether a step goes to others than the debtor."""
    return look.rung.legal or look.rung.step.to == "developer"


def _turns(look: Look) -> bool:
    """Whether there is another way to take where the first is closed for longer than the step can wait."""
    return look.channels is not None and look.channels.mode == "first_of" and len(look.channels.channels) > 1


def _first_of(look: Look) -> int:
    """What goes before what, but for how long it has been due: `Pending.turn` as far as the step itself says."""
    step, kind = look.rung.step, look.rung.kind
    priority = _NO_PRIORITY if step.priority is None else step.priority
    return (priority * len(YIELDS) + YIELDS[kind]) * len(TONES) + len(TONES) - TONES[look.tone]  # type: ignore[index]


_NO_PRIORITY = 1 << 40
