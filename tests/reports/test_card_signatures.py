"""Signing by smart card: both signatures, either key, every fault by its own name and nothing given out."""

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reports.authority import crls, serials
from reports.desk import Desk
from storage.vault.card_signatures import Pkcs11SigningCards
from tests.helpers import soft_cards
from tests.helpers.card_room import PIN, Cards, enrolled
from tests.helpers.signing_office import (
    OFFICER_FIELD,
    SIGNED,
    Office,
    complete,
    found_office,
    this_machine_s_clock,
)
from workstation.core.cards import (
    CardAbsent,
    CardKeyMissing,
    CardModuleMissing,
    CardPinLocked,
    CardPinWrong,
)
from workstation.core.errors import WorkstationError
from workstation.core.examination import Outcome
from workstation.core.signature_errors import (
    CardKeyUnsuitable,
    CardSignatureWrong,
    CertificateExpired,
    CertificateNotOnCard,
    CertificateNotYetValid,
    PinNeeded,
    RevocationListUnusable,
    SignerRevoked,
    SignerUnknown,
)
from workstation.core.signatures import IssuedIdentity, TrustStore
from workstation.core.signing_cards import CardChoice, SigningCard
from workstation.core.verifications import Bundle

pytestmark = pytest.mark.skipif(
    not soft_cards.module(), reason="SoftHSM (libsofthsm2.so, softhsm2-util) is not installed"
)


@pytest.fixture(scope="module")
def room() -> Cards:
    """Two people, each with a card of their own."""
    desk = Desk(demo=False, cards=Pkcs11SigningCards(soft_cards.module()))
    made = Cards(office=found_office(), desk=desk, cards={}, people={})
    for who, kind in (("reviewer", "p384"), ("officer", "rsa")):
        made.cards[who] = soft_cards.new_card(f"card-{who}")
        soft_cards.add_key(made.cards[who], kind)
        made.people[who] = enrolled(made, who, made.cards[who])
    return made


@pytest.fixture
def pulled(room: Cards) -> Iterator[Cards]:
    """Whatever is pulled out in the test is inserted again after it."""
    yield room
    for card in room.cards.values():
        if not card.folder.exists():
            card.insert()


def _written(bundle: Bundle, folder: Path) -> Path:
    folder.mkdir()
    for entry in bundle.entries:
        assert isinstance(entry.content, bytes)
        (folder / entry.name).write_bytes(entry.content)
    complete(folder)
    return folder


def test_both_signatures_by_card_verify_with_our_own_verifiers(
    room: Cards, tmp_path: Path, verifier: object
) -> None:
    """P-384 and RSA-3072 on cards, ML-DSA-87 beside them: both verifiers accept, and name the algorithms."""
    folder = _written(room.bundle(room.released(room.certified())), tmp_path / "export")
    answer = room.desk.verify_export(folder, room.office.trust, at=SIGNED)
    assert (answer.outcome, answer.problems) == (Outcome.ACCEPT, ())
    found = {(row.kind, row.algorithm) for row in answer.signatures}
    assert {("dsse", "rsa-3072-sha384"), ("dsse", "ml-dsa-87"), ("cms", "rsa-3072-sha384")} <= found
    (report,) = answer.documents
    assert [row.person_id for row in report.signatures] == ["PER-reviewer", "PER-officer"]
    assert report.unchanged
    alone = verifier.Verification(  # type: ignore[attr-defined]  # a module loaded from its file
        str(folder), set(answer.roots_sha384), set(), int(SIGNED.timestamp()), demo_allowed=False
    )
    assert alone.run([]) == "accept", alone.problems


def test_either_card_takes_either_place(room: Cards) -> None:
    """The officer may sign with P-384 and the reviewer with RSA-3072 as well."""
    room.people["second"] = enrolled(room, "second", room.cards["officer"])
    swapped = room.released(room.certified(who="second"), who="reviewer")
    answer = room.desk.verify_pdf(swapped, room.office.trust, at=SIGNED)
    assert (answer.outcome, answer.unchanged) == (Outcome.ACCEPT, True)


def test_a_card_signs_beside_a_software_identity(room: Cards, office: Office) -> None:
    """The reviewer's card and the officer's software identity meet in one document."""
    identity = room.office.officer
    with room.office.sign_as(identity) as signer:
        signed = room.desk.release(
            room.certified(),
            field=OFFICER_FIELD,
            signer=signer,
            trust=room.office.trust,
            timestamper=room.office.timestamper,
            at=SIGNED,
        )
    assert room.desk.verify_pdf(signed, room.office.trust, at=SIGNED).unchanged


def test_tools_that_are_not_ours_verify_what_cards_signed(room: Cards, tmp_path: Path) -> None:
    """``pdfsig`` says "Total document signed" last and ``openssl cms`` verifies P-384 and RSA of cards."""
    office = found_office(at=this_machine_s_clock(tmp_path) - timedelta(days=1))
    live = Cards(office=office, desk=room.desk, cards=room.cards, people={})
    at = this_machine_s_clock(tmp_path)
    for who, card in room.cards.items():
        live.people[who] = room.desk.issue_for_card(
            office.authority,
            person_id=f"PER-{who}",
            display_name=who,
            role="Role",
            card=CardChoice(pin=bytearray(PIN), serial=card.serial),
            at=at - timedelta(hours=1),
        )
    pdf = live.released(live.certified(at=at), at=at)
    for who in ("officer", "reviewer"):
        swapped = live.released(live.certified(who="officer", at=at), who="reviewer", at=at)
        bundle = live.bundle(pdf if who == "officer" else swapped, who=who, at=at)
        folder = _written(bundle, tmp_path / who)
        _openssl_accepts(folder, office, tmp_path)
    (tmp_path / "report.pdf").write_bytes(pdf)
    told = _pdfsig(tmp_path, office)
    assert told.count("Signature is Valid.") == told.count("Certificate is Trusted.") == 2
    assert "Total document signed" in told.split("Signature #2")[1]


def _openssl_accepts(folder: Path, office: Office, scratch: Path) -> None:
    roots = scratch / "ec.pem"
    root = x509.load_der_x509_certificate(office.authority.ec_certificate_der).public_bytes(Encoding.PEM)
    roots.write_bytes(root + (folder / "REVOCATION-EC.pem").read_bytes())
    words = [
        *("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", str(folder / "SHA384SUMS.ec.p7s")),
        *("-content", str(folder / "SHA384SUMS"), "-CAfile", str(roots), "-crl_check"),
        *("-purpose", "any", "-out", "/dev/null"),
    ]
    subprocess.run(words, check=True, capture_output=True)
    subprocess.run(["sha384sum", "-c", "SHA384SUMS"], cwd=folder, check=True, capture_output=True)


def _pdfsig(folder: Path, office: Office) -> str:
    root = x509.load_der_x509_certificate(office.authority.ec_certificate_der).public_bytes(Encoding.PEM)
    (folder / "root.pem").write_bytes(root)
    (folder / "nss").mkdir()
    store = f"sql:{folder / 'nss'}"
    for words in (
        ["certutil", "-N", "-d", store, "--empty-password"],
        ["certutil", "-A", "-d", store, "-n", "root", "-t", "CT,C,C", "-i", str(folder / "root.pem")],
    ):
        subprocess.run(words, check=True, capture_output=True)
    words = ["pdfsig", "-nssdir", str(folder / "nss"), "-no-ocsp", str(folder / "report.pdf")]
    return subprocess.run(words, check=True, capture_output=True, text=True).stdout


# --- what goes wrong ---------------------------------------------------------------------------------


def test_an_absent_card_signs_nothing(pulled: Cards) -> None:
    """No card in the reader: refused, naming the card."""
    serial = pulled.cards["reviewer"].serial
    pulled.cards["reviewer"].pull_out()
    with pytest.raises(CardAbsent) as caught:
        pulled.certified()
    assert caught.value.serial == serial


def test_a_card_removed_between_the_two_signatures_ends_it(pulled: Cards) -> None:
    """Document signed, card gone before the manifest: nothing of the export comes out."""
    signed = pulled.released(pulled.certified())
    pulled.cards["officer"].pull_out()
    with pytest.raises(CardAbsent):
        pulled.bundle(signed)


class _PulledAfter(Pkcs11SigningCards):
    """Readers from which the card is pulled after so many signatures."""

    def __init__(self, card: soft_cards.SoftCard, left: int) -> None:
        super().__init__(soft_cards.module())
        self._card, self._left = card, left

    def sign(self, serial: str, pin: bytearray, public_der: bytes, data: bytes) -> bytes | None:
        signature = super().sign(serial, pin, public_der, data)
        self._left -= 1
        if self._left == 0:
            self._card.pull_out()
        return signature


def test_a_card_removed_between_manifest_and_statement_ends_it(pulled: Cards) -> None:
    """The manifest is signed, the statement not: the export is not given out in part."""
    signed = pulled.released(pulled.certified())
    desk = Desk(demo=False, cards=_PulledAfter(pulled.cards["officer"], 1))
    with pytest.raises(CardAbsent):
        pulled.bundle(signed, desk=desk)


def test_a_wrong_pin_signs_nothing(room: Cards) -> None:
    """The card refuses the PIN; with the right one it signs again."""
    with pytest.raises(CardPinWrong):
        room.certified(pin=b"000000")
    assert room.certified()


def test_a_missing_pin_is_told_as_such(room: Cards) -> None:
    """An identity on a card does not sign by passphrase alone."""
    with pytest.raises(PinNeeded) as caught, room.signer("reviewer", b""):
        pass
    assert caught.value.serial == room.cards["reviewer"].serial


def test_a_locked_pin_is_told_as_such(room: Cards, monkeypatch: pytest.MonkeyPatch) -> None:
    """A card that says its PIN is locked (SoftHSM never does) ends in the sentence for it."""
    import pkcs11

    def locked(*_pin: object, **_named: object) -> None:
        raise pkcs11.exceptions.PinLocked

    cards = Pkcs11SigningCards(soft_cards.module())
    serial = room.cards["reviewer"].serial
    token = next(one for one in cards._inserted() if bytes(one.serial).decode().strip() == serial)
    facade = type("Token", (), {"open": staticmethod(locked), "flags": token.flags, "serial": token.serial})
    monkeypatch.setattr(cards, "_token", lambda _serial: facade)
    with pytest.raises(CardPinLocked):
        room.certified(desk=Desk(demo=False, cards=cards))


def test_a_card_with_another_key_is_not_the_certificate_s(pulled: Cards) -> None:
    """The issuer put another key on the card: the certificate is not of this card."""
    card = soft_cards.new_card("card-rekeyed")
    soft_cards.add_key(card, "p384")
    pulled.cards["rekeyed"], pulled.people["rekeyed"] = card, enrolled(pulled, "rekeyed", card)
    soft_cards.drop_keys(card)
    soft_cards.add_key(card, "p384", label="other")
    with pytest.raises(CertificateNotOnCard) as caught:
        pulled.certified(who="rekeyed")
    assert caught.value.serial == card.serial


class _Lying(Pkcs11SigningCards):
    """A card that signs other bytes."""

    def sign(self, serial: str, pin: bytearray, public_der: bytes, data: bytes) -> bytes | None:
        return super().sign(serial, pin, public_der, data + b"!")


@pytest.mark.parametrize("who", ["reviewer", "officer"])
def test_a_signature_over_other_bytes_is_noticed(room: Cards, who: str) -> None:
    """What a card gives back is checked before it goes into anything."""
    lying = Desk(demo=False, cards=_Lying(soft_cards.module()))
    with pytest.raises(CardSignatureWrong):
        room.certified(who=who, desk=lying)


@pytest.mark.parametrize(
    ("days", "error"),
    [(4 * 365, CertificateExpired), (-30, CertificateNotYetValid)],
    ids=["expired", "clock-before-validity"],
)
def test_a_certificate_out_of_its_time_signs_nothing(
    room: Cards, days: int, error: type[WorkstationError]
) -> None:
    """Expired, or a clock before the validity: refused before the card is asked."""
    nobody = _PulledAfter(room.cards["reviewer"], 1)
    with pytest.raises(error):
        room.certified(at=SIGNED + timedelta(days=days), desk=Desk(demo=False, cards=nobody))


def test_a_revoked_card_signs_nothing(room: Cards) -> None:
    """The office's list names the card's certificate."""
    revoked = dict.fromkeys(serials(room.people["reviewer"]), SIGNED)
    lists = crls(room.office.authority, revoked, at=SIGNED, next_update=SIGNED + timedelta(days=60))
    with pytest.raises(SignerRevoked):
        room.certified(trust=replace(room.office.trust, crls_der=lists))


def test_a_card_of_an_unknown_office_signs_nothing(room: Cards) -> None:
    """No root, or another office's."""
    for trust in (TrustStore(roots_der=()), found_office(name="Other").trust):
        with pytest.raises(SignerUnknown):
            room.certified(trust=trust)


@pytest.mark.parametrize("age", ["absent", "ended"])
def test_an_old_revocation_list_stops_the_signature(room: Cards, age: str) -> None:
    """Without a current list of the issuer nothing is signed."""
    at = SIGNED if age == "absent" else SIGNED + timedelta(days=90)
    lists = () if age == "absent" else room.office.trust.crls_der
    with pytest.raises(RevocationListUnusable):
        room.certified(trust=replace(room.office.trust, crls_der=lists), at=at)


# --- enrolling -----------------------------------------------------------------------------------------


def test_a_card_without_a_signing_key_gets_no_certificate(room: Cards) -> None:
    """An empty card is told as such."""
    with pytest.raises(CardKeyMissing):
        enrolled(room, "nobody", soft_cards.new_card("card-empty"))


def test_of_two_keys_one_must_be_named(room: Cards) -> None:
    """Nobody guesses which key a person signs with."""
    card = soft_cards.new_card("card-two")
    for label in ("first", "second"):
        soft_cards.add_key(card, "p384", label=label)
    with pytest.raises(CardKeyUnsuitable) as caught:
        enrolled(room, "two", card)
    assert caught.value.reason == "several"
    with pytest.raises(CardKeyUnsuitable) as caught:
        enrolled(room, "two", card, label="third")
    assert caught.value.reason == "none"
    assert enrolled(room, "two", card, label="second").card_serial == card.serial


def test_a_key_that_did_not_sign_the_request_gets_no_certificate(room: Cards) -> None:
    """Nobody gets a certificate for somebody else's key: the request is signed by it or refused."""

    class Foreign(Pkcs11SigningCards):
        def signing_card(self, serial: str, pin: bytearray) -> SigningCard:
            found = super().signing_card(serial, pin)
            stolen = x509.load_der_x509_certificate(room.people["reviewer"].ec_certificate_der)
            der = stolen.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
            return replace(found, keys=(replace(found.keys[0], public_der=der),))

    desk, card = Desk(demo=False, cards=Foreign(soft_cards.module())), room.cards["officer"]
    with pytest.raises(CertificateNotOnCard):
        enrolled(replace(room, desk=desk), "thief", card)


def test_without_card_software_there_is_no_card(room: Cards) -> None:
    """A workstation whose settings name no module says so."""
    with pytest.raises(CardModuleMissing), room.signer("reviewer", desk=Desk(demo=False)):
        pass
    with pytest.raises(CardModuleMissing):
        room.certified(desk=Desk(demo=False, cards=Pkcs11SigningCards("")))


def test_an_identity_on_a_card_survives_its_sealing(room: Cards) -> None:
    """Packed and unpacked it names the card and holds no classical key."""
    again = IssuedIdentity.unpack(room.people["officer"].pack())
    assert again.card_serial == room.cards["officer"].serial
    assert again.ec_key_der == bytearray()
    assert again.pq_key_der == room.people["officer"].pq_key_der
