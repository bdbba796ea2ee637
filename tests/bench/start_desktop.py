"""The desktop from its first import to the page that unlocks; prints the seconds since ``--since``."""

import argparse
import gc
import sys
import time
from pathlib import Path


def main() -> int:
    """As ``workstation.__main__`` starts it, on a demonstration vault."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--since", type=float, required=True)
    options = parser.parse_args()
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    gc.disable()
    from workstation import confinement, logs

    confinement.confine()
    logs.set_up()
    from workstation import bootstrap, cli
    from workstation.core.values import Profile

    del cli  # the program imports it too
    start = bootstrap.Start(vault_folder=options.folder / "profile", profile=Profile.DEMO)
    services = bootstrap.promise(start)

    from ui.application import application, opened
    from workstation.settings import Settings

    window = opened(services, Settings(), load=lambda: bootstrap.load(services))
    qt = application()
    while window.router.page.visibleRegion().isEmpty():
        qt.processEvents()
    window.repaint()
    window.router.accept_consent()
    qt.processEvents()
    window.repaint()
    if type(qt.focusWidget()).__name__ != "QLineEdit":
        raise RuntimeError(qt.focusWidget())
    print(time.monotonic() - options.since, time.process_time())
    window.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
