"""A check of the whole vault names what is broken and leaves the rest readable."""

from pathlib import Path

from tests.helpers.office import unlock
from tests.helpers.ready_office import office_at
from workstation.app import checking, intake, queries
from workstation.app import session as sessions
from workstation.core.jobs import JobControl
from workstation.core.vault import ObjectRef


def test_a_sound_vault_holds_and_the_check_is_recorded(tmp_path: Path) -> None:
    """Everything received is read again, and the trail says that it was."""
    story, case_id = office_at("case", tmp_path)
    package = story.receive(case_id)
    with story.acting("abara") as session:
        found = checking.check_vault(session, JobControl())
        assert found.holds
        assert (found.files, found.size_bytes) == (package.file_count, package.total_bytes)
        with session.look() as work:
            assert work.audit.page(limit=1)[0].event == "VaultChecked"


def test_one_broken_object_is_named_and_stops_nothing(tmp_path: Path) -> None:
    """A changed byte and a missing container each name their own file; every other file holds."""
    story, case_id = office_at("case", tmp_path)
    folder = tmp_path / "submission"
    folder.mkdir()
    for name in ("one", "two", "three"):
        (folder / f"{name}.bin").write_bytes(name.encode() * (1 << 20))
    with story.acting("osei") as session:
        package = intake.receive(session, case_id, folder, JobControl())
        refs = {
            f.untrusted_path: ObjectRef.parse(f.object_ref)
            for f in queries.files(session, package.package_id)
        }
    (one,) = (tmp_path / "profile").rglob(f"{refs['one.bin'].container_id.hex()}*")
    content = bytearray(one.read_bytes())
    content[len(content) // 2] ^= 1
    one.write_bytes(content)
    (two,) = (tmp_path / "profile").rglob(f"{refs['two.bin'].container_id.hex()}*")
    two.unlink()
    session = unlock(story.services, "abara")
    try:
        found = checking.check_vault(session, JobControl())
    finally:
        sessions.lock(session, reason="test")
    assert {file.untrusted_path for file in found.broken} == {"one.bin", "two.bin"}
    assert len({file.code for file in found.broken}) == 2
    assert not found.holds
    assert found.audit.broken_seq is None
