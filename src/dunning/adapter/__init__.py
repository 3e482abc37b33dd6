"""For those who connect an ERP: the contract, the records that cross it, and the adapters that are installed.

Everything public is in `__all__`. docs/adapter/ takes a newcomer through it; `dunning.testing.conformance` tests it.
"""

from dunning.adapter.delivery import Delivery, Receipt, ReceiptState, contacts_of, deliveries, moved_on, retold
from dunning.adapter.errors import (
    AdapterError,
    AdapterMisspeltError,
    AdapterUnknownError,
    DependencyMissingError,
    RefusedError,
)
from dunning.adapter.keeping import Keeper, beside, open_store
from dunning.adapter.lookup import Installed, installed, open_adapter
from dunning.adapter.postings import postings
from dunning.adapter.protocol import (
    Adapter,
    Capabilities,
    Cursor,
    Gone,
    Item,
    Mark,
    PartyCard,
    Posting,
    PostingKind,
)
from dunning.adapter.sending import (
    Dropped,
    Handed,
    Heard,
    Pending,
    Withdrawn,
    catch_up,
    pending_of,
    send,
    still_due,
    withdraw,
)
from dunning.adapter.supply import AdapterPortfolio, lacking, place_of, present, supplied
from dunning.adapter.sweeps import Bookmark, Sweep, fresh_data, next_sweep, source_of
from dunning.basis.span import Source

__all__ = [
    "Adapter",
    "AdapterError",
    "AdapterMisspeltError",
    "AdapterPortfolio",
    "AdapterUnknownError",
    "Bookmark",
    "Capabilities",
    "Cursor",
    "Delivery",
    "DependencyMissingError",
    "Dropped",
    "Gone",
    "Handed",
    "Heard",
    "Installed",
    "Item",
    "Keeper",
    "Mark",
    "PartyCard",
    "Pending",
    "Posting",
    "PostingKind",
    "Receipt",
    "ReceiptState",
    "RefusedError",
    "Source",
    "Sweep",
    "Withdrawn",
    "beside",
    "catch_up",
    "contacts_of",
    "deliveries",
    "fresh_data",
    "installed",
    "lacking",
    "moved_on",
    "next_sweep",
    "open_adapter",
    "open_store",
    "pending_of",
    "place_of",
    "postings",
    "present",
    "retold",
    "send",
    "source_of",
    "still_due",
    "supplied",
    "withdraw",
]
