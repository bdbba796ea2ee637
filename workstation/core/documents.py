"""Which documents a case can give as it stands. Pure."""

from collections.abc import Callable, Mapping

from workstation.core.case_states import CaseState
from workstation.core.cases import Case
from workstation.core.exits import Progress
from workstation.core.exports import DocumentNotOffered
from workstation.core.packages import Package, PackageState
from workstation.core.report import DocumentKind

_Rule = Callable[[Case, Package | None], bool]


def _received(_case: Case, package: Package | None) -> bool:
    return package is not None and package.state is not PackageState.RECEIVING


def _begun(_case: Case, package: Package | None) -> bool:
    return package is not None


def _returned(_case: Case, package: Package | None) -> bool:
    return package is not None and package.state is PackageState.DEFICIENT


def _determined(case: Case, _package: Package | None) -> bool:
    return case.determination is not None


def _consulted(case: Case, _package: Package | None) -> bool:
    # What is put to the parties must not tell one reviewer what the other answered.
    return not case.is_blind and bool(case.recommendation or case.consultations)


def _erased(case: Case, _package: Package | None) -> bool:
    destruction = case.exits.destruction
    return destruction is not None and destruction.progress is Progress.ERASED


def _always(case: Case, _package: Package | None) -> bool:
    return case.state in CaseState


# What each one needs is said in the message catalogue, area ``document-needs``.
OFFERED: Mapping[DocumentKind, _Rule] = {
    DocumentKind.DETERMINATION_REPORT: _determined,
    DocumentKind.DEVELOPER_NOTICE: _determined,
    DocumentKind.CONSULTATION_MEMO: _consulted,
    DocumentKind.DEFICIENCY_LETTER: _returned,
    DocumentKind.INTAKE_RECEIPT: _received,
    DocumentKind.CUSTODY_LOG: _begun,
    DocumentKind.OVERSIGHT_SUMMARY: _always,
    # Made by whoever carries the destruction out, as its last step.
    DocumentKind.DESTRUCTION_CERTIFICATE: _erased,
}


def offered(case: Case, package: Package | None) -> tuple[DocumentKind, ...]:
    """The kinds this case can give now; ``package`` is its present one."""
    return tuple(kind for kind, rule in OFFERED.items() if rule(case, package))


def require_offered(kind: DocumentKind, case: Case, package: Package | None) -> None:
    """Refuse a document the case cannot give.

    Raises:
        DocumentNotOffered.
    """
    rule = OFFERED.get(kind)
    if rule is None or not rule(case, package):
        raise DocumentNotOffered(document=str(kind), needs=str(kind))
