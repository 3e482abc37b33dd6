"""dunning over any relational schema: one mapping file in, accounts out, and an outbox for what is to be delivered.

`dunning_sql.open_sql` is the adapter `sql`; README.md takes a developer with an old MySQL through it in an afternoon.
"""

from dunning_sql.adapter import MappingError, SqlAdapter, open_sql
from dunning_sql.database import open_engine
from dunning_sql.document import read_file, read_mapping
from dunning_sql.mapping import SqlMapping
from dunning_sql.outbox import Claim, Outbox
from dunning_sql.store import Store
from dunning_sql.worker import NotSentError, Sink, Still, looking_again, work

__all__ = [
    "Claim",
    "MappingError",
    "NotSentError",
    "Outbox",
    "Sink",
    "SqlAdapter",
    "SqlMapping",
    "Still",
    "Store",
    "looking_again",
    "open_engine",
    "open_sql",
    "read_file",
    "read_mapping",
    "work",
]
