"""What the service answers, route by route: the library's answers, and each kind of no as a problem of its own."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from fastapi.testclient import TestClient

import dunning

DAY = "2026-03-31"
Household = dict[str, Any]


def problem(response: Any, status: int, kind: str) -> dict[str, Any]:
    """The problem a response tells, after looking whether it is a whole one."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    told: dict[str, Any] = response.json()
    assert told["type"] == f"urn:dunning:problem:{kind}"
    assert told["status"] == status
    assert told["title"]
    assert told["detail"]
    assert told["instance"] == f"urn:dunning:request:{response.headers['x-request-id']}"
    return told


def codes(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(finding["code"], finding["at"]) for finding in told["findings"]]


# Assess


def test_one_account_is_answered_with_the_librarys_own_bytes(service: TestClient, household: Household) -> None:
    response = service.post("/v1/assess", json={"on": DAY, "account": household})
    assert response.status_code == 200
    result = dunning.assess(dunning.read_account(household), dunning.load_folder(), on=date.fromisoformat(DAY))
    assert response.text == dunning.to_json(result).rstrip("\n")
    assert response.json()["balance"]["late_fee"] == "47.71"


def test_a_book_may_be_named(service: TestClient, household: Household) -> None:
    named = service.post("/v1/assess", json={"on": DAY, "book": "residential", "account": household}).json()
    assert named["rulebook"]["name"] == "residential"
    other = service.post("/v1/assess", json={"on": DAY, "book": "commercial", "account": household}).json()
    assert other["status"] == "not_applicable"
    told = problem(
        service.post("/v1/assess", json={"on": DAY, "book": "residentail", "account": household}), 404, "not-here"
    )
    assert "residential" in told["detail"]
    assert problem(
        service.post("/v1/assess", json={"on": "2001-01-01", "book": "residential", "account": household}),
        404,
        "not-here",
    )


def test_without_a_day_it_is_today_in_china(service: TestClient, household: Household) -> None:
    on = date.fromisoformat(service.post("/v1/assess", json={"account": household}).json()["on"])
    assert abs((on - date.today()).days) <= 1  # noqa: DTZ011  # the machine's day, wherever it stands


def test_the_next_review_is_told_when_asked_for(service: TestClient, household: Household) -> None:
    asked = {"on": DAY, "account": household}
    assert service.post("/v1/assess", json=asked).json()["next_review"] is None
    reviewed = service.post("/v1/assess", json={**asked, "next_review": True}).json()
    assert reviewed["next_review"] > DAY


def test_several_accounts_are_answered_in_their_order_and_a_bad_one_costs_only_itself(
    service: TestClient, household: Household
) -> None:
    bad = {**household, "id": "B", "debtor": {"id": "O-2"}, "charges": [{"id": "1", "amount": "1O0", "due": DAY}]}
    good = {**household, "id": "C", "debtor": {"id": "O-3"}}
    told = service.post("/v1/assess", json={"on": DAY, "accounts": [household, bad, 7, good]}).json()
    assert (told["on"], told["assessed"], told["rejected"]) == (DAY, 2, 2)
    assert [each["status"] for each in told["results"]] == ["assessed", "rejected", "rejected", "assessed"]
    assert [each["account"] for each in told["results"]] == [household["id"], "B", "", "C"]
    (finding,) = told["results"][1]["findings"]
    assert (finding["code"], finding["at"]) == ("A110", "/accounts/1/charges/0/amount")
    assert finding["fix"] == finding["fix_en"] == "100"
    alone = service.post("/v1/assess", json={"on": DAY, "account": good}).json()
    assert told["results"][3] == alone


def test_a_persons_accounts_are_taken_together_wherever_they_stand(service: TestClient, household: Household) -> None:
    flat = {**household, "id": "A"}
    other = {**household, "id": "X", "debtor": {"id": "O-9"}}
    garage = {**household, "id": "B"}
    asked = {"on": DAY, "accounts": [flat, other, garage]}
    told = service.post("/v1/assess", json=asked).json()
    accounts = [dunning.read_account(each) for each in (flat, garage)]
    group = dunning.assess_group(accounts, dunning.load_folder(), on=date.fromisoformat(DAY))
    assert [told["results"][0], told["results"][2]] == [dunning.to_dict(result) for result in group]
    alone = service.post("/v1/assess", json={"on": DAY, "account": garage}).json()
    assert alone["actions"] != told["results"][2]["actions"]  # one message a day


def test_the_second_of_one_id_is_rejected(service: TestClient, household: Household) -> None:
    told = service.post("/v1/assess", json={"on": DAY, "accounts": [household, household]}).json()
    assert told["results"][0]["status"] == "assessed"
    assert codes(told["results"][1]) == [("A210", "/accounts/1")]
    assert "/accounts/0" in told["results"][1]["findings"][0]["message"]


def test_what_is_doubtful_is_told_with_its_place(service: TestClient, household: Household) -> None:
    payment = {"id": "P1", "on": "2026-03-01", "amount": "800.00", "for": ["Q9"]}
    told = service.post("/v1/assess", json={"on": DAY, "account": {**household, "payments": [payment]}}).json()
    assert ("A301", "/account/payments/0/for") in codes(told)


# The ways to be refused


def test_an_account_that_cannot_be_read_is_told_with_every_reason(service: TestClient, household: Household) -> None:
    charge = {"id": "2026Q1", "amount": 1592.25, "due": "2026-02-30"}
    response = service.post(
        "/v1/assess", json={"on": DAY, "account": {**household, "charges": [charge], "name": "王五"}}
    )
    told = problem(response, 422, "account")
    assert codes(told) == [
        ("A110", "/account/charges/0/amount"),
        ("A120", "/account/charges/0/due"),
        ("A102", "/account/name"),
    ]
    assert all(finding["message"] and finding["message_en"] for finding in told["findings"])


def test_a_whole_number_is_no_amount_for_nobody_knows_of_what(service: TestClient, household: Household) -> None:
    charge = {"id": "2026Q1", "amount": 159225, "due": "2026-01-15"}
    told = problem(
        service.post("/v1/assess", json={"on": DAY, "account": {**household, "charges": [charge]}}), 422, "account"
    )
    assert codes(told) == [("H105", "/account/charges/0/amount")]
    assert "159225" in told["findings"][0]["message"]
    assert '"1592.25"' in told["findings"][0]["fix"]


def test_a_whole_number_written_with_a_point_is_whole(service: TestClient) -> None:
    body = b'{"account":{"id":"A","use":"other","attributes":{"x":5.0,"y":1e3}}}'
    assert service.post("/v1/assess", content=body, headers={"content-type": "application/json"}).status_code == 200
    body = b'{"account":{"id":"A","attributes":{"x":5.5,"y":1e999999999,"z":-1e-9}}}'
    told = problem(
        service.post("/v1/assess", content=body, headers={"content-type": "application/json"}), 422, "account"
    )
    assert [at for _, at in codes(told)] == ["/account/attributes/x", "/account/attributes/y", "/account/attributes/z"]


def test_an_account_that_contradicts_itself_is_another_matter(service: TestClient, household: Household) -> None:
    twice = {**household, "charges": household["charges"] * 2}
    told = problem(service.post("/v1/assess", json={"on": DAY, "account": twice}), 409, "contradiction")
    assert codes(told) == [("A202", "/account/charges/1/id")]


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ({}, [("H104", "")]),
        ({"account": {"id": "A"}, "accounts": []}, [("H104", "/accounts")]),
        ({"account": {"id": "A"}, "accounts": [{"id": "A"}]}, [("H104", "")]),
        ({"acount": {"id": "A"}}, [("H103", "/acount")]),
        ({"account": {"id": "A"}, "on": "2026-3-31"}, [("H104", "/on")]),
        ({"account": {"id": "A"}, "on": 20260331, "next_review": "yes"}, [("H104", "/on"), ("H104", "/next_review")]),
        ([], [("H104", "")]),
    ],
)
def test_a_request_that_is_not_as_described_says_where(service: TestClient, body: Any, found: Any) -> None:
    assert codes(problem(service.post("/v1/assess", json=body), 422, "not-as-described")) == found


@pytest.mark.parametrize(
    ("body", "code", "words"),
    [
        (b'{"on":"2026-03-31",}', "H101", "character"),
        (b'{"account":{"id":"A","id":"B"}}', "A105", "`id` is written twice"),
        (b"\xff\xfe", "H101", "UTF-8"),
        (b"[" * 100_000, "H101", "deeply"),
        (b'{"account":{"id":NaN}}', "H101", "number"),
        (b'{"account":{"attributes":{"x":' + b"9" * 5000 + b"}}}", "H101", "number"),
    ],
)
def test_a_body_that_is_no_json_says_where(service: TestClient, body: bytes, code: str, words: str) -> None:
    response = service.post("/v1/assess", content=body, headers={"content-type": "application/json"})
    (finding,) = problem(response, 400, "not-json")["findings"]
    assert finding["code"] == code
    assert words in finding["message_en"]


@pytest.mark.parametrize("written", ["text/plain", "application/x-www-form-urlencoded", "application/xml; a=b", ""])
def test_a_body_that_is_not_said_to_be_json_is_refused(service: TestClient, written: str) -> None:
    response = service.post("/v1/assess", content=b"{}", headers={"content-type": written})
    problem(response, 415, "media-type")


def test_a_utf8_mark_and_a_charset_do_no_harm(service: TestClient, household: Household) -> None:
    body = b"\xef\xbb\xbf" + json.dumps({"on": DAY, "account": household}).encode()
    headers = {"content-type": "Application/JSON; charset=utf-8"}
    assert service.post("/v1/assess", content=body, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "body", [b'{"account":{"id":"\\ud800"}}', b'{"account":{"id":"A","\\ud800":1}}', b'{"\\ud800":1}']
)
def test_text_that_utf8_cannot_hold_is_refused_and_can_be_told(service: TestClient, body: bytes) -> None:
    response = service.post("/v1/assess", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 422
    assert response.json()["findings"]


def test_an_address_or_a_method_that_is_not_there(service: TestClient) -> None:
    problem(service.get("/v2/assess"), 404, "not-here")
    refused = service.get("/v1/assess")
    problem(refused, 405, "method")
    assert refused.headers["allow"] == "POST"


# May


def test_cutting_the_water_is_prohibited_with_its_articles(service: TestClient, household: Household) -> None:
    told = service.post("/v1/may", json={"action": "cut_water", "on": DAY, "account": household}).json()
    assert told["verdict"]["verdict"] == "prohibited"
    assert "CC-944.3" in [article["id"] for article in told["verdict"]["articles"]]
    assert told["rulebook"]["name"] == "residential"
    in_general = service.post("/v1/may", json={"action": "停水", "on": DAY, "place": "CN-3301"}).json()
    assert in_general["verdict"]["verdict"] == "prohibited"
    assert in_general["verdict"]["charges"] is None


def test_the_book_asked_is_that_of_the_account(service: TestClient, household: Household) -> None:
    told = service.post("/v1/may", json={"action": "call", "on": DAY, "account": {**household, "use": "office"}}).json()
    assert told["rulebook"]["name"] == "commercial"
    other = service.post("/v1/may", json={"action": "call", "on": DAY, "account": {**household, "use": "other"}})
    problem(other, 404, "not-here")
    unsaid = service.post("/v1/may", json={"action": "call", "on": DAY, "account": {**household, "use": None}})
    assert codes(problem(unsaid, 409, "contradiction"))[0][0] == "A701"


def test_an_action_nobody_knows_is_not_here(service: TestClient) -> None:
    told = problem(service.post("/v1/may", json={"action": "cut_watr", "on": DAY}), 404, "not-here")
    assert "cut_water" in told["detail"]


# Timeline, explain


def test_an_account_is_played_forward(service: TestClient, household: Household) -> None:
    asked = {"account": household, "since": "2026-03-31", "until": "2026-05-31"}
    silent = service.post("/v1/timeline", json=asked).json()
    paid = service.post("/v1/timeline", json={**asked, "pays_on": "2026-04-15"}).json()
    assert silent["scenario"] == "silent"
    assert paid["scenario"] == "pays_on:2026-04-15"
    assert "paid" in {event["kind"] for event in paid["events"]} - {event["kind"] for event in silent["events"]}


@pytest.mark.parametrize(
    "more",
    [
        {"until": "2026-03-30"},
        {"until": "2036-03-31"},
        {"pays_on": "2026-04-15", "scenario": "promises_and_breaks"},
    ],
)
def test_a_timeline_that_cannot_be_meant_so(service: TestClient, household: Household, more: Any) -> None:
    asked = {"account": household, "since": "2026-03-31", "until": "2026-05-31", **more}
    problem(service.post("/v1/timeline", json=asked), 409, "contradiction")


def test_answers_in_words_are_in_the_language_asked_for(service: TestClient, household: Household) -> None:
    asked = {"on": DAY, "account": household}
    chinese = service.post("/v1/explain", json=asked)
    english = service.post("/v1/explain", json=asked, headers={"accept-language": "en-GB, zh;q=0.5"})
    assert "应付" in chinese.json()["text"]
    assert "to pay" in english.json()["text"]
    assert [each.headers["content-language"] for each in (chinese, english)] == ["zh", "en"]
    several = {"on": DAY, "accounts": [household, {"id": ""}]}
    told = service.post("/v1/explain", json=several).json()["results"]
    assert [each["status"] for each in told] == ["assessed", "rejected"]
    assert told[0]["text"] == chinese.json()["text"]
    assert "[A101]" in told[1]["text"]


def test_problems_are_in_the_language_asked_for(service: TestClient) -> None:
    chinese = service.get("/nothing").json()
    english = service.get("/nothing", headers={"accept-language": "en"}).json()
    assert (chinese["title"], english["title"]) == ("没有这个东西", "there is no such thing here")


# To look at


def test_the_books_in_use(service: TestClient) -> None:
    told = service.get("/v1/books").json()
    books = {book["name"]: book for book in told["books"]}
    residential = dunning.load("residential")
    assert books["residential"]["digest"] == residential.digest
    assert books["residential"]["based_on"] == "common"
    assert told["refused"] is None


def test_the_facts_of_the_catalogue_and_of_the_books(service: TestClient) -> None:
    told = service.get("/v1/facts", headers={"accept-language": "en"}).json()["facts"]
    assert {fact["id"] for fact in told if fact["book"] is None} == {fact.id for fact in dunning.facts()}
    own = [fact for fact in told if fact["book"] is not None]
    assert own
    assert all(fact["reads"][0].startswith("attributes.") for fact in own)


def test_it_says_that_it_is_up(service: TestClient) -> None:
    assert service.get("/healthz").json()["status"] == "ok"


# Check


def test_drafts_are_checked_beside_the_rules_in_use_and_not_loaded(service: TestClient) -> None:
    clean = service.post("/v1/check", json={}).json()
    assert clean["errors"] == 0
    draft = (
        "rulebook: draft\ntitle: 试\nlanguage: 1\nversion: '1'\nlaw: cn\nlate_fee: {rate: 5 per day, items: [rent]}\n"
    )
    told = service.post("/v1/check", json={"files": {"packs/draft.yaml": draft}}).json()
    assert told["errors"] > 0
    assert any(finding["at"].startswith("packs/draft.yaml:6:") for finding in told["findings"])
    assert "draft" not in {book["name"] for book in service.get("/v1/books").json()["books"]}


@pytest.mark.parametrize(
    "name",
    ["../draft.yaml", "/etc/passwd", "packs/../../x.yaml", "packs/x.py", "law/cn/../../../x.yaml", "packs/.yaml"],
)
def test_a_draft_stays_in_the_rules_folder(service: TestClient, name: str) -> None:
    problem(service.post("/v1/check", json={"files": {name: "x"}}), 422, "not-as-described")
