"""What is made to keep the one-file verifier busy, or to pass a list by, is an answer all the same."""

import shutil
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from reports.trust import fingerprint
from tests.helpers.signing_office import SIGNED, Office


def _problems(
    verifier: ModuleType, office: Office, folder: Path, lists: tuple[Path, ...] = ()
) -> set[tuple[str, str]]:
    roots = {fingerprint(der) for der in office.authority.roots_der}
    found = verifier.Verification(str(folder), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
    found.run([str(one) for one in lists])
    return {(code, path) for _weight, code, path, _detail in found.problems}


@pytest.fixture
def export(genuine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(genuine, tmp_path / "export"))


def test_half_a_million_begun_certificates_are_read_in_one_pass(
    verifier: ModuleType, office: Office, export: Path
) -> None:
    """A certificate file of nothing but beginnings, as long as is read at all, is told as changed."""
    (export / "CERTIFICATES.pem").write_bytes(b"-----BEGIN CERTIFICATE-----" * (16 << 20 >> 5))
    assert ("EXP-101", "CERTIFICATES.pem") in _problems(verifier, office, export)


def test_a_root_written_down_a_hundred_times_is_asked_once(
    verifier: ModuleType, office: Office, export: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often root and lists are repeated, no signature of theirs is checked again for it."""
    asked: list[bytes] = []
    genuine_check = verifier.issued_by

    def counted(signed: object, root: object) -> bool:
        asked.append(b"")
        return bool(genuine_check(signed, root))

    monkeypatch.setattr(verifier, "issued_by", counted)
    _problems(verifier, office, export)
    before = len(asked)
    for name in ("CERTIFICATES.pem", "REVOCATION-EC.pem", "REVOCATION-PQ.pem"):
        (export / name).write_bytes((export / name).read_bytes() * 25)
    asked.clear()
    found = _problems(verifier, office, export)
    assert ("EXP-101", "CERTIFICATES.pem") in found
    assert len(asked) <= before


def test_a_folder_with_too_many_names_is_not_read_to_its_end(
    verifier: ModuleType, office: Office, export: Path
) -> None:
    """After a thousand odd entries it is refused as having too many, however many follow."""
    for number in range(1_002):
        (export / f"-{number}").symlink_to("x")
    assert ("EXP-121", "") in _problems(verifier, office, export)


def test_a_list_that_was_given_and_holds_none_is_said(
    verifier: ModuleType, office: Office, genuine: Path, tmp_path: Path
) -> None:
    """A newer revocation list in another form than PEM is not passed over in silence."""
    der, pem = tmp_path / "newer.crl", tmp_path / "newer.pem"
    der.write_bytes(office.trust.crls_der[0])
    pem.write_bytes(x509.load_der_x509_crl(office.trust.crls_der[0]).public_bytes(Encoding.PEM))
    assert _problems(verifier, office, genuine, (pem,)) == set()
    assert _problems(verifier, office, genuine, (der,)) == {("EXP-106", str(der))}
