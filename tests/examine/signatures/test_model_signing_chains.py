"""Certificate chains of model signatures: trusted only where they lead to a root that came otherwise."""

import datetime as dt
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from tests.examine.signatures import bundles
from tests.examine.signatures.bundles import FILES, codes, examined
from tests.examine.signatures.signed_samples import altered, keys, public
from workstation.core.examination import Outcome


def der(certificate: x509.Certificate) -> bytes:
    """A certificate as PEM."""
    return certificate.public_bytes(serialization.Encoding.PEM)


def chain(**leaf_more: Any) -> tuple[x509.Certificate, list[x509.Certificate]]:
    """A root, and a signer's certificate with its intermediate."""
    root_key, middle_key = keys()["rsa"], keys()["p384"]
    root = bundles.certificate("root", root_key, "root", root_key, ca=True)
    middle = bundles.certificate("middle", middle_key, "root", root_key, ca=True, path_length=0)
    leaf = bundles.certificate("signer", keys()["p256"], "middle", middle_key, **leaf_more)
    return root, [leaf, middle]


def by_chain(certificates: list[x509.Certificate]) -> dict[str, Any]:
    """The sample model signed by the first certificate's key."""
    return bundles.bundle(bundles.statement(FILES), keys()["p256"], bundles.chain_material(*certificates))


def test_a_chain_leads_to_its_root() -> None:
    """A certificate that leads to a trusted root verifies; pinned certificates and keys do too."""
    root, certificates = chain()
    for trust in (der(root), der(certificates[1]), der(certificates[0]), public("p256")):
        outcome, notes = examined(by_chain(certificates), FILES, (trust,))
        assert outcome is Outcome.ACCEPT, notes.findings
        assert (notes.facts["kind"], notes.facts["signer"]) == ("certificate", "CN=signer")
        assert notes.facts["signature"] == "valid"


def test_without_a_root_a_chain_is_only_intact() -> None:
    """Without trust a chain is a warning, whatever it says of itself."""
    _root, certificates = chain()
    outcome, notes = examined(by_chain(certificates), FILES)
    assert outcome is Outcome.WARN
    assert "SIG_NO_TRUST_ROOT" in codes(notes)


def test_chains_that_lead_nowhere_are_refused() -> None:
    """A namesake root, a missing link, no authority, a wrong purpose, an expired or long path: refused."""
    root, certificates = chain()
    leaf, middle = certificates
    other = bundles.certificate("root", keys()["p521"], "root", keys()["p521"], ca=True)
    no_authority = bundles.certificate("middle", keys()["p384"], "root", keys()["rsa"])
    bad_purpose = chain(signing=False)[1]
    late = chain(start=bundles.FROM + dt.timedelta(days=500))[1]
    deep_key = keys()["p521"]
    deep = bundles.certificate("deep", deep_key, "middle", keys()["p384"], ca=True)
    too_deep = bundles.certificate("signer", keys()["p256"], "deep", deep_key)
    cases = [
        (other, certificates),
        (root, [leaf]),
        (root, [leaf, no_authority]),
        (root, bad_purpose),
        (root, late),
        (root, [too_deep, deep, middle]),
    ]
    for anchor, given_chain in cases:
        outcome, notes = examined(by_chain(given_chain), FILES, (der(anchor),))
        assert outcome is Outcome.REJECT, (anchor.subject, len(given_chain))
        assert "SIG_INVALID" in codes(notes)


def test_sigstore_without_its_log_is_a_warning() -> None:
    """Sigstore mode is never more than intact here, and a forged one is refused."""
    root, certificates = chain()
    material = {**bundles.chain_material(*certificates), "tlogEntries": [{"logIndex": "1"}]}
    content = bundles.bundle(bundles.statement(FILES), keys()["p256"], material)
    for trust in ((), (der(root),)):
        outcome, notes = examined(content, FILES, trust)
        assert (outcome, notes.facts["kind"]) == (Outcome.WARN, "sigstore")
        assert "SIG_NO_TRUST_ROOT" in codes(notes)
        assert examined(content, altered(FILES), trust)[0] is Outcome.REJECT
    forged = bundles.bundle(bundles.statement(FILES), keys()["p384"], material)
    assert examined(forged, FILES)[0] is Outcome.REJECT
