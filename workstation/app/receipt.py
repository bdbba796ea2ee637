"""One attempt at reading a submission into the vault, perhaps the continuation of one that was cut short."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from workstation.app.known_content import KnownContent, Taken
from workstation.app.services import Session
from workstation.core import events
from workstation.core.examination import Finding, Outcome, Severity
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import (
    Fixity,
    Hole,
    Loss,
    Package,
    PackageFile,
    SourceChanged,
    SourceUnreadable,
    SourceUnsteady,
)
from workstation.core.service_ports import OpenPackage, PackageMember
from workstation.core.vault import IngestBatch

# A batch is durable and named after this much; a crash loses at most one batch.
_BATCH_BYTES = 64 << 20
BATCH_FILES = 500
_MOST_NAMED = 10  # holes of one file
# Digest algorithms a manifest may use, beside SHA-384 which is always computed.
_MANIFEST_ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})


@dataclass(kw_only=True)
class AsFarAsReadable:
    """The bytes of a file up to where its medium fails; ``fault`` then says why that was not the end.

    A medium that no longer answers at all is not passed over: that ends the receipt.
    """

    chunks: Iterator[bytes]
    fault: SourceUnreadable | None = None

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self.chunks
        except SourceUnreadable as fault:
            if fault.loss is not Loss.BYTES:
                raise
            self.fault = fault


@dataclass(kw_only=True)
class Receipt:
    """Seals members and names them batch by batch; what is stored already must be there unchanged.

    Of a file with bad sectors the bytes around them are kept, with zeros for what is missing, as what they
    are: unreadable, never intact.
    """

    session: Session
    package: Package
    opened: OpenPackage
    job: JobControl
    already: dict[str, int] = field(
        default_factory=dict
    )  # stored by an earlier attempt and not met again yet
    pending: list[PackageFile] = field(default_factory=list)
    pending_bytes: int = 0
    pending_known: int = 0
    _known: KnownContent = field(init=False)

    def __post_init__(self) -> None:
        with self.session.look() as work:
            self.already = dict(work.packages.stored(self.package.package_id))

    def store(self) -> None:
        """Every member; of a rejected single-file container, the container itself as evidence, not unpacked.

        The files of a rejected folder are kept as they are read: evidence, whatever its manifests say.

        Raises:
            SourceChanged: what an earlier attempt stored is no longer there, or is another content.
            SourceUnsteady: a file has another length than the medium listed.
            SourceUnreadable: the medium no longer answers, or not for a file an earlier attempt has read.
        """
        key = self.session.key_of(self.package.case_id)
        with self.session.vault.ingest(self.job, stage="intake.store", case_key=key) as batch:
            self._known = self._known_content(batch)
            for member in self.opened.members():
                self._take(batch, member.path, member.chunks, member.size_bytes, member)
            whole = self.opened.whole() if self.is_rejected else None
            if whole is not None:
                self._take(batch, self.package.untrusted_name, whole, None)
            self._flush(batch)
        for path in self.already:
            raise SourceChanged(untrusted_path=path)

    def _known_content(self, batch: IngestBatch) -> KnownContent:
        return KnownContent(
            session=self.session,
            case_id=self.package.case_id,
            job=self.job,
            group=self.package.package_id,
            flush=lambda: self._flush(batch),
        )

    @property
    def is_rejected(self) -> bool:
        """Whether the package is broken or hostile as a whole: nothing is unpacked, no manifest relied on."""
        return self.opened.examination.outcome is Outcome.REJECT

    def missing(self) -> tuple[str, ...]:
        """Paths the submission's manifests list and the medium did not give; unknown for what is rejected."""
        if self.is_rejected:
            return ()
        with self.session.look() as work:
            stored = work.packages.stored(self.package.package_id)
        return tuple(sorted(path for path in self.opened.manifests if path not in stored))

    def _take(
        self,
        batch: IngestBatch,
        path: str,
        chunks: Iterator[bytes],
        listed_bytes: int | None,
        member: PackageMember | None = None,
    ) -> None:
        stated = {} if self.is_rejected else self.opened.manifests.get(path, {})
        wanted = tuple({"sha384", *(_MANIFEST_ALGORITHMS & stated.keys())})
        if self.already.pop(path, None) is not None:
            self._require_as_stored(path, chunks, stated, wanted)
            return
        reading = AsFarAsReadable(chunks=chunks)
        taken = self._known.take(batch, iter(reading), listed_bytes, digests=wanted, untrusted_name=path)
        stored = taken.stored
        holes = member.holes if member is not None else ()
        if reading.fault is not None or holes:
            lost = _lost(path, taken, listed_bytes, reading.fault, holes)
            kind = member.kind if member is not None else "unknown"
            self._name(batch, path, taken, Fixity.UNREADABLE, lost, kind)
            return
        if listed_bytes not in {None, stored.size_bytes}:
            raise SourceUnsteady(
                untrusted_path=path, listed_bytes=listed_bytes or 0, read_bytes=stored.size_bytes
            )
        self._name(batch, path, taken, self._fixity(path, stated, stored.digests))

    def _digests(self, chunks: Iterator[bytes], algorithms: tuple[str, ...]) -> dict[str, str]:
        hashes = {name: hashlib.new(name, usedforsecurity=False) for name in algorithms}
        done = 0
        for piece in chunks:
            for each in hashes.values():
                each.update(piece)
            done += len(piece)
            self.job.tick(Progress(stage="intake.compare", done_bytes=done))
        return {name: each.hexdigest() for name, each in hashes.items()}

    def _require_as_stored(
        self, path: str, chunks: Iterator[bytes], stated: Mapping[str, str], wanted: tuple[str, ...]
    ) -> None:
        """Names and sizes alone would let two submissions be mixed, each file true to its own manifest."""
        with self.session.look() as work:
            kept = work.packages.file(self.package.package_id, path)
        if kept.fixity is Fixity.UNREADABLE:
            return  # it stays what it was found to be; a better copy comes as an amended submission
        digests = self._digests(chunks, wanted)
        if (kept.sha384, kept.fixity) != (digests["sha384"], self._fixity(path, stated, digests)):
            raise SourceChanged(untrusted_path=path)

    def _fixity(self, path: str, stated: Mapping[str, str], found: Mapping[str, str]) -> Fixity:
        opened = self.opened
        is_listed_kind = path.startswith(opened.payload_prefix)
        if self.is_rejected:
            return Fixity.EVIDENCE
        if not opened.manifests or (not stated and not is_listed_kind):
            return Fixity.UNLISTED
        comparable = _MANIFEST_ALGORITHMS & stated.keys()
        if not comparable:
            return Fixity.EXTRA
        agrees = all(stated[algorithm].lower() == found[algorithm] for algorithm in comparable)
        return Fixity.MATCHES if agrees else Fixity.ALTERED

    def _name(
        self,
        batch: IngestBatch,
        path: str,
        taken: Taken,
        fixity: Fixity,
        findings: tuple[Finding, ...] = (),
        kind: str = "unknown",
    ) -> None:
        stored = taken.stored
        self.pending.append(
            PackageFile(
                package_id=self.package.package_id,
                untrusted_path=path,
                size_bytes=stored.size_bytes,
                sha384=stored.digests["sha384"],
                object_ref=stored.ref.text,
                fixity=fixity,
                kind=kind,
                findings=findings,
            )
        )
        self.pending_bytes += stored.size_bytes
        self.pending_known += taken.already_kept
        if self.pending_bytes >= _BATCH_BYTES or len(self.pending) >= BATCH_FILES:
            self._flush(batch)

    def _flush(self, batch: IngestBatch) -> None:
        if not self.pending:
            return
        batch.flush()
        with self.session.work() as work:
            work.packages.add_files(self.pending)
            work.record(
                events.FilesStored(
                    case_id=self.package.case_id,
                    package_id=self.package.package_id,
                    file_count=len(self.pending),
                    size_bytes=self.pending_bytes,
                    already_kept=self.pending_known,
                )
            )
        self._known.named()
        self.pending, self.pending_bytes, self.pending_known = [], 0, 0


def _lost(
    path: str, taken: Taken, listed_bytes: int | None, fault: SourceUnreadable | None, holes: Sequence[Hole]
) -> tuple[Finding, ...]:
    """What is said of a file that its medium gave in part, or not at all."""
    of = "" if listed_bytes is None else f" of {listed_bytes:,}"
    read_bytes = taken.stored.size_bytes - sum(hole.size_bytes for hole in holes)
    reason = fault.reason if fault is not None else holes[0].reason
    parts = [reason]
    if holes:
        named = ", ".join(
            f"{hole.first:,} to {hole.first + hole.size_bytes - 1:,}" for hole in holes[:_MOST_NAMED]
        )
        more = f" and {len(holes) - _MOST_NAMED:,} places more" if len(holes) > _MOST_NAMED else ""
        parts.append(f"bytes {named}{more} are missing and stand as zeros")
    if fault is not None and holes:
        parts.append(f"behind byte {taken.stored.size_bytes:,} no more was tried")
    parts.append(f"{read_bytes:,}{of} bytes were read and are kept")
    return (Finding(code="FILE_UNREADABLE", severity=Severity.CAUTION, path=path, detail="; ".join(parts)),)
