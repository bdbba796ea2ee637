"""The page that says what is read names every kind, and the bounds it states are those of the program."""

import re

from tests.architecture.tree import ROOT
from workstation.examine import dispatch, walk
from workstation.examine.documents import pdf_attachments

PAGE = (ROOT / "docs" / "formats.md").read_text(encoding="utf-8")
_NUMBERS = {"three": 3, "four": 4, "five": 5}


def test_every_kind_is_on_the_page() -> None:
    """Each kind that a reader reports stands in a table, and no table names a kind that nobody reports."""
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith("| `")]
    named = {kind for row in rows for kind in re.findall(r"`([\w-]+)`", row)}
    assert named - {"keras"} == {
        line.kind for line in dispatch.formats()
    }  # keras: an HDF5 file with a configuration


def test_the_stated_depths_hold() -> None:
    """Archives in archives and files in PDFs are opened as deep as the page says."""
    (archives,) = re.findall(r"Archives are opened (\w+) levels deep", PAGE)
    (documents,) = re.findall(r"opened (\w+) PDFs deep", PAGE)
    assert _NUMBERS[archives] == walk.MAX_NESTING
    assert _NUMBERS[documents] == pdf_attachments.MAX_DEPTH
