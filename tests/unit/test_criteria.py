"""Criteria sets: strict reading, the shipped set, and what carries forward."""

import hashlib
import json

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

import resources
from workstation.core.criteria import (
    CriteriaSet,
    CriteriaSetMalformed,
    CriteriaSetNotCanonical,
    CriteriaSetOlder,
    Criterion,
    CriterionNotInSet,
    CriterionTextUnusable,
    CriterionTwice,
    Section,
    SectionUnknown,
    carry_forward,
    parse_criteria_set,
    require_successor,
)
from workstation.core.values import CriterionId

SHIPPED = resources.read_bytes("checklists/eo14409-v1.json")
COUNTS = {"1": 8, "2": 8, "3": 7, "4": 10, "5": 10, "6": 7, "7": 5, "8": 8}


def changed(**fields: object) -> bytes:
    """The shipped set with top-level fields replaced, canonical again."""
    return rfc8785.dumps(json.loads(SHIPPED) | fields)


def with_first(**fields: object) -> bytes:
    """The shipped set with fields of its first criterion replaced."""
    data = json.loads(SHIPPED)
    data["criteria"][0] |= fields
    return rfc8785.dumps(data)


def small(texts: dict[str, str], version: int = 1, set_id: str = "s") -> CriteriaSet:
    """A set of one section with these criteria."""
    criteria = tuple(
        Criterion(criterion_id=CriterionId(name), section="1", text=text, evidence_wanted="-", source="-")
        for name, text in texts.items()
    )
    section = Section(section_id="1", title="One")
    return CriteriaSet(
        set_id=set_id, version=version, title="T", notice="N", sections=(section,), criteria=criteria
    )


def test_the_shipped_set_has_its_sixty_three_criteria_in_eight_sections() -> None:
    """The shipped set is complete, says whose proposal it is, and every item wants evidence."""
    made = parse_criteria_set(SHIPPED)
    assert made.reference == "eo14409 v1"
    assert "Proposed by the makers" in made.notice
    assert {s.section_id: len(made.in_section(s.section_id)) for s in made.sections} == COUNTS
    assert len(made.criteria) == 63
    assert [c.criterion_id for c in made.in_section("4")] == [f"K4.{n}" for n in range(1, 11)]
    assert all(c.evidence_wanted and c.source and c.text.endswith("?") for c in made.criteria)
    assert made.by_id("K2.2").text == "Recomputed SHA-384 equals manifest?"


def test_a_question_is_hashed_in_normal_form() -> None:
    """The hash is SHA-384 over the NFC text, so the two spellings of one letter agree."""
    composed = small({"a": "caf\u00e9?"}).by_id("a").text_hash
    decomposed = small({"a": "cafe\u0301?"}).by_id("a").text_hash
    assert composed == decomposed == hashlib.sha384("caf\u00e9?".encode()).hexdigest()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", CriteriaSetMalformed),
        (b"{}", CriteriaSetMalformed),
        (b"[" * 100_000, CriteriaSetMalformed),
        (b"\xff\xfe", CriteriaSetMalformed),
        (b" " * (4 << 20) + b" ", CriteriaSetMalformed),
        (changed(extra=1), CriteriaSetMalformed),
        (changed(version="1"), CriteriaSetMalformed),
        (changed(version=0), CriteriaSetMalformed),
        (changed(format="frw-criteria-set-2"), CriteriaSetMalformed),
        (changed(criteria=[]), CriteriaSetMalformed),
        (with_first(weight=3), CriteriaSetMalformed),
        (with_first(id="K1.2"), CriterionTwice),
        (changed(sections=[{"id": "1", "title": "A"}, {"id": "1", "title": "B"}]), CriterionTwice),
        (with_first(section="9"), SectionUnknown),
        (changed(sections=[*json.loads(SHIPPED)["sections"], {"id": "9", "title": "Empty"}]), SectionUnknown),
        (with_first(text=" "), CriterionTextUnusable),
        (with_first(text="Is it\u202e so?"), CriterionTextUnusable),
        (with_first(text="Is it\nso?"), CriterionTextUnusable),
        (with_first(text="cafe\u0301?"), CriterionTextUnusable),
        (with_first(text="x" * 2001), CriterionTextUnusable),
        (with_first(id=""), CriterionTextUnusable),
        (changed(notice=""), CriterionTextUnusable),
        (SHIPPED + b"\n", CriteriaSetNotCanonical),
        (SHIPPED.replace(b'"version":1', b'"version": 1'), CriteriaSetNotCanonical),
        (SHIPPED.replace(b'"version":1', b'"version":2,"version":1'), CriteriaSetNotCanonical),
    ],
)
def test_a_bad_set_is_refused_by_its_kind(content: bytes, error: type[Exception]) -> None:
    """Each kind of damage has its own refusal."""
    with pytest.raises(error):
        parse_criteria_set(content)


def test_only_a_higher_version_of_the_same_set_follows() -> None:
    """The same version, a lower one and another name are refused."""
    in_use = small({"a": "?"}, version=2)
    require_successor(small({"a": "?"}, version=3), in_use)
    for offered in (
        small({"a": "?"}, version=2),
        small({"a": "?"}),
        small({"a": "?"}, version=3, set_id="t"),
    ):
        with pytest.raises(CriteriaSetOlder):
            require_successor(offered, in_use)


def test_an_unknown_criterion_is_refused() -> None:
    """Asking for what the set does not have is a refusal with the set's name."""
    with pytest.raises(CriterionNotInSet):
        small({"a": "?"}).by_id("b")


@given(
    older=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["One?", "Two?", "Three?"])),
    newer=st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["One?", "Two?", "Three?"])),
)
def test_answers_carry_forward_only_with_an_unchanged_question(
    older: dict[str, str], newer: dict[str, str]
) -> None:
    """Kept, changed, added and removed are what comparing the texts one by one says."""
    fate = carry_forward(small(older), small(newer, version=2))
    assert set(fate.kept) == {name for name in newer if older.get(name) == newer[name]}
    assert set(fate.changed) == {name for name in newer if name in older and older[name] != newer[name]}
    assert set(fate.added) == set(newer) - set(older)
    assert set(fate.removed) == set(older) - set(newer)
