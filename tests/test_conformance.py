"""The suite holds: the template passes it, and with a line of the template put wrong the test meant for it fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, NamedTuple

import pytest

from dunning.adapter import Adapter, Delivery, Gone, Item, Mark, Receipt, RefusedError
from dunning.intake.records import Read, Rejected
from dunning.testing.conformance import AdapterSuite, Bench
from dunning.testing.news import NEWS
from templates import bench, template

MANY, PAGE = 45, 20


class TestTemplate(AdapterSuite):
    @pytest.fixture
    def erp(self, tmp_path: Path) -> Bench:
        return bench(tmp_path, template())


class TestTemplateInSmallPages(AdapterSuite):
    many = MANY

    @pytest.fixture
    def erp(self, tmp_path: Path) -> Bench:
        return bench(tmp_path, template(), page=3)


# Adapters that do less pass as well, so long as they say so.


class Around:
    """An adapter around another: what a subclass does not say otherwise, the inner one does."""

    def __init__(self, inner: Adapter) -> None:
        self.__dict__["inner"] = inner

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.inner, name, value)  # the bench's ways of letting it die

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class ReadOnly(Around):
    def capabilities(self) -> Any:
        lists = frozenset({"charges", "payments", "adjustments"})
        return replace(
            self.inner.capabilities(), lists=lists, changes="none", delivers=False, posts=False, resolves=False
        )

    def accounts(self, since: str | None) -> Iterator[Item]:
        if since is not None:
            raise RefusedError.to("read-only", "accounts(since)")
        return (item for item in self.inner.accounts(None) if not isinstance(item, Mark))

    def _refused(self, *_: object) -> Any:
        raise RefusedError.to("read-only", "this")

    deliver = cancel = receipts = post = parties = forget = _refused


class FindsPart(Around):
    """By write dates: of payments and bills it hears, of the rest never."""

    def capabilities(self) -> Any:
        return replace(self.inner.capabilities(), changes="partial")

    def accounts(self, since: str | None) -> Iterator[Item]:
        for item in self.inner.accounts(since):
            if since is None or isinstance(item, Mark) or (isinstance(item, Read) and not item.account.disputes):
                yield item


class Forgets(Around):
    """Keeps something of its own, and can erase it."""

    def capabilities(self) -> Any:
        return replace(self.inner.capabilities(), forgets=True)

    def forget(self, party: str) -> None:
        assert party


@pytest.mark.parametrize("less", [ReadOnly, FindsPart, Forgets])
def test_an_adapter_may_do_less_if_it_says_so(less: type[Around], tmp_path: Path) -> None:
    assert failures(opens(less), tmp_path) == set()


# One thing wrong at a time.


class Wrong(NamedTuple):
    """What is wrong, how, and which tests must fail of it: no other."""

    what: str
    how: Sequence[tuple[str, str]] | type[Around]
    fails: set[str]


class Silent(Around):
    """Knows nobody's address, does not say that it does, and answers all the same."""

    def capabilities(self) -> Any:
        return replace(self.inner.capabilities(), resolves=False)


class LastFirst(Around):
    """Every other read goes the other way round."""

    reads = count()

    def accounts(self, since: str | None) -> Iterator[Item]:
        items = list(self.inner.accounts(since))
        turned = items[-2::-1] if next(self.reads) % 2 else items[:-1]
        return iter([*turned, items[-1]])


class ByRoom(Around):
    """Reads room by room, as the ERP lists them."""

    def accounts(self, since: str | None) -> Iterator[Item]:
        items = list(self.inner.accounts(since))
        room = {id(item): item.account.unit for item in items if isinstance(item, Read)}
        return iter([*sorted(items[:-1], key=lambda item: room.get(id(item), "")), items[-1]])


class OnlyTheOneAskedFor(Around):
    def reread(self, ids: Any) -> Iterator[Item]:
        asked = list(ids)
        for item in self.inner.reread(asked):
            if isinstance(item, Gone) or (isinstance(item, Read) and (item.account.company, item.account.id) in asked):
                yield item


class OnlyTheOneWithNews(Around):
    """Of a debtor with several accounts, those in which something has changed."""

    def accounts(self, since: str | None) -> Iterator[Item]:
        for item in self.inner.accounts(since):
            if since is None or not isinstance(item, Read) or item.account.payments:
                yield item


class LeavesOutTheUnreadable(Around):
    def accounts(self, since: str | None) -> Iterator[Item]:
        return (item for item in self.inner.accounts(since) if not isinstance(item, Rejected))


class MarksTooSoon(Around):
    """A mark after each account, with the cursor of the whole read."""

    def accounts(self, since: str | None) -> Iterator[Item]:
        items = list(self.inner.accounts(since))
        for item in items:
            yield item
            if not isinstance(item, Mark):
                yield items[-1]


class NotesFirst(Around):
    """Notes down what it has done, and then does it."""

    noted: ClassVar[set[tuple[str, str, str]]] = set()  # by file, and kept outside the process that dies

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        notes = [(self.file, one.key, str(one.on)) for one in deliveries]
        new = [one for one, note in zip(deliveries, notes, strict=True) if note not in self.noted]
        self.noted.update(notes)
        self.inner.deliver(new)
        return [Receipt(one.key, "accepted", one.action.not_before) for one in deliveries]


class ForgetsEverything(Forgets):
    """Erases with the person what was sent to them."""

    def forget(self, party: str) -> None:
        with self.inner._database(write=True) as db:  # type: ignore[attr-defined]
            db.execute("DELETE FROM message WHERE body LIKE ?", (f"%{party}%",))


RECEIVED = '"receipt", "WHERE resident = ? AND deleted_at IS NULL'
WHOLE = "(SELECT amount FROM bill WHERE bill.id = receipt.bill)"
THROUGH_A_FLOAT = 'lambda yuan: yuan and f"{int(float(yuan) * 100) / 100:.2f}"'
NEIGHBOURS = (
    "SELECT one.id FROM resident AS one JOIN resident AS me ON one.room = me.room AND one.company = me.company"
    " WHERE me.id = ?"
)
ASKED_LATE = """\
        with self._database() as db:
            yield Mark(str(db.execute("SELECT version FROM clock").fetchone()[0]))"""
AGAIN = 'if row is not None and (row["day"] >= on or row["state"] not in (*NEVER_LEFT, "accepted")):'

CHANGING = 'CHANGING = ("contract", "bill", "receipt", "refund", "complaint", "pause", "message")'
BOUNCED = f"{CHANGING}\nBOUNCED = dict.fromkeys(CHANGING, '') | {{'receipt': 'WHERE returned_at IS NULL'}}"

MISSING = {"a_missing_field_names_the_erps_own_column[due]", "a_missing_field_names_the_erps_own_column[amount]"}
GONE = {f"what_is_gone_is_told[{because}]" for because in ("closed", "merged", "erased")}
TWICE = "a_process_that_dies_loses_nothing_and_sends_nothing_twice"

WRONG = [
    Wrong(
        "a list is misspelt",
        [('"disputes", "holds"]', '"disputes", "hold"]')],
        {"capabilities_are_constant_and_name_what_there_is"},
    ),
    Wrong(
        "what it does not declare, it does not refuse",
        Silent,
        {"what_is_not_declared_is_refused", "parties_are_those_asked_for"},
    ),
    Wrong(
        "amounts through a float",
        [('"amount": ("amount", same), "due"', f'"amount": ("amount", {THROUGH_A_FLOAT}), "due"')],
        {"money_comes_to_the_fen"},
    ),
    Wrong(
        "only payments in full count",
        [(RECEIVED, f"{RECEIVED} AND amount = {WHOLE}")],
        {
            "a_partial_payment_leaves_the_rest",
            "a_new_owner_is_a_new_account",
            "days_do_not_drift",
            "a_change_during_a_read_is_not_lost",
        },
    ),
    Wrong(
        "only payments in part count",
        [(RECEIVED, f"{RECEIVED} AND amount <> {WHOLE}")],
        {"what_is_paid_is_not_owed", "refunded_money_is_owed_again"},
    ),
    Wrong(
        "late fees are bills like any other",
        [("{BILLED} <> 'LF'", "{BILLED} <> ''")],
        {
            "a_late_fee_is_not_principal",
            "a_mixed_invoice_is_taken_apart",
            "our_late_fee_is_read_back_with_its_key",
            "a_correction_is_read_back_in_the_sum",
        },
    ),
    Wrong("water is property fee", [('"WT": "utility"', '"WT": "property_fee"')], {"a_mixed_invoice_is_taken_apart"}),
    Wrong(
        "no payment bounces",
        [('("returned_at", day)', '("id", always(None))')],
        {"a_payment_that_bounced_is_owed_again"},
    ),
    Wrong(
        "no money is given back",
        [('"refund", "WHERE resident = ?"', '"refund", "WHERE resident = -?"')],
        {"refunded_money_is_owed_again"},
    ),
    Wrong("deleted payments count", [(RECEIVED, RECEIVED.partition(" AND")[0])], {"a_deleted_payment_never_came"}),
    Wrong(
        "deleted bills count",
        [("deleted_at IS NULL AND kind", "kind")],
        {"a_deleted_charge_is_not_owed"},
    ),
    Wrong("now forwards, now backwards", LastFirst, {"every_account_comes_once_and_in_one_order"}),
    Wrong("the first page is all there is", [("while page := db", "if page := db")], {"pages_lose_nobody"}),
    Wrong("read room by room", ByRoom, {"the_accounts_of_one_debtor_come_together"}),
    Wrong(
        "persons are the same in all companies",
        [("FROM resident WHERE company = ? AND person = ?", "FROM resident WHERE ? <> '' AND person = ?")],
        {"two_companies_may_have_the_same_room_number"},
    ),
    Wrong(
        "bills go with the room",
        [('BILLED = "WHERE resident = ?', f'BILLED = "WHERE resident IN ({NEIGHBOURS})')],
        {"a_new_owner_is_a_new_account"},
    ),
    Wrong("nobody is ever gone", [('if resident["state"] == "open":', "if resident:")], GONE),
    Wrong(
        "who is not there is not spoken of",
        [('yield Gone(company, id_, "deleted")', "pass")],
        {"who_was_never_there_is_gone"},
    ),
    Wrong("only the account asked for", OnlyTheOneAskedFor, {"an_account_is_read_again_with_all_its_debtor_has"}),
    Wrong(
        "complaints are not read",
        [('"complaint", "WHERE resident = ?"', '"complaint", "WHERE resident = -?"')],
        {"a_dispute_is_told"},
    ),
    Wrong(
        "pauses are not read",
        [('"pause", "WHERE resident = ?"', '"pause", "WHERE resident = -?"')],
        {"a_hold_is_told_and_taken_back"},
    ),
    Wrong(
        "pauses never end",
        [('"until": ("until", same)', '"until": ("id", always(None))')],
        {"a_hold_is_told_and_taken_back"},
    ),
    Wrong("days in UTC", [(".astimezone(CHINA).date()", ".date()")], {"days_do_not_drift"}),
    Wrong(
        "nobody says when it was asked", [('"data_as_of": asked,', "")], {"an_account_says_when_its_source_was_asked"}
    ),
    Wrong("findings do not lead to the ERP", [("where=locate)", "where=None)")], MISSING),
    Wrong("what cannot be read is left out", LeavesOutTheUnreadable, {*MISSING, "news_is_found[due date emptied]"}),
    Wrong(
        "there is no mark",
        [("            yield Mark(str(read_to))\n", "")],
        {
            "a_read_ends_with_a_mark",
            "a_read_cut_short_loses_nothing",
            "news_of_one_account_brings_all_its_debtor_has",
            *(f"news_is_found[{change}]" for change in NEWS),
        },
    ),
    Wrong(
        "a bounce is no news",
        [
            ("SELECT resident, version FROM {table}", "SELECT resident, version FROM {table} {BOUNCED[table]}"),
            (CHANGING, BOUNCED),
        ],
        {"news_is_found[bounced]"},
    ),
    Wrong(
        "only the account with news",
        OnlyTheOneWithNews,
        {"news_of_one_account_brings_all_its_debtor_has", "news_is_found[payment deleted]"},
    ),
    Wrong(
        "how far it got is asked at the end",
        [("            yield Mark(str(read_to))\n", ""), ("    def reread(", f"{ASKED_LATE}\n\n    def reread(")],
        {"a_change_during_a_read_is_not_lost"},
    ),
    Wrong("marks too soon", MarksTooSoon, {"a_read_cut_short_loses_nothing"}),
    Wrong(
        "takes whatever it is given",
        [(f"{AGAIN}\n        return receipt_of(row)", f"{AGAIN}\n        pass")],
        {"delivered_twice_is_sent_once", f"{TWICE}[after]", "what_was_cancelled_may_be_due_again"},
    ),
    Wrong("notes it down, then does it", NotesFirst, {f"{TWICE}[before]", f"{TWICE}[between]"}),
    Wrong(
        "says it is cancelled, and it is not",
        [
            ("UPDATE message SET state = 'cancelled', state_at = ?", "UPDATE message SET state_at = ?"),
            ("receipt if receipt.state in NEVER_LEFT else", 'receipt._replace(state="cancelled") if because else'),
        ],
        {
            "what_is_cancelled_never_leaves",
            "what_was_cancelled_may_be_due_again",
            "a_cancel_that_comes_too_late_says_so",
        },
    ),
    Wrong(
        "once is for ever",
        [(AGAIN, "if row is not None:")],
        {"what_was_cancelled_may_be_due_again", "what_missed_its_day_goes_on_another"},
    ),
    Wrong(
        "cancelled is forgotten at once",
        [('row["day"] >= on or ', "")],
        {"what_was_cancelled_may_be_due_again"},
    ),
    Wrong(
        "never too late",
        [('receipt._replace(state="too_late"', 'receipt._replace(state="cancelled"')],
        {"a_cancel_that_comes_too_late_says_so"},
    ),
    Wrong(
        "what was sent is no contact",
        [('lists["contacts"] = contacts', 'lists["contacts"] = []')],
        {"a_late_receipt_changes_the_outcome_and_adds_no_contact"},
    ),
    Wrong(
        "receipts come once",
        [("WHERE version > ? ORDER BY version", "WHERE version > ? AND state = 'sent' ORDER BY version")],
        {"a_late_receipt_changes_the_outcome_and_adds_no_contact"},
    ),
    Wrong(
        "as often as you like",
        [("AND quiet_until > ?", "AND quiet_until < ?")],
        {"a_step_is_not_sent_again_within_its_gap"},
    ),
    Wrong(
        "at any later hour",
        [("_utc(until or midnight)", '"9999"')],
        {
            "nothing_leaves_outside_its_hours",
            "what_missed_its_day_goes_on_another",
            "what_did_not_leave_in_the_morning_leaves_in_the_afternoon",
        },
    ),
    Wrong(
        "in the morning only",
        [("in delivery.hours]", "in delivery.hours[:1]]")],
        {"what_did_not_leave_in_the_morning_leaves_in_the_afternoon"},
    ),
    Wrong(
        "under way for ever",
        [('(*NEVER_LEFT, "accepted")', "NEVER_LEFT")],
        {"what_missed_its_day_goes_on_another"},
    ),
    Wrong(
        "at once",
        [("_utc(since)", '""')],
        {"nothing_leaves_outside_its_hours", "what_did_not_leave_in_the_morning_leaves_in_the_afternoon"},
    ),
    Wrong(
        "booked without a key",
        [
            ("posting.charge, posting.key),", "posting.charge, None),"),
            ('WHERE source_ref = ?", (posting.key,)', 'WHERE about = ?", (posting.charge,)'),
        ],
        {"our_late_fee_is_read_back_with_its_key", "a_correction_is_read_back_in_the_sum"},
    ),
    Wrong(
        "corrections are not read",
        [("{BILLED} = 'LF'", "{BILLED} = 'LF' AND amount > '0'")],
        {"a_correction_is_read_back_in_the_sum"},
    ),
    Wrong(
        "everybody's address",
        [('person WHERE id = ?", (id_,)', 'person WHERE id <> ?", ("",)')],
        {"parties_are_those_asked_for"},
    ),
    Wrong("who is forgotten was never told", ForgetsEverything, {"who_is_forgotten_is_not_sent_the_same_again"}),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong.what)
def test_the_test_meant_for_it_fails(wrong: Wrong, tmp_path: Path) -> None:
    """... and no other: a suite in which everything fails at once tells nobody what is wrong."""
    module = opens(wrong.how) if isinstance(wrong.how, type) else template(*wrong.how)
    assert failures(module, tmp_path) == wrong.fails


def test_every_test_of_the_suite_is_seen_to_fail() -> None:
    assert {name for name, _ in cases()} - set().union(*(wrong.fails for wrong in WRONG)) == set()


# Running the suite by hand


def cases() -> Iterator[tuple[str, Callable[[AdapterSuite, Bench], object]]]:
    """Every test of the suite by name, those with parameters once for each."""
    for name in dir(AdapterSuite):
        if name.startswith("test_"):
            test, name = getattr(AdapterSuite, name), name.removeprefix("test_")
            marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
            if not marks:
                yield name, test
            for mark in marks:
                for value in mark.args[1]:
                    yield (
                        f"{name}[{value}]",
                        lambda suite, erp, test=test, what=mark.args[0], value=value: test(suite, erp, **{what: value}),
                    )


def failures(module: ModuleType, folder: Path) -> set[str]:
    """The tests that an adapter fails."""
    suite = AdapterSuite()
    suite.many = MANY  # type: ignore[misc]
    failed = set()
    for n, (name, test) in enumerate(cases()):
        (folder / str(n)).mkdir()
        try:
            test(suite, bench(folder / str(n), module, page=PAGE))
        except (Exception, pytest.fail.Exception):  # noqa: BLE001 - whatever it is, the test has failed
            failed.add(name)
    return failed


def opens(around: Callable[[Any], Any]) -> ModuleType:
    """The template with that around it."""
    module = template()
    inner = module.open_estate
    module.open_estate = lambda **options: around(inner(**options))
    return module
