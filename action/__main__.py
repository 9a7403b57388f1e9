"""The step: `python3 -I -S action/__main__.py`.

Isolated, because the working folder holds code that is not ours, and without `site`, because the packages that are
installed beside the project (their `.pth` files run in every interpreter) have no business where key and token are.
"""

import os
import subprocess
import sys
from pathlib import Path

OURS = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(OURS))

from action import inputs, protocol, work  # noqa: E402 - isolated, Python does not look beside this file by itself


def main(env: dict[str, str]) -> int:
    """Read the inputs, have jiti at hand, do the work; the step's exit code."""
    try:
        wanted = inputs.read(env)
        program = [wanted.bot_python or _installed(env), "-I", "-m", "jiti_bot"]
    except inputs.InputError as error:
        _write(protocol.command("error", str(error), title="jiti: inputs"))
        return 2
    except subprocess.CalledProcessError as error:
        said = f"jiti-bot could not be installed: {' '.join(map(str, error.cmd))} ended with {error.returncode}."
        _write(protocol.command("error", said, title="jiti: installing"))
        return error.returncode or 1
    return work.Step(wanted, env, program, _write, work.start).run()


def _installed(env: dict[str, str]) -> str:
    """The interpreter of an environment of our own, made where a step of this job has not made it already."""
    folder = Path(env.get("RUNNER_TEMP") or ".").resolve() / "jiti-bot-environment"
    python = folder / "bin" / "python"
    done = folder / "installed"
    if not done.exists():
        clean = {name: value for name, value in env.items() if not name.startswith(("INPUT_", "PYTHON"))}
        with protocol.quoting(_write):
            for line in (
                [sys.executable, "-I", "-S", "-m", "venv", "--clear", str(folder)],
                [str(python), "-I", "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"{OURS}[bot]"],
            ):
                subprocess.run(line, check=True, env=clean)
        done.touch()
    return str(python)


def _write(text: str) -> None:
    # A file's name need not be UTF-8, and the log need not be either.
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace"))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
