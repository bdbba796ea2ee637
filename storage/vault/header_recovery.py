"""The recovery set in the header: a key pair whose seed any ``needed`` officers' keys unwrap (section 3)."""

from dataclasses import dataclass
from math import comb
from typing import Any, Final

from storage.vault.header_values import HeaderDamaged, a_list, b64, exactly, hex32, number, unb64

MIN_NEEDED: Final = 2  # one sheet of paper must never open a vault
MAX_OFFICERS: Final = 9
_KEM_BYTES: Final = 1_568
_WRAPPED_SEED_BYTES: Final = 72
_WRAPPED_KEY_BYTES: Final = 40


@dataclass(frozen=True, kw_only=True)
class RecoverySet:
    """As in the file."""

    id: str
    needed: int
    officers: int
    kem_public: bytes
    ways: tuple[bytes, ...]  # one wrapped seed for each choice of officers, in lexicographic order
    epoch: int
    kem_ciphertext: bytes
    vmk: bytes

    def as_json(self) -> dict[str, object]:
        """As in the file."""
        return {
            "id": self.id,
            "needed": self.needed,
            "officers": self.officers,
            "kem_public": b64(self.kem_public),
            "ways": [b64(way) for way in self.ways],
            "epoch": self.epoch,
            "kem_ciphertext": b64(self.kem_ciphertext),
            "vmk": b64(self.vmk),
        }


def parse_recovery(value: Any, epoch: int) -> RecoverySet:
    """The inverse of ``RecoverySet.as_json`` in a vault of this epoch.

    Raises:
        HeaderDamaged: not such an object or out of bounds.
    """
    exactly(value, "id needed officers kem_public ways epoch kem_ciphertext vmk")
    officers = number(value["officers"], MIN_NEEDED, MAX_OFFICERS)
    needed = number(value["needed"], MIN_NEEDED, officers)
    count = comb(officers, needed)
    if value["epoch"] != epoch:
        raise HeaderDamaged
    return RecoverySet(
        id=hex32(value["id"]),
        needed=needed,
        officers=officers,
        kem_public=unb64(value["kem_public"], _KEM_BYTES),
        ways=tuple(unb64(way, _WRAPPED_SEED_BYTES) for way in a_list(value["ways"], count, count)),
        epoch=number(value["epoch"], 1, epoch),
        kem_ciphertext=unb64(value["kem_ciphertext"], _KEM_BYTES),
        vmk=unb64(value["vmk"], _WRAPPED_KEY_BYTES),
    )
