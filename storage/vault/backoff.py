"""Waiting after wrong passphrases: kept in a file, bounded, and never for ever (vault-v1.md, section 9)."""

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from storage.vault.files import overwrite_file, read_bounded, replace_file
from storage.vault.header_values import HeaderDamaged, cost_as_json, parse_cost
from storage.vault.keys import canonical
from workstation.core.ports import Clock
from workstation.core.vault import Cost
from workstation.core.vault_errors import BackOffActive, VaultDiskFull

FREE_ATTEMPTS: Final = 3
MAX_WAIT_S: Final = 900
_UNREADABLE_FAILURES = 8
_MAX_FAILURES = 1_000_000
_MAX_FILE_BYTES = 4_096
_MAX_SECONDS = 253_402_300_799  # the end of the year 9999


@dataclass(frozen=True, kw_only=True)
class Attempts:
    """What the file says."""

    failures: int
    failed_at_s: int
    cost: Cost | None

    def wait_s(self, now_s: int) -> int:
        """Seconds still to wait; a last failure in the future counts as now."""
        if self.failures < FREE_ATTEMPTS:
            return 0
        # 2**10 > 900: a larger exponent changes nothing but the size of the number.
        wait = min(MAX_WAIT_S, 1 << min(self.failures - FREE_ATTEMPTS, 10))
        return max(0, min(self.failed_at_s, now_s) + wait - now_s)


class BackOff:
    """The file and its rules. Called with the vault locked for this process."""

    def __init__(self, path: Path, clock: Clock) -> None:
        self._path, self._clock = path, clock

    def read(self) -> Attempts:
        """The attempts so far."""
        now_s = self._now_s()
        try:
            content = read_bounded(self._path, _MAX_FILE_BYTES)
        except FileNotFoundError:
            return Attempts(failures=0, failed_at_s=0, cost=None)
        try:
            value = json.loads(content or b"")
            failures, failed_at_s = value["failures"], value["failed_at"]
            cost = None if value["cost"] is None else parse_cost(value["cost"])
            numbers_ok = type(failures) is int and type(failed_at_s) is int
            if numbers_ok and 0 <= failures <= _MAX_FAILURES and 0 <= failed_at_s <= _MAX_SECONDS:
                return Attempts(failures=failures, failed_at_s=failed_at_s, cost=cost)
        except (ValueError, KeyError, TypeError, RecursionError, HeaderDamaged):
            pass
        return Attempts(failures=_UNREADABLE_FAILURES, failed_at_s=now_s, cost=None)

    def until(self) -> datetime | None:
        """When the next attempt is taken, ``None`` when at once. Writes nothing."""
        wait_s = self.read().wait_s(self._now_s())
        return self._clock.now() + timedelta(seconds=wait_s) if wait_s else None

    def charge(self) -> Attempts:
        """Count an attempt before it is made, so that ending the process does not save one.

        Raises:
            BackOffActive: too early; nothing is counted, but a clock set back is taken note of.
        """
        now_s, attempts = self._now_s(), self.read()
        wait_s = attempts.wait_s(now_s)
        if wait_s:
            if attempts.failed_at_s >= now_s:
                self._write(replace(attempts, failed_at_s=now_s))
            raise BackOffActive(seconds_left=wait_s)
        failures = min(attempts.failures + 1, _MAX_FAILURES)
        self._write(replace(attempts, failures=failures, failed_at_s=now_s))
        return attempts

    def succeeded(self, cost: Cost) -> None:
        """Forget the wrong attempts; remember what an attempt costs here."""
        self._write(Attempts(failures=0, failed_at_s=0, cost=cost))

    def undo(self, attempts: Attempts) -> None:
        """Take back a charged attempt that never came to compare anything."""
        self._write(attempts)

    def _write(self, attempts: Attempts) -> None:
        value = {
            "cost": None if attempts.cost is None else cost_as_json(attempts.cost),
            "failures": attempts.failures,
            "failed_at": attempts.failed_at_s,
        }
        try:
            replace_file(self._path, canonical(value))
        except VaultDiskFull:
            if not self._path.exists():
                raise
            # Whoever cannot get in cannot make room either. A block the file already has can be rewritten.
            overwrite_file(self._path, canonical(value))

    def _now_s(self) -> int:
        return max(0, int(self._clock.now().astimezone(UTC).timestamp()))
