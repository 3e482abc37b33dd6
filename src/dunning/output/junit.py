"""The cases of a run as JUnit XML, which every CI server shows."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from xml.etree import ElementTree as Xml

from dunning.basis.finding import Lang
from dunning.check.cases import CaseReport, CaseResult
from dunning.check.expected import Difference


def junit_xml(report: CaseReport, lang: Lang = "zh") -> str:
    """A suite a file, a test a case, a failure with what was expected, what came out and why."""
    root = Xml.Element("testsuites")
    for file, cases in groupby(report.results, key=lambda result: result.at.file):
        _suite(root, file, list(cases), lang)
    for finding in report.findings:
        suite = Xml.SubElement(root, "testsuite", name=str(finding.at), tests="1", errors="1", failures="0")
        case = Xml.SubElement(suite, "testcase", name=finding.code, classname=str(finding.at))
        Xml.SubElement(case, "error", message=finding.message(lang))
    Xml.indent(root)
    return Xml.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: Xml.Element, file: str, cases: list[CaseResult], lang: Lang) -> None:
    failed = sum(not case.passed for case in cases)
    suite = Xml.SubElement(root, "testsuite", name=file, tests=str(len(cases)), failures=str(failed), errors="0")
    for case in cases:
        told = Xml.SubElement(suite, "testcase", name=case.name, classname=file, line=str(case.at.line))
        if not case.passed:
            lines = _lines(case.differences, lang)
            Xml.SubElement(told, "failure", message=lines[0]).text = "\n".join(lines)


def _lines(differences: Iterable[Difference], lang: Lang) -> list[str]:
    return [difference.told(lang) for difference in differences]
