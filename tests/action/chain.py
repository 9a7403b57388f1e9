"""The example as a repository, its expected store, its stored model; as a program the whole way, step by step."""

import sys
import tempfile
from pathlib import Path

from jiti_bot.demo import scratch
from jiti_bot.loopback import Loopback, Sessions

_EXAMPLE = scratch.example()
_NOT_ITS_OWN = ("replies", "expected")


def example() -> dict[str, str | None]:
    """The files of examples/semver, without what belongs to the demo."""
    paths = [path for path in sorted(_EXAMPLE.rglob("*")) if path.is_file()]
    names = {path: path.relative_to(_EXAMPLE) for path in paths}
    return {
        str(name): path.read_text("utf-8")
        for path, name in names.items()
        if name.parts[0] not in _NOT_ITS_OWN
        and "__pycache__" not in name.parts
        and not name.parts[0].endswith("_cache")
    }


def expected() -> dict[str, str]:
    """What is committed of the example's store at the end."""
    store = _EXAMPLE / "expected"
    paths = [path for path in store.rglob("*") if path.is_file()]
    return {str(path.relative_to(store)): path.read_text("utf-8") for path in paths if ".cache" not in path.parts}


def played() -> Loopback:
    """The model of the example's stored replies."""
    return Loopback(Sessions.read(scratch.replies(_EXAMPLE)))


def main() -> int:
    """Run it, and print where the pull request's text is."""
    from tests.action.act import Runner
    from tests.github.start import serving
    from tests.stages import events

    folder = Path(tempfile.mkdtemp(prefix="jiti-chain-"))
    with serving(folder, example()) as github, played() as model:
        print(f"GitHub on {github.url}, the model on {model.url}; act runs the workflow...", flush=True)
        runner = Runner(folder, github, model.url, ended=lambda job, result: print(f"  {job}: {result}", flush=True))
        ran = runner.run("push", events.push(after=github.branches()["main"]))
        for pull in github.pulls:
            (folder / "PULL_REQUEST.md").write_text(pull.body or "", "utf-8")
            print(f"Pull request #{pull.number}: {pull.title}, from {pull.head} to {pull.base}.")
            print(f"Its text is in {folder / 'PULL_REQUEST.md'}.")
    if ran.code:
        (folder / "log.txt").write_text(ran.log, "utf-8")
        errors = [line.strip() for line in ran.log.splitlines() if "::error" in line]
        print("\n".join(line[:300] for line in errors[:5]))
        print(f"The run failed; its whole log is in {folder / 'log.txt'}.")
    return ran.code


if __name__ == "__main__":
    sys.exit(main())
