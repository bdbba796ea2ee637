"""Each way in which writing to a medium ends is recorded as what it is, and what failed can be done again."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.helpers.listed import listed
from tests.helpers.memory_media import MemoryMedia, MemoryStick
from tests.helpers.ready_office import office_at
from workstation.app import exporting, queries, reporting
from workstation.app.services import Session
from workstation.core.exports import Export, ExportNotOpen, ExportState
from workstation.core.jobs import JobControl
from workstation.core.media import Ending
from workstation.core.media_errors import MediaFault
from workstation.core.values import CaseId, ExportId
from workstation.demo.story import Story, passphrase

FAULTS: dict[Ending, dict[str, object]] = {
    Ending.NOTHING_LEFT: {"fails_at_byte": 0},
    Ending.PARTLY_WRITTEN: {"fails_at_byte": 0, "keeps_all": True},
    Ending.WRITTEN_NOT_VERIFIED: {"unreadable": True},
    Ending.READ_BACK_DIFFERS: {"keeps_wrong": "report.pdf"},
}


@pytest.fixture(scope="module")
def requested(tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, CaseId, Export]:
    """A certified report whose release somebody asked for."""
    story, case_id = office_at("reviewed", tmp_path_factory.mktemp("office"))
    story.conclude(case_id)
    listed(story.services, MemoryStick(folder="/media/a").medium)
    with story.acting("ibarra") as session:
        report = reporting.certify(session, case_id, passphrase(), JobControl())
    with story.acting("osei") as session:
        return story, case_id, exporting.request(session, report.report_id, recipient="The Director (DEMO)")


@pytest.fixture
def officer(requested: tuple[Story, CaseId, Export]) -> Iterator[Session]:
    """The security officer at the desk."""
    story, _case_id, _export = requested
    with story.acting("tanaka") as session:
        yield session


def release(session: Session, export_id: ExportId, stick: MemoryStick) -> Export:
    """Release to this medium."""
    session.services = replace(session.services, media=MemoryMedia(stick))
    chosen = exporting.Release(medium=stick.medium, medium_marking="UNCLASSIFIED")
    return exporting.release(session, export_id, chosen, passphrase(), JobControl())


def told(session: Session, case_id: CaseId, export_id: ExportId) -> tuple[str, str, bool]:
    """State and ending of the export, and whether the trail's newest row tells that ending."""
    with session.look() as work:
        export = work.releases.export(export_id)
    row = next(row for row in queries.history(session, case_id) if row.event == "ExportWritten")
    return export.state, export.ending, f'"ending":"{export.ending}"' in row.body_json


@pytest.mark.parametrize("ending", FAULTS)
def test_a_failed_writing_is_recorded_as_it_ended(
    requested: tuple[Story, CaseId, Export], officer: Session, ending: Ending
) -> None:
    """A medium that fails, sticks, cannot be read or lies ends the export as failed, by its own word."""
    _story, case_id, export = requested
    with pytest.raises(MediaFault) as caught:
        release(officer, export.export_id, MemoryStick(folder="/media/a", **FAULTS[ending]))
    assert caught.value.ending is ending
    assert told(officer, case_id, export.export_id) == (ExportState.FAILED, ending, True)


BEFOREHAND: dict[str, dict[str, object]] = {
    "EXP-004": {"total_bytes": 4_096},
    "EXP-003": {"read_only": True},
}


@pytest.mark.parametrize("code", BEFOREHAND)
def test_what_the_medium_cannot_take_is_told_beforehand_and_kept(
    requested: tuple[Story, CaseId, Export], officer: Session, code: str
) -> None:
    """Too small, or not writable: told before a byte is written, and in the trail as what it is."""
    _story, case_id, export = requested
    stick = MemoryStick(folder="/media/a")
    for name, value in BEFOREHAND[code].items():
        setattr(stick, name, value)
    with pytest.raises(MediaFault) as caught:
        release(officer, export.export_id, stick)
    assert caught.value.code == code
    assert stick.contents == {}
    ended = told(officer, case_id, export.export_id)
    assert ended == (ExportState.FAILED, Ending.REFUSED_PREFLIGHT, True)


def test_what_failed_is_released_again_and_once_only(
    requested: tuple[Story, CaseId, Export], officer: Session
) -> None:
    """After a failure the same request goes to another medium; attached or not, it is then done."""
    _story, case_id, export = requested
    with pytest.raises(MediaFault):
        release(officer, export.export_id, MemoryStick(folder="/media/a", unreadable=True))
    written = release(officer, export.export_id, MemoryStick(folder="/media/b", busy="target is busy"))
    assert (written.state, written.ending) == (ExportState.WRITTEN, Ending.VERIFIED_NOT_EJECTED)
    assert told(officer, case_id, export.export_id) == (
        ExportState.WRITTEN,
        Ending.VERIFIED_NOT_EJECTED,
        True,
    )
    with pytest.raises(ExportNotOpen):
        release(officer, export.export_id, MemoryStick(folder="/media/c"))
