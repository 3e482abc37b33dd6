"""Which language an answer is in: Chinese, unless `Accept-Language` asks for English first."""

from __future__ import annotations

import re
from typing import Literal

from starlette.requests import Request

Lang = Literal["zh", "en"]

_RANGE = re.compile(r"\s*([a-zA-Z]{1,8}|\*)(?:-[a-zA-Z0-9-]+)?\s*(?:;\s*q=([01](?:\.[0-9]{0,3})?))?\s*")


def preferred(header: str) -> Lang:
    """The better of Chinese and English by an Accept-Language header (RFC 9110, 12.5.4); Chinese where it is silent."""
    weights: dict[str, float] = {}
    for part in header.split(","):
        if found := _RANGE.fullmatch(part):
            name = found[1].lower()
            weights[name] = max(weights.get(name, 0), float(found[2] or 1))
    rest = weights.get("*", 0)
    return "en" if weights.get("en", rest) > weights.get("zh", rest) else "zh"


def lang_of(request: Request) -> Lang:
    """The language a request asks for."""
    return preferred(request.headers.get("accept-language", ""))
