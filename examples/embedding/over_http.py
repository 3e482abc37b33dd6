"""The same guard where the rules run as a service: `python over_http.py cut_water household.json`, nothing to install.

Whatever goes wrong is a no: a service that does not answer allows nothing. DUNNING_URL and DUNNING_KEY say where the
service is and who asks.
"""

from __future__ import annotations

import json
import os
import sys
import urllib.error
import urllib.request
from typing import Any, NamedTuple

URL = os.environ.get("DUNNING_URL", "http://127.0.0.1:8765")
KEY = os.environ.get("DUNNING_KEY", "")


class Ruling(NamedTuple):
    """Whether a button may be pressed, and the words to show beside it."""

    allowed: bool
    words: str


def may(action: str, account: dict[str, Any], *, on: str | None = None, timeout: float = 5) -> Ruling:
    """May we? Asked each time: the law, the rules and the records may all have changed since."""
    asked = {"action": action, "account": account, "on": on}
    headers = {
        "Authorization": f"Bearer {KEY}",
        "Content-Type": "application/json",
        "Accept-Language": "zh",
    }
    request = urllib.request.Request(f"{URL}/v1/may", json.dumps(asked).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            verdict = json.load(response)["verdict"]
    except urllib.error.HTTPError as refused:
        with refused:
            return Ruling(allowed=False, words=refused_words(refused))
    except (OSError, ValueError) as error:
        return Ruling(allowed=False, words=f"no answer: {error}")
    return Ruling(allowed=verdict["verdict"] == "allowed", words=verdict["reason"])


def refused_words(refused: urllib.error.HTTPError) -> str:
    """What a problem says: its detail, and each finding with what to write instead."""
    try:
        problem = json.load(refused)
    except ValueError:
        return f"no answer: {refused}"
    found = [f"{each['at']}: {each['message']}" for each in problem["findings"]]
    return "; ".join([problem["detail"], *found])


if __name__ == "__main__":
    with open(sys.argv[2], encoding="utf-8") as file:
        household = json.load(file)
    ruling = may(sys.argv[1], household["account"], on=household["on"])
    print(("allowed: " if ruling.allowed else "no: ") + ruling.words)
    sys.exit(0 if ruling.allowed else 1)
