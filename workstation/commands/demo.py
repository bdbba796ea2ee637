"""``workstation demo``: the whole job on a throw-away profile, from the medium to a verified export.

Without a display it is told on the terminal and ends by naming the files it left; with one, the window
opens on the same case.
"""

import argparse
import os
import shutil
import sys
import time
from pathlib import Path

from workstation.app import administering
from workstation.app.wording import word
from workstation.commands import desk
from workstation.commands.foreign import foreign_checks, own_verifier
from workstation.core.ports import IdSource
from workstation.core.vault import Profile
from workstation.core.vault_errors import VaultNotFound
from workstation.demo import story as stories
from workstation.demo import training
from workstation.demo.beside import TrainersStory
from workstation.demo.clock import SettableClock
from workstation.demo.ids import SeededIds
from workstation.machine import SystemClock


def arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument(
        "--package", type=Path, metavar="PATH", help="a bag, folder, zip, tar or file of your own"
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("build/demo"),
        help="folder for what it leaves; an earlier demonstration in it is thrown away",
    )
    parser.add_argument(
        "--again",
        action="store_true",
        help="tell nothing: open the window on the demonstration in --out, with what was done in it since",
    )
    parser.add_argument("--headless", action="store_true", help="tell it on the terminal even with a display")


def run(options: argparse.Namespace) -> int:
    """Tell the story, or open what was told; 0 when everything verified."""
    began_s = time.monotonic()
    out: Path = options.out.absolute()
    if options.again:
        return _open_again(out)
    training.fresh(out)
    story = _story(options, out)
    _say("DEMONSTRATION. Everything is invented; what is signed here never verifies as real.")
    told = story.tell()
    if told.export is None:
        _say(f"The case is {told.case.state}; there is nothing to export. Left in {out}: profile/")
        return 0
    with story.acting("abara") as session:
        administering.write_roots(session, out / "trust")
    folder = out / "medium-out" / told.export.folder
    checks = [own_verifier(folder, out / "trust"), *foreign_checks(folder, out / "trust")]
    for check in checks:
        _say(f"{check.word}: {check.title}" + (f" ({check.detail})" if check.detail else ""))
    shutil.copyfile(folder / "report.pdf", out / "report.pdf")
    screens = _screens(story, out)
    _say(f"Told in {time.monotonic() - began_s:.1f} s. What it left:")
    for path in (folder, out / "report.pdf", out / "trust", *screens):
        print(f"  {_shown(path)}")
    _open_window(options, story)
    return 0 if all(check.held is not False for check in checks) else 2


def _story(options: argparse.Namespace, out: Path) -> stories.Story:
    real = SystemClock()
    clock = SettableClock(real, real.now() - stories.TAKES)
    own = options.package.absolute() if options.package else None
    return _office(out, clock, own or training.invented(out, clock).absolute(), own=own, ids=SeededIds())


def _office(
    out: Path, clock: SettableClock, source: Path, *, own: Path | None = None, ids: IdSource | None = None
) -> stories.Story:
    """Services with a trainer's controls, which tell this very story anew."""
    from workstation import bootstrap  # noqa: PLC0415 - help needs no adapters

    controls = training.DemoTraining(
        real=SystemClock(), clock=clock, out=out, own_package=own, story=lambda: story
    )
    start = bootstrap.Start(
        vault_folder=out / "profile",
        profile=Profile.DEMO,
        clock=clock,
        ids=ids,
        training=controls,
    )
    story = TrainersStory(
        submissions=out / "medium-in",
        services=bootstrap.build(start),
        clock=clock,
        source=source,
        medium=out / "medium-out",
        say=_say,
        job=desk.job(),
    )
    return story


def _screens(story: stories.Story, out: Path) -> list[Path]:
    """Pictures of the real window on the told case."""
    from workstation import bootstrap  # noqa: PLC0415

    try:
        return bootstrap.picture_desktop(
            story.services,
            out / "screens",
            people={name: stories.passphrase() for name in ("ibarra", "tanaka")},
        )
    except bootstrap.WindowUnavailable as missing:
        _say(f"No pictures: Qt does not load here ({missing.reason})")
        return []


def _open_window(options: argparse.Namespace, story: stories.Story) -> None:
    from workstation import bootstrap  # noqa: PLC0415

    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if options.headless or not has_display or os.environ.get("QT_QPA_PLATFORM") == "offscreen":
        profile = _shown(options.out.absolute() / "profile")
        launcher = Path(sys.executable).with_name("workstation")
        program = _shown(launcher) if launcher.exists() else "workstation"
        _say(f"To look round:  {program} case list --demo --vault {profile} --user osei")
        _say(f"Its passphrase, and everybody's:  {stories.PASSPHRASE}")
        return
    _say_logins()
    _say("Closed, it opens again with:  workstation demo --again  (without --again everything begins anew)")
    bootstrap.open_desktop_on(story.services)


def _open_again(out: Path) -> int:
    """The window on an earlier demonstration, as many days ahead as were let pass; nothing is thrown away.

    Raises:
        VaultNotFound: nothing was told there.
    """
    from workstation import bootstrap  # noqa: PLC0415

    if not (out / "profile" / "vault.json").exists():
        raise VaultNotFound(path=str(out / "profile"))
    story = _office(out, training.clock_of(out, SystemClock()), out / "medium-in")
    _say_logins()
    return bootstrap.open_desktop_on(story.services)


def _say_logins() -> None:
    _say("The window opens. Log in as:")
    for person in (stories.CUSTODIAN, *stories.PEOPLE):
        print(f"  {person.login_name:<10} {word('role', person.role)}", flush=True)
    _say(f"Passphrase of all of them: {stories.PASSPHRASE}")


def _shown(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _say(line: str) -> None:
    print(f"\r\x1b[K{line}" if sys.stderr.isatty() else line, flush=True)
