"""Bills of material: facts of valid ones, names for what is broken, no cost for what is hostile."""

import copy
import json
import re
import socket
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workstation.core.examination import Outcome, outcome_of
from workstation.examine import dispatch
from workstation.examine.inventories import formats_of_text
from workstation.examine.reader import BytesSource, Notes

CYCLONEDX: dict[str, Any] = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.6",
    "serialNumber": "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "version": 1,
    "metadata": {
        "timestamp": "2026-01-02T03:04:05Z",
        "component": {"type": "application", "name": "suite", "version": "2", "bom-ref": "root"},
    },
    "components": [
        {
            "type": "machine-learning-model",
            "bom-ref": "model",
            "name": "tiny",
            "version": "1",
            "supplier": {"name": "ACME"},
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "hashes": [{"alg": "SHA-256", "content": "a" * 64}],
            "purl": "pkg:generic/tiny@1",
            "modelCard": {"modelParameters": {"task": "text"}},
            "components": [{"type": "library", "name": "inner", "bom-ref": "inner"}],
        },
        {"type": "data", "name": "corpus", "bom-ref": "data"},
    ],
    "dependencies": [{"ref": "root", "dependsOn": ["model", "data"]}],
}
XML = """<?xml version="1.0"?>
<bom xmlns="http://cyclonedx.org/schema/bom/1.6" version="1"
     serialNumber="urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79">
  <metadata><timestamp>2026-01-02T03:04:05Z</timestamp>
    <component type="application" bom-ref="root"><name>suite</name><version>2</version></component></metadata>
  <components>
    <component type="machine-learning-model" bom-ref="model"><supplier><name>ACME</name></supplier>
      <name>tiny</name><version>1</version><licenses><license><id>Apache-2.0</id></license></licenses></component>
    <component type="library" bom-ref="lib"><name>other</name></component>
  </components>
</bom>"""
SPDX: dict[str, Any] = {
    "spdxVersion": "SPDX-2.3",
    "dataLicense": "CC0-1.0",
    "SPDXID": "SPDXRef-DOCUMENT",
    "name": "doc",
    "documentNamespace": "https://example.test/doc-1",
    "creationInfo": {"created": "2026-01-02T03:04:05Z", "creators": ["Tool: maker-1"]},
    "packages": [
        {
            "SPDXID": "SPDXRef-Package",
            "name": "tiny",
            "versionInfo": "1",
            "downloadLocation": "NOASSERTION",
            "licenseConcluded": "MIT",
            "checksums": [{"algorithm": "SHA256", "checksumValue": "b" * 64}],
        }
    ],
    "files": [
        {
            "SPDXID": "SPDXRef-File",
            "fileName": "./a",
            "checksums": [{"algorithm": "SHA1", "checksumValue": "c" * 40}],
        }
    ],
    "relationships": [
        {
            "spdxElementId": "SPDXRef-DOCUMENT",
            "relationshipType": "DESCRIBES",
            "relatedSpdxElement": "SPDXRef-Package",
        }
    ],
}
TAGS = """SPDXVersion: SPDX-2.3
DataLicense: CC0-1.0
SPDXID: SPDXRef-DOCUMENT
DocumentName: doc
DocumentNamespace: https://example.test/doc-1
Creator: Tool: maker-1
Created: 2026-01-02T03:04:05Z
# a package
PackageName: tiny
SPDXID: SPDXRef-Package
PackageVersion: 1
PackageDownloadLocation: NOASSERTION
PackageComment: <text>two
lines: of text</text>
PackageLicenseConcluded: MIT
PackageChecksum: SHA256: {sha256}
FileName: ./a
SPDXID: SPDXRef-File
FileChecksum: SHA1: {sha1}
Relationship: SPDXRef-DOCUMENT DESCRIBES SPDXRef-Package
""".format(sha256="b" * 64, sha1="c" * 40)
INFO = {
    "type": "CreationInfo",
    "@id": "_:info",
    "specVersion": "3.0.1",
    "created": "2026-01-02T03:04:05Z",
    "createdBy": ["https://example.test/me"],
}
SPDX3: dict[str, Any] = {
    "@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld",
    "@graph": [
        INFO,
        {
            "type": "ai_AIPackage",
            "spdxId": "https://example.test/model",
            "creationInfo": "_:info",
            "name": "tiny",
            "software_packageVersion": "1",
            "suppliedBy": "https://example.test/me",
            "verifiedUsing": [{"type": "Hash", "algorithm": "sha256", "hashValue": "d" * 64}],
        },
        {
            "type": "simplelicensing_LicenseExpression",
            "spdxId": "https://example.test/mit",
            "creationInfo": "_:info",
            "simplelicensing_licenseExpression": "MIT",
        },
        {
            "type": "Relationship",
            "spdxId": "https://example.test/r1",
            "creationInfo": "_:info",
            "from": "https://example.test/model",
            "to": ["https://example.test/mit"],
            "relationshipType": "hasDeclaredLicense",
        },
    ],
}


def examined(content: object, name: str = "bom.json") -> tuple[Outcome, Notes]:
    """As the dispatcher does it, recognition included."""
    raw = content if isinstance(content, bytes) else str.encode(content) if isinstance(content, str) else None
    notes = Notes()
    dispatch.examine(BytesSource(json.dumps(content).encode() if raw is None else raw, name), notes)
    return outcome_of(notes.findings), notes


def codes(notes: Notes) -> set[str]:
    """The codes of all findings."""
    return {finding.code for finding in notes.findings}


def changed(content: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    """A copy with one place changed, or removed when the value is ``...``."""
    copied = copy.deepcopy(content)
    *steps, last = [int(step) if step.isdigit() else step for step in path.split("/")]
    place: Any = copied
    for step in steps:
        place = place[step]
    if value is ...:
        del place[last]
    else:
        place[last] = value
    return copied


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


@pytest.mark.parametrize("content", [SPDX, TAGS])
def test_spdx_2_gives_its_facts(content: object) -> None:
    """JSON and tags give the same facts."""
    outcome, notes = examined(content, "doc.spdx.json" if isinstance(content, dict) else "doc.spdx")
    assert outcome is Outcome.ACCEPT, notes.findings
    assert (notes.facts["format"], notes.facts["spec_version"]) == ("SPDX", "2.3")
    assert (notes.facts["components"], notes.facts["files"], notes.facts["licences"]) == (1, 1, {"MIT": 1})
    assert notes.facts["missing"] == {"supplier": 1, "identifier": 1}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("spdxVersion", "SPDX-9"),
        ("dataLicense", "MIT"),
        ("SPDXID", ...),
        ("name", ""),
        ("documentNamespace", "no address"),
        ("creationInfo/created", "yesterday"),
        ("creationInfo/creators", []),
        ("creationInfo/creators", ["me"]),
        ("packages/0/SPDXID", "Package"),
        ("packages/0/downloadLocation", ...),
        ("packages/0/checksums/0/checksumValue", "12"),
        ("packages", {}),
        ("files/0/checksums", []),
        ("relationships/0/relationshipType", "LIKES"),
        ("relationships/0/relatedSpdxElement", ...),
    ],
)
def test_broken_spdx_2_is_refused(path: str, value: object) -> None:
    """Every missing or wrong mandatory field rejects the file."""
    outcome, notes = examined(changed(SPDX, path, value))
    assert outcome is Outcome.REJECT
    assert "SBOM_INVALID" in codes(notes)


def test_broken_tags_are_refused() -> None:
    """A line that is no tag, a text without an end and a missing tag reject."""
    for wrong in (TAGS + "\nnonsense\n", TAGS.replace("</text>", ""), re.sub("Created:.*\n", "", TAGS)):
        outcome, notes = examined(wrong, "doc.spdx")
        assert outcome is Outcome.REJECT
        assert "SBOM_INVALID" in codes(notes)


def test_spdx_3_gives_its_facts() -> None:
    """Models, their suppliers and licences are found through references."""
    outcome, notes = examined(SPDX3, "x.spdx3.json")
    assert outcome is Outcome.ACCEPT, notes.findings
    assert (notes.kind, notes.facts["spec_version"], notes.facts["components"]) == ("spdx-3", "3.0.1", 1)
    assert notes.facts["models"] == [
        {
            "name": "tiny",
            "version": "1",
            "supplier": "https://example.test/me",
            "licences": ["MIT"],
            "model_card": False,
        }
    ]


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("@graph/0/specVersion", "two"),
        ("@graph/0/created", "today"),
        ("@graph/0/createdBy", ...),
        ("@graph/1/spdxId", ...),
        ("@graph/1/type", ...),
        ("@graph/1/verifiedUsing/0/hashValue", "12"),
        ("@graph/3/to", ...),
        ("@graph", {}),
    ],
)
def test_broken_spdx_3_is_refused(path: str, value: object) -> None:
    """Every missing or wrong field that the model asks for rejects the file."""
    outcome, notes = examined(changed(SPDX3, path, value), "x.spdx3.json")
    assert outcome is Outcome.REJECT
    assert "SBOM_INVALID" in codes(notes)


def test_foreign_contexts_are_told_and_never_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second context is a warning, and no connection is even tried."""

    def refuse(*_rest: object, **_more: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    context = [SPDX3["@context"], "https://evil.test/context.jsonld"]
    outcome, notes = examined(changed(SPDX3, "@context", context), "x.spdx3.json")
    assert outcome is Outcome.WARN
    assert "SBOM_CONTEXT" in codes(notes)
    reference = {**CYCLONEDX, "$schema": "https://evil.test/bom.schema.json"}
    assert examined(reference)[0] in {Outcome.ACCEPT, Outcome.REJECT}


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('<rdf:RDF xmlns:rdf="r" xmlns:spdx="http://spdx.org/rdf/terms#"/>', "a.spdx.rdf.xml"),
        ("spdxVersion: SPDX-2.3\nname: x\n", "a.spdx.yaml"),
        ('<SoftwareIdentity xmlns="http://standards.iso.org/iso/19770/-2/2015/schema.xsd"/>', "a.swidtag"),
    ],
)
def test_forms_that_are_not_read_are_named(content: str, name: str) -> None:
    """RDF, YAML and SWID are recognised and never called read."""
    outcome, notes = examined(content, name)
    assert (outcome, notes.complete) == (Outcome.WARN, False)
    assert "SBOM_UNREAD" in codes(notes)


def test_thousands_of_equal_looking_parts_cost_little() -> None:
    """The comparison of all items with each other is linear: work, not waiting, is counted."""
    parts = [{"type": "library", "name": f"n{number}", "version": "1"} for number in range(4_000)]
    started = time.process_time()
    outcome, notes = examined({**CYCLONEDX, "components": parts, "dependencies": []})
    assert outcome is Outcome.ACCEPT
    assert notes.facts["components"] == 4_000
    assert time.process_time() - started < 60
    assert examined({**CYCLONEDX, "components": [parts[0], parts[0]]})[0] is Outcome.REJECT


def test_a_file_too_large_to_be_checked_is_inconclusive() -> None:
    """Facts of a very large file are told, and it is not called valid."""
    parts = [{"type": "library", "name": "n" * 1_000 + str(number)} for number in range(6_500)]
    outcome, notes = examined({**CYCLONEDX, "components": parts, "dependencies": []})
    assert (outcome, notes.complete, notes.facts["components"]) == (Outcome.WARN, False, 6_500)
    assert "SBOM_TOO_LARGE" in codes(notes)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("https://example.test/a?b=c#d", True),
        ("urn:uuid:1", True),
        ("../relative", True),
        ("", True),
        ("http://[::1]/", True),
        ("http://a b", False),
        ("a:b:c", True),
        ("1a:b", False),
        ("http://a/%zz", False),
        ("http://a/#x#y", False),
        ("http://a/[b]", False),
        ("x" * 1_000_000 + " ", False),
    ],
)
def test_addresses_are_judged_in_one_pass(text: str, holds: bool) -> None:
    """References are judged as RFC 3987 has them, long ones too."""
    assert formats_of_text.is_iri_reference(text) is holds


SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["name", "type", "@id"]), inner)
    ),
    max_leaves=8,
)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_any_shape_in_any_place_is_judged(data: st.DataObject) -> None:
    """Whatever stands where objects and texts belong, there is a finding and no crash."""
    content = data.draw(st.sampled_from([CYCLONEDX, SPDX, SPDX3]))
    places: list[str] = []

    def walk(value: Any, path: str) -> None:
        inner = (
            value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        )
        for name, each in inner:
            places.append(f"{path}{name}")
            walk(each, f"{path}{name}/")

    walk(content, "")
    _outcome, notes = examined(changed(content, data.draw(st.sampled_from(places)), data.draw(SHAPES)))
    assert "EXAMINE_CRASHED" not in codes(notes)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.data())
def test_damaged_files_never_raise(data: st.DataObject) -> None:
    """Any damage to any form is a finding of its reader."""
    raw, name = data.draw(
        st.sampled_from(
            [
                (json.dumps(CYCLONEDX).encode(), "bom.json"),
                (XML.encode(), "bom.xml"),
                (json.dumps(SPDX).encode(), "a.spdx.json"),
                (TAGS.encode(), "a.spdx"),
                (json.dumps(SPDX3).encode(), "a.spdx3.json"),
            ]
        )
    )
    damaged = bytearray(raw)
    for _change in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    _outcome, notes = examined(bytes(damaged), name)
    assert "EXAMINE_CRASHED" not in codes(notes)
