"""Two exports of one office, and every single thing that can be wrong with one of them."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from tests.helpers.listed import listed_folder
from tests.ui.stages import Office
from workstation.app import administering, exporting, queries
from workstation.app import session as sessions
from workstation.core.jobs import JobControl
from workstation.demo.story import passphrase


def two_exports(office: Office, folder: Path) -> tuple[Path, Path]:
    """Of the same certified report, to two recipients; beside them ``trust`` with the office's roots."""
    folder.mkdir()
    session = office.unlock("osei")
    first = queries.case_view(session, office.case_id).reports[0]
    exporting.request(session, first.report_id, recipient="Somebody else (DEMO)")
    sessions.lock(session, reason="test")
    chosen = listed_folder(office.services, folder)
    session = office.unlock("tanaka")
    try:
        administering.write_roots(session, folder / "trust")
        made = []
        for row in queries.waiting_exports(session):
            made.append(_released(session, row.export.export_id, chosen))
            office.clock.advance(timedelta(minutes=1))  # signed at one moment, both reports would be the same
        first_made, second_made = made
        return first_made, second_made
    finally:
        sessions.lock(session, reason="test")


def _released(session: sessions.Session, export_id: str, chosen: exporting.Release) -> Path:
    exporting.release(session, export_id, chosen, passphrase(), JobControl())  # type: ignore[arg-type]
    return Path(chosen.medium.folder) / export_id


def files_of(export: Path) -> list[str]:
    """Every file there is, by listing the folder."""
    return sorted(str(path.relative_to(export)) for path in export.rglob("*") if path.is_file())


def damaged(export: Path, other: Path, folder: Path) -> Iterator[tuple[str, Path]]:
    """The name that must be told, and a copy of the export: a file pulled, one byte changed, or swapped."""
    for number, name in enumerate(files_of(export)):
        pulled = _copy(export, folder / f"{number}-pulled")
        (pulled / name).unlink()
        yield name, pulled
        changed, content = (
            _copy(export, folder / f"{number}-changed"),
            bytearray((export / name).read_bytes()),
        )
        content[len(content) // 2] ^= 1
        (changed / name).write_bytes(content)
        yield name, changed
    swapped = _copy(export, folder / "swapped")
    assert (export / "report.pdf").read_bytes() != (other / "report.pdf").read_bytes()
    shutil.copyfile(other / "report.pdf", swapped / "report.pdf")
    yield "report.pdf", swapped


def _copy(export: Path, to: Path) -> Path:
    shutil.copytree(export, to)
    return to
