"""The machine's half of a passphrase slot: 32 bytes in the operating system's keyring, or visibly nothing.

Only backends known to keep secrets encrypted are used. A keyring may ask the person for a password and
block, so each call runs in a thread of its own that is given up on after a while.
"""

import base64
import binascii
import os
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from workstation.core.vault_errors import (
    DeviceSecretMissing,
    KeyringAbsent,
    KeyringLocked,
    KeyringPlaintext,
    KeyringUnusable,
)

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE: Final = "frontier-review-workstation"
_SECRET_BYTES = 32
_TIMEOUT_S = 20.0
_ALLOWED: Final = frozenset(
    {
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.macOS.Keyring",
    }
)
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_NONE: Final = "keyring.backends.fail.Keyring"  # what the library gives where it finds none
# Names of errors, of the library and of what it stands on, by what they come from. SecretService raises
# InitError when nobody answers the question for the keyring's password.
_LOCKED: Final = frozenset({"KeyringLocked", "InitError", "LockedException", "PromptDismissedException"})
_GONE: Final = frozenset({"NoKeyringError", "SecretServiceNotAvailableException", "DBusAddressNotFound"})
_T = TypeVar("_T")


class DeviceSecrets(Protocol):
    """Where device secrets are kept."""

    def create(self, user: str) -> bytearray:
        """A new secret under ``user``, read back once to be sure.

        Raises:
            KeyringUnusable: it cannot be kept.
        """

    def read(self, user: str) -> bytearray:
        """The secret under ``user``.

        Raises:
            DeviceSecretMissing: there is none, or not one of ours.
            KeyringUnusable: the keyring is locked, gone or not allowed.
        """

    def delete(self, user: str) -> None:
        """Remove it if it is there and the keyring works."""

    @property
    def encrypts(self) -> bool:
        """Whether there is a keyring known to keep secrets encrypted, locked or not; told at once."""

    def fault(self) -> KeyringUnusable | None:
        """What would be raised by keeping a secret now; None where it would be kept. It is tried."""


def to_bind(secrets: DeviceSecrets | None) -> DeviceSecrets | None:
    """What a new slot is bound to; None on a machine without any keyring that encrypts.

    Raises:
        KeyringUnusable: there is one, and it is locked or fails now. Then no slot is to be made, for it
            would rest on less than tomorrow's.
    """
    fault = None if secrets is None else secrets.fault()
    if fault is None:
        return secrets
    if isinstance(fault, KeyringAbsent | KeyringPlaintext):
        return None
    raise fault


@dataclass(frozen=True, kw_only=True)
class KeyringReport:
    """What was found; shown on the security page and written to the audit log."""

    usable: bool
    backend: str
    reason: str  # "" or one of: not-allowed, none, locked, gone, failed, timed-out, altered


class OsKeyring:
    """``DeviceSecrets`` in the operating system's keyring."""

    def __init__(self, backend: "KeyringBackend | None" = None, *, timeout_s: float = _TIMEOUT_S) -> None:
        self._timeout_s = timeout_s
        self._backend, self._label = _choose(backend)

    def probe(self) -> KeyringReport:
        """Write, read and delete a random value under a random name."""
        if self._backend is None:
            return KeyringReport(usable=False, backend=self._label, reason=self._why_none())
        backend, name, value = self._backend, "probe:" + secrets.token_hex(16), secrets.token_urlsafe(24)

        def try_it() -> bool:
            backend.set_password(SERVICE, name, value)
            if backend.get_password(SERVICE, name) != value:
                return False
            backend.delete_password(SERVICE, name)
            return backend.get_password(SERVICE, name) is None

        try:
            same = self._call(try_it)
        except KeyringUnusable as error:
            return KeyringReport(usable=False, backend=self._label, reason=error.reason)
        return KeyringReport(usable=same, backend=self._label, reason="" if same else "altered")

    @property
    def encrypts(self) -> bool:
        """See ``DeviceSecrets.encrypts``."""
        return self._backend is not None

    def fault(self) -> KeyringUnusable | None:
        """See ``DeviceSecrets.fault``."""
        report = self.probe()
        return None if report.usable else self._unusable(report.reason)

    def create(self, user: str) -> bytearray:
        """See ``DeviceSecrets.create``."""
        backend = self._require_backend()
        secret = bytearray(os.urandom(_SECRET_BYTES))
        text = base64.urlsafe_b64encode(secret).decode().rstrip("=")
        self._call(lambda: backend.set_password(SERVICE, user, text))
        if self._call(lambda: backend.get_password(SERVICE, user)) != text:
            raise self._unusable("altered")
        return secret

    def read(self, user: str) -> bytearray:
        """See ``DeviceSecrets.read``."""
        backend = self._require_backend()
        text = self._call(lambda: backend.get_password(SERVICE, user))
        try:
            secret = bytearray(base64.b64decode((text or "") + "=", altchars=b"-_", validate=True))
        except (ValueError, binascii.Error) as error:
            raise DeviceSecretMissing from error
        if len(secret) != _SECRET_BYTES:
            raise DeviceSecretMissing
        return secret

    def delete(self, user: str) -> None:
        """See ``DeviceSecrets.delete``."""
        from keyring.errors import PasswordDeleteError  # noqa: PLC0415 - keyring is slow to import

        backend = self._require_backend()

        def remove() -> None:
            try:
                backend.delete_password(SERVICE, user)
            except PasswordDeleteError:
                return

        self._call(remove)

    def _require_backend(self) -> "KeyringBackend":
        if self._backend is None:
            raise self._unusable(self._why_none())
        return self._backend

    def _why_none(self) -> str:
        return "none" if self._label == _NONE else "not-allowed"

    def _unusable(self, reason: str) -> KeyringUnusable:
        kind = _FAULTS.get(reason, KeyringUnusable)
        return kind(backend=self._label, reason=reason)

    def _call(self, work: Callable[[], _T]) -> _T:
        results: list[_T] = []
        errors: list[str] = []

        def run() -> None:
            try:
                results.append(work())
            except Exception as error:  # noqa: BLE001 - backends raise KeyringError, D-Bus errors, anything
                errors.append(type(error).__name__)

        thread = threading.Thread(target=run, name="vault-keyring", daemon=True)
        thread.start()
        thread.join(self._timeout_s)
        if results:
            return results[0]
        raise self._unusable(_reason(errors[0]) if errors else "timed-out")


_FAULTS: Final[dict[str, type[KeyringUnusable]]] = {
    "locked": KeyringLocked,
    "timed-out": KeyringLocked,  # its question for the password is open, or nobody can see it
    "not-allowed": KeyringPlaintext,
    "none": KeyringAbsent,
    "gone": KeyringAbsent,
}


def _reason(error: str) -> str:
    if error in _LOCKED:
        return "locked"
    return "gone" if error in _GONE else "failed"


def _choose(backend: "KeyringBackend | None") -> "tuple[KeyringBackend | None, str]":
    """The backend if its class is on the list (or the first on the list inside a chain), and its name."""
    if backend is None:
        import keyring  # noqa: PLC0415 - slow, and not needed when a backend is given

        backend = keyring.get_keyring()
    label = _class_of(backend)
    candidates = list(getattr(backend, "backends", ())) if label == _CHAINER else [backend]
    for candidate in candidates:
        if _class_of(candidate) in _ALLOWED:
            return candidate, _class_of(candidate)
    return None, label


def _class_of(backend: object) -> str:
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def user_of(vault_id: str, slot_id: str) -> str:
    """The keyring's user name for one slot."""
    return f"{vault_id}:{slot_id}"
