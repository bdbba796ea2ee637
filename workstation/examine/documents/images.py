"""Raster images: decoded once inside the sandbox to know that they are whole, under a pixel ceiling."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workstation.examine.documents import plain
from workstation.examine.reader import Notes, Source, SourceFile, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MAX_PIXELS = 64_000_000  # decoded at up to 4 bytes each, half the worker's memory
MAX_FRAMES = 1_000
_PNG_END = b"IEND\xaeB`\x82"


@contextmanager
def decoding(step: str) -> Iterator[None]:
    """One step of the image library; want of memory stays what it is.

    Raises:
        Unreadable: IMAGE_INVALID, whatever the library raised.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except (MemoryError, Unreadable):
        raise
    except Exception as error:
        raise Unreadable("IMAGE_INVALID", f"{step}: {type(error).__name__}") from error


def opened(source: Source) -> "Image":
    """The image, its header read.

    Raises:
        Unreadable: IMAGE_INVALID.
    """
    from PIL import Image  # noqa: PLC0415 - only inside the sandbox

    Image.MAX_IMAGE_PIXELS = None  # our own ceiling is checked before anything is decoded
    with decoding("no image of a known format"):
        return Image.open(SourceFile(source), formats=FORMATS)  # type: ignore[arg-type]  # a file object in all it uses


def frame_count(image: "Image") -> int:
    """How many frames the file has; raises ``Unreadable`` when they cannot be counted."""
    with decoding("frames cannot be counted"):
        return int(getattr(image, "n_frames", 1))


def examine(source: Source, notes: Notes) -> None:
    """Read header, dimensions and metadata, decode the first frame, look behind the end."""
    image = opened(source)
    notes.kind = str(image.format).lower()
    width, height = image.size
    notes.facts |= {"width_px": width, "height_px": height, "mode": image.mode}
    frames = frame_count(image)
    if frames > 1:
        notes.facts["frames"] = frames
    metadata = sorted(str(key)[:40] for key in image.info if isinstance(key, str))[:40]
    if metadata:
        notes.facts["metadata"] = [plain.visible(key) for key in metadata]
    if width * height > MAX_PIXELS or frames > MAX_FRAMES:
        notes.incomplete("IMAGE_TOO_LARGE", f"{width} x {height} pixels, {frames} frames")
        return
    with decoding("pixels cannot be decoded"):
        image.load()
    _behind_the_end(source, notes)


def _behind_the_end(source: Source, notes: Notes) -> None:
    """Bytes after a picture's end are where archives and scripts hide."""
    tail_start = max(0, source.size_bytes - (1 << 20))
    tail = source.read_at(tail_start, 1 << 20)
    mark, keep = {"png": (_PNG_END, len(_PNG_END)), "jpeg": (b"\xff\xd9", 2)}.get(notes.kind, (b"", 0))
    if not mark:
        return
    at = tail.rfind(mark)
    if at < 0:
        notes.caution("IMAGE_TRAILING", "no end mark in the last mebibyte")
        return
    rest = tail[at + keep :]
    first = tail.find(b"PK\x05\x06") >= 0 or len(rest.strip(b"\0 \r\n")) > 0
    if first:
        notes.caution("IMAGE_TRAILING", f"{len(rest)} bytes after the end of the picture")
