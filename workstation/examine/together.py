"""Several small files in one process, where nothing but our own reading of text is needed for them.

A process for each file protects the others from a reader that was taken over. Readers of archives, documents,
pictures, weights and signatures run in native libraries or walk hostile structures, so each such file keeps
its process. The kinds named here are read by plain Python over characters. A file of any other kind is handed
back unread; the application gives it a process of its own. See ``docs/adr/0020-small-files-together.md``.
"""

from collections.abc import Iterator

from workstation.examine import dispatch, wire
from workstation.examine.reader import BytesSource, Folder, Notes
from workstation.examine.walk import Send, file_message

KINDS = frozenset(
    {
        "chat-template",
        "html",
        "json",
        "json-lines",
        "markdown",
        "model-settings",
        "notebook",
        "other-weights",
        "program",
        "script",
        "source-code",
        "tensor-storage",
        "text",
    }
)


def run(job: wire.Job, files: Iterator[wire.Handed], folder: Folder | None, send: Send) -> None:
    """Examine what is handed over, one file after the other; what needs more than text is handed back."""
    for handed in files:
        source = BytesSource(handed.content, handed.name)
        notes = Notes(
            handed.path,
            folder=folder,
            trust=tuple(job.trust),
            verifying=job.verifying,
            member=handed.path,
        )
        line = dispatch.recognise(source, notes)
        if line is not None and line.kind not in KINDS:
            send(wire.Apart(path=handed.path))
            continue
        if line is not None:
            dispatch.read(line, source, notes)
        send(file_message(notes, source.size_bytes))
