"""Media for one suite: a plain folder, a mounted image, a small tmpfs, and the fake."""

import errno
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from storage.media_files import MediumFiles
from storage.media_table import Machine
from storage.removable import RemovableMedia
from tests.helpers.media import NAME, Failing, Intruder, Liar, Replaced, Unreadable, export
from tests.helpers.memory_media import MemoryMedia, MemoryStick
from workstation.core.jobs import JobControl
from workstation.core.media import (
    Medium,
    MediumKind,
    MediumPort,
    OutgoingFile,
    PlannedFile,
    Preflight,
    WriteReceipt,
)

SMALL_BYTES = 4 << 20
REMOVABLE = MediumKind.REMOVABLE


@dataclass
class Place:
    """One medium and the ways it can go wrong."""

    media: MediumPort
    medium: Medium
    tree: Callable[[], dict[str, bytes]]  # every file by path
    put: Callable[[str, bytes], None]
    pull: Callable[[], None]
    with_fault: Callable[[str], MediumPort]
    hold: Callable[[], AbstractContextManager[object]]  # while it lasts the medium is in use


@contextmanager
def mounted(folder: Path, *words: str) -> Iterator[Path]:
    """Something mounted there, or the test is left out with the system's reason."""
    folder.mkdir(exist_ok=True)
    if os.geteuid() != 0:
        pytest.skip("mounting needs root")
    done = subprocess.run(["mount", *words, folder], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip(f"mounting is not possible here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        while os.path.ismount(folder):
            subprocess.run(["umount", "-l", folder], check=True)


def _tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and "lost+found" not in path.parts)
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def _put(folder: Path, name: str, content: bytes) -> None:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content)


def _pull(folder: Path) -> None:
    folder.rename(folder.with_name(f"{folder.name} pulled"))
    folder.mkdir()  # the mount point is an ordinary, empty folder again


def _faults(folder: Path) -> dict[str, Callable[[], MediumFiles]]:
    return {
        "io-error": lambda: Failing(errno.EIO),
        "stuck": lambda: Failing(errno.EIO, for_good=True),
        "wrong-bit": Liar,
        "unreadable": Unreadable,
        "uninvited": Intruder,
        "pulled": lambda: Replaced(folder),
    }


def on_folder(folder: Path, machine: Machine | None = None) -> Place:
    """The real adapter on a plain folder."""
    folder.mkdir(exist_ok=True)
    media = RemovableMedia(machine=machine)
    return Place(
        media=media,
        medium=media.folder_medium(str(folder)),
        tree=lambda: _tree(folder),
        put=lambda name, content: _put(folder, name, content),
        pull=lambda: _pull(folder),
        with_fault=lambda name: RemovableMedia(files=_faults(folder)[name](), machine=machine),
        hold=lambda: (folder / "held").open("wb"),
    )


def told_as(folder: Path, file_system: str, options: str = "rw") -> Place:
    """The real adapter on a folder of which the kernel's table says that it lies on such a file system."""
    stick, table = folder / "stick", folder / "proc" / "self"
    stick.mkdir()
    table.mkdir(parents=True)
    number = stick.stat().st_dev
    device = f"{os.major(number)}:{os.minor(number)}"
    line = f"36 35 {device} / {stick} {options} - {file_system} /dev/none {options}\n"
    (table / "mountinfo").write_text(line, encoding="ascii")
    return on_folder(stick, Machine(proc=folder / "proc"))


def on_image(stack: ExitStack, folder: Path) -> Place:
    """The real adapter on an ext4 image that is mounted and called removable."""
    if shutil.which("mkfs.ext4") is None:
        pytest.skip("mkfs.ext4 is not installed")
    image, stick = folder / "image", folder / "stick"
    with image.open("wb") as file:
        file.truncate(16 << 20)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", image], check=True)
    stack.enter_context(mounted(stick, "-o", "loop", str(image)))
    place = on_folder(stick, _machine_with(folder, stick))
    place.medium = next(one for one in place.media.list_media() if one.folder == str(stick))
    return place


def _machine_with(folder: Path, *sticks: Path) -> Machine:
    for stick in sticks:
        number = stick.stat().st_dev
        device = folder / "sys" / "dev" / "block" / f"{os.major(number)}:{os.minor(number)}"
        device.mkdir(parents=True, exist_ok=True)
        (device / "removable").write_text("1\n", encoding="ascii")
    return Machine(sys=folder / "sys", dev=folder / "dev")


def two_images(stack: ExitStack, folder: Path) -> Place:
    """Two mounted images; the place is the first."""
    first, second = folder / "a", folder / "b"
    for one in (first, second):
        one.mkdir()
        on_image(stack, one)
    place = on_folder(first / "stick", _machine_with(folder, first / "stick", second / "stick"))
    place.medium = place.media.list_media()[0]
    return place


def on_tmpfs(stack: ExitStack, folder: Path) -> Place:
    """The real adapter on a mount that holds 4 MiB."""
    return on_folder(
        stack.enter_context(mounted(folder / "stick", "-t", "tmpfs", "-o", f"size={SMALL_BYTES}", "tmpfs"))
    )


def in_memory(*, kind: MediumKind = MediumKind.FOLDER, others: int = 0, **facts: object) -> Place:
    """The fake."""
    stick = MemoryStick(folder="/media/a", kind=kind, **facts)
    more = [MemoryStick(folder=f"/media/b{number}", number=number + 2) for number in range(others)]
    media = MemoryMedia(stick, *more)
    faults: dict[str, dict[str, object]] = {
        "io-error": {"fails_at_byte": 2 << 20},
        "stuck": {"fails_at_byte": 2 << 20, "keeps_all": True},
        "wrong-bit": {"keeps_wrong": "report.pdf"},
        "unreadable": {"unreadable": True},
        "uninvited": {"uninvited": "autorun.inf"},
        "pulled": {},
    }

    def pull() -> None:
        stick.gone = True

    @contextmanager
    def hold() -> Iterator[None]:
        stick.busy = "target is busy"
        yield
        stick.busy = ""

    def with_fault(name: str) -> MediumPort:
        for field, value in faults[name].items():
            setattr(stick, field, value)
        return media

    def tree() -> dict[str, bytes]:
        return {path: content for path, content in stick.contents.items() if not path.endswith("/")}

    return Place(
        media=media,
        medium=stick.medium,
        tree=tree,
        put=stick.contents.__setitem__,
        pull=pull,
        with_fault=with_fault,
        hold=hold,
    )


Make = Callable[[ExitStack, Path], Place]
ALIKE: dict[str, Make] = {
    "folder": lambda _stack, folder: on_folder(folder / "stick"),
    "memory": lambda _stack, _folder: in_memory(),
}
DETACHABLE: dict[str, Make] = {
    "ext4": on_image,
    "memory": lambda _stack, _folder: in_memory(kind=REMOVABLE),
}
EVERY = ALIKE | {"ext4": DETACHABLE["ext4"]}


def made_by(makes: dict[str, Make]) -> pytest.MarkDecorator:
    """Each of these for one test."""
    return pytest.mark.parametrize("place", list(makes.values()), ids=list(makes), indirect=True)


def look(place: Place, *files: PlannedFile, name: str = NAME) -> Preflight:
    """A preflight of these files, or of the small export."""
    return place.media.preflight(place.medium, name, files or [file.planned for file in export()])


def write(place: Place, *files: OutgoingFile, job: JobControl | None = None) -> WriteReceipt:
    """Write these files, or the small export."""
    return place.media.write(place.medium, NAME, files or export(), job or JobControl())
