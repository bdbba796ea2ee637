"""Every page of a document about a participation says that participation is voluntary."""

from dataclasses import replace

import pytest

from reports.render import render
from tests.helpers import pdf_structure as read
from tests.helpers.sample_report import AT, sample_report
from workstation.core.report import DocumentKind


@pytest.mark.parametrize("kind", [kind for kind in DocumentKind if kind is not DocumentKind.RECOVERY_SHEET])
def test_every_page_says_that_participation_is_voluntary(kind: DocumentKind) -> None:
    """It stands at the foot of each page, whatever the document is."""
    for page in read.page_texts(render(replace(sample_report(), kind=kind), at=AT)):
        assert "Participation is voluntary" in page


def test_a_sheet_of_recovery_keys_is_about_no_participation() -> None:
    """What is about the office's own keys does not speak of developers."""
    drawn = render(replace(sample_report(), kind=DocumentKind.RECOVERY_SHEET), at=AT)
    assert not any("Participation is voluntary  \u00b7" in page for page in read.page_texts(drawn))
