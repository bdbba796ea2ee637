"""Where a model says its data lies in other files: never outside its own folder, never past their end."""

import re
from dataclasses import dataclass, field

from workstation.core.examination import Severity
from workstation.examine.reader import Notes
from workstation.examine.weights.tensors import listed, shown

MAX_LOCATIONS = 5_000


def fault_of(location: str) -> str:
    """What is wrong with a relative file name from outside, as the end of a reason code, or nothing."""
    faults = {
        "empty": not location,
        "nul": "\0" in location,
        "drive": re.match(r"[A-Za-z]:", location) is not None,
        "absolute": location.startswith(("/", "\\")),
        "url": re.match(r"[A-Za-z][A-Za-z0-9+.-]*://", location) is not None,
        "traversal": ".." in re.split(r"[/\\]", location),
    }
    return next((fault for fault, holds in faults.items() if holds), "")


@dataclass(kw_only=True)
class ExternalData:
    """The files a model names, each judged once."""

    locations: dict[str, int] = field(default_factory=dict)  # how far into each file the model reads
    faults: set[str] = field(default_factory=set)

    def add(self, tensor: str, entries: dict[str, str], notes: Notes) -> None:
        """Take one tensor's entry."""
        location = entries.get("location", "")
        fault = fault_of(location)
        if fault:
            if location not in self.faults and len(self.faults) < MAX_LOCATIONS:
                self.faults.add(location)
                notes.danger(f"MODEL:external-data-{fault}", f"{shown(tensor, 100)}: {shown(location)}")
            return
        end = 0
        for key in ("offset", "length"):
            text = entries.get(key, "0") or "0"
            if not re.fullmatch(r"[0-9]{1,19}", text):
                notes.danger("MODEL:external-data-range", f"{shown(tensor, 100)}: {key} is {shown(text, 60)}")
                return
            end += int(text)
        if location in self.locations or len(self.locations) < MAX_LOCATIONS:
            self.locations[location] = max(end, self.locations.get(location, 0))

    def report(self, notes: Notes) -> None:
        """Compare the named files with those that came along."""
        notes.facts["external_data"] = listed({*self.locations, *self.faults})
        folder = notes.member.rpartition("/")[0]
        for location, end in sorted(self.locations.items()):
            parts = [part for part in re.split(r"[/\\]", location) if part not in {"", "."}]
            path = "/".join([*filter(None, [folder]), *parts])
            size = notes.folder.size_of(path) if notes.folder is not None else None
            if size is None:
                notes.incomplete("MODEL:external-data-missing", shown(location))
            elif end > size:
                detail = f"{shown(location)}: byte {end} of {size}"
                notes.add("MODEL:external-data-past-end", Severity.DANGER, detail)
