"""All checks of the runtime that need nothing but Python: listed for pytest, and run in turn without it."""

import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from tests.runtime.checks import classes, failures, kinds, names, stores
from tests.runtime.site import Site

MODULES = (kinds, names, classes, failures, stores)
CHECKS: dict[str, Callable[[Site], None]] = {
    f"{module.__name__.rpartition('.')[2]}-{name.removeprefix('check_')}": check
    for module in MODULES
    for name, check in vars(module).items()
    if name.startswith("check_")
}


def run(name: str, folder: Path) -> None:
    """Run one check in an empty folder."""
    site = Site(folder)
    try:
        CHECKS[name](site)
    finally:
        site.close()


def main() -> int:
    """Run all checks, telling of each that fails; 1 if any did."""
    failed = 0
    for name in CHECKS:
        with tempfile.TemporaryDirectory() as folder:
            try:
                run(name, Path(folder).resolve())
            except Exception:  # noqa: BLE001  every failure is shown, and the next check run
                failed += 1
                print(f"FAILED {name}")
                traceback.print_exc()
    print(f"Python {sys.version.split()[0]}: {len(CHECKS) - failed} of {len(CHECKS)} checks of the runtime passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
