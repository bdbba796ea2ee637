"""Criteria sets: what a reviewer answers, as signed, versioned, replaceable content.

The format is ``docs/format/content-set-v1.md``; signatures are verified by whoever loads the file.
"""

import hashlib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import msgspec

from workstation.core.content import (
    MAX_SET_BYTES,
    MAX_TEXT_CHARS,
    CriteriaSetMalformed,
    CriteriaSetNotCanonical,
    CriteriaSetOlder,
    CriterionNotInSet,
    CriterionTextUnusable,
    CriterionTwice,
    SectionUnknown,
    canonical_json,
    refuse_bad_texts,
    refuse_repeats,
)
from workstation.core.values import CriterionId

FORMAT: Literal["frw-criteria-set-1"] = "frw-criteria-set-1"


@dataclass(frozen=True, kw_only=True)
class Section:
    """A titled group of criteria."""

    section_id: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Criterion:
    """One question, the evidence wanted for it, and what motivates it."""

    criterion_id: CriterionId
    section: str
    text: str
    evidence_wanted: str
    source: str

    @cached_property
    def text_hash(self) -> str:
        """SHA-384 of the question in NFC, in hexadecimal; answers carry forward while it is unchanged."""
        return hashlib.sha384(unicodedata.normalize("NFC", self.text).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class CriteriaSet:
    """One version of a set. ``notice`` says whose proposal it is and is shown with the set."""

    set_id: str
    version: int
    title: str
    notice: str
    sections: tuple[Section, ...]
    criteria: tuple[Criterion, ...]

    @property
    def reference(self) -> str:
        """Name and version, as cases and reports cite the set: ``eo14409 v1``."""
        return f"{self.set_id} v{self.version}"

    @cached_property
    def _by_id(self) -> Mapping[str, Criterion]:
        return {criterion.criterion_id: criterion for criterion in self.criteria}

    def by_id(self, criterion_id: str) -> Criterion:
        """The criterion with this identifier; raises ``CriterionNotInSet``."""
        found = self._by_id.get(criterion_id)
        if found is None:
            raise CriterionNotInSet(criterion_id=criterion_id, set_reference=self.reference)
        return found

    def in_section(self, section_id: str) -> tuple[Criterion, ...]:
        """The criteria of one section in their order."""
        return tuple(criterion for criterion in self.criteria if criterion.section == section_id)


@dataclass(frozen=True, kw_only=True)
class CarryForward:
    """What becomes of the criteria of an older version: answers kept, asked again, new, gone."""

    kept: tuple[CriterionId, ...]
    changed: tuple[CriterionId, ...]
    added: tuple[CriterionId, ...]
    removed: tuple[CriterionId, ...]


class _CriterionData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    section: str
    text: str
    evidence_wanted: str
    source: str


class _SectionData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    title: str


class _SetData(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    format: Literal["frw-criteria-set-1"]
    id: str
    version: int
    title: str
    notice: str
    sections: tuple[_SectionData, ...]
    criteria: tuple[_CriterionData, ...]


def parse_criteria_set(content: bytes) -> CriteriaSet:
    """Read the bytes of a criteria set, strictly.

    Raises:
        CriteriaSetMalformed: no JSON of this format: an unknown or missing field, a wrong type, too large.
        CriteriaSetNotCanonical: not RFC 8785 canonical, which also covers a repeated field.
        CriterionTwice, SectionUnknown, CriterionTextUnusable: the content contradicts itself.
    """
    data = canonical_json(content, _SetData)
    if data.version < 1 or not data.criteria:
        raise CriteriaSetMalformed(reason="a version below 1, or no criterion")
    refuse_repeats([section.id for section in data.sections])
    refuse_repeats([criterion.id for criterion in data.criteria])
    refuse_bad_texts(_texts(data))
    _refuse_stray_sections(data)
    return CriteriaSet(
        set_id=data.id,
        version=data.version,
        title=data.title,
        notice=data.notice,
        sections=tuple(Section(section_id=section.id, title=section.title) for section in data.sections),
        criteria=tuple(_criterion(criterion) for criterion in data.criteria),
    )


def require_successor(offered: CriteriaSet, in_use: CriteriaSet) -> None:
    """Return only when ``offered`` has the same name and a higher version; raises ``CriteriaSetOlder``."""
    if offered.set_id != in_use.set_id or offered.version <= in_use.version:
        raise CriteriaSetOlder(offered=offered.reference, in_use=in_use.reference)


def carry_forward(older: CriteriaSet, newer: CriteriaSet) -> CarryForward:
    """Which answers stay: those whose criterion keeps its identifier and the hash of its question."""
    before = {criterion.criterion_id: criterion.text_hash for criterion in older.criteria}
    after = {criterion.criterion_id: criterion.text_hash for criterion in newer.criteria}
    both = [name for name in after if name in before]
    return CarryForward(
        kept=tuple(name for name in both if before[name] == after[name]),
        changed=tuple(name for name in both if before[name] != after[name]),
        added=tuple(name for name in after if name not in before),
        removed=tuple(name for name in before if name not in after),
    )


def _criterion(data: _CriterionData) -> Criterion:
    return Criterion(
        criterion_id=CriterionId(data.id),
        section=data.section,
        text=data.text,
        evidence_wanted=data.evidence_wanted,
        source=data.source,
    )


def _refuse_stray_sections(data: _SetData) -> None:
    sections = {section.id for section in data.sections}
    for criterion in data.criteria:
        if criterion.section not in sections:
            raise SectionUnknown(criterion_id=criterion.id, section=criterion.section)
    empty = sections - {criterion.section for criterion in data.criteria}
    if empty:
        raise SectionUnknown(criterion_id="", section=min(empty))


def _texts(data: _SetData) -> Iterator[tuple[str, str]]:
    yield from ((data.id, text) for text in (data.id, data.title, data.notice))
    for section in data.sections:
        yield from ((section.id, text) for text in (section.id, section.title))
    for item in data.criteria:
        yield from ((item.id, text) for text in (item.id, item.text, item.evidence_wanted, item.source))


__all__ = [
    "FORMAT",
    "MAX_SET_BYTES",
    "MAX_TEXT_CHARS",
    "CarryForward",
    "CriteriaSet",
    "CriteriaSetMalformed",
    "CriteriaSetNotCanonical",
    "CriteriaSetOlder",
    "Criterion",
    "CriterionNotInSet",
    "CriterionTextUnusable",
    "CriterionTwice",
    "Section",
    "SectionUnknown",
    "carry_forward",
    "parse_criteria_set",
    "require_successor",
]
