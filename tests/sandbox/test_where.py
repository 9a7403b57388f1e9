"""Where a job was when its time was up, read from what it printed."""

import pytest

from jiti_bot.validation.sandbox import where

HEAD = "Stack (most recent call first):\n"
TEST = '  File "/p/tests/test_a.py", line 4 in <module>\n'
PYTEST = '  File "/p/.venv/lib/python3.11/site-packages/_pytest/python.py", line 9 in exec_module\n'
SLEEP = '  File "/usr/lib/python3.11/subprocess.py", line 1264 in wait\n'
STAGED = '  File "/tmp/s/jobs/0a1b/staged/0/inc.py", line 7 in inc\n'

# What was printed -> what is left of it, the place.
PRINTED: dict[str, tuple[str, tuple[str, str]]] = {
    "nothing": ("", ("", "")),
    "no answer": ("hello\n", ("hello\n", "")),
    "an answer": (f"hello\n{HEAD}{TEST}{PYTEST}", ("hello\n", "tests/test_a.py:4")),
    "the project's innermost line": (f"{HEAD}{SLEEP}{TEST}", ("", "tests/test_a.py:4")),
    "a candidate's file": (f"{HEAD}{STAGED}{TEST}", ("", "inc.py:7")),
    "nothing of the project": (f"{HEAD}{SLEEP}", ("", "")),
    "its end was cut off": (f'{HEAD}  File "/p/te', ('  File "/p/te', "")),
    "one that was printed before": (f"{HEAD}{STAGED}\n{HEAD}{TEST}", (f"{HEAD}{STAGED}\n", "tests/test_a.py:4")),
    "more after it": (f"{HEAD}{TEST}bye\n", ("bye\n", "tests/test_a.py:4")),
}


@pytest.mark.parametrize(("printed", "told"), PRINTED.values(), ids=PRINTED)
def test_what_is_read_from_an_answer(printed: str, told: tuple[str, str]) -> None:
    assert where.told(printed, "/p") == told
