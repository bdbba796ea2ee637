"""Each port that a suite of this folder holds has all of its members on the real thing and on the fake."""

import inspect
from types import ModuleType

import pytest

from reports import render
from reports.desk import Desk
from reports.identities import SoftwareSigner
from storage import case_keys, checkpoints, content, findings, full_texts, packages, repositories, searching
from storage.audit_log import SqlAuditTrail
from storage.backups import DiskBackups
from storage.database import SqlDatabase
from storage.keeper import DiskKeeper
from storage.removable import RemovableMedia
from storage.unit_of_work import SqlWork
from storage.vault.session import OpenVault
from tests.helpers import (
    memory_case_keys,
    memory_case_work,
    memory_database,
    memory_examiners,
    memory_records,
    memory_signing,
    memory_texts,
)
from tests.helpers.databases import HandClock
from tests.helpers.memory_backups import MemoryBackups
from tests.helpers.memory_identities import MemorySigner
from tests.helpers.memory_keeper import MemoryKeeper
from tests.helpers.memory_media import MemoryMedia
from tests.helpers.memory_vault import MemoryVault
from workstation.core import (
    backups,
    case_key_ports,
    content_ports,
    finding_ports,
    media,
    ports,
    search_ports,
    service_ports,
    signatures,
    vault,
)
from workstation.core import checkpoints as core_checkpoints
from workstation.core import full_texts as full_texts_port
from workstation.demo.ids import SeededIds
from workstation.examine import batches, package, viewer
from workstation.machine import RandomIds, SystemClock

HELD: dict[type, tuple[type | ModuleType, type]] = {
    ports.Clock: (SystemClock, HandClock),
    ports.IdSource: (RandomIds, SeededIds),
    ports.Database: (SqlDatabase, memory_database.MemoryDatabase),
    ports.People: (repositories.SqlPeople, memory_records.MemoryPeople),
    ports.Cases: (repositories.SqlCases, memory_records.MemoryCases),
    ports.Packages: (packages.SqlPackages, memory_records.MemoryPackages),
    ports.Answers: (repositories.SqlAnswers, memory_records.MemoryAnswers),
    ports.Releases: (repositories.SqlReleases, memory_records.MemoryReleases),
    core_checkpoints.Checkpoints: (checkpoints.SqlCheckpoints, memory_case_keys.MemoryCheckpoints),
    case_key_ports.CaseKeys: (case_keys.SqlCaseKeys, memory_case_keys.MemoryCaseKeys),
    case_key_ports.Disposals: (case_keys.SqlDisposals, memory_case_keys.MemoryDisposals),
    ports.Work: (SqlWork, memory_database.MemoryWork),
    finding_ports.Findings: (findings.SqlFindings, memory_case_work.MemoryFindings),
    finding_ports.Referrals: (findings.SqlReferrals, memory_case_work.MemoryReferrals),
    content_ports.ContentSets: (content.SqlContentSets, memory_case_work.MemoryContentSets),
    content_ports.BenchmarkResults: (
        content.SqlBenchmarkResults,
        memory_case_work.MemoryBenchmarkResults,
    ),
    search_ports.Search: (searching.SqlSearch, memory_database.MemorySearch),
    full_texts_port.FullTexts: (full_texts.SqlFullTexts, memory_texts.MemoryFullTexts),
    ports.AuditTrail: (SqlAuditTrail, memory_database.MemoryTrail),
    media.MediumPort: (RemovableMedia, MemoryMedia),
    service_ports.VaultKeeper: (DiskKeeper, MemoryKeeper),
    service_ports.Examiners: (package, memory_examiners.MemoryExaminers),
    service_ports.OpenPackage: (package.Package, memory_examiners.MemoryPackage),
    service_ports.FileExaminer: (batches.SmallFilesExaminer, memory_examiners.MemoryExaminer),
    service_ports.Viewer: (viewer.Viewer, memory_examiners.MemoryViewer),
    service_ports.Press: (render, memory_signing.MemoryPress),
    service_ports.SigningDesk: (Desk, memory_signing.MemoryDesk),
    signatures.Signer: (SoftwareSigner, MemorySigner),
    vault.Vault: (OpenVault, MemoryVault),
    backups.BackupKeeper: (DiskBackups, MemoryBackups),
}


def members(port: type) -> set[str]:
    """What the port asks for."""
    return {name for name in vars(port) if not name.startswith("_")}


def offered(thing: type | ModuleType) -> set[str]:
    """What it has: on itself, as a field, or set when it is made."""
    names = set(dir(thing)) | set(inspect.get_annotations(thing))
    made = getattr(thing, "__init__", None)
    if isinstance(thing, type) and inspect.isfunction(made):
        names |= set(made.__code__.co_names)
    return names


@pytest.mark.parametrize("port", HELD, ids=lambda port: port.__name__)
def test_the_real_thing_and_the_fake_have_every_member(port: type) -> None:
    """A member that is added to a port is added to its fake as well, and to its suite."""
    real, fake = HELD[port]
    assert members(port) - offered(real) == set()
    assert members(port) - offered(fake) == set()
