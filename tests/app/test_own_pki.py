"""Certificates of the office's own PKI: listed, confirmed, requested, taken over, signed with, refused."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from reports.desk import Desk
from tests.helpers.foreign_pki import ForeignCa, name
from tests.helpers.listed import listed_folder
from tests.helpers.memory_signing_cards import MemorySigningCards
from tests.helpers.ready_office import office_at
from workstation.app import (
    administering,
    auditing,
    credentials,
    exporting,
    handing_over,
    own_pki,
    reporting,
)
from workstation.app.services import Session
from workstation.core.errors import Refused, WorkstationError
from workstation.core.examination import Outcome
from workstation.core.exports import ExportState
from workstation.core.people import NotAppointed
from workstation.core.pki import (
    AuthorityByOneself,
    AuthorityFingerprintDiffers,
    AuthorityKnown,
    AuthorityNotListed,
    AuthorityUnsuitable,
    CertificateForAnotherKey,
    CertificateUnsuitable,
    ListUnsuitable,
    confirm_authority,
)
from workstation.core.signature_errors import (
    CertificateExpired,
    CertificateNotYetValid,
    RevocationListUnusable,
    SignerRevoked,
    SignerUnknown,
)
from workstation.core.signing_cards import CardChoice, TypedSecrets
from workstation.demo.story import passphrase

PIN = b"735194"


def _p384() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP384R1())


class Room:
    """A case with a determination, and an agency's certification authority that the office may believe."""

    def __init__(self, folder: Path, key: Callable[[], object] = _p384) -> None:
        self.story, self.case_id = office_at("concluded", folder)
        now = self.story.services.clock.now().replace(microsecond=0)
        self.ca = ForeignCa(at=now, key=key())  # type: ignore[arg-type]  # of the kinds it knows
        self.secrets: dict[str, bytearray] = {}

    def secret(self, login: str) -> bytearray:
        """What this person types to sign."""
        kept = self.secrets.get(login, bytearray())
        return TypedSecrets(passphrase(), bytearray(kept)) if kept else passphrase()

    def believe(self, *files: bytes, crl: bytes | None = None) -> None:
        """Custodian lists, officer confirms, custodian takes the revocation list."""
        for content in files or (self.ca.pem,):
            with self.story.acting("abara") as session:
                (added,) = own_pki.add_authorities(session, content)
            with self.story.acting("tanaka") as session:
                own_pki.confirm_authority(session, added.sha384[:8], fingerprint=added.sha384.upper())
        with self.story.acting("abara") as session:
            own_pki.take_lists(session, crl or self.ca.crl())

    def requests(self, login: str) -> dict[str, bytes]:
        """Requests of one person by kind of key."""
        with self.story.acting(login) as session:
            made = own_pki.request(session, self.secret(login))
        return {key.removeprefix(f"{login}-").removesuffix(".csr.pem"): pem for key, pem in made.items()}

    def adopt(self, login: str, content: bytes, *, reason: str = "our own PKI") -> None:
        """The custodian takes it over, with the person."""
        with self.story.acting("abara") as session:
            own_pki.adopt(
                session,
                administering.person_by_login(session, login).person_id,
                content,
                reason=reason,
                custodian_passphrase=passphrase(),
                passphrase=passphrase(),
            )

    def refused(self, login: str, act: Callable[[Session], object], kind: type[WorkstationError]) -> str:
        """The act is refused as ``kind``, with a row in the trail; returns the reason, if it has one."""
        with self.story.acting(login) as session:
            with pytest.raises(kind) as caught:
                act(session)
            newest = auditing.page(session, limit=1)[0]
        assert newest.event == "ActRefused"
        assert f'"{kind.code}"' in newest.body_json
        return str(getattr(caught.value, "reason", ""))

    def refused_adopt(self, content: bytes, kind: type[WorkstationError]) -> str:
        """Taking this over for the reviewer is refused, and the certificates of before still serve."""
        with self.story.acting("abara") as session:
            person = administering.person_by_login(session, "osei").person_id
        with self.story.acting("osei") as session:
            before = own_pki.own_certificates(session)
        reason = self.refused(
            "abara",
            lambda session: own_pki.adopt(
                session,
                person,
                content,
                reason="r",
                custodian_passphrase=passphrase(),
                passphrase=passphrase(),
            ),
            kind,
        )
        with self.story.acting("osei") as session:
            assert own_pki.own_certificates(session) == before
        return reason

    def to_card(self, login: str, serial: str, *, rsa_bits: int = 0) -> None:
        """Somebody signs by card from now on, under the office's own root."""
        cards = MemorySigningCards()
        cards.insert(serial, PIN, "sign", rsa_bits=rsa_bits)
        self.story.services = replace(self.story.services, signing=Desk(demo=True, cards=cards))
        self.secrets[login] = bytearray(PIN)
        with self.story.acting("abara") as session:
            person = administering.person_by_login(session, login)
            credentials.renew_identity(
                session,
                person.person_id,
                role=person.role,
                reason="a card",
                custodian_passphrase=passphrase(),
                passphrase=passphrase(),
                card=CardChoice(pin=bytearray(PIN), serial=serial),
            )

    def export(self, folder: Path) -> Path:
        """Certified, requested, released; the folder on the medium, which both verifiers accept."""
        story = self.story
        with story.acting("osei") as session:
            report = reporting.certify(session, self.case_id, self.secret("osei"), story.job)
            export = exporting.request(session, report.report_id, recipient="Somewhere (DEMO)")
        medium = listed_folder(story.services, story.medium)
        with story.acting("tanaka") as session:
            done = exporting.release(session, export.export_id, medium, self.secret("tanaka"), story.job)
            place = Path(done.medium) / done.folder
            answer = exporting.verify(session, place)
            roots = administering.root_fingerprints(session)
            given = handing_over.write_verifier(session, folder / "roots")
        assert done.state is ExportState.WRITTEN
        assert answer.outcome is Outcome.ACCEPT, answer.problems
        assert {"root-ec.pem", "root-pki-1.pem", "crl-pki-1.pem"} <= set(given)
        assert all(root in (folder / "roots" / "FINGERPRINTS.txt").read_text() for root in roots)
        script = folder / "roots" / "verify_export.py"
        words = [word for root in roots for word in ("--root-fingerprint", root)]
        at = f"--at={int(story.services.clock.now().timestamp())}"
        command = [sys.executable, "-I", script, place, *words, "--demo", at]
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return place


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """An authority on P-384, believed by nobody yet."""
    return Room(tmp_path / "office")


def test_both_sign_under_the_agency_s_certificates(room: Room, tmp_path: Path) -> None:
    """Reviewer by software key, officer by an RSA-3072 card: requested, issued, taken over, verified."""
    room.to_card("tanaka", "CARD-O", rsa_bits=3072)
    room.believe()
    for login, who in (("osei", "OSEI.K.1"), ("tanaka", "TANAKA.J.2")):
        request = room.requests(login)["classical"]
        room.adopt(login, room.ca.issue(request, subject=name(who, "DEMO Agency")) + room.ca.pem)
    place = room.export(tmp_path)
    found = x509.load_pem_x509_certificates((place / "CERTIFICATES.pem").read_bytes())
    issuers = {one.issuer.rfc4514_string() for one in found if "TANAKA.J.2" in one.subject.rfc4514_string()}
    assert room.ca.subject.rfc4514_string() in issuers


def test_an_authority_on_rsa_is_believed_as_well(tmp_path: Path) -> None:
    """A P-384 key under an RSA-3072 authority verifies with both verifiers."""
    room = Room(tmp_path / "office", lambda: rsa.generate_private_key(65537, 3072))
    room.believe()
    room.adopt("osei", room.ca.issue(room.requests("osei")["classical"]))
    room.export(tmp_path)


def test_an_agency_that_issues_ml_dsa_replaces_the_office_s_own_root(room: Room, tmp_path: Path) -> None:
    """With both certificates from the agency nothing of the reviewer's rests on the office's own root."""
    quantum_safe = ForeignCa(
        at=room.ca.at, subject=name("DEMO PQ CA"), key=mldsa.MLDSA87PrivateKey.generate()
    )
    room.believe(room.ca.pem, quantum_safe.pem, crl=room.ca.crl() + quantum_safe.crl())
    made = room.requests("osei")
    room.adopt("osei", room.ca.issue(made["classical"]) + quantum_safe.issue(made["ml-dsa-87"]))
    with room.story.acting("osei") as session:
        issuers = [one.untrusted_issuer for one in own_pki.own_certificates(session)]
    assert [issuer.split(",")[0] for issuer in issuers] == ["CN=DEMO Agency Signing CA 7", "CN=DEMO PQ CA"]
    room.export(tmp_path)


def test_an_authority_counts_once_somebody_else_confirmed_it(room: Room) -> None:
    """Only the custodian lists, only the officer confirms, by the whole fingerprint; else it counts not."""
    pem, sha384 = room.ca.pem, room.ca.certificate.fingerprint(hashes.SHA384()).hex()
    room.refused("tanaka", lambda session: own_pki.add_authorities(session, pem), NotAppointed)
    with room.story.acting("abara") as session:
        own_pki.add_authorities(session, pem)
    with room.story.acting("abara") as session:
        own_pki.take_lists(session, room.ca.crl())
    room.refused("abara", lambda session: own_pki.add_authorities(session, pem), AuthorityKnown)
    certificate = room.ca.issue(room.requests("osei")["classical"])
    room.refused_adopt(certificate, SignerUnknown)

    def confirm(named: str, typed: str) -> Callable[[Session], object]:
        return lambda session: own_pki.confirm_authority(session, named, fingerprint=typed)

    room.refused("abara", confirm(sha384, sha384), NotAppointed)
    room.refused("tanaka", confirm(sha384[:7], sha384), AuthorityNotListed)
    room.refused("tanaka", confirm(sha384, sha384[:-1]), AuthorityFingerprintDiffers)
    with room.story.acting("tanaka") as session:
        own_pki.confirm_authority(session, sha384, fingerprint=sha384)
    room.adopt("osei", certificate)
    with room.story.acting("abara") as session:
        own_pki.withdraw_authority(session, sha384, reason="merged into another agency")
    with room.story.acting("osei") as session, pytest.raises(SignerUnknown):
        reporting.certify(session, room.case_id, passphrase(), room.story.job)


def test_whoever_lists_an_authority_does_not_confirm_it(room: Room) -> None:
    """The rule holds even for somebody with both roles."""
    with room.story.acting("abara") as session:
        (added,) = own_pki.add_authorities(session, room.ca.pem)
        with pytest.raises(AuthorityByOneself):
            confirm_authority(added, fingerprint=added.sha384, by=session.person, at=room.ca.at)


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("leaf", "may not issue"),
        ("weak", "its key"),
        ("real", "demonstrations"),
        ("ended", "not valid today"),
        ("nothing", "no certificate"),
    ],
)
def test_what_is_no_authority_is_not_listed(room: Room, what: str, reason: str) -> None:
    """A certificate that may not issue, a weak key, one past its time, and a real one in a demonstration."""
    at = room.ca.at
    content = {
        "leaf": lambda: ForeignCa(at=at, issues=False).pem,
        "weak": lambda: ForeignCa(at=at, key=ec.generate_private_key(ec.SECP256R1())).pem,
        "real": lambda: ForeignCa(at=at, subject=name("Agency CA", "Agency")).pem,
        "ended": lambda: ForeignCa(at=at - timedelta(days=400)).pem,
        "nothing": lambda: b"\x30\x03\x02\x01",
    }[what]()
    told = room.refused("abara", lambda s: own_pki.add_authorities(s, content), AuthorityUnsuitable)
    assert reason in told


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("of another", "no authority"),
        ("partial", "partial"),
        ("sha256", "SHA-384"),
        ("ended", "was due"),
        ("older", "newer one"),
        ("nothing", "no revocation list"),
    ],
)
def test_a_revocation_list_that_proves_nothing_is_not_taken(room: Room, what: str, reason: str) -> None:
    """Whatever is wrong with a list, it replaces none, and the reason is told."""
    room.believe()
    weak = replace(room.ca, digest=hashes.SHA256())
    content = {
        "of another": lambda: ForeignCa(at=room.ca.at).crl(),
        "partial": lambda: _partial(room.ca),
        "sha256": weak.crl,
        "ended": lambda: room.ca.crl(ago=timedelta(days=40)),
        "older": lambda: room.ca.crl(ago=timedelta(days=2)),
        "nothing": lambda: room.ca.pem,
    }[what]()
    assert reason in room.refused("abara", lambda s: own_pki.take_lists(s, content), ListUnsuitable)


def _partial(ca: ForeignCa) -> bytes:
    point = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ca.subject)
        .last_update(ca.at)
        .next_update(ca.at + timedelta(days=3))
        .add_extension(point, critical=True)
    )
    return builder.sign(ca.key, ca.digest).public_bytes(Encoding.PEM)


REFUSALS: dict[str, tuple[Callable[[Room, bytes], bytes], type[Refused], str]] = {
    "another key": (
        lambda room, _own: room.ca.issue(room.requests("ibarra")["classical"]),
        CertificateForAnotherKey,
        "",
    ),
    "unreadable": (
        lambda _room, _own: b"-----BEGIN CERTIFICATE-----\nAA",
        CertificateUnsuitable,
        "cannot be read",
    ),
    "an unknown authority": (lambda room, own: ForeignCa(at=room.ca.at).issue(own), SignerUnknown, ""),
    "not for signing": (
        lambda room, own: room.ca.issue(own, signs=False),
        CertificateUnsuitable,
        "key usage",
    ),
    "for servers": (
        lambda room, own: room.ca.issue(own, purpose=ExtendedKeyUsageOID.SERVER_AUTH),
        CertificateUnsuitable,
        "purposes",
    ),
    "over SHA-256": (
        lambda room, own: replace(room.ca, digest=hashes.SHA256()).issue(own),
        CertificateUnsuitable,
        "algorithms",
    ),
    "ended": (lambda room, own: room.ca.issue(own, days=0), CertificateExpired, ""),
    "before its validity": (
        lambda room, own: room.ca.issue(own, begins=timedelta(days=1)),
        CertificateNotYetValid,
        "",
    ),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_certificate_that_does_not_fit_is_not_taken_over(room: Room, case: str) -> None:
    """Each is refused by name, is in the trail, and leaves the certificates of before."""
    room.believe()
    make, kind, reason = REFUSALS[case]
    content = make(room, room.requests("osei")["classical"])
    if case == "ended":
        room.story.clock.advance(timedelta(hours=1))
    assert reason in room.refused_adopt(content, kind)


def test_a_revoked_certificate_is_neither_taken_over_nor_signed_with(room: Room) -> None:
    """The agency's list is held against it at taking over and at each signature."""
    room.believe()
    request = room.requests("osei")["classical"]
    first, second = room.ca.issue(request), room.ca.issue(request)
    with room.story.acting("abara") as session:
        own_pki.take_lists(session, room.ca.crl(first))
    room.refused_adopt(first, SignerRevoked)
    room.adopt("osei", second)
    with room.story.acting("abara") as session:
        own_pki.take_lists(session, room.ca.crl(first, second))
    with room.story.acting("osei") as session:
        with pytest.raises(SignerRevoked):
            reporting.certify(session, room.case_id, passphrase(), room.story.job)
        assert auditing.page(session, limit=1)[0].event == "SigningFailed"


def test_without_a_current_list_nothing_is_signed(room: Room) -> None:
    """A confirmed authority whose revocation list has ended signs nothing; its row says so."""
    room.believe()
    room.adopt("osei", room.ca.issue(room.requests("osei")["classical"]))
    room.story.clock.advance(timedelta(days=31))
    with room.story.acting("osei") as session:
        (row,) = own_pki.standings(session)
        assert row.list_ends_at is None
        with pytest.raises(RevocationListUnusable):
            reporting.certify(session, room.case_id, passphrase(), room.story.job)
