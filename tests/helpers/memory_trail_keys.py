"""Signing checkpoints on a vault in memory: no signature, but nobody else makes the same bytes."""

import hashlib
import hmac


class MemoryTrailKeys:
    """The part of ``memory_vault.MemoryVault`` that signs."""

    _person_id: str
    _key: bytes

    def require_open(self) -> None:
        """See the vault."""
        raise AssertionError

    def sign_checkpoint(self, statement: bytes) -> tuple[bytes, bytes]:
        """See ``Vault.sign_checkpoint``."""
        self.require_open()
        public_key = (hashlib.sha384(self._person_id.encode()).digest() * 54)[:2_592]
        return public_key, self._signed(public_key, statement)

    def checkpoint_holds(self, public_key: bytes, statement: bytes, signature: bytes) -> bool:
        """See ``Vault.checkpoint_holds``."""
        return hmac.compare_digest(signature, self._signed(public_key, statement))

    def _signed(self, public_key: bytes, statement: bytes) -> bytes:
        return (hmac.digest(self._key, public_key + statement, "sha384") * 97)[:4_627]
