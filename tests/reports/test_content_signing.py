"""Content sets: only exactly what a trusted office signed as exactly this set is believed."""

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from cryptography import x509

from reports import authority as offices
from reports import content_signing
from reports.dsse import write_envelope
from tests.helpers.signing_office import SIGNED, Office, found_office
from workstation.core.content import ContentSignatureBad, ContentSigner, ContentTrustMissing
from workstation.core.signatures import TrustStore

NAME, CONTENT = "eo14409-v2.json", b'{"id":"eo14409","version":2}'
PREDICATE = {"format": "frw-criteria-set-1", "id": "eo14409", "version": 2}
Signed = tuple[bytes, bytes]


@pytest.fixture(scope="module")
def made(office: Office) -> Signed:
    """A genuine signature by a reviewer of the office."""
    return content_signing.sign(NAME, CONTENT, predicate=PREDICATE, signer=office.sign_as(office.reviewer))


def verify(office: Office, made: Signed, **changes: object) -> tuple[ContentSigner, ...]:
    """Verify, with one thing changed."""
    given: dict[str, object] = {
        "name": NAME,
        "content": CONTENT,
        "envelope": made[0],
        "certificates": made[1],
        "predicate": PREDICATE,
        "trust": office.trust,
        "at": SIGNED,
        "demo_allowed": False,
    } | changes
    name, content, envelope, certificates = (
        given.pop(key) for key in ("name", "content", "envelope", "certificates")
    )
    return content_signing.verify(name, content, envelope, certificates, **given)  # type: ignore[arg-type]  # as named


def problem_of(call: Callable[[], object]) -> str:
    """Why it was refused."""
    with pytest.raises(ContentSignatureBad) as caught:
        call()
    return caught.value.problem


def test_a_genuine_set_names_its_signer(office: Office, made: Signed) -> None:
    """Both signatures hold, by the two keys of one person."""
    signers = verify(office, made)
    assert [one.algorithm for one in signers] == ["ecdsa-p384-sha384", "ml-dsa-87"]
    assert len({one.untrusted_name for one in signers}) == 1


def test_another_content_name_or_version_is_not_what_was_signed(office: Office, made: Signed) -> None:
    """A changed byte, another file's name and another version are each refused."""
    changes: tuple[dict[str, object], ...] = (
        {"content": CONTENT + b" "},
        {"name": "eo14409-v3.json"},
        {"predicate": PREDICATE | {"version": 3}},
        {"predicate": PREDICATE | {"id": "other"}},
    )
    for change in changes:
        with pytest.raises(ContentSignatureBad) as caught:
            verify(office, made, **change)
        assert caught.value.problem == "EXP-106"


@pytest.mark.parametrize("at", range(0, 100, 7))
def test_no_changed_byte_of_the_envelope_passes(office: Office, made: Signed, at: int) -> None:
    """Wherever a bit of the envelope is turned, the set is refused."""
    envelope = bytearray(made[0])
    envelope[len(envelope) * at // 100] ^= 1
    problem_of(lambda: verify(office, made, envelope=bytes(envelope)))


@pytest.mark.parametrize("kept", [0, 1])
def test_one_signature_alone_is_not_enough(office: Office, made: Signed, kept: int) -> None:
    """P-384 without ML-DSA-87, or the other way round, is refused."""
    envelope = json.loads(made[0])
    envelope["signatures"] = [envelope["signatures"][kept]]
    alone = json.dumps(envelope, separators=(",", ":"), sort_keys=True).encode()
    assert problem_of(lambda: verify(office, made, envelope=alone)) == "EXP-107"


def test_an_export_s_statement_is_no_signature_of_a_set(office: Office, made: Signed) -> None:
    """What was signed for another purpose is not believed for this one."""
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "predicateType": "urn:frontier-review-workstation:export:v1",
        "subject": [{"name": NAME, "digest": {"sha384": "0" * 96}}],
        "predicate": PREDICATE,
    }
    envelope = write_envelope(statement, (office.sign_as(office.reviewer),))
    assert problem_of(lambda: verify(office, made, envelope=envelope)) == "EXP-106"


def test_a_stranger_is_not_believed(office: Office, made: Signed) -> None:
    """Neither an unknown office's signature, nor a known one that nobody chose to trust."""
    stranger = found_office(name="Somebody Else")
    forged = content_signing.sign(
        NAME, CONTENT, predicate=PREDICATE, signer=stranger.sign_as(stranger.reviewer)
    )
    assert problem_of(lambda: verify(office, forged)) == "EXP-109"
    with pytest.raises(ContentTrustMissing):
        verify(office, made, trust=TrustStore(roots_der=()))


def test_certificates_that_are_missing_or_no_certificates_are_refused(office: Office, made: Signed) -> None:
    """Without the certificates that the signatures name nothing can be believed."""
    stranger = found_office(name="Somebody Else")
    other = content_signing.sign(
        NAME, CONTENT, predicate=PREDICATE, signer=stranger.sign_as(stranger.reviewer)
    )[1]
    assert problem_of(lambda: verify(office, made, certificates=other)) == "EXP-109"
    assert problem_of(lambda: verify(office, made, certificates=b"no certificate")) == "EXP-106"


def test_a_revoked_signer_and_an_outdated_list_are_refused(office: Office, made: Signed) -> None:
    """Revocation counts whatever its date, and without a list that is current nobody is believed."""
    serial = x509.load_der_x509_certificate(office.reviewer.ec_certificate_der).serial_number
    lists = offices.crls(
        office.authority, {serial: SIGNED}, at=SIGNED, next_update=SIGNED + timedelta(days=9)
    )
    revoked = TrustStore(roots_der=office.trust.roots_der, crls_der=lists)
    assert problem_of(lambda: verify(office, made, trust=revoked)) == "EXP-110"
    late = SIGNED + timedelta(days=400)
    assert problem_of(lambda: verify(office, made, at=late)) in {"EXP-111", "EXP-113"}


def test_a_demonstration_s_signature_is_believed_in_demonstrations_only() -> None:
    """What training signs never comes into use for real work."""
    demo = found_office(demo=True)
    signed = content_signing.sign(NAME, CONTENT, predicate=PREDICATE, signer=demo.sign_as(demo.reviewer))
    assert problem_of(lambda: verify(demo, signed)) == "EXP-116"
    assert verify(demo, signed, demo_allowed=True)
