"""One input to one reader: what may come of it, what it may cost, and how a find is kept."""

import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
FINDS = ROOT / "build" / "fuzz"
VECTORS = ROOT / "tests" / "vectors" / "fuzz"
MAX_INPUT_BYTES = 128 << 10
INPUT_CPU_S = 5  # processor time, so that a busy machine is no find
INPUT_MEMORY_BYTES = 256 << 20  # what one input of at most 128 KiB may add to the process
PROCESS_MEMORY_BYTES = 4 << 30  # address space; the instrumented libraries take most of it
_KIB = 1024


class TooSlow(BaseException):
    """One input took more processor time than any input may; no reader catches this by accident."""


class TooMuchMemory(Exception):
    """One small input made the process grow."""


class BrokenPromise(AssertionError):
    """A reader came back with something that it promises never to give."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """One reader and how it is fed."""

    name: str
    run: Callable[[bytes], None]  # returns for every input; whatever it raises is a find
    seeds: Callable[[], Sequence[bytes]]
    words: tuple[bytes, ...] = ()  # pieces that a blind mutation would not hit upon


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise TooSlow(f"more than {INPUT_CPU_S} s of processor time")


@contextmanager
def _bounded_time() -> Iterator[None]:
    earlier = signal.signal(signal.SIGVTALRM, _ring)
    signal.setitimer(signal.ITIMER_VIRTUAL, INPUT_CPU_S)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, earlier)


def peak_bytes() -> int:
    """The most memory this process ever had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KIB


def limit_process() -> None:
    """Let no input take the machine down with it."""
    resource.setrlimit(resource.RLIMIT_AS, (PROCESS_MEMORY_BYTES, PROCESS_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def attempt(target: Target, content: bytes) -> None:
    """Feed one input; raises whatever must not have happened."""
    before = peak_bytes()
    with _bounded_time():
        target.run(content)
    grown = peak_bytes() - before
    if grown > INPUT_MEMORY_BYTES:
        raise TooMuchMemory(f"{grown >> 20} MiB for {len(content)} bytes")


def signature_of(fault: BaseException) -> str:
    """A short name that two inputs with the same fault share: its type and the innermost own lines."""
    frames = [
        f"{Path(frame.filename).name}:{frame.lineno}"
        for frame in traceback.extract_tb(fault.__traceback__)
        if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename
    ]
    words = str(fault)[:60] if isinstance(fault, BrokenPromise) else ""
    where = "|".join(frames[-2:]) if not isinstance(fault, TooSlow | TooMuchMemory | RecursionError) else ""
    return f"{type(fault).__name__}-{sha256((where + words).encode()).hexdigest()[:10]}"


class Recorder:
    """Keeps the first input of each fault, smaller ones replacing larger ones."""

    def __init__(self, target: Target, folder: Path | None = None) -> None:
        self.target = target
        self.folder = (folder or FINDS) / target.name / "finds"

    def known(self) -> list[Path]:
        """The inputs kept so far."""
        return sorted(self.folder.glob("*.bin"))

    def keep(self, content: bytes, fault: BaseException) -> bool:
        """Write the input and a text beside it; whether this fault was new."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"{signature_of(fault)}.bin"
        is_new = not path.exists()
        if not is_new and path.stat().st_size <= len(content):
            return False
        path.write_bytes(content)
        trace = "".join(traceback.format_exception(fault, limit=-12))
        path.with_suffix(".txt").write_text(f"{reproduction(self.target, path)}\n\n{trace}", encoding="utf-8")
        return is_new

    def feed(self, content: bytes) -> bool:
        """Attempt one input and keep what goes wrong; whether all was well."""
        try:
            attempt(self.target, content)
        except KeyboardInterrupt:
            raise
        except BaseException as fault:  # noqa: BLE001 - every kind of fault is what is looked for
            if self.keep(content, fault):
                print(
                    f"fuzz: {self.target.name}: {type(fault).__name__}: {str(fault)[:200]}", file=sys.stderr
                )
            return False
        return True

    def feed_quietly(self, content: bytes) -> None:
        """``feed`` for a search engine that takes no answer."""
        self.feed(content)


def reproduction(target: Target, path: Path) -> str:
    """The line that runs this input again."""
    shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
    return f"python3 dev.py fuzz --reader {target.name} --replay {shown}"
