"""What a signed document carries inside it, to be compared with the files that lie beside it."""

import hashlib
import io
from collections.abc import Mapping

import pikepdf

MAX_ATTACHED_BYTES = 64 << 20


def differing(pdf: bytes, beside: Mapping[str, str]) -> list[str]:
    """Names of attachments that lie beside the document too (name to SHA-384) with another content.

    Call it for documents whose signatures stand only. An attachment that cannot be read counts as differing.
    """
    with pikepdf.open(io.BytesIO(pdf)) as document:
        attached = {name: spec for name, spec in document.attachments.items() if name in beside}
        return [name for name, spec in attached.items() if _sha384(spec) != beside[name]]


def _sha384(spec: pikepdf.AttachedFileSpec) -> str:
    try:
        stream = spec.get_file()
        content = stream.read_bytes() if stream.size <= MAX_ATTACHED_BYTES else b""
    except (pikepdf.PdfError, KeyError, ValueError):
        return ""
    return hashlib.sha384(content).hexdigest() if len(content) == stream.size else ""
