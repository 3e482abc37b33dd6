"""Parquet where a command takes a portfolio: told by its names alone, opened only if pyarrow is there."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.output.record.leftovers import RUN

if TYPE_CHECKING:
    from dunning.intake.groups import Portfolio

_OURS = "portfolio.json"


def in_parquet(path: Path) -> bool:
    """Whether a folder holds Parquet files, ours or another program's."""
    return path.is_dir() and (is_ours(path) or any(path.glob("*.parquet")) or any(path.glob("*/*.parquet")))


def is_ours(path: Path) -> bool:
    """Whether `dunning convert` wrote the folder."""
    return (path / _OURS).is_file()


class RunIn(NamedTuple):
    """What results in columns are of: the folder of the records, with their digest, the rules and the day."""

    records: Path
    digest: str
    rules: str | None
    day: str


def run_in(path: Path) -> RunIn | None:
    """What the results in a folder are of; None if it has none of a run in columns."""
    file = path / RUN
    if not path.is_dir() or not file.is_file():
        return None
    said = json.loads(file.read_text(encoding="utf-8"))
    return RunIn(Path(said["from"]), said["of"]["records"], said["rules"], said["of"]["on"])


def needs_pyarrow() -> None:
    """UsageError with the line to copy where numpy or pyarrow is not installed."""
    if not all(map(find_spec, ("numpy", "pyarrow"))):
        how = "pip install 'dunning[batch]'"
        raise UsageError(Text(f"读写 Parquet 要装 pyarrow: {how}", f"Parquet needs pyarrow: {how}"))


@contextmanager
def portfolio_at(path: Path) -> Iterator[Portfolio]:
    """Any portfolio in files, Parquet among them; another program's is sorted into a temporary folder first."""
    if not in_parquet(path):
        from dunning.intake.files.tables import open_portfolio

        with open_portfolio(path) as portfolio:
            yield portfolio
        return
    needs_pyarrow()
    from dunning.columns.convert import convert_parquet
    from dunning.columns.portfolio import InParquet

    if is_ours(path):
        yield InParquet(path)
        return
    with tempfile.TemporaryDirectory() as folder:
        convert_parquet(path, Path(folder) / "records")
        yield InParquet(Path(folder) / "records")
