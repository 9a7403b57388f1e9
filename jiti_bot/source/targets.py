"""What a user means by a word: a key, a dotted module or class, a file, or ``file.py::unit``."""

from __future__ import annotations

from jiti_bot import layout
from jiti_bot.errors import TargetError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jiti_bot.source.model import Spec


def find(target: str, specs: Sequence[Spec], excluded: Iterable[str] = ()) -> tuple[Spec, ...]:
    """The specs that ``target`` names, in order.

    Raises TargetError with close matches where it names none, or with the one of the ``excluded`` files that it names.
    """
    wanted = target.strip()
    path = wanted.replace("\\", "/").removeprefix("./")
    for match in (_by_key, _by_unit, _by_file, _by_prefix):
        found = tuple(spec for spec in specs if match(spec, wanted, path))
        if found:
            return found
    for file in excluded:
        if _is_in(file, wanted, path):
            raise TargetError(
                f"`exclude` in `[tool.jiti]` leaves out {file}, so that there is no stub {target!r}.",
                remedy="Take the file out of `exclude`, or name another stub.",
            )
    raise TargetError(f"There is no stub named {target!r}.", remedy=_remedy(wanted, specs))


def _is_in(file: str, wanted: str, path: str) -> bool:
    """Whether a user's word names ``file``, something in it or a folder that it lies in."""
    named = path.partition("::")[0].rstrip("/")
    module = layout.dotted_key(file, "").rstrip(".")
    return f"{file}/".startswith(f"{named}/") or f"{wanted}.".startswith(f"{module}.")


def _by_key(spec: Spec, wanted: str, _path: str) -> bool:
    return spec.key == wanted


def _by_unit(spec: Spec, _wanted: str, path: str) -> bool:
    """``src/app/text.py::Parser.parse``, and a class's name for all of its methods."""
    file, colons, unit = path.partition("::")
    return bool(colons) and spec.stub.file == file and (spec.stub.unit == unit or _below(spec.stub.unit, unit))


def _by_file(spec: Spec, _wanted: str, path: str) -> bool:
    """A source file, a folder of them, or a committed file."""
    folder = path.rstrip("/")
    return path in {spec.stub.file, spec.path} or ("/" in path and spec.stub.file.startswith(f"{folder}/"))


def _by_prefix(spec: Spec, wanted: str, _path: str) -> bool:
    """A package, module or class, dotted: everything below it."""
    return _below(dotted(spec), wanted) or _below(spec.key, wanted) or dotted(spec) == wanted


def dotted(spec: Spec) -> str:
    """The dotted name of a stub, which its key is unless two share it."""
    if "::" not in spec.key:
        return spec.key
    parent = spec.store.rpartition("/")[0]
    return layout.dotted_key(spec.stub.file.removeprefix(f"{parent}/") if parent else spec.stub.file, spec.stub.unit)


def _below(name: str, above: str) -> bool:
    return bool(above) and name.startswith(f"{above}.")


def _remedy(wanted: str, specs: Sequence[Spec]) -> str:
    """Names that come close, also by the unit alone."""
    import difflib

    keys = [spec.key for spec in specs]
    if not keys:
        return "No stubs were found: decorate one with `@jiti`."
    last = wanted.rpartition("::")[2].rpartition(".")[2]
    named = [spec.key for spec in specs if last and spec.stub.unit.rpartition(".")[2] == last]
    close = list(dict.fromkeys([*named, *difflib.get_close_matches(wanted, keys, 3, 0.5)]))[:3]
    if close:
        return f"Did you mean {' or '.join(close)}?"
    return "`jiti status` lists them all."
