"""Arrow's types as Spark's, and tables as Spark takes them: no dictionaries."""

from __future__ import annotations

import pyarrow as pa
from pyspark.sql import types as spark

_PLAIN: dict[pa.DataType, spark.DataType] = {
    pa.string(): spark.StringType(),
    pa.int32(): spark.IntegerType(),
    pa.int64(): spark.LongType(),
    pa.bool_(): spark.BooleanType(),
    pa.date32(): spark.DateType(),
}


def schema_of(schema: pa.Schema) -> spark.StructType:
    """The schema of a table that comes out; what its whole numbers are stays in the metadata (`unit`)."""
    return spark.StructType(
        [
            spark.StructField(
                field.name,
                type_of(field.type),
                metadata={k.decode(): v.decode() for k, v in (field.metadata or {}).items()},
            )
            for field in schema
        ]
    )


def type_of(type_: pa.DataType) -> spark.DataType:
    """The type of a column; moments are instants, shown in the time zone of the session."""
    if pa.types.is_dictionary(type_):
        return type_of(type_.value_type)
    if pa.types.is_timestamp(type_):
        return spark.TimestampType()
    if pa.types.is_list(type_):
        return spark.ArrayType(type_of(type_.value_type))
    if pa.types.is_struct(type_):
        return spark.StructType([spark.StructField(field.name, type_of(field.type)) for field in type_])
    return _PLAIN[type_]


def plain(table: pa.Table) -> pa.Table:
    """The table with every dictionary as the words themselves: Spark reads no dictionaries."""
    columns = [
        column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in table.itercolumns()
    ]
    return pa.table(columns, table.column_names)
