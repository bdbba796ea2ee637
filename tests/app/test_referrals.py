"""Referrals leave signed and verified, and an enforcement referral is read by the people named on it only."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.app.test_findings import VECTOR, Office
from tests.app.test_side_doors import _as_role
from tests.helpers.listed import listed_folder
from workstation.app import administering, auditing, clearinghouse, exporting, findings, queries, reporting
from workstation.app.clearinghouse import NewReferral
from workstation.commands.foreign import foreign_checks
from workstation.core.examination import Outcome
from workstation.core.exports import ExportState
from workstation.core.finding_errors import (
    FindingNotReferable,
    MarkingBelowPortion,
    NotTheCounsel,
    ReceiptDates,
    ReferralLimited,
    ReferralStepNotPossible,
)
from workstation.core.findings import FindingState
from workstation.core.people import DutiesConflict, NotAppointed, Role
from workstation.core.referrals import (
    LimitedReferral,
    ReceiptStanding,
    Referral,
    ReferralKind,
    ReferralState,
    ReferralText,
)
from workstation.core.values import EvidenceLink, FindingId, PersonId, ReferralId, ReportId
from workstation.core.vault_errors import CredentialsRefused
from workstation.demo.story import passphrase

SECRET = "Credential stuffing rig seen in transcript 12"


def words(**changed: object) -> ReferralText:
    """A referral's text."""
    said: dict[str, object] = {
        "title": "Code runs from a chat template",
        "recipient": "Clearinghouse (DEMO)",
        "summary": "One flaw in the submitted template.",
        "portion_marking": "(U)",
        "marking": "UNCLASSIFIED",
    }
    return ReferralText(**(said | changed))  # type: ignore[arg-type]  # each test changes one field


class Desk(Office):
    """An office whose reviewers have submitted, with one validated flaw."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.folder = folder
        self.story.review(self.case_id, self.package)
        self.finding = self.report("osei")
        with self.story.acting("ibarra") as session:
            findings.validate(session, self.finding.finding_id, reason="Reproduced.")
        with self.story.acting("feld") as session:
            self.counsel = session.person.person_id
        with self.story.acting("tanaka") as session:
            self.officer = session.person.person_id

    def draft(self, *ids: FindingId, **changed: object) -> Referral:
        """A referral of flaws by the second reviewer."""
        new = NewReferral(
            kind=ReferralKind.FLAW, text=words(**changed), finding_ids=ids or (self.finding.finding_id,)
        )
        with self.story.acting("osei") as session:
            return clearinghouse.draft(session, self.case_id, new)

    def enforcement(self, *readers: PersonId) -> Referral:
        """An enforcement referral by the second reviewer."""
        link = EvidenceLink(package_id=self.package.package_id, untrusted_path=self.path)
        text = words(
            title=SECRET, summary=SECRET, recipient=SECRET, statutes=("18 USC 1030",), evidence=(link,)
        )
        with self.story.acting("osei") as session:
            made = clearinghouse.draft(
                session,
                self.case_id,
                NewReferral(kind=ReferralKind.ENFORCEMENT, text=text, counsel=self.counsel),
            )
            for reader in readers:
                clearinghouse.name_reader(session, made.referral_id, reader)
        return made

    def sign(self, login_name: str, referral_id: ReferralId) -> Referral:
        """Sign the memo as this person."""
        with self.story.acting(login_name) as session:
            return clearinghouse.sign(session, referral_id, passphrase(), self.story.job)

    def send(self, referral: Referral) -> Path:
        """Request by the drafter, release by the officer; the export's folder."""
        assert referral.report_id is not None
        with self.story.acting("osei") as session:
            export = exporting.request(session, referral.report_id, recipient=referral.text.recipient)
        chosen = listed_folder(self.story.services, self.story.medium)
        with self.story.acting("tanaka") as session:
            done = exporting.release(session, export.export_id, chosen, passphrase(), self.story.job)
            assert done.state is ExportState.WRITTEN
            folder = self.story.medium / done.folder
            assert exporting.verify(session, folder).outcome is Outcome.ACCEPT
        return folder


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """One office for the module; every test drafts referrals of its own."""
    return Desk(tmp_path_factory.mktemp("desk"))


def test_a_referral_leaves_signed_verifies_and_is_tracked_until_its_receipt(desk: Desk) -> None:
    """Memo, data and advisory go out under both signatures; the receipt is outstanding, overdue, received."""
    referral = desk.sign("osei", desk.draft().referral_id)
    folder = desk.send(referral)
    advisory = json.loads((folder / f"{referral.referral_id.lower()}.json").read_bytes())
    assert advisory["vulnerabilities"][0]["scores"][0]["cvss_v3"]["vectorString"] == VECTOR
    assert json.loads((folder / "referral.json").read_bytes())["referral_id"] == referral.referral_id
    with desk.story.acting("tanaka") as session:
        administering.write_roots(session, desk.folder / "trust")
    assert [check.held for check in foreign_checks(folder, desk.folder / "trust")].count(False) == 0
    with desk.story.acting("osei") as session:
        sent = clearinghouse.view(session, referral.referral_id)
        assert (sent.referral.state, sent.standing) == (ReferralState.SENT, ReceiptStanding.OUTSTANDING)
        assert findings.view(session, desk.finding.finding_id).finding.state is FindingState.REFERRED
        today = session.today()
        assert sent.referral.standing(today + timedelta(days=15)) is ReceiptStanding.OVERDUE
        for wrong in (today + timedelta(days=1), today - timedelta(days=1), date(2000, 1, 1)):
            with pytest.raises(ReceiptDates):
                clearinghouse.acknowledge(session, referral.referral_id, reference="GE-1", received_on=wrong)
        clearinghouse.acknowledge(session, referral.referral_id, reference="GE-1", received_on=today)
        assert clearinghouse.view(session, referral.referral_id).standing is ReceiptStanding.RECEIVED


def test_only_validated_findings_of_the_kind_are_referred(desk: Desk) -> None:
    """A finding nobody else validated, or one that is set aside after signing, does not leave the house."""
    unjudged = desk.report("osei", title="Unjudged")
    with pytest.raises(FindingNotReferable):
        desk.draft(unjudged.finding_id)
    with desk.story.acting("ibarra") as session:
        findings.validate(session, unjudged.finding_id, reason="Seen.")
    signed = desk.sign("osei", desk.draft(unjudged.finding_id).referral_id)
    assert signed.report_id is not None
    with desk.story.acting("ibarra") as session:
        findings.reject(session, unjudged.finding_id, reason="It does not hold after all.")
    with desk.story.acting("osei") as session, pytest.raises(FindingNotReferable):
        exporting.request(session, signed.report_id, recipient="x")


def test_a_referral_is_not_rewritten_after_signing_and_not_sent_after_withdrawal(desk: Desk) -> None:
    """What was signed stays; a withdrawn referral's memo cannot be requested."""
    signed = desk.sign("osei", desk.draft().referral_id)
    assert signed.report_id is not None
    with desk.story.acting("osei") as session:
        with pytest.raises(ReferralStepNotPossible):
            clearinghouse.revise(session, signed.referral_id, words(), signed.finding_ids)
        clearinghouse.withdraw(session, signed.referral_id, reason="Sent by another office.")
        with pytest.raises(ReferralStepNotPossible):
            exporting.request(session, signed.report_id, recipient="x")


def test_a_marking_below_a_portion_is_refused(desk: Desk) -> None:
    """The banner covers the summary and every finding in it."""
    with pytest.raises(MarkingBelowPortion):
        desk.draft(portion_marking="(CUI)")


def test_an_enforcement_referral_is_read_by_named_people_only(desk: Desk) -> None:
    """Whoever is not named gets an identifier and nothing else, by whichever function."""
    referral = desk.enforcement()
    for login_name in ("ibarra", "lindqvist", "tanaka", "abara", "moreau"):
        with desk.story.acting(login_name) as session:
            listed = [
                one
                for one in clearinghouse.of_case(session, desk.case_id)
                if isinstance(one, LimitedReferral) and one.referral_id == referral.referral_id
            ]
            assert listed == [LimitedReferral(referral_id=referral.referral_id, case_id=desk.case_id)]
            for attempt in (
                lambda: clearinghouse.view(session, referral.referral_id),
                lambda: clearinghouse.preview(session, referral.referral_id),
                lambda: clearinghouse.name_reader(session, referral.referral_id, session.person.person_id),
                lambda: clearinghouse.revise(session, referral.referral_id, words()),
                lambda: clearinghouse.withdraw(session, referral.referral_id, reason="x"),
                lambda: clearinghouse.sign(session, referral.referral_id, passphrase(), desk.story.job),
            ):
                with pytest.raises(ReferralLimited):
                    attempt()
            with session.look() as work, pytest.raises(ReferralLimited):
                work.referrals.get(referral.referral_id, session.person.person_id)
            with session.work() as work, pytest.raises(ReferralLimited):
                work.referrals.get(referral.referral_id, referral.drafted_by)
    for login_name in ("osei", "feld"):
        with desk.story.acting(login_name) as session:
            assert clearinghouse.view(session, referral.referral_id).referral.text.title == SECRET


def test_the_trail_tells_that_an_enforcement_referral_exists_and_nothing_of_it(desk: Desk) -> None:
    """From draft to sending no row holds content, and readers' names are shown to the named only."""
    referral = desk.enforcement(desk.officer)
    signed = desk.sign("feld", referral.referral_id)
    folder = desk.send(signed)
    assert SECRET in (folder / "referral.json").read_text(encoding="utf-8")
    with desk.story.acting("ibarra") as session, session.look() as work:
        raw, before = [], None
        while page := work.audit.page(before=before, limit=200):
            raw += page
            before = page[-1].seq
        told = [row for row in raw if referral.referral_id in row.body_json]
        assert {"EnforcementDrafted", "ReaderNamed", "EnforcementSignedOff", "ReferralSent"} <= {
            row.event for row in told
        }
        assert [row for row in raw if SECRET in row.body_json] == []
    for login_name, is_named in (("ibarra", False), ("tanaka", True)):
        with desk.story.acting(login_name) as session:
            rows = auditing.page(session, case_id=desk.case_id, limit=500)
            named = [r for r in rows if r.event == "ReaderNamed" and referral.referral_id in r.body_json]
            assert (desk.officer in named[0].body_json) is is_named
            view = queries.case_view(session, desk.case_id)
            assert SECRET not in repr(view)


def test_the_officer_sees_and_releases_an_enforcement_export_only_when_named(desk: Desk) -> None:
    """The queue of an officer who is not named does not hold it, and releasing or returning it is refused."""
    signed = desk.sign("feld", desk.enforcement().referral_id)
    assert signed.report_id is not None
    with desk.story.acting("osei") as session:
        export = exporting.request(session, signed.report_id, recipient=SECRET)
    with desk.story.acting("ibarra") as session, pytest.raises(ReferralLimited):
        exporting.request(session, signed.report_id, recipient="me")
    chosen = listed_folder(desk.story.services, desk.story.medium)
    with desk.story.acting("tanaka") as session:
        assert export.export_id not in {w.export.export_id for w in queries.waiting_exports(session)}
        with pytest.raises(ReferralLimited):
            exporting.release(session, export.export_id, chosen, passphrase(), desk.story.job)
        with pytest.raises(ReferralLimited):
            exporting.return_request(session, export.export_id, reason="x")
    with desk.story.acting("osei") as session:
        clearinghouse.name_reader(session, signed.referral_id, desk.officer)
    with desk.story.acting("tanaka") as session:
        assert export.export_id in {w.export.export_id for w in queries.waiting_exports(session)}


def test_counsel_alone_signs_off_and_takes_no_other_part(desk: Desk) -> None:
    """Drafter and named reader cannot sign off, only counsel is named as one, and reviews nothing."""
    with desk.story.acting("ibarra") as session:
        lead = session.person.person_id
    referral = desk.enforcement(lead)
    for login_name in ("osei", "ibarra"):
        with pytest.raises(NotTheCounsel):
            desk.sign(login_name, referral.referral_id)
    text = words(statutes=("18 USC 1030",))
    with desk.story.acting("osei") as session, pytest.raises(NotTheCounsel):
        new = NewReferral(kind=ReferralKind.ENFORCEMENT, text=text, counsel=lead)
        clearinghouse.draft(session, desk.case_id, new)
    with desk.story.acting("feld") as session, pytest.raises(NotAppointed):
        findings.note_patch(session, desk.finding.finding_id, desk.finding.patch)


def test_a_reviewer_who_becomes_counsel_signs_off_nothing_of_the_case(desk: Desk) -> None:
    """What was done on the case rules out the sign-off, whatever the register says since."""
    with desk.story.acting("ibarra") as session:
        lead = session.person.person_id
        _as_role(session, Role.COUNSEL).__enter__()
    try:
        text = words(statutes=("18 USC 1343",))
        with desk.story.acting("osei") as session:
            new = NewReferral(kind=ReferralKind.ENFORCEMENT, text=text, counsel=lead)
            made = clearinghouse.draft(session, desk.case_id, new)
        with pytest.raises(DutiesConflict):
            desk.sign("ibarra", made.referral_id)
    finally:
        with desk.story.acting("ibarra") as session:
            _as_role(session, Role.LEAD_REVIEWER).__enter__()


def test_a_wrong_passphrase_signs_nothing(desk: Desk) -> None:
    """Signing asks for the passphrase again; a wrong one leaves the draft a draft."""
    referral = desk.draft()
    with desk.story.acting("osei") as session:
        with pytest.raises(CredentialsRefused):
            clearinghouse.sign(session, referral.referral_id, bytearray(b"wrong"), desk.story.job)
        assert clearinghouse.view(session, referral.referral_id).referral.state is ReferralState.DRAFT


def test_the_determination_report_never_tells_of_enforcement(desk: Desk) -> None:
    """Findings are listed by state in the report; nothing of an enforcement referral is."""
    desk.enforcement()
    desk.story.conclude(desk.case_id)
    with desk.story.acting("osei") as session:
        document, statement = reporting.compose(session, desk.case_id, ReportId("REPORT-X"))
    assert desk.finding.finding_id in repr(document)
    assert "nforcement" not in repr(document)
    assert SECRET not in repr(document)
    assert b"nforcement" not in statement
