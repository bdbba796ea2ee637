"""What a marking says, apart from how it was written, and how it prints as a banner and as a portion mark."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from workstation.core.markings.vocabulary import Level, Vocabulary

MULTIPLE_PROGRAMS = "MULTIPLE PROGRAMS"
HVSACO = "HVSACO"


class Profile(StrEnum):
    """Which rules a marking answers to."""

    IC_DOD = "ic-dod"
    DOD_CUI = "dod-cui"
    NARA_CUI = "nara-cui"


class Kind(StrEnum):
    """Where a marking stands: over a page, or before a paragraph."""

    BANNER = "banner"
    PORTION = "portion"


class System(StrEnum):
    """Whose classification it is."""

    US = "us"
    FOREIGN = "foreign"
    NATO = "nato"
    JOINT = "joint"


@dataclass(frozen=True, kw_only=True, order=True)
class Compartment:
    """An SCI or SAP compartment with its sub-compartments."""

    name: str
    subs: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, order=True)
class Program:
    """An SCI control system or a special access program, with compartments."""

    name: str
    compartments: tuple[Compartment, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AtomicEnergy:
    """An Atomic Energy Act marking; CNWDI and SIGMA numbers only where the marking has them."""

    name: str
    cnwdi: bool = False
    sigmas: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, repr=False)
class Marking:
    """One marking in canonical order; equal when it says the same, however it was written.

    ``owners`` are the countries of a JOINT or foreign marking (empty: concealed, or "as the banner").
    ``fgi`` is None without foreign government information, empty when its source is concealed.
    ``rel_as_banner`` is the portion mark ``REL``: released to the countries the banner names.
    """

    level: Level
    profile: Profile = Profile.IC_DOD
    system: System = System.US
    owners: tuple[str, ...] = ()
    sci: tuple[Program, ...] = ()
    sap: tuple[Program, ...] = ()
    hvsaco: bool = False
    aea: tuple[AtomicEnergy, ...] = ()
    fgi: tuple[str, ...] | None = None
    dissem: tuple[str, ...] = ()
    rel_to: tuple[str, ...] = ()
    rel_as_banner: bool = False
    display_only: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    accm: tuple[str, ...] = ()
    cui_specified: tuple[str, ...] = ()
    cui_basic: tuple[str, ...] = ()
    vocabulary: Vocabulary = field(compare=False)

    def __repr__(self) -> str:
        """The banner says everything but the profile."""
        return f"Marking({self!s}, {self.profile.value})"

    def __str__(self) -> str:
        """The canonical banner line."""
        return "//".join([self._head(Kind.BANNER), *self._groups(Kind.BANNER)])

    def portion(self) -> str:
        """The canonical portion mark, parentheses included."""
        return "(" + "//".join([self._head(Kind.PORTION), *self._groups(Kind.PORTION)]) + ")"

    def text(self, kind: Kind) -> str:
        """The canonical text of either kind."""
        return str(self) if kind is Kind.BANNER else self.portion()

    def has(self, control: str) -> bool:
        """Whether a dissemination control, of either kind, is present."""
        if control == "REL TO":
            return bool(self.rel_to) or self.rel_as_banner
        if control == "DISPLAY ONLY":
            return bool(self.display_only)
        return control in self.dissem or control in self.other

    @property
    def has_release_decision(self) -> bool:
        """Whether it says what foreigners may see: NOFORN, REL TO, RELIDO or DISPLAY ONLY."""
        return any(map(self.has, ("NOFORN", "REL TO", "RELIDO", "DISPLAY ONLY")))

    @property
    def controls(self) -> tuple[str, ...]:
        """Every dissemination control present, IC and other, without ACCM nicknames."""
        lists = [name for name in ("REL TO", "DISPLAY ONLY") if self.has(name)]
        return (*self.dissem, *lists, *self.other)

    def _head(self, kind: Kind) -> str:
        level = self.level.portion if kind is Kind.PORTION else self.level.banner
        if self.system is System.JOINT:
            return " ".join(["//JOINT", level, *self.owners])
        if self.system is System.NATO:
            return "//" + _nato_level(self.level, kind)
        if self.system is System.FOREIGN:
            return "//" + " ".join([*(self.owners or ("FGI",)), level])
        return level

    def _groups(self, kind: Kind) -> Iterable[str]:
        saps = self._prefixed("SAR-", [_program(program) for program in self.sap])
        groups = (
            [self._sci_text(program, kind) for program in self.sci],
            [*saps, *([HVSACO] if self.hvsaco else [])],
            [self._aea_text(marking, kind) for marking in self.aea],
            [] if self.fgi is None else [" ".join(["FGI", *self.fgi])],
            [*(f"SP-{name}" for name in self.cui_specified), *self.cui_basic],
            self._dissem_texts(kind),
            self._other_texts(kind),
        )
        return ["/".join(group) for group in groups if group]

    def _sci_text(self, program: Program, kind: Kind) -> str:
        entry = self.vocabulary.sci.get(program.name)
        compartments = []
        for compartment in program.compartments:
            known = entry.compartment(compartment.name) if entry else None
            name = known.portion if known and kind is Kind.PORTION else compartment.name
            compartments.append(Compartment(name=name, subs=compartment.subs))
        return _program(Program(name=program.name, compartments=tuple(compartments)))

    def _aea_text(self, marking: AtomicEnergy, kind: Kind) -> str:
        text = self._word(marking.name, kind) + ("-CNWDI" if marking.cnwdi else "")
        if marking.sigmas:
            sigma = "SG" if kind is Kind.PORTION else "SIGMA"
            text += f"-{sigma} " + " ".join(map(str, marking.sigmas))
        return text

    def _dissem_texts(self, kind: Kind) -> list[str]:
        ranks = self.vocabulary.ranks
        items = [(ranks[name], self._word(name, kind)) for name in self.dissem]
        if self.rel_to or self.rel_as_banner:
            listed = f"REL TO {', '.join(self.rel_to)}" if self.rel_to else "REL"
            items.append((ranks["REL TO"], listed))
        if self.display_only:
            items.append((ranks["DISPLAY ONLY"], f"DISPLAY ONLY {', '.join(self.display_only)}"))
        return [text for _rank, text in sorted(items)]

    def _other_texts(self, kind: Kind) -> list[str]:
        return [*self._prefixed("ACCM-", list(self.accm)), *(self._word(name, kind) for name in self.other)]

    def _prefixed(self, prefix: str, names: list[str]) -> list[str]:
        """The indicator stands once, and again only where a name would be read as a control."""
        words = self.vocabulary.first_words
        return [
            prefix + name if place == 0 or re.split("[ -]", name)[0] in words else name
            for place, name in enumerate(names)
        ]

    def _word(self, name: str, kind: Kind) -> str:
        if kind is Kind.BANNER:
            return name
        words = self.vocabulary
        entry = words.aea.get(name) or words.controls.get(name) or words.cui_limits.get(name)
        return entry.portion if entry else name


def _program(program: Program) -> str:
    compartments = (" ".join([compartment.name, *compartment.subs]) for compartment in program.compartments)
    return "-".join([program.name, *compartments])


def _nato_level(level: Level, kind: Kind) -> str:
    if kind is Kind.PORTION:
        return "CTS" if level is Level.TOP_SECRET else f"N{level.portion}"
    return "COSMIC TOP SECRET" if level is Level.TOP_SECRET else f"NATO {level.banner}"


def country_key(vocabulary: Vocabulary, code: str) -> tuple[int, str]:
    """Sort key of a country list: trigraphs A to Z, then tetragraphs A to Z."""
    return (0 if code in vocabulary.countries else 1, code)


def sort_countries(
    vocabulary: Vocabulary, codes: Iterable[str], *, usa_first: bool = False
) -> tuple[str, ...]:
    """The codes once each in the order of a marking; USA leads in a REL TO list."""
    ordered = sorted(set(codes), key=lambda code: country_key(vocabulary, code))
    if usa_first and "USA" in ordered:
        ordered.remove("USA")
        ordered.insert(0, "USA")
    return tuple(ordered)


def sort_programs(programs: Iterable[Program]) -> tuple[Program, ...]:
    """Programs merged by name, compartments and sub-compartments in ascending order, digits first."""
    merged: dict[str, dict[str, set[str]]] = {}
    for program in programs:
        compartments = merged.setdefault(program.name, {})
        for compartment in program.compartments:
            compartments.setdefault(compartment.name, set()).update(compartment.subs)
    return tuple(
        Program(
            name=name,
            compartments=tuple(
                Compartment(name=c, subs=tuple(sorted(subs))) for c, subs in sorted(parts.items())
            ),
        )
        for name, parts in sorted(merged.items())
    )


def sort_names(vocabulary: Vocabulary, names: Iterable[str]) -> tuple[str, ...]:
    """Controls once each in the order of the vocabulary."""
    return tuple(sorted(set(names), key=lambda name: vocabulary.ranks[name]))
