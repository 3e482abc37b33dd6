"""Persons who were contacted, all their accounts at once: who is done in arrays, and the tables of those who are."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from both_ways import DUE, codes, compared, for_all, in_columns, left
from dunning.columns.answer import IN_COLUMNS
from dunning.columns.packing import pack
from dunning.model.account import Account, Contact, Instalment, Party, Plan, Proceeding
from dunning.model.condition import Check, OneOf
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Retired
from escalation import approved, book, did, step
from households import charge, day, demand, dispute, household, paid, promised, said

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")
CALL, VISIT = step("call", 3), step("visit", 8, action="visit")
RULES = book(CALL, VISIT)
ON = "2026-02-25"


def of_person(number: int, *contacts: Contact, **more: object) -> Account:
    more.setdefault("id", f"A{number}")
    made = list(contacts) or [said("2026-01-10", id=f"C-{more['id']}")]
    return household(Q1, contacts=made, debtor=Party(id=f"O{number}"), **more)


# Who is done


def test_who_was_contacted_is_done_beside_who_was_not() -> None:
    silent = replace(of_person(2), contacts=())
    assert left(ON, RULES, of_person(1), silent, of_person(3, did("2026-02-20", "call"))) == 0


def test_a_debtor_is_done_with_all_accounts_or_with_none() -> None:
    bare = replace(said("2026-01-12", id="bare"), at=datetime(2026, 1, 12, 10))  # noqa: DTZ001 - no array holds it
    assert left(ON, RULES, of_person(1), of_person(1, bare, id="A1-2"), of_person(2)) == 2
    two = replace(of_person(1), id="A1-2", contacts=(), charges=(Q2,))
    assert left(ON, RULES, of_person(1), two) == 0


def test_what_the_engine_has_to_look_at_is_left_to_it() -> None:
    plan = Plan(id="PL", signed=day("2026-02-01"), instalments=(Instalment(due=day("2026-03-01"), amount=100),))
    suit = Proceeding(id="S", kind="suit", on=day("2026-02-01"))
    assert left(ON, RULES, of_person(1, plans=[plan])) == 1
    assert left(ON, RULES, of_person(1, proceedings=[suit])) == 1
    assert left(ON, RULES, of_person(1, approvals=[approved("2026-02-01", "call", "legal", "u1")])) == 0
    assert left(ON, RULES, of_person(1, unknown=("payments",))) == 0
    assert left(ON, RULES, of_person(1, disputes=[dispute("2026-02-01")])) == 0


def test_accounts_of_one_person_under_two_books() -> None:
    class Folder:
        """One book for homes, one for parking."""

        books = tuple(
            replace(for_all(book(rung)), name=use, applies=Check("use", OneOf((use,), (use,)), use))
            for use, rung in (("residential", CALL), ("parking", VISIT))
        )

        def book_for(self, account: Account, on: date) -> RuleBook | None:  # noqa: ARG002 - as it is asked
            return {"residential": self.books[0], "parking": self.books[1]}.get(account.use or "")

    home = of_person(1, did("2026-02-20", "call"), use="residential")
    garage = of_person(1, said("2026-02-21", id="C2"), id="A1-2", use="parking")
    found = compared([home, garage, of_person(2, use="residential")], Folder(), day(ON))
    assert found.paths == {IN_COLUMNS: 3}
    assert [row["step"] for row in found.tables.actions.to_pylist()] == ["visit", "call"]
    nobody = of_person(3, use="office")
    assert compared([home, garage, nobody], Folder(), day(ON)).paths[IN_COLUMNS] == 2


def test_nobody_is_told_anything_where_no_book_has_steps() -> None:
    found = compared([of_person(1), replace(of_person(2), contacts=())], for_all(book()), day(ON))
    assert found.paths == {IN_COLUMNS: 2}
    assert (len(found.tables.actions), len(found.tables.withheld), len(found.tables.assessments)) == (0, 0, 2)


def test_ids_that_no_array_holds_keep_the_others_in_their_places() -> None:
    """What stands as objects has no id in the arrays: two such rows are two rows all the same."""
    bare = said("2026-01-12", id="bare")
    odd = [
        of_person(2, replace(bare, at=datetime(2026, 1, 12, 10)), id=f"A2-{n}") for n in (1, 2)  # noqa: DTZ001 - so it is
    ]  # fmt: skip
    accounts = [replace(of_person(1), contacts=()), *odd, of_person(3), of_person(4)]
    assert pack(accounts).as_objects.sum() == 2
    found = compared(accounts, for_all(RULES), day(ON))
    assert found.paths[IN_COLUMNS] == 3
    assert [row["account"] for row in found.tables.assessments.to_pylist()] == ["A1", "A2-1", "A2-2", "A3", "A4"]


# What they are told


def test_withheld_steps_come_account_by_account_in_the_order_of_the_book() -> None:
    rules = book(CALL, VISIT, step("high", 60), reminders=(step("note", 90, action="send_message", late="keep"),))
    people = [of_person(2), of_person(1, did("2026-02-20", "call"))]
    rows = in_columns(ON, rules, *people).withheld.to_pylist()
    assert [(row["account"], row["step"]) for row in rows] == [
        ("A2", "note"), ("A2", "call"), ("A2", "high"), ("A1", "note"), ("A1", "call"), ("A1", "high")
    ]  # fmt: skip


def test_what_the_person_keeps_back_stands_among_what_the_account_does() -> None:
    rules = book(step("call", 3, of="charge"), step("visit", 8, action="visit"), catch_up="all")
    account = replace(of_person(1), charges=(Q1, Q2))
    assert codes(ON, rules, account) == {"call/Q1": DUE, "call/Q2": DUE, "visit": DUE}


def test_a_step_the_book_has_under_no_name_is_told_once() -> None:
    stranger = [did(f"2026-02-{n}", "gone") for n in (18, 19)]
    found = in_columns(ON, RULES, of_person(1, *stranger)).assessments.to_pylist()
    assert str(found[0]).count("A802") == 1
    dropped = book(CALL, VISIT, retired=(Retired("gone", reason="不要了"),))
    assert "A802" not in str(in_columns(ON, dropped, of_person(1, *stranger)).assessments.to_pylist())


def test_a_strange_step_of_an_older_debt_is_no_matter() -> None:
    for contact in (did("2026-01-14", "gone"), did("2026-02-20", "gone", inbound=True)):
        assert "A802" not in str(in_columns(ON, RULES, of_person(1, contact)).assessments.to_pylist())
    settled = of_person(1, did("2026-01-20", "gone"), payments=[paid("2026-01-20", "2000.00")])
    assert "A802" not in str(in_columns(ON, RULES, settled).assessments.to_pylist())


def test_deadlines_are_told_of_those_who_were_contacted() -> None:
    talked = of_person(1, promised("2026-02-20", "2026-03-20"), demand("2026-02-03", id="D"))
    others = [of_person(2), of_person(3, promised("2026-02-20", "2026-02-27"))]
    found = in_columns(ON, RULES, *others, talked).deadlines.to_pylist()
    assert [row["account"] for row in found] == sorted([row["account"] for row in found], key="A2 A3 A1".index)
    assert {"A1", "A3"} <= {row["account"] for row in found}


def test_a_year_the_calendar_does_not_know_makes_the_answer_provisional() -> None:
    account = household(charge("2029-01-15", name="Q1"), contacts=[said("2029-01-10")], debtor=Party(id="O1"))
    found = in_columns("2029-02-25", RULES, account).assessments.to_pylist()
    assert len(found) == 1
