"""Small files examined several to a process; whatever is unusual about one of them ends that process.

The answers are those that each file would get alone. A file that breaks its process, takes too long or needs
a reader of its own is examined again by itself, so a death makes its own file inconclusive and no other.
"""

from collections.abc import Sequence

from workstation.core.examination import Examination, Severity
from workstation.core.jobs import JobControl
from workstation.examine import wire
from workstation.examine.examiner import Examined, Examiner, examination
from workstation.examine.reader import BytesSource, Folder, Source, pieces
from workstation.examine.sandbox import Broken
from workstation.examine.serving import HandedOut, SmallFile
from workstation.examine.walk import clipped

MAX_SMALL_BYTES = wire.MAX_SMALL_BYTES
MAX_FILES = 128  # handed to one process
MAX_GROUP_BYTES = 8 << 20  # held here at once


class SmallFilesExaminer(Examiner):
    """An examiner that also takes several small files at once; see ``core.service_ports.FileExaminer``."""

    def examine_small(self, files: Sequence[tuple[str, Source]], *, folder: Folder) -> list[Examination]:
        """What ``examine`` says of each, in their order."""
        read = [SmallFile(path=name, content=b"".join(pieces(source))) for name, source in files]
        return [examination(examined) for examined in examine_together(self, read, folder)]


def examine_together(
    examiner: Examiner, files: Sequence[SmallFile], folder: Folder | None, job: JobControl | None = None
) -> list[Examined]:
    """What was found in each file, in their order.

    Raises:
        SandboxUnavailable: no worker can be started.
        JobCancelled: the job was cancelled.
    """
    # A path too long for a message is cut in the answer, which then would name another file.
    fitting = [at for at, file in enumerate(files) if clipped(file.path) == file.path]
    answers: dict[int, Examined] = {}
    while fitting:
        some = fitting[:MAX_FILES]
        found, through = _one_process(examiner, [files[at] for at in some], folder, job)
        answers |= {some[number]: examined for number, examined in found.items()}
        del fitting[:through]
    return [
        answers[at] if at in answers else _alone(examiner, file, folder, job) for at, file in enumerate(files)
    ]


def _alone(examiner: Examiner, file: SmallFile, folder: Folder | None, job: JobControl | None) -> Examined:
    source = BytesSource(file.content, file.path.rsplit("/", 1)[-1])
    return examiner.run("examine", source, path=file.path, folder=folder, job=job)


def _one_process(
    examiner: Examiner, files: Sequence[SmallFile], folder: Folder | None, job: JobControl | None
) -> tuple[dict[int, Examined], int]:
    """Answers by number from one process, and how many files are through: answered, or to be read alone."""
    answers: dict[int, Examined] = {}
    handed = HandedOut(files, folder)
    try:
        for message in examiner.together(handed, has_folder=folder is not None, job=job):
            examined = _answer(handed, message)
            if examined is None:
                continue
            examined.isolation = examiner.sandbox.isolation
            answers[handed.count - 1] = examined
            if any(found.severity is not Severity.NOTE for found in examined.findings):
                handed.stop()
    except (Broken, wire.Nonsense):
        # Whatever it said of the file that it broke at is not kept.
        answers.pop(handed.count - 1, None)
    examiner.learn(answers.values())
    return answers, max(1, handed.count)


def _answer(handed: HandedOut, message: wire.FromWorker) -> Examined | None:
    """What the worker says of the file it is at; None when that needs a process of its own.

    Raises:
        Nonsense: it says something else, or speaks of another file.
    """
    if not isinstance(message, wire.File | wire.Apart):
        raise wire.Nonsense("no answer for a file")
    handed.take(message.path)
    if isinstance(message, wire.Apart):
        return None
    below = f"{message.path}/"
    if any(found.path != message.path and not found.path.startswith(below) for found in message.findings):
        raise wire.Nonsense("finding about another file")
    examined = Examined()
    examined.take(message)
    return examined
