"""What the vault's measurements need of a whole office: an amended package, and a check of everything."""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.helpers.office import office, unlock
from workstation.app import checking
from workstation.app import session as sessions
from workstation.app.receipt import Receipt
from workstation.core import events
from workstation.core.examination import Examination, Finding, Outcome
from workstation.core.jobs import JobControl
from workstation.core.packages import Hole, Package, PackageState
from workstation.core.values import PackageId
from workstation.core.vault import PIECE_BYTES

FILES = 100  # so that one of them is a hundredth


@dataclass(frozen=True, kw_only=True)
class _Member:
    """One file of the folder."""

    file: Path
    kind: str = "unknown"
    holes: Sequence[Hole] = ()

    @property
    def path(self) -> str:
        return self.file.name

    @property
    def size_bytes(self) -> int:
        return self.file.stat().st_size

    @property
    def chunks(self) -> Iterator[bytes]:
        with self.file.open("rb", buffering=0) as file:
            while piece := file.read(PIECE_BYTES):
                yield piece


@dataclass(frozen=True, kw_only=True)
class _Folder:
    """A submission that needs no examination: what is measured is taking it in."""

    folder: Path
    kind: str = "folder"
    examination: Examination = field(default=Examination(outcome=Outcome.ACCEPT, kind="folder"))
    manifests: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    payload_prefix: str = ""
    skipped: Sequence[Finding] = ()

    def members(self) -> Iterator[_Member]:
        return (_Member(file=file) for file in sorted(self.folder.iterdir()))

    def whole(self) -> None:
        return None


class Amended:
    """A case whose package of a hundred large files comes again and again, one of them changed each time."""

    def __init__(self, folder: Path, mebibytes: int) -> None:
        self.source, self._root = folder / "package", folder / "office" / "profile"
        self.source.mkdir()
        self._each = max(2, mebibytes // FILES)
        for number in range(FILES):
            self.change(number)
        story = office(folder / "office")
        story.set_up()
        self._case = story.open_case()
        self._session, self._begun = unlock(story.services, "osei"), 0
        self.receive()

    @property
    def size_bytes(self) -> int:
        """Of the package."""
        return FILES * self._each * PIECE_BYTES

    def change(self, number: int) -> None:
        """Another content in one file."""
        with (self.source / f"part-{number % FILES:03}.bin").open("wb") as file:
            for _piece in range(self._each):
                file.write(os.urandom(PIECE_BYTES))
            file.write(bytes(number % FILES))  # shards of a model are seldom of one length to the byte

    def files(self) -> list[Path]:
        """As they lie on the medium."""
        return sorted(self.source.iterdir())

    def receive(self) -> None:
        """All of it into the vault, each file named by a committed row."""
        self._begun += 1
        package = Package(
            package_id=PackageId(f"PACKAGE-{self._begun}"),
            case_id=self._case,
            untrusted_name=self.source.name,
            state=PackageState.RECEIVING,
            begun_at=self._session.services.clock.now(),
            received_by=self._session.person.person_id,
        )
        with self._session.work() as work:
            work.packages.add(package)
            work.record(
                events.ReceiptBegun(
                    case_id=self._case, package_id=package.package_id, untrusted_name=self.source.name
                )
            )
        Receipt(
            session=self._session, package=package, opened=_Folder(folder=self.source), job=JobControl()
        ).store()

    def sealed(self) -> list[Path]:
        """Every container, none of it in the page cache."""
        found = sorted(path for kind in ("objects", "packs") for path in (self._root / kind).iterdir())
        os.sync()
        for path in found:
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return found

    def check(self) -> None:
        """The check of the whole vault, as a person asks for it; nothing may be found."""
        if not checking.check_vault(self._session, JobControl(), afresh=True).holds:
            raise RuntimeError("the check found something")

    def close(self) -> None:
        """Lock."""
        sessions.lock(self._session, reason="bench")


def read_cold(paths: Sequence[Path]) -> None:
    """Everything once, from one end to the other."""
    buffer = memoryview(bytearray(PIECE_BYTES))
    for path in paths:
        with path.open("rb", buffering=0) as file:
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
            while file.readinto(buffer):
                pass
