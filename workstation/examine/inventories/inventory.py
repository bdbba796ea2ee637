"""What every bill of material is summed up to, whatever its format."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from workstation.core.examination import Severity
from workstation.examine.reader import Notes, Source, Unreadable

MAX_BYTES = 24 << 20
MAX_LISTED = 50
MAX_ERRORS = 20
_MODEL_KINDS = frozenset({"machine-learning-model", "ai_AIPackage"})
_DATA_KINDS = frozenset({"data", "dataset_DatasetPackage"})
_NOTHING = frozenset({"", "NOASSERTION", "NONE"})


@dataclass(frozen=True, kw_only=True)
class Part:
    """One component, package or file."""

    kind: str
    name: str
    version: str = ""
    supplier: str = ""
    licences: tuple[str, ...] = ()
    has_hash: bool = False
    has_identifier: bool = False  # a package URL, CPE or SWID tag
    has_card: bool = False


@dataclass(kw_only=True)
class Inventory:
    """A bill of material while it is read."""

    parts: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    licences: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    models: list[dict[str, object]] = field(default_factory=list)
    datasets: list[str] = field(default_factory=list)
    defined: set[str] = field(default_factory=set)
    repeated: list[str] = field(default_factory=list)
    used: list[str] = field(default_factory=list)

    def add(self, part: Part) -> None:
        """Count one part."""
        self.parts += 1
        self.kinds[text(part.kind, 60)] += 1
        for licence in part.licences:
            if len(self.licences) < MAX_LISTED or licence in self.licences:
                self.licences[text(licence, 100)] += 1
        filled = {
            "name": part.name,
            "version": part.version,
            "supplier": part.supplier,
            "terms of use": part.licences,
            "hash": part.has_hash,
            "identifier": part.has_identifier,
        }
        self.missing.update(name for name, value in filled.items() if not value)
        if part.kind in _MODEL_KINDS and len(self.models) < MAX_LISTED:
            self.models.append(
                {
                    "name": text(part.name),
                    "version": text(part.version),
                    "supplier": text(part.supplier),
                    "licences": [text(licence, 100) for licence in part.licences[:10]],
                    "model_card": part.has_card,
                }
            )
        if part.kind in _DATA_KINDS and len(self.datasets) < MAX_LISTED:
            self.datasets.append(text(part.name))

    def define(self, reference: object) -> None:
        """Take an identifier that must be given once."""
        if not isinstance(reference, str):
            return
        if reference in self.defined:
            self.repeated.append(reference)
        self.defined.add(reference)

    def use(self, reference: object) -> None:
        """Take a reference that should lead somewhere."""
        if isinstance(reference, str):
            self.used.append(reference)

    def into(self, notes: Notes) -> None:
        """Facts, and what is missing, repeated or leads nowhere."""
        facts = notes.facts
        facts["components"] = self.parts
        facts["component_kinds"] = dict(self.kinds.most_common(MAX_LISTED))
        facts["licences"] = dict(self.licences.most_common(MAX_LISTED))
        if self.models:
            facts["models"] = self.models
        if self.datasets:
            facts["datasets"] = self.datasets
        facts["missing"] = dict(self.missing)
        if not self.parts:
            notes.note("SBOM_EMPTY", "")
        elif self.missing:
            words = (f"{count} without {name}" for name, count in self.missing.most_common())
            notes.note("SBOM_GAPS", f"of {self.parts}: " + ", ".join(words))
        if self.repeated:
            notes.caution("SBOM_REPEATED_REF", listed(self.repeated))
        dangling = sorted({reference for reference in self.used if reference not in self.defined})
        if dangling:
            facts["dangling"] = len(dangling)
            notes.note("SBOM_DANGLING_REF", listed(dangling))


class Mistakes:
    """What makes a bill of material invalid, bounded."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self.count = 0

    def add(self, where: str, what: str) -> None:
        """Note one mistake."""
        self.count += 1
        if self.count <= MAX_ERRORS:
            self._notes.add("SBOM_INVALID", Severity.DANGER, f"{text(where, 150)}: {text(what, 300)}")

    @property
    def enough(self) -> bool:
        """Whether more would not be shown."""
        return self.count >= MAX_ERRORS


def invalid(detail: str) -> Unreadable:
    """The file is not what its format asks for."""
    return Unreadable("SBOM_INVALID", text(detail, 400), Severity.DANGER)


def whole(source: Source) -> bytes:
    """All bytes.

    Raises:
        Unreadable: SBOM_TOO_LARGE.
    """
    if source.size_bytes > MAX_BYTES:
        raise Unreadable("SBOM_TOO_LARGE", f"{source.size_bytes} bytes, read up to {MAX_BYTES}")
    return b"".join(source.read_at(at, 1 << 20) for at in range(0, source.size_bytes, 1 << 20))


def stated(value: object) -> str:
    """A text that says something: neither empty nor one of SPDX's words for nothing."""
    return value if isinstance(value, str) and value.strip() not in _NOTHING else ""


def text(value: object, limit: int = 200) -> str:
    """An untrusted text that can be sent."""
    shown = value if isinstance(value, str) else repr(value)
    return shown[:limit].encode("utf-8", "backslashreplace").decode()


def listed(names: list[str]) -> str:
    """A few names and how many there are."""
    shown = ", ".join(text(name, 80) for name in names[:5])
    return f"{len(names)}: {shown}" + (", ..." if len(names) > 5 else "")  # noqa: PLR2004 - a few


def words(text_of_words: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text_of_words.split())


def rows(value: Any) -> list[dict[str, Any]]:
    """The objects of a list; nothing for anything else."""
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []


def table(value: Any) -> dict[str, Any]:
    """The value if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}
