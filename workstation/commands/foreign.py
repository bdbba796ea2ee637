"""Checks of an export by processes and tools that are not this one: what a recipient would run."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

_TIMEOUT_S = 120


@dataclass(frozen=True, kw_only=True)
class Check:
    """One outside opinion. ``held`` is ``None`` where the tool is not on this machine."""

    title: str
    held: bool | None
    detail: str = ""

    @property
    def word(self) -> str:
        """One plain word."""
        return {True: "Verified", False: "NOT VERIFIED", None: "Not run"}[self.held]


def own_verifier(folder: Path, trust: Path) -> Check:
    """``workstation verify`` in a process of its own."""
    command = [sys.executable, "-I", "-m", "workstation", "verify", str(folder), "--trust", str(trust)]
    if getattr(sys, "frozen", False):
        command = [sys.executable, "verify", str(folder), "--trust", str(trust)]
    done = _run([*command, "--demo", "--json"])
    title = "workstation verify, in a separate process"
    try:
        outcome = json.loads(done.stdout)["outcome"]
    except (ValueError, KeyError):
        return Check(title=title, held=False, detail=done.stderr.strip()[-300:])
    return Check(title=title, held=done.returncode == 0 and outcome == "accept", detail=outcome)


def foreign_checks(folder: Path, trust: Path) -> list[Check]:
    """``sha384sum``, ``openssl cms`` and ``pdfsig``, each where it is installed."""
    return [_sums(folder), _cms(folder, trust), _pdfsig(folder, trust)]


def _sums(folder: Path) -> Check:
    title = "sha384sum -c SHA384SUMS"
    if shutil.which("sha384sum") is None:
        return Check(title=title, held=None)
    done = _run(["sha384sum", "--strict", "-c", "SHA384SUMS"], folder)
    return Check(title=title, held=done.returncode == 0, detail=f"{done.stdout.count(': OK')} files")


def _cms(folder: Path, trust: Path) -> Check:
    title = "openssl cms -verify of the P-384 signature over SHA384SUMS"
    if shutil.which("openssl") is None:
        return Check(title=title, held=None)
    files = ["-in", "SHA384SUMS.ec.p7s", "-content", "SHA384SUMS", "-CAfile", str(trust / "root-ec.pem")]
    command = ["openssl", "cms", "-verify", "-binary", "-inform", "DER", *files, "-purpose", "any", "-out"]
    done = _run([*command, "/dev/null", "-attime", _claimed_second(folder)], folder)
    return Check(title=title, held=done.returncode == 0, detail=done.stderr.strip().splitlines()[-1])


def _claimed_second(folder: Path) -> str:
    """When the export claims to have been released: the demonstration's clock is not the machine's."""
    record = json.loads((folder / "transfer.json").read_bytes())
    from datetime import datetime  # noqa: PLC0415 - only here

    return str(int(datetime.fromisoformat(record["released_at"]).timestamp()))


def _pdfsig(folder: Path, trust: Path) -> Check:
    title = "pdfsig report.pdf"
    if shutil.which("pdfsig") is None or shutil.which("certutil") is None:
        return Check(title=title, held=None)
    with tempfile.TemporaryDirectory() as database:
        nss = f"sql:{database}"
        _run(["certutil", "-N", "-d", nss, "--empty-password"])
        _run(["certutil", "-A", "-d", nss, "-n", "root", "-t", "CT,C,C", "-i", str(trust / "root-ec.pem")])
        done = _run(["pdfsig", "-nssdir", database, "-no-ocsp", "report.pdf"], folder)
    valid = done.stdout.count("Signature is Valid")
    total = re.findall(r"(Total document signed|Not total document signed)", done.stdout)
    held = valid == 2 and bool(total) and total[-1] == "Total document signed"  # noqa: PLR2004 - two people sign
    return Check(
        title=title, held=held, detail=f"{valid} valid signatures; last: {total[-1] if total else 'none'}"
    )


def _run(command: list[str], folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: PLW1510 - the status is the answer
        command,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=_TIMEOUT_S,
        stdin=subprocess.DEVNULL,
        # A passphrase given by the environment is for this program, not for others.
        env={name: value for name, value in os.environ.items() if not name.startswith("FRW_")},
    )
