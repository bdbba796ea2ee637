"""SPDX bills of material, forms that are not read, and what no shape of any of them may do."""

import json
import re
import socket
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.examine.inventories.bom_samples import (
    CYCLONEDX,
    SPDX,
    SPDX3,
    TAGS,
    XML,
    changed,
    codes,
    examined,
)
from workstation.core.examination import Outcome
from workstation.examine.inventories import formats_of_text


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


@pytest.mark.parametrize("name", ["sbom.json", "bom.json", "x.cdx.json", "model.spdx.json", "a"])
def test_an_inventory_is_what_its_content_says(name: str) -> None:
    """SPDX under a name that CycloneDX likes is SPDX, and the other way round."""
    for document, kind in ((SPDX, "spdx"), (SPDX3, "spdx-3"), (CYCLONEDX, "cyclonedx")):
        outcome, notes = examined(document, name)
        assert (outcome, notes.kind) == (Outcome.ACCEPT, kind)


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ('<rdf:RDF xmlns:rdf="r" xmlns:spdx="http://spdx.org/rdf/terms#"/>', "sbom.xml"),
        ('<rdf:RDF xmlns:rdf="r" xmlns:spdx="http://spdx.org/rdf/terms#"/>', "a.spdx.rdf.xml"),
        ('{"artifacts": [], "descriptor": {}}', "sbom.json"),
        ("spdxVersion: SPDX-2.3\nname: x\n", "a.spdx.yaml"),
        ("<Document><spdxVersion>SPDX-2.3</spdxVersion></Document>", "a.spdx.xml"),
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


@pytest.mark.parametrize("value", [[], {}, 1])
def test_a_kind_of_relation_that_is_no_text_is_judged(value: object) -> None:
    """A list or a number where the kind of a relation stands is a mistake of the file, not of its reader."""
    _outcome, notes = examined(changed(SPDX3, "@graph/3/relationshipType", value))
    assert "EXAMINE_CRASHED" not in codes(notes)
