"""Findings as the service tells them: as an assessment has them, and what to write instead.

Run as a program it checks the folder it stands in, for `checking`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import dunning
from dunning import Finding


def told(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as data."""
    return [
        {
            "code": finding.code,
            "severity": finding.severity,
            "at": None if finding.at is None else str(finding.at),
            "message": finding.message("zh"),
            "message_en": finding.message("en"),
            "fix": finding.help("zh") or None,
            "fix_en": finding.help("en") or None,
        }
        for finding in findings
    ]


if __name__ == "__main__":
    sys.stdout.write(json.dumps(told(dunning.check("."))))  # files are named from this folder on
