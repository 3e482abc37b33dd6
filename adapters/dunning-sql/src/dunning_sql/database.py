"""The ERP's database: opened to be read only, seen as it was at one moment, its errors told with what was asked.

An ERP's own people work in it while we read: they are not kept waiting, and nothing is half seen.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from dunning import UsageError
from dunning.adapter import AdapterError, DependencyMissingError
from dunning.adapter.documents import Text
from dunning_sql.mapping import Section, parameters_in

URL_VARIABLE = "DUNNING_SQL_URL"
PATIENCE = 30  # seconds to wait for one's turn on an SQLite file


def open_engine(url: str, *, read_only: bool = True, keep: bool = False) -> Engine:
    """The database at a URL as SQLAlchemy writes them; without one, that of the variable DUNNING_SQL_URL.

    UsageError for what is no URL, DependencyMissingError for a driver that is not installed. Nothing is connected yet.
    No connection to a server is kept between uses, unless asked to `keep` some: then dispose of the engine in the end.
    """
    written = url or os.environ.get(URL_VARIABLE, "")
    if not written:
        told = Text("要写数据库地址, 如", "the address of the database is missing, like")
        sample = " mysql+pymysql://reader:...@10.0.0.5/erp"
        raise UsageError(told.joined(Text(f"{sample} (或设 {URL_VARIABLE})", f"{sample} (or set {URL_VARIABLE})")))
    try:
        parsed = _with_driver(make_url(written))
        kept = keep and parsed.get_backend_name() != "sqlite"
        options: dict[str, Any] = {"pool_pre_ping": True, "pool_size": 2} if kept else {"poolclass": NullPool}
        engine = sa.create_engine(_read_only(parsed) if read_only else parsed, **options)
    except ModuleNotFoundError as error:
        pip = _PIP.get(parsed.get_backend_name(), f"pip install {error.name}")
        raise DependencyMissingError.of("sql", error.name or str(error), pip) from error
    except (ArgumentError, NoSuchModuleError, ValueError) as error:
        told = Text("这不是数据库地址", "this is no address of a database")
        raise UsageError(told.joined(Text(f": {error}", f": {error}"))) from error
    if engine.dialect.name == "sqlite":
        _with_real_transactions(engine)
    return engine


_PIP = {"postgresql": 'pip install "psycopg[binary]"', "mysql": "pip install PyMySQL", "mariadb": "pip install PyMySQL"}
_DRIVERS = {"postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
_DRIVERS |= {name: f"{name}+pymysql" for name in ("mysql", "mariadb")}


def _with_driver(url: URL) -> URL:
    """The drivers we are tested with, where the address names none."""
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername))


def _read_only(url: URL) -> URL:
    """A SQLite file opened so that nothing can be written to it, and none is made where there is none."""
    if url.get_backend_name() != "sqlite" or not url.database or url.database.startswith((":", "file:")):
        return url
    file = Path(url.database).absolute().as_uri().replace("file://", "file:")
    return url.set(database=file, query={**url.query, "mode": "ro", "uri": "true"})


def _as_written(url: URL) -> URL:
    """The address as somebody gave it, where we opened an SQLite file to be read only."""
    if url.get_backend_name() != "sqlite" or "uri" not in url.query:
        return url
    return url.set(database=unquote((url.database or "").removeprefix("file:")), query={})


def writable(engine: Engine) -> Engine:
    """The same database, to be written to."""
    url = engine.url
    again = url.update_query_dict({"mode": "rw"}) if "mode" in url.query else url
    return open_engine(again.render_as_string(hide_password=False), read_only=False)


def _with_real_transactions(engine: Engine) -> None:
    """Python's driver begins a transaction only when something is written; a snapshot needs one for reading.

    A connection with the option `writing` takes its turn at once: who reads first and then writes may find that
    somebody else has written in between.
    """

    def connected(connection: Any, _: object) -> None:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")

    def begins(connection: Connection) -> None:
        writing = connection.get_execution_options().get("writing")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    sa.event.listen(engine, "connect", connected)
    sa.event.listen(engine, "begin", begins)


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """A connection that sees the database as it is now for as long as it is open, and cannot write."""
    with told(engine), engine.connect() as connection:
        match engine.dialect.name:
            case "postgresql":
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            case "mysql" | "mariadb":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")
                _begin_mysql(connection)
        yield connection
        connection.rollback()


def _begin_mysql(connection: Connection) -> None:
    try:
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
    except DBAPIError:  # before MySQL 5.6 a transaction could not be read only
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT")


@contextmanager
def told(engine: Engine) -> Iterator[None]:
    """What goes wrong with the database as an AdapterError, in its own words; a password is never shown."""
    try:
        yield
    except SQLAlchemyError as error:
        where = _as_written(engine.url).render_as_string(hide_password=True)
        why = words_of(error)
        raise AdapterError(Text(f"数据库 {where}: {why}", f"the database {where}: {why}")) from error


def words_of(error: SQLAlchemyError) -> str:
    """What the database itself said, on one line."""
    said = str(error.orig) if isinstance(error, DBAPIError) and error.orig is not None else str(error)
    return " ".join(said.split())[:500]


_NOW = {"sqlite": "SELECT CURRENT_TIMESTAMP", "mysql": "SELECT UTC_TIMESTAMP()", "mariadb": "SELECT UTC_TIMESTAMP()"}


def now(connection: Connection) -> datetime:
    """The time by the database's clock, with its zone."""
    found = connection.exec_driver_sql(_NOW.get(connection.dialect.name, "SELECT CURRENT_TIMESTAMP")).scalar_one()
    moment = datetime.fromisoformat(found) if isinstance(found, str) else found
    assert isinstance(moment, datetime)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


# What is asked

Column = sa.ColumnElement[Any]


def named(names: Iterable[str]) -> list[Column]:
    """The columns of these names, without a type: cells come and go as the driver has them."""
    return [sa.column(name) for name in names]


def bound(value: object) -> sa.BindParameter[Any]:
    """A value as the driver gave it, handed back without a type of ours put on it."""
    return sa.bindparam(None, value, type_=sa.types.NullType(), unique=True)


def one_of(column: Column, values: Sequence[object]) -> sa.ColumnElement[bool]:
    return column.in_(sa.bindparam(None, list(values), type_=sa.types.NullType(), expanding=True, unique=True))


def keyed(columns: Sequence[Column], keys: Sequence[Sequence[object]]) -> sa.ColumnElement[bool]:
    """Rows with one of these keys. Of several columns all but the last are told apart first, so that indexes serve."""
    *first, last = columns
    by_first: dict[tuple[object, ...], list[object]] = {}
    for *head, tail in keys:
        by_first.setdefault(tuple(head), []).append(tail)
    terms = []
    for leading, tails in by_first.items():
        whole = [_is(column, value) for column, value in zip(first, leading, strict=True)]
        known = [tail for tail in tails if tail is not None]
        if known:
            terms.append(sa.and_(*whole, one_of(last, known)))
        if len(known) < len(tails):
            terms.append(sa.and_(*whole, last.is_(None)))
    return sa.or_(*terms) if terms else sa.false()


def _is(column: Column, value: object) -> sa.ColumnElement[bool]:
    return column.is_(None) if value is None else column == bound(value)


def after(columns: Sequence[Column], last: Sequence[object]) -> sa.ColumnElement[bool]:
    """Rows that come after one, in the order of these columns: the next page."""
    terms = []
    for cut in range(len(columns)):
        same = [column == bound(value) for column, value in zip(columns[:cut], last, strict=False)]
        terms.append(sa.and_(*same, columns[cut] > bound(last[cut])))
    # said first by itself, the leading column lets an index be used
    return sa.and_(columns[0] >= bound(last[0]), sa.or_(*terms))


def query(
    section: Section, parameters: Mapping[str, str | int], *, filtered: bool = True, every: bool = False
) -> sa.Select[Any]:
    """The rows of a section with its columns in order, or with `every` column; `filtered` by its `where`."""
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in section.columns()]
    origin: sa.FromClause
    if section.table:
        schema, _, name = section.table.rpartition(".")
        origin = sa.table(name, *columns, schema=schema or None)
    else:
        origin = _text(section.select, parameters).columns(*columns).subquery("source")
    asked = [sa.text("*")] if every else [origin.c[name] for name in section.columns()]
    found = sa.select(*asked).select_from(origin)
    return found.where(_text(f"({section.where}\n)", parameters)) if filtered and section.where else found


def _text(sql: str, parameters: Mapping[str, str | int]) -> sa.TextClause:
    return sa.text(sql).bindparams(**{name: parameters[name] for name in parameters_in(sql)})
