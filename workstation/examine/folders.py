"""A folder or bag examined where it lies: small files several to a process, two sandboxes side by side."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from workstation.core.examination import (
    Coverage,
    Examination,
    ExaminedFile,
    Finding,
    Severity,
    outcome_of,
)
from workstation.core.jobs import JobControl, Progress
from workstation.core.packages import Loss, SourceUnreadable
from workstation.examine import bags, batches, summary
from workstation.examine.examiner import MAX_FINDINGS, Examined, Examiner
from workstation.examine.reader import BytesSource, Notes
from workstation.examine.serving import SmallFile
from workstation.examine.tree import Entry, FolderTree

_SANDBOXES = 2  # the smallest machine this runs on has two cores
_AHEAD = 4

_Manifests = Mapping[str, Mapping[str, str]]


@dataclass(kw_only=True)
class _Answer:
    """One file: what was found in it, and the digests its manifests ask for."""

    entry: Entry
    examined: Examined
    digests: dict[str, str] = field(default_factory=dict)
    unread: str = ""  # why it could not be hashed


def examine_folder(path: Path, start: Callable[[], Examiner], job: JobControl) -> Examination:
    """Everything about a folder; ``start`` makes an examiner.

    Raises:
        SourceUnreadable, SandboxUnavailable, JobCancelled.
    """
    notes = Notes()
    with FolderTree(path, notes, job) as tree, ExitStack() as stack:
        examiners = [stack.enter_context(start()) for _ in range(_SANDBOXES)]
        total = Examined()
        bag = read_bag(tree, examiners[0], notes, total, job)
        done_bytes = 0
        for answer in _Side(tree, bag, examiners, job).answers():
            done_bytes += answer.entry.size_bytes
            _take(answer, total)
            if wanted := bag.get(answer.entry.path):
                _compare(answer, wanted, notes)
        facts = {
            **summary.of_files(total.files),
            **notes.facts,
            "files": len(tree.entries),
            "bytes": done_bytes,
        }
    findings = (*notes.findings, *total.findings)[:MAX_FINDINGS]
    return Examination(
        outcome=outcome_of(findings),
        kind=notes.kind if notes.kind != "unknown" else "folder",
        findings=findings,
        facts=facts,
        files=tuple(total.files),
        isolation=total.isolation,
    )


def _take(answer: _Answer, total: Examined) -> None:
    total.files.extend(answer.examined.files)
    total.findings.extend(answer.examined.findings)
    held = answer.examined.isolation
    if held:
        # Only what held for every file is said of the folder.
        total.isolation = tuple(wall for wall in total.isolation if wall in held) or held


def _compare(answer: _Answer, wanted: Mapping[str, str], notes: Notes) -> None:
    if answer.unread:
        notes.add("FILE_UNREADABLE", Severity.CAUTION, answer.unread, path=answer.entry.path)
    else:
        bags.fixity(wanted, answer.digests, answer.entry.path, notes)


def read_bag(
    tree: FolderTree, examiner: Examiner, notes: Notes, total: Examined, job: JobControl
) -> dict[str, dict[str, str]]:
    """The manifests of a folder that is a bag, with what is missing and extra; nothing for other folders."""
    if bags.base_of(tree.paths()) is None:
        return {}
    notes.kind = "bag"
    try:
        read = examiner.run("bag", BytesSource(b""), folder=tree, job=job)
    except SourceUnreadable as fault:
        note_unread_manifest(fault, notes)
        return {}
    total.isolation = read.isolation
    notes.facts.update(read.main.facts)
    for finding in read.findings:
        notes.add(finding.code, finding.severity, finding.detail, path=finding.path or None)
    bags.presence(_bag_of(read), {entry.path: entry.size_bytes for entry in tree.entries}, notes)
    return read.checksums


def note_unread_manifest(fault: SourceUnreadable, notes: Notes) -> None:
    """A bag whose tag files cannot be read keeps its files, and none of them counts as verified.

    Raises:
        SourceUnreadable: the medium no longer answers.
    """
    if fault.loss is Loss.MEDIUM:
        raise fault
    notes.complete = False
    notes.add("BAG_UNREAD", Severity.CAUTION, fault.reason, path=fault.path)


def _bag_of(read: Examined) -> bags.Bag:
    """What the worker read of a bag, as a value again."""
    facts = read.main.facts
    base, oxum, fetched = facts.get("bag_base"), facts.get("bag_oxum"), facts.get("bag_fetched")
    bag = bags.Bag(base=base if isinstance(base, str) else "")
    if isinstance(oxum, list) and len(oxum) == 2 and all(isinstance(part, int) for part in oxum):  # noqa: PLR2004
        bag.oxum = oxum[0], oxum[1]
    if isinstance(fetched, list):
        bag.fetched = tuple(str(path) for path in fetched)
    for path, digests in read.checksums.items():
        group = bag.payload if path.startswith(f"{bag.base}data/") else bag.tags
        for algorithm, digest in digests.items():
            group.setdefault(algorithm, {})[path] = digest
    return bag


class _Side:
    """Sandboxes side by side in threads that live as long as they; answers in the order of the files."""

    def __init__(self, tree: FolderTree, bag: _Manifests, examiners: list[Examiner], job: JobControl) -> None:
        self._tree, self._bag, self._job = tree, bag, job
        self._free: SimpleQueue[Examiner] = SimpleQueue()
        for examiner in examiners:
            self._free.put(examiner)

    def answers(self) -> Iterator[_Answer]:
        """Each file once."""
        waiting: deque[Future[list[_Answer]]] = deque()
        # bubblewrap ends a worker with the thread that started it: the threads outlast every job of theirs.
        with ThreadPoolExecutor(_SANDBOXES, thread_name_prefix="examine") as threads:
            try:
                for portion in _portions(self._tree.entries):
                    waiting.append(threads.submit(self._examine, portion))
                    if len(waiting) >= _AHEAD:
                        yield from waiting.popleft().result()
                while waiting:
                    yield from waiting.popleft().result()
            finally:
                for future in waiting:
                    future.cancel()

    def _examine(self, portion: list[Entry]) -> list[_Answer]:
        self._job.tick(Progress(stage="intake.examine", untrusted_detail=portion[0].path))
        examiner = self._free.get()
        try:
            if len(portion) == 1:
                return [self._alone(examiner, portion[0])]
            return self._together(examiner, portion)
        finally:
            self._free.put(examiner)

    def _together(self, examiner: Examiner, portion: list[Entry]) -> list[_Answer]:
        """Small files, each read once: what is examined is what was hashed."""
        answers: dict[bytes, _Answer] = {}
        read: list[Entry] = []
        files: list[SmallFile] = []
        for entry in portion:
            try:
                content = b"".join(self._tree.chunks(entry))
            except SourceUnreadable as error:
                _require_medium(error)
                continue
            if len(content) == entry.size_bytes:
                read.append(entry)
                files.append(SmallFile(path=entry.path, content=content))
        try:
            found = batches.examine_together(examiner, files, self._tree, self._job)
        except SourceUnreadable as error:  # one of them leans on a file that cannot be read
            _require_medium(error)
            return [self._alone(examiner, entry) for entry in portion]
        for entry, file, examined in zip(read, files, found, strict=True):
            wanted = self._bag.get(file.path, {})
            digests = {name: bags.hasher(name) for name in wanted}
            for each in digests.values():
                each.update(file.content)
            answers[entry.raw] = _Answer(
                entry=entry,
                examined=examined,
                digests={name: each.hexdigest() for name, each in digests.items()},
            )
        # What could not be read, or changed since it was listed, is looked at by itself.
        return [answers[e.raw] if e.raw in answers else self._alone(examiner, e) for e in portion]

    def _alone(self, examiner: Examiner, entry: Entry) -> _Answer:
        answer = _Answer(entry=entry, examined=Examined())
        source = self._tree.open(entry.path)
        if source is None:
            return answer
        try:
            answer.examined = examiner.run(
                "examine", source, path=entry.path, folder=self._tree, job=self._job
            )
        except SourceUnreadable as error:
            _require_medium(error)
            answer.examined = _unreadable(entry, error)
        if wanted := self._bag.get(entry.path):
            self._hash(answer, wanted)
        return answer

    def _hash(self, answer: _Answer, wanted: Mapping[str, str]) -> None:
        hashes = {algorithm: bags.hasher(algorithm) for algorithm in wanted}
        try:
            for piece in self._tree.chunks(answer.entry):
                self._job.tick(Progress(stage="intake.examine", untrusted_detail=answer.entry.path))
                for each in hashes.values():
                    each.update(piece)
        except SourceUnreadable as error:
            _require_medium(error)
            answer.unread = error.reason
        answer.digests = {name: each.hexdigest() for name, each in hashes.items()}


def _portions(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Neighbours that are small together, every other file by itself."""
    small: list[Entry] = []
    size_bytes = 0
    for entry in entries:
        if entry.size_bytes > batches.MAX_SMALL_BYTES:
            if small:
                yield small
            yield [entry]
            small, size_bytes = [], 0
            continue
        small.append(entry)
        size_bytes += entry.size_bytes
        if len(small) >= batches.MAX_FILES or size_bytes >= batches.MAX_GROUP_BYTES:
            yield small
            small, size_bytes = [], 0
    if small:
        yield small


def _require_medium(fault: SourceUnreadable) -> None:
    """A medium that went away is no folder of unreadable files."""
    if fault.loss is Loss.MEDIUM:
        raise fault


def _unreadable(entry: Entry, fault: SourceUnreadable) -> Examined:
    if fault.path in {entry.path, entry.path.rsplit("/", 1)[-1]}:
        code, detail = "FILE_UNREADABLE", fault.reason
    else:
        code, detail = "FILE_LEANS_ON_UNREADABLE", fault.path
    only = ExaminedFile(
        path=entry.path, size_bytes=entry.size_bytes, kind="unknown", coverage=Coverage.INCONCLUSIVE
    )
    finding = Finding(code=code, severity=Severity.CAUTION, path=entry.path, detail=detail)
    return Examined(files=[only], findings=[finding])
