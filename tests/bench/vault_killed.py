"""kill -9 in the middle of a single large file: what of it is lost.

Run as a program it is the one that is killed: it seals a file and says after each piece how far it is.
"""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from storage.vault import OpenVault, unlock
from tests.bench.vault_values import GROUP, SECRET, FixedClock, new_vault
from workstation.core.vault import PIECE_BYTES, Profile

_SAID = 8  # bytes of a number


def opened(root: Path) -> OpenVault:
    """The vault of the measurements."""
    return unlock(
        root,
        login_name="bench",
        passphrase=bytearray(SECRET),
        profile=Profile.DEMO,
        clock=FixedClock(),
    )


def killed(folder: Path, size_bytes: int, at_bytes: int) -> int:
    """Kill another process there in a file of this size; how much of what it read is to be sealed again."""
    source, root = folder / "weights.bin", folder / "killed"
    with source.open("wb") as file:
        file.truncate(size_bytes)
    new_vault(root).lock()
    words = [sys.executable, "-I", str(Path(__file__).resolve()), str(source), str(root)]
    read_bytes = 0
    with subprocess.Popen(words, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while read_bytes < at_bytes:
            said = process.stdout.read(_SAID)
            if len(said) < _SAID:
                raise RuntimeError("it ended by itself")
            read_bytes = int.from_bytes(said)
        process.send_signal(signal.SIGKILL)
        while len(said := process.stdout.read(_SAID)) == _SAID:  # what it had done when it was killed
            read_bytes = int.from_bytes(said)
    vault = opened(root)
    vault.sweep(set, {GROUP})
    kept = [each.ref.size_bytes for each in vault._store._resumable.values()]
    vault.lock()
    return read_bytes - max(kept, default=0)


def _pieces(path: Path) -> Iterator[bytes]:
    read_bytes = 0
    with path.open("rb", buffering=0) as file:
        while piece := file.read(PIECE_BYTES):
            yield piece
            read_bytes += len(piece)
            os.write(sys.stdout.fileno(), read_bytes.to_bytes(_SAID))


def _seal(source: Path, root: Path) -> None:
    vault = opened(root)
    with vault.ingest() as batch:
        batch.add(_pieces(source), untrusted_name=source.name, group=GROUP)
        batch.flush()


if __name__ == "__main__":
    _seal(Path(sys.argv[1]), Path(sys.argv[2]))
