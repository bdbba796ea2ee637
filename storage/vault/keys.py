"""Every key of the hierarchy and how it is derived or wrapped (vault-v1.md, sections 3, 4 and 8).

Keys live in ``bytearray`` where the library allows it and are wiped on ``Keys.wipe``; copies the library or
the interpreter made on the way are out of reach, so this is best effort and no more.
"""

import hashlib
import hmac
import os
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from workstation.core.vault import Argon2idCost, Cost, ObjectRef, SealedCaseKey
from workstation.core.vault_errors import (
    CaseKeyDestroyed,
    EpochUnknown,
    MemoryTooSmall,
    ObjectTampered,
    VaultLocked,
)

KEY_BYTES: Final = 32
MAC_KEY_BYTES: Final = 48
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
_PERSONAL_MAGIC = b"FRWP\x01"
_LABEL_PREFIX = b"frw-vault-1/"


def canonical(value: Mapping[str, object]) -> bytes:
    """RFC 8785."""
    return rfc8785.dumps(dict(value))  # type: ignore[arg-type] # its JSON type is closed, ours is object


def wipe(*buffers: bytearray) -> None:
    """Overwrite with zeros in place."""
    for buffer in buffers:
        buffer[:] = bytes(len(buffer))


def hkdf(
    label: str, key: bytes | bytearray, context: Mapping[str, object], size_bytes: int = KEY_BYTES
) -> bytearray:
    """HKDF-SHA384 under one of the labels of the format."""
    info = _LABEL_PREFIX + label.encode("ascii") + b"\x00" + canonical(context)
    out = bytearray(size_bytes)
    HKDF(SHA384(), size_bytes, None, info).derive_into(key, out)
    return out


def stretch(passphrase: bytearray, salt: bytes, cost: Cost) -> bytearray:
    """32 bytes from the passphrase, with the work of ``cost``.

    Raises:
        MemoryTooSmall: the machine has not the memory now.
    """
    out = bytearray(KEY_BYTES)
    if isinstance(cost, Argon2idCost):
        kdf = Argon2id(
            salt=salt,
            length=KEY_BYTES,
            iterations=cost.passes,
            lanes=cost.lanes,
            memory_cost=cost.memory_kib,
        )
        try:
            kdf.derive_into(passphrase, out)  # type: ignore[arg-type] # takes any buffer; its stub says bytes
        except MemoryError as error:
            raise MemoryTooSmall(needed_bytes=cost.memory_kib * 1024) from error
    else:
        PBKDF2HMAC(SHA384(), KEY_BYTES, salt, cost.iterations).derive_into(passphrase, out)
    return out


def wrap(kek: bytes | bytearray, key: bytes | bytearray) -> bytes:
    """AES-KW (RFC 3394)."""
    return aes_key_wrap(kek, key)


def unwrap(kek: bytes | bytearray, wrapped: bytes) -> bytearray | None:
    """The inverse of ``wrap``; ``None`` when it was not wrapped under ``kek``."""
    try:
        return bytearray(aes_key_unwrap(kek, wrapped))
    except (InvalidUnwrap, ValueError):
        return None


def login_tag(vault_id: str, login_name: str) -> str:
    """How a login name is written in a slot: not readable at a glance, findable by who knows it."""
    name = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", login_name).casefold())
    return hmac.new(vault_id.encode(), name.encode(), hashlib.sha384).hexdigest()[:32]


def seal_personal(
    personal_key: bytearray, vault_id: str, person_id: str, plaintext: bytes | bytearray
) -> bytes:
    """A personal blob (vault-v1.md, section 8)."""
    key = hkdf("personal-seal", personal_key, {"person": person_id, "vault": vault_id})
    nonce = os.urandom(NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, plaintext, _PERSONAL_MAGIC)
    wipe(key)
    return _PERSONAL_MAGIC + nonce + sealed


def unseal_personal(personal_key: bytearray, vault_id: str, person_id: str, blob: bytes) -> bytearray:
    """The plaintext of a personal blob.

    Raises:
        ObjectTampered: not sealed for this person in this vault, or changed since.
    """
    start = len(_PERSONAL_MAGIC) + NONCE_BYTES
    if len(blob) < start + TAG_BYTES or blob[: len(_PERSONAL_MAGIC)] != _PERSONAL_MAGIC:
        raise ObjectTampered(container="personal")
    key = hkdf("personal-seal", personal_key, {"person": person_id, "vault": vault_id})
    out = bytearray(len(blob) - start - TAG_BYTES)
    try:
        nonce = blob[len(_PERSONAL_MAGIC) : start]
        AESGCM(key).decrypt_into(nonce, blob[start:], _PERSONAL_MAGIC, out)
    except InvalidTag as error:
        raise ObjectTampered(container="personal") from error
    finally:
        wipe(key)
    return out


@dataclass(kw_only=True)
class Keys:
    """The vault master keys of every epoch kept, and the keys derived from them."""

    vault_id: str
    epoch: int
    masters: dict[int, bytearray] = field(repr=False)
    case_keys: Callable[[int], SealedCaseKey | None] = field(default=lambda _number: None, repr=False)
    _derived: dict[tuple[str, int], bytearray] = field(default_factory=dict, repr=False)
    _of_cases: dict[int, bytearray] = field(default_factory=dict, repr=False)
    trail_seed: bytearray | None = field(default=None, repr=False)  # of the person at the desk
    _wiped: bool = False

    def derive(self, label: str, epoch: int | None = None, size_bytes: int = KEY_BYTES) -> bytearray:
        """The key for ``label``; kept until ``wipe``, so do not change it.

        Raises:
            EpochUnknown: this vault holds no master key of that epoch.
        """
        epoch = self.epoch if epoch is None else epoch
        key = self._derived.get((label, epoch))
        if key is None:
            master = self.masters.get(epoch)
            if master is None:
                self._require_kept()
                raise EpochUnknown(epoch=epoch)
            key = hkdf(label, master, {"epoch": epoch, "vault": self.vault_id}, size_bytes)
            self._derived[label, epoch] = key
        return key

    def wrap_object_key(self, key: bytearray, case_key: int = 0) -> tuple[int, bytes]:
        """The current epoch, and ``key`` wrapped under it; epoch 0 under the case key of this number.

        Raises:
            VaultLocked: the keys were wiped before or meanwhile; then nothing was wrapped of use to anybody.
            CaseKeyDestroyed: there is no such case key (any more).
        """
        epoch = 0 if case_key else self.epoch  # once: another thread may be rotating
        wrapping = self._of_case(case_key, "") if case_key else self.derive("dek-wrap", epoch)
        wrapped = wrap(wrapping, key)
        self._require_kept()
        return epoch, wrapped

    def unwrap_object_key(self, ref: ObjectRef) -> bytearray:
        """The object's key.

        Raises:
            ObjectTampered: the reference was not made by this vault.
            EpochUnknown: no master key of that epoch.
            CaseKeyDestroyed: the key of its case is gone.
            VaultLocked: the keys were wiped.
        """
        by_case = ref.case_key
        wrapping = self._of_case(by_case, ref.container) if by_case else self.derive("dek-wrap", ref.epoch)
        return self._unwrapped(wrapping, ref.wrapped_key, ref.container)

    def _unwrapped(self, wrapping: bytearray, wrapped: bytes, what: str) -> bytearray:
        key = unwrap(wrapping, wrapped)
        if key is None or len(key) != KEY_BYTES:
            # Locking may have zeroed the key just now: that is no sign of tampering.
            self._require_kept()
            raise ObjectTampered(container=what)
        return key

    def _of_case(self, number: int, container: str) -> bytearray:
        """What wraps the keys of a case's objects; kept until the case or everything is forgotten."""
        found = self._of_cases.get(number)
        if found is None:
            sealed = self.case_keys(number)
            if sealed is None:
                self._require_kept()
                raise CaseKeyDestroyed(container=container)
            key = self._unwrapped(
                self.derive("case-wrap", sealed.epoch), sealed.wrapped, f"case key {number}"
            )
            found = hkdf("case-dek-wrap", key, {"key": number, "vault": self.vault_id})
            wipe(key)
            self._of_cases[number] = found
        return found

    def seal_case_key(self, earlier: SealedCaseKey | None = None) -> SealedCaseKey:
        """A fresh case key, or ``earlier``, wrapped under the current epoch.

        Raises:
            ObjectTampered, EpochUnknown, VaultLocked: as ``unwrap_object_key``.
        """
        epoch = self.epoch
        if earlier is None:
            key = bytearray(os.urandom(KEY_BYTES))
        else:
            key = self._unwrapped(self.derive("case-wrap", earlier.epoch), earlier.wrapped, "case key")
        sealed = SealedCaseKey(epoch=epoch, wrapped=wrap(self.derive("case-wrap", epoch), key))
        wipe(key)
        self._require_kept()
        return sealed

    def forget_case(self, number: int) -> None:
        """Zero what is kept of one case key."""
        wipe(self._of_cases.pop(number, bytearray()))

    def reading_by(self, lookup: Callable[[int], SealedCaseKey | None]) -> "Keys":
        """The same masters with the case keys of another database; wiped by its own ``wipe_derived``."""
        return Keys(vault_id=self.vault_id, epoch=self.epoch, masters=self.masters, case_keys=lookup)

    def wipe_derived(self) -> None:
        """Zero what was derived here, and not the masters."""
        wipe(*self._of_cases.values(), *self._derived.values())

    def _require_kept(self) -> None:
        if self._wiped:
            raise VaultLocked

    def adopt(self, rotated: "Keys") -> None:
        """Go on with the keys of the next epoch; readers and batches that share this object go on too."""
        self.masters.update({e: key for e, key in rotated.masters.items() if e not in self.masters})
        self.epoch = rotated.epoch
        wipe(*(key for e, key in rotated.masters.items() if self.masters[e] is not key))
        wipe(*rotated._derived.values())  # noqa: SLF001 - same class

    def forget_below(self, epoch: int) -> None:
        """Zero the keys of every earlier epoch."""
        for number in [number for number in self.masters if number < epoch]:
            wipe(self.masters.pop(number))
        for label, number in [known for known in self._derived if known[1] < epoch]:
            wipe(self._derived.pop((label, number)))

    def wipe(self) -> None:
        """Zero every key held here."""
        self._wiped = True
        wipe(self.trail_seed or bytearray())
        wipe(*self.masters.values(), *self._derived.values(), *self._of_cases.values())
        self.masters.clear()
        self._derived.clear()
