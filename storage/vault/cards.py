"""Smart cards through the PKCS #11 module of their maker: ``workstation.core.cards.CardReader``.

The module is foreign code in this process, so it is loaded only from where nobody but the administrator may
write. Its calls may block; each runs in a thread that is given up on after a while. PKCS #11 is started as
for one thread at a time, so every call holds ``CARD_TURN``.
"""

import hashlib
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from cryptography.x509 import load_der_x509_certificate

from storage.vault.card_answers import ask, ask_another
from workstation.core.cards import (
    CARD_TURN,
    CardAbsent,
    CardAmbiguous,
    CardChallenge,
    CardFailed,
    CardKey,
    CardModuleFailed,
    CardModuleMissing,
    CardModuleRefused,
    CardPinLastTry,
    CardPinLocked,
    CardPinUnusable,
    CardPinWrong,
    CardRemoved,
    CardTimedOut,
    CardToken,
)
from workstation.core.errors import WorkstationError

if TYPE_CHECKING:
    import pkcs11

_TIMEOUT_S: Final = 20
_POLL_TIMEOUT_S: Final = 5
_MAX_TEXT: Final = 64
_RSA_BITS: Final = range(3072, 4097)
_GONE = frozenset(
    {
        "DeviceRemoved",
        "TokenNotPresent",
        "TokenNotRecognised",
        "SessionHandleInvalid",
        "SessionClosed",
        "SlotIDInvalid",
    }
)
_T = TypeVar("_T")


class Pkcs11Cards:
    """The cards behind one module; ``module`` is empty where the settings name none."""

    def __init__(self, module: str, *, timeout_s: int = _TIMEOUT_S) -> None:
        self._module, self._timeout_s = module, timeout_s

    def tokens(self) -> tuple[CardToken, ...]:
        """See ``CardReader.tokens``."""
        return self._in_time(lambda: tuple(_facts(token) for token in self._inserted()))

    def is_present(self, serial: str) -> bool:
        """See ``CardReader.is_present``; while somebody uses a card nobody else asks for it."""
        if not CARD_TURN.acquire(blocking=False):
            return True
        CARD_TURN.release()
        limit_s = min(_POLL_TIMEOUT_S, self._timeout_s)
        try:
            tokens = self._in_time(lambda: tuple(_facts(token) for token in self._inserted()), limit_s)
        except CardTimedOut:
            return True  # a slow reader is not an empty one; what needs the card will say so itself
        except WorkstationError:
            return False
        return any(token.serial == serial for token in tokens)

    def keys(self, serial: str, pin: bytearray) -> tuple[CardKey, ...]:
        """See ``CardReader.keys``."""

        def read() -> tuple[CardKey, ...]:
            with self._logged_in(serial, pin) as session:
                return tuple(key for key, _private in _pairs(session))

        return self._in_time(read)

    def answer(self, serial: str, pin: bytearray, challenge: CardChallenge) -> bytearray | None:
        """See ``CardReader.answer``."""

        def put() -> bytearray | None:
            with self._logged_in(serial, pin) as session:
                pairs = tuple(_pairs(session))
                own = next((p for key, p in pairs if key.public_sha384 == challenge.key_sha384), None)
                if own is None:
                    ask_another(pairs, pin)
                    return None
                return ask(own, challenge, pin)

        return self._in_time(put)

    @contextmanager
    def _logged_in(self, serial: str, pin: bytearray) -> Iterator["pkcs11.Session"]:
        from pkcs11 import PROTECTED_AUTH, TokenFlag  # noqa: PLC0415 - foreign code, loaded when used

        token = self._token(serial)
        own_pad = not pin and bool(token.flags & TokenFlag.PROTECTED_AUTHENTICATION_PATH)
        try:
            text = pin.decode("utf-8")
        except UnicodeDecodeError:
            raise CardPinWrong from None
        try:
            session = token.open(user_pin=PROTECTED_AUTH if own_pad else text)
        except Exception as error:
            if type(error).__name__ in {"PinIncorrect", "PinInvalid"}:
                raise _pin_wrong(self._facts_of(serial)) from None
            raise
        try:
            yield session
        finally:
            session.close()

    def _facts_of(self, serial: str) -> CardToken:
        return _facts(self._token(serial))

    def _token(self, serial: str) -> "pkcs11.Token":
        tokens = self._inserted()
        named = [token for token in tokens if not serial or _serial(token) == serial]
        if not named:
            raise CardAbsent(serial=serial)
        if len(named) > 1:
            raise CardAmbiguous(serials=", ".join(_serial(token) for token in named))
        return named[0]

    def _inserted(self) -> "list[pkcs11.Token]":
        from pkcs11 import TokenFlag  # noqa: PLC0415 - foreign code, loaded when used

        found = []
        for slot in self._library().get_slots(token_present=True):
            try:
                token = slot.get_token()
            except Exception as error:
                if type(error).__name__ in _GONE:  # pulled out between the two calls
                    continue
                raise
            if token.flags & TokenFlag.TOKEN_INITIALIZED:
                found.append(token)
        return found

    def _library(self) -> Any:
        """The module, loaded and started; once for the life of the process."""
        path = require_module(self._module)
        import pkcs11  # noqa: PLC0415 - foreign code, loaded when used

        try:
            return pkcs11.lib(str(path))
        except Exception as error:  # noqa: BLE001 - loading foreign code may fail in any way
            raise CardModuleFailed(path=str(path), reason=str(error) or type(error).__name__) from None

    def _in_time(self, work: Callable[[], _T], timeout_s: int | None = None) -> _T:
        """What ``work`` returns or raises, or ``CardTimedOut``; every error of PKCS #11 in our words."""
        limit_s = timeout_s or self._timeout_s
        results: list[_T] = []
        errors: list[WorkstationError] = []

        def run() -> None:
            try:
                with CARD_TURN:
                    results.append(work())
            except WorkstationError as error:
                errors.append(error)
            except Exception as error:  # noqa: BLE001 - modules raise what they like
                errors.append(_in_words(error))

        thread = threading.Thread(target=run, name="vault-card", daemon=True)
        thread.start()
        thread.join(limit_s)
        if results:
            return results[0]
        raise errors[0] if errors else CardTimedOut(timeout_s=limit_s)


def require_module(text: str) -> Path:
    """The module's real file, when nobody but the administrator can have put it there.

    Raises:
        CardModuleMissing: none is named, or it does not exist.
        CardModuleRefused: relative, or somebody else could change it or a folder above it.
    """
    named = Path(text)
    if not text:
        raise CardModuleMissing(path="")
    if not named.is_absolute():
        raise CardModuleRefused(path=text, reason="not a full path")
    try:
        path = named.resolve(strict=True)
        facts = path.stat()
        folders = [folder.stat() for folder in {*path.parents, *named.parent.resolve().parents, named.parent}]
    except (OSError, RuntimeError):
        raise CardModuleMissing(path=text) from None
    if not stat.S_ISREG(facts.st_mode):
        raise CardModuleRefused(path=text, reason="not a plain file")
    if facts.st_uid != 0 or any(folder.st_uid != 0 for folder in folders):
        raise CardModuleRefused(path=text, reason="owned by somebody else than the administrator")
    if facts.st_mode & 0o022:
        raise CardModuleRefused(path=text, reason="others may write it")
    # A sticky folder such as /tmp lets everybody put files beside, so it does not do either.
    if any(folder.st_mode & 0o022 for folder in folders):
        raise CardModuleRefused(path=text, reason="others may write its folder")
    return path


def _pin_wrong(token: CardToken) -> WorkstationError:
    if token.pin_locked:
        return CardPinLocked()
    return CardPinLastTry() if token.pin_last_try else CardPinWrong()


def _in_words(error: Exception) -> WorkstationError:
    name = type(error).__name__
    if name in _GONE:
        return CardRemoved()
    if name == "PinLocked":
        return CardPinLocked()
    if name in {"PinExpired", "UserPinNotInitialized", "PinLenRange", "PinTooWeak"}:
        return CardPinUnusable(reason=name)
    return CardFailed(reason=name)


def _facts(token: "pkcs11.Token") -> CardToken:
    from pkcs11 import TokenFlag  # noqa: PLC0415 - foreign code, loaded when used

    return CardToken(
        serial=_serial(token),
        untrusted_label=_text(token.label),
        untrusted_maker=_text(token.manufacturer_id),
        pin_count_low=bool(token.flags & TokenFlag.USER_PIN_COUNT_LOW),
        pin_last_try=bool(token.flags & TokenFlag.USER_PIN_FINAL_TRY),
        pin_locked=bool(token.flags & TokenFlag.USER_PIN_LOCKED),
    )


def _serial(token: "pkcs11.Token") -> str:
    """Printable ASCII without spaces, as the vault's header takes it; anything else as hexadecimal."""
    raw = bytes(token.serial).strip(b" \0")
    text = raw.decode("ascii", errors="replace")
    return text[:_MAX_TEXT] if text.isalnum() and text.isascii() else raw.hex()[:_MAX_TEXT]


def _text(untrusted: str) -> str:
    return "".join(char for char in untrusted[:_MAX_TEXT] if char.isprintable()).strip()


def _pairs(session: "pkcs11.Session") -> Iterator[tuple[CardKey, "pkcs11.PrivateKey"]]:
    """Every private key with a public half, or a certificate, under the same identifier."""
    from pkcs11 import Attribute, ObjectClass  # noqa: PLC0415 - foreign code, loaded when used

    halves: dict[bytes, bytes] = {}
    for kind in (ObjectClass.CERTIFICATE, ObjectClass.PUBLIC_KEY):
        for found in session.get_objects({Attribute.CLASS: kind}):
            der = _public_der(found, is_certificate=kind is ObjectClass.CERTIFICATE)
            if der is not None:
                halves[_attribute(found, Attribute.ID, b"")] = der
    for private in session.get_objects({Attribute.CLASS: ObjectClass.PRIVATE_KEY}):
        public_der = halves.get(_attribute(private, Attribute.ID, b""))
        if public_der is None:
            continue
        public = load_der_public_key(public_der)
        is_p384 = isinstance(public, ec.EllipticCurvePublicKey) and isinstance(public.curve, ec.SECP384R1)
        is_rsa = isinstance(public, rsa.RSAPublicKey) and public.key_size in _RSA_BITS
        key = CardKey(
            public_sha384=hashlib.sha384(public_der).digest(),
            public_der=public_der,
            untrusted_label=_text(str(_attribute(private, Attribute.LABEL, ""))),
            can_agree=is_p384 and bool(_attribute(private, Attribute.DERIVE, default=False)),
            can_decrypt=is_rsa and bool(_attribute(private, Attribute.DECRYPT, default=False)),
        )
        yield key, private  # type: ignore[misc] # objects of this class are private keys


def _attribute(found: Any, attribute: Any, default: Any) -> Any:
    try:
        return found[attribute]
    except Exception:  # noqa: BLE001 - cards leave attributes out in many ways
        return default


def _public_der(found: Any, *, is_certificate: bool) -> bytes | None:
    """The SubjectPublicKeyInfo of an object on the card; ``None`` for what is neither RSA nor on a curve."""
    from pkcs11 import Attribute, KeyType  # noqa: PLC0415 - foreign code, loaded when used
    from pkcs11.util import ec as ec_objects  # noqa: PLC0415
    from pkcs11.util import rsa as rsa_objects  # noqa: PLC0415

    public: Any
    try:
        if is_certificate:
            public = load_der_x509_certificate(found[Attribute.VALUE]).public_key()
        elif found.key_type == KeyType.EC:
            public = load_der_public_key(ec_objects.encode_ec_public_key(found))
        elif found.key_type == KeyType.RSA:
            public = load_der_public_key(rsa_objects.encode_rsa_public_key(found))
        else:
            return None
        return bytes(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    except (ValueError, TypeError, UnsupportedAlgorithm, RuntimeError):
        return None  # RuntimeError: every error of PKCS #11
