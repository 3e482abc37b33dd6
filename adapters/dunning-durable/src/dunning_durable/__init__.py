"""Live sessions over dunning: account events in, a call back for each change of an answer, patterns over time.

durable-rules matches the patterns, fenced off in a process of its own; every answer is `dunning.assess`'s.
"""

from dunning_durable.patterns import Key, Trouble
from dunning_durable.session import Change, Session
from dunning_durable.watches import WATCHES, Seen, Sign, Watch

__all__ = ["WATCHES", "Change", "Key", "Seen", "Session", "Sign", "Trouble", "Watch"]
