"""The one-file verifier: its mathematics against a library and known answers, its verdicts against ours."""

import ast
import hashlib
import importlib.util
import json
import random
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
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
from reports.verifying import verify_export
from tests.helpers.export_mutations import MUTATIONS
from tests.helpers.signing_office import (
    SIGNED,
    Office,
    document,
    found_office,
    signed_document,
    write_export,
)

SCRIPT = Path(resources.__file__).parent / "verify" / "verify_export.py"
VECTORS = Path(__file__).parents[1] / "vectors" / "signatures"


@pytest.fixture(scope="module")
def verifier() -> ModuleType:
    spec = importlib.util.spec_from_file_location("verify_export_alone", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def office() -> Office:
    return found_office()


@pytest.fixture(scope="module")
def genuine(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_export(office, tmp_path_factory.mktemp("export"))


@pytest.fixture(scope="module")
def other(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    report = signed_document(office, document("Another report"))
    return write_export(office, tmp_path_factory.mktemp("other"), report=report, note__txt=b"more")


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


# --- whole exports ---------------------------------------------------------------------------------------


def _alone(verifier: ModuleType, office: Office, folder: Path, *, days: float = 0, **more: object) -> object:
    roots = {fingerprint(der) for der in office.authority.roots_der}
    at = int((SIGNED + timedelta(days=days)).timestamp())
    options = {"roots": roots, "keys": set(), "at": at, "demo_allowed": False} | more
    found = verifier.Verification(str(folder), **options)
    found.run([])
    return found


def test_an_untouched_export_verifies(verifier: ModuleType, office: Office, genuine: Path) -> None:
    """Nothing to say, outcome accept."""
    found = _alone(verifier, office, genuine)
    assert (found.outcome, found.problems) == ("accept", [])
    assert len(found.signers) == 2


def _compare(
    verifier: ModuleType, office: Office, genuine: Path, other: Path, folder: Path, numbers: range
) -> None:
    for number in numbers:
        rng = _seeded(number)
        shutil.copytree(genuine, folder, dirs_exist_ok=False)
        name = MUTATIONS[number % len(MUTATIONS)](folder, other, rng)
        ours = verify_export(folder, office.trust, at=SIGNED)
        theirs = _alone(verifier, office, folder)
        assert ours.outcome.value == theirs.outcome == "reject", (number, ours.problems, theirs.problems)
        assert name in {one.path.partition("#")[0] for one in ours.problems}, (number, name, ours.problems)
        assert name in {path for _weight, _code, path, _detail in theirs.problems}, (
            number,
            name,
            theirs.problems,
        )
        shutil.rmtree(folder)


def test_both_verifiers_agree_on_damaged_exports(
    verifier: ModuleType, office: Office, genuine: Path, other: Path, tmp_path: Path
) -> None:
    """Of 60 damaged exports both refuse every one and name the same file."""
    _compare(verifier, office, genuine, other, tmp_path / "export", range(60))


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_both_verifiers_agree_on_a_thousand_damaged_exports(
    verifier: ModuleType, office: Office, genuine: Path, other: Path, tmp_path: Path
) -> None:
    """The same for 1,000."""
    _compare(verifier, office, genuine, other, tmp_path / "export", range(100, 1100))


@pytest.mark.parametrize("days", [0, 30, 90, 4 * 365, 21 * 365, -1, -60])
def test_both_verifiers_judge_time_alike(
    verifier: ModuleType, office: Office, genuine: Path, days: int
) -> None:
    """Whenever one looks, both give the same outcome for the same reasons."""
    ours = verify_export(genuine, office.trust, at=SIGNED + timedelta(days=days))
    theirs = _alone(verifier, office, genuine, days=days)
    assert theirs.outcome == ours.outcome.value
    statement = {problem.code for problem in ours.problems if problem.path in {"export.dsse.json", ""}}
    assert {code for _weight, code, _path, _detail in theirs.problems} == statement


def test_a_revoked_and_an_unknown_signer_are_refused(
    verifier: ModuleType, office: Office, genuine: Path, tmp_path: Path
) -> None:
    """A newer list given by another channel, or other roots, make the statement refused by name."""
    gone = dict.fromkeys(serials(office.officer), SIGNED)
    lists = crls(office.authority, gone, at=SIGNED, next_update=SIGNED + timedelta(days=1))
    newer = tmp_path / "newer.pem"
    newer.write_bytes(b"".join(x509.load_der_x509_crl(der).public_bytes(Encoding.PEM) for der in lists))
    roots = {fingerprint(der) for der in office.authority.roots_der}
    found = verifier.Verification(str(genuine), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
    assert found.run([str(newer)]) == "reject"
    assert {(code, path) for _w, code, path, _d in found.problems} == {("EXP-110", "export.dsse.json")}
    unknown = _alone(verifier, office, genuine, roots={"0" * 96})
    assert {(code, path) for _w, code, path, _d in unknown.problems} == {("EXP-109", "export.dsse.json")}


def test_a_demo_export_is_refused_unless_asked_for(verifier: ModuleType, tmp_path: Path) -> None:
    """As in the workstation: demo never verifies as real."""
    demo = found_office(demo=True)
    folder = write_export(demo, tmp_path)
    refused = _alone(verifier, demo, folder)
    assert {code for _w, code, _p, _d in refused.problems} == {"EXP-116"}
    assert _alone(verifier, demo, folder, demo_allowed=True).outcome == "accept"


# --- as a recipient runs it ------------------------------------------------------------------------------


def _run(python: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [python, "-I", str(SCRIPT), *[str(one) for one in arguments]]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _options(office: Office) -> list[str]:
    found = []
    for der in office.authority.roots_der:
        found += ["--root-fingerprint", fingerprint(der)]
    return [*found, "--at", str(int(SIGNED.timestamp()))]


def test_the_command_line_says_fingerprints_and_ends_with_the_documented_status(
    office: Office, genuine: Path, tmp_path: Path
) -> None:
    """0 as signed, 1 a person must look, 2 refused, 3 nothing to trust or nothing to read."""
    good = _run(sys.executable, genuine, *_options(office))
    assert (good.returncode, good.stderr) == (0, "")
    assert all(fingerprint(der) in good.stdout for der in office.authority.roots_der)
    assert good.stdout.endswith("OUTCOME accept\n")
    folder = Path(shutil.copytree(genuine, tmp_path / "export"))
    (folder / "COMPLETE").unlink()
    assert _run(sys.executable, folder, *_options(office)).returncode == 1
    (folder / "report.pdf").write_bytes(b"x")
    bad = _run(sys.executable, folder, *_options(office), "--json")
    assert bad.returncode == 2
    answer = json.loads(bad.stdout)
    assert answer["outcome"] == "reject"
    assert "report.pdf" in {one["path"] for one in answer["findings"]}
    assert _run(sys.executable, genuine).returncode == 3
    assert _run(sys.executable, tmp_path / "absent", *_options(office)).returncode == 3


def test_key_ids_serve_instead_of_roots(office: Office, genuine: Path) -> None:
    """With both key ids of the officer no root is needed; with one of them the export is refused."""
    ders = (office.officer.ec_certificate_der, office.officer.pq_certificate_der)
    keys = [key_id(x509.load_der_x509_certificate(der)) for der in ders]
    both = [part for key in keys for part in ("--key", key)]
    assert _run(sys.executable, genuine, *both).returncode == 0
    assert _run(sys.executable, genuine, "--key", keys[0]).returncode == 2


def test_it_needs_no_newer_python_than_it_says(office: Office, genuine: Path) -> None:
    """It parses as Python 3.8, imports the standard library only, and runs there where there is one."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    }
    assert names <= sys.stdlib_module_names
    old = next((one for one in _pythons("3.8") if _starts(one)), None)
    if old is None:
        pytest.skip("there is no Python 3.8 on this machine")
    done = _run(old, genuine, *_options(office))
    assert (done.returncode, done.stderr) == (0, "")


def _pythons(version: str) -> list[str]:
    on_path = shutil.which(f"python{version}")
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return [*([on_path] if on_path else []), *map(str, kept)]


def _starts(python: str) -> bool:
    return subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0


def test_the_verifier_does_not_travel_with_the_export(genuine: Path) -> None:
    """What comes on the same medium proves nothing, so no verifier is put there."""
    assert not list(genuine.rglob("*.py"))
    assert hashlib.sha384(SCRIPT.read_bytes()).hexdigest() not in (genuine / "SHA384SUMS").read_text()
