"""Criteria sets: what a reviewer answers, as signed, versioned, replaceable content.

The format is ``docs/format/content-set-v1.md``; signatures are verified by whoever loads the file.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Literal

import msgspec
import rfc8785

from workstation.core.errors import Refused
from workstation.core.values import CriterionId

FORMAT: Literal["frw-criteria-set-1"] = "frw-criteria-set-1"
MAX_SET_BYTES = 4 << 20
MAX_TEXT_CHARS = 2000


@dataclass(kw_only=True, eq=False)
class CriteriaSetMalformed(Refused):
    """The bytes are no criteria set; ``reason`` says where and why."""

    code: ClassVar[str] = "CRT-001"
    reason: str


@dataclass(kw_only=True, eq=False)
class CriteriaSetNotCanonical(Refused):
    """The bytes are not in canonical form, so two readers could read two things."""

    code: ClassVar[str] = "CRT-002"
    size_bytes: int


@dataclass(kw_only=True, eq=False)
class CriterionTwice(Refused):
    """Two criteria, or two sections, have one identifier."""

    code: ClassVar[str] = "CRT-003"
    duplicate: str


@dataclass(kw_only=True, eq=False)
class SectionUnknown(Refused):
    """A criterion names a section that the set does not have, or a section has no criterion."""

    code: ClassVar[str] = "CRT-004"
    criterion_id: str
    section: str


@dataclass(kw_only=True, eq=False)
class CriterionTextUnusable(Refused):
    """A text is empty, too long, not in normal form, or holds control or bidirectional characters."""

    code: ClassVar[str] = "CRT-005"
    criterion_id: str


@dataclass(kw_only=True, eq=False)
class CriteriaSetOlder(Refused):
    """The offered set does not follow the one in use: another name, or no higher version."""

    code: ClassVar[str] = "CRT-006"
    offered: str
    in_use: str


@dataclass(kw_only=True, eq=False)
class CriterionNotInSet(Refused):
    """There is no such criterion in this set."""

    code: ClassVar[str] = "CRT-007"
    criterion_id: str
    set_reference: str


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
    if len(content) > MAX_SET_BYTES:
        raise CriteriaSetMalformed(reason=f"more than {MAX_SET_BYTES} bytes")
    try:
        data = msgspec.json.decode(content, type=_SetData)
        canonical = rfc8785.dumps(msgspec.json.decode(content))
    except (msgspec.MsgspecError, rfc8785.CanonicalizationError, RecursionError, ValueError) as error:
        raise CriteriaSetMalformed(reason=str(error)[:200]) from error
    if canonical != content:
        raise CriteriaSetNotCanonical(size_bytes=len(content))
    if data.version < 1 or not data.criteria:
        raise CriteriaSetMalformed(reason="a version below 1, or no criterion")
    _refuse_repeats([section.id for section in data.sections])
    _refuse_repeats([criterion.id for criterion in data.criteria])
    _refuse_bad_texts(data)
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


def _refuse_repeats(names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise CriterionTwice(duplicate=name)
        seen.add(name)


def _refuse_stray_sections(data: _SetData) -> None:
    sections = {section.id for section in data.sections}
    for criterion in data.criteria:
        if criterion.section not in sections:
            raise SectionUnknown(criterion_id=criterion.id, section=criterion.section)
    empty = sections - {criterion.section for criterion in data.criteria}
    if empty:
        raise SectionUnknown(criterion_id="", section=min(empty))


def _refuse_bad_texts(data: _SetData) -> None:
    texts = [(data.id, text) for text in (data.id, data.title, data.notice)]
    texts += [(section.id, text) for section in data.sections for text in (section.id, section.title)]
    for item in data.criteria:
        texts += [(item.id, text) for text in (item.id, item.text, item.evidence_wanted, item.source)]
    for name, text in texts:
        bare = text.strip() and text == text.strip() and len(text) <= MAX_TEXT_CHARS
        if not bare or text != unicodedata.normalize("NFC", text) or any(map(_unprintable, text)):
            raise CriterionTextUnusable(criterion_id=name)


def _unprintable(char: str) -> bool:
    """Control, format (among them bidirectional), surrogate, private and line-separating characters."""
    return unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
