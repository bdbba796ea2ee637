"""Signatures of checkpoints: ML-DSA-87 (FIPS 204) by a key whose seed only the person's slot gives."""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA87PrivateKey, MLDSA87PublicKey

from workstation.core.vault_errors import CheckpointKeyMissing

_CONTEXT = b"frw-checkpoint/1"


def sign(seed: bytearray | None, statement: bytes) -> tuple[bytes, bytes]:
    """Public key and signature.

    Raises:
        CheckpointKeyMissing: there is no seed.
    """
    if seed is None:
        raise CheckpointKeyMissing
    try:
        private = MLDSA87PrivateKey.from_seed_bytes(bytes(seed))
        return private.public_key().public_bytes_raw(), private.sign(statement, _CONTEXT)
    except UnsupportedAlgorithm as error:
        raise CheckpointKeyMissing from error


def holds(public_key: bytes, statement: bytes, signature: bytes) -> bool:
    """Whether it does."""
    try:
        MLDSA87PublicKey.from_public_bytes(public_key).verify(signature, statement, _CONTEXT)
    except (InvalidSignature, ValueError):
        return False
    return True
