"""The signed files on their way to the medium, and how that ended: every ending is a row of the trail.

Nothing here decides whether a release may be; ``exporting`` has, and what it signed is written as it is.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import BinaryIO

from workstation.app import clearinghouse
from workstation.app.services import Session
from workstation.core import events
from workstation.core.errors import EnvironmentFault
from workstation.core.exports import Export, ExportState
from workstation.core.jobs import JobControl
from workstation.core.media import Ending, Medium, OutgoingFile
from workstation.core.media_errors import MediaFault
from workstation.core.verifications import BundleEntry

_PIECE_BYTES = 1 << 20


def outgoing(entry: BundleEntry) -> OutgoingFile:
    """A file of the signed folder as the medium takes it: its content is read once, while it is written."""
    return OutgoingFile(
        name=entry.name, size_bytes=entry.size_bytes, pieces=_pieces(entry), sha384=entry.sha384
    )


def _pieces(entry: BundleEntry) -> Callable[[], Iterable[bytes]]:
    content = entry.content
    if isinstance(content, bytes):
        return lambda: (content,)

    def read() -> Iterable[bytes]:
        with content() as stream:
            yield from _stream(stream)

    return read


def _stream(stream: BinaryIO) -> Iterable[bytes]:
    while piece := stream.read(_PIECE_BYTES):
        yield piece


def require_fit(session: Session, export: Export, medium: Medium, files: list[OutgoingFile]) -> None:
    """What the medium does not take is a row about this case: refused as that, a fault as its ending."""
    try:
        plan = [file.planned for file in files]
        preflight = session.services.media.preflight(medium, export.export_id, plan)
        with session.work() as work:
            work.releases.export(export.export_id)
            preflight.require()
    except MediaFault as fault:
        if isinstance(fault, EnvironmentFault):
            _record_ending(session, export, ExportState.FAILED, fault.ending, files)
        raise


def write(
    session: Session, export: Export, medium: Medium, files: list[OutgoingFile], job: JobControl
) -> Export:
    """Copy and read back; the returned export names the ending, a fault is recorded before it is raised."""
    try:
        receipt = session.services.media.write(medium, export.folder, files, job)
    except MediaFault as fault:
        _record_ending(session, export, ExportState.FAILED, fault.ending, files)
        raise
    except BaseException:
        _record_ending(session, export, ExportState.FAILED, Ending.PARTLY_WRITTEN, files)
        raise
    return _record_ending(session, export, ExportState.WRITTEN, receipt.ending, files)


def _record_ending(
    session: Session, export: Export, state: ExportState, ending: Ending, files: list[OutgoingFile]
) -> Export:
    size_bytes = sum(file.size_bytes for file in files)
    ended = replace(export, state=state, ending=str(ending), file_count=len(files), size_bytes=size_bytes)
    with session.work() as work:
        work.record(
            events.ExportWritten(
                case_id=export.case_id,
                export_id=export.export_id,
                medium=export.medium,
                ending=str(ending),
                file_count=len(files),
                size_bytes=size_bytes,
            )
        )
        work.releases.save_export(ended)
        if state is ExportState.WRITTEN:
            clearinghouse.note_sent(session, work, ended)
    return ended
