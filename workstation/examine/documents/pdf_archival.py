"""PDF/A: what the file claims."""

from typing import TYPE_CHECKING

from workstation.examine.reader import Notes, Source

if TYPE_CHECKING:
    import pikepdf


def report(source: Source, document: "pikepdf.Pdf", notes: Notes) -> None:
    """Note the claim."""
