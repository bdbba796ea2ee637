"""The format examiners as fuzz targets: one for each module of the table of formats, and the whole walk."""

import importlib
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import cache
from itertools import islice
from types import ModuleType

import msgspec

from tests.fuzz import seeds
from tests.fuzz.harness import BrokenPromise, Target
from tests.helpers.documents import authority
from workstation.core.examination import Severity
from workstation.examine import bags, dispatch, views, wire
from workstation.examine import inside as ways
from workstation.examine import shown as viewer_shown
from workstation.examine.container import Container, Item, OpenableItem
from workstation.examine.documents import render
from workstation.examine.formats import Format
from workstation.examine.names import escapes, shown
from workstation.examine.reader import PIECE_BYTES, BytesSource, Notes, Source, Unreadable
from workstation.examine.walk import Walk, file_message
from workstation.examine.weights import listing as tensors

PACKAGE = "workstation.examine."
_MAX_READ_BYTES = 64 << 20
_MAX_OPENED = 200
_MAX_ENTERED = 8
_ANSWERS = {
    "tensor-rows": viewer_shown.Tensors,
    "list-members": viewer_shown.Members,
    "name-kind": viewer_shown.Inner,
    "read-bytes": viewer_shown.PlainText,
}
_MAX_NAME_CHARS = 1_000
_MAX_MEMBER_BYTES = 64 << 20
_BESIDE = {"weights.bin": bytes(64), "a/b.txt": b"hello", "config.json": b'{"model_type": "x"}'}


class StrictSource(BytesSource):
    """A source that holds its reader to the contract of ``read_at``."""

    def read_at(self, offset: int, size_bytes: int) -> bytes:
        """Refuse what a served source could not answer."""
        if offset < 0 or not 0 <= size_bytes <= _MAX_READ_BYTES:
            raise BrokenPromise(f"read_at({offset}, {size_bytes})")
        return super().read_at(offset, size_bytes)


def beside(content: bytes, name: str) -> Container:
    """The file itself and a few others, as an examiner sees its folder."""
    files = {**_BESIDE, name: content}

    def item(path: str, data: bytes) -> Item:
        return OpenableItem(
            path=path, size_bytes=len(data), open=lambda: StrictSource(data, path.rsplit("/", 1)[-1])
        )

    return Container([item(path, data) for path, data in files.items()])


@cache
def trust() -> bytes:
    """A trust file."""
    return authority()[0]


def notes_for(content: bytes, name: str) -> Notes:
    """What an examiner gets to write on when everything was asked for."""
    return Notes(f"in/{name}", folder=beside(content, name), trust=(trust(),), verifying=True, member=name)


def hold_message(message: msgspec.Struct) -> None:
    """What the worker would send must be what the application takes."""
    taken = wire.from_worker(wire.frame(message)[4:])
    if isinstance(taken, wire.File):
        wire.facts_of(taken.facts)


def hold_notes(notes: Notes, size_bytes: int) -> None:
    """Findings and facts stay sendable, and a message was not needed to hide that."""
    hold_message(file_message(notes, size_bytes))
    try:
        msgspec.json.encode(notes.facts)
    except (TypeError, ValueError) as fault:
        raise BrokenPromise(f"facts are no JSON: {fault}") from fault


def _kind_of(content: bytes, lines: list[Format], name: str) -> str:
    detected = dispatch.detect(StrictSource(content, name))
    if detected is not None and detected in lines:
        return detected.kind
    return lines[len(content) % len(lines)].kind


def plain_reader(module: ModuleType, lines: list[Format]) -> Callable[[bytes], None]:
    """A run of one examiner that is no container."""
    usual = "x" + (lines[0].suffixes[0] if lines[0].suffixes else "")

    def run(content: bytes) -> None:
        name = "x.yaml" if lines[0].kind == "model-settings" and content[:1] not in b"{[" else usual
        notes = notes_for(content, name)
        notes.kind = _kind_of(content, lines, name)
        with suppress(Unreadable):
            module.examine(StrictSource(content, name), notes)
        hold_notes(notes, len(content))

    return run


def container_reader(module: ModuleType, name: str) -> Callable[[bytes], None]:
    """A run of one container reader: the list, then every member to its end."""

    def run(content: bytes) -> None:
        notes = notes_for(content, name)
        container: Container | None = None
        with suppress(Unreadable):
            container = module.open_container(StrictSource(content, name), notes)
        refused = any(finding.severity is Severity.DANGER for finding in notes.findings)
        for item in container.items[:_MAX_OPENED] if container and not refused else ():
            if escapes(item.path):
                raise BrokenPromise("a member's path leads outside and nothing was said")
            with suppress(Unreadable):
                _read_through(item)
        hold_notes(notes, len(content))

    return run


def _read_through(item: Item) -> None:
    source = item.open()
    if source.size_bytes != item.size_bytes:
        raise BrokenPromise("a member is not as long as listed")
    for at in range(0, min(source.size_bytes, _MAX_MEMBER_BYTES), PIECE_BYTES):
        source.read_at(at, PIECE_BYTES)


def walk(content: bytes) -> None:
    """Everything a worker does with a file that it gets; nothing may have to be caught on the way."""
    sent: list[msgspec.Struct] = []
    Walk(sent.append, trust=(trust(),), verifying=True).start(StrictSource(content, "x"), "x", None)
    for message in sent:
        hold_message(message)
        if isinstance(message, wire.File):
            crashed = [found.detail for found in message.findings if found.code == "EXAMINE_CRASHED"]
            if crashed:
                raise BrokenPromise(f"{message.kind}: {crashed[0]}")
    if not isinstance(sent[-1], wire.File) or sent[-1].path != "x":
        raise BrokenPromise("the file itself is not the last that is told of")


def bag(content: bytes) -> None:
    """A bag whose tag files are the pieces of the input."""
    names = ("bagit.txt", "manifest-sha256.txt", "bag-info.txt", "tagmanifest-sha512.txt", "fetch.txt")
    files = {name: part for name, part in zip(names, content.split(b"\n%%\n"), strict=False) if part}
    files["data/a.txt"] = b"hello"

    def item(path: str, data: bytes) -> Item:
        return OpenableItem(path=path, size_bytes=len(data), open=lambda: StrictSource(data, path))

    notes = Notes()
    with suppress(Unreadable):
        bags.check_inside(Container([item(path, data) for path, data in files.items()]), notes)
    hold_notes(notes, len(content))


def names(content: bytes) -> None:
    """Names from outside, as a folder, a link and its target."""
    from workstation.examine.names import NameRegister

    notes = Notes()
    register = NameRegister(notes)
    for number, raw in enumerate(content.split(b"\n")[:500]):
        path = shown(raw)[0]
        if number % 3 == 2:
            register.link(path, shown(raw[::-1])[0])
        else:
            register.add(path, folder=number % 3 == 1)
    register.finish()
    hold_notes(notes, len(content))


def viewed(content: bytes) -> None:
    """Pages as pixels and text, for each kind that can be viewed."""
    source: Source = StrictSource(content, "x")
    line = dispatch.detect(source)
    kind = line.kind if line is not None else "text"
    for step in (
        lambda: render.page_count(source, kind),
        lambda: render.render_page(source, kind, 0, 64),
        lambda: render.extract_text(source, kind, 0),
    ):
        with suppress(Unreadable):
            step()


def listing(content: bytes) -> None:
    """The tensors of a file of weights, as they are listed for a person."""
    source = StrictSource(content, "x")
    line = dispatch.detect(source)
    kinds = sorted(tensors.kinds())
    kind = line.kind if line is not None and line.kind in kinds else kinds[len(content) % len(kinds)]
    view = wire.View(kind=kind, limit=_MAX_OPENED)
    with suppress(Unreadable):
        hold_answer("tensor-rows", source, view)


def inside(content: bytes) -> None:
    """A container as a person goes through it: its list, and the first files in it as what they are."""
    source = StrictSource(content, "x")
    hold_answer("list-members", source, wire.View(kind="zip", limit=_MAX_OPENED))
    names: list[str] = []
    with suppress(Unreadable):
        container = ways.container_of(source)
        names = [name for name, _item in islice(ways.named(container), _MAX_ENTERED)]
    if len(set(names)) != len(names):
        raise BrokenPromise("two members of one name")
    for name in names:
        if len(name) <= _MAX_NAME_CHARS and "\0" not in name:
            for task in ("name-kind", "read-bytes"):
                hold_answer(task, source, wire.View(kind="unknown", inside=[name]))


def hold_answer(task: str, source: Source, view: wire.View) -> None:
    """What a look sends is what the application takes, and no defect of a reader is behind it."""
    sent: list[msgspec.Struct] = []
    views.run(wire.Job(task=task, path="", name="x", size_bytes=0, view=view), source, None, sent.append)
    body = b"".join(message.data for message in sent if isinstance(message, wire.Chunk))
    answer = viewer_shown.decoded(body, _ANSWERS[task])
    if isinstance(answer, viewer_shown.NotShown) and answer.code == "EXAMINE_CRASHED":
        raise BrokenPromise(f"{task}: {answer.detail}")


def _by_module() -> Iterable[tuple[str, list[Format]]]:
    found: dict[str, list[Format]] = {}
    for line in dispatch.formats():
        found.setdefault(line.module, []).append(line)
    return found.items()


def targets() -> tuple[Target, ...]:
    """One for each module that reads a format, and what stands around them."""
    made = []
    for path, lines in _by_module():
        module, name = importlib.import_module(path), path.removeprefix(PACKAGE)
        given = seeds.for_module(name)
        if any(line.container for line in lines):
            run = container_reader(module, "x" + lines[0].suffixes[0])
        else:
            run = plain_reader(module, lines)
        made.append(Target(name=name, run=run, seeds=given, words=seeds.WORDS.get(name, ())))
    return (
        *made,
        Target(name="bags", run=bag, seeds=seeds.bag_texts),
        Target(name="names", run=names, seeds=seeds.name_lists),
        Target(name="listing", run=listing, seeds=seeds.everything),
        Target(name="inside", run=inside, seeds=seeds.everything),
        Target(name="view", run=viewed, seeds=seeds.viewable),
        Target(name="walk", run=walk, seeds=seeds.everything),
    )
