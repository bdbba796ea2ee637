"""The classification authority block and the CUI designation block: what each line must hold.

Sources: EO 13526 sections 1.4 to 1.6, 32 CFR 2001.21 and 2001.22, Register and Manual 2016 section E,
ISOO notices 2011-02 and 2013-01 for atomic energy and NATO portions; DoDI 5200.48 for CUI.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.markings.model import Marking, System
from workstation.core.markings.vocabulary import Level

MULTIPLE_SOURCES = "Multiple Sources"
_REASON = re.compile(r"1\.4\([a-h]\)(?:, 1\.4\([a-h]\))*")
_UNDATED = frozenset({"50X1-HUM", "50X2-WMD"})
_EXEMPTION = re.compile(r"(?:25|50|75)X[1-9], (\d{8}|[A-Za-z].*)")
_EVENT = re.compile(r"Event: \S.*")
_RETIRED = re.compile(
    r"OADR|MR|MANUAL REVIEW|X[1-8]|SOURCE MARKED.*|D[NC]I ONLY|SUBJECT TO TREATY.*|25X1-HUMAN"
    r"|(?:25|50|75)X[1-9]",
    re.IGNORECASE,
)
_LONGEST_YEARS = 25
_FOREVER = date.max


class BlockKind(StrEnum):
    """Who decided: an original authority, or the sources a derivative classifier carries forward."""

    ORIGINAL = "original"
    DERIVATIVE = "derivative"


@dataclass(frozen=True, kw_only=True)
class Source:
    """One source of a derivative classification; ``dated`` is the source's own date."""

    title: str
    agency: str
    dated: str
    declassify_on: str


@dataclass(frozen=True, kw_only=True)
class AuthorityBlock:
    """The block of a classified document. A derivative block has sources and never a reason."""

    kind: BlockKind
    classified_by: str
    position: str
    office: str
    declassify_on: str
    reason: str = ""
    sources: tuple[Source, ...] = ()

    @property
    def derived_from(self) -> str:
        """The Derived From line: the one source by title, agency and date, or Multiple Sources."""
        if len(self.sources) != 1:
            return MULTIPLE_SOURCES if self.sources else ""
        source = self.sources[0]
        return f"{source.title}, {source.agency}, {source.dated}"

    def lines(self) -> tuple[str, ...]:
        """The block as printed, the list of multiple sources not included (it goes on its own page)."""
        by = f"Classified By: {self.classified_by}, {self.position}, {self.office}"
        because = (
            f"Reason: {self.reason}"
            if self.kind is BlockKind.ORIGINAL
            else f"Derived From: {self.derived_from}"
        )
        return by, because, f"Declassify On: {self.declassify_on}"

    def source_lines(self) -> tuple[str, ...]:
        """The list kept with the record copy when there are several sources."""
        if len(self.sources) < 2:  # noqa: PLR2004 - one source stands on the block itself
            return ()
        return tuple(
            f"{s.title}, {s.agency}, {s.dated}; declassify on {s.declassify_on}" for s in self.sources
        )


@dataclass(frozen=True, kw_only=True)
class CuiDesignation:
    """The designation block of a CUI document: categories and limits stand here, not in the banner."""

    controlled_by: str
    categories: tuple[str, ...]
    limits: tuple[str, ...]
    contact: str

    def lines(self) -> tuple[str, ...]:
        """The block as printed."""
        return (
            f"Controlled by: {self.controlled_by}",
            f"CUI Category: {', '.join(self.categories)}",
            f"Limited Dissemination Control: {', '.join(self.limits) or 'none'}",
            f"POC: {self.contact}",
        )


@dataclass(kw_only=True, eq=False)
class AuthorityBlockMissing(Refused):
    """Classified or CUI output without its block."""

    code: ClassVar[str] = "MRK-006"
    banner: str


@dataclass(kw_only=True, eq=False)
class AuthorityBlockIncomplete(Refused):
    """A line of the block is missing or says what it may not."""

    code: ClassVar[str] = "MRK-007"
    block_field: str
    problem: str


def require_block(
    banner: Marking, block: AuthorityBlock | None, designation: CuiDesignation | None = None, *, made_on: date
) -> None:
    """Return only when the document carries the block its banner asks for, complete.

    ``made_on`` is the date of the document; no declassification date lies further than 25 years after it.

    Raises:
        AuthorityBlockMissing: a classified banner without an authority block, CUI without a designation.
        AuthorityBlockIncomplete: a line is wrong, or the banner takes no such block.
    """
    if banner.level is Level.CUI:
        _require_designation(banner, designation)
    if not _takes_block(banner):
        if block is not None:
            raise AuthorityBlockIncomplete(
                block_field="Classified By", problem="nothing here is classified by us"
            )
        return
    if block is None:
        raise AuthorityBlockMissing(banner=str(banner))
    for block_field, problem in _problems(banner, block, made_on):
        raise AuthorityBlockIncomplete(block_field=block_field, problem=problem)


def block_problems(banner: Marking, block: AuthorityBlock, *, made_on: date) -> tuple[tuple[str, str], ...]:
    """Every line that is wrong with what is wrong with it, for an editor that shows them all."""
    return tuple(_problems(banner, block, made_on))


def _takes_block(banner: Marking) -> bool:
    """JOINT documents take one when the United States is an owner; foreign and NATO documents take none."""
    ours = banner.system is System.US or (banner.system is System.JOINT and "USA" in banner.owners)
    return banner.level.classified and ours


def _require_designation(banner: Marking, designation: CuiDesignation | None) -> None:
    if designation is None:
        raise AuthorityBlockMissing(banner=str(banner))
    known = banner.vocabulary
    for block_field, value in (("Controlled by", designation.controlled_by), ("POC", designation.contact)):
        if not value.strip():
            raise AuthorityBlockIncomplete(block_field=block_field, problem="it is empty")
    for category in designation.categories or ("",):
        if category not in known.cui_categories:
            raise AuthorityBlockIncomplete(block_field="CUI Category", problem=f"“{category}” is not listed")
    for limit in designation.limits:
        if limit not in known.cui_limits and not limit.startswith("REL TO USA, "):
            raise AuthorityBlockIncomplete(
                block_field="Limited Dissemination Control", problem=f"“{limit}” is not listed"
            )


def _problems(banner: Marking, block: AuthorityBlock, made_on: date) -> Iterator[tuple[str, str]]:
    for name, value in (
        ("name", block.classified_by),
        ("position", block.position),
        ("office", block.office),
    ):
        if not value.strip():
            yield "Classified By", f"the {name} is empty"
    if block.kind is BlockKind.ORIGINAL:
        if not _REASON.fullmatch(block.reason):
            yield "Reason", "it does not cite EO 13526 as 1.4(a) to 1.4(h)"
        if block.sources:
            yield "Derived From", "an original decision has no source"
    else:
        if block.reason:
            yield "Reason", "a derivative block gives no reason"
        yield from _source_problems(block)
    yield from _date_problems(banner, block, made_on)


def _source_problems(block: AuthorityBlock) -> Iterator[tuple[str, str]]:
    if not block.sources:
        yield "Derived From", "no source is named"
    for source in block.sources:
        if not (source.title.strip() and source.agency.strip() and source.dated.strip()):
            yield "Derived From", "a source lacks its title, agency or date"
        elif source.title.strip().casefold() == MULTIPLE_SOURCES.casefold():
            yield "Derived From", "“Multiple Sources” is not a source; list the sources"
    lasting = [until for source in block.sources if (until := _until(source.declassify_on)) is not None]
    own = _until(block.declassify_on)
    if own is not None and lasting and own < max(lasting):
        yield "Declassify On", "it ends before the longest protection among the sources"


def _date_problems(banner: Marking, block: AuthorityBlock, made_on: date) -> Iterator[tuple[str, str]]:
    text = block.declassify_on.strip()
    apart = _apart(banner)
    if apart:
        wanted = f"N/A to {apart} portions. See source list for NSI portions."
        if text != wanted:
            yield "Declassify On", f"with {apart} portions it reads “{wanted}”"
        return
    if not text:
        yield "Declassify On", "it is empty"
    elif text in _UNDATED or _EVENT.fullmatch(text):
        return
    elif any(text.startswith(name) for name in _UNDATED):
        yield "Declassify On", f"{text[:8]} takes no date"
    elif _RETIRED.fullmatch(text):
        yield "Declassify On", "the instruction is retired, or lacks its date or event"
    else:
        yield from _dated_problems(text, made_on)


def _dated_problems(text: str, made_on: date) -> Iterator[tuple[str, str]]:
    exemption = _EXEMPTION.fullmatch(text)
    if exemption and not exemption[1].isdigit():
        return
    until = _until(text)
    if until is None or until is _FOREVER:
        yield "Declassify On", "write a date as YYYYMMDD, an event, or an exemption with its date or event"
    elif until <= made_on:
        yield "Declassify On", "the date is not after the date of the document"
    elif not exemption and until > _years_after(made_on, _LONGEST_YEARS):
        yield "Declassify On", "more than 25 years need an exemption"


def _apart(banner: Marking) -> str:
    """The kinds of information that keep their own declassification: RD, FRD, TFNI and NATO."""
    kinds = [marking.name for marking in banner.aea if marking.name in {"RD", "FRD", "TFNI"}]
    return " and ".join(kinds + (["NATO"] if "NATO" in (banner.fgi or ()) else []))


def _until(text: str) -> date | None:
    """The date an instruction names; the end of time for the undated exemptions; None for an event."""
    if text.strip() in _UNDATED:
        return _FOREVER
    match = re.search(r"(?:^|, )(\d{4})(\d{2})(\d{2})$", text.strip())
    if not match:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return None


def _years_after(day: date, years: int) -> date:
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)
