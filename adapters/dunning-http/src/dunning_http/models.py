"""What goes in and comes out around the records: requests, the lists, problems.

The records themselves (accounts, assessments, verdicts ...) are not written down here again: a field marked with
`shape_of` has the schema that the library publishes, and `openapi.py` puts it in its place.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic.config import JsonDict
from pydantic_core import PydanticCustomError

import dunning
from dunning_http.checking import FILE

SHAPE = "x-shape"
"""Marks a schema that stands among the library's, by its name."""


def shape_of(name: str) -> WithJsonSchema:
    """A value that travels as it came, with the library's schema of that name."""
    return WithJsonSchema({SHAPE: name})


_DAY = dunning.json_schema("account")["$defs"]["Day"]

Day = Annotated[str, Field(pattern=_DAY["pattern"]), shape_of("Day")]
Name = Annotated[str, Field(min_length=1, max_length=200)]
OneAccount = Annotated[Any, shape_of("Account")]
AnyAccount = Annotated[
    Any,
    WithJsonSchema(
        {
            "anyOf": [
                {SHAPE: "Account"},
                {"description": "Anything else is rejected by itself, and costs no other account its answer."},
            ]
        }
    ),
]


class Request(BaseModel):
    """What every request has: strictly typed, and no field that is not known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Dated(Request):
    """A question about a day, put to a book."""

    on: Day | None = Field(default=None, description="The day asked about; by default today in China. 按哪一天算")
    book: Name | None = Field(
        default=None, description="A rule book by name; by default each account gets the one that applies. 规则书"
    )

    def day(self, today: date) -> date:
        return today if self.on is None else date.fromisoformat(self.on)


ONE_OF: JsonDict = {"oneOf": [{"required": ["account"]}, {"required": ["accounts"]}]}


class Accounts(Dated):
    """One account, or several: of one person or of many. Those of one debtor are taken together."""

    model_config = ConfigDict(json_schema_extra=ONE_OF)

    account: OneAccount = Field(default_factory=lambda: None, description="One account. 一户")
    accounts: list[AnyAccount] = Field(default_factory=list, min_length=1, description="Several accounts. 几户")

    @model_validator(mode="after")
    def _one_or_several(self) -> Self:
        if len({"account", "accounts"} & self.model_fields_set) != 1:
            raise PydanticCustomError("one_of", "give either `account` or `accounts`")
        return self

    @property
    def is_one(self) -> bool:
        return "account" in self.model_fields_set


class AssessRequest(Accounts):
    """What is owed, what may be done today, what must not, and why."""

    next_review: bool = Field(
        default=False, description="Whether to find the next day on which the answer changes by itself; slower."
    )


class ExplainRequest(Accounts):
    """The same answer in words."""


class MayRequest(Dated):
    """Whether an action may be done, asked before the button is pressed."""

    action: Name = Field(description="An action or a step by name: cut_water, 停水", examples=["cut_water"])
    account: OneAccount = Field(default_factory=lambda: None, description="For which account; else in general. 一户")
    place: Annotated[str, Field(pattern=r"^CN(?:-[0-9]{2}(?:[0-9]{2}(?:[0-9]{2})?)?)?$")] | None = Field(
        default=None, description="Where, by GB/T 2260; by default the account's place. 地区", examples=["CN-3301"]
    )

    @property
    def has_account(self) -> bool:
        return "account" in self.model_fields_set


class TimelineRequest(Request):
    """One account played forward, to see what the rules would do and when."""

    account: OneAccount = Field(description="The account. 一户")
    since: Day = Field(description="The first day. 从哪一天")
    until: Day = Field(description="The last day. 到哪一天")
    scenario: Literal["silent", "promises_and_breaks"] = Field(
        default="silent", description="Nothing is paid; or the debtor promises again and again, and never pays."
    )
    pays_on: Day | None = Field(default=None, description="The day on which all that is owed then is paid. 哪天缴清")
    book: Name | None = Field(default=None, description="A rule book by name. 规则书")


class CheckRequest(Request):
    """Rule files to check, laid over those in use; without any, those in use."""

    files: dict[Annotated[str, Field(pattern=FILE)], Annotated[str, Field(max_length=200_000)]] = Field(
        default_factory=dict,
        max_length=50,
        json_schema_extra={"additionalProperties": False},
        description="Drafts by their place in the rules folder: `packs/residential.yaml`. 草稿",
    )


# Answers


class Answer(BaseModel):
    """Every key named is there, and no other."""

    model_config = ConfigDict(extra="forbid")


class ToldFinding(Answer):
    """Something wrong or doubtful, and what to write instead."""

    code: str
    severity: Literal["error", "warning", "note"]
    at: str | None = Field(
        description="Where: a JSON Pointer into the body, a record of the account, or file:line:column."
    )
    message: str = Field(description="中文")
    message_en: str
    fix: str | None = Field(description="怎么改")
    fix_en: str | None


class ProblemDetails(Answer):
    """Why there is no answer (RFC 9457)."""

    type: str = Field(description="urn:dunning:problem: and one word", examples=["urn:dunning:problem:account"])
    title: str
    status: int
    detail: str
    instance: str = Field(description="urn:dunning:request: and the id of the request, as in the log")
    findings: list[ToldFinding]


class RejectedAccount(Answer):
    """An account that got no answer, and every reason."""

    company: str
    account: str
    debtor: str
    status: Literal["rejected"]
    where: str | None
    findings: list[ToldFinding]


class AssessMany(Answer):
    """An answer for each account, in the order they were given."""

    on: Annotated[str, shape_of("Day")]
    assessed: int
    rejected: int
    results: list[Annotated[Any, shape_of("Assessment")] | RejectedAccount]


class Explained(Answer):
    """An answer in words."""

    company: str
    account: str
    on: Annotated[str, shape_of("Day")]
    status: Literal["assessed", "not_applicable", "rejected"]
    text: str


class ExplainMany(Answer):
    """An answer in words for each account, in the order they were given."""

    on: Annotated[str, shape_of("Day")]
    assessed: int
    rejected: int
    results: list[Explained]


class BookName(Answer):
    """The book that was asked."""

    name: str
    version: str
    digest: str


class May(Answer):
    """The verdict, and the book whose law it goes by. Press the button only where it is `allowed`."""

    verdict: Annotated[Any, shape_of("Verdict")]
    rulebook: BookName


class Checked(Answer):
    """What is wrong or doubtful about the rule files."""

    errors: int
    warnings: int
    notes: int
    findings: list[ToldFinding]


class Book(Answer):
    """A rule book in use."""

    name: str
    title: str
    version: str
    digest: str
    law_digest: str
    based_on: str | None
    community: str | None
    since: date | None
    until: date | None
    signed: bool
    file: str


class RefusedEdit(Answer):
    """A later edit that did not load: the former rules stay in force."""

    at: datetime
    findings: list[ToldFinding]


class Books(Answer):
    """The rules in use, and whether the files say something else by now."""

    loaded_at: datetime
    books: list[Book]
    findings: list[ToldFinding]
    refused: RefusedEdit | None


class Fact(Answer):
    """Something a rule may test."""

    id: str
    title: str
    definition: str
    kind: str
    unit: str | None
    words: dict[str, str] = Field(description="The words it may be, with their titles; empty where it is no word.")
    of: Literal["account", "charge"]
    person: bool = Field(description="Counted over all accounts of the person in the company.")
    reads: list[str] = Field(description="The records it is made from: where the source lacks them it is unknown.")
    book: str | None = Field(description="The book whose own fact it is; null for the facts every book has.")


class FactList(Answer):
    """Everything a rule may test."""

    facts: list[Fact]


class Health(Answer):
    """That it is up."""

    status: Literal["ok"]
    version: str
    books: int
    refused: bool = Field(description="Whether the rule files have an edit that did not load.")
