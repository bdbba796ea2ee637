"""Which bytes are model weights, or the templates and settings that travel with them."""

import re

from workstation.examine.formats import Detector, Format, Match, Sample, by_magic

_PACKAGE = "workstation.examine.weights"
_PICKLE_SUFFIXES = (".pkl", ".pickle", ".joblib", ".dill", ".p", ".pt", ".pth", ".ckpt", ".mar", ".skops")
_LOOSE_SUFFIXES = (".bin", ".dat", ".data", ".model", ".npy", ".cpkl")
_ZIP = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
_BINARY_PICKLE = re.compile(rb"\x80[\x00-\x05][\x80-\x98(\]}\)cCXUVSIJKMNBLFGhgjPQR\x8a\x8c.]")
_TEXT_PICKLE = re.compile(
    rb"(?:[(\]}\)0-2lpd]|[SVIFLgp][^\n]{0,4000}\n){0,40}(?:[ci][A-Za-z_][\w.]*\n[A-Za-z_][\w.]*\n|[VSIFL][^\n]{1,4000}\np\d+\n)"
)
_COMPRESSED = (
    b"\x78\x01",
    b"\x78\x5e",
    b"\x78\x9c",
    b"\x78\xda",
    b"BZh",
    b"\xfd7zXZ",
    b"\x1f\x8b",
    b"\x5d\0\0",
)
_SAFETENSORS_SUFFIXES = (".safetensors", ".sft")


def _pickle(sample: Sample) -> Match:
    if _BINARY_PICKLE.match(sample.head):
        return Match.CONTENT
    if sample.suffix in _PICKLE_SUFFIXES:
        return _promised(sample)
    if _TEXT_PICKLE.match(sample.head[:8192]) and b"\0" not in sample.head[:4]:
        return Match.LIKELY
    if sample.suffix in _LOOSE_SUFFIXES:
        return Match.NAME
    return Match.NO


def _promised(sample: Sample) -> Match:
    """A file named as weights is examined as such unless it is an archive or another kind of weights."""
    if sample.head.startswith((*_ZIP, b"GGUF", b"\x89HDF")) or sample.head[257:262] == b"ustar":
        return Match.NAME
    if sample.suffix != ".joblib" and sample.head.startswith(_COMPRESSED):
        return Match.NAME
    return Match.EXACT


def _safetensors(sample: Sample) -> Match:
    head = sample.head
    length = int.from_bytes(head[:8], "little")
    fits = len(head) >= 8 and 2 <= length <= max(sample.size_bytes, 100_000_000)  # noqa: PLR2004 - an empty object
    if sample.suffix in _SAFETENSORS_SUFFIXES:
        return Match.EXACT
    if (
        fits
        and head[8:9] == b"{"
        and re.match(rb'\{\s*(?:"|\})', head[8:])
        and length <= sample.size_bytes - 8
    ):
        return Match.CONTENT
    return Match.NO


def _by_magic_or_suffix(magic: bytes, *suffixes: str, offset: int = 0) -> Detector:
    def detect(sample: Sample) -> Match:
        if sample.head[offset : offset + len(magic)] == magic:
            return Match.CONTENT
        return Match.NAME if sample.suffix in suffixes else Match.NO

    return detect


def _onnx(sample: Sample) -> Match:
    if sample.suffix in {".onnx", ".ort"}:
        return Match.NAME if sample.head[4:8] == b"ORTM" else Match.EXACT
    if re.match(rb"\x08[\x03-\x14]\x12[\x01-\x40][\x20-\x7e]+\x1a", sample.head):
        return Match.LIKELY
    return Match.NO


def _template(sample: Sample) -> Match:
    if sample.suffix in {".jinja", ".jinja2", ".j2", ".template", ".tmpl"} and sample.text:
        return Match.LIKELY
    return Match.NO


FORMATS: tuple[Format, ...] = (
    Format(
        kind="safetensors",
        module=f"{_PACKAGE}.safetensors",
        detect=_safetensors,
        suffixes=_SAFETENSORS_SUFFIXES,
    ),
    Format(
        kind="gguf",
        module=f"{_PACKAGE}.gguf",
        detect=_by_magic_or_suffix(b"GGUF", ".gguf"),
        suffixes=(".gguf",),
    ),
    Format(kind="npy", module=f"{_PACKAGE}.numpy_files", detect=by_magic(b"\x93NUMPY"), suffixes=(".npy",)),
    Format(kind="pickle", module=f"{_PACKAGE}.pickles", detect=_pickle, suffixes=_PICKLE_SUFFIXES),
    Format(
        kind="chat-template", module=f"{_PACKAGE}.templates", detect=_template, suffixes=(".jinja", ".j2")
    ),
)
