"""Packaging by reading: whether the project's build backend takes the store into wheels.

What each backend does was seen by building wheels with it (`tests/packaging`). Reading cannot tell everything: `wheel`
builds one and looks.
"""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from jiti_bot.doctor.diagnosis import Diagnosis, note, ok, warning
from jiti_bot.doctor.ground import Ground, host_of
from jiti_bot.layout import STORE

_BACKENDS = {
    "hatchling": "hatchling",
    "setuptools": "setuptools",
    "poetry": "poetry-core",
    "flit_core": "flit",
    "uv_build": "uv_build",
    "pdm": "pdm-backend",
}
_NOT_SHIPPED = frozenset({"tests", "test", "docs", "examples", "benchmarks", "scripts"})
_LOOK = "`jiti doctor --build` builds a wheel and looks inside."


@dataclass(frozen=True, slots=True)
class Packaging:
    """What can be read. ``backend`` is '' where nothing is built.

    ``roots`` are folders of a store outside the packages that it is for, each with its place in a wheel:
    ``.jiti/src/app`` and ``app/.jiti``. ``inside`` are stores in a package, with the package's name. ``loose`` are
    sources without a package. ``texts`` holds setup.py, setup.cfg and MANIFEST.in.
    """

    backend: str
    tool: Mapping[str, Any]
    roots: tuple[tuple[str, str], ...]
    inside: tuple[tuple[str, str], ...]
    loose: tuple[str, ...]
    texts: Mapping[str, str]


def gather(ground: Ground) -> Packaging:
    """Read the project's own files."""
    roots: dict[tuple[str, str], None] = {}
    inside: dict[tuple[str, str], None] = {}
    loose: dict[str, None] = {}
    for unit in ground.units:
        parent = unit.rpartition(f"{STORE}/")[0]
        host = host_of(unit)
        under = "src/" if host.startswith("src/") else ""
        package, is_package, _ = host.removeprefix(under).partition("/")
        if package in _NOT_SHIPPED:
            continue
        if not is_package:
            loose[host] = None
        elif parent.removeprefix(under):
            inside[f"{parent}{STORE}", parent.removeprefix(under).rstrip("/").replace("/", ".")] = None
        else:
            store = f"{parent}{STORE}/"
            roots[f"{store}{under if not parent else ''}{package}", f"{package}/{STORE}"] = None
    texts = {name: ground.read(name) for name in ("setup.py", "setup.cfg", "MANIFEST.in")}
    tool = ground.table("tool")
    return Packaging(_backend(ground, texts), tool, tuple(roots), tuple(inside), tuple(loose), texts)


def judge(found: Packaging, *, ignored: bool) -> Diagnosis:
    """Whether a wheel would hold the committed code. ``ignored``: git ignores the store."""
    if not found.backend:
        return note("wheel", "the project builds none")
    if not (found.roots or found.inside or found.loose):
        return ok("wheel", f"{found.backend}; there is no committed code to take along")
    if ignored:
        what = f"{found.backend}: the store is git-ignored, so that a wheel from a fresh checkout holds no code"
        return warning("wheel", what, "Commit the store, or run `jiti generate` before each build.")
    if found.loose and not (found.roots or found.inside):
        return note("wheel", f"{found.loose[0]} is in no package that could carry its code", _LOOK)
    lacking = _lacking(found)
    if lacking is None:
        return note("wheel", f"{found.backend}: whether it takes the store along cannot be told by reading", _LOOK)
    if lacking:
        return warning("wheel", f"{found.backend} would leave the store out", lacking)
    return ok("wheel", f"{found.backend} takes the store along, by what it is told", _LOOK)


def _lacking(found: Packaging) -> str | None:
    """What has to be written so that the store is taken along; '' for nothing, None where reading cannot tell."""
    match found.backend:
        case "hatchling":
            return _hatchling(found.tool, found.roots)
        case "setuptools":
            return _setuptools(found)
        case "poetry-core":
            return _poetry(found.tool, found.roots)
        case "pdm-backend" if _table(found.tool, "pdm", "build"):
            return None
        case "flit" | "uv_build" | "pdm-backend":
            return (
                _move(found.roots, f"{found.backend} takes along what lies in the package alone") if found.roots else ""
            )
        case _:
            return None


def _hatchling(tool: Mapping[str, Any], roots: Sequence[tuple[str, str]]) -> str:
    tables = (("hatch", "build", "force-include"), ("hatch", "build", "targets", "wheel", "force-include"))
    told = {_plain(k): _plain(v) for names in tables for k, v in _table(tool, *names).items() if isinstance(v, str)}
    missing = [(here, there) for here, there in roots if told.get(here) != there]
    lines = ", ".join(f'`"{here}" = "{there}"`' for here, there in missing)
    return f"Write {lines} under [tool.hatch.build.targets.wheel.force-include]." if missing else ""


def _setuptools(found: Packaging) -> str | None:
    manifest = STORE in found.texts["MANIFEST.in"]
    if found.roots:
        return None if STORE in found.texts["setup.py"] else _move(found.roots, "setuptools needs a build step for it")
    data = _table(found.tool, "setuptools", "package-data")
    patterns = [text for one in data.values() if isinstance(one, list) for text in one if isinstance(text, str)]
    elsewhere = STORE in found.texts["setup.cfg"] + found.texts["setup.py"]
    if any(STORE in text for text in patterns) or manifest or elsewhere:
        return ""
    lines = ", ".join(f'`{package} = ["{STORE}/**/*.py"]`' for _, package in found.inside)
    return f"Write {lines} under [tool.setuptools.package-data]."


def _poetry(tool: Mapping[str, Any], roots: Sequence[tuple[str, str]]) -> str:
    listed = _table(tool, "poetry").get("packages")
    entries = [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    told = {(_plain(str(one.get("from", ""))), _plain(str(one.get("to", "")))) for one in entries}
    missing = [(here, there) for here, there in roots if (here, there) not in told]
    stores = [f'{{include = "**/*.py", from = "{here}", to = "{there}"}}' for here, there in missing]
    if not missing:
        return ""
    if entries:
        return f"Add `{', '.join(stores)}` to `packages` of [tool.poetry]."
    # An entry of any kind ends its own search for the package.
    own = [_own(here, there) for here, there in roots]
    return f"Write `packages = [{', '.join((*own, *stores))}]` under [tool.poetry]."


def _own(here: str, there: str) -> str:
    package = there.removesuffix(f"/{STORE}")
    return f'{{include = "{package}"' + (', from = "src"}' if "/src/" in f"/{here}" else "}")


def _move(roots: Sequence[tuple[str, str]], why: str) -> str:
    here, there = roots[0]
    parent = "src/" if "/src/" in f"/{here}" else ""
    return f'Set `store = "{parent}{there}"` in [tool.jiti] and move what is in {here} there: {why}.'


def _backend(ground: Ground, texts: Mapping[str, str]) -> str:
    named = ground.table("build-system").get("build-backend")
    if isinstance(named, str):
        first = re.split(r"[.:]", named)[0]
        return _BACKENDS.get(first, named)
    is_script = os.path.isfile(ground.path("setup.py"))
    built = bool(is_script or ground.table("build-system") or "[metadata]" in texts["setup.cfg"])
    return "setuptools" if built else ""


def _plain(path: str) -> str:
    return path.removeprefix("./").strip("/")


def _table(value: Any, *names: str) -> dict[str, Any]:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return dict(value) if isinstance(value, Mapping) else {}
