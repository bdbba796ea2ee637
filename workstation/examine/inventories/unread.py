"""Bills of material in forms that nothing here reads: RDF, YAML, SWID."""

from workstation.examine.reader import Notes, Source


def examine(source: Source, notes: Notes) -> None:
    """Say what it is, and that it was not read."""
    notes.facts["format"] = notes.kind
    notes.incomplete("SBOM_UNREAD", f"{notes.kind}, {source.size_bytes} bytes")
