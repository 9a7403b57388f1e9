"""Claims: one holder at a time, given back by name, by the end, or by death."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from jiti_bot.store.claims import Claims
from tests.repo import ROOT
from tests.store.made import spec

HOLD = """
import sys
from jiti_bot.store.claims import Claims
from tests.store.made import spec
claims = Claims(sys.argv[1])
print(claims.take(spec()), flush=True)
sys.stdin.read()
"""


def held(root: Path) -> list[Path]:
    return list((root / ".jiti/.cache/claims").iterdir())


def test_one_at_a_time(tmp_path: Path) -> None:
    one, two = Claims(str(tmp_path)), Claims(str(tmp_path))
    assert [one.take(spec()), one.take(spec()), two.take(spec()), two.take(spec("other"))] == [True, True, False, True]
    one.release(spec().key)
    one.release(spec().key)
    assert two.take(spec())
    two.close()
    assert one.take(spec("other"))
    one.close()
    assert held(tmp_path) == []


def test_a_claim_dies_with_its_process(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "True\n"
        claims = Claims(str(tmp_path))
        assert not claims.take(spec())
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert claims.take(spec())
    claims.close()


def test_a_store_that_is_removed_meanwhile(tmp_path: Path) -> None:
    one, two = Claims(str(tmp_path)), Claims(str(tmp_path))
    assert one.take(spec())
    for file in held(tmp_path):
        file.unlink()
    assert two.take(spec())
    one.close()
    assert not one.take(spec())
    two.close()
