"""The mathematics of the one-file verifier against a library and known answers."""

import json
import random
from datetime import timedelta
from pathlib import Path
from types import ModuleType

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import resources
from reports.authority import crls, serials
from reports.dsse import check_signature
from reports.identities import P384_ORDER, low_s
from reports.trust import fingerprint, key_id
from tests.helpers.signing_office import (
    SIGNED,
    Office,
)

SCRIPT = Path(resources.__file__).parent / "verify" / "verify_export.py"
VECTORS = Path(__file__).parents[1] / "vectors" / "signatures"


def _seeded(seed: object) -> random.Random:
    return random.Random(str(seed))  # noqa: S311 - test inputs, not secrets


# --- P-384 -----------------------------------------------------------------------------------------------


def _point(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def _library_p384(key: ec.EllipticCurvePrivateKey, message: bytes, signature: bytes) -> bool:
    try:
        key.public_key().verify(signature, message, ec.ECDSA(hashes.SHA384()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _spoil(signature: bytes, rng: random.Random) -> bytes:
    """The same signature, or a damaged, respelt or malleable form of it."""
    r, s = decode_dss_signature(signature)
    forms = [
        signature,
        encode_dss_signature(r, P384_ORDER - s),
        encode_dss_signature(r, s + P384_ORDER) if rng.random() < 0.5 else encode_dss_signature(0, s),
        signature + b"\0",
        signature[:-1],
        b"\x30\x81" + signature[1:],
        b"\x30\x80" + signature[2:] + b"\0\0",
        signature[:2] + b"\x02" + bytes([signature[3] + 1]) + b"\0" + signature[4:],
        b"",
        b"\x30\x00",
        bytes([rng.randrange(256) for _ in range(rng.randrange(110))]),
    ]
    flipped = bytearray(signature)
    flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
    return rng.choice([*forms, bytes(flipped), bytes(flipped), signature])


def test_p384_agrees_with_the_library_on_hundreds_of_inputs(verifier: ModuleType) -> None:
    """Genuine, damaged, malleable and malformed signatures get the same answer from both."""
    rng, answers = _seeded("p384"), set()
    for _ in range(300):
        key = ec.derive_private_key(rng.randrange(1, P384_ORDER), ec.SECP384R1())
        message = rng.randbytes(rng.randrange(80))
        signature = key.sign(message, ec.ECDSA(hashes.SHA384(), deterministic_signing=True))
        tried = _spoil(signature, rng)
        wanted = _library_p384(key, message, tried)
        assert verifier.verify_p384(_point(key), message, tried) == wanted, tried.hex()
        answers.add(wanted)
    assert answers == {True, False}


def test_p384_known_answer(verifier: ModuleType) -> None:
    """RFC 6979, A.2.6: P-384 with SHA-384, message "sample"."""
    public = bytes.fromhex(
        "04EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64DEF8F0EA9055866064A254515480BC13"
        "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1288B231C3AE0D4FE7344FD2533264720"
    )
    r = "94EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C81A648152E44ACF96E36DD1E80FABE46"
    s = "99EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329C145786E679E7B82C71A38628AC8"
    signature = encode_dss_signature(int(r, 16), int(s, 16))
    assert verifier.verify_p384(public, b"sample", signature)
    assert not verifier.verify_p384(public, b"Sample", signature)


def test_points_that_are_no_keys_are_refused(verifier: ModuleType) -> None:
    """A point off the curve, a compressed one, the empty one and one with coordinates beyond the field."""
    key = ec.derive_private_key(7, ec.SECP384R1())
    signature = key.sign(b"m", ec.ECDSA(hashes.SHA384()))
    good = _point(key)
    assert verifier.verify_p384(good, b"m", signature)
    compressed = key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    for bad in (good[:-1] + bytes([good[-1] ^ 1]), compressed, b"", b"\x04" + b"\xff" * 96, b"\0" + good[1:]):
        assert not verifier.verify_p384(bad, b"m", signature)


def test_only_the_low_form_of_a_statement_signature_counts(verifier: ModuleType, office: Office) -> None:
    """Of (r, s) and (r, n-s) both verifiers take the low one only, so nobody can respell a statement."""
    with office.sign_as(office.officer) as signer:
        low = signer.sign_classical(b"m")
    r, s = decode_dss_signature(low)
    high = encode_dss_signature(r, P384_ORDER - s)
    certificate = x509.load_der_x509_certificate(office.officer.ec_certificate_der)
    key = verifier.certificate(office.officer.ec_certificate_der).key
    assert low_s(high) == low
    assert (check_signature(certificate, low, b"m"), check_signature(certificate, high, b"m")) == (
        True,
        False,
    )
    assert verifier.verify_with(key, b"m", low, low_s=True)
    assert not verifier.verify_with(key, b"m", high, low_s=True)


# --- ML-DSA-87 -------------------------------------------------------------------------------------------


def _library_mldsa(key: mldsa.MLDSA87PublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def test_ml_dsa_agrees_with_the_library_on_hundreds_of_inputs(verifier: ModuleType) -> None:
    """Genuine signatures, and ones damaged in challenge, response or hints, get one answer from both."""
    rng, answers = _seeded("ml-dsa"), set()
    for number in range(200):
        key = mldsa.MLDSA87PrivateKey.from_seed_bytes(rng.randbytes(32))
        message = rng.randbytes(rng.randrange(200))
        signature = bytearray(key.sign(message))
        if number % 4:
            low, high = ((0, 64), (64, 4544), (4544, 4627))[number % 3]
            at = rng.randrange(low, high)
            signature[at] = rng.choice([signature[at] ^ 1 << rng.randrange(8), 0, 255])
        if number % 17 == 0:
            signature = signature[: rng.choice([0, 64, 4626])] or signature + b"\0"
        public = key.public_key()
        wanted = _library_mldsa(public, message, bytes(signature))
        assert verifier.verify_mldsa87(public.public_bytes_raw(), message, bytes(signature)) == wanted
        answers.add(wanted)
    assert answers == {True, False}


def test_hints_have_one_spelling(verifier: ModuleType) -> None:
    """Hints out of order, doubled, beyond the bound or followed by rubbish are refused (FIPS 204)."""
    rows = json.loads((VECTORS / "ml-dsa-87.json").read_text())
    public, case = bytes.fromhex(rows["public"]), rows["cases"][0]
    signature, message = bytes.fromhex(case["signature"]), bytes.fromhex(case["message"])
    first = signature[4544 + 75]
    assert first >= 2
    swapped = bytearray(signature)
    swapped[4544], swapped[4545] = swapped[4545], swapped[4544]
    doubled = bytearray(signature)
    doubled[4545] = doubled[4544]
    beyond = bytearray(signature)
    beyond[4626] = 76
    used = signature[4626]
    rubbish = bytearray(signature)
    if used < 75:
        rubbish[4544 + 74] ^= 1
        assert not verifier.verify_mldsa87(public, message, bytes(rubbish))
    for spoilt in (swapped, doubled, beyond):
        assert not verifier.verify_mldsa87(public, message, bytes(spoilt))
        library = mldsa.MLDSA87PublicKey.from_public_bytes(public)
        assert not _library_mldsa(library, message, bytes(spoilt))


def test_ml_dsa_known_answers(verifier: ModuleType) -> None:
    """Signatures kept from another implementation verify for ever, and over nothing else."""
    rows = json.loads((VECTORS / "ml-dsa-87.json").read_text())
    public = bytes.fromhex(rows["public"])
    for case in rows["cases"]:
        message, signature = bytes.fromhex(case["message"]), bytes.fromhex(case["signature"])
        assert verifier.verify_mldsa87(public, message, signature)
        assert not verifier.verify_mldsa87(public, message + b"\0", signature)
        assert not verifier.verify_mldsa87(public[:-1], message, signature)


# --- certificates ----------------------------------------------------------------------------------------


def test_certificates_and_lists_are_read_as_the_library_reads_them(
    verifier: ModuleType, office: Office
) -> None:
    """Key ids, fingerprints, serial numbers, dates and purposes agree; so do issuers."""
    gone = dict.fromkeys(serials(office.officer), SIGNED)
    lists = crls(office.authority, gone, at=SIGNED, next_update=SIGNED + timedelta(days=1))
    roots = [verifier.certificate(der) for der in office.authority.roots_der]
    for number, der in enumerate((office.officer.ec_certificate_der, office.officer.pq_certificate_der)):
        known, read = x509.load_der_x509_certificate(der), verifier.certificate(der)
        assert (read.key_id, read.sha384, read.serial) == (
            key_id(known),
            fingerprint(der),
            known.serial_number,
        )
        assert read.first == known.not_valid_before_utc.timestamp()
        assert read.last == known.not_valid_after_utc.timestamp()
        assert (read.signs, read.authority) == (True, False)
        assert [verifier.issued_by(read.signed, root) for root in roots] == [number == 0, number == 1]
        listed = verifier.revocation_list(lists[number])
        assert listed.serials == set(gone)
        assert listed.usable
        assert verifier.issued_by(listed.signed, roots[number])
        assert not verifier.issued_by(listed.signed, roots[1 - number])


def test_malformed_certificates_are_refused_as_values(verifier: ModuleType, office: Office) -> None:
    """Hundreds of damaged certificates and lists raise nothing but ValueError and IndexError."""
    rng = _seeded("der")
    for der in (office.officer.ec_certificate_der, office.trust.crls_der[0]):
        for _ in range(400):
            damaged = bytearray(der)
            for _each in range(rng.randrange(1, 4)):
                damaged[rng.randrange(len(damaged))] = rng.randrange(256)
            for read in (verifier.certificate, verifier.revocation_list):
                try:
                    read(bytes(damaged))
                except (ValueError, IndexError):
                    continue
