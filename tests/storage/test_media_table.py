"""Which mounts are media, and what their file systems can hold."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.media_table import Machine, kind_of, needed_bytes, parse_mounts, refused_names
from workstation.core.media import Medium, MediumKind, PlannedFile
from workstation.core.media_errors import FileTooLarge, NameNotRepresentable

TABLE = r"""
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 8:17 / /media/anna/EXPORT\0401 rw,nosuid,nodev shared:5 - vfat /dev/sdb1 rw,uid=1000
31 22 8:17 /sub /mnt/bound rw - vfat /dev/sdb1 rw
32 22 11:0 / /media/anna/DISC ro,nosuid - iso9660 /dev/sr0 ro
33 22 179:1 / /media/anna/card rw - exfat /dev/mmcblk0p1 ro
34 22 253:0 / /media/anna/secret rw - ext4 /dev/mapper/luks-1 rw
35 22 8:33 / /srv rw - xfs /dev/sdc1 rw
36 22 8:49 / /boot/efi rw - vfat /dev/sdd1 rw
this line is not one
"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    """A computer with a USB stick, a disc, a card, an encrypted stick and a fixed disk."""
    (tmp_path / "proc" / "self").mkdir(parents=True)
    (tmp_path / "proc" / "self" / "mountinfo").write_text(TABLE, encoding="utf-8")
    blocks = tmp_path / "sys" / "dev" / "block"
    blocks.mkdir(parents=True)

    def device(number: str, place: str, **files: str) -> Path:
        folder = tmp_path / "sys" / "devices" / place
        folder.mkdir(parents=True)
        for name, content in files.items():
            file = folder / name.replace("__", "/")
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"{content}\n", encoding="ascii")
        (blocks / number).symlink_to(folder)
        return folder

    device("8:1", "pci/ata1/block/sda/sda1")
    stick = device("8:17", "pci/usb1/1-1/block/sdb/sdb1")
    device("11:0", "pci/ata2/block/sr0", removable="1")
    device("179:0", "platform/host/block/mmcblk0", removable="0", device__type="SD")
    device("179:1", "platform/host/block/mmcblk0/mmcblk0p1")
    hidden = device("253:0", "virtual/block/dm-0")
    (hidden / "slaves").mkdir()
    (hidden / "slaves" / "sdb1").symlink_to(stick)
    device("8:33", "pci/ata3/block/sdc/sdc1")
    device("8:49", "pci/usb2/block/sdd/sdd1")
    labels = tmp_path / "dev" / "disk" / "by-label"
    labels.mkdir(parents=True)
    (tmp_path / "dev" / "sdb1").touch()
    (labels / r"EXPORT\x201").symlink_to(tmp_path / "dev" / "sdb1")
    return Machine(proc=tmp_path / "proc", sys=tmp_path / "sys", dev=tmp_path / "dev")


def test_what_can_be_unplugged_is_listed_once(machine: Machine) -> None:
    """USB, discs, cards and encrypted sticks are media; fixed disks, bind mounts and the system are not."""
    assert [mount.folder for mount in machine.removable()] == [
        "/media/anna/DISC",
        "/media/anna/EXPORT 1",
        "/media/anna/card",
        "/media/anna/secret",
    ]


def test_either_read_only_flag_counts(machine: Machine) -> None:
    """A mount is read-only when the mount or the file system below it is."""
    flags = {mount.folder: mount.read_only for mount in machine.removable()}
    assert flags == {
        "/media/anna/DISC": True,
        "/media/anna/EXPORT 1": False,
        "/media/anna/card": True,
        "/media/anna/secret": False,
    }


def test_a_disc_is_told_from_a_stick(machine: Machine) -> None:
    """A disc is for reading only."""
    kinds = {mount.folder: kind_of(mount) for mount in machine.removable()}
    assert kinds["/media/anna/DISC"] is MediumKind.OPTICAL
    assert kinds["/media/anna/card"] is MediumKind.REMOVABLE


def test_a_label_is_read_as_written(machine: Machine, tmp_path: Path) -> None:
    """Udev's escapes in labels are undone; an unknown device has no label."""
    assert machine.name_of(str(tmp_path / "dev" / "sdb1"), "by-label") == "EXPORT 1"
    assert machine.name_of(str(tmp_path / "dev" / "sdz9"), "by-label") == ""
    assert machine.name_of(str(tmp_path / "dev" / "sdb1"), "by-uuid") == ""


def test_a_folder_belongs_to_the_nearest_mount_above_it(machine: Machine) -> None:
    """The mount of a folder is the longest mount point above it on the same file system."""
    number = os.makedev(8, 17)
    mount = machine.mount_of("/media/anna/EXPORT 1/inside", number)
    assert mount is not None
    assert mount.folder == "/media/anna/EXPORT 1"
    assert machine.mount_of("/media/anna/EXPORT 10", number) is None


def test_a_computer_without_such_tables_has_no_media(tmp_path: Path) -> None:
    """Where the kernel has no mount table the list is empty, not an error."""
    assert list(Machine(proc=tmp_path, sys=tmp_path, dev=tmp_path).removable()) == []


@given(st.text(max_size=400))
def test_no_table_breaks_the_reader(text: str) -> None:
    """Lines that are not mounts are passed over."""
    list(parse_mounts(text))


FAT = Medium(
    medium_id="8:17:x",
    kind=MediumKind.REMOVABLE,
    folder="/media/x",
    device="/dev/sdb1",
    device_number=2065,
    file_system="vfat",
    total_bytes=1 << 40,
    free_bytes=1 << 40,
    read_only=False,
)


@pytest.mark.parametrize(
    "name", ["a:b", "what?", "a|b", "ends.", "ends ", "con", "LPT1.txt", "nul.tar.gz", 'q"', "tab\t", "a\\b"]
)
def test_names_windows_cannot_hold_are_refused_on_fat_only(name: str) -> None:
    """A name FAT, exFAT or NTFS cannot hold is refused there and, where it is merely odd, held by ext4."""
    files = [PlannedFile(name=name, size_bytes=1)]
    for file_system in ("vfat", "exfat", "ntfs3"):
        (refusal,) = refused_names(replace(FAT, file_system=file_system), "CASE", files)
        assert isinstance(refusal, NameNotRepresentable)
        assert refusal.untrusted_name == name
    odd = name != "tab\t"
    assert (refused_names(replace(FAT, file_system="ext4"), "CASE", files) == []) is odd


def test_two_names_that_differ_in_case_only_are_refused_on_fat() -> None:
    """FAT would write the second over the first; the second is named."""
    files = [PlannedFile(name="Report.pdf", size_bytes=1), PlannedFile(name="report.PDF", size_bytes=1)]
    (refusal,) = refused_names(FAT, "CASE", files)
    assert isinstance(refusal, NameNotRepresentable)
    assert refusal.untrusted_name == "report.PDF"
    assert refused_names(replace(FAT, file_system="ext4"), "CASE", files) == []


@pytest.mark.parametrize("file_system", ["ext4", "vfat"])
def test_the_same_name_twice_is_refused_everywhere(file_system: str) -> None:
    """Two files of one name cannot both be exported."""
    files = [PlannedFile(name="x", size_bytes=1)] * 2
    assert len(refused_names(replace(FAT, file_system=file_system), "CASE", files)) == 1


@pytest.mark.parametrize(("size", "refused"), [((1 << 32) - 1, False), (1 << 32, True)])
def test_fat_ends_at_four_gibibytes(size: int, refused: bool) -> None:
    """The largest file FAT32 holds has 2³²-1 bytes; exFAT holds more."""
    files = [PlannedFile(name="weights.bin", size_bytes=size)]
    found = refused_names(FAT, "CASE", files)
    assert [type(one) for one in found] == ([FileTooLarge] if refused else [])
    assert refused_names(replace(FAT, file_system="exfat"), "CASE", files) == []


@given(st.lists(st.integers(0, 1 << 36), max_size=20), st.sampled_from([1, 512, 4096, 32768, 131072]))
def test_the_room_needed_is_never_less_than_the_bytes(sizes: list[int], unit: int) -> None:
    """Rounded up to allocation units, what is needed covers every byte and a folder entry."""
    files = [PlannedFile(name=f"d{i % 3}/f{i}", size_bytes=size) for i, size in enumerate(sizes)]
    needed = needed_bytes(files, unit)
    assert needed >= sum(sizes) + unit
    assert needed % unit == 0
