"""For those who connect an ERP: the contract, the records that cross it, and the adapters that are installed.

Everything public is in `__all__`. docs/adapter/ takes a newcomer through it; `dunning.testing.conformance` tests it.
"""

from dunning.adapter.delivery import Delivery, Receipt, ReceiptState, contacts_of, deliveries, moved_on
from dunning.adapter.errors import (
    AdapterError,
    AdapterMisspeltError,
    AdapterUnknownError,
    DependencyMissingError,
    RefusedError,
)
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
from dunning.adapter.supply import AdapterPortfolio, supplied
from dunning.basis.span import Source

__all__ = [
    "Adapter",
    "AdapterError",
    "AdapterMisspeltError",
    "AdapterPortfolio",
    "AdapterUnknownError",
    "Capabilities",
    "Cursor",
    "Delivery",
    "DependencyMissingError",
    "Gone",
    "Installed",
    "Item",
    "Mark",
    "PartyCard",
    "Posting",
    "PostingKind",
    "Receipt",
    "ReceiptState",
    "RefusedError",
    "Source",
    "contacts_of",
    "deliveries",
    "installed",
    "moved_on",
    "open_adapter",
    "postings",
    "supplied",
]
