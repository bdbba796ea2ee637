"""A medium that the office's custodian has put on its list, for tests that release to it."""

from tests.helpers.office import unlock
from workstation.app import exporting, release_lists
from workstation.app import session as sessions
from workstation.app.services import Services
from workstation.core.media import Medium


def listed(services: Services, medium: Medium, *, marking: str = "UNCLASSIFIED") -> exporting.Release:
    """List it once, as the custodian of the demonstration, and choose it for a release."""
    session = unlock(services, "abara")
    try:
        with session.look() as work:
            known = {one.identity for one in release_lists.media(work)}
        if medium.identity not in known:
            name = f"TEST-{len(known) + 1}"
            release_lists.add_medium(session, medium, name=name, marking=marking)
    finally:
        sessions.lock(session, reason="test")
    return exporting.Release(medium=medium, medium_marking=marking)


def listed_folder(services: Services, folder: object) -> exporting.Release:
    """A folder that stands for a medium, listed."""
    return listed(services, services.media.folder_medium(str(folder)))
