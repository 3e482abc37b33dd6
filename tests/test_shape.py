"""The JSON Schema for editors says what the reader takes, in both spellings, and rules/schema.json is fresh."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from dunning.lang.library import SETTINGS
from dunning.lang.readers import (
    read,
    read_calendar,
    read_community,
    read_contact,
    read_facts,
    read_fees,
    read_head,
    read_law,
    read_offers,
    read_steps,
    read_tables,
)
from dunning.lang.shapes import shape_book, shape_law
from dunning.lang.shapes.shape import schema, schema_text
from dunning.lang.text.keys import ALIAS, ENGLISH

SECTIONS: list[tuple[type[BaseModel], tuple[str, ...]]] = [
    (shape_book.Book, read.BOOK),
    (shape_book.InForce, read_head.IN_FORCE),
    (shape_book.Reviewed, read_head.REVIEWED),
    (shape_book.LateFee, read_fees.LATE_FEE),
    (shape_book.Payments, read_fees.PAYMENTS),
    (shape_book.Items, read_fees.ITEMS),
    (shape_book.OwnFact, read_facts.FACT),
    (shape_book.Table, read_tables.TABLE),
    (shape_book.Row, read_tables.ROW),
    (shape_book.Contact, read_contact.CONTACT),
    (shape_book.Windows, read_contact.CLASSES),
    (shape_book.Days, read_contact.DAYS),
    (shape_book.Cap, read_contact.CAP),
    (shape_book.Quota, read_contact.QUOTA),
    (shape_book.Promises, read_contact.PROMISES),
    (shape_book.Pause, read_contact.PAUSE),
    (shape_book.Target, read_contact.TARGET),
    (shape_book.OwnAction, read_contact.ACTION),
    (shape_book.Declined, read_contact.DECLINED),
    (shape_book.Step, read_steps.STEP),
    (shape_book.Ladder, read_steps.LADDER),
    (shape_book.Repeat, read_steps.REPEAT),
    (shape_book.Channels, read_steps.CHANNELS),
    (shape_book.Approval, read_steps.APPROVAL),
    (shape_book.Gives, read_steps.GIVES),
    (shape_book.Offer, read_offers.OFFER),
    (shape_book.Authority, read_offers.AUTHORITY),
    (shape_book.Incentives, read_offers.INCENTIVES),
    (shape_book.Incentive, read_offers.INCENTIVE),
    (shape_book.Gift, read_offers.GIFT),
    (shape_book.Community, read_community.COMMUNITY),
    (shape_book.CommunityFee, read_community.LATE_FEE),
    (shape_book.CommunityContact, read_community.CONTACT),
    (shape_book.CommunityStep, read_community.STEP),
    (shape_book.Settings, SETTINGS),
    (shape_law.Law, read_law.LAW),
    (shape_law.Article, read_law.ARTICLE),
    (shape_law.Checked, read_law.CHECKED),
    (shape_law.Prohibition, read_law.PROHIBITION),
    (shape_law.Penalty, read_law.PENALTY),
    (shape_law.Gate, read_law.GATE),
    (shape_law.LegalLimit, read_law.LIMIT),
    (shape_law.Clock, read_law.CLOCK),
    (shape_law.TextRule, read_law.TEXT),
    (shape_law.Permit, read_law.PERMIT),
    (shape_law.BillRule, read_law.BILL),
    (shape_law.DebtorRule, read_law.DEBTOR),
    (shape_law.Vacancy, read_law.VACANCY),
    (shape_law.Calendar, read_calendar.CALENDAR),
    (shape_law.Year, read_calendar.YEAR),
]


@pytest.mark.parametrize(("model", "keys"), SECTIONS, ids=lambda each: getattr(each, "__name__", ""))
def test_schema_has_the_keys_the_reader_knows(model: type[BaseModel], keys: tuple[str, ...]) -> None:
    drawn = [field.alias or name for name, field in model.model_fields.items()]

    assert sorted(drawn) == sorted(keys)


def test_schema_file_is_fresh() -> None:
    kept = Path(__file__).parents[1] / "rules" / "schema.json"

    assert kept.read_text(encoding="utf-8") == schema_text(), "run: dunning schema > rules/schema.json"


def test_every_reference_of_the_schema_leads_somewhere() -> None:
    whole = schema()

    assert {ref.removeprefix("#/definitions/") for ref in references(whole)} <= set(whole["definitions"])


def references(node: Any) -> set[str]:
    if isinstance(node, dict):
        inner = {ref for value in node.values() for ref in references(value)}
        return inner | ({node["$ref"]} if isinstance(node.get("$ref"), str) else set())
    return {ref for value in node for ref in references(value)} if isinstance(node, list) else set()


def test_every_key_stands_in_both_spellings_with_a_word_of_explanation() -> None:
    step = schema()["definitions"]["Step"]["properties"]

    assert step["渠道"]["title"] == "channels"
    assert step["channels"]["title"] == "渠道"
    assert all(drawn.get("description") for drawn in step.values())


def test_schema_proposes_the_words_of_a_closed_set_in_both_languages() -> None:
    rounding = json.dumps(schema()["definitions"]["LateFee"]["properties"]["取整"], ensure_ascii=False)

    assert "half_up" in rounding
    assert "四舍五入" in rounding


def test_aliases_are_one_to_one() -> None:
    assert len(ENGLISH) == len(ALIAS)
    assert not set(ALIAS) & set(ENGLISH)


def test_every_key_of_the_language_has_an_alias() -> None:
    keys = {key for model, keys in SECTIONS if model not in (shape_law.Calendar, shape_law.Year) for key in keys}

    assert keys - set(ALIAS) == set()
