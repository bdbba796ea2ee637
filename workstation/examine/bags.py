"""BagIt packages, 0.93 to 1.0 (RFC 8493): what the tag files say, and whether the files agree.

Manifests are unsigned: a bag that agrees is complete and unaltered since it was packed, nothing more. Nothing
is ever fetched. Paths are checked here, never by comparing prefixes of strings on a disk.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial

from workstation.core.examination import Severity
from workstation.examine import bagtext, names
from workstation.examine.bagtext import BagFault
from workstation.examine.container import Container
from workstation.examine.reader import PIECE_BYTES, Folder, Notes, Unreadable, pieces

MAX_LINES = 1_000_000
MAX_MANIFEST_BYTES = 256 << 20
MAX_TAG_BYTES = 4 << 20
VERSIONS = ("0.93", "0.94", "0.95", "0.96", "0.97", "1.0")
_MANIFEST = re.compile(r"(tag)?manifest-([A-Za-z0-9_-]{2,20})\.txt", re.IGNORECASE)
# RFC 8493, 2.4: lower case, without punctuation. Digests of no fixed length are none.
_ALGORITHMS = {
    name.replace("_", "").replace("-", ""): name
    for name in sorted(hashlib.algorithms_guaranteed)
    if not name.startswith("shake")
}
_WEAK = {"md5", "sha1"}


def hasher(algorithm: str) -> "hashlib._Hash":
    """A new digest of a manifest's algorithm."""
    return hashlib.new(_ALGORITHMS[algorithm], usedforsecurity=False)


@dataclass(kw_only=True)
class Bag:
    """What the tag files of one bag say; paths are those of the files as they are, base folder included."""

    base: str = ""  # "" or "folder/": where the bag begins in its package
    version: str = ""
    payload: dict[str, dict[str, str]] = field(default_factory=dict)  # algorithm: {path: hex digest}
    tags: dict[str, dict[str, str]] = field(default_factory=dict)
    oxum: tuple[int, int] | None = None  # payload bytes, payload files
    fetched: tuple[str, ...] = ()  # paths that somebody should fetch; nobody does

    def lines(self) -> Iterator[tuple[str, str, str]]:
        """Every (path, algorithm, hex digest) of all manifests."""
        for group in (self.payload, self.tags):
            for algorithm, listed in group.items():
                for path, digest in listed.items():
                    yield path, algorithm, digest


def base_of(paths: Iterable[str]) -> str | None:
    """Where a bag begins: in the package itself, in its one folder (RFC 8493, 4), or nowhere."""
    tops: set[str] = set()
    marks: set[str] = set()
    for path in paths:
        top, slash, rest = path.partition("/")
        tops.add(top if slash else "")
        marks.update(bagtext.marks_of("", path))
        if slash and len(tops - {""}) == 1:
            marks.update(bagtext.marks_of(top + "/", rest))
    if bagtext.is_bag("", marks):
        return ""
    if len(tops) == 1 and "" not in tops:
        base = f"{next(iter(tops))}/"
        return base if bagtext.is_bag(base, marks) else None
    return None


def read(folder: Folder, notes: Notes) -> Bag | None:
    """Read the tag files; None when the package is no bag.

    Findings are about the tag files themselves. Whether the listed files are there and unaltered is for
    ``presence`` and ``fixity``.
    """
    present = set(folder.paths())
    base = base_of(present)
    if base is None:
        return None
    notes.kind = "bag"
    return _Reading(folder, notes, present, base).bag()


class _Reading:
    """Reads one bag's tag files in their order."""

    def __init__(self, folder: Folder, notes: Notes, present: set[str], base: str) -> None:
        self._folder, self._notes, self._present = folder, notes, present
        self._base = base
        self._by_nfc: dict[str, str] | None = None
        self._encoding = "utf-8"
        self._lines = 0

    def bag(self) -> Bag:
        """Everything the tag files say; what they say wrongly is noted."""
        bag = Bag(base=self._base)
        self._declaration(bag)
        manifests = [(path, match) for path in sorted(self._present) if (match := self._is_manifest(path))]
        for path, match in manifests:
            self._guarded(path, partial(self._manifest, bag, path, match))
        if not bag.payload and not any(match[1] is None for _path, match in manifests):
            self._notes.add(
                "BAG_MISSING", Severity.DANGER, "no payload manifest", path=f"{self._base}manifest-*.txt"
            )
        self._same_files(bag)
        for name in ("bag-info.txt", "package-info.txt"):
            if self._base + name in self._present:
                self._guarded(self._base + name, partial(self._information, bag, name))
        if self._base + "fetch.txt" in self._present:
            self._guarded(self._base + "fetch.txt", partial(self._fetch, bag))
        self._facts(bag)
        return bag

    def _guarded(self, path: str, step: "bagtext.Step") -> None:
        try:
            step()
        except BagFault as fault:
            self._notes.add(fault.code, fault.severity, fault.detail, path=path)
        except Unreadable as reason:
            self._notes.complete = False
            self._notes.add(reason.code, reason.severity, reason.detail, path=path)

    def _is_manifest(self, path: str) -> re.Match[str] | None:
        return _MANIFEST.fullmatch(path.removeprefix(self._base)) if path.startswith(self._base) else None

    def _bytes(self, path: str, limit_bytes: int) -> bytes:
        source = self._folder.open(path)
        if source is None:
            raise BagFault("BAG_MISSING", Severity.DANGER, "cannot be read")
        if source.size_bytes > limit_bytes:
            raise Unreadable("EXAMINE_LIMIT", f"{source.size_bytes} bytes, limit {limit_bytes}")
        return b"".join(pieces(source))

    def _declaration(self, bag: Bag) -> None:
        path = self._base + "bagit.txt"
        if path not in self._present:
            self._notes.add("BAG_MISSING", Severity.DANGER, "bagit.txt", path=path)
            return

        def step() -> None:
            declared = bagtext.declaration(self._bytes(path, MAX_TAG_BYTES))
            bag.version, self._encoding = declared.version, declared.encoding
            for fault in declared.faults:
                self._notes.add(fault.code, fault.severity, fault.detail, path=path)
            if bag.version not in VERSIONS:
                self._notes.add("BAG_VERSION", Severity.CAUTION, bag.version, path=path)

        self._guarded(path, step)

    def _manifest(self, bag: Bag, path: str, match: re.Match[str]) -> None:
        is_tag = match[1] is not None
        algorithm = match[2].lower().replace("-", "").replace("_", "")
        if algorithm not in _ALGORITHMS:
            self._notes.complete = False
            self._notes.add("BAG_ALGORITHM", Severity.CAUTION, match[2], path=path)
            return
        width = hasher(algorithm).digest_size * 2
        listed = (bag.tags if is_tag else bag.payload).setdefault(algorithm, {})
        text = bagtext.decoded(self._bytes(path, MAX_MANIFEST_BYTES), self._encoding)
        twins: dict[str, str] = {}
        for line in bagtext.manifest_lines(text):
            self._count()
            for fault in line.faults:
                self._notes.add(fault.code, fault.severity, fault.detail, path=path)
            if len(line.digest) != width:
                raise BagFault(
                    "BAG_FORMAT", Severity.DANGER, f"digest of {len(line.digest)} digits: {line.path}"
                )
            inner = self._resolved(line.path, path, is_tag=is_tag)
            if inner is not None:
                self._list(listed, inner, line.digest, path)
                self._twins(twins, inner, path)

    def _count(self) -> None:
        self._lines += 1
        if self._lines > MAX_LINES:
            raise Unreadable("EXAMINE_LIMIT", f"more than {MAX_LINES} manifest lines")

    def _resolved(self, raw: str, manifest: str, *, is_tag: bool) -> str | None:
        """The file a manifest line means, as it is called in the package."""
        if names.escapes(raw) or ".." in re.split(r"[/\\]", raw) or raw.startswith("~"):
            self._notes.add("BAG_PATH", Severity.DANGER, raw, path=manifest)
            return None
        path = raw
        while path.startswith("./"):
            path = path[2:]
        if path != raw:
            self._notes.add("BAG_PATH", Severity.CAUTION, raw, path=manifest)
        if not is_tag and not path.startswith("data/"):
            self._notes.add("BAG_PATH", Severity.DANGER, raw, path=manifest)
            return None
        if is_tag and path.startswith("data/"):
            self._notes.add(
                "BAG_FORMAT", Severity.CAUTION, f"payload in a tag manifest: {raw}", path=manifest
            )
        return self._as_present(self._base + path, manifest)

    def _as_present(self, path: str, manifest: str) -> str:
        if path in self._present:
            return path
        plain = bagtext.percent_decoded(path)
        if plain in self._present:
            return plain
        if self._by_nfc is None:
            self._by_nfc = {unicodedata.normalize("NFC", name): name for name in self._present}
        twin = self._by_nfc.get(unicodedata.normalize("NFC", plain))
        if twin is not None:
            self._notes.add("BAG_NORMALISATION", Severity.CAUTION, plain, path=manifest)
            return twin
        return plain

    def _list(self, listed: dict[str, str], path: str, digest: str, manifest: str) -> None:
        earlier = listed.get(path)
        if earlier is not None:
            severity = Severity.CAUTION if earlier == digest else Severity.DANGER
            self._notes.add("BAG_DUPLICATE", severity, path, path=manifest)
        listed[path] = digest

    def _twins(self, twins: dict[str, str], path: str, manifest: str) -> None:
        key = names.folded(path)
        if twins.setdefault(key, path) != path:
            self._notes.add("BAG_DUPLICATE", Severity.CAUTION, f"{path} and {twins[key]}", path=manifest)

    def _same_files(self, bag: Bag) -> None:
        """From 1.0 on every payload manifest lists every payload file (RFC 8493, 3)."""
        if bag.version not in VERSIONS[:-1] and len(bag.payload) > 1:
            everything = set().union(*bag.payload.values())
            for algorithm, listed in bag.payload.items():
                for path in sorted(everything - set(listed))[:100]:
                    where = f"{self._base}manifest-{algorithm}.txt"
                    self._notes.add("BAG_INCOMPLETE_MANIFEST", Severity.DANGER, path, path=where)

    def _information(self, bag: Bag, name: str) -> None:
        text = bagtext.decoded(self._bytes(self._base + name, MAX_TAG_BYTES), self._encoding)
        fields, faults = bagtext.information(text)
        for fault in faults:
            self._notes.add(fault.code, fault.severity, fault.detail, path=self._base + name)
        oxums = [value for label, value in fields if label.lower() == "payload-oxum"]
        for value in oxums:
            match = re.fullmatch(r"([0-9]{1,18})\.([0-9]{1,12})", value)
            if match is None or (bag.oxum is not None and bag.oxum != (int(match[1]), int(match[2]))):
                raise BagFault("BAG_OXUM", Severity.DANGER, value)
            bag.oxum = int(match[1]), int(match[2])
        self._notes.facts["bag_info"] = [[label, value] for label, value in fields[:200]]

    def _fetch(self, bag: Bag) -> None:
        path = self._base + "fetch.txt"
        text = bagtext.decoded(self._bytes(path, MAX_MANIFEST_BYTES), self._encoding)
        targets = []
        for line in bagtext.fetch_lines(text):
            self._count()
            inner = self._resolved(line.path, path, is_tag=False)
            if inner is not None:
                targets.append(inner)
        bag.fetched = tuple(targets)
        # Nothing is fetched. A bag that has everything is complete without its addresses; one that has not
        # is refused by ``presence``.
        self._notes.add("BAG_FETCH", Severity.NOTE, f"{len(targets)} addresses", path=path)

    def _facts(self, bag: Bag) -> None:
        facts = self._notes.facts
        facts["bagit_version"] = bag.version
        facts["bagit_algorithms"] = sorted({*bag.payload, *bag.tags})
        if bag.payload and not set(bag.payload) - _WEAK:
            self._notes.add("BAG_WEAK_ALGORITHM", Severity.NOTE, ", ".join(sorted(bag.payload)))


def presence(bag: Bag, sizes: Mapping[str, int], notes: Notes) -> None:
    """Name what is missing, what is extra, and a wrong payload sum."""
    listed = set().union(*bag.payload.values()) if bag.payload else set()
    for path in sorted(listed.union(bag.fetched, *bag.tags.values()) - sizes.keys()):
        waits = path in bag.fetched
        notes.add("BAG_FETCH" if waits else "BAG_MISSING", Severity.DANGER, path=path)
    prefix = f"{bag.base}data/"
    payload = [path for path in sizes if path.startswith(prefix)]
    if bag.payload:
        for path in payload:
            if path not in listed:
                notes.add("BAG_EXTRA", Severity.DANGER, path=path)
    held = sum(sizes[path] for path in payload), len(payload)
    if bag.oxum is not None and bag.oxum != held:
        detail = f"says {bag.oxum[0]}.{bag.oxum[1]}, holds {held[0]}.{held[1]}"
        notes.add("BAG_OXUM", Severity.DANGER, detail, path=f"{bag.base}bag-info.txt")


def fixity(wanted: Mapping[str, str], found: Mapping[str, str], path: str, notes: Notes) -> None:
    """Compare one file's digests, by algorithm."""
    for algorithm, digest in wanted.items():
        if found.get(algorithm) != digest:
            notes.add("BAG_FIXITY", Severity.DANGER, algorithm, path=path)


def by_path(bag: Bag) -> dict[str, dict[str, str]]:
    """The manifests turned round: path, algorithm, hex digest."""
    turned: dict[str, dict[str, str]] = {}
    for path, algorithm, digest in bag.lines():
        turned.setdefault(path, {})[algorithm] = digest
    return turned


def check_inside(container: Container, notes: Notes) -> None:
    """A bag that travels inside an archive: read, compare and hash it here."""
    kind = notes.kind
    bag = read(container, notes)
    if bag is None:
        return
    notes.kind, notes.facts["carries"] = kind, "bag"
    sizes = {item.path: item.size_bytes for item in container.items}
    presence(bag, sizes, notes)
    for path, wanted in by_path(bag).items():
        source = container.open(path)
        if source is None:
            continue  # missing, reported; or unreadable, reported when its turn comes
        hashes = {algorithm: hasher(algorithm) for algorithm in wanted}
        at = 0
        while at < source.size_bytes and (piece := source.read_at(at, PIECE_BYTES)):
            for each in hashes.values():
                each.update(piece)
            at += len(piece)
        fixity(wanted, {algorithm: each.hexdigest() for algorithm, each in hashes.items()}, path, notes)
