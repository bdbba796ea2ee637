"""From the text as typed to plain capitals without brackets, noting each thing that had to be put right."""

import re
import unicodedata
from dataclasses import dataclass, field

from workstation.core.markings.model import Kind

MAX_CHARS = 1000

# Capitals of other scripts that look like ours; NFKC folds the full-width and mathematical ones.
_LOOKALIKES = str.maketrans(
    "АВСЕНІЈКМОРЅТХУΑΒΕΖΗΙΚΜΝΟΡΤΥΧасеорхуіѕο‐‑‒–—―−⁄∕⧸´`’",
    "ABCEHIJKMOPSTXYABEZHIKMNOPTYXaceopxyiso-------///'''",
)


@dataclass(frozen=True, kw_only=True)
class BrokenRule:
    """One rule that a text breaks: its identifier, where, and what was written there."""

    rule: str
    position: int
    written: str


@dataclass(kw_only=True)
class Notes:
    """The rules broken so far, in the order found, each place once."""

    original: str
    broken: list[BrokenRule] = field(default_factory=list)

    def add(self, rule: str, written: str = "", position: int | None = None) -> None:
        """Note one broken rule; without a position, the place where ``written`` stands."""
        at = self.original.upper().find(written) if position is None else position
        note = BrokenRule(rule=rule, position=max(at, 0), written=written[:80])
        if note not in self.broken:
            self.broken.append(note)


def guess_kind(text: str) -> Kind:
    """A text with parentheses at either end is meant as a portion mark."""
    trimmed = text.strip()
    return Kind.PORTION if trimmed.startswith("(") or trimmed.endswith(")") else Kind.BANNER


def plain(text: str, kind: Kind, notes: Notes) -> str:
    """Capitals and single spaces only, brackets removed; empty when nothing can be made of it."""
    if len(text) > MAX_CHARS:
        notes.add("MRK-102", position=MAX_CHARS)
        return ""
    folded = _fold(text, notes)
    if not folded.strip():
        notes.add("MRK-101", position=0)
        return ""
    lower = re.search(r"[a-z]", folded)
    if lower:
        notes.add("MRK-104", folded[lower.start()], lower.start())
    body = _unwrap(folded.upper(), kind, notes)
    spaces = re.search(r"^\s|\s$|\s{2}|\s/|/\s|[^\S ]|\s,|\s-|-\s", body)
    if spaces:
        notes.add("MRK-105", spaces[0], max(folded.upper().find(body), 0) + spaces.start())
    body = re.sub(r"\s*([/-])\s*", r"\1", re.sub(r"\s+,", ",", body))
    return re.sub(r"\s+", " ", body).strip()


def _fold(text: str, notes: Notes) -> str:
    for position, char in enumerate(text):
        if not " " <= char <= "~":
            # Line ends and tabs are spacing mistakes; anything else is not a character of a marking.
            notes.add("MRK-105" if char in "\t\r\n" else "MRK-103", char, position)
            break
    folded = unicodedata.normalize("NFKC", text).translate(_LOOKALIKES)
    return "".join(
        char for char in folded if unicodedata.category(char) not in {"Cf", "Cc"} or char.isspace()
    )


def _unwrap(text: str, kind: Kind, notes: Notes) -> str:
    trimmed = text.strip()
    if trimmed != text and trimmed.startswith("("):
        notes.add("MRK-105", text[:1] if text[:1].isspace() else text[-1:])
        text = trimmed
    opened, closed = text.startswith("("), text.endswith(")")
    if kind is Kind.BANNER and (opened or closed):
        notes.add("MRK-106", text[0] if opened else text[-1])
    if kind is Kind.PORTION and not (opened and closed):
        notes.add("MRK-107", text[:1], 0)
    return text.removeprefix("(").removesuffix(")")
