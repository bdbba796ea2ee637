"""Findings against a small independent model, and their scores."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from workstation.core.finding_errors import (
    DuplicateNotPossible,
    EmbargoPast,
    FindingFieldInvalid,
    FindingStepNotPossible,
    OwnFinding,
)
from workstation.core.findings import (
    Embargo,
    Finding,
    FindingKind,
    FindingState,
    FindingText,
    Origin,
    PatchState,
    fingerprint,
    pointing_at,
)
from workstation.core.severity import VectorInvalid, score, scores
from workstation.core.values import CaseId, FindingId, PersonId, ReferralId

AT = datetime(2027, 3, 1, 12, tzinfo=UTC)
PEOPLE = tuple(PersonId(f"P{number}") for number in range(4))
V31 = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
V40 = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"


def text(title: str = "T", **changed: str) -> FindingText:
    """The least a finding says."""
    return FindingText(title=title, description="D", component="C", portion_marking="(U)", **changed)


def finding(number: int = 1, by: PersonId = PEOPLE[0], kind: FindingKind = FindingKind.FLAW) -> Finding:
    """One as just reported."""
    made = Finding(
        finding_id=FindingId(f"F{number}"),
        case_id=CaseId("C"),
        kind=kind,
        origin=Origin(),
        text=text(),
        reported_by=by,
        reported_at=AT,
    )
    made.reported()
    return made


class FindingsMachine(RuleBasedStateMachine):
    """Three findings and a model of plain words: who wrote, where it stands, whom it points at."""

    def __init__(self) -> None:
        super().__init__()
        self.real = [finding(number, PEOPLE[number % 2]) for number in range(3)]
        self.stand = ["reported"] * 3
        self.wrote = [{PEOPLE[number % 2]} for number in range(3)]
        self.points: list[int | None] = [None] * 3
        self.lines = [1] * 3

    def _try(
        self, one: int, act: object, *, wanted: str = "", allowed: bool, judge: PersonId | None = None
    ) -> bool:
        """Do it for real, and demand that it was refused exactly when the model says so."""
        assert callable(act)
        refused: type[Exception] | None = None
        try:
            act()
        except (FindingStepNotPossible, OwnFinding, DuplicateNotPossible) as error:
            refused = type(error)
        may = allowed and (judge is None or judge not in self.wrote[one])
        assert (refused is None) == may, (refused, wanted)
        if may:
            self.lines[one] += 1
            if wanted:
                self.stand[one] = wanted
        return may

    @rule(one=st.integers(0, 2), by=st.sampled_from(PEOPLE))
    def validate(self, one: int, by: PersonId) -> None:
        """Somebody else sees it too."""
        self._try(
            one,
            lambda: self.real[one].validate(by=by, at=AT, reason="r"),
            wanted="validated",
            allowed=self.stand[one] == "reported",
            judge=by,
        )

    @rule(one=st.integers(0, 2), by=st.sampled_from(PEOPLE))
    def reject(self, one: int, by: PersonId) -> None:
        """Somebody else finds that it does not hold."""
        pointed = one in self.points
        self._try(
            one,
            lambda: self.real[one].reject(
                by=by, at=AT, reason="r", pointed_at=pointing_at(self.real[one], self.real)
            ),
            wanted="rejected",
            allowed=self.stand[one] in {"reported", "validated"} and not pointed,
            judge=by,
        )

    @rule(one=st.integers(0, 2), other=st.integers(0, 2), by=st.sampled_from(PEOPLE))
    def duplicate(self, one: int, other: int, by: PersonId) -> None:
        """Somebody else finds that another one tells it."""
        possible = (
            one != other
            and self.stand[other] not in {"duplicate", "rejected"}
            and one not in self.points
            and self.stand[one] in {"reported", "validated"}
        )
        done = self._try(
            one,
            lambda: self.real[one].mark_duplicate(
                self.real[other],
                by=by,
                at=AT,
                reason="r",
                pointed_at=pointing_at(self.real[one], self.real),
            ),
            wanted="duplicate",
            allowed=possible,
            judge=by,
        )
        if done:
            self.points[one] = other

    @rule(one=st.integers(0, 2), by=st.sampled_from(PEOPLE))
    def reopen(self, one: int, by: PersonId) -> None:
        """A judgement is taken back."""
        if self._try(
            one,
            lambda: self.real[one].reopen(by=by, at=AT, reason="r"),
            wanted="reported",
            allowed=self.stand[one] in {"validated", "duplicate", "rejected"},
        ):
            self.points[one] = None

    @rule(one=st.integers(0, 2), by=st.sampled_from(PEOPLE))
    def revise(self, one: int, by: PersonId) -> None:
        """Somebody says it better and is an author from then on."""
        if self._try(
            one,
            lambda: self.real[one].revise(text("better"), by=by, at=AT, reason="r"),
            allowed=self.stand[one] == "reported",
        ):
            self.wrote[one].add(by)

    @rule(one=st.integers(0, 2))
    def refer(self, one: int) -> None:
        """It leaves the house."""
        self._try(
            one,
            lambda: self.real[one].refer(ReferralId("R"), by=PEOPLE[3], at=AT),
            wanted="referred",
            allowed=self.stand[one] in {"validated", "referred"},
        )

    @rule(one=st.integers(0, 2), patch=st.sampled_from(PatchState))
    def patch(self, one: int, patch: PatchState) -> None:
        """What is known of a correction."""
        self._try(
            one,
            lambda: self.real[one].note_patch(patch, by=PEOPLE[0], at=AT, note=""),
            allowed=self.stand[one] in {"reported", "validated", "referred"},
        )

    @precondition(lambda self: "validated" in self.stand or "referred" in self.stand)
    @rule()
    def nothing_leaves_unjudged(self) -> None:
        """Whatever stands validated or referred was judged by somebody who wrote none of it."""
        for one, stand in zip(self.real, self.stand, strict=True):
            if stand in {"validated", "referred"}:
                assert one.judged_by is not None
                assert one.judged_by not in one.authors

    @invariant()
    def they_agree(self) -> None:
        """State, authors, pointers and the length of the history are the model's; nothing is ever cut."""
        for number, one in enumerate(self.real):
            assert str(one.state) == self.stand[number]
            assert set(one.authors) == self.wrote[number]
            target = self.points[number]
            assert one.duplicate_of == (None if target is None else f"F{target}")
            assert len(one.history) == self.lines[number]
            assert all(change.by in PEOPLE for change in one.history)

    @invariant()
    def no_duplicate_points_at_a_duplicate(self) -> None:
        """Chains and circles never come about."""
        for target in self.points:
            assert target is None or self.stand[target] not in {"duplicate", "rejected"}


TestFindingsMachine = FindingsMachine.TestCase


@given(blind=st.booleans(), viewer=st.sampled_from(PEOPLE), author=st.sampled_from(PEOPLE))
def test_while_blind_only_authors_see_a_finding(*, blind: bool, viewer: PersonId, author: PersonId) -> None:
    """Visible exactly when nothing is blind any more, or the viewer wrote it."""
    assert finding(by=author).is_visible_to(viewer, blind=blind) == (not blind or viewer == author)


@given(
    st.lists(st.tuples(st.text(max_size=8), st.text(max_size=8), st.text(max_size=8)), min_size=2, max_size=2)
)
def test_fingerprints_are_equal_only_for_the_same_place(places: list[tuple[str, str, str]]) -> None:
    """Two places share a fingerprint only when file, kind and place agree but for case and blanks."""

    def plain(one: tuple[str, str, str]) -> tuple[str, str, str]:
        return one[0], " ".join(one[1].casefold().split()), " ".join(one[2].casefold().split())

    first, second = places
    if not any("\0" in part for one in places for part in one):
        assert (fingerprint(*first) == fingerprint(*second)) == (plain(first) == plain(second))


@pytest.mark.parametrize(
    ("vector", "base", "severity"),
    [
        (V31, 9.8, "critical"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", 6.1, "medium"),
        ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", 7.8, "high"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N", 0.0, "none"),
        (V40, 9.3, "critical"),
    ],
)
def test_published_vectors_get_their_published_scores(vector: str, base: float, severity: str) -> None:
    """Vectors of the published calculators and advisories come out as published."""
    found = score(vector)
    assert (found.base, found.severity) == (base, severity)


@given(st.text(max_size=80) | st.from_regex(r"CVSS:(3\.[01]|4\.0)(/[A-Z]{1,3}:[A-Z])*", fullmatch=True))
def test_anything_typed_is_scored_or_refused(vector: str) -> None:
    """No text makes anything but a score from 0.0 to 10.0 or a refusal with a reason."""
    try:
        found = score(vector)
    except VectorInvalid:
        return
    assert 0.0 <= found.base <= 10.0
    assert score(found.vector) == found


def test_two_vectors_of_one_version_are_refused() -> None:
    """Nobody has to guess which of two counts; one of each version is kept."""
    assert len(scores((V31, V40))) == 2
    with pytest.raises(VectorInvalid):
        scores((V31, V31.replace("AC:L", "AC:H")))


def test_a_tool_candidate_has_no_severity() -> None:
    """Scoring is for flaws."""
    with pytest.raises(FindingStepNotPossible):
        finding(kind=FindingKind.DEFENSIVE_TOOL).score((V31,), by=PEOPLE[0], at=AT)


@given(st.integers(-400, 400))
def test_an_embargo_ends_on_a_day_to_come_and_is_over_the_day_after(days: int) -> None:
    """A day before today is refused; the last day itself still counts."""
    until, today = AT.date() + timedelta(days=days), AT.date()
    embargo = Embargo(until=until, parties=("Developer",), reason="r")
    one = finding()
    if days < 0:
        with pytest.raises(EmbargoPast):
            one.set_embargo(embargo, by=PEOPLE[0], at=AT, today=today)
    else:
        one.set_embargo(embargo, by=PEOPLE[0], at=AT, today=today)
        assert not embargo.is_over(until)
        assert embargo.is_over(until + timedelta(days=1))


def test_an_embargo_names_a_party_and_a_reason() -> None:
    """Without either it is refused, and lifting asks for a reason too."""
    one = finding()
    for wrong in (
        Embargo(until=date(2028, 1, 1), parties=(" ",), reason="r"),
        Embargo(until=date(2028, 1, 1), parties=("D",), reason=" "),
        None,
    ):
        with pytest.raises(FindingFieldInvalid):
            one.set_embargo(wrong, by=PEOPLE[0], at=AT, today=AT.date())


@pytest.mark.parametrize(
    "wrong", [{"title": " "}, {"cwe": "CWE-"}, {"cwe": "94"}, {"cwe_name": "without a number"}]
)
def test_a_field_of_the_wrong_form_is_refused(wrong: dict[str, str]) -> None:
    """An empty title, a malformed CWE, a name without its number."""
    with pytest.raises(FindingFieldInvalid):
        text(**({"title": "T"} | wrong))


def test_states_are_five() -> None:
    """Nothing is in between."""
    assert {str(state) for state in FindingState} == {
        "reported",
        "validated",
        "duplicate",
        "rejected",
        "referred",
    }
