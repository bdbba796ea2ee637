"""From the medium into quarantine: read once, hash, seal, examine, and wait for a named person.

Order matters for crashes: files are made durable in the vault first, then named by a committed row. What
a crash leaves is either an orphan (swept at the next unlock) or a package in state *receiving*, which
``receive`` takes up again where it stopped.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import msgspec

from workstation.app.services import Session
from workstation.core import events
from workstation.core.examination import Coverage, Examination, Finding, Outcome, Severity, outcome_of
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import (
    Fixity,
    Package,
    PackageFile,
    PackageState,
    SourceChanged,
    SourceMissing,
    package_digest,
)
from workstation.core.ports import Examined
from workstation.core.service_ports import OpenPackage
from workstation.core.values import CaseId, PackageId
from workstation.core.vault import IngestBatch, ObjectRef, Stored

# A batch is durable and named after this much; a crash loses at most one batch.
_BATCH_BYTES = 64 << 20
_BATCH_FILES = 500
_PIECE_BYTES = 1 << 20
# Digest algorithms a manifest may use, beside SHA-384 which is always computed.
_MANIFEST_ALGORITHMS = frozenset({"md5", "sha1", "sha224", "sha256", "sha384", "sha512"})
_MAX_FACTS_CHARS = 1 << 20
# Of one package as a whole; each file keeps its own.
_MAX_FINDINGS = 2_000


def receive(session: Session, case_id: CaseId, source: Path, job: JobControl) -> Package:
    """Read a submission from ``source`` into quarantine; called again after a crash it goes on.

    Raises:
        SourceMissing, SourceChanged: nothing there, or something else than was begun.
        NotAppointed, StepNotPossible; VaultDiskFull; JobCancelled (what is stored stays, to be taken up).
    """
    if not source.exists():
        raise SourceMissing(untrusted_path=str(source))
    package = _begin(session, case_id, source)
    with session.services.examiners.open_package(source, job) as opened:
        receipt = _Receipt(session=session, package=package, opened=opened, job=job)
        receipt.store_members()
        rejected_container = receipt.store_container_if_rejected(source)
        examination = opened.examination
        skipped = tuple(opened.skipped)
        missing = () if rejected_container else receipt.missing()
    container = _container_digest(source, job)
    walls = _examine_stored(session, package.package_id, job)
    held = walls if walls is not None else examination.isolation
    examination = replace(examination, isolation=held)
    examination = replace(examination, findings=(*examination.findings, *skipped))
    return _finish(session, package, examination, missing, container)


def _begin(session: Session, case_id: CaseId, source: Path) -> Package:
    with session.work() as work:
        case = work.cases.get(case_id)
        for unfinished in work.packages.receiving():
            if unfinished.case_id == case_id:
                if unfinished.untrusted_name != source.name:
                    raise SourceChanged(untrusted_path=str(source))
                work.record(
                    events.ReceiptBegun(
                        case_id=case_id, package_id=unfinished.package_id, untrusted_name=source.name
                    )
                )
                return unfinished
        package = Package(
            package_id=PackageId(session.services.ids.new("PKG")),
            case_id=case_id,
            untrusted_name=source.name,
            state=PackageState.RECEIVING,
            begun_at=work.now,
            received_by=session.person.person_id,
        )
        case.package_begun(package.package_id)
        work.record(
            events.ReceiptBegun(case_id=case_id, package_id=package.package_id, untrusted_name=source.name)
        )
        work.packages.add(package)
        work.cases.save(case)
    return package


@dataclass(kw_only=True)
class _Receipt:
    """Seals members and names them batch by batch."""

    session: Session
    package: Package
    opened: OpenPackage
    job: JobControl
    already: Mapping[str, int] = field(default_factory=dict)
    pending: list[PackageFile] = field(default_factory=list)
    pending_bytes: int = 0

    def __post_init__(self) -> None:
        with self.session.look() as work:
            self.already = work.packages.stored(self.package.package_id)

    def store_members(self) -> None:
        """Every member not already stored by an earlier, interrupted attempt."""
        with self.session.vault.ingest(self.job, stage="intake.store") as batch:
            for member in self.opened.members():
                known_size = self.already.get(member.path)
                if known_size is not None:
                    if known_size != member.size_bytes:
                        raise SourceChanged(untrusted_path=member.path)
                    continue
                stated = self.opened.manifests.get(member.path, {})
                wanted = tuple({"sha384", *(_MANIFEST_ALGORITHMS & stated.keys())})
                stored = batch.add(member.chunks, digests=wanted, untrusted_name=member.path)
                self._name(
                    batch, member.path, stored, _fixity(self.opened, member.path, stated, stored.digests)
                )
            self._flush(batch)

    def store_container_if_rejected(self, source: Path) -> bool:
        """Keep a rejected single-file container as it is: evidence, in quarantine, nothing unpacked."""
        if self.opened.examination.outcome is not Outcome.REJECT or not source.is_file():
            return False
        with self.session.look() as work:
            if work.packages.stored(self.package.package_id):
                return True
        with self.session.vault.ingest(self.job, stage="intake.store") as batch, source.open("rb") as file:
            stored = batch.add(file, untrusted_name=source.name)
            self._name(batch, source.name, stored, Fixity.UNLISTED)
            self._flush(batch)
        return True

    def _name(self, batch: IngestBatch, path: str, stored: Stored, fixity: Fixity) -> None:
        self.pending.append(
            PackageFile(
                package_id=self.package.package_id,
                untrusted_path=path,
                size_bytes=stored.size_bytes,
                sha384=stored.digests["sha384"],
                object_ref=stored.ref.text,
                fixity=fixity,
            )
        )
        self.pending_bytes += stored.size_bytes
        if self.pending_bytes >= _BATCH_BYTES or len(self.pending) >= _BATCH_FILES:
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
                )
            )
        self.pending, self.pending_bytes = [], 0

    def missing(self) -> tuple[str, ...]:
        """Paths the submission's manifests list and the medium did not give."""
        with self.session.look() as work:
            stored = work.packages.stored(self.package.package_id)
        return tuple(sorted(path for path in self.opened.manifests if path not in stored))


def _fixity(opened: OpenPackage, path: str, stated: Mapping[str, str], found: Mapping[str, str]) -> Fixity:
    if not opened.manifests or (not stated and not path.startswith(opened.payload_prefix)):
        return Fixity.UNLISTED
    comparable = _MANIFEST_ALGORITHMS & stated.keys()
    if not comparable:
        return Fixity.EXTRA
    agrees = all(stated[algorithm].lower() == found[algorithm] for algorithm in comparable)
    return Fixity.MATCHES if agrees else Fixity.ALTERED


def _container_digest(source: Path, job: JobControl) -> str:
    """SHA-384 of a single-file container as it lay on the medium; empty for folders."""
    if not source.is_file():
        return ""
    digest, done, total = hashlib.sha384(), 0, source.stat().st_size
    with source.open("rb") as file:
        while piece := file.read(_PIECE_BYTES):
            digest.update(piece)
            done += len(piece)
            job.tick(Progress(stage="intake.container-digest", done_bytes=done, total_bytes=total))
    return digest.hexdigest()


def _stored_files(session: Session, package_id: PackageId) -> Iterator[PackageFile]:
    after = ""
    while True:
        with session.look() as work:
            page = work.packages.files(package_id, after=after, limit=500)
        yield from page
        if not page:
            return
        after = page[-1].untrusted_path


def _examine_stored(session: Session, package_id: PackageId, job: JobControl) -> tuple[str, ...] | None:
    """Examine every stored file that nobody has examined yet, each in the sandbox.

    Returns the walls that held for all of them, ``None`` where there was nothing to examine.
    """
    with session.look() as work:
        total = sum(1 for _ in work.packages.stored(package_id))
        case_id = work.packages.get(package_id).case_id
    results: list[Examined] = []
    walls: tuple[str, ...] | None = None
    done = 0
    with session.services.examiners.open_examiner(job) as examiner:
        for file in _stored_files(session, package_id):
            done += 1
            job.tick(
                Progress(
                    stage="intake.examine",
                    done_items=done,
                    total_items=total,
                    untrusted_detail=file.untrusted_path,
                )
            )
            if file.coverage is not Coverage.UNSEEN:
                continue
            source = session.vault.open(ObjectRef.parse(file.object_ref), untrusted_name=file.untrusted_path)
            try:
                examination = examiner.examine(source, name=file.untrusted_path)
            finally:
                source.close()
            results.append(_examined(file, examination))
            held = examination.isolation
            walls = held if walls is None else tuple(wall for wall in walls if wall in held)
            if len(results) >= _BATCH_FILES:
                _save_examined(session, case_id, package_id, results)
                results = []
    _save_examined(session, case_id, package_id, results)
    return walls


def _save_examined(session: Session, case_id: CaseId, package_id: PackageId, results: list[Examined]) -> None:
    if not results:
        return
    with session.work() as work:
        work.packages.save_examined(package_id, results)
        work.record(
            events.FilesExamined(
                case_id=case_id,
                package_id=package_id,
                file_count=len(results),
                dangerous=sum(r.coverage is Coverage.DANGEROUS for r in results),
                inconclusive=sum(r.coverage is Coverage.INCONCLUSIVE for r in results),
            )
        )


def _examined(file: PackageFile, examination: Examination) -> Examined:
    facts = msgspec.json.encode(examination.facts).decode()
    coverage = {
        Outcome.REJECT: Coverage.DANGEROUS,
        Outcome.WARN: Coverage.INCONCLUSIVE,
        Outcome.ACCEPT: Coverage.NOTHING_FOUND,
    }[examination.outcome]
    if examination.kind == "unknown" and coverage is Coverage.NOTHING_FOUND:
        coverage = Coverage.INCONCLUSIVE  # no reader claimed it, so nobody read it
    return Examined(
        untrusted_path=file.untrusted_path,
        kind=examination.kind,
        coverage=coverage,
        fixity=file.fixity,
        findings=tuple(replace(f, path=_inside(file.untrusted_path, f.path)) for f in examination.findings),
        facts_json=facts if len(facts) <= _MAX_FACTS_CHARS else "{}",
    )


def _inside(outer: str, inner: str) -> str:
    """The examination of a file speaks of its inside; the package speaks of the file as well."""
    return f"{outer}/{inner}" if inner else outer


@dataclass(kw_only=True)
class _Sum:
    """What all stored files of a package come to; bounded whatever their number."""

    file_count: int = 0
    size_bytes: int = 0
    altered: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def of(self, files: Iterable[PackageFile]) -> Iterator[tuple[str, str]]:
        """Count while passing on each path and digest."""
        for file in files:
            self.file_count += 1
            self.size_bytes += file.size_bytes
            fixity = {Fixity.ALTERED: self.altered, Fixity.EXTRA: self.extra}.get(file.fixity)
            if fixity is not None and len(fixity) < _MAX_FINDINGS:
                fixity.append(file.untrusted_path)
            weighty = [finding for finding in file.findings if finding.severity is not Severity.NOTE]
            self._keep(weighty)
            yield file.untrusted_path, file.sha384

    def _keep(self, weighty: list[Finding]) -> None:
        """Beyond the bound only dangers are kept, beyond twice the bound nothing: the files keep theirs."""
        room = _MAX_FINDINGS if len(self.findings) < _MAX_FINDINGS else 2 * _MAX_FINDINGS
        dangers_only = len(self.findings) >= _MAX_FINDINGS
        for finding in weighty:
            if len(self.findings) < room and (not dangers_only or finding.severity is Severity.DANGER):
                self.findings.append(finding)


def _finish(
    session: Session, package: Package, examination: Examination, missing: tuple[str, ...], container: str
) -> Package:
    total = _Sum()
    digest = package_digest(total.of(_stored_files(session, package.package_id)))
    findings = _merged(examination.findings, missing=missing, total=total)
    with session.work() as work:
        case = work.cases.get(package.case_id)
        received = replace(
            work.packages.get(package.package_id),
            state=PackageState.QUARANTINED,
            kind=examination.kind,
            file_count=total.file_count,
            total_bytes=total.size_bytes,
            digest_sha384=digest,
            container_sha384=container,
            outcome=outcome_of(findings),
            findings=findings,
            isolation=examination.isolation,
            received_at=work.now,
        )
        case.package_received()
        work.record(
            events.PackageReceived(
                case_id=package.case_id,
                package_id=package.package_id,
                file_count=received.file_count,
                size_bytes=received.total_bytes,
                digest_sha384=received.digest_sha384,
                outcome=str(received.outcome),
                isolation=received.isolation,
            )
        )
        work.packages.save(received)
        work.cases.save(case)
    return received


def _merged(container: tuple[Finding, ...], *, missing: tuple[str, ...], total: _Sum) -> tuple[Finding, ...]:
    """Container, fixity and per-file findings, heaviest first, each once, bounded."""
    fixity = [
        Finding(code=code, severity=Severity.DANGER, path=path)
        for code, paths in (
            ("BAG_MISSING", missing),
            ("BAG_FIXITY", total.altered),
            ("BAG_EXTRA", total.extra),
        )
        for path in paths
    ]
    every = dict.fromkeys((*container, *fixity, *total.findings))
    weight = {Severity.DANGER: 0, Severity.CAUTION: 1, Severity.NOTE: 2}
    return tuple(sorted(every, key=lambda finding: weight[finding.severity])[:_MAX_FINDINGS])
