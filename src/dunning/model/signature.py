"""Signatures: who vouched for which meaning on which day. Written by `dunning sign` and by nothing else.

A signature holds on to digests, so that whoever reads the file can tell whether it is still what was signed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dunning.basis.span import Span
from dunning.model.action import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionReview:
    """A second signer's signature, under one section of a book and in one role. `digest` is the section's."""

    section: str
    role: Role | None
    by: str
    on: date | None = None
    digest: str = ""
    at: Span | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """The signatures of a file: the one under the whole, with the digests of its meaning and of its law, and the
    second signers' under `sections`. `by` is empty while only second signers have signed.
    """

    by: str = ""
    on: date | None = None
    digest: str = ""
    law_digest: str = ""
    sections: tuple[SectionReview, ...] = ()
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class Lacking:
    """A second signature that the folder asks for and that is not there, or no longer holds (`stale`)."""

    section: str
    role: Role
    stale: SectionReview | None = None
