"""Runs a piece of Python as ``python -c`` would."""

import sys
import traceback


def run_code(code: str) -> int:
    """Run it in a fresh ``__main__``; returns the exit status. What it prints goes where this process prints."""
    namespace = vars(sys.modules["__main__"])
    try:
        exec(compile(code, "<code>", "exec", dont_inherit=True), namespace)  # noqa: S102 - the job: inside the sandbox
    except SystemExit as request:
        _flush()  # what was printed comes before what is said of it
        return _status(request.code)
    except BaseException as error:  # noqa: BLE001 - shown as the interpreter would
        _flush()
        frames = error.__traceback__.tb_next if error.__traceback__ else None
        traceback.print_exception(type(error), error, frames)
        return 1
    finally:
        _flush()
    return 0


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    sys.stderr.write(f"{code}\n")
    return 1


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError, AttributeError):  # closed or replaced by the code
            continue
