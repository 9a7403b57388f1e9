"""The bot's handle on the sandboxed worker: send a job, get a result, whatever the candidate does.

Shape of use::

    environment = inspect_environment(root, find_python(root, settings.python, os.environ), os.environ)
    with Workbench(environment, level="auto") as bench:
        bench.shield                       # Shield(level="full", parts=(...), leaks=()): what is in force, for people
        result = bench.run(RunTests(nodes=("tests/test_text.py::test_slug",), staged={path: text}), timeout=10.0)
        for node, why in unproved(result, expected): ...
        result = bench.run(job, timeout=10.0, learn=True)   # a job without candidates: what it imports of third-party
                                                            # code is preloaded before later forks
        final = bench.prove(job, timeout=30.0)              # the same job in a brand-new process

`run` and `prove` are thread-safe: each call has a worker to itself (at most ``workers`` at once). A candidate that
hangs, exits, forks, floods or eats memory ends as `Stopped`; the worker is restarted if it was hurt. Raised are only
`ToolError` (interpreter or pytest missing, worker cannot start) and `SandboxError` (``level="required"`` and the
self-test found a leak), both with a remedy.
"""
