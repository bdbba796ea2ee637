"""The vocabulary of markings as loaded data: which words exist, in which order, at which levels.

The rules are code; the words are content (``docs/format/content-set-v1.md``), because the current
register is not public and changes without us.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from typing import ClassVar, Literal

import msgspec

from workstation.core.errors import Refused

Letter = Literal["U", "C", "S", "TS"]


class Level(IntEnum):
    """Classification, lowest first. RESTRICTED is foreign only; CUI lies between it and UNCLASSIFIED."""

    UNCLASSIFIED = 0
    CUI = 1
    RESTRICTED = 2
    CONFIDENTIAL = 3
    SECRET = 4
    TOP_SECRET = 5

    @property
    def banner(self) -> str:
        """The full word, as in a banner line."""
        return "CUI" if self is Level.CUI else self.name.replace("_", " ")

    @property
    def portion(self) -> str:
        """The abbreviation, as in a portion mark."""
        return _PORTIONS[self]

    @property
    def classified(self) -> bool:
        """Whether the level is a classification at all (RESTRICTED is one, abroad)."""
        return self >= Level.RESTRICTED


_PORTIONS = {
    Level.UNCLASSIFIED: "U",
    Level.CUI: "CUI",
    Level.RESTRICTED: "R",
    Level.CONFIDENTIAL: "C",
    Level.SECRET: "S",
    Level.TOP_SECRET: "TS",
}
LEVEL_OF_PORTION = {text: level for level, text in _PORTIONS.items() if level is not Level.CUI}
LEVEL_OF_BANNER = {level.banner: level for level in Level if level is not Level.CUI}


@dataclass(kw_only=True, eq=False)
class VocabularyUnusable(Refused):
    """A marking vocabulary that is malformed; ``reason`` says where and what."""

    code: ClassVar[str] = "MRK-010"
    reason: str


class _Entry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A word: its identifier is what canonical banners print."""

    id: str


class CompartmentEntry(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A published compartment of an SCI control system."""

    titles: tuple[str, ...]
    portion: str
    minimum: Letter
    requires: tuple[str, ...]
    forbids: tuple[str, ...]
    subcompartments: str
    sub_minimum: Letter
    sub_requires: tuple[str, ...]
    sub_forbids: tuple[str, ...]


class OpenCompartments(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The shape of compartments whose names are not published."""

    pattern: str
    minimum: Letter
    subcompartments: str


class SciEntry(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An SCI control system."""

    title: str
    titles: tuple[str, ...]
    portion: str
    minimum: Letter
    requires: tuple[str, ...]
    needs_compartment: bool
    compartments: tuple[CompartmentEntry, ...]
    open_compartments: OpenCompartments | None
    nato_only: bool

    def compartment(self, name: str) -> CompartmentEntry | None:
        """The published compartment with this identifier."""
        return next((entry for entry in self.compartments if entry.id == name), None)


class AeaEntry(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An Atomic Energy Act marking."""

    title: str
    titles: tuple[str, ...]
    portion: str
    levels: tuple[Letter, ...]
    cnwdi: bool
    sigma: bool
    excludes: tuple[str, ...]
    nato_only: bool


class ControlEntry(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A dissemination control, IC or other. ``list`` names the field that holds its countries."""

    title: str
    titles: tuple[str, ...]
    portion: str
    levels: tuple[Letter, ...]
    excludes: tuple[str, ...]
    requires: tuple[str, ...]
    requires_any: tuple[str, ...]
    list: Literal["", "rel_to", "display_only"]
    needs_sap: bool


class Group(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An organisation or coalition code; ``members`` only where the public rules let it be written out."""

    title: str
    members: tuple[str, ...]


class CuiCategory(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A CUI category; ``specified_only`` when it never occurs as CUI Basic."""

    title: str
    specified_only: bool


class CuiLimit(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A limited dissemination control of the CUI programme."""

    portion: str
    title: str


class CuiWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The words of the NARA profile."""

    categories: tuple[CuiCategory, ...]
    limits: tuple[CuiLimit, ...]


class VocabularyData(_Entry, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content set as it lies on disk."""

    format: Literal["frw-marking-vocabulary-1"]
    version: int
    title: str
    notice: str
    sources: tuple[str, ...]
    sci: tuple[SciEntry, ...]
    aea: tuple[AeaEntry, ...]
    dissem: tuple[ControlEntry, ...]
    other: tuple[ControlEntry, ...]
    countries: tuple[tuple[str, str], ...]
    tetragraphs: tuple[Group, ...]
    cui: CuiWords


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Vocabulary:
    """Every word a marking may use; the order of each list is the order of printing."""

    data: VocabularyData

    def __repr__(self) -> str:
        """Name and version; the words are hundreds."""
        return f"Vocabulary({self.data.id} {self.data.version})"

    @cached_property
    def sci(self) -> Mapping[str, SciEntry]:
        """SCI control systems by identifier."""
        return {entry.id: entry for entry in self.data.sci}

    @cached_property
    def aea(self) -> Mapping[str, AeaEntry]:
        """Atomic Energy Act markings by identifier."""
        return {entry.id: entry for entry in self.data.aea}

    @cached_property
    def dissem(self) -> Mapping[str, ControlEntry]:
        """IC dissemination controls by identifier."""
        return {entry.id: entry for entry in self.data.dissem}

    @cached_property
    def other(self) -> Mapping[str, ControlEntry]:
        """Other (non-IC) dissemination controls by identifier."""
        return {entry.id: entry for entry in self.data.other}

    @cached_property
    def controls(self) -> Mapping[str, ControlEntry]:
        """Both kinds of dissemination control by identifier."""
        return {**self.dissem, **self.other}

    @cached_property
    def unclassified_only(self) -> frozenset[str]:
        """Controls and AEA markings that a classification displaces."""
        entries: list[AeaEntry | ControlEntry] = [*self.data.aea, *self.data.dissem, *self.data.other]
        return frozenset(entry.id for entry in entries if entry.levels == ("U",))

    @cached_property
    def first_words(self) -> frozenset[str]:
        """How items that are no program names begin; a program that begins so keeps its prefix."""
        entries: list[AeaEntry | ControlEntry] = [*self.data.aea, *self.data.dissem, *self.data.other]
        words = {word for entry in entries for word in (entry.id, entry.portion, *entry.titles)}
        fixed = ("FGI", "FOREIGN", "REL", "HVSACO", "SPECIAL", "SAR", "ACCM", "CUI", "EYES")
        return frozenset([word.split(" ")[0].split("-")[0] for word in words]) | set(fixed)

    @cached_property
    def countries(self) -> Mapping[str, str]:
        """Trigraph to short name."""
        return dict(self.data.countries)

    @cached_property
    def tetragraphs(self) -> Mapping[str, Group]:
        """Organisations and coalitions by code."""
        return {group.id: group for group in self.data.tetragraphs}

    @cached_property
    def cui_categories(self) -> Mapping[str, CuiCategory]:
        """CUI categories by abbreviation."""
        return {entry.id: entry for entry in self.data.cui.categories}

    @cached_property
    def cui_limits(self) -> Mapping[str, CuiLimit]:
        """CUI limited dissemination controls by identifier."""
        return {entry.id: entry for entry in self.data.cui.limits}

    @cached_property
    def ranks(self) -> Mapping[str, int]:
        """Place in the printed order, by identifier, of AEA markings, controls and CUI limits."""
        # A word of two lists (NOFORN, SSI) keeps the place of the first.
        order = dict.fromkeys((*self.aea, *self.controls, *self.cui_limits))
        return {name: rank for rank, name in enumerate(order)}

    def knows(self, code: str) -> bool:
        """Whether the code is a listed country or organisation."""
        return code in self.countries or code in self.tetragraphs

    def expand(self, codes: Iterable[str]) -> frozenset[str]:
        """The countries that a list names, with FVEY, ACGU and TEYE written out."""
        out: set[str] = set()
        for code in codes:
            group = self.tetragraphs.get(code)
            out |= set(group.members) if group and group.members else {code}
        return frozenset(out)


def parse_vocabulary(content: bytes) -> Vocabulary:
    """Read the bytes of a marking vocabulary.

    Raises:
        VocabularyUnusable: malformed JSON, an unknown or missing field, a wrong type, a repeated word
            or a pattern that is no regular expression.
    """
    try:
        data = msgspec.json.decode(content, type=VocabularyData)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise VocabularyUnusable(reason=str(error)) from error
    lists = (data.sci, data.aea, (*data.dissem, *data.other), data.tetragraphs, data.cui.categories)
    for entries in lists:
        _refuse_repeats(entry.id for entry in entries)
    _refuse_repeats(code for code, _name in data.countries)
    for pattern in _patterns(data):
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise VocabularyUnusable(reason=f"pattern {pattern}") from error
    return Vocabulary(data=data)


def _patterns(data: VocabularyData) -> Iterator[str]:
    for entry in data.sci:
        yield from (known.subcompartments for known in entry.compartments)
        if entry.open_compartments is not None:
            yield from (entry.open_compartments.pattern, entry.open_compartments.subcompartments)


def _refuse_repeats(words: Iterable[str]) -> None:
    seen: set[str] = set()
    for word in words:
        if word in seen:
            raise VocabularyUnusable(reason=f"{word} appears twice")
        seen.add(word)
