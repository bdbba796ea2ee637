"""A signing identity whose classical key lies on a card; the ML-DSA-87 key beside it is in memory.

Nothing of the card's key passes through here: what is to be signed goes to the card with the PIN, and what
comes back is checked with the public key before anybody uses it.
"""

from types import TracebackType
from typing import Self

from asn1crypto import algos, csr, keys  # type: ignore[import-untyped]  # ships no annotations
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, mldsa, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from reports.identities import low_s
from workstation.core.signature_errors import CardSignatureWrong, CertificateNotOnCard, IdentityDamaged
from workstation.core.signatures import IssuedIdentity
from workstation.core.signing_cards import SigningCards


class CardSigner:
    """Satisfies ``core.signatures.Signer``; use it as a context manager. The PIN is wiped at its end."""

    def __init__(self, identity: IssuedIdentity, cards: SigningCards, pin: bytearray) -> None:
        """Load the key that is no card's and wipe it; the card is asked with the first signature.

        Raises:
            IdentityDamaged: the key cannot be read, is of another kind, or is not its certificate's.
        """
        try:
            pq_key = serialization.load_der_private_key(identity.pq_key_der, None)
            certificate = x509.load_der_x509_certificate(identity.ec_certificate_der)
            pq_certificate = x509.load_der_x509_certificate(identity.pq_certificate_der)
        except ValueError as fault:
            raise IdentityDamaged(detail="a signing key cannot be read") from fault
        finally:
            identity.wipe()
        if not isinstance(pq_key, mldsa.MLDSA87PrivateKey):
            raise IdentityDamaged(detail="a signing key is of another kind")
        if pq_key.public_key() != pq_certificate.public_key():
            raise IdentityDamaged(detail="a signing key belongs to another certificate")
        self._pq_key: mldsa.MLDSA87PrivateKey | None = pq_key
        self._cards, self._pin, self._serial = cards, bytearray(pin), identity.card_serial
        self._public = classical_key(certificate)
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
        """As the card does: ECDSA on P-384 (DER, low s) or RSASSA-PKCS1-v1_5, over SHA-384.

        Raises:
            CertificateNotOnCard: the card has not the certificate's key.
            CardSignatureWrong: what came back is not a signature of this key.
            CRD errors of the card.
        """
        if self._pq_key is None:
            raise IdentityDamaged(detail="the signer is closed")
        return card_signature(self._cards, self._serial, self._pin, self._public, data, self.display_name)

    def sign_pq(self, data: bytes) -> bytes:
        """Pure ML-DSA-87, empty context."""
        if self._pq_key is None:
            raise IdentityDamaged(detail="the signer is closed")
        return self._pq_key.sign(data)

    def close(self) -> None:
        """Drop the key, wipe the PIN."""
        self._pq_key = None
        self._pin[:] = bytes(len(self._pin))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


ClassicalKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


def classical_key(certificate: x509.Certificate) -> ClassicalKey:
    """The P-384 or RSA key of a certificate; raises IdentityDamaged for any other."""
    key = certificate.public_key()
    if isinstance(key, rsa.RSAPublicKey) or (
        isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP384R1)
    ):
        return key
    raise IdentityDamaged(detail="a certificate of a card is for another kind of key")


def card_signature(
    cards: SigningCards, serial: str, pin: bytearray, public: ClassicalKey, data: bytes, name: str
) -> bytes:
    """One signature, checked; raises CertificateNotOnCard, CardSignatureWrong, CRD errors."""
    public_der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    signature = cards.sign(serial, pin, public_der, data)
    if signature is None:
        raise CertificateNotOnCard(untrusted_name=name, serial=serial)
    try:
        if isinstance(public, rsa.RSAPublicKey):
            public.verify(signature, data, padding.PKCS1v15(), hashes.SHA384())
            return signature
        public.verify(signature, data, ec.ECDSA(hashes.SHA384()))
    except (InvalidSignature, ValueError) as fault:
        raise CardSignatureWrong(serial=serial) from fault
    return low_s(signature)


def request(cards: SigningCards, serial: str, pin: bytearray, public_der: bytes, name: str) -> bytes:
    """A certification request (PKCS #10, DER) that the card signed: proof that it has the private key."""
    public = serialization.load_der_public_key(public_der)
    if not isinstance(public, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise IdentityDamaged(detail="a key of a card is of another kind")
    info = csr.CertificationRequestInfo(
        {
            "version": "v1",
            "subject": asn1_x509.Name.build({"common_name": name[:64]}),
            "subject_pk_info": keys.PublicKeyInfo.load(public_der),
            "attributes": csr.CRIAttributes([]),
        }
    )
    kind = "sha384_rsa" if isinstance(public, rsa.RSAPublicKey) else "sha384_ecdsa"
    signed: bytes = csr.CertificationRequest(
        {
            "certification_request_info": info,
            "signature_algorithm": algos.SignedDigestAlgorithm({"algorithm": kind}),
            "signature": card_signature(cards, serial, pin, public, info.dump(), name),
        }
    ).dump()
    return signed
