"""Which release marking a banner carries for its portions: table 3 of the Register and Manual 2016."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from workstation.core.errors import Refused
from workstation.core.markings.dominance import needs_noforn
from workstation.core.markings.model import Kind, Marking, sort_countries
from workstation.core.markings.vocabulary import Level, Vocabulary

_MIN_LIST = 2


@dataclass(kw_only=True, eq=False)
class ReleaseListMissing(Refused):
    """Portions say REL or JOINT "as the banner", and no portion names the countries."""

    code: ClassVar[str] = "MRK-005"
    portion: str


def released(banner: Marking, portions: Sequence[Marking], kind: Kind) -> Marking:
    """The banner with the release marking its portions ask for.

    NOFORN in any portion forces NOFORN. Release needs every classified portion to be releasable (in an
    unclassified document every CUI portion); a mixture without common ground is NOFORN.

    Raises:
        ReleaseListMissing: every releasable portion says ``REL`` and none names the countries.
    """
    asked = [portion for portion in portions if portion.level.classified]
    asked = asked or [portion for portion in portions if portion.level is Level.CUI]
    if any(portion.has("NOFORN") or needs_noforn(portion, banner.level) for portion in portions):
        return _with(banner, "NOFORN")
    if not any(portion.has_release_decision for portion in asked):
        return banner
    relido = all(portion.has("RELIDO") for portion in asked)
    if kind is Kind.PORTION and all(portion.rel_as_banner for portion in asked):
        made = replace(banner, rel_as_banner=True)
        return _with(made, "RELIDO") if relido else made
    rel_to = _common_release(banner.vocabulary, portions, asked)
    display = _common_display(banner.vocabulary, asked, rel_to)
    if not (relido or rel_to or display):
        return _with(banner, "NOFORN")
    made = replace(banner, rel_to=rel_to, display_only=display)
    return _with(made, "RELIDO") if relido else made


def common(vocabulary: Vocabulary, lists: Iterable[tuple[str, ...]]) -> frozenset[str]:
    """The codes all lists share; a group that all name stays, else FVEY, ACGU and TEYE are written out."""
    every = [frozenset(codes) for codes in lists]
    if not every:
        return frozenset()
    literal = frozenset.intersection(*every)
    countries = frozenset.intersection(*(vocabulary.expand(codes) for codes in every))
    return literal | (countries - vocabulary.expand(literal))


def _common_release(
    vocabulary: Vocabulary, portions: Sequence[Marking], asked: Sequence[Marking]
) -> tuple[str, ...]:
    if not all(portion.has("REL TO") for portion in asked):
        return ()
    lists = [portion.rel_to for portion in portions if portion.rel_to]
    if not lists:
        raise ReleaseListMissing(portion=asked[0].portion())
    codes = common(vocabulary, lists) | {"USA"}
    return sort_countries(vocabulary, codes, usa_first=True) if len(codes) >= _MIN_LIST else ()


def _common_display(
    vocabulary: Vocabulary, asked: Sequence[Marking], rel_to: tuple[str, ...]
) -> tuple[str, ...]:
    """What may be released may be shown, so a REL TO list counts as a list of those who may be shown it."""
    if not any(portion.display_only for portion in asked):
        return ()
    if not all(portion.display_only or portion.has("REL TO") for portion in asked):
        return ()
    lists = [(*portion.rel_to, *portion.display_only) for portion in asked if not portion.rel_as_banner]
    codes = common(vocabulary, lists) - {"USA"} - vocabulary.expand(rel_to) - set(rel_to)
    return sort_countries(vocabulary, codes)


def _with(marking: Marking, control: str) -> Marking:
    return marking if marking.has(control) else replace(marking, dissem=(*marking.dissem, control))
