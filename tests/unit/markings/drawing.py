"""How Hypothesis draws markings that stand, written apart from the code under test."""

from hypothesis import strategies as st

import resources
from workstation.core.markings import Level, Marking, parse_vocabulary
from workstation.core.markings.model import AtomicEnergy, Compartment, Program

VOCABULARY = parse_vocabulary(resources.read_bytes("vocabularies/markings-us-v1.json"))
CODES = ("AUS", "CAN", "DEU", "FRA", "GBR", "JPN", "NZL", "ACGU", "FVEY", "NATO", "TEYE")
DISSEM = (
    "RSEN",
    "FOUO",
    "ORCON",
    "ORCON-USGOV",
    "IMCON",
    "NOFORN",
    "PROPIN",
    "RELIDO",
    "DEA SENSITIVE",
    "FISA",
)
OTHER = ("LIMDIS", "EXDIS", "NODIS", "SBU", "SBU NOFORN", "LES", "LES NOFORN", "SSI", "NNPI")
NAMES = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=3)
SUBS = st.lists(st.text("ABCDEFGH", min_size=4, max_size=4), max_size=2, unique=True).map(
    lambda s: tuple(sorted(s))
)


def countries(*, minimum: int = 1) -> st.SearchStrategy[tuple[str, ...]]:
    """Country lists: three letters before four, each A to Z."""
    chosen = st.lists(st.sampled_from(CODES), min_size=minimum, max_size=4, unique=True)
    return chosen.map(lambda codes: tuple(sorted(codes, key=lambda code: (len(code), code))))


@st.composite
def sci(draw: st.DrawFn, level: Level) -> tuple[Program, ...]:
    """SCI controls that the level may carry."""
    names = {
        Level.CONFIDENTIAL: ["SI"],
        Level.SECRET: ["HCS", "SI", "TK"],
        Level.TOP_SECRET: ["HCS", "SI", "TK"],
    }
    chosen = draw(st.lists(st.sampled_from(names.get(level, [""])), max_size=2, unique=True))
    made = []
    for name in sorted(filter(None, chosen)):
        compartments: list[Compartment] = []
        if level is Level.TOP_SECRET and name == "SI" and draw(st.booleans()):
            compartments = [Compartment(name="G", subs=draw(SUBS))]
        if name == "TK" and draw(st.booleans()):
            compartments = [Compartment(name="IDIT")]
        made.append(Program(name=name, compartments=tuple(compartments)))
    return tuple(made)


def _release(draw: st.DrawFn, level: Level, dissem: set[str], *, forced: bool) -> dict[str, object]:
    """At most one lawful combination of release markings; at least one where something forces it."""
    choices = ["none", "noforn", "rel", "display", "rel-display", "relido"]
    if not level.classified:
        return {}
    if dissem & {"ORCON", "ORCON-USGOV"}:
        choices.remove("relido")
    if forced:
        choices.remove("none")
    choice = draw(st.sampled_from(choices))
    if choice == "noforn":
        dissem.add("NOFORN")
    if choice == "relido":
        dissem.add("RELIDO")
    listed: dict[str, object] = {}
    if choice.startswith("rel-") or choice == "rel":
        listed["rel_to"] = ("USA", *draw(countries()))
    if choice.endswith("display"):
        listed["display_only"] = draw(countries())
    return listed


@st.composite
def us_markings(draw: st.DrawFn) -> Marking:
    """A United States marking that stands, of any level and with any mixture of controls."""
    levels = [Level.UNCLASSIFIED, Level.CONFIDENTIAL, Level.SECRET, Level.TOP_SECRET]
    level = draw(st.sampled_from(levels))
    vocabulary = VOCABULARY
    allowed = [
        n for n in DISSEM if level.portion in vocabulary.controls[n].levels and n not in {"NOFORN", "RELIDO"}
    ]
    dissem = set(draw(st.lists(st.sampled_from(allowed), max_size=3, unique=True)))
    dissem -= {"ORCON-USGOV"} if "ORCON" in dissem else set()
    others = [name for name in OTHER if level.portion in vocabulary.controls[name].levels]
    other = set(draw(st.lists(st.sampled_from(others), max_size=2, unique=True)))
    for one, two in (("EXDIS", "NODIS"), ("SBU", "SBU NOFORN"), ("LES", "LES NOFORN")):
        other -= {one} if two in other else set()
    controls = draw(sci(level))
    gamma = any(c.name == "G" for p in controls for c in p.compartments)
    dissem = (dissem - {"ORCON-USGOV"}) | {"ORCON"} if gamma else dissem
    noforn = level.classified and (
        bool(other & {"EXDIS", "NODIS"})
        or any(p.name == "HCS" or any(c.name == "IDIT" for c in p.compartments) for p in controls)
    )
    listed: dict[str, object] = {}
    if noforn:
        dissem.add("NOFORN")
    else:
        listed = _release(draw, level, dissem, forced=bool(controls) or "IMCON" in dissem)
    if "RELIDO" in dissem:
        other.discard("NNPI")
    ranks = vocabulary.ranks
    return Marking(
        level=level,
        sci=controls,
        sap=draw(_programs()) if level.classified else (),
        aea=draw(_atomic(level)),
        fgi=draw(st.none() | st.just(()) | countries()),
        dissem=tuple(sorted(dissem, key=ranks.__getitem__)),
        other=tuple(sorted(other, key=ranks.__getitem__)),
        vocabulary=vocabulary,
        **listed,  # type: ignore[arg-type] # the two list fields
    )


def _programs() -> st.SearchStrategy[tuple[Program, ...]]:
    names = st.lists(NAMES, max_size=3, unique=True)
    return names.map(lambda chosen: tuple(Program(name=name) for name in sorted(chosen)))


@st.composite
def _atomic(draw: st.DrawFn, level: Level) -> tuple[AtomicEnergy, ...]:
    if not level.classified:
        name = draw(st.sampled_from(["", "DOD UCNI", "DOE UCNI"]))
        return (AtomicEnergy(name=name),) if name else ()
    name = draw(st.sampled_from(["", "", "RD", "FRD", "TFNI"]))
    if not name:
        return ()
    sigmas = draw(st.lists(st.integers(1, 99), max_size=3, unique=True)) if name != "TFNI" else []
    cnwdi = name == "RD" and level >= Level.SECRET and draw(st.booleans())
    return (AtomicEnergy(name=name, cnwdi=cnwdi, sigmas=tuple(sorted(sigmas))),)


# Drawn as text, so that a failing example is short.
BANNERS = us_markings().map(str) | st.just("CUI")
PORTIONS = us_markings().map(Marking.portion) | st.just("(CUI)")
