"""The workstation's own timestamper: RFC 3161 tokens on P-384 for a time that is *claimed*.

An air-gapped machine has no trusted clock. The token proves that the holder of the timestamper's key
stated this time, and says so in its policy and its name; it proves nothing about the true time.
"""

import hashlib
from datetime import datetime

from asn1crypto import algos, cms, core, tsp, x509  # type: ignore[import-untyped]  # ships no annotations
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import load_der_x509_certificate
from pyhanko.sign import general
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper

from reports.authority import POLICY_CLAIMED_TIME
from workstation.core.signature_errors import IdentityDamaged
from workstation.core.signatures import TimestamperMaterial

_SERIAL_BYTES = 15  # RFC 3161 wants room for 20; positive and unique among what one stamper ever stamps


class LocalTimestamper(DummyTimeStamper):
    """States one moment, given as an argument; asks no server.

    pyHanko's test stamper is the base because it does the request plumbing; its RSA, its SHA-1 certificate
    identifier and its policy are replaced here.
    """

    def __init__(self, material: TimestamperMaterial, *, at: datetime) -> None:
        """Load the key; every token will state ``at``. The caller wipes the material.

        Raises:
            IdentityDamaged: the key is no P-384 key or belongs to another certificate.
        """
        try:
            key = serialization.load_der_private_key(material.key_der, None)
        except ValueError as fault:
            raise IdentityDamaged(detail="the timestamper's key cannot be read") from fault
        certificate = load_der_x509_certificate(material.certificate_der)
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.public_key() != certificate.public_key():
            raise IdentityDamaged(detail="the timestamper's key belongs to another certificate")
        self._key = key
        self.at = at.replace(microsecond=0)
        self.chain_der = material.chain_der
        super().__init__(
            tsa_cert=x509.Certificate.load(material.certificate_der),
            tsa_key=None,  # the base would keep serialised key bytes; we hold the key
            fixed_dt=self.at,
            override_md="sha384",
            include_nonce=False,  # nothing is asked over a wire
        )

    def _build_tst_info(
        self, message_imprint: tsp.MessageImprint, dt: datetime, req: tsp.TimeStampReq
    ) -> tsp.TSTInfo:
        info = super()._build_tst_info(message_imprint, dt, req)
        info["policy"] = tsp.ObjectIdentifier(POLICY_CLAIMED_TIME)
        # One number for one thing stamped at one time, so that the same export has the same bytes.
        whole = hashlib.sha384(self.tsa_cert.dump() + message_imprint.dump() + dt.isoformat().encode())
        info["serial_number"] = int.from_bytes(whole.digest()[:_SERIAL_BYTES], "big") | 1
        return info

    def _sign_tst_info(
        self, tst_info_data: bytes, md_algorithm: str, dt: datetime
    ) -> tuple[bytes, cms.CMSAttributes]:
        del md_algorithm  # SHA-384 whatever was asked for
        digest = hashes.Hash(hashes.SHA384())
        digest.update(tst_info_data)
        own_certificate = general.as_signing_certificate_v2(self.tsa_cert, hash_algo="sha384")
        attributes = cms.CMSAttributes(
            [
                _attribute("content_type", "tst_info"),
                _attribute("signing_time", cms.Time({"utc_time": core.UTCTime(dt)})),
                _attribute("signing_certificate_v2", own_certificate),
                _attribute("message_digest", digest.finalize()),
            ]
        )
        algorithm = ec.ECDSA(hashes.SHA384(), deterministic_signing=True)
        return self._key.sign(attributes.dump(), algorithm), attributes

    def _build_signed_data(
        self, tst_info_data: bytes, md_algorithm: str, signature: bytes, signed_attrs: cms.CMSAttributes
    ) -> dict[str, object]:
        signed_data: dict[str, object] = super()._build_signed_data(
            tst_info_data, md_algorithm, signature, signed_attrs
        )
        infos = signed_data["signer_infos"]
        assert isinstance(infos, list)  # noqa: S101 - the base's own literal
        infos[0]["signature_algorithm"] = algos.SignedDigestAlgorithm({"algorithm": "sha384_ecdsa"})
        return signed_data


def _attribute(kind: str, value: object) -> cms.CMSAttribute:
    return cms.CMSAttribute({"type": cms.CMSAttributeType(kind), "values": (value,)})
