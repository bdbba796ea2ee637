"""The one-file verifier: its verdicts against ours, and as a recipient runs it."""

import ast
import functools
import hashlib
import json
import random
import shutil
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

import resources
from reports import verifying
from reports.authority import crls, serials
from reports.trust import fingerprint, key_id
from reports.verifying import verify_export
from tests.helpers.export_mutations import MUTATIONS
from tests.helpers.signing_office import (
    SIGNED,
    Office,
    found_office,
    write_export,
)

SCRIPT = Path(resources.__file__).parent / "verify" / "verify_export.py"
VECTORS = Path(__file__).parents[1] / "vectors" / "signatures"


def _seeded(seed: object) -> random.Random:
    return random.Random(str(seed))  # noqa: S311 - test inputs, not secrets


# --- whole exports ---------------------------------------------------------------------------------------


def _alone(verifier: ModuleType, office: Office, folder: Path, *, days: float = 0, **more: object) -> object:
    roots = {fingerprint(der) for der in office.authority.roots_der}
    at = int((SIGNED + timedelta(days=days)).timestamp())
    options = {"roots": roots, "keys": set(), "at": at, "demo_allowed": False} | more
    found = verifier.Verification(str(folder), **options)
    found.run([])
    return found


def test_an_untouched_export_verifies(verifier: ModuleType, office: Office, genuine: Path) -> None:
    """Nothing to say, outcome accept."""
    found = _alone(verifier, office, genuine)
    assert (found.outcome, found.problems) == ("accept", [])
    assert len(found.signers) == 4, "both keys of the officer, both of the reviewer"


def _compare(
    verifier: ModuleType, office: Office, genuine: Path, other: Path, folder: Path, numbers: range
) -> None:
    for number in numbers:
        rng = _seeded(number)
        shutil.copytree(genuine, folder, dirs_exist_ok=False)
        name = MUTATIONS[number % len(MUTATIONS)](folder, other, rng)
        ours = verify_export(folder, office.trust, at=SIGNED)
        theirs = _alone(verifier, office, folder)
        assert ours.outcome.value == theirs.outcome == "reject", (number, ours.problems, theirs.problems)
        assert name in {one.path.partition("#")[0] for one in ours.problems}, (number, name, ours.problems)
        assert name in {path for _weight, _code, path, _detail in theirs.problems}, (
            number,
            name,
            theirs.problems,
        )
        shutil.rmtree(folder)


@pytest.mark.timeout(600)  # so many signatures are proved in plain Python, also where others work
def test_both_verifiers_agree_on_damaged_exports(
    verifier: ModuleType, office: Office, genuine: Path, other: Path, tmp_path: Path
) -> None:
    """Of 60 damaged exports both refuse every one and name the same file."""
    _compare(verifier, office, genuine, other, tmp_path / "export", range(60))


def _remembering(module: ModuleType, names: Sequence[str], patch: pytest.MonkeyPatch) -> None:
    """Let these functions of their arguments alone answer once for each: nothing damaged is asked for twice.

    Most of a damaged export is undamaged, and its signatures would be proved anew a thousand times.
    """
    for name in names:
        patch.setattr(module, name, functools.cache(getattr(module, name)))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_both_verifiers_agree_on_a_thousand_damaged_exports(
    verifier: ModuleType,
    office: Office,
    genuine: Path,
    other: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The same for 1,000."""
    _remembering(verifier, ("verify_with",), monkeypatch)
    _remembering(verifying, ("verify_pdf",), monkeypatch)
    _compare(verifier, office, genuine, other, tmp_path / "export", range(100, 1100))


@pytest.mark.parametrize("days", [0, 30, 90, 4 * 365, 21 * 365, -1, -60])
def test_both_verifiers_judge_time_alike(
    verifier: ModuleType, office: Office, genuine: Path, days: int
) -> None:
    """Whenever one looks, both give the same outcome for the same reasons."""
    ours = verify_export(genuine, office.trust, at=SIGNED + timedelta(days=days))
    theirs = _alone(verifier, office, genuine, days=days)
    assert theirs.outcome == ours.outcome.value
    statement = {problem.code for problem in ours.problems if problem.path in {"export.dsse.json", ""}}
    assert {code for _weight, code, _path, _detail in theirs.problems} == statement


def test_a_revoked_and_an_unknown_signer_are_refused(
    verifier: ModuleType, office: Office, genuine: Path, tmp_path: Path
) -> None:
    """A newer list given by another channel, or other roots, make the statement refused by name."""
    gone = dict.fromkeys(serials(office.officer), SIGNED)
    lists = crls(office.authority, gone, at=SIGNED, next_update=SIGNED + timedelta(days=1))
    newer = tmp_path / "newer.pem"
    newer.write_bytes(b"".join(x509.load_der_x509_crl(der).public_bytes(Encoding.PEM) for der in lists))
    roots = {fingerprint(der) for der in office.authority.roots_der}
    found = verifier.Verification(str(genuine), roots, set(), int(SIGNED.timestamp()), demo_allowed=False)
    assert found.run([str(newer)]) == "reject"
    assert {(code, path) for _w, code, path, _d in found.problems} == {("EXP-110", "export.dsse.json")}
    unknown = _alone(verifier, office, genuine, roots={"0" * 96})
    assert {(code, path) for _w, code, path, _d in unknown.problems} == {("EXP-109", "export.dsse.json")}


def test_a_demo_export_is_refused_unless_asked_for(verifier: ModuleType, tmp_path: Path) -> None:
    """As in the workstation: demo never verifies as real."""
    demo = found_office(demo=True)
    folder = write_export(demo, tmp_path)
    refused = _alone(verifier, demo, folder)
    assert {code for _w, code, _p, _d in refused.problems} == {"EXP-116"}
    assert _alone(verifier, demo, folder, demo_allowed=True).outcome == "accept"


# --- as a recipient runs it ------------------------------------------------------------------------------


def _run(python: str, *arguments: object) -> "subprocess.CompletedProcess[str]":
    command = [python, "-I", str(SCRIPT), *[str(one) for one in arguments]]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _options(office: Office) -> list[str]:
    found = []
    for der in office.authority.roots_der:
        found += ["--root-fingerprint", fingerprint(der)]
    return [*found, "--at", str(int(SIGNED.timestamp()))]


def test_the_command_line_says_fingerprints_and_ends_with_the_documented_status(
    office: Office, genuine: Path, tmp_path: Path
) -> None:
    """0 as signed, 1 a person must look, 2 refused, 3 nothing to trust or nothing to read."""
    good = _run(sys.executable, genuine, *_options(office))
    assert (good.returncode, good.stderr) == (0, "")
    assert all(fingerprint(der) in good.stdout for der in office.authority.roots_der)
    assert good.stdout.endswith("OUTCOME accept\n")
    folder = Path(shutil.copytree(genuine, tmp_path / "export"))
    (folder / "COMPLETE").unlink()
    assert _run(sys.executable, folder, *_options(office)).returncode == 1
    (folder / "report.pdf").write_bytes(b"x")
    bad = _run(sys.executable, folder, *_options(office), "--json")
    assert bad.returncode == 2
    answer = json.loads(bad.stdout)
    assert answer["outcome"] == "reject"
    assert "report.pdf" in {one["path"] for one in answer["findings"]}
    assert _run(sys.executable, genuine).returncode == 3
    assert _run(sys.executable, tmp_path / "absent", *_options(office)).returncode == 3


def test_key_ids_serve_instead_of_roots(office: Office, genuine: Path) -> None:
    """With both key ids of whoever signed no root is needed; with one less the export is refused."""
    signers = (office.officer, office.reviewer)
    ders = [der for one in signers for der in (one.ec_certificate_der, one.pq_certificate_der)]
    keys = [key_id(x509.load_der_x509_certificate(der)) for der in ders]
    every = [part for key in keys for part in ("--key", key)]
    assert _run(sys.executable, genuine, *every).returncode == 0
    assert _run(sys.executable, genuine, *every[:-2]).returncode == 2
    assert _run(sys.executable, genuine, *every[2:]).returncode == 2


def test_it_needs_no_newer_python_than_it_says(office: Office, genuine: Path) -> None:
    """It parses as Python 3.8, imports the standard library only, and runs there where there is one."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 8))
    names = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in ([ast.alias(node.module or "")] if isinstance(node, ast.ImportFrom) else node.names)
    }
    assert names <= sys.stdlib_module_names
    old = next((one for one in _pythons("3.8") if _starts(one)), None)
    if old is None:
        pytest.skip("there is no Python 3.8 on this machine")
    done = _run(old, genuine, *_options(office))
    assert (done.returncode, done.stderr) == (0, "")


def _pythons(version: str) -> list[str]:
    on_path = shutil.which(f"python{version}")
    kept = sorted(Path.home().glob(f".pyenv/versions/{version}.*/bin/python"))
    return [*([on_path] if on_path else []), *map(str, kept)]


def _starts(python: str) -> bool:
    return subprocess.run([python, "--version"], capture_output=True, check=False).returncode == 0


def test_the_verifier_does_not_travel_with_the_export(genuine: Path) -> None:
    """What comes on the same medium proves nothing, so no verifier is put there."""
    assert not list(genuine.rglob("*.py"))
    assert hashlib.sha384(SCRIPT.read_bytes()).hexdigest() not in (genuine / "SHA384SUMS").read_text()
