"""Examining one file after another in a sandbox, and turning the workers' words into an ``Examination``."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from workstation.core.examination import (
    Coverage,
    Examination,
    ExaminedFile,
    Finding,
    Severity,
    outcome_of,
)
from workstation.core.jobs import JobControl
from workstation.examine import summary, wire
from workstation.examine.reader import Folder, Source
from workstation.examine.sandbox import Broken, Sandbox
from workstation.examine.serving import HandedOut

_MAX_RESTARTS = 3
_MAX_FILES = 600_000  # of one job: a container and all it contains
MAX_FINDINGS = 100_000  # of one examination


@dataclass(kw_only=True)
class Examined:
    """What one job found: the outermost file is the last of ``files``."""

    files: list[ExaminedFile] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    checksums: dict[str, dict[str, str]] = field(default_factory=dict)
    isolation: tuple[str, ...] = ()

    @property
    def main(self) -> ExaminedFile:
        """The file the job was about."""
        return self.files[-1]

    def take(self, message: wire.File) -> None:
        """Add one file as a worker described it.

        Raises:
            Nonsense: facts that are no JSON object.
        """
        facts = wire.facts_of(message.facts)
        self.files.append(
            ExaminedFile(
                path=message.path,
                size_bytes=message.size_bytes,
                kind=message.kind,
                coverage=Coverage(message.coverage),
                facts=facts,
            )
        )
        for found in message.findings:
            if len(self.findings) < MAX_FINDINGS or found.severity == Severity.DANGER:
                self.findings.append(
                    Finding(
                        code=found.code,
                        severity=Severity(found.severity),
                        path=found.path,
                        detail=found.detail,
                    )
                )


class Examiner:
    """A sandbox kept open for many files; one thread at a time."""

    def __init__(
        self,
        *,
        trust: tuple[bytes, ...] = (),
        verifying: bool = False,
        job: JobControl | None = None,
        test_tasks: tuple[Path, ...] = (),
    ) -> None:
        self._trust, self._verifying, self._job = trust, verifying, job
        self.sandbox = Sandbox(test_tasks=test_tasks)
        self._kinds: dict[str, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.sandbox.close()

    def examine(self, source: Source, *, name: str = "", folder: Folder | None = None) -> Examination:
        """One file or container, with everything inside it; never raises for what the bytes contain.

        ``name`` is its untrusted path; paths in the answer begin at the file itself, which is "". With
        ``folder``, the files that came together with it, ``name`` is its path there and begins every path.
        """
        if folder is not None:
            return examination(self.run("examine", source, path=name, folder=folder))
        named = name.rsplit("/", 1)[-1] or source.name
        return examination(self.run("examine", source, name=named))

    def run(
        self,
        task: str,
        source: Source,
        *,
        name: str = "",
        path: str = "",
        folder: Folder | None = None,
        job: JobControl | None = None,
    ) -> Examined:
        """One task on one source. What breaks a worker is named and left out at the next try.

        Raises:
            SandboxUnavailable: no worker can be started.
            SourceUnreadable: the bytes cannot be read from their medium.
            JobCancelled: the job was cancelled.
        """
        broken: dict[str, str] = {}
        while True:
            order = wire.Job(
                task=task,
                path=path,
                name=(name or source.name)[:1_000].encode("utf-8", "backslashreplace").decode(),
                size_bytes=source.size_bytes,
                trust=list(self._trust),
                verifying=self._verifying,
                has_folder=folder is not None,
                broken=dict(broken),
            )
            examined = Examined()
            try:
                self._once(order, source, folder, job or self._job, examined)
            except Broken as reason:
                if reason.path == path or reason.path in broken or len(broken) >= _MAX_RESTARTS:
                    examined.isolation = self.sandbox.isolation or examined.isolation
                    _give_up(examined, path, source.size_bytes, reason)
                    return examined
                broken[reason.path] = reason.code
                continue
            self.learn([examined])
            return examined

    def together(
        self, files: HandedOut, *, has_folder: bool, job: JobControl | None = None
    ) -> Iterator[wire.FromWorker]:
        """What one process says of several small files; raises what ``Sandbox.run`` raises."""
        order = wire.Job(
            task="together",
            path="",
            name="",
            size_bytes=0,
            trust=list(self._trust),
            verifying=self._verifying,
            has_folder=has_folder,
        )
        return self.sandbox.run_together(order, files, job or self._job)

    def _once(
        self, order: wire.Job, source: Source, folder: Folder | None, job: JobControl | None, into: Examined
    ) -> None:
        at = order.path
        try:
            for message in self.sandbox.run(order, source, folder, job):
                if isinstance(message, wire.Begin):
                    at = message.path
                elif isinstance(message, wire.File):
                    into.take(message)
                    if len(into.files) > _MAX_FILES:
                        raise Broken("EXAMINE_LIMIT", order.path)
                elif isinstance(message, wire.Checksum):
                    into.checksums.setdefault(message.path, {})[message.algorithm] = message.digest
                into.isolation = self.sandbox.isolation
        except wire.Nonsense:
            raise Broken("EXAMINE_CRASHED", at) from None
        if not into.files or into.main.path != order.path:
            raise Broken("EXAMINE_CRASHED", at)

    def learn(self, answers: Iterable[Examined]) -> None:
        """A kind seen twice will be seen again: its reader is worth importing before the next fork."""
        for file in (file for examined in answers for file in examined.files[-50:]):
            self._kinds[file.kind] = self._kinds.get(file.kind, 0) + 1
            if self._kinds[file.kind] > 1:
                self.sandbox.preload(file.kind)


def _give_up(examined: Examined, path: str, size_bytes: int, reason: Broken) -> None:
    """Keep what came before the break; the file itself is inconclusive."""
    examined.findings.append(Finding(code=reason.code, severity=Severity.CAUTION, path=reason.path))
    examined.files.append(
        ExaminedFile(path=path, size_bytes=size_bytes, kind="unknown", coverage=Coverage.INCONCLUSIVE)
    )


def examination(examined: Examined) -> Examination:
    """The whole answer for one file or container."""
    inner = summary.of_files(examined.files[:-1]) if len(examined.files) > 1 else {}
    return Examination(
        outcome=outcome_of(examined.findings),
        kind=examined.main.kind,
        findings=tuple(examined.findings),
        facts={**inner, **examined.main.facts},
        files=tuple(examined.files),
        isolation=examined.isolation,
    )


def in_order(findings: list[Finding]) -> Iterator[Finding]:
    """Dangers first, then cautions, then notes; otherwise as found."""
    for severity in (Severity.DANGER, Severity.CAUTION, Severity.NOTE):
        yield from (finding for finding in findings if finding.severity is severity)
