"""From the text as typed to plain capitals without brackets, noting each thing that had to be put right."""

import re
import unicodedata
from dataclasses import dataclass, field

from workstation.core.markings.model import Kind

MAX_CHARS = 1000

# Letters of other scripts, dashes, slashes and quotes that look like ours: code point, then what it looks
# like. NFKC folds the full-width and mathematical ones.
_LOOKALIKES = """
    0410A 0412B 0421C 0415E 041dH 0406I 0408J 041aK 041cM 041eO 0420P 0405S 0422T 0425X 0423Y 0391A
    0392B 0395E 0396Z 0397H 0399I 039aK 039cM 039dN 039fO 03a1P 03a4T 03a5Y 03a7X 0430a 0441c 0435e
    043eo 0440p 0445x 0443y 0456i 0455s 03bfo 2010- 2011- 2012- 2013- 2014- 2015- 2212- 2044/ 2215/
    29f8/ 00b4' 0060' 2019'
"""
_FOLD = {int(pair[:-1], 16): pair[-1] for pair in _LOOKALIKES.split()}


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
    folded = unicodedata.normalize("NFKC", text).translate(_FOLD)
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
