"""What one job may read: its own file and, by path, the files that came with it."""

from collections.abc import Iterator

from workstation.examine import wire
from workstation.examine.reader import Folder, Source


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
        if isinstance(request, wire.Look):
            return wire.frame(self._look(request.path))
        return wire.frame(wire.Listed(paths=self._page(request.start)))

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
