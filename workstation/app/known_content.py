"""Content the case holds already is not stored a second time; the medium is read once all the same.

A small file is hashed before it is sealed. A large one, whose length the case has seen, is compared with the
stored object while it is read; where they part, what was equal is taken from the vault and sealed anew with
the rest. So a file is named by an older object only after that object was read back and found equal, a
damaged object is never relied on, and equal content needs no room on the disk. Never across cases: see
``docs/adr/0018-content-once-a-case.md``.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import chain

from workstation.app.hashing import HashesBeside
from workstation.app.services import Session
from workstation.core.jobs import JobControl, Progress
from workstation.core.values import CaseId
from workstation.core.vault import PIECE_BYTES, IngestBatch, ObjectRef, SealedSource, Stored
from workstation.core.vault_errors import ObjectMissing, ObjectTampered

# Of one length so many stored objects are tried, and of all lengths so many remembered.
_MOST_CANDIDATES, _MOST_LARGE = 8, 100_000
_UNUSABLE = (ObjectMissing, ObjectTampered)


@dataclass(frozen=True, kw_only=True)
class Taken:
    """One file's content in the vault; ``already_kept`` says that it was there before."""

    stored: Stored
    already_kept: bool


class _Digests:
    """A Bloom filter: most files that are new are known to be new without asking the database.

    With a million entries one new file in four hundred is asked for in vain.
    """

    def __init__(self) -> None:
        self._bits = bytearray(1 << 21)

    def add(self, sha384: str) -> None:
        for at in self._places(sha384):
            self._bits[at >> 3] |= 1 << (at & 7)

    def may_hold(self, sha384: str) -> bool:
        return all(self._bits[at >> 3] & 1 << (at & 7) for at in self._places(sha384))

    @staticmethod
    def _places(sha384: str) -> Iterator[int]:
        # A digest is as good as random: four of its stretches of 24 bits are four hashes.
        return (int(sha384[at : at + 6], 16) for at in range(0, 24, 6))


@dataclass(kw_only=True)
class KnownContent:
    """The content of one case while a package is received into it. Memory does not grow with small files."""

    session: Session
    case_id: CaseId
    job: JobControl
    group: str = ""  # under which the vault keeps a large file that was begun, to be gone on with
    flush: Callable[[], None]  # makes durable and names what was taken so far
    _small: _Digests = field(default_factory=_Digests)
    _large: dict[int, list[str]] = field(default_factory=dict)  # length: references
    _large_count: int = 0
    _unnamed: dict[str, ObjectRef] = field(default_factory=dict)  # SHA-384 of small files, not yet committed
    _unnamed_heads: dict[int, set[bytes]] = field(default_factory=dict)  # length: first MiB of large ones

    def __post_init__(self) -> None:
        with self.session.look() as work:
            for size_bytes, sha384, ref in work.packages.contents(self.case_id):
                self._remember(size_bytes, sha384, ref)

    def take(
        self,
        batch: IngestBatch,
        chunks: Iterator[bytes],
        listed_bytes: int | None,
        *,
        digests: Sequence[str],
        untrusted_name: str,
    ) -> Taken:
        """Store one file, or find it stored; ``digests`` as of ``IngestBatch.add``.

        Raises:
            what ``chunks``, the vault and ``job`` raise.
        """
        head, rest = _head(chunks)
        if len(head) < PIECE_BYTES:
            stored = self._small_one(head, digests)
        else:
            stored = self._large_one(head, rest, listed_bytes, digests)
        if isinstance(stored, Stored):
            return Taken(stored=stored, already_kept=True)
        new = batch.add(stored, digests=digests, untrusted_name=untrusted_name, group=self.group)
        return self._unless_known(batch, new, head, checked=listed_bytes == new.size_bytes)

    def named(self) -> None:
        """What was taken so far is committed."""
        self._unnamed.clear()
        self._unnamed_heads.clear()

    # --- small files ----------------------------------------------------------------------------

    def _small_one(self, content: bytes, digests: Sequence[str]) -> Stored | Iterable[bytes]:
        sha384 = hashlib.sha384(content).hexdigest()
        if not self._small.may_hold(sha384):
            return [content]
        ref = self._unnamed.get(sha384) or self._named_alike(content, sha384)
        if ref is None:
            return [content]
        self.job.tick(Progress(stage="intake.compare", done_bytes=len(content)))
        return Stored(ref=ref, size_bytes=len(content), digests=_digests(content, digests))

    def _named_alike(self, content: bytes, sha384: str) -> ObjectRef | None:
        """A committed object with this content, read back; None where there is none that is whole."""
        for ref in self._lookup(sha384, len(content)):
            try:
                with ExitStack() as stack:
                    source = self._open(ref, stack)
                    if source.read_at(0, PIECE_BYTES) == content:
                        return ref
            except _UNUSABLE:
                continue
        return None

    def _lookup(self, sha384: str, size_bytes: int) -> Sequence[ObjectRef]:
        with self.session.look() as work:
            found = work.packages.content(self.case_id, sha384, size_bytes, limit=_MOST_CANDIDATES)
        return [ObjectRef.parse(ref) for ref in found]

    def _open(self, ref: ObjectRef, stack: ExitStack) -> SealedSource:
        source = self.session.vault.open(ref)
        stack.callback(source.close)
        return source

    # --- large files ----------------------------------------------------------------------------

    def _large_one(
        self, head: bytes, rest: Iterator[bytes], listed_bytes: int | None, digests: Sequence[str]
    ) -> Stored | Iterable[bytes]:
        if listed_bytes is None or listed_bytes not in self._large:
            return chain([head], rest)
        alike = self._unnamed_heads.get(listed_bytes)  # to hash the head takes as long as to hash a piece
        if alike and _short(head) in alike:
            self.flush()  # only what is durable can be read back
        with ExitStack() as stack:
            candidates = []
            for text in self._large[listed_bytes]:
                try:
                    source = self._open(ObjectRef.parse(text), stack)
                    if source.read_at(0, PIECE_BYTES) == head:
                        candidates.append((ObjectRef.parse(text), source))
                except _UNUSABLE:
                    continue
            if not candidates:
                return chain([head], rest)
            echo = _Echo(candidates=candidates, job=self.job)
            ref, found = echo.compare(head, rest, digests)
            if ref is not None:
                return Stored(ref=ref, size_bytes=ref.size_bytes, digests=found)
            stack.pop_all()  # the equal part is still to be read; closed with the vault at the latest
            return echo.parted(stack_of=candidates)

    def _unless_known(self, batch: IngestBatch, new: Stored, head: bytes, *, checked: bool) -> Taken:
        """What the comparison could not see beforehand is found by its digest, and the copy destroyed."""
        if new.size_bytes < PIECE_BYTES:
            self._unnamed[new.digests["sha384"]] = new.ref
        elif not checked or len(self._large.get(new.size_bytes, ())) >= _MOST_CANDIDATES:
            for ref in self._lookup(new.digests["sha384"], new.size_bytes):
                try:
                    self.session.vault.verify(ref, new.digests["sha384"], job=self.job)
                except _UNUSABLE:
                    continue
                batch.flush()
                self.session.vault.delete(new.ref)
                return Taken(
                    stored=Stored(ref=ref, size_bytes=new.size_bytes, digests=new.digests), already_kept=True
                )
        if new.size_bytes >= PIECE_BYTES:
            self._unnamed_heads.setdefault(new.size_bytes, set()).add(_short(head))
        self._remember(new.size_bytes, new.digests["sha384"], new.ref.text)
        return Taken(stored=new, already_kept=False)

    def _remember(self, size_bytes: int, sha384: str, ref: str) -> None:
        if size_bytes < PIECE_BYTES:
            self._small.add(sha384)
            return
        known = self._large.setdefault(size_bytes, [])
        if len(known) < _MOST_CANDIDATES and self._large_count < _MOST_LARGE and ref not in known:
            known.append(ref)
            self._large_count += 1


@dataclass(kw_only=True)
class _Echo:
    """One large file from the medium beside stored objects of its length, whose first piece is its own."""

    candidates: list[tuple[ObjectRef, SealedSource]]
    job: JobControl
    _done: int = 0
    _rest: Iterator[bytes] = field(init=False)

    def compare(
        self, head: bytes, rest: Iterator[bytes], digests: Sequence[str]
    ) -> tuple[ObjectRef | None, dict[str, str]]:
        """The object that is equal to the last byte, with the digests; None where they part."""
        self._rest = chain([head], rest)
        with HashesBeside({"sha384", *digests}) as hashes:
            for chunk in self._rest:
                hashes.update(chunk)  # first: it takes longer than to compare
                if not self._goes_on(chunk):
                    self._rest = chain([chunk], self._rest)
                    return None, {}
                self._done += len(chunk)
                self.job.tick(Progress(stage="intake.compare", done_bytes=self._done))
            ref, _source = self.candidates[0]
            if self._done != ref.size_bytes:
                return None, {}
            return ref, hashes.hexdigests()

    def _goes_on(self, chunk: bytes) -> bool:
        """Whether a candidate holds what came so far and this chunk; the first one then does."""
        for number, (_ref, source) in enumerate(self.candidates):
            try:
                equal = source.read_at(self._done, len(chunk)) == chunk
                equal = equal and (number == 0 or self._begins_alike(source))
            except _UNUSABLE:
                continue
            if equal:
                self.candidates.insert(0, self.candidates.pop(number))
                return True
        return False

    def _begins_alike(self, source: SealedSource) -> bool:
        first = self.candidates[0][1]
        return all(
            source.read_at(at, min(PIECE_BYTES, self._done - at))
            == first.read_at(at, min(PIECE_BYTES, self._done - at))
            for at in range(0, self._done, PIECE_BYTES)
        )

    def parted(self, *, stack_of: Sequence[tuple[ObjectRef, SealedSource]]) -> Iterator[bytes]:
        """The whole file: what was equal out of the vault, the rest from the medium."""
        first = self.candidates[0][1]
        try:
            for at in range(0, self._done, PIECE_BYTES):
                yield first.read_at(at, min(PIECE_BYTES, self._done - at))
            yield from self._rest
        finally:
            for _ref, source in stack_of:
                source.close()


def _head(chunks: Iterator[bytes]) -> tuple[bytes, Iterator[bytes]]:
    """The first MiB, or all of a smaller file, and what comes behind it."""
    parts, size_bytes = [], 0
    for chunk in chunks:
        parts.append(chunk)
        size_bytes += len(chunk)
        if size_bytes >= PIECE_BYTES:
            break
    whole = parts[0] if len(parts) == 1 else b"".join(parts)
    if size_bytes <= PIECE_BYTES:
        return whole, chunks
    return whole[:PIECE_BYTES], chain([whole[PIECE_BYTES:]], chunks)


def _digests(content: bytes, algorithms: Sequence[str]) -> dict[str, str]:
    names = {"sha384", *algorithms}
    return {name: hashlib.new(name, content, usedforsecurity=False).hexdigest() for name in names}


def _short(head: bytes) -> bytes:
    return hashlib.sha384(head).digest()[:16]
