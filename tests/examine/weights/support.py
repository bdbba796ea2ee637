"""What the tests of the weights readers share."""

from types import ModuleType

from workstation.core.examination import Outcome, outcome_of
from workstation.examine.reader import BytesSource, Notes, Unreadable


class MeteredSource(BytesSource):
    """A source that counts what is read of it and refuses careless reads."""

    MAX_READ_BYTES = 64 << 20

    def __init__(self, content: bytes, name: str = "") -> None:
        super().__init__(content, name)
        self.read_bytes = 0

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Count, and hold the caller to the contract."""
        assert 0 <= size_bytes <= self.MAX_READ_BYTES
        assert offset >= 0
        part = super().read_at(offset, size_bytes)
        self.read_bytes += len(part)
        return part


def examined(module: ModuleType, content: bytes, name: str = "") -> tuple[Outcome, Notes]:
    """Run one reader as the dispatcher does; anything but ``Unreadable`` goes through to the test."""
    notes = Notes()
    try:
        module.examine(MeteredSource(content, name), notes)
    except Unreadable as reason:
        notes.complete = False
        notes.add(reason.code, reason.severity, reason.detail)
    return outcome_of(notes.findings), notes


def codes(notes: Notes) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in notes.findings}


def severities(notes: Notes) -> set[str]:
    """The severities of all findings."""
    return {finding.severity.value for finding in notes.findings}
