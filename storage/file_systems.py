"""Where a vault must not lie: file systems over which other machines reach the same files.

Locks there may hold on one machine alone, and the shared memory of the write-ahead log is not shared between
them: two machines would write one database, each as if it were alone.
"""

from pathlib import Path
from typing import Final

from storage.media_table import Machine
from workstation.core.vault_errors import VaultOnNetwork

_REACHED_BY_OTHERS: Final = frozenset(
    [
        "9p",
        "acfs",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "davfs",
        "davfs2",
        "gfs",
        "gfs2",
        "glusterfs",
        "gpfs",
        "lustre",
        "ncp",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "pvfs2",
        "rclone",
        "s3fs",
        "smb3",
        "smbfs",
        "sshfs",
        "vboxsf",
        "virtiofs",
        "vmhgfs",
        "vmhgfs-fuse",
    ]
)


def require_local(folder: Path, machine: Machine | None = None) -> None:
    """Return only when no other machine reaches the files in this folder; what cannot be told is let pass.

    Raises:
        VaultOnNetwork: by the name of its file system.
        FileNotFoundError: there is no such folder.
    """
    mount = (machine or Machine()).mount_of(str(folder.resolve()), folder.stat().st_dev)
    if mount is not None and mount.file_system.removeprefix("fuse.") in _REACHED_BY_OTHERS:
        raise VaultOnNetwork(path=str(folder), file_system=mount.file_system)
