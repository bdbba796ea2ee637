"""From portion marks to the banner, and whether one marking is fit to hold another.

Public sources: Register and Manual 2016, section D.2 with table 3 (release markings) and the banner
precedence of each marking in section H; 32 CFR 2001.13(c) for compilation.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.markings.dominance import RELEASE_CONTROLS, as_ours, shortfalls
from workstation.core.markings.items import MAX_BANNER_PROGRAMS
from workstation.core.markings.model import (
    MULTIPLE_PROGRAMS,
    AtomicEnergy,
    Kind,
    Marking,
    Program,
    System,
    sort_countries,
    sort_programs,
)
from workstation.core.markings.release import ReleaseListMissing, released
from workstation.core.markings.rules import canonical
from workstation.core.markings.vocabulary import Level, Vocabulary


@dataclass(kw_only=True, eq=False)
class NothingToRollUp(Refused):
    """No portions were given, or they belong to different profiles or vocabularies."""

    code: ClassVar[str] = "MRK-004"
    portions: int


@dataclass(kw_only=True, eq=False)
class BannerBelowPortions(Refused):
    """The banner does not protect what the portions say."""

    code: ClassVar[str] = "MRK-002"
    banner: str
    expected: str
    shortfalls: str


@dataclass(kw_only=True, eq=False)
class CompilationUnexplained(Refused):
    """The banner is above its portions and nobody has said why."""

    code: ClassVar[str] = "MRK-003"
    banner: str
    expected: str


def rollup(portions: Sequence[Marking], kind: Kind = Kind.BANNER) -> Marking:
    """The banner, or the one portion mark, that the portions together ask for.

    A portion mark names every program and may keep saying ``REL``; a banner must not.

    Raises:
        NothingToRollUp: no portions, or of different profiles.
        ReleaseListMissing: "as the banner" and no portion names the countries.
    """
    first = portions[0] if portions else None
    if first is None or any(
        p.profile is not first.profile or p.vocabulary is not first.vocabulary for p in portions
    ):
        raise NothingToRollUp(portions=len(portions))
    same = _shared_system(portions, kind)
    if same is not None:
        made = canonical(released(_union(portions, same, kind), portions, kind))
        if not (made.has("NOFORN") and made.system is not System.FOREIGN and made.system is not System.US):
            return made
    ours = replace(first, system=System.US, owners=())
    return canonical(released(_union(portions, ours, kind), portions, kind))


def require_rolls_up(banner: Marking, portions: Sequence[Marking], compilation_reason: str = "") -> None:
    """Return only when the banner is what its portions ask for, or above them with an explanation.

    Raises:
        BannerBelowPortions: it protects less than a portion needs.
        CompilationUnexplained: it is above them and ``compilation_reason`` is blank.
        NothingToRollUp, ReleaseListMissing: as ``rollup``.
    """
    expected = rollup(portions)
    if banner == expected:
        return
    missing = shortfalls(banner, expected)
    if missing:
        raise BannerBelowPortions(banner=str(banner), expected=str(expected), shortfalls="; ".join(missing))
    if not compilation_reason.strip():
        raise CompilationUnexplained(banner=str(banner), expected=str(expected))


def _shared_system(portions: Sequence[Marking], kind: Kind) -> Marking | None:
    """The first portion where all have one owner and system, with the owners that any of them names."""
    first = portions[0]
    if first.system is System.US or any(portion.system is not first.system for portion in portions):
        return None
    owners = {portion.owners for portion in portions if portion.owners}
    if first.system is System.JOINT and not owners and kind is Kind.BANNER:
        raise ReleaseListMissing(portion=first.portion())
    concealed = first.system is System.FOREIGN and any(not portion.owners for portion in portions)
    if len(owners) > 1 or (concealed and owners):
        return None
    return replace(first, owners=next(iter(owners), ()))


def _union(portions: Sequence[Marking], base: Marking, kind: Kind) -> Marking:
    """Everything but the release markings."""
    parts = [as_ours(portion) for portion in portions] if base.system is System.US else list(portions)
    level = max(part.level for part in parts)
    dissem = {name for part in parts for name in part.dissem} - RELEASE_CONTROLS
    other = {name for part in parts for name in part.other}
    made = replace(
        base,
        level=level,
        sci=sort_programs(program for part in parts for program in part.sci),
        sap=_programs((part.sap for part in parts), kind),
        hvsaco=any(part.hvsaco for part in parts),
        aea=_aea_union(marking for part in parts for marking in part.aea),
        fgi=_fgi_union(base.vocabulary, parts),
        dissem=tuple(dissem - ({"ORCON-USGOV"} if "ORCON" in dissem else set())),
        other=tuple(_others(other)),
        accm=tuple(sorted({name for part in parts for name in part.accm})),
        cui_specified=tuple({name for part in parts for name in part.cui_specified}),
        cui_basic=tuple({name for part in parts for name in part.cui_basic}),
        rel_to=(),
        rel_as_banner=False,
        display_only=(),
    )
    return _without_lower_words(made)


def _without_lower_words(marking: Marking) -> Marking:
    """Leave out what the level itself protects: unclassified-only words, and all but CUI in a CUI banner."""
    words = marking.vocabulary
    if marking.level is Level.CUI:
        limits = tuple(name for name in marking.dissem if name in words.cui_limits)
        return replace(marking, dissem=limits, other=(), aea=(), fgi=None, hvsaco=False)
    if not marking.level.classified:
        return marking
    low = words.unclassified_only
    raised = {"LES"} if "LES NOFORN" in marking.other else set()
    return replace(
        marking,
        dissem=tuple(name for name in marking.dissem if name not in low),
        other=tuple((set(marking.other) - low) | raised),
        aea=tuple(m for m in marking.aea if m.name not in low),
        cui_specified=(),
        cui_basic=(),
    )


def _others(names: set[str]) -> set[str]:
    """NODIS wins over EXDIS, the NOFORN kinds of SBU and LES over the plain ones."""
    pairs = (("NODIS", "EXDIS"), ("SBU NOFORN", "SBU"), ("LES NOFORN", "LES"))
    return names - {lesser for greater, lesser in pairs if greater in names}


def _programs(groups: Iterable[tuple[Program, ...]], kind: Kind) -> tuple[Program, ...]:
    merged = sort_programs(program for group in groups for program in group)
    names = [program.name for program in merged]
    too_many = kind is Kind.BANNER and len(merged) > MAX_BANNER_PROGRAMS
    if too_many or MULTIPLE_PROGRAMS in names:
        return (Program(name=MULTIPLE_PROGRAMS),)
    return merged


def _aea_union(markings: Iterable[AtomicEnergy]) -> tuple[AtomicEnergy, ...]:
    """One of each; RD displaces FRD and TFNI and takes over FRD's SIGMA numbers, FRD displaces TFNI."""
    merged: dict[str, AtomicEnergy] = {}
    for marking in markings:
        known = merged.get(marking.name, AtomicEnergy(name=marking.name))
        sigmas = tuple(sorted({*known.sigmas, *marking.sigmas}))
        merged[marking.name] = AtomicEnergy(
            name=marking.name, cnwdi=known.cnwdi or marking.cnwdi, sigmas=sigmas
        )
    if "RD" in merged:
        frd = merged.pop("FRD", AtomicEnergy(name="FRD"))
        merged["RD"] = replace(merged["RD"], sigmas=tuple(sorted({*merged["RD"].sigmas, *frd.sigmas})))
    if "RD" in merged or "FRD" in merged:
        merged.pop("TFNI", None)
    return tuple(merged.values())


def _fgi_union(vocabulary: Vocabulary, parts: Sequence[Marking]) -> tuple[str, ...] | None:
    sources = [part.fgi for part in parts if part.fgi is not None]
    if not sources:
        return None
    if any(not source for source in sources):
        return ()
    return sort_countries(vocabulary, (code for source in sources for code in source))
