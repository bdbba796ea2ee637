"""How much work a passphrase costs: the floor, the defaults, and the calibration to this machine."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from storage.vault.keys import stretch
from workstation.core.vault import Argon2idCost, Cost, Pbkdf2Cost, Profile
from workstation.core.vault_errors import CostTooLow, MemoryTooSmall

DEFAULT_COST: Final = Argon2idCost(memory_kib=256 * 1024, passes=3, lanes=4)
FIPS_COST: Final = Pbkdf2Cost(iterations=1_000_000)
LIGHT_COST: Final = Argon2idCost(memory_kib=8 * 1024, passes=1, lanes=1)  # tests and demonstrations only
_FLOOR_MEMORY_KIB, _FLOOR_PASSES, _FLOOR_ITERATIONS = 64 * 1024, 3, 1_000_000
_TARGET_S, _TARGET_ALONE_S, _LONGEST_S, _MAX_PASSES = 0.7, 1.4, 3.0, 16
_TRIALS = 2  # the better one counts: a machine that is busy at set-up must not get a weaker vault
_FIPS_FLAG = Path("/proc/sys/crypto/fips_enabled")


def require_cost(cost: Cost, profile: Profile) -> None:
    """Refuse a real vault a derivation cheaper than the floor.

    Raises:
        CostTooLow: in memory, passes or iterations.
    """
    if profile is Profile.DEMO:
        return
    if isinstance(cost, Argon2idCost):
        if cost.memory_kib < _FLOOR_MEMORY_KIB or cost.passes < _FLOOR_PASSES:
            raise CostTooLow(floor=f"argon2id {_FLOOR_MEMORY_KIB} KiB, {_FLOOR_PASSES} passes")
    elif cost.iterations < _FLOOR_ITERATIONS:
        raise CostTooLow(floor=f"pbkdf2-sha384 {_FLOOR_ITERATIONS} iterations")


def fips_mode() -> bool:
    """Whether the kernel was started in FIPS mode; then Argon2id is not to be used."""
    try:
        return _FIPS_FLAG.read_text().strip() == "1"
    except OSError:
        return False


def calibrated_cost(
    *, device_bound: bool, fips: bool | None = None, timer: Callable[[], float] = time.monotonic
) -> Cost:
    """The cost that takes about 0.7 s here, about twice that for a slot with no device secret.

    Passes give way before memory: 256 MiB is halved only where the machine cannot give it or three passes
    would take more than 3 s, not below 64 MiB; then as many passes as fit, not below three. Takes about as
    long itself as one unlock.

    Raises:
        MemoryTooSmall: not even the floor fits.
    """
    target_s = _TARGET_S if device_bound else _TARGET_ALONE_S
    if fips_mode() if fips is None else fips:
        spent_s = _seconds(FIPS_COST, timer)
        factor = max(1.0, target_s / spent_s if spent_s > 0 else 1.0)
        return Pbkdf2Cost(iterations=min(20_000_000, int(FIPS_COST.iterations * factor)))
    memory_kib = DEFAULT_COST.memory_kib
    while True:
        trial = Argon2idCost(memory_kib=memory_kib, passes=1, lanes=DEFAULT_COST.lanes)
        try:
            spent_s = _seconds(trial, timer)
        except MemoryTooSmall:
            if memory_kib <= _FLOOR_MEMORY_KIB:
                raise
            memory_kib //= 2
            continue
        if spent_s * _FLOOR_PASSES <= _LONGEST_S or memory_kib <= _FLOOR_MEMORY_KIB:
            fitting = round(target_s / spent_s) if spent_s > 0 else _FLOOR_PASSES
            passes = max(_FLOOR_PASSES, min(_MAX_PASSES, fitting))
            return Argon2idCost(memory_kib=memory_kib, passes=passes, lanes=DEFAULT_COST.lanes)
        memory_kib //= 2


def _seconds(cost: Cost, timer: Callable[[], float]) -> float:
    """The shorter of two trials."""
    spent_s = []
    for _ in range(_TRIALS):
        start_s = timer()
        stretch(bytearray(b"calibration"), bytes(32), cost)
        spent_s.append(timer() - start_s)
    return min(spent_s)
