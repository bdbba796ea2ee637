"""What one job may read: its own file and, by path, the files that came with it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from workstation.examine import wire
from workstation.examine.reader import BytesSource, Folder, Source


class Served:
    """The sources of one job by number: 0 is its own file, the others were asked for by path."""

    _MAX_OPEN = 4_096

    def __init__(self, source: Source, folder: Folder | None) -> None:
        self._sources = [source]
        self._numbers: dict[str, int] = {}
        self._folder = folder
        self._paths: Iterator[str] | None = None
        self._listed = 0
        self.opened_bytes = 0  # of the files asked for by path, each counted once

    def answer(self, request: wire.Request) -> bytes:
        """The framed answer to one request.

        Raises:
            Nonsense: a number that was never given out, or a page out of turn.
        """
        if isinstance(request, wire.Read):
            if request.source >= len(self._sources):
                raise wire.Nonsense("unknown source")
            source = self._sources[request.source]
            size = max(0, min(request.size_bytes, source.size_bytes - request.offset))
            return wire.frame_bytes(source.read_at(request.offset, size) if size else b"")
        if isinstance(request, wire.Next):
            return self.hand_next()
        if isinstance(request, wire.Look):
            return wire.frame(self._look(request.path))
        return wire.frame(wire.Listed(paths=self._page(request.start)))

    def hand_next(self) -> bytes:
        """The framed next small file, where several are handed over."""
        raise wire.Nonsense("nothing is handed over")

    def _look(self, path: str) -> wire.Looked:
        number = self._numbers.get(path)
        if number is None:
            found = self._folder.open(path) if self._folder is not None else None
            if found is None or len(self._sources) >= self._MAX_OPEN:
                return wire.Looked(source=-1, size_bytes=0)
            number = self._numbers[path] = len(self._sources)
            self._sources.append(found)
            self.opened_bytes += found.size_bytes
        return wire.Looked(source=number, size_bytes=self._sources[number].size_bytes)

    def _page(self, start: int) -> list[str]:
        if self._folder is None:
            return []
        if start == 0:
            self._paths, self._listed = self._folder.paths(), 0
        if self._paths is None or start != self._listed:
            raise wire.Nonsense("page out of turn")
        page: list[str] = []
        for path in self._paths:
            page.append(path)
            if len(page) >= wire.MAX_PAGE:
                break
        self._listed += len(page)
        return page


@dataclass(frozen=True, kw_only=True)
class SmallFile:
    """A file that fits into one message, with its untrusted path among the files that came with it."""

    path: str
    content: bytes


class HandedOut(Served):
    """Small files for one process, each handed over whole when the one before was answered."""

    def __init__(self, files: Sequence[SmallFile], folder: Folder | None) -> None:
        super().__init__(BytesSource(b""), folder)
        self._files = files
        self._answered, self._stopped, self._ended = True, False, False
        self.count = 0  # handed over so far; the worker is at the last of them

    @property
    def path(self) -> str:
        """Of the file that the worker is at; empty before the first."""
        return self._files[self.count - 1].path if self.count else ""

    def take(self, path: str) -> None:
        """The worker has answered for a file.

        Raises:
            Nonsense: it is not at that file, or has answered before.
        """
        if self._answered or path != self.path:
            raise wire.Nonsense("answer for another file")
        self._answered = True

    def stop(self) -> None:
        """Hand over no more."""
        self._stopped = True

    def hand_next(self) -> bytes:
        """The next file, or an empty answer at the end.

        Raises:
            Nonsense: the file before was not answered, or there was an end before.
        """
        if not self._answered or self._ended:
            raise wire.Nonsense("the next before an answer")
        if self._stopped or self.count == len(self._files):
            self._ended = True
            return wire.frame_bytes(b"")
        file = self._files[self.count]
        self.count += 1
        self._answered = False
        name = file.path.rsplit("/", 1)[-1]
        return wire.frame(wire.Handed(path=file.path, name=name, content=file.content))
