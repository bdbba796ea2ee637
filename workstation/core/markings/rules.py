"""What a marking may say (levels, exclusions, companions, release) and the least change that mends it.

Sources, where a rule is not in the vocabulary: Register and Manual 2016 (section A.6 form, B.3 release,
H.3 JOINT, H.4 SCI), DoDM 5200.01 Volume 2 enclosure 4 (paragraphs 4 to 10), DoDI 5200.48 for CUI.
Every repair goes the restrictive way; none lowers or raises a classification.
"""

from collections.abc import Iterator
from dataclasses import replace

from workstation.core.markings.items import MAX_BANNER_PROGRAMS
from workstation.core.markings.model import (
    MULTIPLE_PROGRAMS,
    Kind,
    Marking,
    Profile,
    Program,
    System,
    sort_countries,
    sort_names,
    sort_programs,
)
from workstation.core.markings.vocabulary import LEVEL_OF_PORTION, Letter, Level

Broken = tuple[str, str]
_Demand = tuple[str, Letter, tuple[str, ...], tuple[str, ...]]
_RELEASE = ("NOFORN", "REL TO", "RELIDO", "DISPLAY ONLY")
_MIN_OWNERS = 2


def canonical(marking: Marking) -> Marking:
    """The same marking with every list in its printed order and nothing twice."""
    words = marking.vocabulary
    return replace(
        marking,
        owners=sort_countries(words, marking.owners),
        sci=sort_programs(marking.sci),
        sap=sort_programs(marking.sap),
        aea=tuple(sorted(set(marking.aea), key=lambda m: (words.ranks[m.name], m.cnwdi, m.sigmas))),
        fgi=None if marking.fgi is None else sort_countries(words, marking.fgi),
        dissem=sort_names(words, marking.dissem),
        rel_to=sort_countries(words, marking.rel_to, usa_first=True),
        display_only=sort_countries(words, marking.display_only),
        other=sort_names(words, marking.other),
        accm=tuple(dict.fromkeys(marking.accm)),
        cui_specified=tuple(sorted(set(marking.cui_specified))),
        cui_basic=tuple(sorted(set(marking.cui_basic) - set(marking.cui_specified))),
    )


def broken_by(marking: Marking, kind: Kind) -> Iterator[Broken]:
    """Each rule of meaning that the marking breaks, with the word that breaks it."""
    if marking.level is Level.CUI or marking.profile is not Profile.IC_DOD:
        yield from _cui(marking)
    else:
        yield from _levels(marking)
        yield from _sci(marking)
        yield from _companions(marking)
        yield from _system(marking, kind)
    yield from _lists(marking)


def _lists(marking: Marking) -> Iterator[Broken]:
    if len(marking.rel_to) == 1:
        yield "MRK-129", f"REL TO {marking.rel_to[0]}"


def _cui(marking: Marking) -> Iterator[Broken]:
    if marking.level.classified or marking.system is not System.US:
        yield "MRK-152", marking.level.banner
        return
    if marking.level is Level.UNCLASSIFIED or marking.profile is not Profile.NARA_CUI:
        if _more_than_level(marking):
            yield "MRK-150", marking.level.banner
        return
    for one, two in _exclusive_pairs(marking):
        yield "MRK-142", f"{one}/{two}"


def _more_than_level(marking: Marking) -> bool:
    return marking != Marking(level=marking.level, profile=marking.profile, vocabulary=marking.vocabulary)


def _levels(marking: Marking) -> Iterator[Broken]:
    """Each control stands only at the levels its entry names (foreign levels answer to their owners)."""
    if marking.system is not System.US or marking.level is Level.RESTRICTED:
        return
    words = marking.vocabulary
    entries = [(name, words.controls[name].levels) for name in marking.controls]
    entries += [(m.name, words.aea[m.name].levels) for m in marking.aea]
    for name, letters in entries:
        levels = [LEVEL_OF_PORTION[letter] for letter in letters]
        if marking.level < min(levels):
            yield "MRK-140", name
        elif marking.level > max(levels):
            yield "MRK-141", name
    if not marking.level.classified and (marking.sap or marking.accm):
        yield "MRK-140", "SAR" if marking.sap else "ACCM"
    if any(m.cnwdi for m in marking.aea) and marking.level < Level.SECRET:
        yield "MRK-140", "CNWDI"


def _sci(marking: Marking) -> Iterator[Broken]:
    for program in marking.sci:
        entry = marking.vocabulary.sci[program.name]
        parts: list[_Demand] = [(program.name, entry.minimum, entry.requires, ())]
        for compartment in program.compartments:
            known, name = entry.compartment(compartment.name), f"{program.name}-{compartment.name}"
            if known is None:
                minimum = entry.open_compartments.minimum if entry.open_compartments else entry.minimum
                parts.append((name, minimum, (), ()))
            elif compartment.subs:
                parts.append(
                    (
                        name,
                        known.sub_minimum,
                        (*known.requires, *known.sub_requires),
                        (*known.forbids, *known.sub_forbids),
                    )
                )
            else:
                parts.append((name, known.minimum, known.requires, known.forbids))
        for name, letter, requires, forbids in parts:
            if marking.level < LEVEL_OF_PORTION[letter]:
                yield "MRK-140", name
            for control in requires:
                if not marking.has(control):
                    yield "MRK-143", f"{name} without {control}"
            for control in forbids:
                if marking.has(control):
                    yield "MRK-142", f"{name}/{control}"
    ours = [program for program in marking.sci if not marking.vocabulary.sci[program.name].nato_only]
    if ours and not marking.has_release_decision:
        yield "MRK-144", ours[0].name


def _companions(marking: Marking) -> Iterator[Broken]:
    words = marking.vocabulary
    for one, two in _exclusive_pairs(marking):
        yield "MRK-142", f"{one}/{two}"
    for name in marking.controls:
        entry = words.controls[name]
        for control in entry.requires:
            if marking.level.classified and not marking.has(control):
                yield "MRK-143", f"{name} without {control}"
        if entry.requires_any and not any(map(marking.has, entry.requires_any)):
            yield "MRK-145", name
        if entry.needs_sap and not marking.sap:
            yield "MRK-146", name
    names = [m.name for m in marking.aea]
    for name in names:
        if set(words.aea[name].excludes) & set(names) and words.ranks[name] == min(
            words.ranks[n] for n in names
        ):
            yield "MRK-142", "/".join(names)


def _exclusive_pairs(marking: Marking) -> Iterator[tuple[str, str]]:
    present = [name for name in marking.controls if name in marking.vocabulary.controls]
    for index, one in enumerate(present):
        for two in present[index + 1 :]:
            first, second = marking.vocabulary.controls[one], marking.vocabulary.controls[two]
            if two in first.excludes or one in second.excludes:
                yield one, two


def _system(marking: Marking, kind: Kind) -> Iterator[Broken]:
    words = marking.vocabulary
    nato = [p.name for p in marking.sci if words.sci[p.name].nato_only]
    nato += [m.name for m in marking.aea if words.aea[m.name].nato_only]
    if nato and marking.system is not System.NATO and "NATO" not in (marking.fgi or ()):
        yield "MRK-147", nato[0]
    if marking.system is System.US:
        return
    if marking.fgi is not None:
        yield "MRK-155", "FGI"
    ours = [p.name for p in marking.sci] + [m.name for m in marking.aea] + (["SAR"] if marking.sap else [])
    ours = [name for name in ours if name not in nato]
    if marking.system is not System.JOINT and ours:
        yield "MRK-148", ours[0]
    if marking.system is System.NATO:
        if marking.has("NOFORN"):
            yield "MRK-156", "NOFORN"
        if "ATOMAL" in nato and marking.level < Level.CONFIDENTIAL:
            yield "MRK-140", "ATOMAL"
    if marking.system is System.JOINT:
        yield from _joint(marking, kind)


def _joint(marking: Marking, kind: Kind) -> Iterator[Broken]:
    as_banner = kind is Kind.PORTION and not marking.owners
    if len(marking.owners) < _MIN_OWNERS and not as_banner:
        yield "MRK-149", "JOINT"
    if "USA" in marking.owners and marking.level is Level.RESTRICTED:
        yield "MRK-157", "RESTRICTED"
    if marking.has("NOFORN"):
        yield "MRK-158", "NOFORN"
    if any(program.name == "HCS" for program in marking.sci):
        yield "MRK-158", "HCS"


def repaired(marking: Marking, kind: Kind) -> Marking:
    """The marking with the least restrictive-going change for each broken rule that one change can mend."""
    fixed = canonical(marking)
    if fixed.level is Level.CUI and fixed.profile is not Profile.NARA_CUI:
        return Marking(level=Level.CUI, profile=fixed.profile, vocabulary=fixed.vocabulary)
    if fixed.profile is Profile.IC_DOD and fixed.system is System.US:
        fixed = _without_low_words(fixed)
        fixed = _with_required(fixed)
    if kind is Kind.BANNER and len(fixed.sap) > MAX_BANNER_PROGRAMS:
        fixed = replace(fixed, sap=(Program(name=MULTIPLE_PROGRAMS),))
    if fixed.rel_to and "USA" not in fixed.rel_to:
        fixed = replace(fixed, rel_to=("USA", *fixed.rel_to))
    if len(fixed.rel_to) == 1:
        fixed = _with(replace(fixed, rel_to=()), "NOFORN")
    return canonical(_settle_release(fixed))


def _without_low_words(marking: Marking) -> Marking:
    """Drop what only unclassified markings carry from a classified one: the level protects it already."""
    if not marking.level.classified:
        return marking
    words = marking.vocabulary
    low = words.unclassified_only
    others = tuple("LES" if name == "LES NOFORN" else name for name in marking.other)
    fixed = replace(
        marking,
        dissem=tuple(name for name in marking.dissem if name not in low),
        other=tuple(name for name in others if name not in low),
        aea=tuple(m for m in marking.aea if m.name not in low),
    )
    return _with(fixed, "NOFORN") if low & set(marking.other) & {"SBU NOFORN", "LES NOFORN"} else fixed


def _with_required(marking: Marking) -> Marking:
    fixed = marking
    for rule, written in broken_by(fixed, Kind.BANNER):
        if rule == "MRK-143":
            fixed = _with(fixed, written.rpartition(" without ")[2])
    needs = any(rule in {"MRK-144", "MRK-145"} for rule, _ in broken_by(fixed, Kind.BANNER))
    if needs and not fixed.has_release_decision:
        fixed = _with(fixed, "NOFORN")
    names = {m.name for m in fixed.aea}
    evicted = {"RD": {"FRD", "TFNI"}, "FRD": {"TFNI"}}.get(
        "RD" if "RD" in names else "FRD" if "FRD" in names else "", set()
    )
    fixed = replace(fixed, aea=tuple(m for m in fixed.aea if m.name not in evicted))
    if fixed.has("NODIS"):
        fixed = replace(fixed, other=tuple(name for name in fixed.other if name != "EXDIS"))
    if fixed.has("ORCON"):
        fixed = replace(fixed, dissem=tuple(name for name in fixed.dissem if name != "ORCON-USGOV"))
    return fixed


def _settle_release(marking: Marking) -> Marking:
    """NOFORN wins over every other release marking; DISPLAY ONLY and ORCON win over RELIDO."""
    if marking.has("NOFORN"):
        kept = tuple(name for name in marking.dissem if name != "RELIDO")
        return replace(marking, dissem=kept, rel_to=(), rel_as_banner=False, display_only=())
    if marking.has("DISPLAY ONLY") or marking.has("ORCON") or marking.has("ORCON-USGOV"):
        return replace(marking, dissem=tuple(name for name in marking.dissem if name != "RELIDO"))
    return marking


def _with(marking: Marking, control: str) -> Marking:
    return marking if marking.has(control) else replace(marking, dissem=(*marking.dissem, control))
