"""Two-person rules hold whichever door is tried: workflow functions, roles, order of acts, command line."""

from pathlib import Path

import pytest

from tests.helpers.listed import listed_folder
from tests.helpers.office import office, unlock
from tests.helpers.pdf_structure import pdf_text
from tests.helpers.ready_office import office_at
from workstation.app import administering, determining, exporting, quarantine, queries, reporting, reviewing
from workstation.app import session as sessions
from workstation.core.checklists import Result
from workstation.core.determinations import Conclusion, StepBlocked
from workstation.core.exports import MediumBelowContent
from workstation.core.markings.authority import AuthorityBlock, AuthorityBlockMissing, BlockKind, Source
from workstation.core.people import DutiesConflict, Duty, NotAppointed, PersonExists, Role
from workstation.core.values import CaseId, CriterionId
from workstation.core.vault_errors import CredentialsRefused, VaultLocked
from workstation.demo.story import Story, passphrase


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId]:
    """A case determined and waiting for its report; module-wide because it is only read or refused."""
    story = office(tmp_path_factory.mktemp("office"))
    story.set_up()
    case_id = story.open_case()
    package = story.receive(case_id)
    story.review(case_id, package)
    story.conclude(case_id)
    return story, case_id


def test_every_duty_is_refused_to_roles_without_it(told: tuple[Story, CaseId]) -> None:
    """Calling the workflows directly as somebody not appointed is refused and audited, for each duty."""
    story, case_id = told
    attempts = {
        "tanaka": [
            lambda s: reviewing.withdraw(s, case_id, reason="", disposition="return"),
            lambda s: determining.determine(s, case_id, conclusion=Conclusion.NOT_COVERED, reasons="x"),
            lambda s: reporting.certify(s, case_id, passphrase(), story.job),
        ],
        "abara": [
            lambda s: determining.determine(s, case_id, conclusion=Conclusion.NOT_COVERED, reasons="x"),
            lambda s: reviewing.close_case(s, case_id, reason=""),
        ],
        "moreau": [lambda s: reviewing.withdraw(s, case_id, reason="", disposition="return")],
        "osei": [
            lambda s: determining.determine(s, case_id, conclusion=Conclusion.NOT_COVERED, reasons="x"),
            lambda s: reviewing.close_case(s, case_id, reason=""),
        ],
        "ibarra": [
            lambda s: determining.determine(s, case_id, conclusion=Conclusion.NOT_COVERED, reasons="x")
        ],
    }
    for login_name, acts in attempts.items():
        with story.acting(login_name) as session:
            for act in acts:
                with pytest.raises(NotAppointed):
                    act(session)
            refused = [row for row in queries.history(session, case_id) if row.event == "ActRefused"]
            assert refused[0].actor_id == session.person.person_id


def test_the_reviewer_who_becomes_official_or_officer_gains_nothing(told: tuple[Story, CaseId]) -> None:
    """After a change of role in the register, what was done on the case still rules out the other hand."""
    story, case_id = told
    with (
        story.acting("ibarra") as session,
        _as_role(session, Role.DETERMINATION_OFFICIAL),
        pytest.raises(DutiesConflict),
    ):
        determining.determine(session, case_id, conclusion=Conclusion.COVERED, reasons="x")


def test_nobody_enrols_the_same_person_twice(told: tuple[Story, CaseId]) -> None:
    """Neither a new login name nor a new spelling gives a second account for one staff number."""
    story, _case_id = told
    with story.acting("abara") as session:
        for login_name, staff_number in (("ibarra2", "d-1002"), ("IBARRA", "D-2000")):
            new = administering.NewPerson(
                login_name=login_name,
                staff_number=staff_number,
                display_name="R. Ibarra",
                role=Role.SECURITY_OFFICER,
            )
            with pytest.raises(PersonExists):
                administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=passphrase())


def test_only_the_custodian_enrols_and_only_with_the_passphrase(told: tuple[Story, CaseId]) -> None:
    """Another role, or the custodian's open session without the passphrase, enrols nobody."""
    story, _case_id = told
    new = administering.NewPerson(
        login_name="new", staff_number="D-3000", display_name="N", role=Role.REVIEWER
    )
    with story.acting("ibarra") as session, pytest.raises(NotAppointed):
        administering.enrol(session, new, custodian_passphrase=passphrase(), passphrase=passphrase())
    with story.acting("abara") as session, pytest.raises(CredentialsRefused):
        administering.enrol(
            session, new, custodian_passphrase=bytearray(b"not the passphrase"), passphrase=passphrase()
        )


def test_signing_needs_the_signers_own_passphrase(told: tuple[Story, CaseId]) -> None:
    """An unlocked vault alone cannot sign as the person at the desk."""
    story, case_id = told
    with story.acting("osei") as session, pytest.raises(CredentialsRefused):
        reporting.certify(session, case_id, bytearray(b"not the passphrase"), story.job)


def test_the_requester_does_not_release_and_the_medium_must_cover(
    told: tuple[Story, CaseId], tmp_path: Path
) -> None:
    """Release is the officer's, never the requester's even as officer, and never below the marking."""
    story, case_id = told
    chosen = listed_folder(story.services, tmp_path)
    with story.acting("osei") as session:
        report = reporting.certify(session, case_id, passphrase(), story.job)
        request = exporting.request(session, report.report_id, recipient="somebody")
        with pytest.raises(NotAppointed):
            exporting.release(session, request.export_id, chosen, passphrase(), story.job)
        with _as_role(session, Role.SECURITY_OFFICER), pytest.raises(DutiesConflict):
            exporting.release(session, request.export_id, chosen, passphrase(), story.job)
    assert list(tmp_path.iterdir()) == []
    with story.acting("tanaka") as session:
        low = exporting.Release(medium=chosen.medium, medium_marking="UNCLASSIFIED")
        rules = session.services.markings
        assert rules.parse(low.medium_marking) == rules.parse(report.marking)


def test_a_report_above_the_medium_never_leaves(tmp_path: Path) -> None:
    """A classified report needs its authority block, and never goes to a medium below its marking."""
    story = office(tmp_path)
    story.marking = "SECRET//NOFORN"
    story.set_up()
    case_id = story.open_case()
    story.review(case_id, story.receive(case_id))
    story.conclude(case_id)
    with story.acting("osei") as session:
        with pytest.raises(AuthorityBlockMissing):
            reporting.certify(session, case_id, passphrase(), story.job)
        reviewing.state_authority(session, case_id, authority=BLOCK)
        shown = pdf_text(reporting.preview(session, case_id))
        report = reporting.certify(session, case_id, passphrase(), story.job)
        request = exporting.request(session, report.report_id, recipient="somebody")
    assert "Demonstration Guide, DEMO, 20260101" in " ".join(shown.split())
    low = listed_folder(story.services, story.medium)
    with story.acting("tanaka") as session, pytest.raises(MediumBelowContent):
        exporting.release(session, request.export_id, low, passphrase(), story.job)
    assert list(story.medium.iterdir()) == []


def test_a_second_reviewer_cannot_peek(tmp_path: Path) -> None:
    """Before both have submitted, no query shows one reviewer the other's answers."""
    story, case_id = office_at("case", tmp_path)
    package = story.receive(case_id)
    with story.acting("ibarra") as session:
        quarantine.accept(session, package.package_id)
    story.clock.advance(story.to_window)
    with story.acting("ibarra") as session:
        reviewing.begin_evaluation(session, case_id)
        answer = reviewing.NewAnswer(
            criterion_id=CriterionId("K1.1"), result=Result.NOT_MET, detail="secretly no"
        )
        reviewing.answer(session, case_id, answer)
        with pytest.raises(StepBlocked):
            determining.recommend(session, case_id, conclusion=Conclusion.COVERED, reasons="x")
    with story.acting("osei") as session:
        views = queries.criteria(session, case_id)
        assert all(view.mine is None and not view.others and view.agreed == "unanswered" for view in views)
        assert "secretly no" not in str(queries.case_view(session, case_id))
        assert "secretly no" not in str(queries.history(session, case_id))


def test_what_the_window_offers_is_what_the_rules_allow(told: tuple[Story, CaseId]) -> None:
    """``allowed`` names a duty exactly when the unit of work would let the person exercise it."""
    story, case_id = told
    with story.acting("lindqvist") as session:
        assert Duty.DETERMINE in queries.case_view(session, case_id).allowed
        assert Duty.ANSWER not in queries.case_view(session, case_id).allowed


def test_after_the_lock_nothing_answers(told: tuple[Story, CaseId]) -> None:
    """A session kept after locking reads and writes nothing."""
    story, case_id = told
    session = unlock(story.services, "osei")
    sessions.lock(session, reason="test")
    with pytest.raises(VaultLocked):
        session.vault.containers()
    with pytest.raises(VaultLocked):
        queries.case_view(session, case_id)


BLOCK = AuthorityBlock(
    kind=BlockKind.DERIVATIVE,
    classified_by="K. Osei",
    position="Reviewer",
    office="Test Office",
    declassify_on="20500101",
    sources=(Source(title="Demonstration Guide", agency="DEMO", dated="20260101", declassify_on="20500101"),),
)


class _as_role:  # noqa: N801 - reads as a phrase in ``with``
    """The register itself says another role for the person, as after an appointment."""

    def __init__(self, session: sessions.Session, role: Role) -> None:
        self._session, self._role = session, role

    def __enter__(self) -> None:
        self._set(self._role)

    def __exit__(self, *_error: object) -> None:
        self._set(self._session.person.role)

    def _set(self, role: Role) -> None:
        from dataclasses import replace

        import msgspec
        import sqlalchemy as sa

        from storage.schema import people

        body = msgspec.json.encode(replace(self._session.person, role=role))
        where = people.c.person_id == self._session.person.person_id
        with self._session.database._engine.connect() as connection, connection.begin():  # type: ignore[attr-defined]  # the insider's way
            connection.execute(sa.update(people).where(where).values(body=body))
