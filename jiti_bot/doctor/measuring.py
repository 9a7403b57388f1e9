"""Coverage: whether what the project measures holds the committed code.

What coverage.py takes was seen with 7.17: a folder in ``source`` stands for all below it, a package's name also for
committed code, which runs under its host's name; without ``source`` everything below the working directory counts.
"""

import configparser
import fnmatch
import os
import re
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jiti_bot.doctor.diagnosis import Diagnosis, note, ok
from jiti_bot.doctor.ground import Ground, host_of

_OWN = ".coveragerc.toml"


@dataclass(frozen=True, slots=True)
class Measuring:
    """How coverage is configured. ``where`` is '' for not at all; the rest are coverage's own settings."""

    where: str
    source: tuple[str, ...] = ()
    omit: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()


def gather(ground: Ground) -> Measuring:
    """Read coverage's configuration and pytest-cov's options, from the first file that has them."""
    where, table = _configuration(ground)
    given = _options(ground)
    if not where and given is None:
        return Measuring("")
    source = tuple(given or ()) or tuple(_listed(table, "source") + _listed(table, "source_pkgs", "source_dirs"))
    return Measuring(
        where or "pytest's --cov",
        source=source,
        omit=tuple(_listed(table, "omit")),
        include=tuple(_listed(table, "include")),
        excluded=tuple(_listed(table, "exclude_also", "exclude_lines")),
        folders=tuple(one for one in source if os.path.isdir(ground.path(one))),
    )


def judge(found: Measuring, units: tuple[str, ...]) -> Diagnosis:
    """Whether the figures hold the committed code: a choice, but one that should be known."""
    if not found.where:
        return note("coverage", "it is not configured here")
    if not units:
        return ok("coverage", f"{found.where}; there is no committed code yet")
    if all(_omitted(found, unit) for unit in units):
        return ok("coverage", f"{found.where} leaves committed code out")
    measured = [unit for unit in units if not _omitted(found, unit) and _measured(found, unit)]
    if not measured:
        store = units[0].partition(".jiti/")[0] + ".jiti"
        what = f"{found.where} does not measure committed code: its figures are about your own"
        return note("coverage", what, f"To measure it, add {store!r} to `source`.")
    stubs = "" if any("NotImplementedError" in one for one in found.excluded) else "; stubs count as lines never run"
    remedy = 'Add `exclude_also = ["raise NotImplementedError"]` to its report.' if stubs else ""
    return ok("coverage", f"{found.where} measures committed code{stubs}", remedy)


def _measured(found: Measuring, unit: str) -> bool:
    if not found.source:
        return not found.include or any(_matches(unit, pattern) for pattern in found.include)
    for source in found.source:
        folder = source.strip("/").removeprefix("./")
        if source not in found.folders:  # a package, which committed code is part of by its module's name
            host = host_of(unit).removesuffix(".py").removeprefix("src/").replace("/", ".")
            if host == source or host.startswith(f"{source}."):
                return True
        elif folder in {".", ""} or unit.startswith(f"{folder}/"):
            return True
    return False


def _omitted(found: Measuring, unit: str) -> bool:
    return any(_matches(unit, pattern) for pattern in found.omit)


def _matches(unit: str, pattern: str) -> bool:
    plain = pattern.removeprefix("./")
    return any(fnmatch.fnmatchcase(unit, one) or fnmatch.fnmatchcase(f"/{unit}", one) for one in (plain, f"{plain}*"))


def _configuration(ground: Ground) -> tuple[str, dict[str, Any]]:
    """Where coverage is configured, and its settings of ``run`` and ``report`` in one table."""
    for file, prefix in ((".coveragerc", ""), (_OWN, ""), ("setup.cfg", "coverage:"), ("tox.ini", "coverage:")):
        text = ground.read(file)
        if not text:
            continue
        if file == _OWN:
            return file, _own_toml(text)
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read_string(text)
        except configparser.Error:
            continue
        sections = [f"{prefix}{name}" for name in ("run", "report") if parser.has_section(f"{prefix}{name}")]
        if sections or file == ".coveragerc":
            return file, {key: value for section in reversed(sections) for key, value in parser.items(section)}
    run, report = (ground.table("tool", "coverage", name) for name in ("run", "report"))
    if run or report:
        return "[tool.coverage] of pyproject.toml", {**report, **run}
    return "", {}


def _own_toml(text: str) -> dict[str, Any]:
    """A file of coverage's own file in TOML, whose tables stand for themselves or below ``tool.coverage``."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}
    tool = document.get("tool")
    held = tool.get("coverage") if isinstance(tool, dict) else document
    tables = [held.get(name) for name in ("report", "run")] if isinstance(held, dict) else []
    return {key: value for table in tables if isinstance(table, dict) for key, value in table.items()}


def _options(ground: Ground) -> list[str] | None:
    """What ``--cov`` says in pytest's ``addopts``; None where it is not there, empty for a bare one."""
    found = ground.table("tool", "pytest", "ini_options").get("addopts", ground.table("tool", "pytest").get("addopts"))
    words = list(found) if isinstance(found, list) else _split(found if isinstance(found, str) else "")
    for file in ("pytest.ini", "tox.ini", "setup.cfg"):
        match = re.search(r"(?m)^addopts\s*=(.*(?:\n[ \t]+.*)*)", ground.read(file))
        words += _split(match[1]) if match else []
    if not any(str(word).startswith("--cov") for word in words):
        return None
    return [str(word).partition("=")[2] for word in words if str(word).startswith("--cov=")]


def _split(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _listed(table: Mapping[str, Any], *names: str) -> list[str]:
    found: list[str] = []
    for name in names:
        value = table.get(name)
        found += (
            re.split(r"[\n,]+", value) if isinstance(value, str) else map(str, value) if isinstance(value, list) else []
        )
    return [text.strip() for text in found if text.strip()]
