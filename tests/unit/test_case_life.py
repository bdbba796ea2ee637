"""The whole life of a case against a small model that was written from the rules and not from the code."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from tests.helpers.case_card import CONSULTEES, ENDS, LATE, Model, Nomination, consent_on, returned_on
from tests.unit.test_cases import ANN, BEN, CARA, ITEMS, NOW, checklist, new_case, opinion
from workstation.core import case_exits, partner_selection
from workstation.core import checklist_acts as acts
from workstation.core import determinations as det
from workstation.core.checklists import Result, Tailoring
from workstation.core.errors import Refused
from workstation.core.partners import Side
from workstation.core.summaries import next_step, summarise
from workstation.core.values import CaseId, CriterionId, PersonId

WHO = st.sampled_from([ANN, BEN, CARA])


class Life(RuleBasedStateMachine):
    """Each act is done exactly when the model says so, and refused with a reason otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.case, self.card, self.today = new_case(), Model(), date(2027, 3, 1)

    def expect(self, possible: bool, act: Callable[[], object]) -> bool:
        """Do it; the model and the code must agree. A refusal changes nothing."""
        before = summarise(self.case), self.case.partners, self.case.exits, dict(self.case.tailored)
        if possible:
            act()
            return True
        with pytest.raises(Refused) as refusal:
            act()
        assert refusal.value.code
        assert before == (
            summarise(self.case),
            self.case.partners,
            self.case.exits,
            dict(self.case.tailored),
        )
        return False

    def full(self) -> dict[tuple[CriterionId, PersonId], Result]:
        """Everybody answered everything, and alike."""
        return {(item, person): Result.MET for item in ITEMS for person in (ANN, BEN, CARA)}

    @rule(days=st.integers(0, 9))
    def time_passes(self, days: int) -> None:
        """Days go by."""
        self.today += timedelta(days=days)

    @rule()
    def receive(self) -> None:
        """A package comes."""
        if self.expect(self.card.state in {"awaiting-package", "deficient"}, self.case.package_received):
            self.card.state = "quarantined"

    @rule(accepted=st.booleans())
    def decide(self, accepted: bool) -> None:
        """Somebody decides on it."""
        possible = self.card.state == "quarantined"
        if self.expect(possible, lambda: self.case.package_decided(accepted=accepted)):
            self.card.state = "accepted" if accepted else "deficient"

    @rule(first=WHO, second=WHO)
    def assign(self, first: PersonId, second: PersonId) -> None:
        """Two reviewers are named."""
        card = self.card
        possible = not card.over and card.state not in LATE and first != second and not card.submitted
        if self.expect(possible, lambda: self.case.assign_reviewers(first, second)):
            card.reviewers = (first, second)

    @rule()
    def begin(self) -> None:
        """The review begins."""
        card, left = self.card, (self.card.planned - self.today).days
        possible = card.state == "accepted" and not card.held and bool(card.reviewers) and 1 <= left <= 30
        if self.expect(possible, lambda: self.case.begin_evaluation(today=self.today)):
            card.state = "evaluation"

    @rule()
    def straight_to_the_review(self) -> None:
        """The shortest way to a review, so that later acts are reached often."""
        if self.card.state == "awaiting-package":
            self.receive()
            self.decide(accepted=True)
            self.assign(ANN, BEN)
            self.begin()

    @rule(ahead=st.integers(-3, 45))
    def revise(self, ahead: int) -> None:
        """The developer states another date."""
        on = self.today + timedelta(days=ahead)
        possible = not self.card.over and ahead > 0
        if self.expect(
            possible, lambda: self.case.state_release_date(on, today=self.today, reason="as stated")
        ):
            self.card.planned = on

    @rule(who=WHO)
    def submit(self, who: PersonId) -> None:
        """A reviewer submits."""
        card = self.card
        possible = (
            card.state == "evaluation"
            and not card.held
            and who in card.reviewers
            and who not in card.submitted
        )
        if self.expect(
            possible, lambda: self.case.submit_checklist(who, checklist(self.case, self.full()), at=NOW)
        ):
            card.submitted.add(who)

    @rule(who=WHO, by=WHO, feedback=st.sampled_from(["", "look again"]))
    def give_back(self, who: PersonId, by: PersonId, feedback: str) -> None:
        """The lead returns a checklist."""
        card = self.card
        possible = card.state == "evaluation" and who in card.submitted and who != by and not card.opined
        possible = possible and bool(feedback) and not (by in card.reviewers and not card.all_in)
        seen = card.all_in
        if self.expect(
            possible,
            lambda: acts.return_checklist(
                self.case, who, checklist(self.case, self.full()), feedback=feedback, by=by, at=NOW
            ),
        ):
            card.submitted.discard(who)
            card.returned += 1
            card.seen = card.seen or seen

    @rule(item=st.sampled_from(ITEMS), undo=st.booleans())
    def tailor(self, item: CriterionId, undo: bool) -> None:
        """A criterion is tailored out, or asked again."""
        card = self.card
        open_to_it = not card.over and card.state not in LATE and not card.submitted
        if undo:
            possible = open_to_it and item in card.tailored
            if self.expect(possible, lambda: acts.undo_tailoring(self.case, item, reason="r")):
                card.tailored.discard(item)
            return
        tailoring = Tailoring(criterion_id=item, reason="r", by=CARA, at=NOW)
        possible = open_to_it and item not in card.tailored
        if self.expect(possible, lambda: acts.tailor(self.case, tailoring, ITEMS)):
            card.tailored.add(item)

    @rule(leaves=WHO, comes=WHO)
    def replace(self, leaves: PersonId, comes: PersonId) -> None:
        """A reviewer is replaced."""
        card = self.card
        possible = not card.over and card.state not in LATE and leaves in card.reviewers
        possible = possible and leaves not in card.submitted and comes not in card.reviewers
        if self.expect(
            possible,
            lambda: case_exits.replace_reviewer(self.case, leaves=leaves, comes=comes, reason="ill"),
        ):
            card.reviewers = tuple(comes if one == leaves else one for one in card.reviewers)

    @rule(lift=st.booleans())
    def hold(self, lift: bool) -> None:
        """An incident pauses the review, or is over."""
        card = self.card
        if lift:
            if self.expect(card.held, lambda: case_exits.lift_hold(self.case, reason="r", by=CARA, at=NOW)):
                card.held = False
        elif self.expect(
            not card.held and not card.over,
            lambda: case_exits.hold(self.case, reason="r", by=CARA, at=NOW),
        ):
            card.held = True

    @rule(who=WHO)
    def opine(self, who: PersonId) -> None:
        """A reviewer gives an opinion."""
        card = self.card
        possible = card.state == "evaluation" and not card.held and who in card.reviewers and card.all_in
        if self.expect(possible, lambda: self.case.give_opinion(opinion(who))):
            card.opined.add(who)

    @rule()
    def recommend(self) -> None:
        """The lead recommends."""
        card = self.card
        possible = card.state == "evaluation" and not card.held and card.all_in
        possible = possible and set(card.reviewers) <= card.opined
        made = det.Recommendation(
            conclusion=det.Conclusion.COVERED, reasons="r", gaps=(), recommended_by=CARA, recommended_at=NOW
        )
        if self.expect(possible, lambda: self.case.recommend(made, checklist(self.case, self.full()))):
            card.recommended, card.state = True, "recommended"

    @rule()
    def straight_to_the_recommendation(self) -> None:
        """Both submit, opine, and the lead recommends, as far as each is possible."""
        self.straight_to_the_review()
        for who in self.card.reviewers:
            self.submit(PersonId(who))
        for who in self.card.reviewers:
            self.opine(PersonId(who))
        self.recommend()

    @rule(consultees=st.sets(st.sampled_from(det.Consultee), min_size=1))
    def consult(self, consultees: set[det.Consultee]) -> None:
        """Parties are asked."""
        for one in sorted(consultees):
            asked = det.Consultation(
                consultee=one,
                asked_on=self.today,
                answered_on=None,
                answer="",
                recorded_by=CARA,
                recorded_at=NOW,
            )
            possible = self.card.state in {"evaluation", "recommended"}
            if self.expect(
                possible, lambda asked=asked: self.case.record_consultation(asked, today=self.today)
            ):
                self.card.consulted.add(str(one))

    @rule()
    def determine(self) -> None:
        """The official determines, or corrects."""
        card = self.card
        possible = card.recommended and card.consulted == CONSULTEES and not card.over and not card.held
        if self.expect(
            possible,
            lambda: self.case.determine(
                conclusion=det.Conclusion.COVERED, reasons="r", gaps=(), by=CARA, at=NOW
            ),
        ):
            card.determined += 1
            card.state = "determined"

    @rule()
    def straight_to_the_determination(self) -> None:
        """All parties are asked and the official determines, as far as each is possible."""
        self.straight_to_the_recommendation()
        self.consult(set(det.Consultee))
        self.determine()

    @rule()
    def straight_to_a_return(self) -> None:
        """Both submit, and the lead gives one checklist back."""
        self.straight_to_the_review()
        for who in self.card.reviewers:
            self.submit(PersonId(who))
        self.give_back(PersonId((self.card.reviewers or (ANN,))[0]), CARA, "look again")

    @rule()
    def straight_to_a_partner(self) -> None:
        """A nomination with both consents, and the release after a determination."""
        self.nominate("Cedar")
        number = len(self.card.partners) or 1
        for side in Side:
            self.consent(number, side)
        self.release_to(number)

    @rule(
        kind=st.sampled_from(["withdraw", "close", "lapse", "supersede"]),
        really=st.sampled_from([False, False, True]),
    )
    def end(self, kind: str, really: bool) -> None:
        """One of the four ends."""
        card, case = self.card, self.case
        undetermined = not card.over and card.state != "determined"
        ends = {
            "withdraw": (not card.over, lambda: case.withdraw(reason="r", disposition="return"), "withdrawn"),
            "close": (
                card.state in {"determined", "deficient"},
                lambda: case.close(reason="r"),
                "closed",
            ),
            "lapse": (
                undetermined and card.planned <= self.today,
                lambda: case_exits.lapse(case, reason="r", disposition="return", today=self.today),
                "lapsed",
            ),
            "supersede": (
                undetermined,
                lambda: case_exits.supersede(case, by_case=CaseId("CASE-2"), checkpoint="newer", reason="r"),
                "superseded",
            ),
        }
        possible, act, state = ends[kind]
        if really and self.expect(possible, act):  # seldom enough for a life before it
            card.state = state

    @rule(ahead=st.integers(-2, 1))
    def dispose(self, ahead: int) -> None:
        """Material is returned."""
        step = returned_on(self.today + timedelta(days=ahead))
        possible = (self.card.over or self.card.state == "determined") and ahead <= 0
        if self.expect(possible, lambda: case_exits.record_disposition(self.case, step, today=self.today)):
            self.card.disposed += 1

    @rule(name=st.sampled_from(["Alder", "alder ", "Birch"]))
    def nominate(self, name: str) -> None:
        """A partner is put forward."""
        card, plain = self.card, name.strip().lower()
        possible = not card.over and not any(one.name == plain and not one.gone for one in card.partners)
        if self.expect(
            possible,
            lambda: partner_selection.nominate(
                self.case,
                name=name,
                sector="energy",
                nominated_by=Side.DEVELOPER,
                nominated_on=self.today,
                today=self.today,
            ),
        ):
            card.partners.append(Nomination(plain))

    @rule(number=st.integers(1, 3), side=st.sampled_from(Side))
    def consent(self, number: int, side: Side) -> None:
        """One side consents to a partner."""
        given = consent_on(self.today)
        standing = self.card.standing(number)
        possible = not self.card.over and standing is not None
        if self.expect(
            possible,
            lambda: partner_selection.record_consent(self.case, number, side, given, today=self.today),
        ):
            assert standing is not None
            standing.consents.add(side)

    @rule(number=st.integers(1, 3))
    def release_to(self, number: int) -> None:
        """The model is released to a selected partner."""
        standing = self.card.standing(number)
        possible = self.card.state == "determined" and standing is not None and len(standing.consents) == 2
        if self.expect(
            possible,
            lambda: partner_selection.record_release(
                self.case, number, released_on=self.today, today=self.today
            ),
        ):
            assert standing is not None
            standing.released = True

    @rule(number=st.integers(1, 3))
    def take_back(self, number: int) -> None:
        """A nomination is taken back."""
        standing = self.card.standing(number)
        possible = not self.card.over and standing is not None
        if self.expect(
            possible, lambda: partner_selection.withdraw_nomination(self.case, number, reason="r")
        ):
            assert standing is not None
            standing.gone = True

    @invariant()
    def the_case_is_what_the_card_says(self) -> None:
        """State, people, answers, partners and dates agree after every act."""
        case, card = self.case, self.card
        assert str(case.state) == card.state
        assert (case.exits.hold is not None) == card.held
        assert case.planned_release_on == card.planned
        assert case.reviewers == card.reviewers
        assert set(case.submissions) == card.submitted
        assert {one.person_id for one in case.opinions} == card.opined
        assert set(case.tailored) == card.tailored
        assert len(case.returns) == card.returned
        assert set(case.disclosed) == (set(ITEMS) if card.seen else set())
        assert (case.recommendation is not None) == card.recommended
        assert len(case.determinations) == card.determined
        assert len(case.exits.disposition_steps) == card.disposed
        assert [
            (bool(p.withdrawn_reason), p.is_selected, p.released_on is not None) for p in case.partners
        ] == [(one.gone, len(one.consents) == 2 and not one.gone, one.released) for one in card.partners]

    @invariant()
    def what_comes_next_fits_the_state(self) -> None:
        """A list never names a next step that the case would refuse."""
        card, step = self.card, next_step(summarise(self.case), self.today)
        in_review = "give-opinions" if card.all_in else "answer-checklist"
        if card.all_in and set(card.reviewers) <= card.opined:
            in_review = "recommend"
        if card.held and not card.over:
            assert step == "held"
        elif card.state in ENDS | {"determined"}:
            assert step == card.state
        elif card.planned <= self.today:
            assert step == "lapse"
        elif card.state == "evaluation":
            assert step == in_review


Life.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestLife = Life.TestCase
