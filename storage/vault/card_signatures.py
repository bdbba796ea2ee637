"""Signing with a card through PKCS #11: ``workstation.core.signing_cards.SigningCards``.

Each act logs in anew with the PIN and out again, so that a card left in the reader signs nothing by itself.
"""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509 import load_der_x509_certificate

from storage.vault.cards import Pkcs11Cards
from workstation.core.cards import CardKeyMissing
from workstation.core.signing_cards import SigningCard, SigningKey

if TYPE_CHECKING:
    import pkcs11

_RSA_BITS: Final = range(3072, 4097)
_MAX_LABEL: Final = 64
# DigestInfo of SHA-384 (RFC 8017, section 9.2), for cards that pad and do not hash.
_SHA384_INFO: Final = bytes.fromhex("3041300d060960864801650304020205000430")
_NO_SUCH_MECHANISM: Final = frozenset({"MechanismInvalid", "FunctionNotSupported"})


class Pkcs11SigningCards(Pkcs11Cards):
    """The cards behind one module; see ``Pkcs11Cards`` for what the module must be."""

    def signing_card(self, serial: str, pin: bytearray) -> SigningCard:
        """See ``SigningCards.signing_card``; raises CardKeyMissing where no key may sign."""

        def read() -> SigningCard:
            with self._logged_in(serial, pin) as session:
                keys = tuple(key for key, _private in _pairs(session))
            return SigningCard(serial=self._facts_of(serial).serial, keys=keys)

        found = self._in_time(read)
        if not found.keys:
            raise CardKeyMissing(purpose="sign")
        return found

    def sign(self, serial: str, pin: bytearray, public_der: bytes, data: bytes) -> bytes | None:
        """See ``SigningCards.sign``."""

        def put() -> tuple[bytes | None]:
            with self._logged_in(serial, pin) as session:
                pairs = tuple(_pairs(session))
                own = next((private for key, private in pairs if key.public_der == public_der), None)
                return (None if own is None else _signed(own, public_der, data, pin),)

        return self._in_time(put)[0]


def _pairs(session: "pkcs11.Session") -> "Iterator[tuple[SigningKey, pkcs11.PrivateKey]]":
    """Every private key that may sign, with its public half or a certificate under the same identifier."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - foreign code, loaded when used

    certificates: dict[bytes, list[bytes]] = {}
    halves: dict[bytes, bytes] = {}
    for found in list(session.get_objects({Attribute.CLASS: ObjectClass.PUBLIC_KEY})):
        public_der = _public_der(found)
        if public_der is not None:
            halves[_attribute(found, Attribute.ID, b"")] = public_der
    for found in list(session.get_objects({Attribute.CLASS: ObjectClass.CERTIFICATE})):
        der, name = bytes(_attribute(found, Attribute.VALUE, b"")), _attribute(found, Attribute.ID, b"")
        public_der = _certified(der)
        if public_der is not None:
            certificates.setdefault(name, []).append(der)
            halves.setdefault(name, public_der)
    for private in list(session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY})):
        name = _attribute(private, Attribute.ID, b"")
        public_der = halves.get(name)
        # A card that says nothing of what its key is for is asked to sign all the same.
        if (
            public_der is None
            or not _fits(public_der)
            or not _attribute(private, Attribute.SIGN, default=True)
        ):
            continue
        key = SigningKey(
            public_der=public_der,
            untrusted_label=_text(str(_attribute(private, Attribute.LABEL, ""))),
            certificates_der=tuple(
                der for der in certificates.get(name, ()) if _certified(der) == public_der
            ),
        )
        yield key, private  # type: ignore[misc] # objects of this class are private keys


def _signed(private: Any, public_der: bytes, data: bytes, pin: bytearray) -> bytes:
    from pkcs11 import Attribute, Mechanism  # noqa: PLC0415 - foreign code, loaded when used

    # PIV's 9C and its like want the PIN again for each signature, inside the login.
    each_time = bool(_attribute(private, Attribute.ALWAYS_AUTHENTICATE, default=False))
    again = {"pin": pin.decode()} if each_time else {}
    digest = hashlib.sha384(data).digest()
    if isinstance(load_der_public_key(public_der), ec.EllipticCurvePublicKey):
        raw = bytes(private.sign(digest, mechanism=Mechanism.ECDSA, **again))
        half = len(raw) // 2
        return encode_dss_signature(int.from_bytes(raw[:half], "big"), int.from_bytes(raw[half:], "big"))
    try:
        return bytes(private.sign(data, mechanism=Mechanism.SHA384_RSA_PKCS, **again))
    except RuntimeError as error:
        if type(error).__name__ not in _NO_SUCH_MECHANISM:
            raise
    return bytes(private.sign(_SHA384_INFO + digest, mechanism=Mechanism.RSA_PKCS, **again))


def _fits(public_der: bytes) -> bool:
    try:
        public = load_der_public_key(public_der)
    except (ValueError, UnsupportedAlgorithm):
        return False
    if isinstance(public, ec.EllipticCurvePublicKey):
        return isinstance(public.curve, ec.SECP384R1)
    return isinstance(public, rsa.RSAPublicKey) and public.key_size in _RSA_BITS


def _certified(der: bytes) -> bytes | None:
    """The public key of a certificate on the card; ``None`` for what is none."""
    try:
        public = load_der_x509_certificate(der).public_key()
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None


def _public_der(found: Any) -> bytes | None:
    from pkcs11 import KeyType  # noqa: PLC0415 - foreign code, loaded when used
    from pkcs11.util import ec as ec_objects  # noqa: PLC0415
    from pkcs11.util import rsa as rsa_objects  # noqa: PLC0415

    encoders = {KeyType.EC: ec_objects.encode_ec_public_key, KeyType.RSA: rsa_objects.encode_rsa_public_key}
    try:
        encode = encoders.get(found.key_type)
        if encode is None:
            return None
        public = load_der_public_key(encode(found))
        return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    except (ValueError, TypeError, UnsupportedAlgorithm, RuntimeError):
        return None  # RuntimeError: every error of PKCS #11


def _attribute(found: Any, attribute: Any, default: Any) -> Any:
    try:
        return found[attribute]
    except Exception:  # noqa: BLE001 - cards leave attributes out in many ways
        return default


def _text(untrusted: str) -> str:
    return "".join(char for char in untrusted[:_MAX_LABEL] if char.isprintable()).strip()
