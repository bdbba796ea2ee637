"""A marking put together from offered words is a marking, or is told as none with the rule it breaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workstation.app.markings import vocabulary
from workstation.core.markings import Kind, Profile, check, parse
from workstation.core.markings.composing import (
    LEVELS,
    Composition,
    Part,
    composed,
    offered,
    taken_apart,
)
from workstation.core.markings.vocabulary import Level

WORDS = vocabulary()


@st.composite
def compositions(draw: st.DrawFn) -> Composition:
    """Any few of the words that are offered at a level."""
    profile = draw(st.sampled_from(Profile))
    level = draw(st.sampled_from(LEVELS[profile]))
    words = [(one.part, one.name) for one in offered(WORDS, profile, level)]
    chosen = draw(st.lists(st.sampled_from(words), max_size=6))
    return Composition(profile=profile, level=level, words=frozenset(chosen))


@given(compositions())
def test_what_is_accepted_parses_and_says_what_was_chosen(wanted: Composition) -> None:
    """An accepted composition is a banner; taken apart it gives the same banner again."""
    judged = composed(wanted, WORDS)
    assert judged.accepted or judged.broken
    if judged.accepted:
        marking = parse(judged.text, Kind.BANNER, wanted.profile, vocabulary=WORDS)
        assert composed(taken_apart(marking), WORDS).text == judged.text
        assert wanted.words <= taken_apart(marking).words | {
            (Part.SCI, name.split("-")[0]) for part, name in wanted.words if part is Part.SCI
        }


@given(compositions())
def test_a_suggestion_is_a_marking(wanted: Composition) -> None:
    """What is proposed in place of a composition that breaks a rule is accepted as it stands."""
    judged = composed(wanted, WORDS)
    if judged.suggestion:
        assert check(judged.suggestion, vocabulary=WORDS, kind=Kind.BANNER, profile=wanted.profile).accepted


@pytest.mark.parametrize(
    "text",
    [
        "UNCLASSIFIED",
        "SECRET//NOFORN",
        "SECRET//REL TO USA, AUS, GBR",
        "TOP SECRET//SI-G ABCD/TK//ORCON/NOFORN",
        "SECRET//SAR-BLUE LAKE//NOFORN",
        "SECRET//FGI DEU//NOFORN",
        "//NATO SECRET",
        "SECRET//RD-CNWDI//NOFORN",
    ],
)
def test_any_banner_taken_apart_is_put_together_again(text: str) -> None:
    """Also what is not offered as a word, such as programs, sources and foreign heads, is kept."""
    marking = parse(text, Kind.BANNER, vocabulary=WORDS)
    assert composed(taken_apart(marking), WORDS).text == text


def test_words_above_the_level_are_not_offered() -> None:
    """Nothing is offered that may not stand at the level at all."""
    low = {one.name for one in offered(WORDS, Profile.IC_DOD, Level.UNCLASSIFIED)}
    high = {one.name for one in offered(WORDS, Profile.IC_DOD, Level.TOP_SECRET)}
    assert not {"NOFORN", "SI-G", "RD"} & low
    assert {"NOFORN", "SI-G", "RD", "ORCON"} <= high
    assert "FOUO" in low
    assert "FOUO" not in high


def test_what_excludes_each_other_is_told_with_its_rule() -> None:
    """NOFORN beside a release list is no marking, and the nearest one that is never releases more."""
    words = frozenset({(Part.CONTROL, "NOFORN"), (Part.REL_TO, "USA"), (Part.REL_TO, "GBR")})
    judged = composed(Composition(profile=Profile.IC_DOD, level=Level.SECRET, words=words), WORDS)
    assert not judged.accepted
    assert judged.suggestion == "SECRET//NOFORN"
