"""Trusted partners are selected by both sides or not at all, against a small model."""

from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.unit.test_cases import ANN, NOW, new_case
from workstation.core import determinations as det
from workstation.core import partner_selection
from workstation.core.case_errors import CaseFieldMissing, StepNotPossible
from workstation.core.cases import Case, CaseState, CaseType
from workstation.core.errors import Refused
from workstation.core.partners import (
    Consent,
    PartnerDateWrong,
    PartnerNominatedTwice,
    PartnerNotSelected,
    PartnerUnknown,
    Side,
)

RELEASE, TODAY = date(2027, 3, 31), date(2027, 3, 10)
NAMES = ("Alder Bank", "alder bank ", "Birch Hospital", "Cedar Grid")


def consent(given_on: date = TODAY) -> Consent:
    """A letter of that day."""
    return Consent(
        given_by="General Counsel", given_on=given_on, reference="letter 3", recorded_by=ANN, recorded_at=NOW
    )


def nominate(case: Case, name: str = "Alder Bank", *, on: date = TODAY) -> None:
    """By the developer."""
    partner_selection.nominate(
        case, name=name, sector="finance", nominated_by=Side.DEVELOPER, nominated_on=on, today=TODAY
    )


def covered() -> Case:
    """A case determined as covered."""
    case = new_case()
    case.state = CaseState.DETERMINED
    case.determinations = (
        det.Determination(
            number=1,
            conclusion=det.Conclusion.COVERED,
            reasons="r",
            gaps=(),
            determined_by=ANN,
            determined_at=NOW,
            supersedes=None,
        ),
    )
    return case


class Selection(RuleBasedStateMachine):
    """Every order of acts, beside a dictionary that knows nothing of the rules but two."""

    def __init__(self) -> None:
        super().__init__()
        self.case = covered()
        self.model: dict[int, set[str]] = {}
        self.names: dict[int, str] = {}

    @rule(name=st.sampled_from(NAMES))
    def nominate(self, name: str) -> None:
        """One standing nomination a name, however it is written."""
        key = name.strip().lower()
        stands = key in {self.names[n] for n, marks in self.model.items() if "withdrawn" not in marks}
        try:
            nominate(self.case, name)
        except PartnerNominatedTwice:
            assert stands
        else:
            assert not stands
            number = len(self.model) + 1
            self.model[number], self.names[number] = set(), key

    @rule(number=st.integers(1, 4), side=st.sampled_from(sorted(Side)))
    def agree(self, number: int, side: Side) -> None:
        """Consent needs a nomination that stands."""
        try:
            partner_selection.record_consent(self.case, number, side, consent(), today=TODAY)
        except PartnerUnknown:
            assert number not in self.model or "withdrawn" in self.model[number]
        else:
            self.model[number].add(str(side))

    @rule(number=st.integers(1, 4))
    def release(self, number: int) -> None:
        """Release needs both."""
        marks = self.model.get(number, {"withdrawn"})
        allowed = {"developer", "government"} <= marks and "withdrawn" not in marks
        try:
            partner_selection.record_release(self.case, number, released_on=TODAY, today=TODAY)
        except (PartnerUnknown, PartnerNotSelected):
            assert not allowed
        else:
            assert allowed

    @rule(number=st.integers(1, 4))
    def withdraw(self, number: int) -> None:
        """A withdrawn nomination stays on record."""
        try:
            partner_selection.withdraw_nomination(self.case, number, reason="changed plans")
        except PartnerUnknown:
            return
        self.model[number].add("withdrawn")

    @invariant()
    def agree_with_the_model(self) -> None:
        """Selected are those with both consents that nobody withdrew; nothing is ever removed."""
        assert len(self.case.partners) == len(self.model)
        for partner in self.case.partners:
            marks = self.model[partner.number]
            both = {"developer", "government"} <= marks
            assert partner.is_selected is (both and "withdrawn" not in marks)


TestSelection = Selection.TestCase
TestSelection.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


def test_only_pre_release_access_has_partners_and_only_while_open() -> None:
    """A designation inquiry has none, and a case that is over takes no more."""
    with pytest.raises(StepNotPossible):
        nominate(new_case(CaseType.DESIGNATION_INQUIRY))
    case = new_case()
    case.withdraw(reason="asked", disposition="return")
    with pytest.raises(StepNotPossible):
        nominate(case)


def test_no_release_before_the_model_is_determined_as_covered() -> None:
    """Selected or not, release is recorded only on a determination of covered."""
    case = covered()
    nominate(case)
    for side in Side:
        partner_selection.record_consent(case, 1, side, consent(), today=TODAY)
    case.state = CaseState.RECOMMENDED
    with pytest.raises(StepNotPossible):
        partner_selection.record_release(case, 1, released_on=TODAY, today=TODAY)
    case.state = CaseState.DETERMINED
    partner_selection.record_release(case, 1, released_on=TODAY, today=TODAY)
    assert case.partners[0].released_on == TODAY


def test_access_is_not_planned_before_the_planned_release() -> None:
    """The window ends with the planned release to trusted partners, so access does not precede it."""
    case = covered()
    nominate(case)
    with pytest.raises(PartnerNotSelected):
        partner_selection.plan_access(case, 1, early_access_on=RELEASE, today=TODAY)
    for side in Side:
        partner_selection.record_consent(case, 1, side, consent(), today=TODAY)
    with pytest.raises(PartnerDateWrong):
        partner_selection.plan_access(case, 1, early_access_on=RELEASE - timedelta(days=1), today=TODAY)
    partner_selection.plan_access(case, 1, early_access_on=RELEASE, today=TODAY)


def test_dates_follow_each_other_and_fields_are_filled() -> None:
    """Nothing done lies in the future, consent follows the nomination, names and references are there."""
    case = covered()
    with pytest.raises(PartnerDateWrong):
        nominate(case, on=TODAY + timedelta(days=1))
    with pytest.raises(CaseFieldMissing):
        nominate(case, " ")
    nominate(case)
    for day in (TODAY - timedelta(days=1), TODAY + timedelta(days=1)):
        with pytest.raises(PartnerDateWrong):
            partner_selection.record_consent(case, 1, Side.DEVELOPER, consent(day), today=TODAY)
    with pytest.raises(Refused):
        partner_selection.withdraw_nomination(case, 1, reason=" ")
    assert len(case.partners) == 1
