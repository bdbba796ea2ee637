"""A software signing identity, open for the length of one re-authentication."""

from types import TracebackType
from typing import Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from workstation.core.signature_errors import IdentityDamaged
from workstation.core.signatures import IssuedIdentity

P384_ORDER = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973", 16
)


class SoftwareSigner:
    """Satisfies ``core.signatures.Signer`` with keys in memory; use it as a context manager.

    The key bytes handed over are wiped at once; the loaded keys are dropped at the end. That is best
    effort: the library holds a copy of its own while the signer is open.
    """

    def __init__(self, identity: IssuedIdentity) -> None:
        """Load and wipe.

        Raises:
            IdentityDamaged: a key cannot be read, is of another kind, or is not its certificate's.
        """
        try:
            ec_key = serialization.load_der_private_key(identity.ec_key_der, None)
            pq_key = serialization.load_der_private_key(identity.pq_key_der, None)
            ec_certificate = x509.load_der_x509_certificate(identity.ec_certificate_der)
            pq_certificate = x509.load_der_x509_certificate(identity.pq_certificate_der)
        except ValueError as fault:
            raise IdentityDamaged(detail="a signing key cannot be read") from fault
        finally:
            identity.wipe()
        if not isinstance(ec_key, ec.EllipticCurvePrivateKey) or not isinstance(
            pq_key, mldsa.MLDSA87PrivateKey
        ):
            raise IdentityDamaged(detail="a signing key is of another kind")
        ours = ec_key.public_key() == ec_certificate.public_key()
        if not ours or pq_key.public_key() != pq_certificate.public_key():
            raise IdentityDamaged(detail="a signing key belongs to another certificate")
        self._ec_key: ec.EllipticCurvePrivateKey | None = ec_key
        self._pq_key: mldsa.MLDSA87PrivateKey | None = pq_key
        self.person_id, self.display_name, self.role = (
            identity.person_id,
            identity.display_name,
            identity.role,
        )
        self.ec_certificate_der, self.pq_certificate_der = (
            identity.ec_certificate_der,
            identity.pq_certificate_der,
        )
        self.chain_der = identity.chain_der

    def sign_classical(self, data: bytes) -> bytes:
        """ECDSA on P-384 over SHA-384, nonce by RFC 6979, DER, low s."""
        if self._ec_key is None:
            raise IdentityDamaged(detail="the signer is closed")
        return low_s(self._ec_key.sign(data, ec.ECDSA(hashes.SHA384(), deterministic_signing=True)))

    def sign_pq(self, data: bytes) -> bytes:
        """Pure ML-DSA-87, empty context."""
        if self._pq_key is None:
            raise IdentityDamaged(detail="the signer is closed")
        return self._pq_key.sign(data)

    def close(self) -> None:
        """Drop the keys."""
        self._ec_key = self._pq_key = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def low_s(signature: bytes) -> bytes:
    """Of the two valid forms (r, s) and (r, n-s) the one an export accepts."""
    r, s = decode_dss_signature(signature)
    return encode_dss_signature(r, min(s, P384_ORDER - s))
