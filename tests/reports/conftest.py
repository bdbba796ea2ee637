"""One office, one signed document and two genuine exports for all tests of signatures."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

import resources
from tests.helpers.signing_office import Office, document, found_office, signed_document, write_export


@pytest.fixture(scope="session")
def office() -> Office:
    """Not a demonstration; found on 1 November 2026."""
    return found_office()


@pytest.fixture(scope="session")
def signed(office: Office) -> bytes:
    """A document with both signatures."""
    return signed_document(office)


@pytest.fixture(scope="session")
def genuine(office: Office, signed: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export nobody touched; copy it before damaging it."""
    return write_export(office, tmp_path_factory.mktemp("export"), report=signed)


@pytest.fixture(scope="session")
def other(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Another genuine export of the same office."""
    report = signed_document(office, document("Another report"))
    return write_export(office, tmp_path_factory.mktemp("other"), report=report, note__txt=b"more")


@pytest.fixture(scope="session")
def verifier() -> ModuleType:
    """The one-file verifier as a module."""
    script = Path(resources.__file__).parent / "verify" / "verify_export.py"
    spec = importlib.util.spec_from_file_location("verify_export_alone", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
