"""Days of cases as a file for calendars: all of a case that leaves in plain text, and never silently."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workstation.app import queries
from workstation.app.services import Session
from workstation.core import events
from workstation.core.calendars import CalendarEmpty, CalendarNotWritten, calendar, days_of
from workstation.core.cases import OVER, CaseState
from workstation.core.values import CaseId

_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)


@dataclass(frozen=True, kw_only=True)
class WrittenCalendar:
    """What was written."""

    path: str
    sha384: str
    marking: str
    cases: int
    days: int


def write(session: Session, path: Path, case_id: CaseId | None = None) -> WrittenCalendar:
    """Write the days of one case, or of every open one, to a new file.

    The row of the trail comes first: there is no such file without its row, whatever happens in between.

    Raises:
        NotAppointed, CaseUnknown, CalendarEmpty, CalendarNotWritten.
    """
    path = path.absolute()
    with session.work() as work:
        chosen = [work.search.summary(case_id)] if case_id else work.search.summaries()
        cases = [one for one in chosen if case_id or one.state not in OVER | {CaseState.DETERMINED}]
        days = [day for case in cases for day in days_of(case)]
        named = sorted({day.case_id for day in days})
        marking = queries.covering_marking(session, [one.marking for one in cases if one.case_id in named])
        content = calendar(days, marking=marking, at=work.now, watermark=session.services.watermark)
        done = WrittenCalendar(
            path=str(path),
            sha384=hashlib.sha384(content).hexdigest(),
            marking=marking,
            cases=len(named),
            days=len(days),
        )
        work.record(_event(done, named))  # refuses who may not before anybody is told what there is
        if not days:
            raise CalendarEmpty(cases=len(cases))
        if os.path.lexists(path):
            raise CalendarNotWritten(path=str(path), reason="something of this name is there already")
    _write_new(path, content)
    return done


def _event(done: WrittenCalendar, named: Sequence[str]) -> events.CalendarWritten:
    return events.CalendarWritten(
        path=done.path, sha384=done.sha384, marking=done.marking, case_ids=tuple(named), days=done.days
    )


def _write_new(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, _NEW_FILE, 0o600), "wb") as file:
            try:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            except OSError:
                path.unlink(missing_ok=True)  # half a calendar would look like a whole one
                raise
    except OSError as error:
        raise CalendarNotWritten(path=str(path), reason=error.strerror or str(error)) from error
