"""Formats of weights that nothing here reads: said plainly instead of passed over."""

from workstation.examine.reader import Notes, Source


def examine(source: Source, notes: Notes) -> None:
    """Note that no reader exists."""
    notes.incomplete("MODEL_UNREAD", source.name.rpartition(".")[2][:20])
