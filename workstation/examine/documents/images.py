"""Raster images: decoded once inside the sandbox to know that they are whole, under a pixel ceiling."""

import warnings
from typing import TYPE_CHECKING

from workstation.examine.documents import plain
from workstation.examine.reader import Notes, Source, SourceFile, Unreadable

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF")
MAX_PIXELS = 64_000_000  # decoded at up to 4 bytes each, half the worker's memory
MAX_FRAMES = 1_000
_PNG_END = b"IEND\xaeB`\x82"


def opened(source: Source) -> "Image":
    """The image, its header read.

    Raises:
        Unreadable: IMAGE_INVALID.
    """
    from PIL import Image, UnidentifiedImageError  # noqa: PLC0415 - only inside the sandbox

    Image.MAX_IMAGE_PIXELS = None  # our own ceiling is checked before anything is decoded
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(SourceFile(source), formats=FORMATS)  # type: ignore[arg-type]  # a file object in all it uses
    except UnidentifiedImageError as error:
        raise Unreadable("IMAGE_INVALID", "no image of a known format") from error
    except (OSError, ValueError, SyntaxError, EOFError, OverflowError) as error:
        raise Unreadable("IMAGE_INVALID", type(error).__name__) from error


def examine(source: Source, notes: Notes) -> None:
    """Read header, dimensions and metadata, decode the first frame, look behind the end."""
    image = opened(source)
    notes.kind = str(image.format).lower()
    width, height = image.size
    notes.facts |= {"width_px": width, "height_px": height, "mode": image.mode}
    frames = int(getattr(image, "n_frames", 1))
    if frames > 1:
        notes.facts["frames"] = frames
    metadata = sorted(str(key)[:40] for key in image.info if isinstance(key, str))[:40]
    if metadata:
        notes.facts["metadata"] = [plain.visible(key) for key in metadata]
    if width * height > MAX_PIXELS or frames > MAX_FRAMES:
        notes.incomplete("IMAGE_TOO_LARGE", f"{width} x {height} pixels, {frames} frames")
        return
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            image.load()
    except (OSError, ValueError, SyntaxError, EOFError, IndexError, OverflowError, TypeError) as error:
        raise Unreadable("IMAGE_INVALID", f"pixels cannot be decoded: {type(error).__name__}") from error
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
