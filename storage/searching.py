"""Files of the whole vault by name: one scan of the encrypted pages, no index that would outlive a lock."""

from collections.abc import Sequence

import sqlalchemy as sa

from storage.schema import files, packages
from workstation.core.search_ports import NamedFile
from workstation.core.values import CaseId, PackageId


class SqlSearch:
    """See ``core.search_ports.Search``."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def files(self, parts: Sequence[str], *, limit: int) -> Sequence[NamedFile]:
        """Files whose path holds every part; what a person typed is never read as a pattern."""
        holds = [files.c.path.contains(part, autoescape=True) for part in parts]
        query = (
            sa.select(packages.c.case_id, files.c.package_id, files.c.path)
            .join(packages, packages.c.package_id == files.c.package_id)
            .where(*holds)
            .limit(limit)
        )
        return [
            NamedFile(
                case_id=CaseId(row.case_id), package_id=PackageId(row.package_id), untrusted_path=row.path
            )
            for row in self._connection.execute(query)
        ]
