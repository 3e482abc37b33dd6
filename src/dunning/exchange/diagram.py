"""The picture of which decision needs which: plain boxes and lines, so that a modeller has something to open."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from xml.etree import ElementTree as ET

_WIDTH, _HEIGHT, _ACROSS, _DOWN = 180, 60, 210, 130


def draw(elements: Iterable[ET.Element]) -> ET.Element:
    """A diagram of data and decisions: data at the foot, each decision above all it needs."""
    placed = _places(list(elements))
    interchange = ET.Element("dmndi:DMNDI")
    diagram = ET.SubElement(interchange, "dmndi:DMNDiagram", {"id": "diagram"})
    for element, (x, y) in placed.items():
        shape = ET.SubElement(diagram, "dmndi:DMNShape", {"id": f"shape_{element}", "dmnElementRef": element})
        size = {"x": str(x), "y": str(y), "width": str(_WIDTH), "height": str(_HEIGHT)}
        ET.SubElement(shape, "dc:Bounds", size)
    for need, start, end in _lines(elements):
        if start in placed and end in placed:
            edge = ET.SubElement(diagram, "dmndi:DMNEdge", {"id": f"edge_{need}", "dmnElementRef": need})
            (x1, y1), (x2, y2) = placed[start], placed[end]
            ET.SubElement(edge, "di:waypoint", {"x": str(x1 + _WIDTH // 2), "y": str(y1)})
            ET.SubElement(edge, "di:waypoint", {"x": str(x2 + _WIDTH // 2), "y": str(y2 + _HEIGHT)})
    return interchange


def _places(elements: list[ET.Element]) -> dict[str, tuple[int, int]]:
    """The upper left corner of each, row by row."""
    needs: dict[str, list[str]] = {_id(element): [] for element in elements}
    for _, start, end in _lines(elements):
        needs[end].append(start)
    heights: dict[str, int] = {}
    for element in elements:
        _height(_id(element), needs, heights)
    top = max(heights.values(), default=0)
    filled = [0] * (top + 1)
    places = {}
    for name, height in heights.items():
        places[name] = (30 + filled[height] * _ACROSS, 30 + (top - height) * _DOWN)
        filled[height] += 1
    return places


def _height(element: str, needs: Mapping[str, list[str]], heights: dict[str, int]) -> int:
    """How many decisions stand below; tables do not go round in circles."""
    if element not in heights:
        below = [_height(need, needs, heights) for need in needs.get(element, ())]
        heights[element] = max(below, default=-1) + 1
    return heights[element]


def _lines(elements: Iterable[ET.Element]) -> Iterator[tuple[str, str, str]]:
    for element in elements:
        for need in element.iter("informationRequirement"):
            for required in need:
                yield _id(need), required.get("href", "").removeprefix("#"), _id(element)


def _id(element: ET.Element) -> str:
    return element.get("id", "")
