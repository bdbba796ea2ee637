"""The same input, clock and identities give the same bytes; only the chance in ML-DSA differs."""

from pathlib import Path

import pytest

from reports.identities import SoftwareSigner
from reports.render import render
from tests.helpers.sample_report import AT, sample_report
from tests.helpers.signing_office import Office, document, signed_document, write_export

# FIPS 204 wants ML-DSA hedged with fresh chance; these carry such a signature or the digest of one.
HEDGED = {
    "certification.dsse.json",
    "SHA384SUMS",
    "SHA384SUMS.ec.p7s",
    "SHA384SUMS.pq.p7s",
    "export.dsse.json",
    "COMPLETE",
}


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_signed_document_is_the_same_byte_for_byte(office: Office) -> None:
    """Rendered and signed twice with P-384 (RFC 6979), timestamps and lists inside: one file."""
    assert render(sample_report(), at=AT) == render(sample_report(), at=AT)
    pdf = document()
    assert signed_document(office, pdf) == signed_document(office, pdf)


def test_two_exports_differ_in_nothing_but_ml_dsa(office: Office, signed: bytes, tmp_path: Path) -> None:
    """Outside of the signatures with ML-DSA-87 and what digests them every file is the same."""
    one, two = (_files(write_export(office, tmp_path / name, report=signed)) for name in ("one", "two"))
    assert one.keys() == two.keys()
    assert {name for name in one if one[name] != two[name]} == HEDGED


def test_without_that_chance_the_whole_export_is_the_same(
    office: Office, signed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the same ML-DSA signature for the same message two exports are one, byte for byte."""
    known: dict[bytes, bytes] = {}
    plain = SoftwareSigner.sign_pq

    def once(signer: SoftwareSigner, data: bytes) -> bytes:
        key = signer.pq_certificate_der + data
        if key not in known:
            known[key] = plain(signer, data)
        return known[key]

    monkeypatch.setattr(SoftwareSigner, "sign_pq", once)
    one, two = (_files(write_export(office, tmp_path / name, report=signed)) for name in ("one", "two"))
    assert one == two
