"""The values of ``vault.json``, each in its one spelling and within its bounds (vault-v1.md, section 2)."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any, Final

from workstation.core.vault import Argon2idCost, Cost, Pbkdf2Cost

MAX_EPOCH: Final = (1 << 31) - 1
MAX_GENERATION: Final = (1 << 53) - 1
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEX32 = re.compile(r"[0-9a-f]{32}")
_SERIAL = re.compile(r"[A-Za-z0-9]{1,64}")
_MAX_MEMORY_KIB, _MAX_PASSES, _MAX_LANES, _MAX_ITERATIONS = 2_097_152, 64, 16, 20_000_000


class HeaderDamaged(Exception):
    """The bytes are not a header of this version."""


def cost_as_json(cost: Cost) -> dict[str, object]:
    """The ``kdf`` object."""
    if isinstance(cost, Argon2idCost):
        work = {"memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes}
        return {"name": "argon2id", **work}
    return {"name": "pbkdf2-sha384", "iterations": cost.iterations}


def parse_cost(value: Any) -> Cost:
    """The inverse of ``cost_as_json``, bounded so that a hostile header cannot order hours of work.

    Raises:
        HeaderDamaged: not such an object or out of bounds.
    """
    if not isinstance(value, dict):
        raise HeaderDamaged
    if value.get("name") == "argon2id":
        exactly(value, "name memory_kib passes lanes")
        lanes = number(value["lanes"], 1, _MAX_LANES)
        return Argon2idCost(
            memory_kib=number(value["memory_kib"], 8 * lanes, _MAX_MEMORY_KIB),
            passes=number(value["passes"], 1, _MAX_PASSES),
            lanes=lanes,
        )
    if value.get("name") == "pbkdf2-sha384":
        exactly(value, "name iterations")
        return Pbkdf2Cost(iterations=number(value["iterations"], 1, _MAX_ITERATIONS))
    raise HeaderDamaged


def b64(content: bytes | bytearray) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def unb64(text: Any, *sizes_bytes: int) -> bytes:
    """The inverse of ``b64`` for one of these sizes, in its one spelling.

    Raises:
        HeaderDamaged: anything else.
    """
    if not isinstance(text, str):
        raise HeaderDamaged
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error) as error:
        raise HeaderDamaged from error
    if len(content) not in sizes_bytes or b64(content) != text:
        raise HeaderDamaged
    return content


def identifier_ok(text: str) -> bool:
    """Whether ``text`` may be a vault or person identifier in a header."""
    return _ID.fullmatch(text) is not None


def identifier(value: Any) -> str:
    """An identifier of the format; raises HeaderDamaged, as the rest of these."""
    if not isinstance(value, str) or not identifier_ok(value):
        raise HeaderDamaged
    return value


def hex32(value: Any) -> str:
    """32 lower-case hexadecimal digits."""
    if not isinstance(value, str) or _HEX32.fullmatch(value) is None:
        raise HeaderDamaged
    return value


def number(value: Any, low: int, high: int) -> int:
    """A whole number within these bounds; true and false are none."""
    if type(value) is not int or not low <= value <= high:
        raise HeaderDamaged
    return value


def serial(value: Any) -> str:
    """A card's serial number."""
    if not isinstance(value, str) or _SERIAL.fullmatch(value) is None:
        raise HeaderDamaged
    return value


def a_list(value: Any, low: int, high: int) -> list[Any]:
    """A list of a length within these bounds."""
    if not isinstance(value, list) or not low <= len(value) <= high:
        raise HeaderDamaged
    return value


def exactly(value: Mapping[str, Any], names: str) -> None:
    """An object with these members and no others."""
    if not isinstance(value, dict) or set(value) != set(names.split()):
        raise HeaderDamaged
