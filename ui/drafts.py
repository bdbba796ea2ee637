"""What was typed and not yet recorded, kept in the vault under the name of who typed it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ui.reading import Reads
from workstation.core.values import CaseId

if TYPE_CHECKING:  # the window is drawn before it is loaded
    from types import ModuleType

    from workstation.app.services import Session

_log = logging.getLogger(__name__)


def _store() -> ModuleType:
    from workstation.app import drafts  # noqa: PLC0415 - the window is drawn before it is loaded

    return drafts


def _log_failure(error: BaseException) -> None:
    _log.error("drafts could not be written", exc_info=error)


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
            self._kept[key] = _store().load(self._session, case_id, part) if self._session else {}
        return self._kept[key]

    def put(self, case_id: CaseId, part: str, fields: Mapping[str, str]) -> None:
        """Note what is typed now; an empty mapping forgets the draft."""
        if self.get(case_id, part) != fields:
            self._kept[case_id, part] = dict(fields)
            self._changed.add((case_id, part))

    def flush_soon(self, reads: Reads) -> None:
        """Write what changed off the window's thread; what is typed meanwhile counts as changed again."""
        session = self._session
        if session is None or not self._changed:
            return
        writing = {key: self._kept[key] for key in self._changed}

        def written(_none: None) -> None:
            self._changed -= {key for key, fields in writing.items() if self._kept[key] is fields}

        reads.read("drafts", lambda: _store().save(session, writing), done=written, failed=_log_failure)

    def flush(self) -> None:
        """Write what changed. A store that cannot be written stops neither the work nor the lock."""
        if self._session is None or not self._changed:
            return
        changed, self._changed = self._changed, set()
        try:
            _store().save(self._session, {key: self._kept[key] for key in changed})
        except Exception:  # noqa: BLE001 - the lock must not wait for a draft
            self._changed |= changed
            _log.exception("drafts could not be written")
