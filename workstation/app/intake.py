"""From the medium into quarantine: read once, hash, seal, examine, and wait for a named person.

Order matters for crashes: files are made durable in the vault first, then named by a committed row. What
a crash leaves is either an orphan (swept at the next unlock) or a package in state *receiving*, which
``receive`` takes up again where it stopped.
"""

import hashlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from workstation.app.examining import examine_stored, stored_files
from workstation.app.receipt import AsFarAsReadable, Receipt
from workstation.app.services import Session
from workstation.core import events
from workstation.core.case_errors import StepNotPossible
from workstation.core.examination import Examination, Finding, Severity, outcome_of
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
from workstation.core.service_ports import OpenPackage
from workstation.core.values import CaseId, PackageId

# Of one package as a whole; each file keeps its own.
_MAX_FINDINGS = 2_000
# Says why files of a package that lies about its structure are there all the same.
_EVIDENCE = Finding(code="PACKAGE_REJECTED", severity=Severity.DANGER, path="")


def receive(session: Session, case_id: CaseId, source: Path, job: JobControl) -> Package:
    """Read a submission from ``source`` into quarantine; called again after a crash it goes on.

    A file with a bad sector does not keep the others out: it is received as unreadable, and said to be.

    Raises:
        SourceMissing, SourceChanged: nothing there, or something else than was begun.
        SourceUnsteady: the medium changes while it is read.
        SourceUnreadable: the medium no longer answers.
        NotAppointed, StepNotPossible; VaultDiskFull; JobCancelled (what is stored stays, to be taken up).
    """
    if not source.exists():
        raise SourceMissing(untrusted_path=_as_text(source))
    package = _begin(session, case_id, source)
    with session.services.examiners.open_package(source, job) as opened:
        receipt = Receipt(session=session, package=package, opened=opened, job=job)
        receipt.store()
        examination = opened.examination
        skipped = tuple(opened.skipped)
        missing = receipt.missing()
        container = _container_digest(opened, job)
    walls = examine_stored(session, package.package_id, job)
    held = walls if walls is not None else examination.isolation
    examination = replace(examination, isolation=held)
    kept = (_EVIDENCE,) if receipt.is_rejected else ()
    examination = replace(examination, findings=(*examination.findings, *skipped, *kept))
    return _finish(session, package, examination, missing, container)


def _as_text(path: Path | str) -> str:
    """A path that need not be text on the medium, with its undecodable bytes visible."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _begin(session: Session, case_id: CaseId, source: Path) -> Package:
    name = _as_text(source.name)
    with session.work() as work:
        case = work.cases.get(case_id)
        for unfinished in work.packages.receiving():
            if unfinished.case_id == case_id:
                if unfinished.untrusted_name != name:
                    raise SourceChanged(untrusted_path=_as_text(source))
                case.package_begun(unfinished.package_id)  # still awaited, not withdrawn meanwhile
                work.record(
                    events.ReceiptBegun(
                        case_id=case_id, package_id=unfinished.package_id, untrusted_name=name
                    )
                )
                return unfinished
        package = Package(
            package_id=PackageId(session.services.ids.new("PKG")),
            case_id=case_id,
            untrusted_name=name,
            state=PackageState.RECEIVING,
            begun_at=work.now,
            received_by=session.person.person_id,
        )
        case.package_begun(package.package_id)
        work.record(events.ReceiptBegun(case_id=case_id, package_id=package.package_id, untrusted_name=name))
        work.packages.add(package)
        work.cases.save(case)
    return package


def _container_digest(opened: OpenPackage, job: JobControl) -> str:
    """SHA-384 of a single-file container as it lies on the medium; empty for folders and unreadable ones."""
    whole = opened.whole()
    if whole is None:
        return ""
    digest, done, reading = hashlib.sha384(), 0, AsFarAsReadable(chunks=whole)
    for piece in reading:
        digest.update(piece)
        done += len(piece)
        job.tick(Progress(stage="intake.container-digest", done_bytes=done))
    return digest.hexdigest() if reading.fault is None else ""


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
        for finding in weighty:
            room = (2 if finding.severity is Severity.DANGER else 1) * _MAX_FINDINGS
            if len(self.findings) < room:
                self.findings.append(finding)


def _finish(
    session: Session, package: Package, examination: Examination, missing: tuple[str, ...], container: str
) -> Package:
    total = _Sum()
    digest = package_digest(total.of(stored_files(session, package.package_id)))
    findings = _merged(examination.findings, missing=missing, total=total)
    with session.work() as work:
        case = work.cases.get(package.case_id)
        begun = work.packages.get(package.package_id)
        if begun.state is not PackageState.RECEIVING:  # returned while it was being read
            raise StepNotPossible(step="receive-package", state=begun.state)
        received = replace(
            begun,
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
