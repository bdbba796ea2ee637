"""What was typed and not yet recorded, kept in the vault under the name of who typed it."""

import logging
from collections.abc import Mapping

from workstation.app import drafts
from workstation.app.services import Session
from workstation.core.values import CaseId

_log = logging.getLogger(__name__)


class Drafts:
    """Reads each draft once and writes what changed when asked; the window asks every few seconds."""

    def __init__(self, session: Session | None) -> None:
        self._session = session
        self._kept: dict[tuple[CaseId, str], Mapping[str, str]] = {}
        self._changed: set[tuple[CaseId, str]] = set()

    def get(self, case_id: CaseId, part: str) -> Mapping[str, str]:
        """What was typed last for this part of a case; empty when there is nothing."""
        key = (case_id, part)
        if key not in self._kept:
            self._kept[key] = drafts.load(self._session, case_id, part) if self._session else {}
        return self._kept[key]

    def put(self, case_id: CaseId, part: str, fields: Mapping[str, str]) -> None:
        """Note what is typed now; an empty mapping forgets the draft."""
        if self.get(case_id, part) != fields:
            self._kept[case_id, part] = dict(fields)
            self._changed.add((case_id, part))

    def flush(self) -> None:
        """Write what changed. A store that cannot be written stops neither the work nor the lock."""
        if self._session is None or not self._changed:
            return
        changed, self._changed = self._changed, set()
        try:
            drafts.save(self._session, {key: self._kept[key] for key in changed})
        except Exception:  # noqa: BLE001 - the lock must not wait for a draft
            self._changed |= changed
            _log.exception("drafts could not be written")
