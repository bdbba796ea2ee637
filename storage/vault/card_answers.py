"""The secret a card gives to a challenge, and making the challenge (vault-v1.md, section 3)."""

import os
from typing import TYPE_CHECKING, Any, Final

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA384, HashAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from storage.vault.keys import wipe
from workstation.core.cards import CardChallenge, CardKey, CardMechanism

if TYPE_CHECKING:
    import pkcs11

POINT_BYTES: Final = 97
AGREED_BYTES: Final = 48
TRANSPORTED_BYTES: Final = 32
# What a card says of a value that is not for it; anything else is a fault of the card.
_NOT_FOR_IT = frozenset(
    {
        "EncryptedDataInvalid",
        "EncryptedDataLenRange",
        "DataInvalid",
        "DataLenRange",
        "GeneralError",
        "FunctionFailed",
        "MechanismParamInvalid",
        "ArgumentsBad",
    }
)


def challenge_to(key: CardKey, mechanism: CardMechanism) -> tuple[CardChallenge, bytearray]:
    """A challenge only this key answers, and the answer.

    Raises:
        ValueError: the mechanism is not for this kind of key.
    """
    public = load_der_public_key(key.public_der)
    if mechanism is CardMechanism.ECDH_P384 and isinstance(public, ec.EllipticCurvePublicKey):
        once = ec.generate_private_key(ec.SECP384R1())
        value = once.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        answer = bytearray(once.exchange(ec.ECDH(), public))
    elif mechanism is not CardMechanism.ECDH_P384 and isinstance(public, rsa.RSAPublicKey):
        answer = bytearray(os.urandom(TRANSPORTED_BYTES))
        value = public.encrypt(bytes(answer), _oaep(mechanism))
    else:
        raise ValueError(mechanism)
    return CardChallenge(mechanism=mechanism, key_sha384=key.public_sha384, value=value), answer


def _oaep(mechanism: CardMechanism) -> padding.OAEP:
    digest: HashAlgorithm = SHA384() if mechanism is CardMechanism.OAEP_SHA384 else SHA1()  # noqa: S303
    return padding.OAEP(padding.MGF1(digest), digest, None)


def mechanism_for(key: CardKey) -> CardMechanism | None:
    """How this kind of key is asked for certain; ``None`` when it is no use."""
    if key.can_agree:
        return CardMechanism.ECDH_P384
    return CardMechanism.OAEP_SHA1 if key.can_decrypt else None


def ask_another(pairs: "tuple[tuple[CardKey, pkcs11.PrivateKey], ...]", pin: bytearray) -> None:
    """Let the card work for nothing: a card that is not the one takes as long as the one."""
    for key, private in pairs:
        mechanism = mechanism_for(key)
        if mechanism is not None:
            challenge, answer = challenge_to(key, mechanism)
            wipe(answer, ask(private, challenge, pin) or bytearray())
            return


def ask(private: "pkcs11.PrivateKey", challenge: CardChallenge, pin: bytearray) -> bytearray | None:
    """What the card makes of the challenge; ``None`` when it is not for this key.

    Raises:
        pkcs11.PKCS11Error: the card failed.
    """
    try:
        if challenge.mechanism is CardMechanism.ECDH_P384:
            answer = _agree(private, challenge.value)
            size_bytes = AGREED_BYTES
        else:
            answer = _decrypt(private, challenge, pin)
            size_bytes = TRANSPORTED_BYTES
    except RuntimeError as error:
        if type(error).__name__ in _NOT_FOR_IT:
            return None
        raise
    if len(answer) != size_bytes:
        wipe(answer)
        return None
    return answer


def _agree(private: Any, point: bytes) -> bytearray:
    from pkcs11 import KDF, Attribute, KeyType, Mechanism  # noqa: PLC0415 - foreign code, loaded when used

    agreed = private.derive_key(
        KeyType.GENERIC_SECRET,
        AGREED_BYTES * 8,
        mechanism=Mechanism.ECDH1_DERIVE,
        mechanism_param=(KDF.NULL, None, point),
        template={Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True, Attribute.TOKEN: False},
    )
    try:
        return bytearray(agreed[Attribute.VALUE])
    finally:
        agreed.destroy()


def _decrypt(private: Any, challenge: CardChallenge, pin: bytearray) -> bytearray:
    from pkcs11 import MGF, Attribute, Mechanism  # noqa: PLC0415 - foreign code, loaded when used

    if challenge.mechanism is CardMechanism.OAEP_SHA384:
        how = (Mechanism.SHA384, MGF.SHA384, None)
    else:
        how = (Mechanism.SHA_1, MGF.SHA1, None)
    try:
        asks_each_time = bool(private[Attribute.ALWAYS_AUTHENTICATE])
    except RuntimeError:
        asks_each_time = False
    again = {"pin": pin.decode()} if asks_each_time else {}
    plain = private.decrypt(challenge.value, mechanism=Mechanism.RSA_PKCS_OAEP, mechanism_param=how, **again)
    return bytearray(plain)
