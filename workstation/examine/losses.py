"""What a failed read took away: some bytes, one file, or the whole medium.

A bad sector must not keep the rest of a submission out; a stick that was pulled out must not pass for a stick
full of bad sectors.
"""

import errno
import os
from pathlib import Path

from workstation.core.packages import Loss, SourceUnreadable

_BLOCK_DEVICES = Path("/sys/dev/block")
# What disks, card readers and file systems answer for bytes that are there and cannot be had.
_BYTES = frozenset(
    {
        errno.EIO,
        errno.EREMOTEIO,
        errno.ENODATA,  # the block layer's word for a medium error
        errno.ETIMEDOUT,
        errno.EILSEQ,  # a protection or integrity error of the device
        errno.EBADMSG,  # a checksum of the file system does not hold
        errno.EUCLEAN,  # its structure does not
        errno.EACCES,
        errno.EPERM,
    }
)
_MEDIUM = frozenset({errno.ENODEV, errno.ENXIO, errno.ENOMEDIUM, errno.ESTALE, errno.ENOTCONN})


def unreadable(path: str, error: OSError, descriptor: int) -> SourceUnreadable:
    """The fault to raise; ``descriptor`` is an open one on the same medium."""
    number = error.errno or 0
    loss = Loss.FILE
    if number in _MEDIUM or _is_gone(descriptor):
        loss = Loss.MEDIUM
    elif number in _BYTES:
        loss = Loss.BYTES
    return SourceUnreadable(path=path, reason=os.strerror(number), loss=loss)


def _is_gone(descriptor: int) -> bool:
    """Whether the block device below is no longer attached; file systems without one cannot tell."""
    try:
        device = os.fstat(descriptor).st_dev
    except OSError:
        return True
    if os.major(device) == 0 or not _BLOCK_DEVICES.is_dir():
        return False
    return not (_BLOCK_DEVICES / f"{os.major(device)}:{os.minor(device)}").exists()
