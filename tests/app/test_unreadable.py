"""A bad sector on the medium: the file is named, kept as far as it can be read, and the rest is received."""

import errno
import hashlib
import os
import zipfile
from contextlib import ExitStack
from pathlib import Path

import pypdfium2
import pytest

from tests.helpers.bad_sectors import BLOCK_BYTES, disk_with_bad_sectors
from tests.helpers.bags import bag
from tests.helpers.office import office
from tests.helpers.small_disks import unreadable_file
from workstation.app import amendments, checking, documents, intake, quarantine, queries, viewing
from workstation.app.amendments import Change
from workstation.app.documents import Wanted
from workstation.core.examination import Coverage, Outcome
from workstation.core.jobs import JobControl
from workstation.core.packages import Fixity, Package, PackageFile, PackageState, SourceUnreadable
from workstation.core.report import DocumentKind
from workstation.core.values import CaseId
from workstation.core.vault import ObjectRef
from workstation.demo.story import Story
from workstation.examine import losses, package

WEIGHTS = b"".join(bytes([65 + number]) * BLOCK_BYTES for number in range(10))
FILES = {"card.md": b"# Card\n", "weights.bin": WEIGHTS, "zz.txt": b"words\n" * 2_000}
FAILING = {"weights.bin": 5}
WITH_A_HOLE = WEIGHTS[: 5 * BLOCK_BYTES] + bytes(BLOCK_BYTES) + WEIGHTS[6 * BLOCK_BYTES :]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """One office; every test opens a case of its own."""
    told = office(tmp_path_factory.mktemp("office"))
    told.set_up()
    return told


@pytest.fixture
def case_id(story: Story) -> CaseId:
    """A case that awaits its package."""
    return story.open_case()


def receive(story: Story, case_id: CaseId, source: Path) -> Package:
    """As the second reviewer."""
    with story.acting("osei") as session:
        return intake.receive(session, case_id, source, JobControl())


def stored(story: Story, received: Package) -> dict[str, PackageFile]:
    """Every stored file by path."""
    with story.acting("osei") as session:
        return {file.untrusted_path: file for file in queries.files(session, received.package_id)}


def content(story: Story, file: PackageFile) -> bytes:
    """What the vault holds of a file."""
    with story.acting("osei") as session:
        source = session.vault.open(ObjectRef.parse(file.object_ref))
        with_all = b"".join(source.stream())
        source.close()
    return with_all


def require_the_rest(found: dict[str, PackageFile], files: dict[str, bytes], but: str) -> None:
    """All other files are there, whole and examined."""
    for path in files.keys() - {but}:
        assert found[path].sha384 == hashlib.sha384(files[path]).hexdigest(), path
        assert found[path].coverage is Coverage.NOTHING_FOUND, path


def test_a_bad_sector_costs_one_file(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """Of a real disk with a failing block all files are received, and the one on it is told as unreadable."""
    with disk_with_bad_sectors(tmp_path, FILES, FAILING) as folder:
        received = receive(story, case_id, folder)
    found = stored(story, received)
    assert (received.state, received.outcome) == (PackageState.QUARANTINED, Outcome.WARN)
    assert {"bubblewrap", "landlock"} & set(received.isolation)
    one = found["weights.bin"]
    assert (one.fixity, one.coverage, one.kind) == (Fixity.UNREADABLE, Coverage.INCONCLUSIVE, "unknown")
    assert one.size_bytes == len(WEIGHTS)
    assert content(story, one) == WITH_A_HOLE
    (finding,) = one.findings
    assert finding in received.findings
    assert (finding.code, finding.path) == ("FILE_UNREADABLE", "weights.bin")
    assert finding.detail == (
        "Input/output error; bytes 20,480 to 24,575 are missing and stand as zeros; "
        f"36,864 of {len(WEIGHTS):,} bytes were read and are kept"
    )
    require_the_rest(found, FILES, "weights.bin")


def test_a_file_nobody_can_read_costs_one_file(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """Of a file that fails at its first byte the name is kept, with nothing behind it."""
    folder = tmp_path / "submission"
    folder.mkdir()
    (folder / "card.md").write_bytes(FILES["card.md"])
    with ExitStack() as until:
        unreadable_file(until, folder / "weights.bin")
        received = receive(story, case_id, folder)
    found = stored(story, received)
    assert (found["weights.bin"].fixity, found["weights.bin"].size_bytes) == (Fixity.UNREADABLE, 0)
    assert found["card.md"].coverage is Coverage.NOTHING_FOUND
    assert received.outcome is Outcome.WARN


def test_a_failing_file_of_a_bag_is_never_intact(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """Its manifest entry counts as not verified; what could be read agrees with the manifest as before."""
    files = bag({"weights.bin": WEIGHTS, "card.md": b"# Card\n"})
    with disk_with_bad_sectors(tmp_path, files, {"data/weights.bin": 3}) as folder:
        received = receive(story, case_id, folder)
    found = stored(story, received)
    assert found["data/weights.bin"].fixity is Fixity.UNREADABLE
    assert found["data/card.md"].fixity is Fixity.MATCHES
    codes = {finding.code for finding in received.findings}
    assert "FILE_UNREADABLE" in codes
    assert not codes & {"BAG_FIXITY", "BAG_MISSING"}
    assert received.outcome is Outcome.WARN


def test_an_unreadable_manifest_verifies_nothing(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """All files of a bag are kept, none counts as matching, and the reason is named."""
    files = bag({"card.md": b"# Card\n"})
    with disk_with_bad_sectors(tmp_path, files, {"manifest-sha256.txt": 0}) as folder:
        received = receive(story, case_id, folder)
    found = stored(story, received)
    assert {file.fixity for file in found.values()} == {Fixity.UNLISTED, Fixity.UNREADABLE}
    assert {finding.code for finding in received.findings} >= {"BAG_UNREAD", "FILE_UNREADABLE"}
    assert received.outcome is Outcome.WARN


def test_a_failing_member_costs_one_member(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """Of a zip with a bad sector inside one member the others are unpacked, before and behind it."""
    files = {"card.md": b"# Card\n" * 150_000, "weights.bin": WEIGHTS, "zz.txt": b"words\n" * 50_000}
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    with disk_with_bad_sectors(tmp_path, {"packed.zip": packed.read_bytes()}, {"packed.zip": 258}) as folder:
        received = receive(story, case_id, folder / "packed.zip")
    found = stored(story, received)
    require_the_rest(found, files, "weights.bin")
    assert [f.path for f in received.findings if f.code == "FILE_UNREADABLE"] == ["weights.bin"]
    assert received.container_sha384 == ""
    assert received.outcome is Outcome.WARN


def test_an_archive_without_its_directory_names_its_members(
    story: Story, case_id: CaseId, tmp_path: Path
) -> None:
    """Where the list of a zip cannot be read, members are named by their own headers and can be looked at."""
    files = {"card.md": b"# Card\n" * 150_000, "zz.txt": b"words\n" * 50_000}
    packed = tmp_path / "packed.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    last = packed.stat().st_size // BLOCK_BYTES
    with disk_with_bad_sectors(tmp_path, {"packed.zip": packed.read_bytes()}, {"packed.zip": last}) as folder:
        received = receive(story, case_id, folder / "packed.zip")
    named = [(f.path, f.detail) for f in received.findings if f.code == "ARCH:named-by-header"]
    assert named == [("card.md", "1,050,000 bytes"), ("zz.txt", "300,000 bytes")]
    (only,) = stored(story, received).values()
    assert (only.fixity, only.coverage, only.kind) == (Fixity.UNREADABLE, Coverage.INCONCLUSIVE, "zip")
    with story.acting("osei") as session:
        document = viewing.open_document(session, received.package_id, "packed.zip")
        try:
            rows = document.members(0, "", JobControl())
            assert [row.untrusted_name for row in rows.rows] == list(files)
            assert rows.broken is not None
            assert rows.broken.reason_code == "ARCH_CORRUPT"
            document.enter(["card.md"], JobControl())
            assert document.text(0, JobControl()).startswith("# Card\n")
        finally:
            document.close()


def test_a_single_failing_file_is_kept(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """A package that is one file is received as far as it can be read, container or not."""
    with disk_with_bad_sectors(tmp_path, {"notes.txt": WEIGHTS}, {"notes.txt": 5}) as folder:
        received = receive(story, case_id, folder / "notes.txt")
        told = package.examine_path(folder / "notes.txt")
    (only,) = stored(story, received).values()
    assert (only.fixity, only.size_bytes) == (Fixity.UNREADABLE, len(WEIGHTS))
    assert content(story, only) == WITH_A_HOLE
    assert (told.outcome, told.files[0].coverage) == (Outcome.WARN, Coverage.INCONCLUSIVE)
    assert [finding.code for finding in told.findings] == ["FILE_UNREADABLE"]


def test_the_receipt_document_says_what_is_missing(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """The developer reads which file did not arrive whole, and no digest stands beside it."""
    with disk_with_bad_sectors(tmp_path, FILES, FAILING) as folder:
        received = receive(story, case_id, folder)
    with story.acting("osei") as session:
        pdf = documents.preview(session, case_id, Wanted(kind=DocumentKind.INTAKE_RECEIPT))
        assert not checking.check_vault(session, JobControl()).broken
    document = pypdfium2.PdfDocument(pdf)
    text = " ".join(" ".join(one.get_textpage().get_text_range() for one in document).split())
    document.close()
    assert "Not everything could be read" in text
    assert "FILE_UNREADABLE" in text
    assert "not read to its end" in text
    assert stored(story, received)["weights.bin"].sha384[:20] not in text


def test_unreadable_files_are_not_called_unchanged(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """Two submissions that are alike up to the bad sector are not comparable there."""
    with disk_with_bad_sectors(tmp_path, FILES, FAILING) as folder:
        first = receive(story, case_id, folder)
        with story.acting("osei") as session:
            quarantine.return_as_deficient(session, first.package_id, reason="A bad medium.")
        second = receive(story, case_id, folder)
    with story.acting("osei") as session:
        found = amendments.difference(session, first.package_id, second.package_id)
    assert {c.untrusted_path: c.change for c in found.changes} == {"weights.bin": Change.NOT_COMPARABLE}


def test_a_receipt_with_a_bad_sector_can_be_taken_up(story: Story, case_id: CaseId, tmp_path: Path) -> None:
    """After an interruption the unreadable file stays what it was, and the walls are those that held."""

    class Once(JobControl):
        def tick(self, progress: object) -> None:
            if getattr(progress, "stage", "") == "intake.examine":
                raise InterruptedError

    with disk_with_bad_sectors(tmp_path, FILES, FAILING) as folder:
        with story.acting("osei") as session, pytest.raises(InterruptedError):
            intake.receive(session, case_id, folder, Once())
        received = receive(story, case_id, folder)
    found = stored(story, received)
    assert found["weights.bin"].coverage is Coverage.INCONCLUSIVE
    assert "landlock" in received.isolation
    require_the_rest(found, FILES, "weights.bin")


def test_a_pulled_medium_still_ends_the_receipt(
    story: Story, case_id: CaseId, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the device is gone, or says so, a failing read is no bad sector: nothing is called received."""
    with disk_with_bad_sectors(tmp_path, FILES, FAILING) as folder:
        with monkeypatch.context() as patch:
            (tmp_path / "no-devices").mkdir()
            patch.setattr(losses, "_BLOCK_DEVICES", tmp_path / "no-devices")
            with pytest.raises(SourceUnreadable):
                receive(story, case_id, folder)
            with pytest.raises(SourceUnreadable):
                package.examine_path(folder)
        assert receive(story, case_id, folder).state is PackageState.QUARANTINED


@pytest.mark.parametrize(
    ("number", "loss"),
    [(errno.EIO, "bytes"), (errno.ENODATA, "bytes"), (errno.ENXIO, "medium"), (errno.ENOENT, "file")],
)
def test_errors_are_told_apart(tmp_path: Path, number: int, loss: str) -> None:
    """Bad bytes, a file that is another one, and a medium that went away are three things."""
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        fault = losses.unreadable("a", OSError(number, ""), descriptor)
    finally:
        os.close(descriptor)
    assert (fault.loss, fault.reason) == (loss, os.strerror(number))


def test_a_signature_over_unreadable_bytes_is_inconclusive(
    story: Story, case_id: CaseId, tmp_path: Path
) -> None:
    """What rests on a file that did not come whole is neither verified nor called broken."""
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    files = FILES | {"SHA256SUMS": f"{digest}  weights.bin\n".encode()}
    with disk_with_bad_sectors(tmp_path, files, FAILING) as folder:
        received = receive(story, case_id, folder)
    assert received.outcome is Outcome.WARN
