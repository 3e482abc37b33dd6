"""dunning on a Spark cluster: DataFrames of accounts in, the five tables out, the same rows as on one machine."""

from dunning.adapter.tables import LISTS, TABLES
from dunning_spark.frames import Assessed, assess_frame

__all__ = ["LISTS", "TABLES", "Assessed", "assess_frame"]
