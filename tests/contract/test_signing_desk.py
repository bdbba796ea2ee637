"""What every press and signing desk promise: the same input the same bytes, and nothing changed verifies."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from reports import render
from reports.desk import Desk
from reports.render import ReportUnmarked
from tests.helpers.memory_signing import MemoryDesk, MemoryPress
from tests.helpers.sample_report import AT, sample_report
from tests.helpers.signing_office import complete
from workstation.core.examination import Outcome
from workstation.core.report import Heading, Paragraph, ReportDocument, SignatureBlock
from workstation.core.service_ports import Press, SigningDesk
from workstation.core.signature_errors import (
    BundleIncomplete,
    CertificateNotYetValid,
    CertificationMissing,
    DocumentUnreadable,
    IdentityDamaged,
    RevocationListUnusable,
    SameSigner,
    SignatureFieldFilled,
    SignatureFieldMissing,
    SignedDocumentInvalid,
    SignerRevoked,
    SignerUnknown,
)
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, TimestamperMaterial, TrustStore

REVIEWER, OFFICER = "Reviewer", "SecurityOfficer"


def small_report(**fields: object) -> ReportDocument:
    """One heading, one paragraph, and the fields of two signatures."""
    blocks = (
        Heading(level=1, text="Determination", portion="U"),
        Paragraph(text="Text.", portion="U"),
        SignatureBlock(field_name=REVIEWER, role="Lead", name="Ann", statement="Reviewed."),
        SignatureBlock(
            field_name=OFFICER, role="Officer", name="Otto", statement="Released.", locks_document=True
        ),
    )
    return replace(sample_report(), **{"blocks": blocks, "attachments": (), **fields})


@dataclass
class Room:
    """Press and desk with an office: one authority, a reviewer, an officer, a timestamper."""

    press: Press
    desk: SigningDesk
    make_desk: Callable[..., SigningDesk]
    authority: AuthorityMaterial
    people: dict[str, IssuedIdentity]
    timestamper: TimestamperMaterial
    trust: TrustStore

    def act(self, step: str, pdf: bytes, field: str, who: str, **more: object) -> bytes:
        """``certify`` or ``release`` by somebody."""
        options = {"trust": self.trust, "at": AT, **more}
        with self.desk.signer(IssuedIdentity.unpack(self.people[who].pack())) as signer:
            return getattr(self.desk, step)(
                pdf, field=field, signer=signer, timestamper=self.timestamper, **options
            )

    def signed(self, pdf: bytes | None = None) -> bytes:
        """A report with both signatures."""
        pdf = pdf or self.press.render(small_report(), at=AT)
        return self.act("release", self.act("certify", pdf, REVIEWER, "reviewer"), OFFICER, "officer")

    def compose(self, files: dict[str, bytes], who: str = "officer", **more: object) -> dict[str, bytes]:
        """The files of an export."""
        options = {"trust": self.trust, "at": AT, "predicate": {"case": "CASE-1"}, **more}
        with self.desk.signer(IssuedIdentity.unpack(self.people[who].pack())) as signer:
            bundle = self.desk.compose(files, signer=signer, timestamper=self.timestamper, **options)
        return {
            one.name: one.content if isinstance(one.content, bytes) else one.content().read()
            for one in bundle.entries
        }


def found(make_press: Callable[[], Press], make_desk: Callable[..., SigningDesk], *, demo: bool) -> Room:
    """A new office, a day before anything is signed."""
    desk, at = make_desk(demo=demo), AT - timedelta(days=1)
    authority = desk.create_authority("Office for Tests", at=at)
    people = {
        who: desk.issue(authority, person_id=f"PER-{who}", display_name=who, role="Role", at=at)
        for who in ("reviewer", "officer")
    }
    lists = desk.revocation_lists(authority, at=at, revoked={})
    trust = TrustStore(roots_der=authority.roots_der, crls_der=lists)
    stamps = desk.issue_timestamper(authority, at=at)
    return Room(make_press(), desk, make_desk, authority, people, stamps, trust)


REAL, FAKE = (lambda: render, Desk), (MemoryPress, MemoryDesk)


@pytest.fixture(scope="module", params=[REAL, FAKE], ids=["reports", "memory"])
def room(request: pytest.FixtureRequest) -> Room:
    """Both, each with an office of its own."""
    return found(*request.param, demo=False)


@pytest.fixture(scope="module")
def signed(room: Room) -> bytes:
    """A report with both signatures."""
    return room.signed()


@pytest.fixture(scope="module")
def genuine(room: Room, signed: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export nobody touched."""
    return written(
        room, {"report.pdf": signed, "determination.json": b"{}"}, tmp_path_factory.mktemp("export")
    )


def written(room: Room, files: dict[str, bytes], folder: Path) -> Path:
    """An export on a medium."""
    for name, content in room.compose(files).items():
        (folder / name).write_bytes(content)
    complete(folder)
    return folder


# --- the press -------------------------------------------------------------------------------------


def test_the_same_input_gives_the_same_bytes(room: Room) -> None:
    """A document drawn twice is one file; another word or another moment is another."""
    drawn = room.press.render(small_report(), at=AT)
    assert room.press.render(small_report(), at=AT) == drawn
    assert room.press.render(small_report(title="Another"), at=AT) != drawn
    assert room.press.render(small_report(), at=AT + timedelta(seconds=1)) != drawn
    assert drawn.startswith(b"%PDF-")


def test_what_cannot_be_marked_or_dated_is_not_drawn(room: Room) -> None:
    """Neither a document without a banner nor a moment without a zone is drawn."""
    with pytest.raises(ReportUnmarked):
        room.press.render(small_report(marking=" "), at=AT)
    with pytest.raises(ValueError, match="2027"):
        room.press.render(small_report(), at=datetime(2027, 3, 22))


# --- identities ------------------------------------------------------------------------------------


def test_an_identity_signs_until_its_block_ends(room: Room) -> None:
    """An identity is wiped when it is handed over, and signs only inside the block."""
    identity = IssuedIdentity.unpack(room.people["reviewer"].pack())
    with room.desk.signer(identity) as signer:
        assert (signer.person_id, signer.display_name) == ("PER-reviewer", "reviewer")
        assert not any(identity.ec_key_der)
        assert not any(identity.pq_key_der)
        assert signer.sign_classical(b"x")
        assert signer.sign_pq(b"x")
    for sign in (signer.sign_classical, signer.sign_pq):
        with pytest.raises(IdentityDamaged):
            sign(b"x")


def test_a_key_of_another_certificate_does_not_sign(room: Room) -> None:
    """Keys and certificates of two people are not one identity."""
    mixed = replace(
        IssuedIdentity.unpack(room.people["reviewer"].pack()),
        ec_key_der=bytearray(room.people["officer"].ec_key_der),
    )
    with pytest.raises(IdentityDamaged), room.desk.signer(mixed):
        pass


def test_everybody_gets_keys_of_their_own(room: Room) -> None:
    """No two people, and no two issues to one person, share a key or a certificate."""
    again = room.desk.issue(
        room.authority, person_id="PER-reviewer", display_name="reviewer", role="Role", at=AT
    )
    issued = [*room.people.values(), again]
    keys = [bytes(key) for one in issued for key in (one.ec_key_der, one.pq_key_der)]
    assert len(set(keys)) == 6
    assert len({one.ec_certificate_der for one in issued}) == 3


def test_lists_say_when_they_end(room: Room) -> None:
    """A revocation list is good for a while, and until when is known; one for each root."""
    lists = room.desk.revocation_lists(room.authority, at=AT, revoked={})
    assert len(lists) == len(room.authority.roots_der)
    assert AT + timedelta(days=30) <= room.desk.lists_end_at(lists)
    assert room.desk.lists_end_at([*lists, *room.trust.crls_der]) == room.desk.lists_end_at(
        room.trust.crls_der
    )


# --- documents -------------------------------------------------------------------------------------


def test_the_officer_signs_last_and_another_person(room: Room) -> None:
    """No release before the certification, none by the reviewer, none into a field that locks nothing."""
    pdf = room.press.render(small_report(), at=AT)
    with pytest.raises(CertificationMissing):
        room.act("release", pdf, OFFICER, "officer")
    certified = room.act("certify", pdf, REVIEWER, "reviewer")
    with pytest.raises(SameSigner):
        room.act("release", certified, OFFICER, "reviewer")
    bare = small_report(blocks=(*small_report().blocks[:3], replace(_lock(), locks_document=False)))
    unlocked = room.act("certify", room.press.render(bare, at=AT), REVIEWER, "reviewer")
    with pytest.raises(SignatureFieldMissing):
        room.act("release", unlocked, OFFICER, "officer")


def _lock() -> SignatureBlock:
    block = small_report().blocks[3]
    assert isinstance(block, SignatureBlock)
    return block


def test_a_field_takes_one_signature_and_must_be_there(room: Room, signed: bytes) -> None:
    """A field that is filled or that the document does not have is refused by name."""
    certified = room.act("certify", room.press.render(small_report(), at=AT), REVIEWER, "reviewer")
    for document, field, error in (
        (certified, "Nobody", SignatureFieldMissing),
        (signed, OFFICER, SignatureFieldFilled),
    ):
        with pytest.raises(error) as caught:
            room.act("release", document, field, "officer")
        assert caught.value.field_name == field


def test_what_is_no_document_or_is_signed_is_not_certified(room: Room) -> None:
    """Rubbish, nothing, and a document that already carries a signature cannot be certified."""
    pdf = room.press.render(small_report(), at=AT)
    other = room.act("certify", pdf, OFFICER, "officer")
    for document in (b"", b"rubbish", other):
        with pytest.raises(DocumentUnreadable):
            room.act("certify", document, REVIEWER, "reviewer")


def test_a_document_changed_after_the_review_is_not_released(room: Room) -> None:
    """One byte that changed between the two signatures stops the second."""
    certified = bytearray(room.act("certify", room.press.render(small_report(), at=AT), REVIEWER, "reviewer"))
    at = certified.index(b"2027")
    certified[at] ^= 1
    with pytest.raises((SignedDocumentInvalid, DocumentUnreadable)):
        room.act("release", bytes(certified), OFFICER, "officer")


def test_only_usable_identities_sign(room: Room) -> None:
    """Before its time, revoked, unknown to the roots, or without a current list nobody signs."""
    pdf = room.press.render(small_report(), at=AT)
    gone = room.desk.revocation_lists(
        room.authority, at=AT, revoked={room.people["reviewer"].ec_certificate_der: AT}
    )
    stranger = room.make_desk(demo=False).create_authority("Another", at=AT)
    other_lists = room.desk.revocation_lists(stranger, at=AT, revoked={})
    others = TrustStore(roots_der=stranger.roots_der, crls_der=other_lists)
    cases: list[tuple[type[Exception], dict[str, object]]] = [
        (CertificateNotYetValid, {"at": AT - timedelta(days=30)}),
        (SignerRevoked, {"trust": room.trust.with_crls(gone)}),
        (SignerUnknown, {"trust": others}),
        (RevocationListUnusable, {"trust": replace(room.trust, crls_der=())}),
        (RevocationListUnusable, {"at": AT + timedelta(days=200)}),
    ]
    for error, options in cases:
        with pytest.raises(error):
            room.act("certify", pdf, REVIEWER, "reviewer", **options)
    with pytest.raises(SignerUnknown):
        room.compose({"report.pdf": room.signed()}, trust=others)


# --- exports ---------------------------------------------------------------------------------------


def test_an_export_lists_its_files_for_everybody(room: Room, signed: bytes) -> None:
    """``SHA384SUMS`` names each file of the workflow with its digest, as ``sha384sum`` writes it."""
    content = room.compose({"report.pdf": signed, "determination.json": b"{}"})
    lines = content["SHA384SUMS"].decode().splitlines()
    for name in ("report.pdf", "determination.json"):
        assert f"{hashlib.sha384(content[name]).hexdigest()}  {name}" in lines


def test_an_untouched_export_verifies(room: Room, genuine: Path) -> None:
    """Every file is as signed, and what the workflow stated is there again."""
    answer = room.desk.verify_export(genuine, room.trust, at=AT)
    assert (answer.outcome, answer.problems, answer.demo) == (Outcome.ACCEPT, (), False)
    assert {file.state for file in answer.files if file.path in {"report.pdf", "determination.json"}} == {
        "as-signed"
    }
    assert answer.predicate["export"] == {"case": "CASE-1"}


def test_any_changed_missing_or_added_file_is_refused_by_name(
    room: Room, genuine: Path, tmp_path: Path
) -> None:
    """Each file of an export in turn: one byte changed, taken away; and one more beside them."""
    names = sorted(path.name for path in genuine.iterdir())
    for number, name in enumerate([name for name in names if name != "COMPLETE"] * 2):
        folder = shutil.copytree(genuine, tmp_path / str(number))
        content = (folder / name).read_bytes()
        (folder / name).unlink()
        if number < len(names) - 1:
            at = len(content) // 2
            (folder / name).write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        answer = room.desk.verify_export(folder, room.trust, at=AT)
        assert answer.outcome is Outcome.REJECT, (number, name)
        assert name in {problem.path.partition("#")[0] for problem in answer.problems}, (number, name)
    added = shutil.copytree(genuine, tmp_path / "added")
    (added / "autorun.inf").write_bytes(b"x")
    assert "autorun.inf" in {one.path for one in room.desk.verify_export(added, room.trust, at=AT).problems}


def test_the_report_of_another_export_is_refused_by_name(room: Room, genuine: Path, tmp_path: Path) -> None:
    """A genuine report of the same office in the place of this one does not verify here."""
    other = room.signed(room.press.render(small_report(title="Another"), at=AT))
    folder = shutil.copytree(genuine, tmp_path / "swapped")
    (folder / "report.pdf").write_bytes(other)
    answer = room.desk.verify_export(folder, room.trust, at=AT)
    assert answer.outcome is Outcome.REJECT
    assert "report.pdf" in {problem.path.partition("#")[0] for problem in answer.problems}


def test_strangers_and_the_revoked_are_refused(room: Room, genuine: Path) -> None:
    """An export verifies only by its own office's roots, and not once its signer was revoked before."""
    stranger = found(lambda: room.press, room.make_desk, demo=False)
    assert room.desk.verify_export(genuine, stranger.trust, at=AT).outcome is Outcome.REJECT
    officer = room.people["officer"]
    gone = dict.fromkeys((officer.ec_certificate_der, officer.pq_certificate_der), AT - timedelta(hours=1))
    lists = room.desk.revocation_lists(room.authority, at=AT, revoked=gone)
    revoked = room.desk.verify_export(genuine, room.trust.with_crls(lists), at=AT)
    assert revoked.outcome is Outcome.REJECT
    assert "EXP-110" in {problem.code for problem in revoked.problems}


def test_a_missing_marker_is_said_and_refuses_nothing(room: Room, genuine: Path, tmp_path: Path) -> None:
    """A copy that was never completed verifies with a warning that says so."""
    folder = shutil.copytree(genuine, tmp_path / "copy")
    (folder / "COMPLETE").unlink()
    answer = room.desk.verify_export(folder, room.trust, at=AT)
    assert (answer.outcome, [one.path for one in answer.problems]) == (Outcome.WARN, ["COMPLETE"])


def test_a_demonstration_never_verifies_as_real(room: Room, tmp_path: Path) -> None:
    """What a demonstration desk signed is refused by a real one, and accepted, named as such, by its own."""
    demo = found(lambda: room.press, room.make_desk, demo=True)
    folder = written(demo, {"report.pdf": demo.signed()}, tmp_path)
    own = demo.desk.verify_export(folder, demo.trust, at=AT)
    assert (own.outcome, own.demo) == (Outcome.ACCEPT, True)
    real = room.desk.verify_export(folder, demo.trust, at=AT)
    assert real.outcome is Outcome.REJECT
    assert "EXP-116" in {problem.code for problem in real.problems}


def test_an_export_needs_a_report_signed_by_both(room: Room, signed: bytes) -> None:
    """Without the report, or with one that nobody signed or somebody changed, nothing is composed."""
    with pytest.raises(BundleIncomplete):
        room.compose({"determination.json": b"{}"})
    changed = bytearray(signed)
    changed[changed.index(b"2027")] ^= 1
    for report in (room.press.render(small_report(), at=AT), bytes(changed)):
        with pytest.raises(SignedDocumentInvalid):
            room.compose({"report.pdf": report})
