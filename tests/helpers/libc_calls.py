"""Stand between loaded libraries and the C library: what they call there comes to a Python function first.

Neither a compiler nor a tracer is needed: the addresses which the dynamic linker wrote into a library are
written over. So the interpreter's own calls and those of SQLCipher, which no patch of ``os`` would see, are
met at one place. Done in a child process only; there is no way back.
"""

import ctypes
import functools
import mmap
import struct
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

# By its own name: asked of a program that lies at a fixed place, the linker gives that program's own entry.
_LIBC = ctypes.CDLL("libc.so.6", use_errno=True)
_DYNAMIC, _LOAD = 2, 1  # kinds of program header
_STRTAB, _SYMTAB, _RELA, _RELASZ, _PLTRELSZ, _JMPREL = 5, 6, 7, 8, 2, 23
# Relocations that hold the address of a function and nothing else: x86-64, then AArch64.
_POINTERS = {62: {1, 6, 7}, 183: {257, 1025, 1026}}
_WORD = ctypes.c_int64

Handler = Callable[..., int]


class CannotHook(RuntimeError):
    """The libraries of this system are of a kind that is not understood here."""


@dataclass(frozen=True)
class _Library:
    """One loaded library: where it lies and what its file says."""

    path: Path
    start: int

    def slots(self, names: Mapping[str, str]) -> Iterator[tuple[int, str]]:
        """Address of each pointer to a function of these names, and which."""
        content = self.path.read_bytes()
        machine = struct.unpack_from("<H", content, 18)[0]
        if content[:6] != b"\x7fELF\x02\x01" or machine not in _POINTERS:
            raise CannotHook(str(self.path))
        offset, size, count = *struct.unpack_from("<Q", content, 32), *struct.unpack_from("<HH", content, 54)
        headers = [struct.unpack_from("<IIQQQQ", content, offset + size * n) for n in range(count)]
        bias = self.start - min(header[3] for header in headers if header[0] == _LOAD) // 4096 * 4096
        tables: dict[int, int] = {}
        for header in headers:
            if header[0] == _DYNAMIC:
                tables = dict(
                    struct.iter_unpack("<QQ", content[header[2] : header[2] + header[5] // 16 * 16])
                )
        for table, length in ((_RELA, _RELASZ), (_JMPREL, _PLTRELSZ)):
            raw = ctypes.string_at(bias + tables[table], tables[length]) if table in tables else b""
            for place, info, _addend in struct.iter_unpack("<QQq", raw):
                symbol = bias + tables[_SYMTAB] + (info >> 32) * 24
                if info & 0xFFFFFFFF in _POINTERS[machine] and info >> 32:
                    text = bias + tables[_STRTAB] + ctypes.c_uint32.from_address(symbol).value
                    name = ctypes.string_at(text).decode()
                    if name in names:
                        yield bias + place, names[name]


def _loaded(parts: tuple[str, ...]) -> Iterator[_Library]:
    """Libraries whose file name holds one of these words."""
    seen = set()
    for line in Path("/proc/self/maps").read_text().splitlines():
        words = line.split(maxsplit=5)
        if len(words) == 6 and words[5] not in seen and any(part in Path(words[5]).name for part in parts):
            seen.add(words[5])
            path = Path(words[5])
            if path.is_file() and _begins(path) == b"\x7fELF":
                yield _Library(path, int(words[0].split("-")[0], 16))


def _begins(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4)


def real(name: str, arguments: int) -> Handler:
    """The C library's own function, with integers for everything."""
    function = _LIBC[name]
    function.argtypes, function.restype = [_WORD] * arguments, _WORD if "write" in name else ctypes.c_int
    return function


@functools.cache
def places(names: frozenset[str], libraries: tuple[str, ...]) -> tuple[tuple[int, str], ...]:
    """Each place in memory where these libraries keep the address of a function of these names.

    A forked child has its libraries at the same places, so they are looked for once. What is loaded later is
    not met: load it before.
    """
    wanted = dict(zip(names, names, strict=True))
    return tuple(slot for library in list(_loaded(libraries)) for slot in library.slots(wanted))


def hook(handlers: Mapping[str, tuple[int, Handler]], libraries: tuple[str, ...]) -> int:
    """From now on calls of these functions by these libraries go to the handlers; returns how many slots.

    ``handlers`` gives for each name how many arguments it has and who takes them, as integers. A handler
    says what went wrong with ``ctypes.set_errno`` and the usual -1.
    """
    targets = {}
    for name, (arguments, handler) in handlers.items():
        result = _WORD if "write" in name else ctypes.c_int
        callback = ctypes.CFUNCTYPE(result, *[_WORD] * arguments, use_errno=True)(handler)
        _KEPT.append(callback)
        targets[name] = ctypes.cast(callback, ctypes.c_void_p).value or 0
    slots = places(frozenset(handlers), libraries)
    for slot, name in slots:
        page = slot // mmap.PAGESIZE * mmap.PAGESIZE
        if _LIBC.mprotect(ctypes.c_void_p(page), 2 * mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_WRITE):
            _LIBC.mprotect(ctypes.c_void_p(page), mmap.PAGESIZE, mmap.PROT_READ | mmap.PROT_WRITE)
        ctypes.c_void_p.from_address(slot).value = targets[name]
    return len(slots)


_KEPT: list[object] = []  # a callback must outlive everybody who may call it
