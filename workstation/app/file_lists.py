"""The files of a package by one of the five words: a page at a time."""

from collections.abc import Sequence

from workstation.app.services import Session
from workstation.core.examination import Coverage
from workstation.core.packages import PackageFile
from workstation.core.values import PackageId

PAGE_ROWS = 200


def files(
    session: Session, package_id: PackageId, *, only: Coverage | None = None, after: str = ""
) -> Sequence[PackageFile]:
    """Files by path; ``only`` those of this word, where *seen* asks whether a reviewer was shown the file."""
    with session.look() as work:
        return work.packages.files(package_id, after=after, limit=PAGE_ROWS, only=only)
