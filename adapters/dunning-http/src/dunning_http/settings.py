"""What a service is started with: its rules, its keys, and its limits.

Workers are processes of their own, so all of it goes through one environment variable.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass

VARIABLE = "DUNNING_HTTP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """`rules`: a folder, a file or a shipped name; None is the shipped folder. `keys`: the keys file; None asks nobody.

    Limits: `max_body` bytes, `max_accounts` in a request, `max_seconds` for one answer, `max_timeline_days` played at
    once. `threads` work at a time; files are looked at every `watch_seconds` (0: only when asked to reload).
    """

    rules: str | None = None
    keys: str | None = None
    max_body: int = 8 * 1024 * 1024
    max_accounts: int = 1000
    max_seconds: float = 30
    max_timeline_days: int = 3 * 366
    threads: int = 4
    watch_seconds: float = 2

    def to_environment(self) -> None:
        """Leaves the settings to the processes started after this one."""
        os.environ[VARIABLE] = json.dumps(asdict(self))

    @classmethod
    def from_environment(cls) -> Settings:
        """The settings that `to_environment` left."""
        return cls(**json.loads(os.environ.get(VARIABLE, "{}")))
