"""Officers' recovery keys: any ``needed`` of them open the vault once (vault-v1.md, section 3)."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM1024PrivateKey, MLKEM1024PublicKey

from storage.vault.header import KEM_CIPHERTEXT_BYTES, WRAPPED_KEY_BYTES, Header
from storage.vault.header_recovery import MAX_OFFICERS, MIN_NEEDED, RecoverySet
from storage.vault.header_values import b64
from storage.vault.keys import KEY_BYTES, hkdf, unwrap, wipe, wrap
from workstation.core.recovery import RecoveryBounds

_SET_ID_BYTES = 16


def new_set(
    header: Header, master: bytearray, *, needed: int, officers: int
) -> tuple[RecoverySet, list[bytearray], bytearray]:
    """A fresh set holding the master key, the officers' keys in their order, and the sealing key.

    The caller wipes the keys.

    Raises:
        RecoveryBounds: fewer than two, more than nine, or more needed than there are.
    """
    if not MIN_NEEDED <= needed <= officers <= MAX_OFFICERS:
        raise RecoveryBounds(needed=needed, officers=officers)
    keys = [bytearray(os.urandom(KEY_BYTES)) for _ in range(officers)]
    private = MLKEM1024PrivateKey.generate()
    bare = RecoverySet(
        id=os.urandom(_SET_ID_BYTES).hex(),
        needed=needed,
        officers=officers,
        kem_public=private.public_key().public_bytes_raw(),
        ways=(),
        epoch=header.epoch,
        kem_ciphertext=bytes(KEM_CIPHERTEXT_BYTES),
        vmk=bytes(WRAPPED_KEY_BYTES),
    )
    seed = bytearray(private.private_bytes_raw())
    ways = []
    for members in combinations(range(1, officers + 1), needed):
        kek = _way_kek(header, bare, members, [keys[number - 1] for number in members])
        ways.append(wrap(kek, seed))
        wipe(kek)
    sealing = sealing_key(header.vault, bare.id, seed)
    wipe(seed)
    return rewrap_recovery(replace(bare, ways=tuple(ways)), header.epoch, master), keys, sealing


def rewrap_recovery(kept: RecoverySet, epoch: int, master: bytearray) -> RecoverySet:
    """The same set holding another master key; needs nobody's key."""
    secret, ciphertext = MLKEM1024PublicKey.from_public_bytes(kept.kem_public).encapsulate()
    bare = replace(kept, epoch=epoch, kem_ciphertext=ciphertext)
    kek = _master_kek(bare, secret)
    wrapped = replace(bare, vmk=wrap(kek, master))
    wipe(kek)
    return wrapped


def open_set(header: Header, keys: Mapping[int, bytearray]) -> tuple[bytearray, bytearray] | None:
    """The master key and the sealing key, ``None`` when the officers' keys are not those of this set.

    ``keys`` maps officers' numbers to their keys; exactly as many as the set needs.
    """
    kept = header.recovery
    if kept is None or len(keys) != kept.needed or not set(keys) <= set(range(1, kept.officers + 1)):
        return None
    members = tuple(sorted(keys))
    way = list(combinations(range(1, kept.officers + 1), kept.needed)).index(members)
    kek = _way_kek(header, kept, members, [keys[number] for number in members])
    seed = unwrap(kek, kept.ways[way])
    wipe(kek)
    if seed is None:
        return None
    private = MLKEM1024PrivateKey.from_seed_bytes(bytes(seed))
    sealing = sealing_key(header.vault, kept.id, seed)
    wipe(seed)
    if private.public_key().public_bytes_raw() != kept.kem_public:
        return None
    master_kek = _master_kek(kept, private.decapsulate(kept.kem_ciphertext))
    master = unwrap(master_kek, kept.vmk)
    wipe(master_kek)
    return None if master is None or len(master) != KEY_BYTES else (master, sealing)


def sealing_key(vault_id: str, set_id: str, seed: bytearray) -> bytearray:
    """The key under which the office's signing authority is kept for a recovery."""
    return hkdf("recovery-seal", seed, {"id": set_id, "vault": vault_id})


def _way_kek(
    header: Header, kept: RecoverySet, members: Sequence[int], keys: Sequence[bytearray]
) -> bytearray:
    material = bytearray().join(keys)
    context = {
        "id": kept.id,
        "kem_public": b64(kept.kem_public),
        "members": list(members),
        "needed": kept.needed,
        "officers": kept.officers,
        "profile": header.profile.value,
        "vault": header.vault,
    }
    kek = hkdf("recovery-kek", material, context)
    wipe(material)
    return kek


def _master_kek(kept: RecoverySet, secret: bytes) -> bytearray:
    context = {
        "epoch": kept.epoch,
        "id": kept.id,
        "kem_ciphertext": b64(kept.kem_ciphertext),
        "kem_public": b64(kept.kem_public),
    }
    return hkdf("recovery-vmk", secret, context)
