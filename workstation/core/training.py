"""What a trainer can do with a demonstration, and nobody with real work: let days pass, and begin anew."""

from typing import Protocol

from workstation.core.jobs import JobControl

MOST_DAYS = 60  # at once


class Training(Protocol):
    """Handed out by ``bootstrap`` for demonstrations alone."""

    def pass_days(self, days: int) -> None:
        """Put the demonstration's clock ahead, from 1 day to ``MOST_DAYS``."""

    def begin_again(self, job: JobControl) -> None:
        """Throw the demonstration's vault away and tell its story once more; the vault must be locked."""
