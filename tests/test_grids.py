"""Grids: cells, and the place of each to the character, wide or not."""

from __future__ import annotations

from dunning.lang.text.positions import Mapping, Scalar, compose
from dunning.lang.words.grids import Grid, read_grid


def grid_in(text: str) -> tuple[Grid, list[str]]:
    """The grid under `grid:` in a text, and the text's lines."""
    node, found = compose(text, "file.yaml")
    assert isinstance(node, Mapping)
    block = node.get("grid")
    assert isinstance(block, Scalar)
    grid = read_grid(block)
    assert grid is not None
    assert not [finding for finding in found if finding.severity == "error"]
    return grid, text.split("\n")


def at_its_place(grid: Grid, lines: list[str]) -> bool:
    """Whether every cell with text stands in the file exactly where it says."""
    cells = [cell for row in (grid.heads, *grid.rows) for cell in row if cell.text]
    return all(lines[cell.at.line - 1][cell.at.column - 1 : cell.at.end - 1] == cell.text for cell in cells)


def test_cells_are_split_at_bars_and_stripped() -> None:
    grid, _ = grid_in("grid: |\n  欠费金额 | => 分级\n  超过1万元 | A\n           | B\n")

    assert [head.text for head in grid.heads] == ["欠费金额", "=> 分级"]
    assert [[cell.text for cell in row] for row in grid.rows] == [["超过1万元", "A"], ["", "B"]]


def test_every_cell_knows_its_place_wide_characters_or_not() -> None:
    grid, lines = grid_in(
        "a: 1\nnested:\ngrid: |\n    标签   | 欠费金额      | => 分级 | 说明\n    含 vip |  超过1万元 |C| 两端, 都含\n"
    )

    assert at_its_place(grid, lines)
    assert grid.rows[0][1].at.line == 5
    assert grid.rows[0][1].at.column == 14


def test_an_empty_cell_points_into_its_column() -> None:
    grid, _ = grid_in("grid: |\n  欠费金额 | => 分级\n           | B\n")

    empty = grid.rows[0][0].at
    assert (empty.line, empty.column) == (3, 3)


def test_blank_lines_are_skipped_and_lines_still_counted() -> None:
    grid, lines = grid_in("grid: |\n\n  欠费金额 | => 分级\n\n  超过1万元 | A\n")

    assert at_its_place(grid, lines)
    assert grid.rows[0][0].at.line == 5


def test_bars_at_both_ends_and_a_rule_of_dashes_are_decoration() -> None:
    grid, lines = grid_in(
        "grid: |\n  | 欠费金额 | => 分级 |\n  |----------|:-------|\n  | 超过1万元 | A |\n  |          | B |\n"
    )

    assert [head.text for head in grid.heads] == ["欠费金额", "=> 分级"]
    assert [[cell.text for cell in row] for row in grid.rows] == [["超过1万元", "A"], ["", "B"]]
    assert at_its_place(grid, lines)


def test_a_spreadsheet_pasted_with_tabs_is_a_grid() -> None:
    grid, lines = grid_in("grid: |\n  欠费金额\t欠费期数\t=> 分级\n  超过1万元\t\tA\n")

    assert [[cell.text for cell in row] for row in grid.rows] == [["超过1万元", "", "A"]]
    assert at_its_place(grid, lines)


def test_a_text_that_is_no_block_is_no_grid() -> None:
    node, _ = compose("grid: 欠费金额 | => 分级\n", "file.yaml")
    assert isinstance(node, Mapping)
    scalar = node.get("grid")
    assert isinstance(scalar, Scalar)

    assert read_grid(scalar) is None


def test_an_empty_block_is_no_grid() -> None:
    node, _ = compose("grid: |\nother: 1\n", "file.yaml")
    assert isinstance(node, Mapping)
    scalar = node.get("grid")
    assert isinstance(scalar, Scalar)

    assert read_grid(scalar) is None
