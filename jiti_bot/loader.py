"""Load a committed unit into the namespace of its host module.

Compiling is `jiti_bot.transform`'s work; this module finds its result in bytecode where there is some, through
importlib's own machinery, so that invalidation, read-only folders and `-B` behave as for any module.
"""

import os
import sys
from importlib.machinery import SourceFileLoader
from types import CodeType, FunctionType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any

    from _typeshed import ReadableBuffer

# Part of the bytecode's name, since installers write the plain file's bytecode under the usual one. Equals
# transform.VERSION, which is not imported here because it needs `ast`; a test holds the two together.
VERSION = 1
ANNOTATIONS = 0x1000000  # __future__.annotations.compiler_flag

# Candidates under validation: real committed path -> file to use in its place, None for "not there".
_staged: "dict[str, str | None]" = {}


def stage(mapping: "Mapping[str, str | None]") -> None:
    """Use other files in place of committed ones, in this process, for stubs decorated from now on.

    Replaces any earlier mapping; an empty one ends it.
    """
    _staged.clear()
    _staged.update({_real(path): candidate for path, candidate in mapping.items()})


def staged_stores() -> "frozenset[str]":
    """The store folders that the staged files belong to: one may not exist on disk yet."""
    marker = f"{os.sep}.jiti{os.sep}"
    return frozenset(path[: path.rindex(marker) + len(marker) - 1] for path in _staged if marker in path)


def _real(path: str) -> str:
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))


class UnitLoader(SourceFileLoader):
    """Source and bytecode of one committed file, from disk or from the archive its host was imported from."""

    def __init__(self, path: str, unit: str, *, flags: int = 0, archive: "Any" = None, tag: str = "") -> None:
        super().__init__(f"jiti:{unit}", path)
        self.unit = unit
        self.flags = flags
        self.archive = archive
        self.rewrite = bool(tag)
        self.suffix = f".jiti{VERSION}{'f' if flags else ''}{tag}.pyc"

    def own_name(self, path: str) -> str:
        """The name of our bytecode file, given the one that importlib would use."""
        return path[:-4] + self.suffix if path.endswith(".pyc") else path

    def path_stats(self, path: str) -> "Mapping[str, Any]":
        """Modification time and size of the source; the time counts tenths of microseconds.

        Whole seconds would run the old body when a file is written twice within one with the same size. In an archive
        no time is ever current, so that only bytecode checked by hash is used.
        """
        if self.archive is not None:
            return {"mtime": -1, "size": None}
        stat = os.stat(path)
        return {"mtime": stat.st_mtime_ns // 100, "size": stat.st_size}

    def get_data(self, path: str) -> bytes:
        """Read source or bytecode."""
        if self.archive is not None:
            return read_archived(self.archive, self.own_name(path))
        return super().get_data(self.own_name(path))

    def set_data(self, path: str, data: "ReadableBuffer", *, _mode: int = 0o666) -> None:
        """Write bytecode; importlib passes over folders that cannot be written."""
        if self.archive is None:
            super().set_data(self.own_name(path), data, _mode=_mode)

    def source_to_code(self, data: "Any", path: "Any", *, _optimize: int = -1) -> CodeType:
        """Compile the file into its factory."""
        from jiti_bot.transform import build

        return build(data, path, self.unit, flags=self.flags, optimize=_optimize, rewrite=self.rewrite)


class _Uncached(UnitLoader):
    """A staged candidate: rewritten at will, so its bytecode is neither trusted nor left behind."""

    def path_stats(self, path: str) -> "Mapping[str, Any]":
        raise OSError(path)


def unit_loader(path: str, unit: str, namespace: "dict[str, Any]", flags: int, *, is_test: bool) -> UnitLoader:
    """The loader for the committed file at ``path`` of a stub whose globals are ``namespace``.

    Raises FileNotFoundError where a staged mapping says that it is not there.
    """
    tag = _rewriting_tag() if is_test else ""
    if _staged:
        candidate = _staged.get(_real(path), path)
        if candidate is None:
            raise FileNotFoundError(path)
        if candidate != path:
            return _Uncached(candidate, unit, flags=flags, tag=tag)
    archive = archive_of(namespace)
    loader = UnitLoader(path, unit, flags=flags, archive=archive, tag=tag)
    if archive is not None:
        _show_source(loader, path)
    return loader


def archive_of(namespace: "dict[str, Any]") -> "Any":
    """The zip importer that a module came from, if any."""
    loader = namespace.get("__loader__")
    return loader if getattr(loader, "archive", None) and hasattr(loader, "get_data") else None


def read_archived(archive: "Any", path: str) -> bytes:
    """The bytes of a file in an archive, given its absolute path. Raises FileNotFoundError."""
    # An archive found through a relative entry of sys.path calls itself by that.
    inside = path[len(os.path.abspath(archive.archive)) + 1 :]
    try:
        return archive.get_data(inside)
    except OSError as error:  # zipimport does not say what is wrong
        raise FileNotFoundError(path) from error


def run_factory(
    code: CodeType, namespace: "dict[str, Any]", owner: "Callable[..., type]", default: "Callable[[str, int], object]"
) -> "tuple[dict[str, FunctionType], dict[str, Any]]":
    """Make the functions of a unit, and the helpers to be found through them, with the host's globals."""
    return FunctionType(code, namespace)(owner, default)


def _rewriting_tag() -> str:
    """Part of the bytecode's name when pytest rewrites assertions in this process, else empty."""
    module = sys.modules.get("_pytest.assertion.rewrite")
    hook = getattr(module, "AssertionRewritingHook", None)
    if hook is None or not any(isinstance(finder, hook) for finder in sys.meta_path):
        return ""
    version = getattr(sys.modules.get("pytest"), "__version__", "")
    return "-pytest-" + version


def _show_source(loader: UnitLoader, path: str) -> None:
    """Let tracebacks show the committed file: linecache would take the host's loader at its word."""
    import linecache

    def lines() -> "str | None":
        try:
            return loader.get_data(path).decode()
        except (OSError, UnicodeDecodeError):
            return None

    linecache.cache[path] = (lines,)
