"""What the service answers when it cannot: problem+json (RFC 9457) with every finding, in the caller's language.

The status says whose move it is: 422 the request is not as described, 409 it is, and contradicts itself, 404 it names
what is not here, 413 and 503 it asks for too much.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

import dunning
from dunning import Finding, Text
from dunning_http.findings import told
from dunning_http.language import Lang, lang_of

PREFIX = "urn:dunning:problem:"
MEDIA_TYPE = "application/problem+json"

KINDS: Mapping[str, tuple[int, Text]] = {
    "not-json": (400, Text("请求体读不出来", "the body cannot be read")),
    "key": (401, Text("没有有效的密钥", "no valid key")),
    "scope": (403, Text("这把密钥没有这个权限", "the key does not reach that far")),
    "not-here": (404, Text("没有这个东西", "there is no such thing here")),
    "method": (405, Text("这里不能这样调用", "not called that way")),
    "contradiction": (409, Text("请求自相矛盾", "the request contradicts itself")),
    "rules-refused": (409, Text("新的规则有错, 仍用原来的", "the new rules have errors; the former stay in force")),
    "too-large": (413, Text("请求体太大", "the body is too large")),
    "media-type": (415, Text("请求体要是 JSON", "the body has to be JSON")),
    "not-as-described": (422, Text("请求不合接口的约定", "the request is not as the interface describes it")),
    "account": (422, Text("这一户的数据读不出来", "the account cannot be read")),
    "too-many": (422, Text("一次的户数太多", "too many accounts at a time")),
    "internal": (500, Text("服务出了错", "the service failed")),
    "too-slow": (503, Text("没有在限定的时间内算完", "it took longer than allowed")),
}
"""Every kind of problem by the last word of its `type`: the status and the title."""


class Problem(HTTPException):
    """Raised anywhere in a request; becomes the answer. `kind` is a word of `KINDS`."""

    def __init__(
        self,
        kind: str,
        detail: Text,
        *,
        findings: Sequence[Finding] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        status, _ = KINDS[kind]
        super().__init__(status, detail.en, dict(headers or {}))
        self.kind = kind
        self.words = detail
        self.findings = tuple(findings)


def body_of(problem: Problem, lang: Lang, request_id: str) -> bytes:
    """The problem as JSON."""
    status, title = KINDS[problem.kind]
    data = {
        "type": PREFIX + problem.kind,
        "title": title.to(lang),
        "status": status,
        "detail": problem.words.to(lang),
        "instance": f"urn:dunning:request:{request_id}",
        "findings": told(problem.findings),
    }
    return json.dumps(data, ensure_ascii=False).encode("utf-8", "replace")


def response_of(problem: Problem, request: Request) -> Response:
    """The problem as the answer to a request."""
    lang = lang_of(request)
    return Response(
        body_of(problem, lang, request.state.request_id),
        problem.status_code,
        {**(problem.headers or {}), "Content-Language": lang},
        MEDIA_TYPE,
    )


def from_http(error: HTTPException) -> Problem:
    """What the router itself refuses: a path that is not there, a method it does not take."""
    if error.status_code == 405:
        return Problem("method", Text("看 /openapi.json", "see /openapi.json"), headers=error.headers)
    return Problem("not-here", Text("没有这个地址; 看 /openapi.json", "no such address; see /openapi.json"))


def from_library(error: dunning.DunningError) -> Problem:
    """What the library refuses: a name that stands for nothing, a date or amount that is none."""
    words = Text(error.told("zh"), error.told("en"))
    if isinstance(error, dunning.UsageError):
        return Problem("not-here", words)
    return Problem("contradiction", words, findings=getattr(error, "findings", ()))
