"""The day P-384 breaks: whoever holds the P-384 root's key, and not the ML-DSA-87 root's, forges nothing."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, mldsa

from reports import authority, content_signing, trust
from reports.trust import fingerprint
from reports.verifying import verify_export
from tests.helpers.signing_office import FOUNDED, SIGNED, Office, document, signed_document, write_export
from workstation.core.content import ContentSignatureBad
from workstation.core.signatures import IssuedIdentity


def _from_the_curve(office: Office, one: IssuedIdentity) -> IssuedIdentity:
    """Somebody's namesake with both keys new, both vouched for by the P-384 root's key alone."""
    ec_root, _pq_root = authority._issuers(office.authority)
    subject = authority._person_name(office.authority, one.person_id, one.display_name, one.role)
    profile = authority._signing_profile(demo=False)
    ec_key, pq_key = ec.generate_private_key(ec.SECP384R1()), mldsa.MLDSA87PrivateKey.generate()
    leaves = [
        authority._leaf(subject, key.public_key(), ec_root, profile, at=FOUNDED) for key in (ec_key, pq_key)
    ]
    return IssuedIdentity(
        person_id=one.person_id,
        display_name=one.display_name,
        role=one.role,
        ec_certificate_der=leaves[0],
        pq_certificate_der=leaves[1],
        ec_key_der=authority._private_der(ec_key),
        pq_key_der=authority._private_der(pq_key),
        chain_der=office.authority.roots_der,
    )


def _believing_the_curve(patch: pytest.MonkeyPatch) -> None:
    """The forger's own tools do not ask what ours ask while they write."""

    def anything(*_certificates: object) -> bool:
        return True

    patch.setattr(trust, "_as_strong", anything)


def _forged(office: Office, folder: Path, forge: Callable[[Office], Office]) -> Path:
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        _believing_the_curve(patch)
        evil = forge(office)
        return write_export(evil, folder, report=signed_document(evil, document("Forged")))


def test_the_p384_root_vouches_for_no_quantum_safe_key(
    office: Office, tmp_path: Path, verifier: ModuleType
) -> None:
    """With both roots trusted, an ML-DSA-87 key issued by the P-384 root is unknown to both verifiers."""

    def everybody(office: Office) -> Office:
        officer = _from_the_curve(office, office.officer)
        return replace(office, officer=officer, reviewer=_from_the_curve(office, office.reviewer))

    folder = _forged(office, tmp_path / "export", everybody)
    roots = {fingerprint(der) for der in office.authority.roots_der}
    alone = verifier.Verification(str(folder), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
    alone.run([])
    ours = verify_export(folder, office.trust, at=SIGNED)
    assert ("EXP-109", "export.dsse.json") in {(one.code, one.path) for one in ours.problems}
    assert ("EXP-109", "SHA384SUMS.pq.p7s") in {(one.code, one.path) for one in ours.problems}
    assert ("EXP-109", "export.dsse.json") in {(one[1], one[2]) for one in alone.problems}


def test_the_reviewers_part_does_not_rest_on_the_curve(
    office: Office, tmp_path: Path, verifier: ModuleType
) -> None:
    """Nor does an officer with honest keys pass off a reviewer whose keys the broken root made."""

    def reviewer_only(office: Office) -> Office:
        return replace(office, reviewer=_from_the_curve(office, office.reviewer))

    folder = _forged(office, tmp_path / "export", reviewer_only)
    roots = {fingerprint(der) for der in office.authority.roots_der}
    alone = verifier.Verification(str(folder), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
    alone.run([])
    ours = verify_export(folder, office.trust, at=SIGNED)
    assert {(one.code, one.path) for one in ours.problems} == {("EXP-109", "certification.dsse.json")}
    assert {(one[1], one[2]) for one in alone.problems} == {("EXP-109", "certification.dsse.json")}


def test_a_content_set_does_not_rest_on_the_curve(office: Office) -> None:
    """A criteria set signed with such keys is refused where the honest one is taken."""
    said: dict[str, object] = {"name": "set", "version": 1}

    def verified_as_of(author: IssuedIdentity) -> int:
        with office.sign_as(author) as signer:
            signed = content_signing.sign("set-v1.json", b"{}", predicate=said, signer=signer)
        signers = content_signing.verify(
            "set-v1.json", b"{}", *signed, predicate=said, trust=office.trust, at=SIGNED, demo_allowed=False
        )
        return len(signers)

    assert verified_as_of(office.officer) == 2
    with pytest.raises(ContentSignatureBad) as refused:
        verified_as_of(_from_the_curve(office, office.officer))
    assert refused.value.problem == "EXP-109"
