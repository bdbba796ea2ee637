"""Drafts: what somebody typed and has not recorded yet. Kept in the vault, shown to nobody else."""

from collections.abc import Mapping

import msgspec

from workstation.app.services import Session
from workstation.core import events
from workstation.core.values import CaseId

_MAX_BYTES = 1 << 20


def load(session: Session, case_id: CaseId, part: str) -> Mapping[str, str]:
    """What the person at the desk typed last for a part of a case; empty when there is nothing readable."""
    with session.look() as work:
        value = work.blob(_name(session, case_id, part)) or b""
    try:
        return msgspec.json.decode(value, type=dict[str, str]) if value else {}
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return {}  # a draft of another version is no reason to keep anybody from working


def save(session: Session, drafts: Mapping[tuple[CaseId, str], Mapping[str, str]]) -> None:
    """Write drafts in one go; an empty one replaces what was kept. One above 1 MiB keeps its former state."""
    with session.work() as work:
        for (case_id, part), fields in drafts.items():
            value = msgspec.json.encode(dict(fields)) if fields else b""
            if len(value) <= _MAX_BYTES:
                work.put_blob(_name(session, case_id, part), value)
        work.record(events.DraftsSaved(drafts=len(drafts)))


def _name(session: Session, case_id: CaseId, part: str) -> str:
    return f"draft/{session.person.person_id}/{case_id}/{part}"
