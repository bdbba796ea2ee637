"""What holds for every marking, not only for the examples."""

import importlib.util
import sys
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from workstation.core.markings import Kind, Marking, Profile, check, dominates, parse, rollup

_SPEC = importlib.util.spec_from_file_location("markings_drawing", Path(__file__).with_name("drawing.py"))
assert _SPEC is not None
assert _SPEC.loader is not None
drawing = importlib.util.module_from_spec(_SPEC)
sys.modules["markings_drawing"] = drawing
_SPEC.loader.exec_module(drawing)
VOCABULARY = drawing.VOCABULARY
PORTIONS = drawing.PORTIONS


def portion(text: str) -> Marking:
    """A drawn portion mark as a marking."""
    return parse(text, Kind.PORTION, vocabulary=VOCABULARY)


@given(text=drawing.BANNERS)
@settings(max_examples=300, deadline=None)
def test_a_drawn_marking_parses_to_itself_in_both_forms(text: str) -> None:
    """Every drawn marking parses, prints as it was and means the same as a portion mark."""
    marking = parse(text, vocabulary=VOCABULARY)
    assert str(marking) == text
    assert portion(marking.portion()) == marking


@given(text=st.text(max_size=60) | st.text("TOPSECR/()- ,NFUIGKADLYV", max_size=40))
@example(text="//")
@example(text="(//)")
@example(text="SECRET//SAR-")
@example(text="\ud800")
@settings(max_examples=600, deadline=None)
def test_any_text_gets_an_answer_and_a_suggestion_that_stands(text: str) -> None:
    """No text breaks the check; what it accepts is canonical again, what it proposes is accepted."""
    for profile in Profile:
        answer = check(text, vocabulary=VOCABULARY, profile=profile)
        assert answer.accepted or answer.broken
        for proposal in filter(None, [answer.suggestion, answer.accepted and str(answer.marking)]):
            kind = answer.kind if answer.suggestion else Kind.BANNER
            assert check(str(proposal), vocabulary=VOCABULARY, kind=kind, profile=profile).accepted


@given(texts=st.lists(PORTIONS, min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_a_roll_up_stands_protects_its_portions_and_is_stable(texts: list[str]) -> None:
    """The rolled-up banner breaks no rule, dominates each portion, and rolls up with itself to itself."""
    portions = [portion(text) for text in texts]
    banner = rollup(portions)
    answer = check(str(banner), vocabulary=VOCABULARY, kind=Kind.BANNER)
    assert answer.broken == ()
    assert answer.marking == banner
    assert [str(mark) for mark in portions if not dominates(banner, mark)] == []
    assert rollup([*portions, banner]) == banner
    assert rollup(portions[::-1]) == banner


@given(one=PORTIONS, two=drawing.us_markings().map(Marking.portion), three=PORTIONS)
@settings(max_examples=300, deadline=None)
def test_dominance_is_an_order(one: str, two: str, three: str) -> None:
    """Everything dominates itself, and what dominates a dominating marking dominates what that dominates."""
    first, second, third = portion(one), portion(two), portion(three)
    assert dominates(first, first)
    if dominates(first, second) and dominates(second, third):
        assert dominates(first, third)


@given(text=drawing.BANNERS, data=st.data())
@settings(max_examples=200, deadline=None)
def test_a_lost_character_is_never_silently_mended(text: str, data: st.DataObject) -> None:
    """A marking with one character missing is refused, or is another marking that reads so itself."""
    at = data.draw(st.integers(0, len(text) - 1))
    changed = text[:at] + text[at + 1 :]
    answer = check(changed, vocabulary=VOCABULARY, kind=Kind.BANNER)
    assert not answer.accepted or answer.marking != parse(text, vocabulary=VOCABULARY)
