"""Property-fee dunning for China (物业费催缴): what is owed to the fen, what may be done about it today, and why.

Everything public is here, in `dunning.adapter` and in `dunning.testing`; what is not listed may change. Names are
imported when first asked for, so that `import dunning` costs nothing.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dunning.basis.errors import (
        AccountError,
        CalendarError,
        DunningError,
        MoneyError,
        RulesError,
        UsageError,
    )
    from dunning.basis.finding import Finding, Text
    from dunning.basis.span import Pointer
    from dunning.check.run import check
    from dunning.compare.diff import diff
    from dunning.compare.difference import Difference
    from dunning.compare.told import difference_dict, difference_text
    from dunning.engine.assess import assess, assess_group
    from dunning.engine.known.catalogue import facts
    from dunning.engine.law.verdict import Verdict
    from dunning.engine.may import may
    from dunning.engine.result import Assessment
    from dunning.engine.review import next_review, next_reviews
    from dunning.engine.timeline import Timeline, timeline
    from dunning.intake.files.tables import open_portfolio
    from dunning.intake.records import Read, Rejected, read, read_account
    from dunning.lang.folder import RuleFolder, load, load_folder
    from dunning.model.account import Account
    from dunning.model.rulebook import RuleBook
    from dunning.output.exchange import to_dict, to_json
    from dunning.output.explain import explain
    from dunning.output.schemas import json_schema
    from dunning.output.timeline import timeline_dict, timeline_svg, timeline_text
    from dunning.output.verdicts import verdict_dict

__version__ = "0.1.0"

_HOMES = {
    "dunning.basis.errors": (
        "AccountError", "CalendarError", "DunningError", "MoneyError", "RulesError", "UsageError",
    ),
    "dunning.basis.finding": ("Finding", "Text"),
    "dunning.basis.span": ("Pointer",),
    "dunning.check.run": ("check",),
    "dunning.compare.diff": ("diff",),
    "dunning.compare.difference": ("Difference",),
    "dunning.compare.told": ("difference_dict", "difference_text"),
    "dunning.engine.assess": ("assess", "assess_group"),
    "dunning.engine.may": ("may",),
    "dunning.engine.known.catalogue": ("facts",),
    "dunning.engine.result": ("Assessment",),
    "dunning.engine.review": ("next_review", "next_reviews"),
    "dunning.engine.timeline": ("Timeline", "timeline"),
    "dunning.engine.law.verdict": ("Verdict",),
    "dunning.intake.records": ("Read", "Rejected", "read", "read_account"),
    "dunning.intake.files.tables": ("open_portfolio",),
    "dunning.lang.folder": ("RuleFolder", "load", "load_folder"),
    "dunning.model.account": ("Account",),
    "dunning.model.rulebook": ("RuleBook",),
    "dunning.output.exchange": ("to_dict", "to_json"),
    "dunning.output.explain": ("explain",),
    "dunning.output.schemas": ("json_schema",),
    "dunning.output.timeline": ("timeline_dict", "timeline_svg", "timeline_text"),
    "dunning.output.verdicts": ("verdict_dict",),
}  # fmt: skip
_HOME = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "Account",
    "AccountError",
    "Assessment",
    "CalendarError",
    "Difference",
    "DunningError",
    "Finding",
    "MoneyError",
    "Pointer",
    "Read",
    "Rejected",
    "RuleBook",
    "RuleFolder",
    "RulesError",
    "Text",
    "Timeline",
    "UsageError",
    "Verdict",
    "assess",
    "assess_group",
    "check",
    "diff",
    "difference_dict",
    "difference_text",
    "explain",
    "facts",
    "json_schema",
    "load",
    "load_folder",
    "may",
    "next_review",
    "next_reviews",
    "open_portfolio",
    "read",
    "read_account",
    "timeline",
    "timeline_dict",
    "timeline_svg",
    "timeline_text",
    "to_dict",
    "to_json",
    "verdict_dict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'dunning' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])


class _Face(ModuleType):
    """Keeps a public function where the import system would put the folder of its name: `check`, `adapter`."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOME or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Face
