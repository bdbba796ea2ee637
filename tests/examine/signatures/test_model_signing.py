"""Model signatures: what was signed holds, and every change, lie and missing trust shows."""

import base64
import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.examine.signatures import bundles
from tests.examine.signatures.bundles import FILES, codes, examined
from tests.examine.signatures.signed_samples import altered, keys, public, signed
from workstation.core.examination import Outcome


@pytest.mark.parametrize("kind", ["p256", "p384", "p521", "rsa", "ed25519", "mldsa"])
def test_every_kind_of_key_verifies(kind: str) -> None:
    """A signature by a trusted key over unaltered files is verified and says by whom."""
    outcome, notes = examined(signed(kind), FILES, (public(kind),))
    assert outcome is Outcome.ACCEPT, notes.findings
    assert notes.facts["signature"] == "valid"
    assert notes.facts["compared_files"] == len(FILES)
    assert "SIG_VERIFIED" in codes(notes)
    assert "mutation" not in notes.facts


def _missing(files: dict[str, bytes]) -> dict[str, bytes]:
    return {name: body for name, body in files.items() if name != "a.bin"}


def _extra(files: dict[str, bytes]) -> dict[str, bytes]:
    return {**files, "sub/new.bin": b"x"}


def _case(files: dict[str, bytes]) -> dict[str, bytes]:
    return {**_missing(files), "A.BIN": files["a.bin"]}


def _rename(files: dict[str, bytes]) -> dict[str, bytes]:
    return {**_missing(files), "z.bin": files["a.bin"]}


def _swap(files: dict[str, bytes]) -> dict[str, bytes]:
    return {**files, "a.bin": files["sub/c.txt"], "sub/c.txt": files["a.bin"]}


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (altered, "data"),
        (_missing, "missing"),
        (_extra, "extra"),
        (_case, "case"),
        (_rename, "rename"),
        (_swap, "swap"),
    ],
)
@pytest.mark.parametrize("with_trust", [True, False])
def test_any_change_of_the_files_is_refused(
    change: Callable[[dict[str, bytes]], dict[str, bytes]], word: str, with_trust: bool
) -> None:
    """Altered, missing, extra, renamed and exchanged files reject the set, with or without a key at hand."""
    outcome, notes = examined(signed(), change(FILES), (public("p256"),) if with_trust else ())
    assert outcome is Outcome.REJECT
    assert "SIG_INVALID" in codes(notes)
    assert "SIG_VERIFIED" not in codes(notes)
    assert (notes.facts["signature"], notes.facts["mutation"]) == ("invalid", word)


def _edited(edit: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
    content = json.loads(json.dumps(signed()))
    edit(content)
    return content


def _flip(content: dict[str, Any]) -> None:
    signature = content["dsseEnvelope"]["signatures"][0]
    raw = bytearray(base64.b64decode(signature["sig"]))
    raw[-1] ^= 1
    signature["sig"] = base64.b64encode(raw).decode()


def _payload(content: dict[str, Any]) -> None:
    said = bundles.statement(altered(FILES))
    content["dsseEnvelope"]["payload"] = base64.b64encode(json.dumps(said).encode()).decode()


@pytest.mark.parametrize(
    "edit",
    [
        _flip,
        _payload,
        lambda c: c["dsseEnvelope"].update(signatures=[]),
        lambda c: c["dsseEnvelope"]["signatures"].append(c["dsseEnvelope"]["signatures"][0]),
        lambda c: c["dsseEnvelope"].update(payloadType="text/plain"),
        lambda c: c["dsseEnvelope"].update(payload="%%%"),
        lambda c: c["dsseEnvelope"].pop("payload"),
        lambda c: c.update(mediaType="application/json"),
        lambda c: c.pop("dsseEnvelope"),
        lambda c: c["verificationMaterial"]["publicKey"].update(hint="0" * 64),
        lambda c: c["verificationMaterial"].update(certificate={"rawBytes": "AAAA"}),
    ],
)
def test_any_change_of_the_bundle_is_refused(edit: Callable[[dict[str, Any]], None]) -> None:
    """Edited signature, payload, type, material or structure rejects the set."""
    outcome, notes = examined(_edited(edit), FILES, (public("p256"),))
    assert outcome is Outcome.REJECT
    assert "SIG_INVALID" in codes(notes)


def test_a_cut_or_doubled_bundle_is_refused() -> None:
    """A signature file that ends early, is empty, or says a name twice rejects the set."""
    raw = json.dumps(signed()).encode()
    twice = raw.replace(b'"payloadType"', b'"payloadType": "x", "payloadType"')
    for content in (raw[: len(raw) // 2], b"", b"{}", b"[]", b"\x00", twice):
        outcome, notes = examined(content, FILES, (public("p256"),))
        assert outcome is Outcome.REJECT, content[:20]
        assert "SIG_INVALID" in codes(notes)


def test_another_key_is_refused() -> None:
    """A good signature by another key than the trusted one rejects, in both kinds of material."""
    for material in (bundles.hint, bundles.embedded):
        key = keys()["p384"]
        content = bundles.bundle(bundles.statement(FILES), key, material(key))
        outcome, notes = examined(content, FILES, (public("p256"),))
        assert outcome is Outcome.REJECT
        assert "SIG_INVALID" in codes(notes)


def test_without_a_key_nothing_is_called_verified() -> None:
    """A named key that is not there is a warning; a carried key is told to be vouched for by nobody."""
    outcome, notes = examined(signed(), FILES)
    assert (outcome, notes.facts["signature"]) == (Outcome.WARN, "unverified")
    assert "SIG_KEY_NEEDED" in codes(notes)
    key = keys()["p256"]
    carried = bundles.bundle(bundles.statement(FILES), key, bundles.embedded(key))
    _outcome, notes = examined(carried, FILES)
    assert notes.facts["signature"] == "intact"
    assert "SIG_OWN_KEY" in codes(notes)
    assert "SIG_VERIFIED" not in codes(notes)


def test_a_trust_file_without_trust_is_told() -> None:
    """A trust file that holds no key never makes a signature valid."""
    outcome, notes = examined(signed(), FILES, (b"hello",))
    assert outcome is Outcome.WARN
    assert "SIG_TRUST_EMPTY" in codes(notes)


def test_release_0_2_is_read() -> None:
    """Statements and signatures of the first releases verify, and are told to be old."""
    key = keys()["p384"]
    for always_sha256 in (True, False):
        content = bundles.bundle(
            bundles.v0(FILES), key, bundles.embedded(key), old=True, always_sha256=always_sha256
        )
        outcome, notes = examined(content, FILES, (public("p384"),))
        assert outcome is Outcome.ACCEPT, notes.findings
        assert "SIG_OLD_FORMAT" in codes(notes)
        outcome, notes = examined(content, _extra(FILES), (public("p384"),))
        assert outcome is Outcome.REJECT


def test_the_hash_of_0_2_is_for_its_own_format_only() -> None:
    """A signature in today's format by another hash than the curve's does not hold."""
    key = keys()["p384"]
    content = bundles.bundle(bundles.statement(FILES), key, bundles.hint(key), always_sha256=True)
    assert examined(content, FILES, (public("p384"),))[0] is Outcome.REJECT


def test_ignored_files_are_told() -> None:
    """Files the signer left out may differ, and are named when they hold anything."""
    content = signed(ignore_paths=["model.sig", "notes", ".git"])
    outcome, notes = examined(
        content, {**FILES, "notes/x.txt": b"changed", ".git/HEAD": b"y"}, (public("p256"),)
    )
    assert outcome is Outcome.ACCEPT
    assert "SIG_IGNORED" in codes(notes)
    outcome, notes = examined(content, {**FILES, "notes2.txt": b"x"}, (public("p256"),))
    assert outcome is Outcome.REJECT


def test_a_signature_that_ignores_everything_needs_a_person() -> None:
    """Leaving out the whole folder is no way to a quiet acceptance."""
    outcome, _notes = examined(signed(ignore_paths=["."]), _extra(FILES), (public("p256"),))
    assert outcome is Outcome.WARN


def test_a_single_file_is_found_by_its_name() -> None:
    """A signature over one file verifies that file and says what lies beside it unsigned."""
    resource = {"name": ".", "algorithm": "sha256", "digest": hashlib.sha256(b"alpha").hexdigest()}
    said = bundles.v1(
        [resource], {"method": "files", "hash_type": "sha256", "allow_symlinks": False}, "a.bin"
    )
    key = keys()["p256"]
    content = bundles.bundle(said, key, bundles.hint(key))
    outcome, _notes = examined(content, {"a.bin": b"alpha"}, (public("p256"),))
    assert outcome is Outcome.ACCEPT
    assert examined(content, {"a.bin": b"beta"}, (public("p256"),))[0] is Outcome.REJECT
    outcome, notes = examined(content, {"a.bin": b"alpha", "b": b""}, (public("p256"),))
    assert outcome is Outcome.WARN
    assert "SIG_UNCOVERED" in codes(notes)


def test_shards_must_cover_the_file() -> None:
    """Files signed in parts verify; growth, holes and altered parts do not."""
    body, size = b"0123456789" * 10, 40
    resources = [
        {
            "name": f"a.bin:{at}:{min(at + size, len(body))}",
            "algorithm": f"sha256-sharded-{size}",
            "digest": hashlib.sha256(body[at : at + size]).hexdigest(),
        }
        for at in range(0, len(body), size)
    ]
    how = {"method": "shards", "hash_type": "sha256", "shard_size": size, "allow_symlinks": False}
    key = keys()["p256"]
    content = bundles.bundle(bundles.v1(resources, how), key, bundles.hint(key))
    trust = (public("p256"),)
    assert examined(content, {"a.bin": body}, trust)[0] is Outcome.ACCEPT
    assert examined(content, {"a.bin": body + b"x"}, trust)[0] is Outcome.REJECT
    assert examined(content, {"a.bin": body[:-1] + b"x"}, trust)[0] is Outcome.REJECT
    holed = bundles.bundle(bundles.v1(resources[::2], how), key, bundles.hint(key))
    assert examined(holed, {"a.bin": body}, trust)[0] is Outcome.REJECT


def test_blake_is_computed_and_others_are_told() -> None:
    """BLAKE2b digests are compared; a digest that is not computed here leaves the files unverified."""
    digest = hashlib.blake2b(b"alpha").hexdigest()
    key = keys()["p256"]
    for algorithm, wanted in (("blake2b", Outcome.ACCEPT), ("blake3", Outcome.WARN)):
        resources = [{"name": "a.bin", "algorithm": algorithm, "digest": digest}]
        said = bundles.v1(resources, {"method": "files", "hash_type": algorithm, "allow_symlinks": False})
        outcome, notes = examined(
            bundles.bundle(said, key, bundles.hint(key)), {"a.bin": b"alpha"}, (public("p256"),)
        )
        assert outcome is wanted
        assert ("SIG_VERIFIED" in codes(notes)) is (wanted is Outcome.ACCEPT)
        assert ("SIG_ALGORITHM" in codes(notes)) is (wanted is Outcome.WARN)
        assert notes.complete is (wanted is Outcome.ACCEPT)


@pytest.mark.parametrize("name", ["../a.bin", "/a.bin", "sub/../../a.bin", "a\0b"])
def test_names_that_leave_the_model_are_refused(name: str) -> None:
    """A signed name that leads out of the folder rejects, however well it is signed."""
    resource = {"name": name, "algorithm": "sha256", "digest": hashlib.sha256(b"alpha").hexdigest()}
    said = bundles.v1([resource], {"method": "files", "hash_type": "sha256", "allow_symlinks": False})
    key = keys()["p256"]
    outcome, _notes = examined(bundles.bundle(said, key, bundles.hint(key)), FILES, (public("p256"),))
    assert outcome is Outcome.REJECT


def test_sums_that_do_not_add_up_are_refused() -> None:
    """A statement whose digest of the whole is not that of its parts rejects."""
    said = bundles.statement(FILES)
    said["subject"][0]["digest"]["sha256"] = "0" * 64
    key = keys()["p256"]
    outcome, _notes = examined(bundles.bundle(said, key, bundles.hint(key)), FILES, (public("p256"),))
    assert outcome is Outcome.REJECT


def test_a_model_in_a_folder_of_a_package_verifies() -> None:
    """The model is the folder of its signature; what lies above is not its business."""
    files = {f"data/model/{name}": body for name, body in FILES.items()}
    content, trust = signed(), (public("p256"),)
    assert examined(content, {**files, "readme.md": b"x"}, trust, root="data/model/")[0] is Outcome.ACCEPT
    beside = {f"model/{name}": body for name, body in FILES.items()}
    assert examined(content, beside, trust)[0] is Outcome.ACCEPT
    assert examined(content, {**beside, "model/extra": b"x"}, trust)[0] is Outcome.REJECT


def test_a_signature_alone_is_inconclusive() -> None:
    """A signature without its files compares nothing and says so."""
    outcome, notes = examined(signed(), None, (public("p256"),))
    assert outcome is Outcome.WARN
    assert "SIG_ALONE" in codes(notes)
    assert "SIG_VERIFIED" not in codes(notes)


def test_other_statements_are_not_called_verified() -> None:
    """An attestation about something else is left alone and said to be."""
    said = {"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1"}
    key = keys()["p256"]
    outcome, notes = examined(bundles.bundle(said, key, bundles.hint(key)), FILES, (public("p256"),))
    assert outcome is Outcome.WARN
    assert "SIG_OTHER" in codes(notes)


@given(st.data())
def test_damaged_bundles_are_never_verified(data: st.DataObject) -> None:
    """Any damage ends in a finding: no exception, and nothing verified that was not signed."""
    raw = bytearray(_RAW)
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    outcome, notes = examined(bytes(raw), FILES, (public("p256"),))
    assert "EXAMINE_CRASHED" not in codes(notes)
    if outcome is Outcome.ACCEPT:
        before, after = json.loads(_RAW), json.loads(bytes(raw))
        assert after["dsseEnvelope"]["payload"] == before["dsseEnvelope"]["payload"]


_RAW = json.dumps(signed()).encode()


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["name", "digest", "algorithm", "sha256", "method"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_statements_of_any_shape_are_refused_quietly(value: object) -> None:
    """Whatever stands in a well-signed statement, it is judged and not stumbled over."""
    key = keys()["p256"]
    for name in ("subject", "predicate", "_type"):
        said = {**bundles.statement(FILES), name: value}
        _outcome, notes = examined(bundles.bundle(said, key, bundles.hint(key)), FILES, (public("p256"),))
        assert "EXAMINE_CRASHED" not in codes(notes)
        assert "SIG_VERIFIED" not in codes(notes)
