"""Signed checkpoints of the trail as rows."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.sqlite import insert as upsert

from storage.repositories import Touch
from storage.schema import checkpoints
from workstation.core.checkpoints import SignedCheckpoint


class SqlCheckpoints:
    """See ``core.checkpoints.Checkpoints``."""

    def __init__(self, connection: sa.Connection, touch: Touch) -> None:
        self._connection, self._touch = connection, touch

    def add(self, signed: SignedCheckpoint) -> None:
        """Keep one."""
        self._touch()
        row = {"seq": signed.checkpoint.seq, "body": signed.content}
        kept = upsert(checkpoints).values(row).on_conflict_do_update(index_elements=["seq"], set_=row)
        self._connection.execute(kept)

    def all(self) -> Sequence[SignedCheckpoint]:
        """Every one, oldest first."""
        query = sa.select(checkpoints.c.seq, checkpoints.c.body).order_by(checkpoints.c.seq)
        return [_read(row.seq, row.body) for row in self._connection.execute(query)]

    def newest(self) -> SignedCheckpoint | None:
        """The newest."""
        query = sa.select(checkpoints.c.seq, checkpoints.c.body).order_by(checkpoints.c.seq.desc()).limit(1)
        row = self._connection.execute(query).first()
        return _read(row.seq, row.body) if row else None


def _read(seq: int, body: bytes) -> SignedCheckpoint:
    return SignedCheckpoint.parse(body, name=f"checkpoint {seq}")
