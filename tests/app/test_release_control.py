"""What a release goes by: listed media, labels, recipients, demands, receipts; each refusal is told."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import mlkem
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from storage.media_table import Machine, Mount
from storage.removable import RemovableMedia
from storage.unit_of_work import SavedWithoutEvent
from tests.helpers.listed import listed_folder
from tests.helpers.memory_media import MemoryMedia, MemoryStick
from tests.helpers.pdf_structure import pdf_text
from tests.helpers.ready_office import office_at
from workstation.app import auditing, exporting, release_lists, release_sheet, reporting
from workstation.app.services import Session
from workstation.core import events
from workstation.core.errors import Refused
from workstation.core.exports import Export, ExportState
from workstation.core.jobs import JobControl
from workstation.core.media_errors import MediumExchanged, MediumGone
from workstation.core.people import NotAppointed
from workstation.core.release_control import (
    FingerprintDiffers,
    LabelDiffers,
    MediumAlreadyListed,
    MediumNotEncrypted,
    MediumNotListed,
    MediumUnrecognisable,
    NotOnTheList,
    ReceiptDateInvalid,
    ReceiptNotDue,
    RecipientExists,
    RecipientNotConfirmed,
    ReleasePolicy,
    SealingRequired,
    SheetNotDue,
    SheetNotWritten,
)
from workstation.core.values import CaseId
from workstation.demo.story import Story, passphrase


@pytest.fixture
def asked(tmp_path: Path) -> tuple[Story, CaseId, Export]:
    """A request that waits for the officer."""
    story, case_id = office_at("concluded", tmp_path)
    with story.acting("osei") as session:
        report = reporting.certify(session, case_id, passphrase(), story.job)
        return story, case_id, exporting.request(session, report.report_id, recipient="The Director (DEMO)")


def refused(session: Session, export: Export, chosen: exporting.Release, kind: type[Refused]) -> None:
    """The release is refused as ``kind`` before anything is signed, and the trail tells it."""
    with pytest.raises(kind):
        exporting.release(session, export.export_id, chosen, passphrase(), JobControl())
    newest = auditing.page(session, limit=1)[0]
    assert (newest.event, newest.case_id) == ("ActRefused", export.case_id)
    assert f'"{kind.code}"' in newest.body_json
    with session.look() as work:
        assert work.releases.export(export.export_id).state is ExportState.REQUESTED


def test_an_unlisted_or_withdrawn_medium_is_refused(
    asked: tuple[Story, CaseId, Export], tmp_path: Path
) -> None:
    """Neither a medium on no list nor one out of use is written to, however it is marked."""
    story, _case_id, export = asked
    medium = story.services.media.folder_medium(str(story.medium))
    chosen = exporting.Release(medium=medium, medium_marking="UNCLASSIFIED")
    with story.acting("tanaka") as session:
        refused(session, export, chosen, MediumNotListed)
    story.list_medium(story.medium, name="M-1")
    with story.acting("abara") as session:
        release_lists.withdraw_medium(session, "M-1", reason="lost")
        with pytest.raises(MediumAlreadyListed):
            release_lists.add_medium(session, medium, name="m-1", marking="UNCLASSIFIED")
        with pytest.raises(NotOnTheList):
            release_lists.withdraw_medium(session, "M-1", reason="again")
    with story.acting("tanaka") as session:
        refused(session, export, chosen, MediumNotListed)
    assert list(story.medium.iterdir()) == []


def test_the_label_in_the_hand_must_be_the_medium_in_the_slot(asked: tuple[Story, CaseId, Export]) -> None:
    """A marking other than the listed one is refused even where it would cover the report."""
    story, _case_id, export = asked
    chosen = listed_folder(story.services, story.medium)
    with story.acting("tanaka") as session:
        refused(session, export, replace(chosen, medium_marking="SECRET//NOFORN"), LabelDiffers)


def test_who_releases_lists_nothing_and_who_lists_releases_nothing(
    asked: tuple[Story, CaseId, Export],
) -> None:
    """The officer cannot list a medium or a recipient, the custodian cannot release or confirm."""
    story, _case_id, export = asked
    medium = story.services.media.folder_medium(str(story.medium))
    chosen = exporting.Release(medium=medium, medium_marking="UNCLASSIFIED")
    with story.acting("tanaka") as session:
        with pytest.raises(NotAppointed):
            release_lists.add_medium(session, medium, name="M-1", marking="UNCLASSIFIED")
        with pytest.raises(NotAppointed):
            release_lists.add_recipient(session, name="Me", key_pem=_pem())
        with pytest.raises(NotAppointed):
            release_lists.set_policy(session, ReleasePolicy())
    with story.acting("abara") as session:
        release_lists.add_medium(session, medium, name="M-1", marking="UNCLASSIFIED")
        release_lists.add_recipient(session, name="Director", key_pem=_pem())
        with pytest.raises(NotAppointed):
            release_lists.confirm_recipient(session, "Director", fingerprint="")
        refused(session, export, chosen, NotAppointed)


def test_no_direct_write_changes_what_may_leave_or_whom_to_believe(
    asked: tuple[Story, CaseId, Export],
) -> None:
    """Lists, policy and roots written past their workflows do not commit without their keeper's event."""
    story, _case_id, export = asked
    begun = events.ReleaseBegun(case_id=export.case_id, export_id=export.export_id)
    confirmed = events.RecipientConfirmed(name="x", fingerprint="x")
    kept = ["release/media", "release/policy", "release/recipients", "content/trust", "signing/root/0"]
    kept += ["signing/crl/0", "signing/pki/authorities", "signing/pki/lists"]
    with story.acting("tanaka") as session:
        for name, event in (*((one, begun) for one in kept), ("release/media", confirmed)):
            with pytest.raises(SavedWithoutEvent), session.work() as work:
                work.put_blob(name, b"[]")
                work.record(event)
        with session.work() as work:
            work.put_blob("release/recipients", b"[]")
            work.record(confirmed)


def test_what_the_office_demands_is_demanded_of_every_release(asked: tuple[Story, CaseId, Export]) -> None:
    """Encrypted media only, sealed exports only: each is refused with what is missing."""
    story, _case_id, export = asked
    chosen = listed_folder(story.services, story.medium)
    for policy, kind in (
        (ReleasePolicy(encrypted_media_only=True), MediumNotEncrypted),
        (ReleasePolicy(sealed_only=True), SealingRequired),
    ):
        with story.acting("abara") as session:
            release_lists.set_policy(session, policy)
        with story.acting("tanaka") as session:
            refused(session, export, chosen, kind)
    with story.acting("abara") as session:
        release_lists.set_policy(session, ReleasePolicy(encrypted_media_only=True))
    story.services = replace(story.services, media=RemovableMedia(machine=_Encrypting()))
    chosen = listed_folder(story.services, story.medium)
    with story.acting("tanaka") as session:
        done = exporting.release(session, export.export_id, chosen, passphrase(), story.job)
    assert done.state is ExportState.WRITTEN


class _Encrypting(Machine):
    """A computer that finds dm-crypt under every file system."""

    def is_encrypted(self, mount: Mount) -> bool:
        """As on a stick that was unlocked."""
        return bool(mount.folder)


@pytest.mark.parametrize(
    "claimed",
    [
        {"encrypted": True},
        {"device_number": 1},
        {"file_system": "another"},
        {"medium_id": "0:1:another", "device": "/dev/another"},
    ],
    ids=lambda claimed: next(iter(claimed)),
)
def test_a_medium_that_is_not_what_was_chosen_is_written_nothing(
    asked: tuple[Story, CaseId, Export], claimed: dict[str, object]
) -> None:
    """What is in the slot right before the copy must be the chosen medium in all its identity."""
    story, _case_id, export = asked
    chosen = listed_folder(story.services, story.medium)
    medium = replace(chosen.medium, **claimed)  # type: ignore[arg-type]  # fields by name, from the table
    with story.acting("tanaka") as session:
        with pytest.raises((MediumExchanged, MediumGone)):
            exporting.release(
                session, export.export_id, replace(chosen, medium=medium), passphrase(), story.job
            )
        newest = auditing.page(session, limit=1)[0]
        with session.look() as work:
            kept = work.releases.export(export.export_id)
    assert kept.state is ExportState.FAILED
    assert newest.event == "ExportWritten"
    assert list(story.medium.iterdir()) == []


def _pem() -> bytes:
    public = mlkem.MLKEM1024PrivateKey.generate().public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def test_nothing_is_sealed_to_a_key_nobody_confirmed(asked: tuple[Story, CaseId, Export]) -> None:
    """An unknown, an unconfirmed and a withdrawn recipient are refused; a wrong fingerprint confirms none."""
    story, _case_id, export = asked
    chosen = listed_folder(story.services, story.medium)
    pem = _pem()
    with story.acting("abara") as session:
        added = release_lists.add_recipient(session, name="Director", key_pem=pem)
        with pytest.raises(RecipientExists):
            release_lists.add_recipient(session, name="Another name", key_pem=pem)
    with story.acting("tanaka") as session:
        refused(session, export, replace(chosen, sealed_to=("Nobody",)), NotOnTheList)
        refused(session, export, replace(chosen, sealed_to=("Director",)), RecipientNotConfirmed)
        with pytest.raises(FingerprintDiffers):
            release_lists.confirm_recipient(session, "Director", fingerprint="0" * 96)
        release_lists.confirm_recipient(session, "Director", fingerprint=added.fingerprint.upper())
    with story.acting("abara") as session:
        release_lists.withdraw_recipient(session, "Director")
    with story.acting("tanaka") as session:
        refused(session, export, replace(chosen, sealed_to=("Director",)), NotOnTheList)


def test_a_medium_without_an_identity_is_not_listed(asked: tuple[Story, CaseId, Export]) -> None:
    """What cannot be known again is on no list."""
    story, _case_id, _export = asked
    stick = MemoryStick(folder="/media/a", known=False)
    with story.acting("abara") as session:
        session.services = replace(session.services, media=MemoryMedia(stick))
        with pytest.raises(MediumUnrecognisable):
            release_lists.add_medium(session, stick.medium, name="M-9", marking="UNCLASSIFIED")


def test_the_sheet_and_the_receipt_follow_the_writing(
    asked: tuple[Story, CaseId, Export], tmp_path: Path
) -> None:
    """No label or receipt before the writing; afterwards one sheet to print, and one receipt to record."""
    story, _case_id, export = asked
    chosen = listed_folder(story.services, story.medium)
    out = tmp_path / "printed.pdf"
    with story.acting("tanaka") as session:
        today = session.today()
        with pytest.raises(SheetNotDue):
            release_sheet.write_sheet(session, export.export_id, out)
        with pytest.raises(ReceiptNotDue):
            exporting.record_receipt(session, export.export_id, received_by="D", received_on=today)
        done = exporting.release(session, export.export_id, chosen, passphrase(), story.job)
        release_sheet.write_sheet(session, export.export_id, out)
        with pytest.raises(SheetNotWritten):
            release_sheet.write_sheet(session, export.export_id, out)
        told = " ".join(pdf_text(out.read_bytes()).split())
        for words in (done.medium_name, done.manifest_sha384[:40], "Custody receipt", f"{done.file_count}, "):
            assert words in told
        for day in (today - timedelta(days=1), today + timedelta(days=1)):
            with pytest.raises(ReceiptDateInvalid):
                exporting.record_receipt(session, export.export_id, received_by="D", received_on=day)
        kept = exporting.record_receipt(session, export.export_id, received_by="D. E.", received_on=today)
        assert kept.receipt is not None
        assert auditing.page(session, limit=1)[0].event == "CustodyReceiptRecorded"
        with pytest.raises(ReceiptNotDue):
            exporting.record_receipt(session, export.export_id, received_by="D", received_on=today)
