"""The sample model under every kind of key; the keys are made once for all tests."""

import functools
from typing import Any

from tests.examine.signatures import bundles
from tests.examine.signatures.bundles import FILES


@functools.cache
def keys() -> dict[str, Any]:
    """The same keys for all tests."""
    return bundles.keys()


def public(kind: str) -> bytes:
    """A public key as a trust file."""
    if kind == "mldsa":
        return bytes(keys()[kind].public_key().public_bytes_raw())
    return bundles.pem(keys()[kind])


def signed(kind: str = "p256", **more: Any) -> dict[str, Any]:
    """The sample model signed with one of the keys."""
    key = keys()[kind]
    return bundles.bundle(bundles.statement(FILES, **more), key, bundles.hint(key))


def altered(files: dict[str, bytes]) -> dict[str, bytes]:
    return {**files, "a.bin": b"Alpha"}
