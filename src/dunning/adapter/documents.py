"""YAML with places, for adapters that read a file people write: every mistake can be shown where it stands.

The same reading as that of rule files: `compose` never raises, keeps spellings, and tells the traps of YAML and of the
input method as findings. Names that stand for nothing get their `did_you_mean`; `render` makes screens of findings.
"""

from dunning.basis.finding import Finding, Text, catalogue, has_errors, in_order
from dunning.basis.span import Span
from dunning.lang.text.names import did_you_mean, nearest
from dunning.lang.text.positions import Mapping, Node, Scalar, Sequence, compose
from dunning.output.screens import render

__all__ = [
    "Finding",
    "Mapping",
    "Node",
    "Scalar",
    "Sequence",
    "Span",
    "Text",
    "catalogue",
    "compose",
    "did_you_mean",
    "has_errors",
    "in_order",
    "nearest",
    "render",
]
