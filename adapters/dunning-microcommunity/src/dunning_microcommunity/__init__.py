"""dunning on MicroCommunity (java110, HC小区): its month rows in, its dunning log out, and an audit of its settings.

`dunning_microcommunity.open_microcommunity` is the adapter `microcommunity`; `audit` reads the late-fee settings.
"""

from dunning_microcommunity.audit import audit, audit_dict
from dunning_microcommunity.opening import CAPABILITIES, open_microcommunity
from dunning_microcommunity.sinks import CallableLog, CsvExport

__all__ = ["CAPABILITIES", "CallableLog", "CsvExport", "audit", "audit_dict", "open_microcommunity"]
