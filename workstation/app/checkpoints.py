"""Signed checkpoints of the trail: taken when something ends or leaves, and held against the trail later."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from workstation.app.services import Session
from workstation.core import events
from workstation.core.checkpoints import (
    MAX_BYTES,
    Broken,
    Checkpoint,
    CheckpointUnreadable,
    Occasion,
    SignedCheckpoint,
)
from workstation.core.errors import WorkstationError
from workstation.core.ports import Work


@dataclass(frozen=True, kw_only=True)
class Held:
    """What the kept checkpoints, and one that was handed in, say of the trail."""

    count: int
    newest_at: datetime | None
    broken: tuple[tuple[SignedCheckpoint, Broken], ...]
    handed_in: SignedCheckpoint | None = None


def keep(session: Session, work: Work, occasion: Occasion) -> SignedCheckpoint | None:
    """Sign the newest row of this unit of work and keep the checkpoint; ``None`` where it cannot be signed.

    The trail then says that it was not: nothing that ends or leaves is kept waiting for a signature.
    """
    newest = work.audit.page(limit=1)[0]
    checkpoint = Checkpoint(
        vault_id=session.vault.vault_id,
        seq=newest.seq,
        head_sha384=newest.hash_sha384,
        at=work.now,
        person_id=session.person.person_id,
        occasion=occasion,
    )
    try:
        public_key, signature = session.vault.sign_checkpoint(checkpoint.statement)
    except WorkstationError as error:
        work.record(events.CheckpointNotSigned(occasion=str(occasion), error_code=error.code))
        return None
    signed = SignedCheckpoint(checkpoint=checkpoint, public_key=public_key, signature=signature)
    work.checkpoints.add(signed)
    return signed


def take(session: Session, occasion: Occasion) -> SignedCheckpoint | None:
    """The same in a unit of work of its own, with a row of its own."""
    with session.work() as work:
        work.record(events.TrailCheckpointed(occasion=str(occasion)))
        return keep(session, work, occasion)


def against(session: Session, work: Work, signed: SignedCheckpoint) -> Broken | None:
    """Why a checkpoint and this vault's trail do not go together; ``None`` when they do."""
    checkpoint = signed.checkpoint
    if not session.vault.checkpoint_holds(signed.public_key, checkpoint.statement, signed.signature):
        return Broken.SIGNATURE_BAD
    if checkpoint.vault_id != session.vault.vault_id:
        return Broken.OTHER_VAULT
    found = work.audit.page(before=checkpoint.seq + 1, limit=1)
    if not found or found[0].seq != checkpoint.seq:
        return Broken.ROW_MISSING
    return None if found[0].hash_sha384 == checkpoint.head_sha384 else Broken.ROW_DIFFERS


def read(path: Path) -> SignedCheckpoint:
    """A checkpoint that was handed in: from beside a backup, or the transfer record of an export.

    Raises:
        CheckpointUnreadable.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES)
    except OSError as error:
        raise CheckpointUnreadable(name=str(path)) from error
    return SignedCheckpoint.parse(content, name=str(path))


def hold(session: Session, handed_in: SignedCheckpoint | None = None) -> Held:
    """Compare the trail with every checkpoint kept, and with one that comes from elsewhere."""
    with session.look() as work:
        kept = work.checkpoints.all()
        others = () if handed_in is None else (handed_in,)
        broken = [(one, why) for one in (*kept, *others) if (why := against(session, work, one)) is not None]
    newest_at = kept[-1].checkpoint.at if kept else None
    return Held(count=len(kept), newest_at=newest_at, broken=tuple(broken), handed_in=handed_in)
