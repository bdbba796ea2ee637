"""A vault on a file system that other machines reach is refused, by name, before anything secret is asked."""

import os
from functools import partial
from pathlib import Path

import pytest

from storage import single_writer
from storage.file_systems import require_local
from storage.media_table import Machine
from tests.helpers.vault_folders import new_vault, reopen
from workstation.core.vault_errors import VaultOnNetwork


def machine(folder: Path, kind: str, *, other: bool = False) -> Machine:
    """One on which this folder, or another one, lies on a file system of this kind."""
    device = folder.stat().st_dev + other
    number = f"{os.major(device)}:{os.minor(device)}"
    (folder / "self").mkdir()
    table = f"35 1 0:0 / / rw - ext4 /dev/sda1 rw\n36 35 {number} / / rw master:1 - {kind} server:/share rw\n"
    (folder / "self" / "mountinfo").write_text(table)
    return Machine(proc=folder)


NETWORK = ["nfs", "nfs4", "cifs", "smb3", "9p", "ceph", "fuse.sshfs", "fuse.glusterfs"]


@pytest.mark.parametrize("kind", NETWORK)
def test_a_file_system_that_others_reach_is_named(tmp_path: Path, kind: str) -> None:
    """Each of them is refused by its name."""
    with pytest.raises(VaultOnNetwork) as caught:
        require_local(tmp_path, machine(tmp_path, kind))
    assert (caught.value.file_system, caught.value.path) == (kind, str(tmp_path))


@pytest.mark.parametrize("kind", ["ext4", "xfs", "btrfs", "tmpfs", "overlay", "fuseblk", "zfs", "vfat"])
def test_a_disk_of_this_machine_is_not_refused(tmp_path: Path, kind: str) -> None:
    """Disks, encrypted or not, and memory are let pass."""
    require_local(tmp_path, machine(tmp_path, kind))


def test_only_the_own_mount_counts(tmp_path: Path) -> None:
    """A share that is mounted elsewhere, or a table that cannot be read, keeps nobody out."""
    require_local(tmp_path, machine(tmp_path, "nfs4", other=True))
    require_local(tmp_path, Machine(proc=tmp_path / "missing"))
    (tmp_path / "self" / "mountinfo").write_bytes(b"\xff - \n-\n1 2 3\n")
    require_local(tmp_path, Machine(proc=tmp_path))


def test_neither_made_nor_opened_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A vault is neither made nor unlocked on a share; on this machine's own disk again, it opens as ever."""
    new_vault(tmp_path / "v").lock()
    with monkeypatch.context() as patch:
        shared = machine(tmp_path, "nfs4")
        patch.setattr(single_writer, "require_local", partial(require_local, machine=shared))
        with pytest.raises(VaultOnNetwork):
            reopen(tmp_path / "v")
        with pytest.raises(VaultOnNetwork):
            new_vault(tmp_path / "w")
    reopen(tmp_path / "v").lock()
    new_vault(tmp_path / "w").lock()
