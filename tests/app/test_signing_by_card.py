"""Certifying and releasing by smart card through the workflows: PIN each time, each attempt in the trail."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from reports.desk import Desk
from tests.helpers.listed import listed_folder
from tests.helpers.memory_signing_cards import MemorySigningCards
from tests.helpers.ready_office import office_at
from workstation.app import administering, auditing, credentials, exporting, reporting
from workstation.app import session as sessions
from workstation.core.errors import WorkstationError
from workstation.core.examination import Outcome
from workstation.core.exports import ExportState, Report
from workstation.core.people import Role
from workstation.core.signing_cards import CardChoice, TypedSecrets
from workstation.core.values import ExportId
from workstation.core.vault_errors import PassphraseNotConfirmed
from workstation.demo.story import passphrase

PIN = b"735194"


class Room:
    """A case with a determination; reviewer and officer sign by card: P-384 the one, RSA-3072 the other."""

    def __init__(self, folder: Path) -> None:
        self.story, self.case_id = office_at("concluded", folder)
        self.cards = MemorySigningCards()
        self.story.services = replace(self.story.services, signing=Desk(demo=True, cards=self.cards))
        self.cards.insert("CARD-R", PIN, "sign")
        self.cards.insert("CARD-O", PIN, "sign", rsa_bits=3072)
        self.enrol("osei", "CARD-R")
        self.enrol("tanaka", "CARD-O")

    def enrol(self, login: str, serial: str | None) -> None:
        """Give somebody new certificates, for a card or for software keys."""
        card = None if serial is None else CardChoice(pin=bytearray(PIN), serial=serial)
        with self.story.acting("abara") as session:
            person = administering.person_by_login(session, login)
            credentials.renew_identity(
                session,
                person.person_id,
                role=person.role,
                reason="another key",
                custodian_passphrase=passphrase(),
                passphrase=passphrase(),
                card=card,
            )

    def certify(self, pin: bytes = PIN) -> Report:
        """By the reviewer."""
        with self.story.acting("osei") as session:
            return reporting.certify(session, self.case_id, typed(pin), self.story.job)

    def requested(self) -> ExportId:
        """A certified report that waits for the officer."""
        report = self.certify()
        with self.story.acting("osei") as session:
            return exporting.request(session, report.report_id, recipient="Somewhere").export_id

    def newest(self) -> tuple[str, str, str]:
        """The newest row before this look: event, case, body."""
        with self.story.acting("abara") as session:
            rows = auditing.page(session, limit=20)
        row = next(one for one in rows if one.event not in {"Unlocked", "Locked", "ClockWentBack"})
        return row.event, row.case_id, row.body_json


def typed(pin: bytes = PIN) -> TypedSecrets:
    """What is typed to sign."""
    return TypedSecrets(passphrase(), bytearray(pin))


@pytest.fixture
def room(tmp_path: Path) -> Room:
    """Both by card."""
    return Room(tmp_path)


def test_both_signatures_by_card_leave_an_export_that_verifies(room: Room) -> None:
    """The reviewer's P-384 card and the officer's RSA-3072 card sign; what lies on the medium verifies."""
    export_id = room.requested()
    medium = listed_folder(room.story.services, room.story.medium)
    secrets = typed()
    with room.story.acting("tanaka") as session:
        export = exporting.release(session, export_id, medium, secrets, room.story.job)
        answer = exporting.verify(session, Path(export.medium) / export.folder)
    assert (export.state, answer.outcome) == (ExportState.WRITTEN, Outcome.ACCEPT)
    assert {"rsa-3072-sha384", "ml-dsa-87"} <= {row.algorithm for row in answer.signatures}
    (report,) = answer.documents
    assert [row.algorithm for row in report.signatures] == ["sha384_ecdsa", "sha384_rsa"]
    assert not any(secrets.pin), "the PIN is wiped after the act"


def test_who_signs_by_card_is_asked_for_its_pin(room: Room) -> None:
    """The window and the command line learn which card to ask for; nobody else is asked."""
    with room.story.acting("osei") as session:
        assert (sessions.signing_card(session), sessions.pin_beside(session)) == ("CARD-R", "CARD-R")
    with room.story.acting("ibarra") as session:
        assert sessions.pin_beside(session) == ""
    room.enrol("osei", None)
    with room.story.acting("osei") as session:
        assert sessions.pin_beside(session) == ""
        reporting.certify(session, room.case_id, passphrase(), room.story.job)


def test_a_vault_opened_by_the_card_asks_for_its_pin_alone(room: Room) -> None:
    """Whoever came in by the card that signs types one secret: it is the PIN."""
    with room.story.acting("osei") as session:
        by_card = replace(session, vault=CameInByCard(session.vault))  # type: ignore[type-var]  # one fact more
        assert sessions.pin_beside(by_card) == ""
        with sessions.reauthenticated(by_card, bytearray(PIN)) as signer:
            assert signer.sign_classical(b"to be signed")


class CameInByCard:
    """A vault that a card opened: its PIN opens what is sealed for the person."""

    card_serial = "CARD-R"

    def __init__(self, vault: object) -> None:
        self._vault = vault

    def unseal_personal(self, person_id: str, secret: bytearray, blob: bytes) -> bytearray:
        """By the PIN, as if the card had been asked."""
        assert bytes(secret) == PIN
        opened: bytearray = self._vault.unseal_personal(person_id, passphrase(), blob)  # type: ignore[attr-defined]
        return opened

    def __getattr__(self, name: str) -> object:
        return getattr(self._vault, name)


# --- every fault is told, is a row, and leaves nothing -------------------------------------------------


def _absent(room: Room) -> bytes:
    del room.cards.inserted["CARD-R"]
    return PIN


def _wrong(_room: Room) -> bytes:
    return b"000000"


def _locked(room: Room) -> bytes:
    room.cards.inserted["CARD-R"].tries_left = 0
    return PIN


def _rekeyed(room: Room) -> bytes:
    room.cards.insert("CARD-R", PIN, "sign")
    return PIN


def _none(_room: Room) -> bytes:
    return b""


def _expired(room: Room) -> bytes:
    room.story.clock.advance(timedelta(days=4 * 365))
    return PIN


def _too_early(room: Room) -> bytes:
    room.story.clock.advance(-timedelta(days=5 * 365))
    return PIN


def _old_lists(room: Room) -> bytes:
    room.story.clock.advance(timedelta(days=70))
    return PIN


FAULTS: dict[str, tuple[Callable[[Room], bytes], str]] = {
    "card absent": (_absent, "CRD-004"),
    "wrong PIN": (_wrong, "CRD-005"),
    "PIN locked": (_locked, "CRD-006"),
    "key not on the card": (_rekeyed, "SIG-015"),
    "no PIN": (_none, "SIG-016"),
    "certificate expired": (_expired, "SIG-001"),
    "clock before validity": (_too_early, "SIG-002"),
    "old revocation list": (_old_lists, "SIG-005"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_a_row_of_the_case_and_no_report(room: Room, fault: str) -> None:
    """Refused by its own code; the trail says so about this case, by card; nothing was kept."""
    prepare, code = FAULTS[fault]
    pin = prepare(room)
    with pytest.raises(WorkstationError) as caught:
        room.certify(pin)
    assert caught.value.code == code
    event, case_id, body = room.newest()
    assert (event, case_id) == ("SigningFailed", room.case_id)
    assert f'"{code}"' in body
    assert '"CARD-R"' in body
    with room.story.acting("osei") as session, session.look() as work:
        assert list(work.releases.reports(room.case_id)) == []


def test_a_revoked_certificate_signs_nothing(room: Room) -> None:
    """The custodian revoked a card's holder: nothing is signed with it any more."""
    with room.story.acting("osei") as session, sessions.reauthenticated(session, typed()) as signer:
        der = signer.ec_certificate_der
    with room.story.acting("abara") as session:
        person = administering.person_by_login(session, "osei")
        with session.look() as work:
            known = administering.certificates(work, person.person_id)
        name = administering.CERTIFICATE.format(person.person_id, known.index(der))
        with credentials.issuing_authority(session, passphrase()) as authority, session.work() as work:
            credentials._issue_lists(session, work, authority, {name: work.now})
    with pytest.raises(WorkstationError) as caught:
        room.certify()
    assert caught.value.code == "SIG-003"
    assert '"SIG-003"' in room.newest()[2]


def test_a_card_removed_between_two_signatures_leaves_nothing_on_the_medium(room: Room) -> None:
    """The officer's card goes after the document was signed: nothing is written, the request waits."""
    export_id = room.requested()
    medium = listed_folder(room.story.services, room.story.medium)
    plain, left = room.cards.sign, [1]

    def once(serial: str, pin: bytearray, public_der: bytes, data: bytes) -> bytes | None:
        if not left[0]:
            room.cards.inserted.pop("CARD-O", None)
        left[0] -= 1
        return plain(serial, pin, public_der, data)

    room.cards.sign = once  # type: ignore[method-assign]  # pulled out in the middle
    with room.story.acting("tanaka") as session, pytest.raises(WorkstationError) as caught:
        exporting.release(session, export_id, medium, typed(), room.story.job)
    assert caught.value.code == "CRD-004"
    assert room.newest()[0] == "SigningFailed"
    assert not any(path.is_file() for path in room.story.medium.rglob("*"))
    with room.story.acting("tanaka") as session, session.look() as work:
        assert work.releases.export(export_id).state is ExportState.REQUESTED


def test_a_wrong_passphrase_never_asks_the_card(room: Room) -> None:
    """The passphrase is tried first, so that guessing it costs no try of the PIN."""
    before = room.cards.inserted["CARD-R"].tries_left
    wrong = TypedSecrets(bytearray(b"not the passphrase at all"), bytearray(b"000000"))
    with room.story.acting("osei") as session, pytest.raises(PassphraseNotConfirmed):
        reporting.certify(session, room.case_id, wrong, room.story.job)
    assert room.cards.inserted["CARD-R"].tries_left == before


def test_the_card_is_named_in_the_row_of_its_certificate(room: Room) -> None:
    """Whoever reads the trail sees whose certificate is for which card."""
    room.enrol("osei", "CARD-R")
    event, _case, body = room.newest()
    assert event == "IdentityRenewed"
    assert '"CARD-R"' in body
    assert str(Role.REVIEWER) in body
