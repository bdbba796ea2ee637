"""A marking put together from words that are offered, so that nobody has to know the grammar. Pure.

What is offered are the words of the vocabulary that may stand at a level. What may not stand beside what is
left to the rules: ``checking.check`` judges the text that comes out, in the words it always uses.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from workstation.core.markings.checking import MarkingCheck, check
from workstation.core.markings.model import (
    AtomicEnergy,
    Compartment,
    Kind,
    Marking,
    Profile,
    Program,
    System,
    sort_countries,
)
from workstation.core.markings.vocabulary import Level, Vocabulary

_LETTERS = {Level.UNCLASSIFIED: "U", Level.CONFIDENTIAL: "C", Level.SECRET: "S", Level.TOP_SECRET: "TS"}
_ORDER = ("U", "C", "S", "TS")
LEVELS = {
    Profile.IC_DOD: (Level.UNCLASSIFIED, Level.CONFIDENTIAL, Level.SECRET, Level.TOP_SECRET),
    Profile.DOD_CUI: (Level.CUI,),
    Profile.NARA_CUI: (Level.CUI,),
}


class Part(StrEnum):
    """Which part of a marking a word belongs to, in the order of printing."""

    SCI = "sci"
    AEA = "aea"
    CUI_SPECIFIED = "cui-specified"
    CUI_BASIC = "cui-basic"
    CONTROL = "control"
    REL_TO = "rel-to"
    DISPLAY_ONLY = "display-only"


@dataclass(frozen=True, kw_only=True)
class Word:
    """One word that is offered: its part, its identifier, and what it means."""

    part: Part
    name: str
    title: str


@dataclass(frozen=True, kw_only=True)
class Composition:
    """A marking being put together; ``base`` keeps what is not offered: SAP, FGI, foreign heads and so on."""

    profile: Profile
    level: Level
    words: frozenset[tuple[Part, str]]
    base: Marking | None = None


def offered(vocabulary: Vocabulary, profile: Profile, level: Level) -> tuple[Word, ...]:
    """Every word that may stand at this level, in the order of printing."""
    return tuple(_cui(vocabulary, profile) if level is Level.CUI else _classified(vocabulary, level))


def _classified(vocabulary: Vocabulary, level: Level) -> Iterator[Word]:
    letter = _LETTERS.get(level, "")
    reached = _ORDER[: _ORDER.index(letter) + 1] if letter else ()
    for system in vocabulary.data.sci:
        if system.nato_only:
            continue
        if system.minimum in reached and not system.needs_compartment:
            yield Word(part=Part.SCI, name=system.id, title=system.title)
        for compartment in system.compartments:
            if compartment.minimum in reached:
                title = compartment.titles[0].capitalize() if compartment.titles else system.title
                yield Word(part=Part.SCI, name=f"{system.id}-{compartment.id}", title=title)
    for entry in vocabulary.data.aea:
        if letter in entry.levels and not entry.nato_only:
            yield Word(part=Part.AEA, name=entry.id, title=entry.title)
    for control in (*vocabulary.data.dissem, *vocabulary.data.other):
        if letter in control.levels and not control.list and not control.needs_sap:
            yield Word(part=Part.CONTROL, name=control.id, title=control.title)
    for part, control_name in ((Part.REL_TO, "REL TO"), (Part.DISPLAY_ONLY, "DISPLAY ONLY")):
        if letter in vocabulary.controls[control_name].levels:
            yield from _countries(vocabulary, part)


def _countries(vocabulary: Vocabulary, part: Part) -> Iterator[Word]:
    for code, name in vocabulary.data.countries:
        yield Word(part=part, name=code, title=name)
    for group in vocabulary.data.tetragraphs:
        yield Word(part=part, name=group.id, title=group.title)


def _cui(vocabulary: Vocabulary, profile: Profile) -> Iterator[Word]:
    for category in vocabulary.data.cui.categories:
        if profile is Profile.NARA_CUI:
            yield Word(part=Part.CUI_SPECIFIED, name=category.id, title=category.title)
        if profile is Profile.NARA_CUI and not category.specified_only:
            yield Word(part=Part.CUI_BASIC, name=category.id, title=category.title)
    for limit in vocabulary.data.cui.limits:
        if limit.id not in {"REL TO", "DISPLAY ONLY"}:
            yield Word(part=Part.CONTROL, name=limit.id, title=limit.title)
    yield from _countries(vocabulary, Part.REL_TO)


def taken_apart(marking: Marking) -> Composition:
    """The composition that gives this marking again."""
    words: set[tuple[Part, str]] = set()
    for program in marking.sci:
        plain = {(Part.SCI, f"{program.name}-{one.name}") for one in program.compartments if not one.subs}
        words |= plain or ({(Part.SCI, program.name)} if not program.compartments else set())
    words |= {(Part.AEA, one.name) for one in marking.aea}
    words |= {(Part.CUI_SPECIFIED, name) for name in marking.cui_specified}
    words |= {(Part.CUI_BASIC, name) for name in marking.cui_basic}
    words |= {(Part.CONTROL, name) for name in (*marking.dissem, *marking.other)}
    words |= {(Part.REL_TO, code) for code in marking.rel_to}
    words |= {(Part.DISPLAY_ONLY, code) for code in marking.display_only}
    return Composition(profile=marking.profile, level=marking.level, words=frozenset(words), base=marking)


def composed(wanted: Composition, vocabulary: Vocabulary) -> MarkingCheck:
    """The banner that comes out, judged: ``accepted``, or the rules it breaks and what to write instead."""
    names = {part: [name for of, name in sorted(wanted.words) if of is part] for part in Part}
    base = wanted.base or Marking(level=wanted.level, vocabulary=vocabulary)
    if base.system is not System.US and base.level is not wanted.level:
        base = replace(base, system=System.US, owners=())
    marking = replace(
        base,
        level=wanted.level,
        profile=wanted.profile,
        sci=_programs(base, names[Part.SCI]),
        aea=_atomic(base, names[Part.AEA]),
        cui_specified=_ordered(vocabulary.cui_categories, names[Part.CUI_SPECIFIED]),
        cui_basic=_ordered(vocabulary.cui_categories, names[Part.CUI_BASIC]),
        dissem=tuple(
            sorted(
                (n for n in names[Part.CONTROL] if n in vocabulary.dissem or n in vocabulary.cui_limits),
                key=lambda name: vocabulary.ranks[name],
            )
        ),
        other=tuple(
            name
            for name in vocabulary.other
            if name in names[Part.CONTROL]
            and name not in vocabulary.dissem
            and name not in vocabulary.cui_limits
        ),
        rel_to=sort_countries(vocabulary, names[Part.REL_TO], usa_first=True),
        display_only=sort_countries(vocabulary, names[Part.DISPLAY_ONLY]),
    )
    return check(str(marking), vocabulary=vocabulary, kind=Kind.BANNER, profile=wanted.profile)


def _ordered(known: Iterable[str], chosen: list[str]) -> tuple[str, ...]:
    return tuple(sorted(name for name in known if name in chosen))


def _programs(base: Marking, chosen: list[str]) -> tuple[Program, ...]:
    """Compartments with sub-compartments, whose names are typed, stay as they are while their system does."""
    systems: dict[str, list[Compartment]] = {}
    for name in chosen:
        system, _dash, compartment = name.partition("-")
        kept = systems.setdefault(system, [])
        if compartment:
            kept.append(Compartment(name=compartment))
    for program in base.sci:
        typed = [one for one in program.compartments if one.subs]
        if typed:
            systems.setdefault(program.name, []).extend(typed)
    return tuple(
        Program(name=name, compartments=tuple(sorted(compartments)))
        for name, compartments in sorted(systems.items())
    )


def _atomic(base: Marking, chosen: list[str]) -> tuple[AtomicEnergy, ...]:
    before = {one.name: one for one in base.aea}
    ranks = base.vocabulary.ranks
    return tuple(
        before.get(name, AtomicEnergy(name=name)) for name in sorted(chosen, key=lambda one: ranks[one])
    )
