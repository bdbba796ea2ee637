"""Tags, filters of the case list, and what of an answer may be found."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.test_cases import ANN, BEN, CARA, ITEMS, checklist, in_evaluation, new_case
from workstation.core.case_states import CaseState
from workstation.core.checklists import Result
from workstation.core.filters import FilterInvalid, FilterUnknown, parse_filter, require_name
from workstation.core.summaries import answer_is_visible, summarise
from workstation.core.tags import (
    MAX_TAGS,
    TagInvalid,
    TagMissing,
    TagsTooMany,
    TagTwice,
    add_tag,
    remove_tag,
)
from workstation.core.values import CaseId, PersonId
from workstation.core.window import WindowStanding

CASE = CaseId("CASE-1")
NAMES = {ANN: "ann", BEN: "ben"}


@dataclass(frozen=True, kw_only=True)
class Line:
    """A line of the case list."""

    case_id: CaseId = CASE
    case_type: str = "pre-release-access"
    developer: str = "Northwind"
    model: str = "Aster"
    checkpoint: str = "step-9"
    marking: str = "SECRET//NOFORN"
    state: CaseState = CaseState.EVALUATION
    standing: WindowStanding = WindowStanding.OPEN
    days_left: int | None = 7
    waits_for_me: bool = True
    tags: tuple[str, ...] = ("cyber",)
    reviewers: tuple[PersonId, ...] = (ANN, BEN)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("", True),
        ("state:evaluation", True),
        ("state:closed", False),
        ("state:closed state:evaluation", True),
        ("STATE:evaluation tag:Cyber", True),
        ("tag:bio", False),
        ("type:designation-inquiry", False),
        ("standing:open turn:mine", True),
        ("reviewer:ANN", True),
        ("reviewer:cara", False),
        ("days:7", True),
        ("days:<=7 days:>5", True),
        ("days:<7", False),
        ("days:>=8", False),
        ("days:>-3", True),
        ("marking:secret", True),
        ("marking:top", False),
        ("aster NORTH", True),
        ("aster other", False),
    ],
)
def test_a_filter_keeps_what_fits_every_word(text: str, kept: bool) -> None:
    """Words of different kinds all have to fit, words of one kind any of them."""
    assert parse_filter(text).test(NAMES)(Line()) is kept


def test_without_a_window_no_day_fits() -> None:
    """A case whose window does not run is in no filter by days."""
    assert not parse_filter("days:<=9999").test({})(Line(days_left=None))


@pytest.mark.parametrize(
    "text", ["state:nowhere", "colour:red", "days:soon", "tag:", ":", "days:<=", "x" * 600]
)
def test_a_word_that_is_not_understood_is_named(text: str) -> None:
    """A filter that is not understood is refused with the word and what is known."""
    with pytest.raises(FilterInvalid) as refusal:
        parse_filter(text)
    assert refusal.value.word
    assert refusal.value.known


@given(st.text(max_size=80))
def test_any_text_is_a_filter_or_refused(text: str) -> None:
    """Whatever is typed is understood or refused, and reads the same when it is read again."""
    try:
        first = parse_filter(text)
    except FilterInvalid:
        return
    assert parse_filter(first.text) == first


@pytest.mark.parametrize("name", ["", "  ", "a:b", "x" * 61, "a\u202eb"])
def test_a_name_of_a_filter_can_be_read_and_typed(name: str) -> None:
    """A filter is kept under a name that is no filter itself."""
    with pytest.raises(FilterUnknown):
        require_name(name)


def test_tags_are_added_and_taken_off_once() -> None:
    """A tag is kept in one spelling, never twice, and up to a number."""
    case = new_case()
    assert add_tag(case, " Cyber ").tag == "cyber"
    with pytest.raises(TagTwice):
        add_tag(case, "CYBER")
    with pytest.raises(TagMissing):
        remove_tag(case, "bio")
    assert remove_tag(case, "cyber").tag == "cyber"
    assert case.tags == ()
    for number in range(MAX_TAGS):
        add_tag(case, f"t{number}")
    with pytest.raises(TagsTooMany):
        add_tag(case, "one-more")


@pytest.mark.parametrize("text", ["", " ", "two words", "a,b", "a:b", "x" * 41, "a\u200bb", "a\nb"])
def test_what_could_not_be_typed_in_a_filter_is_no_tag(text: str) -> None:
    """A tag is one word that can be looked for."""
    with pytest.raises(TagInvalid):
        add_tag(new_case(), text)


@given(
    submitted=st.sets(st.sampled_from([ANN, BEN])),
    disclosed=st.sets(st.sampled_from(ITEMS)),
    viewer=st.sampled_from([ANN, BEN, CARA]),
    state=st.sampled_from(CaseState),
)
def test_what_may_be_found_is_what_the_checklist_shows(
    submitted: set[PersonId], disclosed: set[str], viewer: PersonId, state: CaseState
) -> None:
    """Search and checklist agree on every answer, whoever looks and however the case stands."""
    case = in_evaluation()
    case.state = state
    case.submissions = dict.fromkeys(submitted, case.opened_at)
    case.disclosed = tuple(one for one in ITEMS if one in disclosed)
    every = {(item, who): Result.MET for item in ITEMS for who in (ANN, BEN)}
    listed = checklist(case, every)
    listed = type(listed)(**(vars(listed) | {"disclosed": frozenset(case.disclosed)}))
    short = summarise(case)
    found = {key for key in every if answer_is_visible(short, *key, viewer)}
    assert found == set(listed.visible_to(viewer))
