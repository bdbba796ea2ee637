"""The one error tree: stable codes and typed facts, never sentences.

The sentences a person reads live in ``resources/messages/*.toml``, keyed by code; the facts of an
error are its dataclass fields and fill the placeholders of those sentences.
"""

import dataclasses
from dataclasses import dataclass
from typing import ClassVar


@dataclass(kw_only=True, eq=False)
class WorkstationError(Exception):
    """Something the workstation expects to go wrong and can explain to a person."""

    code: ClassVar[str] = ""

    def __post_init__(self) -> None:
        """Let ``str(error)`` and tracebacks name the code."""
        super().__init__(self.code)

    @property
    def facts(self) -> dict[str, object]:
        """The typed facts by field name, as the message catalogue uses them."""
        return {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}

    def __str__(self) -> str:
        return self.code


class Refused(WorkstationError):
    """A rule says no; the person can change something."""


class EnvironmentFault(WorkstationError):
    """Disk, medium, clock or platform; outside the rules of the review."""


class Tampered(WorkstationError):
    """Integrity is broken: stop, preserve, report."""
