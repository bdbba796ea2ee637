"""Which bytes are signatures, or stand for a file by its digest, and which examiner reads them."""

import re

from workstation.examine.formats import Format, Match, Sample

_HERE = "workstation.examine.signatures"
_BUNDLE_KEYS = frozenset({"dsseEnvelope", "verificationMaterial", "messageSignature"})
_ENVELOPE_KEYS = frozenset({"payload", "payloadType", "signatures"})
_CUT_BUNDLE = re.compile(r'\s*\{\s*"mediaType"\s*:\s*"application/vnd\.dev\.sigstore\.bundle')

# The whole file (the Git LFS specification): something may only be called a pointer if it is nothing else.
POINTER = re.compile(
    rb"version https://(?:git-lfs[.]github[.]com|hawser[.]github[.]com)/spec/v1\n(?:ext-[^\n]{1,200}\n)*"
    rb"oid sha256:([0-9a-f]{64})\nsize ([0-9]{1,18})\n?"
)
_MOST_POINTER_BYTES = 1_024


def _pointer(sample: Sample) -> Match:
    is_small = sample.size_bytes < _MOST_POINTER_BYTES
    return Match.EXACT if is_small and POINTER.fullmatch(sample.head) else Match.NO


def _bundle(sample: Sample) -> Match:
    # A file of this name is what verifiers look for; it is judged as a signature whatever it holds.
    if sample.name == "model.sig":
        return Match.EXACT
    keys = sample.json_keys
    if len(keys & _BUNDLE_KEYS) > 1 or keys >= _ENVELOPE_KEYS:
        return Match.EXACT
    return Match.EXACT if _CUT_BUNDLE.match(sample.text) else Match.NO


FORMATS: tuple[Format, ...] = (
    Format(kind="model-signature", module=f"{_HERE}.model", detect=_bundle, suffixes=(".sig", ".sigstore")),
    Format(kind="file-pointer", module=f"{_HERE}.pointer", detect=_pointer),
)
