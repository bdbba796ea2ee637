"""Days of cases as iCalendar (RFC 5545): which case, which day, what the day is; nothing else. Pure."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar

from workstation.core.errors import EnvironmentFault, Refused
from workstation.core.summaries import CaseSummary
from workstation.core.window import AT_RISK_DAYS, earliest_start

_LINE_BYTES = 75  # without the line break; section 3.1


class Milestone(StrEnum):
    """What a day is."""

    EARLIEST = "earliest"
    OPENS = "opens"
    AT_RISK = "at-risk"
    RELEASE = "release"


@dataclass(frozen=True, kw_only=True)
class CaseDay:
    """One day of one case; ``version`` counts the dates the developer has stated."""

    case_id: str
    milestone: Milestone
    on: date
    version: int


@dataclass(kw_only=True, eq=False)
class CalendarEmpty(Refused):
    """No case that was asked for has a day to write."""

    code: ClassVar[str] = "CAS-097"
    cases: int


@dataclass(kw_only=True, eq=False)
class CalendarNotWritten(EnvironmentFault):
    """The file could not be written, or something is there already."""

    code: ClassVar[str] = "CAS-098"
    path: str
    reason: str


def days_of(case: CaseSummary) -> Iterator[CaseDay]:
    """The days of a case: its window, when it begins to be at risk, and the planned release."""
    release_on = case.planned_release_on
    if release_on is None:
        return
    window = case.window
    days = {Milestone.EARLIEST: earliest_start(release_on)} if window is None else {}
    if window is not None:
        days[Milestone.OPENS] = window.start_on
        at_risk_on = window.planned_release_on - timedelta(days=AT_RISK_DAYS)
        if at_risk_on > window.start_on:
            days[Milestone.AT_RISK] = at_risk_on
    days[Milestone.RELEASE] = release_on
    for milestone, on in days.items():
        yield CaseDay(case_id=case.case_id, milestone=milestone, on=on, version=case.release_versions)


_WORDS = {
    Milestone.EARLIEST: "access may begin",
    Milestone.OPENS: "window opens",
    Milestone.AT_RISK: f"{AT_RISK_DAYS} days left",
    Milestone.RELEASE: "planned release",
}


def calendar(days: Iterable[CaseDay], *, marking: str, at: datetime, watermark: str = "") -> bytes:
    """A whole calendar of all-day events. ``marking`` covers it and stands wherever a program shows words.

    ``CLASS`` is PUBLIC for what is UNCLASSIFIED and nothing more, else CONFIDENTIAL; that is a hint to
    programs and protects nothing.
    """
    title = " - ".join(part for part in (watermark, marking, "Review windows") if part)
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Frontier Review Workstation//Case days//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        *(f"{name}:{_text(title)}" for name in ("NAME", "X-WR-CALNAME")),
        *(f"{name}:{_text(marking)}" for name in ("DESCRIPTION", "X-WR-CALDESC")),
    ]
    access = "PUBLIC" if marking == "UNCLASSIFIED" else "CONFIDENTIAL"
    for day in sorted(days, key=lambda one: (one.on, one.case_id, one.milestone)):
        words = f"{marking}: {day.case_id}: {_WORDS[day.milestone]}"
        # The same day of the same case keeps its identifier: a second file moves it instead of doubling it.
        uid = hashlib.sha384(f"{day.case_id}\0{day.milestone}".encode()).hexdigest()[:48]
        lines += [
            "BEGIN:VEVENT",
            f"UID:{uid}@frontier-review-workstation.invalid",
            f"DTSTAMP:{at:%Y%m%dT%H%M%SZ}",
            f"SEQUENCE:{max(0, day.version - 1)}",
            f"DTSTART;VALUE=DATE:{day.on:%Y%m%d}",
            f"DTEND;VALUE=DATE:{day.on + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_text(words)}",
            f"DESCRIPTION:{_text(marking)}",
            f"CLASS:{access}",
            "TRANSP:TRANSPARENT",
            "END:VEVENT",
        ]
    return b"".join(_folded(line) for line in [*lines, "END:VCALENDAR"])


def _text(value: str) -> str:
    """A value of type TEXT; section 3.3.11."""
    for plain, escaped in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n")):
        value = value.replace(plain, escaped)
    return "".join(char for char in value if char >= " ")


def _folded(line: str) -> bytes:
    """The line in pieces of at most 75 bytes, never inside a character."""
    pieces, piece = [], b""
    for char in line:
        encoded = char.encode()
        if len(piece) + len(encoded) > _LINE_BYTES:
            pieces.append(piece)
            piece = b" "
        piece += encoded
    return b"\r\n".join([*pieces, piece]) + b"\r\n"
