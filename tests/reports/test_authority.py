"""The office's own signing authority."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from reports.authority import POLICY_CLAIMED_TIME, POLICY_DEMO, create_authority, crls, issue, serials
from reports.identities import SoftwareSigner
from reports.trust import Anchors, is_demo, judge
from tests.helpers.signing_office import FOUNDED, SIGNED, Office, found_office
from workstation.core.examination import Outcome
from workstation.core.signature_errors import IdentityDamaged
from workstation.core.signatures import AuthorityMaterial, IssuedIdentity, TimestamperMaterial, TrustStore


def _certificates(office: Office) -> list[x509.Certificate]:
    people = (office.reviewer, office.officer)
    ders = [der for one in people for der in (one.ec_certificate_der, one.pq_certificate_der)]
    return [x509.load_der_x509_certificate(der) for der in (*ders, office.timestamper.certificate_der)]


def test_every_certificate_is_issued_by_one_of_the_two_roots(office: Office) -> None:
    """P-384 people chain to the P-384 root, ML-DSA-87 people to the ML-DSA-87 root."""
    anchors = Anchors(office.trust)
    kinds = (ec.EllipticCurvePublicKey, mldsa.MLDSA87PublicKey)
    for certificate in _certificates(office):
        root = anchors.issuer_of(certificate)
        assert root is not None
        assert [isinstance(root.public_key(), kind) for kind in kinds] == [
            isinstance(certificate.public_key(), kind) for kind in kinds
        ]


def test_people_may_sign_documents_and_nothing_else(office: Office) -> None:
    """A person's certificate is for signatures and content commitment and cannot issue others."""
    for certificate in _certificates(office)[:4]:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage)
        assert usage.critical
        assert usage.value.digital_signature
        assert usage.value.content_commitment
        assert not usage.value.key_cert_sign
        assert not certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_the_timestamper_says_that_its_time_is_claimed(office: Office) -> None:
    """Name and policy of the timestamper's certificate call the time claimed; it can do nothing else."""
    certificate = _certificates(office)[-1]
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage)
    assert usage.critical
    assert list(usage.value) == [ExtendedKeyUsageOID.TIME_STAMPING]
    assert "CLAIMED TIME" in certificate.subject.rfc4514_string()
    policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
    assert POLICY_CLAIMED_TIME in {policy.policy_identifier.dotted_string for policy in policies}


def test_demo_certificates_say_so_in_subject_and_policy() -> None:
    """Every certificate of a demonstration carries DEMO in its organisation and the demo policy."""
    office = found_office(demo=True)
    roots = [x509.load_der_x509_certificate(der) for der in office.authority.roots_der]
    for certificate in (*roots, *_certificates(office)):
        assert is_demo(certificate)
    for certificate in _certificates(office):
        policies = certificate.extensions.get_extension_for_class(x509.CertificatePolicies).value
        assert POLICY_DEMO in {policy.policy_identifier.dotted_string for policy in policies}


def test_real_certificates_are_not_taken_for_a_demo(office: Office) -> None:
    """An office whose name merely contains the word is not a demonstration."""
    assert not any(is_demo(one) for one in _certificates(office))
    other = create_authority("Democratic DEMOnstrations Office", at=FOUNDED, demo=False)
    assert not is_demo(x509.load_der_x509_certificate(other.ec_certificate_der))


def test_a_revocation_list_names_who_was_revoked(office: Office) -> None:
    """Both roots list both certificates of a revoked person, and the judgement refuses each."""
    gone = dict.fromkeys(serials(office.officer), SIGNED)
    lists = crls(office.authority, gone, at=SIGNED, next_update=SIGNED + timedelta(days=30))
    anchors = Anchors(TrustStore(roots_der=office.trust.roots_der, crls_der=lists))
    for der in (office.officer.ec_certificate_der, office.officer.pq_certificate_der):
        certificate = x509.load_der_x509_certificate(der)
        answer = judge(certificate, anchors, claimed_at=SIGNED, at=SIGNED, path="x")
        assert [problem.code for problem in answer.problems] == ["EXP-110"]
        assert not answer.trusted


@pytest.mark.parametrize(
    ("claimed_days", "at_days", "codes"),
    [
        (22, 22, []),
        (22, 70, ["EXP-114"]),  # the list ended after 60 days
        (80, 80, ["EXP-113"]),  # no list was current when it was signed
        (22, 4 * 365, ["EXP-112", "EXP-114"]),
        (4 * 365, 4 * 365, ["EXP-111", "EXP-113"]),
        (-2, 22, ["EXP-111"]),
        (22, -2, ["EXP-111", "EXP-111", "EXP-125", "EXP-113"]),  # the verifier's clock is before everything
        (22, 20, ["EXP-125"]),
    ],
)
def test_time_is_judged_as_claimed_and_as_looked_at(
    office: Office, claimed_days: int, at_days: int, codes: list[str]
) -> None:
    """Validity is judged at the claimed time; what ended since, or lies ahead, is said."""
    certificate = x509.load_der_x509_certificate(office.officer.ec_certificate_der)
    answer = judge(
        certificate,
        Anchors(office.trust),
        claimed_at=FOUNDED + timedelta(days=claimed_days),
        at=FOUNDED + timedelta(days=at_days),
        path="x",
    )
    found = [problem.code for problem in answer.problems]
    assert sorted(set(found)) == sorted(set(codes))


def test_a_list_older_than_policy_is_refused(office: Office) -> None:
    """With a policy of ten days a list of twenty-two days is refused although it has not ended."""
    strict = TrustStore(
        roots_der=office.trust.roots_der, crls_der=office.trust.crls_der, max_crl_age=timedelta(days=10)
    )
    certificate = x509.load_der_x509_certificate(office.officer.pq_certificate_der)
    answer = judge(certificate, Anchors(strict), claimed_at=SIGNED, at=SIGNED, path="x")
    assert [(one.code, one.severity) for one in answer.problems] == [("EXP-115", Outcome.REJECT)]


def test_another_office_of_the_same_name_is_unknown(office: Office) -> None:
    """A root with the same subject but another key does not vouch for anybody here."""
    twin = found_office()
    certificate = x509.load_der_x509_certificate(twin.officer.ec_certificate_der)
    answer = judge(certificate, Anchors(office.trust), claimed_at=SIGNED, at=SIGNED, path="x")
    assert [problem.code for problem in answer.problems] == ["EXP-109"]


def test_sealed_forms_come_back_as_they_were(office: Office) -> None:
    """Packing and unpacking an authority, an identity and a timestamper loses nothing."""
    authority, person, clock = office.authority, office.reviewer, office.timestamper
    assert AuthorityMaterial.unpack(authority.pack()).pack() == authority.pack()
    assert IssuedIdentity.unpack(person.pack()).pack() == person.pack()
    assert IssuedIdentity.unpack(person.pack()).chain_der == person.chain_der
    assert TimestamperMaterial.unpack(clock.pack()).pack() == clock.pack()


def test_a_damaged_sealed_form_is_refused(office: Office) -> None:
    """A cut, a strange tag or a key of somebody else never becomes a signer."""
    packed = office.reviewer.pack()
    for damaged in (packed[:-1], packed[:40], b"X" + packed[1:], b""):
        with pytest.raises(IdentityDamaged):
            IssuedIdentity.unpack(damaged)
    mixed = IssuedIdentity.unpack(packed)
    swapped = IssuedIdentity(
        person_id="P",
        display_name="N",
        role="R",
        ec_certificate_der=office.officer.ec_certificate_der,
        pq_certificate_der=mixed.pq_certificate_der,
        ec_key_der=mixed.ec_key_der,
        pq_key_der=mixed.pq_key_der,
    )
    with pytest.raises(IdentityDamaged):
        SoftwareSigner(swapped)


def test_loading_a_signer_wipes_the_key_bytes_and_closing_drops_the_keys(office: Office) -> None:
    """After loading, the handed-over bytes are zeros; after closing nobody can sign."""
    identity = IssuedIdentity.unpack(office.reviewer.pack())
    with SoftwareSigner(identity) as signer:
        assert not any(identity.ec_key_der)
        assert not any(identity.pq_key_der)
        assert signer.sign_pq(b"x")
    with pytest.raises(IdentityDamaged):
        signer.sign_classical(b"x")
    with pytest.raises(IdentityDamaged):
        signer.sign_pq(b"x")


def test_keys_do_not_show_in_a_printed_identity(office: Office) -> None:
    """``repr`` of what holds private keys shows none of them."""
    for one in (office.authority, office.reviewer, office.timestamper):
        assert "key_der" not in repr(one)


def test_long_names_are_cut_to_what_a_certificate_holds() -> None:
    """A display name beyond 64 characters still gets a certificate."""
    at = datetime(2026, 11, 1, tzinfo=UTC)
    person = issue(create_authority("O" * 100, at=at, demo=True), "P" * 90, "N" * 90, "R" * 90, at=at)
    certificate = x509.load_der_x509_certificate(person.ec_certificate_der)
    assert all(len(str(attribute.value)) <= 64 for attribute in certificate.subject)
