"""Signed checkpoints of the trail: how far it was, with which head, said by a person.

Somebody who holds the vault's key could write another trail with hashes and MACs that hold. Against a
checkpoint that left the vault before, or that they cannot sign, it does not.
"""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final, Protocol, Self

from workstation.core.errors import Refused
from workstation.core.values import PersonId

FORMAT: Final = "frw-checkpoint/1"
MAX_BYTES: Final = 64 << 10
_PUBLIC_BYTES, _SIGNATURE_BYTES, _HEAD_CHARS = 2_592, 4_627, 96  # ML-DSA-87, FIPS 204


class Occasion(StrEnum):
    """When it was signed."""

    LOCK = "lock"
    EXPORT = "export"
    BACKUP = "backup"


@dataclass(kw_only=True, eq=False)
class CheckpointUnreadable(Refused):
    """The file is no checkpoint of this format."""

    code: ClassVar[str] = "VLT-081"
    name: str


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """What is signed."""

    vault_id: str
    seq: int  # of the newest row
    head_sha384: str
    at: datetime
    person_id: PersonId
    occasion: Occasion

    @property
    def statement(self) -> bytes:
        """The bytes that are signed: one line a value, in this order, each ended by a line feed."""
        lines = (FORMAT, self.vault_id, str(self.seq), self.head_sha384, self.at.isoformat())
        return "".join(f"{line}\n" for line in (*lines, self.person_id, self.occasion)).encode()


@dataclass(frozen=True, kw_only=True)
class SignedCheckpoint:
    """A checkpoint with the ML-DSA-87 signature of the person it names."""

    checkpoint: Checkpoint
    public_key: bytes
    signature: bytes

    def as_json(self) -> dict[str, str | int]:
        """The members of the file."""
        facts = {**asdict(self.checkpoint), "at": self.checkpoint.at.isoformat()}
        keys = {"public_key": self.public_key, "signature": self.signature}
        return {"format": FORMAT, **facts, **{n: base64.b64encode(v).decode() for n, v in keys.items()}}

    @property
    def content(self) -> bytes:
        """The file."""
        return json.dumps(self.as_json(), sort_keys=True, indent=1).encode() + b"\n"

    @classmethod
    def parse(cls, content: bytes, *, name: str) -> Self:
        """The inverse of ``content``; also out of the transfer record of an export.

        Raises:
            CheckpointUnreadable.
        """
        try:
            facts = json.loads(content[:MAX_BYTES])
            facts = facts.get("audit_checkpoint", facts)
            return cls(
                checkpoint=_checkpoint(facts),
                public_key=_bytes(facts["public_key"], _PUBLIC_BYTES),
                signature=_bytes(facts["signature"], _SIGNATURE_BYTES),
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, binascii.Error) as error:
            raise CheckpointUnreadable(name=name) from error


def _checkpoint(facts: Mapping[str, object]) -> Checkpoint:
    texts = {name: facts[name] for name in ("format", "vault_id", "head_sha384", "at", "person_id")}
    plain = all(
        isinstance(one, str) and len(one) <= _HEAD_CHARS and "\n" not in one for one in texts.values()
    )
    seq, head = facts["seq"], str(texts["head_sha384"])
    if not plain or texts["format"] != FORMAT or type(seq) is not int or seq < 0 or len(head) != _HEAD_CHARS:
        raise ValueError
    return Checkpoint(
        vault_id=str(texts["vault_id"]),
        seq=seq,
        head_sha384=head,
        at=datetime.fromisoformat(str(texts["at"])),
        person_id=PersonId(str(texts["person_id"])),
        occasion=Occasion(str(facts["occasion"])),
    )


def _bytes(text: object, size_bytes: int) -> bytes:
    content = base64.b64decode(str(text), validate=True)
    if len(content) != size_bytes:
        raise ValueError
    return content


class Broken(StrEnum):
    """Why a checkpoint and the trail do not go together."""

    SIGNATURE_BAD = "signature-bad"
    OTHER_VAULT = "other-vault"
    ROW_MISSING = "row-missing"  # the trail is shorter than it was: cut
    ROW_DIFFERS = "row-differs"  # the trail is another one: rewritten


class Checkpoints(Protocol):
    """The checkpoints kept beside the trail."""

    def add(self, signed: SignedCheckpoint) -> None:
        """Keep one; of several of the same row the last stays."""

    def all(self) -> Sequence[SignedCheckpoint]:
        """Every one, oldest first."""

    def newest(self) -> SignedCheckpoint | None:
        """The newest."""
