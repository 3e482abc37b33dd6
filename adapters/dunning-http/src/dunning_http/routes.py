"""What the service answers, one function a route. The work itself is done in threads; here it is only put together."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

import dunning
import dunning_http.models as shown
from dunning import Assessment, Rejected, Text
from dunning_http import accounts
from dunning_http.bodies import GuardedRoute
from dunning_http.checking import Checks
from dunning_http.findings import told
from dunning_http.language import Lang, lang_of
from dunning_http.openapi import HERE
from dunning_http.problems import MEDIA_TYPE, Problem
from dunning_http.settings import Settings
from dunning_http.shelf import Shelf, book_of, named, today
from dunning_http.work import Clock, Workroom

PROBLEMS = {
    400: "The body is no JSON.",
    401: "No key, or none that is known.",
    403: "The key does not reach that far.",
    404: "A name that stands for nothing here.",
    409: "Well written, and contradicts itself.",
    413: "The body is too large.",
    415: "The body is not said to be JSON.",
    422: "Not written as described here.",
    500: "The service failed.",
    503: "It took longer than allowed.",
}
_ASKED = (400, 401, 403, 404, 409, 413, 415, 422, 500, 503)
_LOOKED = (401, 403, 500)

router = APIRouter(route_class=GuardedRoute)


def _for(scope: str) -> dict[str, Any]:
    """The scope a key needs, as the OpenAPI document tells it."""
    return {"security": [{"key": [scope]}]}


def _answers(*names: str, refusals: tuple[int, ...] = _ASKED) -> dict[int | str, dict[str, Any]]:
    """The answers of a route for the document: schemas of the library by name, and its problems."""
    problem = {"content": {MEDIA_TYPE: {"schema": {"$ref": HERE + "ProblemDetails"}}}}
    found: dict[int | str, dict[str, Any]] = {}
    for status in refusals:
        found[status] = {"description": PROBLEMS[status], **problem}
    if names:
        either = [{"$ref": HERE + name} for name in names]
        schema = either[0] if len(either) == 1 else {"anyOf": either}
        found[200] = {"description": "The answer.", "content": {"application/json": {"schema": schema}}}
    return found


def _rules(request: Request) -> Shelf:
    shelf: Shelf = request.app.state.shelf
    return shelf


def _room(request: Request) -> Workroom:
    room: Workroom = request.app.state.room
    return room


def _json(text: str, lang: Lang | None = None) -> Response:
    headers = {"Content-Language": lang} if lang else None
    return Response(text.encode(), headers=headers, media_type="application/json")


def _bounded(asked: shown.Accounts, request: Request) -> None:
    settings: Settings = request.app.state.settings
    request.state.accounts = len(asked.accounts) or 1
    if len(asked.accounts) > settings.max_accounts:
        most = settings.max_accounts
        raise Problem("too-many", Text(f"一次最多 {most} 户", f"{most} accounts at most at a time"))


@router.post(
    "/v1/assess",
    response_model=None,
    responses=_answers("Assessment", "AssessMany"),
    openapi_extra=_for("assess"),
)
async def assess(asked: shown.AssessRequest, request: Request) -> Response:
    """What is owed, what is due today, what is withheld and why: for one account its assessment, for several a list."""
    _bounded(asked, request)
    rules, on = _rules(request).rules, asked.day(today())

    def work(clock: Clock) -> str:
        chosen = named(rules, asked.book, on)
        if asked.is_one:
            reads = [accounts.one(asked.account)]
            return accounts.in_full(accounts.assessed(reads, chosen, on, review=asked.next_review)[0])
        found = accounts.many(asked.accounts)
        return accounts.answers(found, chosen, on, accounts.in_full, clock, review=asked.next_review)

    return _json(await _room(request).run(work))


@router.post(
    "/v1/explain",
    response_model=None,
    responses=_answers("Explained", "ExplainMany"),
    openapi_extra=_for("explain"),
)
async def explain(asked: shown.ExplainRequest, request: Request) -> Response:
    """The same answer in words, Chinese or English by `Accept-Language`."""
    _bounded(asked, request)
    lang = lang_of(request)
    rules, on = _rules(request).rules, asked.day(today())
    written = partial(_in_words, on, lang)

    def work(clock: Clock) -> str:
        chosen = named(rules, asked.book, on)
        if asked.is_one:
            return written(accounts.assessed([accounts.one(asked.account)], chosen, on)[0])
        return accounts.answers(accounts.many(asked.accounts), chosen, on, written, clock)

    return _json(await _room(request).run(work), lang)


def _in_words(on: date, lang: Lang, result: Assessment | Rejected) -> str:
    if isinstance(result, Rejected):
        company, account, status = result.company, result.id, "rejected"
    else:
        company, account, status = result.account.company, result.account.id, result.status
    text = dunning.explain(result, lang)
    return accounts.dumped({"company": company, "account": account, "on": f"{on}", "status": status, "text": text})


@router.post("/v1/may", response_model=None, responses=_answers("May"), openapi_extra=_for("may"))
async def may(asked: shown.MayRequest, request: Request) -> Response:
    """Whether an action may be done on a day at a place, by which articles, and what is still needed."""
    lang = lang_of(request)
    rules, on = _rules(request).rules, asked.day(today())

    def work(_: Clock) -> str:
        account = accounts.one(asked.account).account if asked.has_account else None
        book = book_of(rules, asked.book, account, on)
        verdict = dunning.may(asked.action, book, on=on, account=account, place=asked.place)
        rulebook = {"name": book.name, "version": book.version, "digest": book.digest}
        return accounts.dumped({"verdict": dunning.verdict_dict(verdict, lang=lang), "rulebook": rulebook})

    return _json(await _room(request).run(work), lang)


@router.post("/v1/timeline", response_model=None, responses=_answers("Timeline"), openapi_extra=_for("timeline"))
async def timeline(asked: shown.TimelineRequest, request: Request) -> Response:
    """One account played forward from review to review: every step on its day, and what ends when."""
    lang = lang_of(request)
    since, until = date.fromisoformat(asked.since), date.fromisoformat(asked.until)
    scenario = _scenario(asked, since, until, request.app.state.settings)
    rules = _rules(request).rules

    def work(_: Clock) -> str:
        account = accounts.one(asked.account).account
        played = dunning.timeline(account, named(rules, asked.book, since), since=since, until=until, scenario=scenario)
        return accounts.dumped(dunning.timeline_dict(played, lang=lang))

    return _json(await _room(request).run(work), lang)


def _scenario(asked: shown.TimelineRequest, since: date, until: date, settings: Settings) -> str:
    """The scenario as the library names it; Problem 409 where the request cannot be meant so."""
    if until < since:
        raise Problem("contradiction", Text("until 早于 since", "`until` is before `since`"))
    if (until - since).days >= settings.max_timeline_days:
        most = settings.max_timeline_days
        raise Problem("contradiction", Text(f"一次最多演 {most} 天", f"{most} days at most at a time"))
    if asked.pays_on is None:
        return asked.scenario
    if asked.scenario != "silent":
        words = Text(
            "pays_on 和 promises_and_breaks 不能都要", "`pays_on` and `promises_and_breaks` exclude each other"
        )
        raise Problem("contradiction", words)
    return f"pays_on:{asked.pays_on}"


@router.post(
    "/v1/check",
    response_model=shown.Checked,
    responses=_answers(refusals=(400, 401, 403, 413, 415, 422, 500, 503)),
    openapi_extra=_for("check"),
)
async def check(asked: shown.CheckRequest, request: Request) -> dict[str, Any]:
    """What is wrong with rule files before anybody saves them: drafts are laid over the rules, none is loaded."""
    checks: Checks = request.app.state.checks
    found = await checks.of(_rules(request).folder, asked.files)
    counts = {word: sum(each["severity"] == word for each in found) for word in ("error", "warning", "note")}
    return {**{f"{word}s": count for word, count in counts.items()}, "findings": found}


# To look at


@router.get("/v1/books", responses=_answers(refusals=_LOOKED), openapi_extra=_for("books"))
async def books(request: Request) -> shown.Books:
    """The rules in use, since when, and whether the files hold an edit that was refused, with every reason."""
    return _shelved(_rules(request))


@router.post(
    "/v1/reload",
    responses=_answers(refusals=(401, 403, 409, 500, 503)),
    openapi_extra=_for("admin"),
)
async def reload(request: Request) -> shown.Books:
    """Reads the rule files now. Files with errors are refused with every reason, and the former rules stay in force."""
    shelf = _rules(request)
    refused = await _room(request).run(lambda _: shelf.reload())
    if refused is not None:
        words = Text("规则文件里有错, 没有装入", "the rule files have errors and were not loaded")
        raise Problem("rules-refused", words, findings=refused.findings)
    return _shelved(shelf)


def _shelved(shelf: Shelf) -> shown.Books:
    loaded, refused = shelf.loaded, shelf.refused
    return shown.Books(
        loaded_at=loaded.at,
        books=[
            shown.Book(
                name=book.name,
                title=book.title,
                version=book.version,
                digest=book.digest,
                law_digest=book.law_digest,
                based_on=book.based_on or None,
                community=book.community or None,
                since=book.since,
                until=book.until,
                signed=book.signed,
                file=book.file,
            )
            for book in loaded.rules.books
        ],
        findings=[shown.ToldFinding(**each) for each in told(loaded.rules.findings)],
        refused=None
        if refused is None
        else shown.RefusedEdit(at=refused.at, findings=[shown.ToldFinding(**each) for each in told(refused.findings)]),
    )


@router.get("/v1/facts", responses=_answers(refusals=_LOOKED), openapi_extra=_for("books"))
async def facts(request: Request) -> shown.FactList:
    """Everything a rule may test, and each book's own facts; titles by `Accept-Language`."""
    lang = lang_of(request)
    found = [
        shown.Fact(
            id=fact.id,
            title=fact.title.to(lang),
            definition=fact.definition.to(lang),
            kind=fact.type.kind,
            unit=fact.type.unit.to(lang) or None,
            words={word: title.to(lang) for word, title in (fact.type.values or {}).items()},
            of=fact.of,
            person=fact.person,
            reads=list(fact.reads),
            book=None,
        )
        for fact in dunning.facts()
    ]
    own = [
        shown.Fact(
            id=fact.id,
            title=fact.title.to(lang),
            definition=Text("这本规则书自己的事实", "a fact of this book's own").to(lang),
            kind=fact.type.kind,
            unit=fact.type.unit.to(lang) or None,
            words={word: title.to(lang) for word, title in (fact.type.values or {}).items()},
            of="account",
            person=False,
            reads=[f"attributes.{fact.key}"],
            book=book.name,
        )
        for book in _rules(request).rules.books
        for fact in book.facts.values()
    ]
    return shown.FactList(facts=found + own)


@router.get("/healthz", responses=_answers(refusals=(500,)))
async def healthz(request: Request) -> shown.Health:
    """That it is up, and whether its rules are those of the files."""
    shelf = _rules(request)
    version = request.app.version
    return shown.Health(status="ok", version=version, books=len(shelf.rules.books), refused=shelf.refused is not None)
