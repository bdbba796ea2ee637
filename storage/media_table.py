"""Which media are mounted, read from the kernel's own tables, and what their file systems can hold."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workstation.core.errors import WorkstationError
from workstation.core.media import Medium, MediumKind, PlannedFile
from workstation.core.media_errors import FileTooLarge, NameNotRepresentable

FAT = frozenset({"vfat", "msdos", "fat"})
WINDOWS_NAMES = FAT | {"exfat", "ntfs", "ntfs3", "fuseblk"}
_OPTICAL = frozenset({"iso9660", "udf"})
_FAT32_LIMIT_BYTES = (1 << 32) - 1
_NAME_LIMIT_BYTES = 255
_OCTAL = re.compile(r"\\([0-7]{3})")
_REFUSED_BY_WINDOWS = re.compile(r'[\x00-\x1f"*:<>?\\|]|[. ]$')
_DOS_DEVICES = re.compile(r"(?:CON|PRN|AUX|NUL|COM[0-9]|LPT[0-9])(?:\.|$)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Mount:
    """One line of mountinfo."""

    device_number: int
    folder: str
    root: str
    read_only: bool
    file_system: str
    source: str


def _plain(field: str) -> str:
    """Undo the kernel's octal escapes of blanks and backslashes."""
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), field)


def parse_mounts(text: str) -> Iterator[Mount]:
    """The mounts of a mountinfo table, in its order. Lines that make no sense are passed over."""
    for line in text.splitlines():
        left, separator, right = line.partition(" - ")
        fields, tail = left.split(" "), right.split(" ")
        if not separator or len(fields) < 6 or len(tail) < 3:  # noqa: PLR2004 - see proc(5)
            continue
        major, _, minor = fields[2].partition(":")
        options = {*fields[5].split(","), *tail[2].split(",")}
        yield Mount(
            device_number=os.makedev(int(major), int(minor)),
            folder=_plain(fields[4]),
            root=_plain(fields[3]),
            read_only="ro" in options,
            file_system=tail[0],
            source=_plain(tail[1]),
        )


class Machine:
    """Where the kernel tells about mounts and devices; tests point it at tables of their own."""

    def __init__(
        self, *, proc: Path = Path("/proc"), sys: Path = Path("/sys"), dev: Path = Path("/dev")
    ) -> None:
        self._proc, self._sys, self._dev = proc, sys, dev

    def mounts(self) -> list[Mount]:
        """Everything mounted now; empty where there is no such table."""
        try:
            table = (self._proc / "self" / "mountinfo").read_text(encoding="utf-8", errors="surrogateescape")
        except FileNotFoundError:
            return []
        return list(parse_mounts(table))

    def mount_of(self, folder: str, device_number: int) -> Mount | None:
        """The mount a folder lies on: the longest mount point above it on that file system."""
        found = [
            mount
            for mount in self.mounts()
            if mount.device_number == device_number and Path(folder).is_relative_to(mount.folder)
        ]
        return max(found, key=lambda mount: len(mount.folder), default=None)

    def is_removable(self, mount: Mount) -> bool:
        """Whether the device under the mount, or under its encryption, is one that can be unplugged."""
        return _can_be_unplugged(self._block(mount))

    def serial_of(self, mount: Mount) -> str:
        """The serial number of the device under the mount or its encryption; empty when it tells none."""
        return _serial(self._block(mount))

    def is_encrypted(self, mount: Mount) -> bool:
        """Whether the file system lies on dm-crypt (LUKS and its like), at whatever depth."""
        return _has_crypt(self._block(mount))

    def _block(self, mount: Mount) -> Path:
        number = f"{os.major(mount.device_number)}:{os.minor(mount.device_number)}"
        return (self._sys / "dev" / "block" / number).resolve()

    def name_of(self, source: str, kind: str) -> str:
        """The label or identity (``by-label``, ``by-uuid``) udev knows for a device node; empty when none."""
        folder = self._dev / "disk" / kind
        if not folder.is_dir():
            return ""
        node = Path(source).resolve()
        names = sorted(link.name for link in folder.iterdir() if link.resolve() == node)
        return re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), names[0]) if names else ""

    def removable(self) -> Iterator[Mount]:
        """Removable media, each device once and at its whole root, in order of mount point."""
        seen = set()
        for mount in sorted(self.mounts(), key=lambda mount: mount.folder):
            is_system = mount.folder == "/" or mount.folder.startswith("/boot")
            if mount.device_number in seen or mount.root != "/" or is_system:
                continue
            if self.is_removable(mount):
                seen.add(mount.device_number)
                yield mount


def _can_be_unplugged(device: Path) -> bool:
    if not device.is_dir():
        return False
    # LUKS and LVM: what counts is the device below.
    if any(map(_can_be_unplugged, _below(device))):
        return True
    if any(part.startswith(("usb", "fw")) for part in device.parts):
        return True
    for disk in (device, device.parent):  # a partition has no such files; the disk above it has
        for flag, yes in ((disk / "removable", "1"), (disk / "device" / "type", "SD")):
            if flag.is_file() and flag.read_text(encoding="ascii").strip() == yes:
                return True
    return False


def _below(device: Path) -> Iterator[Path]:
    """The devices that a mapped one rests on."""
    return (slave.resolve() for slave in (device / "slaves").glob("*"))


def _has_crypt(device: Path) -> bool:
    kind = device / "dm" / "uuid"
    if kind.is_file() and kind.read_text(encoding="ascii", errors="replace").startswith("CRYPT-"):
        return True
    below = list(_below(device))
    return bool(below) and all(map(_has_crypt, below))


def _serial(device: Path) -> str:
    """Of a disk, or of the USB or card device that it hangs on: the nearest one above."""
    for below in _below(device):
        return _serial(below)
    for part in (device, *device.parents):
        for file in (part / "serial", part / "device" / "serial"):
            if file.is_file():
                text = file.read_text(encoding="utf-8", errors="replace").strip()
                return "".join(char for char in text if char.isalnum())[:64]
    return ""


def kind_of(mount: Mount) -> MediumKind:
    """A disc or something that can be written."""
    return MediumKind.OPTICAL if mount.file_system in _OPTICAL else MediumKind.REMOVABLE


def refused_names(medium: Medium, folder_name: str, files: Iterable[PlannedFile]) -> list[WorkstationError]:
    """One refusal for each name or size the medium's file system cannot hold."""
    found: list[WorkstationError] = []
    seen: dict[str, str] = {}
    for file in files:
        name = f"{folder_name}/{file.name}"
        same = seen.setdefault(name.casefold() if medium.file_system in WINDOWS_NAMES else name, name)
        if not _is_plain(name, medium.file_system) or same is not name:
            found.append(NameNotRepresentable(untrusted_name=file.name, file_system=medium.file_system))
        if medium.file_system in FAT and file.size_bytes > _FAT32_LIMIT_BYTES:
            found.append(
                FileTooLarge(
                    untrusted_name=file.name,
                    size_bytes=file.size_bytes,
                    limit_bytes=_FAT32_LIMIT_BYTES,
                    file_system=medium.file_system,
                )
            )
    return found


def _is_plain(name: str, file_system: str) -> bool:
    return all(_is_plain_part(part, file_system) for part in name.split("/"))


def _is_plain_part(part: str, file_system: str) -> bool:
    if part in {"", ".", ".."} or "\0" in part or len(os.fsencode(part)) > _NAME_LIMIT_BYTES:
        return False
    if not part.isprintable():
        return False
    if file_system not in WINDOWS_NAMES:
        return True
    return not _REFUSED_BY_WINDOWS.search(part) and not _DOS_DEVICES.match(part)


def needed_bytes(files: Sequence[PlannedFile], unit_bytes: int) -> int:
    """What the files occupy: each rounded up to whole allocation units, one unit more for each folder."""
    unit = max(1, unit_bytes)
    folders = {parent for file in files for parent in Path(file.name).parents}
    content = sum(-(-file.size_bytes // unit) * unit for file in files)
    return content + (len(folders) + 1) * unit
