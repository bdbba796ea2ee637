"""Dates as the settings ask for them: ``23 NOV 2026 1430Z`` or ISO 8601."""

from dataclasses import dataclass
from datetime import date, datetime

from workstation.app import wording
from workstation.settings import DateStyle


@dataclass(frozen=True, kw_only=True)
class Dates:
    """One style for every page."""

    style: DateStyle = DateStyle.DATE_TIME_GROUP

    def moment(self, at: datetime) -> str:
        """An instant, UTC, to the minute."""
        if self.style is DateStyle.ISO:
            return f"{at:%Y-%m-%dT%H:%M}Z"
        return wording.moment(at)

    def day(self, on: date) -> str:
        """A date."""
        return on.isoformat() if self.style is DateStyle.ISO else f"{on:%d %b %Y}".upper()

    @property
    def entry_format(self) -> str:
        """How a date field shows its date, in Qt's letters."""
        return "yyyy-MM-dd" if self.style is DateStyle.ISO else "dd MMM yyyy"
