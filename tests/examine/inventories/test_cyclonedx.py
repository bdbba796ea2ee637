"""CycloneDX bills of material: read by their schemas, refused where broken."""

import json

import pytest

from tests.examine.inventories.bom_samples import (
    CYCLONEDX,
    XML,
    changed,
    codes,
    examined,
)
from workstation.core.examination import Outcome


def test_a_cyclonedx_file_gives_its_facts() -> None:
    """Components are counted through their assemblies; models, licences and gaps are told."""
    outcome, notes = examined(CYCLONEDX)
    assert outcome is Outcome.ACCEPT, notes.findings
    assert (notes.kind, notes.facts["spec_version"], notes.facts["components"]) == ("cyclonedx", "1.6", 3)
    assert notes.facts["models"] == [
        {"name": "tiny", "version": "1", "supplier": "ACME", "licences": ["Apache-2.0"], "model_card": True}
    ]
    assert notes.facts["datasets"] == ["corpus"]
    assert notes.facts["licences"] == {"Apache-2.0": 1}
    assert notes.facts["missing"] == {
        "version": 2,
        "supplier": 2,
        "terms of use": 2,
        "hash": 2,
        "identifier": 2,
    }
    assert (notes.facts["subject"], notes.facts["created"]) == ("suite 2", "2026-01-02T03:04:05Z")


@pytest.mark.parametrize("version", ["1.4", "1.5", "1.6", "1.7"])
def test_each_version_has_its_own_schema(version: str) -> None:
    """A minimal file is valid in every version, and what a version does not know is refused in it."""
    small = {"bomFormat": "CycloneDX", "specVersion": version, "version": 1, "components": []}
    assert examined(small)[0] is Outcome.ACCEPT
    outcome, notes = examined({**small, "distributed": True})
    assert outcome is Outcome.REJECT
    assert codes(notes) >= {"SBOM_INVALID"}
    early = {**small, "declarations": {}}
    assert examined(early)[0] is (Outcome.ACCEPT if version in {"1.6", "1.7"} else Outcome.REJECT)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("bomFormat", "Other"),
        ("specVersion", "foo"),
        ("serialNumber", "urn:uuid:1"),
        ("version", 0),
        ("metadata/timestamp", "2026-01-02"),
        ("metadata/timestamp", "2026-02-30T00:00:00Z"),
        ("components/0/type", "model"),
        ("components/0/name", ...),
        ("components/0/bom-ref", ""),
        ("components/0/hashes/0/content", "zz"),
        ("components/0/licenses/0/license/id", "Apache-9"),
        ("components/0/externalReferences", [{"type": "website", "url": "http://a b"}]),
        ("dependencies", [{"ref": "root"}, {"ref": "root"}]),
    ],
)
def test_broken_cyclonedx_is_refused(path: str, value: object) -> None:
    """Every broken rule of the schema rejects the file and names the place."""
    outcome, notes = examined(changed(CYCLONEDX, path, value))
    assert outcome is Outcome.REJECT
    assert "SBOM_INVALID" in codes(notes)


def test_an_identifier_given_twice_needs_a_person() -> None:
    """Two components of one reference are a warning; references that lead nowhere are told."""
    outcome, notes = examined(changed(CYCLONEDX, "components/1/bom-ref", "model"))
    assert outcome is Outcome.WARN
    assert "SBOM_REPEATED_REF" in codes(notes)
    outcome, notes = examined(changed(CYCLONEDX, "dependencies/0/dependsOn", ["nobody"]))
    assert outcome is Outcome.ACCEPT
    assert "SBOM_DANGLING_REF" in codes(notes)


def test_a_later_version_is_inconclusive() -> None:
    """A version without a schema here is not called valid."""
    outcome, notes = examined(changed(CYCLONEDX, "specVersion", "2.4"))
    assert (outcome, notes.complete) == (Outcome.WARN, False)
    assert "SBOM_VERSION" in codes(notes)


@pytest.mark.parametrize(
    "raw",
    [
        b'{"bomFormat": "CycloneDX"',
        b'{"bomFormat": "CycloneDX", "version": NaN}',
        b'{"bomFormat": ' + b"[" * 9_999,
    ],
)
def test_what_is_no_json_is_refused(raw: bytes) -> None:
    """A file that is cut, uses words that are no JSON, or nests without end rejects."""
    outcome, notes = examined(raw)
    assert outcome is Outcome.REJECT
    assert "SBOM_INVALID" in codes(notes)


def test_a_name_written_twice_needs_a_person() -> None:
    """A file that says a thing twice is a warning although each saying would be valid."""
    raw = json.dumps(CYCLONEDX).replace('"version": 1,', '"version": 1, "version": 1,', 1)
    outcome, notes = examined(raw)
    assert outcome is Outcome.WARN
    assert "SBOM_AMBIGUOUS" in codes(notes)


def test_xml_is_held_against_its_schema() -> None:
    """The XML form gives the same kind of facts; a broken rule rejects."""
    outcome, notes = examined(XML, "bom.xml")
    assert outcome is Outcome.ACCEPT, notes.findings
    assert (notes.kind, notes.facts["spec_version"], notes.facts["components"]) == ("cyclonedx-xml", "1.6", 2)
    assert notes.facts["models"] == [
        {"name": "tiny", "version": "1", "supplier": "ACME", "licences": ["Apache-2.0"], "model_card": False}
    ]
    for wrong in (
        XML.replace("machine-learning-model", "model"),
        XML.replace("<id>Apache-2.0</id>", "<id>Apache-9</id>"),
        XML.replace("2026-01-02T", "2026-01-02 T"),
        XML.replace('bom-ref="lib"', 'bom-ref="model"'),
        XML.replace("</bom>", ""),
    ):
        outcome, notes = examined(wrong, "bom.xml")
        assert outcome is Outcome.REJECT
        assert "SBOM_INVALID" in codes(notes)


def test_entities_are_refused_before_anything_is_built() -> None:
    """A document type, and with it every entity, rejects the file."""
    bomb = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    for kind in (f'<!DOCTYPE bom [<!ENTITY e0 "x">{bomb}]>', '<!DOCTYPE bom SYSTEM "file:///etc/passwd">'):
        text = XML.replace("<bom ", kind + "<bom ", 1).replace("tiny", "&e11;", 1)
        outcome, notes = examined(text, "bom.xml")
        assert outcome is Outcome.REJECT
        assert "SBOM_INVALID" in codes(notes)
