"""The advisory: what CSAF 2.0 demands is there, the bytes are steady, and no text breaks the file."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.exchange import csaf
from tests.unit.test_findings import AT, PEOPLE, V31, V40, finding, text
from workstation.core.advisories import AdvisedFlaw, Advisory, AffectedFile
from workstation.core.finding_errors import AdvisoryInvalid


def advisory(*vectors: str, **changed: str) -> Advisory:
    """An advisory of one flaw."""
    one = finding()
    one.text = text(cwe="CWE-94", cwe_name="Improper Control of Generation of Code ('Code Injection')")
    one.score(vectors, by=PEOPLE[0], at=AT)
    said = {
        "title": "T",
        "office": "Frontier Review Office",
        "developer": "Northwind",
        "model": "Aster-3",
        "checkpoint": "0219",
        "marking": "UNCLASSIFIED",
    } | changed
    file = AffectedFile(untrusted_path="a/t.jinja", sha384="ab" * 48, anchor="line 3")
    return Advisory(
        tracking_id="REFERRAL-1",
        summary="S",
        summary_portion="(U)",
        made_at=AT,
        flaws=(AdvisedFlaw(finding=one, files=(file,), portion="(U)"),),
        **said,
    )


def test_the_advisory_has_what_the_profile_demands() -> None:
    """Everything that section 4.4 of CSAF 2.0 requires of a security advisory is there and consistent."""
    made = json.loads(csaf.write(advisory(V31, V40)))
    document, (flaw,) = made["document"], made["vulnerabilities"]
    assert (document["category"], document["csaf_version"]) == ("csaf_security_advisory", "2.0")
    assert document["publisher"]["category"] == "discoverer"
    assert re.fullmatch(r"urn:[a-z0-9-]+:[a-z0-9:-]+", document["publisher"]["namespace"])
    tracking = document["tracking"]
    assert tracking["revision_history"][-1]["number"] == tracking["version"] == "1"
    assert tracking["status"] in {"draft", "interim", "final"}
    branch = made["product_tree"]["branches"][0]
    names = []
    while "branches" in branch:
        names.append(branch["category"])
        (branch,) = branch["branches"]
    assert [*names, branch["category"]] == ["vendor", "product_name", "product_version"]
    product = branch["product"]["product_id"]
    assert flaw["product_status"] == {"known_affected": [product]}
    assert flaw["scores"] == [
        {
            "products": [product],
            "cvss_v3": {
                "version": "3.1",
                "vectorString": V31,
                "baseScore": 9.8,
                "baseSeverity": "CRITICAL",
            },
        }
    ]
    assert any(V40 in note["text"] for note in flaw["notes"])
    assert flaw["remediations"][0]["product_ids"] == [product]
    assert "UNCLASSIFIED" in document["distribution"]["text"]


def test_the_same_advisory_is_the_same_bytes() -> None:
    """Written twice it does not differ."""
    assert csaf.write(advisory(V31)) == csaf.write(advisory(V31))


def test_an_empty_name_makes_no_advisory() -> None:
    """A reader would refuse empty text; so does the writer, naming where."""
    with pytest.raises(AdvisoryInvalid) as refused:
        csaf.write(advisory(developer=" "))
    assert "/product_tree" in refused.value.where


@given(st.text(st.characters(), min_size=1).filter(str.strip))
def test_whatever_a_title_holds_the_advisory_is_json_or_refused(title: str) -> None:
    """Control characters, quotes and half characters never break the file."""
    halves = any(0xD800 <= ord(char) <= 0xDFFF for char in title)
    if halves:
        with pytest.raises(AdvisoryInvalid):
            csaf.write(advisory(title=title))
    else:
        assert json.loads(csaf.write(advisory(title=title)))["document"]["title"] == title.strip()


@given(st.text(max_size=40))
def test_the_file_name_is_as_the_standard_wants(tracking_id: str) -> None:
    """Section 5.1: lower case letters, digits, plus and minus; everything else one underscore."""
    name = csaf.file_name(tracking_id)
    assert re.fullmatch(r"[+\-a-z0-9_]*\.json", name)
    assert ("_" in name) == bool(re.search(r"[^+\-a-z0-9]", tracking_id.lower()))
