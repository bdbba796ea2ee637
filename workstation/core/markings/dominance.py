"""Whether a thing under one marking may hold a thing under another: a medium content, a banner portions."""

from collections.abc import Iterator
from dataclasses import replace

from workstation.core.markings.model import MULTIPLE_PROGRAMS, Marking, Profile, Program, System
from workstation.core.markings.rules import canonical
from workstation.core.markings.vocabulary import Level

RELEASE_CONTROLS = frozenset({"NOFORN", "REL TO", "RELIDO", "DISPLAY ONLY"})
# Words that stand only without a classification, or only with NOFORN under one.
_FORCE_NOFORN = frozenset({"SBU NOFORN", "LES NOFORN", "EXDIS", "NODIS", "DOD UCNI", "DOE UCNI"})
_COVERED_BY = {"ORCON-USGOV": "ORCON", "EXDIS": "NODIS", "SBU": "SBU NOFORN", "LES": "LES NOFORN"}


def dominates(holder: Marking, content: Marking) -> bool:
    """Whether something marked ``holder`` may hold something marked ``content``."""
    return not shortfalls(holder, content)


def shortfalls(holder: Marking, content: Marking) -> tuple[str, ...]:
    """What ``holder`` lacks to hold ``content``, in the words of the marking; empty when nothing."""
    if holder == content:
        return ()
    held, wanted = as_ours(holder), as_ours(content)
    missing = [] if held.level >= wanted.level else [wanted.level.banner]
    missing += _programs(held.sci, wanted.sci, "")
    if MULTIPLE_PROGRAMS not in (program.name for program in held.sap):
        missing += _programs(held.sap, wanted.sap, "SAR-")
    if wanted.hvsaco and not held.hvsaco and held.level is not Level.CUI:
        missing.append("HVSACO")
    missing += [
        *_atomic(held, wanted),
        *_foreign(held, wanted),
        *_controls(held, wanted),
        *_release(held, wanted),
    ]
    return tuple(dict.fromkeys(missing))


def as_ours(marking: Marking) -> Marking:
    """A foreign, NATO or JOINT marking as it counts in a United States document; ours unchanged."""
    if marking.system is System.US:
        return marking
    # 32 CFR 2001.54: foreign RESTRICTED is kept at no less than CONFIDENTIAL.
    level = Level.CONFIDENTIAL if marking.level is Level.RESTRICTED else marking.level
    owners = ("NATO",) if marking.system is System.NATO else tuple(o for o in marking.owners if o != "USA")
    return canonical(replace(marking, system=System.US, level=level, owners=(), fgi=owners))


def needs_noforn(portion: Marking, level: Level) -> bool:
    """Whether the portion, inside something classified at ``level``, forces NOFORN without saying so."""
    words = {*portion.other, *(marking.name for marking in portion.aea)}
    return level.classified and bool(words & _FORCE_NOFORN)


def _programs(held: tuple[Program, ...], wanted: tuple[Program, ...], prefix: str) -> Iterator[str]:
    names = {program.name: {c.name: set(c.subs) for c in program.compartments} for program in held}
    for program in wanted:
        if program.name not in names:
            yield prefix + program.name
            continue
        for compartment in program.compartments:
            subs = names[program.name].get(compartment.name)
            if subs is None or not set(compartment.subs) <= subs:
                yield " ".join([f"{prefix}{program.name}-{compartment.name}", *compartment.subs])


def _atomic(held: Marking, wanted: Marking) -> Iterator[str]:
    """RD protects what FRD and TFNI protect, FRD what TFNI does; a classification protects UCNI."""
    have = {marking.name: marking for marking in held.aea}
    stands_for = {"RD": ("RD",), "FRD": ("FRD", "RD"), "TFNI": ("TFNI", "FRD", "RD")}
    for marking in wanted.aea:
        if held.level > Level.UNCLASSIFIED and marking.name in held.vocabulary.unclassified_only:
            continue
        names = stands_for.get(marking.name, (marking.name,))
        cover = next((have[name] for name in names if name in have), None)
        if (
            cover is None
            or (marking.cnwdi and not cover.cnwdi)
            or not set(marking.sigmas) <= set(cover.sigmas)
        ):
            yield marking.name


def _foreign(held: Marking, wanted: Marking) -> Iterator[str]:
    """A concealed source stands for any; a list names every source and cannot stand for a concealed one."""
    if wanted.fgi is None or held.fgi == () or (held.level is Level.CUI and not wanted.level.classified):
        return
    if held.fgi is None or not wanted.fgi or not set(wanted.fgi) <= set(held.fgi):
        yield " ".join(["FGI", *wanted.fgi])


def _controls(held: Marking, wanted: Marking) -> Iterator[str]:
    words = held.vocabulary
    unlisted = held.level is Level.CUI and wanted.level is Level.UNCLASSIFIED
    for name in (*wanted.dissem, *wanted.other):
        covered = name in RELEASE_CONTROLS or held.has(name) or held.has(_COVERED_BY.get(name, name))
        low = name in words.unclassified_only
        if name == "LES NOFORN" and held.level.classified:
            covered, low = held.has("LES"), False
        if not covered and not unlisted and not (low and held.level > Level.UNCLASSIFIED):
            yield name
    yield from (f"ACCM-{name}" for name in wanted.accm if name not in held.accm)
    if held.level is Level.CUI and held.profile is Profile.NARA_CUI:
        yield from (f"SP-{name}" for name in wanted.cui_specified if name not in held.cui_specified)
        have = {*held.cui_specified, *held.cui_basic}
        yield from (name for name in wanted.cui_basic if name not in have)


def _release(held: Marking, wanted: Marking) -> Iterator[str]:
    """The holder may not promise more release than the content allows; saying nothing promises none."""
    if held.has("NOFORN"):
        return
    if wanted.has("NOFORN") or needs_noforn(wanted, held.level):
        yield "NOFORN"
        return
    # Where content carries no release markings of its own, the holder's are no promise about it.
    bound = wanted.level.classified or (wanted.level is Level.CUI and wanted.profile is Profile.NARA_CUI)
    if held.has("RELIDO") and bound and not wanted.has("RELIDO"):
        yield "RELIDO is more than the content allows"
    if held.rel_to and (bound or wanted.rel_to) and not wanted.rel_as_banner:
        yield from _listed("REL TO", held, held.rel_to, wanted.rel_to)
    if held.display_only and bound and not wanted.rel_as_banner:
        yield from _listed("DISPLAY ONLY", held, held.display_only, (*wanted.rel_to, *wanted.display_only))


def _listed(name: str, held: Marking, promised: tuple[str, ...], allowed: tuple[str, ...]) -> Iterator[str]:
    """Nothing when every country promised, groups written out, is among those allowed."""
    expand = held.vocabulary.expand
    if not expand(promised) <= {*allowed, *expand(allowed)}:
        yield f"{name} is more than the content allows"
