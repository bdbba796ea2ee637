"""Writing to real file systems: full, read-only, counterfeit, unmounted, and a writer that is killed."""

import os
import shutil
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.media_table import Machine
from storage.removable import RemovableMedia
from tests.helpers.children import ROOT
from tests.helpers.media import NAME, PIECE, big, export, names, write
from workstation.core.jobs import JobControl
from workstation.core.media import COMPLETION_MARKER, Ending, MediumKind, OutgoingFile
from workstation.core.media_errors import MediaFault, MediumFull, MediumReadOnly

Mount = Callable[..., Path]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Mount]:
    """Mounts things below the test's own folder and takes them away again."""
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    mounted: list[Path] = []

    def do(*words: str, name: str = "stick") -> Path:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        done = subprocess.run(["mount", *words, folder], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            pytest.skip(f"mounting is not possible here: {done.stderr.strip()}")
        mounted.append(folder)
        return folder

    yield do
    for folder in reversed(mounted):
        subprocess.run(["umount", "-l", folder], stderr=subprocess.DEVNULL, check=False)


def _tmpfs(mount: Mount, size: str, *, name: str = "stick") -> Path:
    return mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", name=name)


def _image(mount: Mount, folder: Path, *, size: str) -> Path:
    """An ext4 stick of this size whose image lies in the folder."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not installed")
    image = folder / "image"
    with image.open("wb") as file:
        file.truncate(int(size) << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", image], check=True)
    return mount("-o", "loop", str(image))


def test_what_does_not_fit_is_refused_before_writing(mount: Mount) -> None:
    """An export larger than the room on the medium is refused with both numbers, and nothing is written."""
    stick = _tmpfs(mount, "2m")
    with pytest.raises(MediumFull) as caught:
        write(stick, [big("weights.bin", 3)])
    assert caught.value.ending is Ending.REFUSED_PREFLIGHT
    assert caught.value.needed_bytes > 3 << 20 > 2 << 20 >= caught.value.free_bytes
    assert names(stick) == []


def test_a_medium_that_fills_up_meanwhile_is_left_as_it_was(mount: Mount) -> None:
    """When something else fills the medium during the copy, the export ends as full and is removed."""
    stick = _tmpfs(mount, "4m")

    def pieces() -> Iterator[bytes]:
        yield PIECE
        (stick / "other").write_bytes(bytes(5 << 19))
        yield PIECE

    with pytest.raises(MediumFull) as caught:
        write(stick, [OutgoingFile(name="a.bin", size_bytes=2 << 20, pieces=pieces)])
    assert caught.value.ending is Ending.NOTHING_LEFT
    assert names(stick) == ["other"]


def test_a_read_only_medium_is_refused(mount: Mount, tmp_path: Path) -> None:
    """A read-only mount is recognised before anything is tried."""
    (tmp_path / "inside").mkdir()
    stick = mount("--bind", str(tmp_path / "inside"))
    subprocess.run(["mount", "-o", "remount,bind,ro", stick], check=True)
    with pytest.raises(MediumReadOnly) as caught:
        write(stick, export())
    assert caught.value.ending is Ending.REFUSED_PREFLIGHT


def test_a_counterfeit_stick_is_found_out(mount: Mount, tmp_path: Path) -> None:
    """A stick that claims more room than it has never ends as verified, and its failure is named."""
    real = _tmpfs(mount, "6m", name="real")
    stick = _image(mount, real, size="32")
    with pytest.raises(MediaFault) as caught:
        write(stick, [big("weights.bin", 20)])
    assert caught.value.code in {"EXP-001", "EXP-003", "EXP-008", "EXP-009"}  # as the kernel tells it
    assert caught.value.ending in {Ending.PARTLY_WRITTEN, Ending.NOTHING_LEFT, Ending.WRITTEN_NOT_VERIFIED}
    subprocess.run(["umount", "-l", stick], check=True)


def test_the_device_itself_is_asked(mount: Mount, tmp_path: Path) -> None:
    """On a file system that allows it the copy is read past the computer's own cache."""
    stick = _image(mount, tmp_path, size="32")
    assert write(stick, export()).past_cache


def _removable(tmp_path: Path, stick: Path) -> Machine:
    """A machine whose device tables call the mounted image removable."""
    number = stick.stat().st_dev
    device = tmp_path / "sys" / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}"
    device.mkdir(parents=True)
    (device / "removable").write_text("1\n", encoding="ascii")
    return Machine(sys=tmp_path / "sys", dev=tmp_path / "dev")


def test_a_real_medium_is_listed_written_and_unmounted(mount: Mount, tmp_path: Path) -> None:
    """A removable device appears in the list; after the export nothing is mounted from it."""
    stick = _image(mount, tmp_path, size="32")
    media = RemovableMedia(machine=_removable(tmp_path, stick))
    (medium,) = media.list_media()
    assert (medium.kind, medium.folder, medium.file_system) == (MediumKind.REMOVABLE, str(stick), "ext4")
    receipt = media.write(medium, NAME, export(), JobControl())
    assert (receipt.ending, receipt.eject_reason) == (Ending.SAFE_TO_REMOVE, "")
    assert not os.path.ismount(stick)
    again = mount("-o", "loop", str(tmp_path / "image"))
    assert (again / NAME / COMPLETION_MARKER).is_file()


def test_a_busy_medium_stays_and_is_said_to(mount: Mount, tmp_path: Path) -> None:
    """A medium in use is verified, not ejected, and the system's own words say why."""
    stick = _image(mount, tmp_path, size="32")
    media = RemovableMedia(machine=_removable(tmp_path, stick))
    (medium,) = media.list_media()
    with (stick / "open").open("wb"):
        receipt = media.write(medium, NAME, export(), JobControl())
    assert receipt.ending is Ending.VERIFIED_NOT_EJECTED
    assert receipt.eject_reason
    assert os.path.ismount(stick)


@pytest.mark.parametrize("stage", ["export.writing", "export.reading-back"])
def test_a_killed_writer_never_leaves_a_half_that_looks_whole(tmp_path: Path, stage: str) -> None:
    """Kill -9 during the copy leaves a ``.partial-`` folder; after it, a complete one with its marker."""
    stick = tmp_path / "stick"
    stick.mkdir()
    program = f"""
        import os, signal, sys
        sys.path.insert(0, {str(ROOT)!r})
        from tests.helpers.media import big, NAME
        from storage.removable import RemovableMedia
        from workstation.core.jobs import JobControl
        def watch(progress):
            if progress.stage == {stage!r} and progress.done_bytes > 1 << 20:
                os.kill(os.getpid(), signal.SIGKILL)
        import workstation.core.jobs as jobs
        jobs._REPORT_INTERVAL_S = 0
        media = RemovableMedia()
        media.write(media.folder_medium({str(stick)!r}), NAME, [big('w.bin', 4)], JobControl(watch))
    """
    done = subprocess.run([sys.executable, "-I", "-c", textwrap.dedent(program)], check=False)
    assert done.returncode == -signal.SIGKILL
    if stage == "export.writing":
        assert names(stick) == [f".partial-{NAME}"]
    else:
        assert names(stick) == [NAME]
        assert names(stick / NAME) == [COMPLETION_MARKER, "w.bin"]
