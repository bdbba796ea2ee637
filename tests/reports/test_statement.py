"""The statement's one form, and the manifest's, for anything a workflow may put into them."""

import base64
import json

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from reports.dsse import (
    PREDICATE_TYPE,
    STATEMENT_TYPE,
    StatementRefused,
    check_signature,
    read_envelope,
    subjects,
)
from reports.dsse import write_envelope as write
from reports.manifest import HEADER, name_fault, read_manifest, write_manifest
from reports.trust import key_id
from tests.helpers.signing_office import Office, found_office

_OFFICE: list[Office] = []


def _office() -> Office:
    if not _OFFICE:
        _OFFICE.append(found_office())
    return _OFFICE[0]


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=3)
    ),
    max_leaves=8,
)


def _statement(predicate: object) -> dict[str, object]:
    digest = {"sha384": "0" * 96}
    return {
        "_type": STATEMENT_TYPE,
        "subject": [{"name": "report.pdf", "digest": digest}],
        "predicateType": PREDICATE_TYPE,
        "predicate": predicate,
    }


@given(_VALUES)
def test_any_statement_comes_back_and_both_signatures_stand(predicate: object) -> None:
    """Whatever plain JSON a workflow states is read back equal, signed by both keys over the same bytes."""
    office = _office()
    with office.sign_as(office.officer) as signer:
        envelope = read_envelope(write(_statement(predicate), [signer]))
    assert envelope.statement == _statement(predicate)
    ders = (office.officer.ec_certificate_der, office.officer.pq_certificate_der)
    for der, signature in zip(ders, envelope.signatures, strict=True):
        certificate = x509.load_der_x509_certificate(der)
        assert signature.key_id == key_id(certificate)
        assert check_signature(certificate, signature.signature, envelope.pae)


@pytest.fixture(scope="module")
def content() -> bytes:
    office = _office()
    with office.sign_as(office.officer) as signer:
        return write(_statement({"case": "CASE-1"}), [signer])


@given(st.data())
def test_no_byte_of_a_statement_can_change(content: bytes, data: st.DataObject) -> None:
    """Any other byte anywhere, or one more, or one less, and the envelope or a signature is refused."""
    office = _office()
    at = data.draw(st.integers(0, len(content) - 1))
    other = data.draw(st.integers(0, 255).filter(lambda byte: byte != content[at]))
    spoilt = data.draw(
        st.sampled_from(
            [
                content[:at] + bytes([other]) + content[at + 1 :],
                content[:at] + bytes([other]) + content[at:],
                content[:at] + content[at + 1 :],
            ]
        )
    )
    if spoilt == content:
        return
    try:
        envelope = read_envelope(spoilt)
    except (StatementRefused, ValueError):
        return
    ders = (office.officer.ec_certificate_der, office.officer.pq_certificate_der)
    known = {key_id(certificate): certificate for certificate in map(x509.load_der_x509_certificate, ders)}
    stands = [
        one.key_id in known and check_signature(known[one.key_id], one.signature, envelope.pae)
        for one in envelope.signatures
    ]
    assert stands != [True, True]


@pytest.mark.parametrize("indent", [None, 0, 1])
def test_another_spelling_of_the_same_statement_is_refused(content: bytes, indent: int | None) -> None:
    """Blanks, order and base64 without padding say the same and are refused all the same."""
    parsed = json.loads(content)
    with pytest.raises(StatementRefused):
        read_envelope(json.dumps(parsed, indent=indent).encode())
    with pytest.raises(StatementRefused):
        read_envelope(json.dumps(dict(reversed(parsed.items())), separators=(",", ":")).encode())
    with pytest.raises(StatementRefused):
        read_envelope(content + b"\n")
    unpadded = base64.b64encode(b"{}x").decode().rstrip("=") + "="
    with pytest.raises(StatementRefused):
        read_envelope(json.dumps(parsed | {"payload": unpadded}, separators=(",", ":")).encode())


@pytest.mark.parametrize(
    "subject",
    [
        [],
        [{"name": "a", "digest": {"sha256": "0" * 64}}],
        [{"name": "a", "digest": {"sha384": "0" * 96, "sha256": "0" * 64}}],
        [{"name": "a", "digest": {"sha384": "0" * 96}}] * 2,
        [{"name": "a", "digest": {"sha384": "0" * 96}, "uri": "x"}],
        [{"name": 1, "digest": {"sha384": "0" * 96}}],
        ["a"],
    ],
)
def test_subjects_in_another_form_are_refused(subject: list[object]) -> None:
    """Another digest, a second one, a name twice, members beside: a downgrade or a trick, refused."""
    with pytest.raises(StatementRefused):
        subjects(_statement({}) | {"subject": subject})


_NAMES = st.from_regex(r"[A-Za-z0-9_(][A-Za-z0-9 ()_.,+=@-]{0,20}", fullmatch=True).filter(
    lambda n: not name_fault(n)
)


@given(st.dictionaries(_NAMES, st.from_regex(r"[0-9a-f]{96}", fullmatch=True), max_size=6))
def test_a_manifest_comes_back(digests: dict[str, str]) -> None:
    """What is written is read back equal, whatever the names."""
    assert read_manifest(write_manifest(digests)) == digests


@pytest.mark.parametrize(
    "line",
    ["x", "0" * 96 + " a", "0" * 95 + "  a", "0" * 96 + "  ../a", "A" * 96 + "  a", "\\" + "0" * 96 + "  a"],
)
def test_a_manifest_in_another_form_is_refused(line: str) -> None:
    """Short digests, capitals, escapes and names no export carries."""
    with pytest.raises(ValueError, match=r".*"):
        read_manifest((HEADER + line + "\n").encode())
