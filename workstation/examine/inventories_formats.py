"""Which bytes are inventories, and which examiner reads them."""

import re

from workstation.examine.formats import Format, Match, Sample

_HERE = "workstation.examine.inventories"
_CYCLONEDX = "http://cyclonedx.org/schema/bom/"
# Blanks of the same line only: with "\s" a file of empty lines takes time by the square of its length.
_SPDX_TAGS = re.compile(r"^[^\S\n]*SPDXVersion:\s*SPDX-", re.MULTILINE)
_SPDX_YAML = re.compile(r"^[\"']?spdxVersion[\"']?:\s*[\"']?SPDX-", re.MULTILINE)
_NAMED = re.compile(r"[.]cdx[.](?:json|xml)$|(?<!s)bom[.](?:json|xml)$")
_OF_SPDX = frozenset({"spdxVersion", "SPDXID", "@context", "@graph"})
_SPDX_3 = re.compile(r'"@context"\s*:\s*(?:\[\s*)?"https?://spdx\.org/rdf/v?3')


def _cyclonedx_json(sample: Sample) -> Match:
    keys = sample.json_keys
    if "bomFormat" in keys:
        return Match.EXACT
    if "specVersion" in keys and (
        "cyclonedx" in sample.text[:4096].lower() or keys & {"components", "serialNumber"}
    ):
        return Match.EXACT
    # Any inventory may be called sbom.json: the name decides only where the content is none of the others.
    named = _NAMED.search(sample.name.lower()) is not None and not keys & _OF_SPDX
    return Match.EXACT if named and sample.text.lstrip("\ufeff \t\r\n").startswith("{") else Match.NO


def _cyclonedx_xml(sample: Sample) -> Match:
    namespace, _brace, local = sample.xml_root.rpartition("}")
    if namespace.startswith("{" + _CYCLONEDX[:-1]) and local == "bom":
        return Match.EXACT
    if local == "bom" and ("cyclonedx" in sample.text or "<components" in sample.text):
        return Match.EXACT
    named = _NAMED.search(sample.name.lower()) is not None and _unread(sample) is Match.NO
    return Match.EXACT if named and sample.text.lstrip("\ufeff \t\r\n").startswith("<") else Match.NO


def _spdx_json(sample: Sample) -> Match:
    keys = sample.json_keys
    if "spdxVersion" in keys or {"SPDXID", "creationInfo"} <= keys:
        return Match.EXACT
    named = sample.name.lower().endswith(".spdx.json") and not _SPDX_3.search(sample.text)
    return Match.EXACT if named and sample.text.lstrip("\ufeff \t\r\n").startswith("{") else Match.NO


def _spdx_tags(sample: Sample) -> Match:
    if sample.text.lstrip("\ufeff \t\r\n")[:1] in {"{", "<"}:
        return Match.NO
    if _SPDX_TAGS.search(sample.text[:65_536]):
        return Match.EXACT
    return Match.LIKELY if sample.suffix == ".spdx" and sample.text else Match.NO


def _spdx3(sample: Sample) -> Match:
    if "@context" in sample.json_keys and _SPDX_3.search(sample.text):
        return Match.EXACT
    named = sample.name.lower().endswith((".spdx3.json", ".spdx.jsonld"))
    return Match.EXACT if named and sample.text.lstrip("\ufeff \t\r\n").startswith("{") else Match.NO


def _unread(sample: Sample) -> Match:
    name = sample.name.lower()
    if (
        name.endswith((".spdx.rdf", ".spdx.rdf.xml", ".rdf.xml"))
        or "spdx.org/rdf/terms" in sample.text[:4096]
    ):
        return Match.EXACT if sample.xml_root else Match.NO
    local = sample.xml_root.rpartition("}")[2]
    if name.endswith(("sbom.json", "sbom.xml")) and (local or sample.json_keys):
        return Match.LIKELY
    if local == "SoftwareIdentity" or (local == "Document" and "<spdxVersion>" in sample.text):
        return Match.EXACT
    is_yaml = name.endswith((".spdx.yaml", ".spdx.yml")) or _SPDX_YAML.search(sample.text[:65_536])
    return Match.EXACT if is_yaml and sample.text.lstrip()[:1] not in {"{", "<"} else Match.NO


FORMATS: tuple[Format, ...] = (
    Format(kind="cyclonedx", module=f"{_HERE}.cyclonedx", detect=_cyclonedx_json),
    Format(kind="cyclonedx-xml", module=f"{_HERE}.cyclonedx_xml", detect=_cyclonedx_xml),
    Format(kind="spdx", module=f"{_HERE}.spdx", detect=_spdx_json),
    Format(kind="spdx-tags", module=f"{_HERE}.spdx", detect=_spdx_tags, suffixes=(".spdx",)),
    Format(kind="spdx-3", module=f"{_HERE}.spdx3", detect=_spdx3),
    Format(kind="other-inventory", module=f"{_HERE}.unread", detect=_unread),
)
