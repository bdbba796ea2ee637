"""Which bytes are signatures, and which examiner reads them."""

import re

from workstation.examine.formats import Format, Match, Sample

_HERE = "workstation.examine.signatures"
_BUNDLE_KEYS = frozenset({"dsseEnvelope", "verificationMaterial", "messageSignature"})
_ENVELOPE_KEYS = frozenset({"payload", "payloadType", "signatures"})
_CUT_BUNDLE = re.compile(r'\s*\{\s*"mediaType"\s*:\s*"application/vnd\.dev\.sigstore\.bundle')


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
)
