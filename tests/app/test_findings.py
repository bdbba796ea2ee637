"""Findings: one person reports, another judges, nobody reads the other's work before both have submitted."""

from pathlib import Path

import pytest

from tests.app.test_side_doors import _as_role
from tests.helpers.office import office
from workstation.app import auditing, findings, quarantine, queries
from workstation.core.case_errors import StepNotPossible
from workstation.core.exports import RecordUnknown
from workstation.core.finding_errors import (
    DuplicateNotPossible,
    FindingStepNotPossible,
    FindingWithheld,
    MarkingBelowPortion,
    OwnFinding,
)
from workstation.core.findings import Finding, FindingState, FindingText, PatchState
from workstation.core.packages import Package
from workstation.core.people import NotAppointed, Role
from workstation.core.severity import VectorInvalid
from workstation.core.values import CaseId, EvidenceLink, PackageId
from workstation.demo.story import Story

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:U/C:H/I:H/A:H"


def text(package: Package, path: str, **changed: str) -> FindingText:
    """A flaw at one place of one file."""
    link = EvidenceLink(package_id=package.package_id, untrusted_path=path, anchor="page 1")
    said = {"title": "Template runs code", "description": "Seen.", "component": "chat template"} | changed
    return FindingText(portion_marking="(U)", evidence=(link,), cwe="CWE-94", **said)


class Office:
    """A case with an accepted package; ``begin`` and ``submit`` move it on."""

    def __init__(self, folder: Path) -> None:
        self.story: Story = office(folder)
        self.story.set_up()
        self.case_id: CaseId = self.story.open_case()
        self.package = self.story.receive(self.case_id)
        with self.story.acting("osei") as session:
            self.path = queries.paths(session, self.package.package_id, limit=1)[0]

    def report(self, login_name: str, **changed: str) -> Finding:
        """One person writes a finding down."""
        with self.story.acting(login_name) as session:
            new = findings.NewFinding(text=text(self.package, self.path, **changed), vectors=(VECTOR,))
            return findings.report(session, self.case_id, new)


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Nobody has submitted yet; the tests only read it or are refused."""
    made = Office(tmp_path_factory.mktemp("blind"))
    with made.story.acting("ibarra") as session, pytest.raises(StepNotPossible):
        findings.report(session, made.case_id, findings.NewFinding(text=text(made.package, made.path)))
    with made.story.acting("ibarra") as session:
        quarantine.accept(session, made.package.package_id, reason="Read.")
    return made


@pytest.fixture(scope="module")
def submitted(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """Both reviewers have submitted."""
    made = Office(tmp_path_factory.mktemp("submitted"))
    made.story.review(made.case_id, made.package)
    return made


def test_a_finding_is_withheld_until_both_have_submitted(blind: Office) -> None:
    """What one reviewer wrote is neither listed, shown, judged nor told by the trail before that."""
    mine = blind.report("osei")
    with blind.story.acting("osei") as session:
        assert [one.finding_id for one in findings.of_case(session, blind.case_id)] == [mine.finding_id]
    with blind.story.acting("ibarra") as session:
        assert findings.of_case(session, blind.case_id) == ()
        with pytest.raises(FindingWithheld):
            findings.view(session, mine.finding_id)
        with pytest.raises(FindingWithheld):
            findings.validate(session, mine.finding_id, reason="Seen too.")
        rows = auditing.page(session, case_id=blind.case_id)
    told = "\n".join(row.body_json for row in rows if mine.finding_id in row.body_json)
    assert told
    assert VECTOR not in told
    assert "reviewer" not in told.replace("withheld", "")


def test_a_finding_is_judged_by_another_person(submitted: Office) -> None:
    """The reporter cannot validate or reject it; another reviewer can, and every change is attributed."""
    finding = submitted.report("osei", title="Judged by another")
    with submitted.story.acting("osei") as session:
        for judge in (findings.validate, findings.reject):
            with pytest.raises(OwnFinding):
                judge(session, finding.finding_id, reason="It is mine.")
    with submitted.story.acting("ibarra") as session:
        done = findings.validate(session, finding.finding_id, reason="Reproduced.")
        me = session.person.person_id
    assert done.state is FindingState.VALIDATED
    assert [(c.act, c.by == me) for c in done.history] == [
        ("report", False),
        ("score", False),
        ("validate", True),
    ]


def test_whoever_revised_a_finding_does_not_judge_it(submitted: Office) -> None:
    """A second author is an author too; only a third person could judge it."""
    finding = submitted.report("osei", title="Two authors")
    with submitted.story.acting("ibarra") as session:
        better = text(submitted.package, submitted.path, title="Two authors, better")
        findings.revise(session, finding.finding_id, better, reason="Clearer.")
        with pytest.raises(OwnFinding):
            findings.validate(session, finding.finding_id, reason="Mine now.")


def test_only_reviewers_record_and_judge(submitted: Office) -> None:
    """Officer, official, trainer, custodian and counsel are refused, and each refusal is in the trail."""
    finding = submitted.report("osei", title="Duties")
    for login_name in ("tanaka", "lindqvist", "moreau", "abara", "feld"):
        with submitted.story.acting(login_name) as session:
            with pytest.raises(NotAppointed):
                findings.validate(session, finding.finding_id, reason="x")
            with pytest.raises(NotAppointed):
                findings.note_patch(session, finding.finding_id, PatchState.NONE)
            row = auditing.page(session, limit=1)[0]
            assert (row.event, row.case_id) == ("ActRefused", submitted.case_id)


def test_the_patch_state_is_followed_and_every_state_stays_in_the_history(submitted: Office) -> None:
    """Each state with its note stands until the next one, by whom and when; none once rejected."""
    finding = submitted.report("osei", title="Patch")
    assert (finding.patch, finding.patch_note) == (PatchState.UNKNOWN, "")
    notes = [(one, f"as told of {one}") for one in PatchState]
    with submitted.story.acting("ibarra") as session:
        for state, note in notes:
            kept = findings.note_patch(session, finding.finding_id, state, note=note)
            assert (kept.patch, kept.patch_note) == (state, note)
            row = auditing.page(session, limit=1)[0]
            assert (row.event, row.case_id) == ("PatchStateNoted", submitted.case_id)
            assert f'"patch":"{state}"' in row.body_json
        told = [one.reason for one in kept.history if one.act == "patch"]
        assert told == [f"{state}: {note}" for state, note in notes]
        findings.reject(session, finding.finding_id, reason="Not reproduced.")
        with pytest.raises(FindingStepNotPossible):
            findings.note_patch(session, finding.finding_id, PatchState.NONE)


def test_the_same_place_is_proposed_as_a_duplicate_and_a_person_decides(submitted: Office) -> None:
    """Equal fingerprints are named, nothing is merged by itself, and chains of duplicates are refused."""
    first = submitted.report("osei", title="First words")
    second = submitted.report("osei", title="Other words")
    other = submitted.report("osei", title="Elsewhere", description="Other.")
    with submitted.story.acting("ibarra") as session:
        seen = findings.view(session, second.finding_id)
        assert first.finding_id in seen.resembles
        assert seen.finding.state is FindingState.REPORTED
        merged = findings.mark_duplicate(session, second.finding_id, first.finding_id, reason="The same.")
        assert merged.duplicate_of == first.finding_id
        for refused in (
            lambda: findings.mark_duplicate(session, first.finding_id, other.finding_id, reason="x"),
            lambda: findings.mark_duplicate(session, other.finding_id, second.finding_id, reason="x"),
            lambda: findings.mark_duplicate(session, other.finding_id, other.finding_id, reason="x"),
            lambda: findings.reject(session, first.finding_id, reason="x"),
        ):
            with pytest.raises(DuplicateNotPossible):
                refused()
        reopened = findings.reopen(session, second.finding_id, reason="Not the same after all.")
    assert (reopened.state, reopened.duplicate_of) == (FindingState.REPORTED, None)


def test_evidence_must_be_in_the_vault_and_vectors_must_score(submitted: Office) -> None:
    """A place in a file nobody received, or a vector that cannot be scored, leaves nothing behind."""
    with submitted.story.acting("osei") as session:
        before = len(findings.of_case(session, submitted.case_id))
        link = EvidenceLink(package_id=PackageId(submitted.package.package_id), untrusted_path="no/such")
        said = FindingText(title="t", description="d", component="c", portion_marking="(U)", evidence=(link,))
        with pytest.raises(RecordUnknown):
            findings.report(session, submitted.case_id, findings.NewFinding(text=said))
        plain = FindingText(title="t", description="d", component="c", portion_marking="(U)")
        with pytest.raises(VectorInvalid):
            findings.report(
                session, submitted.case_id, findings.NewFinding(text=plain, vectors=("CVSS:3.1/AV:N",))
            )
        assert len(findings.of_case(session, submitted.case_id)) == before


def test_a_judged_finding_is_not_rewritten(submitted: Office) -> None:
    """After validation the text stands; it is reopened first, and then judged again."""
    finding = submitted.report("osei", title="Stands")
    with submitted.story.acting("ibarra") as session:
        findings.validate(session, finding.finding_id, reason="Seen.")
    with submitted.story.acting("osei") as session:
        with pytest.raises(FindingStepNotPossible):
            findings.revise(session, finding.finding_id, finding.text, reason="x")
        reopened = findings.reopen(session, finding.finding_id, reason="One more place.")
    assert reopened.judged_by is None


def test_a_new_role_does_not_make_an_author_a_judge(submitted: Office) -> None:
    """Who reported as a reviewer and is lead since is still the author: the person counts, not the role."""
    finding = submitted.report("osei", title="New role")
    with (
        submitted.story.acting("osei") as session,
        _as_role(session, Role.LEAD_REVIEWER),
        pytest.raises(OwnFinding),
    ):
        findings.validate(session, finding.finding_id, reason="x")


def test_a_finding_above_the_marking_of_its_case_is_refused(submitted: Office) -> None:
    """A portion that the case's banner does not cover is not kept in the case."""
    with submitted.story.acting("osei") as session:
        said = FindingText(title="t", description="d", component="c", portion_marking="(S//NF)")
        with pytest.raises(MarkingBelowPortion):
            findings.report(session, submitted.case_id, findings.NewFinding(text=said))
