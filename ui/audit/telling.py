"""Rows of the trail in words: which act, and its facts with names for people and words for codes."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from ui.dates import Dates
from ui.shown import Pairs
from workstation.app.wording import has_word, size, word

# In which areas of the catalogue a fact's code is looked for, by the fact's name.
_AREAS: Mapping[str, tuple[str, ...]] = {
    "case_type": ("case-type",),
    "conclusion": ("conclusion",),
    "consultee": ("consultee",),
    "disposition": ("disposition",),
    "ending": ("ending",),
    "kind": ("finding-kind", "referral-kind", "content-kind", "medium-kind", "document"),
    "new_role": ("role",),
    "nominated_by": ("side",),
    "old_role": ("role",),
    "origin": ("finding-origin", "origin"),
    "outcome": ("outcome",),
    "patch": ("patch-state",),
    "refused_duty": ("duty",),
    "result": ("result",),
    "role": ("role",),
    "side": ("side",),
    "state_before": ("state",),
}
_NAMES = {
    "criterion_id": "question",
    "digest_sha384": "SHA-384",
    "export_id": "export",
    "file_count": "files",
    "finding_id": "finding",
    "package_id": "package",
    "pdf_sha384": "SHA-384 of the PDF",
    "person_id": "person",
    "person_ids": "people",
    "referral_id": "referral",
    "refused_duty": "refused",
    "report_id": "document",
    "size_bytes": "size",
    "untrusted_name": "name",
    "untrusted_path": "file",
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[0-9:.]+(?:Z|[+-]\d\d:\d\d)")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def event_words(name: str) -> str:
    """``PackageAccepted`` as ``Package accepted``."""
    parts: list[str] = []
    for char in name:
        parts.append(f" {char.lower()}" if char.isupper() and parts else char)
    return "".join(parts)


def name_words(name: str) -> str:
    """``size_bytes`` as ``size``, ``started_on`` as ``started on``."""
    if name in _NAMES:
        return _NAMES[name]
    words = name.removeprefix("untrusted_").removesuffix("_id").removesuffix("_ids").replace("_", " ")
    return words.replace("sha384", "SHA-384")


@dataclass(kw_only=True)
class Teller:
    """Tells facts; ``people`` are display names by identifier, as far as a page knows them."""

    dates: Dates
    people: Mapping[str, str] = field(default_factory=dict)

    def pairs(self, body_json: str) -> Pairs:
        """Each fact that says something; the case is left out, it is told elsewhere."""
        body = json.loads(body_json)
        if not isinstance(body, dict):
            return (("facts", body_json),)
        return tuple(
            (name_words(name), self._value(name, value))
            for name, value in body.items()
            if name != "case_id" and value not in ("", None, [], {})
        )

    def line(self, body_json: str) -> str:
        """The facts in one line."""
        return "; ".join(f"{name}: {value}" for name, value in self.pairs(body_json))

    def _value(self, name: str, value: object) -> str:
        if isinstance(value, list):
            return ", ".join(self._value(name, one) for one in value)
        if isinstance(value, dict):
            return ", ".join(f"{name_words(key)} {self._value(key, inner)}" for key, inner in value.items())
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, int):
            return size(value) if name.endswith("size_bytes") else f"{value:,}"
        return self._text(name, str(value))

    def _text(self, name: str, text: str) -> str:
        if text in self.people:
            return self.people[text]
        for area in _AREAS.get(name, ()):
            if has_word(area, text):
                return word(area, text)
        if _MOMENT.fullmatch(text):
            return self.dates.moment(datetime.fromisoformat(text))
        if _DAY.fullmatch(text):
            return self.dates.day(date.fromisoformat(text))
        return text
