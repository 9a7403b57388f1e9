"""Parsing in several threads at once."""

import gc
import inspect
import sys
import textwrap
import threading

from jiti_bot.source.parse import syntax_tree


def test_what_runs_while_memory_is_tidied_disturbs_no_other_thread() -> None:
    # On Python 3.11 the parser keeps one count of its depth for all threads: whatever Python code the collector calls
    # in the middle of it may let another thread parse, and the counts no longer add up.
    text = inspect.getsource(textwrap)
    refused: list[SyntaxError] = []

    def work() -> None:
        for _ in range(40):
            try:
                syntax_tree(text)
            except SyntaxError as error:
                refused.append(error)

    def tidying(phase: str, info: object) -> None:
        sum(range(200))

    interval = sys.getswitchinterval()
    threads = [threading.Thread(target=work) for _ in range(4)]
    gc.callbacks.append(tidying)
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
        gc.callbacks.remove(tidying)
    assert refused == []
