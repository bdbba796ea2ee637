"""What every checklist says, whatever its format: the target, the checklists, the results."""

import re
from collections import Counter
from dataclasses import dataclass, field

from workstation.core.examination import Severity
from workstation.examine.documents import plain
from workstation.examine.reader import Notes, Unreadable

MAX_NAME_CHARS = 255
MAX_LISTED = 1_000
_ADDRESS = re.compile(r"[0-9A-Fa-fx.:*/%\s,;-]*\Z")
_HARDWARE = re.compile(r"(?:[0-9A-Fa-f]{2}(?:[:.-]?[0-9A-Fa-f]{2}){5}|[\s,;])*\Z")


def invalid(reason: str) -> Unreadable:
    """A checklist that breaks its format: refused as a whole, since nobody knows what it says."""
    return Unreadable("CHECKLIST_INVALID", reason, Severity.DANGER)


@dataclass(kw_only=True)
class Checklist:
    """One benchmark with its results."""

    benchmark: str = ""
    version: str = ""
    release: str = ""
    counts: Counter[str] = field(default_factory=Counter)


class Report:
    """Collects one checklist file."""

    def __init__(self, statuses: frozenset[str]) -> None:
        self._statuses = statuses
        self.target = ""
        self.checklists: list[Checklist] = []
        self._results: list[list[str]] = []
        self._unknown: Counter[str] = Counter()
        self._without_rule = 0

    def host(self, name: str, address: str, hardware: str, notes: Notes) -> None:
        """Keep the target's name; doubt addresses that cannot be such."""
        if len(name) > MAX_NAME_CHARS:
            raise invalid(f"Asset hostname cannot be more than {MAX_NAME_CHARS} characters")
        self.target = name
        if not name.strip():  # what STIG Viewer writes until somebody fills in the asset
            notes.caution("CHECKLIST_NO_HOST")
        if not _ADDRESS.match(address):
            notes.caution("CHECKLIST_INVALID", f"no IP address: {plain.visible(address)[:80]}")
        if not _HARDWARE.match(hardware):
            notes.caution("CHECKLIST_INVALID", f"no hardware address: {plain.visible(hardware)[:80]}")

    def result(self, rule: str, status: str) -> None:
        """Add one result to the last checklist."""
        if status in self._statuses:
            self.checklists[-1].counts[status] += 1
        else:
            self._unknown[status[:40] if len(self._unknown) < MAX_LISTED else "more"] += 1
        if not rule:
            self._without_rule += 1
        if len(self._results) < MAX_LISTED:
            self._results.append([plain.visible(rule)[:60], plain.visible(status)[:20]])

    def finish(self, notes: Notes) -> None:
        """Say what was read."""
        if self._unknown:
            listed = ", ".join(plain.visible(status) or "none" for status in list(self._unknown)[:5])
            notes.caution(
                "CHECKLIST_INVALID", f"{sum(self._unknown.values())} results of unknown status: {listed}"
            )
        if self._without_rule:
            notes.note("CHECKLIST_NO_RULE", f"{self._without_rule} results name no rule")
        totals: Counter[str] = Counter()
        for checklist in self.checklists:
            totals += checklist.counts
        notes.facts["target"] = plain.visible(self.target)[:MAX_NAME_CHARS]
        notes.facts["checklists"] = [
            {
                "benchmark": plain.visible(c.benchmark)[:200],
                "version": plain.visible(c.version)[:40],
                "release": plain.visible(c.release)[:100],
                "counts": dict(c.counts),
            }
            for c in self.checklists[:100]
        ]
        notes.facts["results"] = dict(totals)
        notes.facts["result_list"] = self._results
