"""Settings: `[tool.jiti]` in pyproject.toml < environment < `Engine(...)` < command line.

Standard library only. The outcome is one frozen value that remembers where each of its values came from. Keys of
services are no settings: they stay in the environment.
"""

from __future__ import annotations

import os

from jiti_bot.errors import ConfigurationError
from jiti_bot.light import re
from jiti_bot.values import dataclass, replace

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Literal

DEFAULT_MODEL = "claude-sonnet-5-5"
PYPROJECT = "pyproject.toml"
# `[tool.jiti]`, `tool.jiti.x = `, `jiti = {`: a dependency called jiti or jiti-bot is none of these.
_SETS_OURS = r"(?m)\bjiti[\"']?\s*(?:[\].=]|$)"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set, for one run or for one stub.

    Money is in US dollars, times in seconds, tokens per reply. ``test_paths`` empty means the whole project.
    ``exclude`` are patterns as `jiti_bot.globs` reads them. ``store`` and the guides are posix paths relative to the
    project's root. ``client`` is ``pkg.mod:make_client``. ``trailer`` is the line that the bot's commits end with.
    """

    model: str = DEFAULT_MODEL
    quality_threshold: int = 7
    max_refactor: int = 1
    max_turns: int = 24
    max_tokens: int = 16_000
    max_usd: float = 1.0
    max_usd_run: float = 20.0
    execution_timeout: float = 30.0
    style: str | None = None
    test_guide: str | None = None
    test_paths: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    store: str | None = None
    client: str | None = None
    python: str | None = None
    sandbox: Literal["required", "auto", "off"] = "auto"
    doctests: str = "gate"
    jobs: int = 4
    mutants: int = 12
    trailer: str = "Generated-by: jiti-bot"
    log: str = "off"
    strict: bool = False
    origins: tuple[tuple[str, str], ...] = ()

    def origin(self, name: str) -> str:
        """Where a value came from: ``pyproject.toml:12``, ``JITI_MODEL``, ``app.py:3``, ``--jobs`` or ``default``."""
        return dict(self.origins).get(name, "default")

    def overlay(self, values: Mapping[str, object], origins: Mapping[str, str]) -> Settings:
        """These settings with ``values`` on top. Raises `ConfigurationError` for one that does not fit."""
        checked = {name: check(name, value, origins[name]) for name, value in values.items()}
        merged = {**dict(self.origins), **{name: origins[name] for name in checked}}
        return replace(self, **checked, origins=tuple(merged.items()))


# Where an option of the command line has another name than its setting.
OPTIONS = {"max_usd_run": "--max-usd"}


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a value must be: a reader that returns it or raises ValueError, and the same in words."""

    read: Callable[[object], object]
    words: str


def read_project(text: str, file: str = PYPROJECT, *, thorough: bool = False) -> Settings:
    """Settings of ``[tool.jiti]`` over the defaults. ``text`` is that of pyproject.toml; '' where there is none.

    Not ``thorough``, a text that sets nothing of ours is not parsed: a check has no time for that.
    """
    if not text or not (thorough or ("jiti" in text and re.search(_SETS_OURS, text))):
        return Settings()
    import tomllib

    from jiti_bot import lines

    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"This is not TOML: {lines.without_place(str(error))}.",
            remedy="Correct the line.",
            where=f"{file}:{lines.of_error(text, str(error))}",
        ) from error
    tool = document.get("tool", {})
    table = tool.get("jiti", {}) if isinstance(tool, dict) else {}
    if not isinstance(table, dict):
        raise ConfigurationError(
            "tool.jiti is not a table.",
            remedy="Write [tool.jiti] above its settings.",
            where=f"{file}:{lines.of_word(text, 'jiti')}",
        )
    origins = {name: f"{file}:{lines.of_setting(text, name)}" for name in table}
    for name in table:
        _refuse_unknown(name, PROJECT_NAMES, origins[name])
    if table.get("sandbox") == "off":
        raise ConfigurationError(
            "The sandbox cannot be switched off for everybody who checks this project out.",
            remedy='Use sandbox = "auto", or pass --sandbox off on the command line.',
            where=origins["sandbox"],
        )
    return Settings().overlay(table, origins)


def read_environment(settings: Settings, env: Mapping[str, str]) -> Settings:
    """``settings`` with the environment on top. An empty variable counts as none."""
    values: dict[str, object] = {}
    origins: dict[str, str] = {}
    for variable, name in VARIABLES.items():
        text = env.get(variable, "").strip()
        if text:
            values[name] = text not in {"0", "false", "no"} if name == "strict" else text
            origins[name] = variable
    return settings.overlay(values, origins)


def read_engine(settings: Settings, values: Iterable[tuple[str, object]], where: str) -> Settings:
    """``settings`` with those of a literal ``Engine(...)`` at ``where`` (``file:line``) on top.

    What was given on the command line stays: it is the last word of whoever starts the run.
    """
    given = {name: value for name, value in values if value is not None and not settings.origin(name).startswith("--")}
    for name in given:
        _refuse_unknown(name, (*ENGINE_NAMES, *_WITHOUT_EFFECT), where)
    for name in _WITHOUT_EFFECT & given.keys():
        check(name, given.pop(name), where)
    return settings.overlay(given, dict.fromkeys(given, where))


def read_arguments(settings: Settings, values: Mapping[str, object]) -> Settings:
    """``settings`` with those given on the command line on top; None means not given."""
    given = {name: value for name, value in values.items() if value is not None}
    return settings.overlay(given, {name: OPTIONS.get(name, f"--{name.replace('_', '-')}") for name in given})


def load(
    root: str, env: Mapping[str, str], arguments: Mapping[str, object] | None = None, *, thorough: bool = True
) -> Settings:
    """The settings of a run in the project at ``root``, before any stub's ``Engine``."""
    project = read_project(project_text(root), thorough=thorough)
    return read_arguments(read_environment(project, env), arguments or {})


def project_text(root: str) -> str:
    """The text of pyproject.toml in ``root``, '' where there is none. Raises `ConfigurationError`."""
    try:
        with open(os.path.join(root, PYPROJECT), "rb") as file:
            return decode(file.read())
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise ConfigurationError(
            f"It cannot be read: {error.strerror}.", remedy="Make it a readable file.", where=f"{PYPROJECT}:1"
        ) from error


def decode(data: bytes, file: str = PYPROJECT) -> str:
    """The text of a TOML file. Raises `ConfigurationError`."""
    data = data.removeprefix(b"\xef\xbb\xbf")  # the codec for that is a module of its own, which takes time to load
    try:
        return data.decode().replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigurationError(
            "This is not UTF-8, which TOML must be.", remedy="Save it as UTF-8.", where=f"{file}:{line}"
        ) from error


def check(name: str, value: object, where: str) -> object:
    """``value`` as the setting ``name`` holds it. Raises `ConfigurationError`."""
    rule = _RULES[name]
    if name in {"style", "test_guide"} and where in {"JITI_STYLE", "JITI_TESTS"}:
        rule = _Rule(_text, "a path")  # a person's own choice may lie anywhere, what a repository says may not
    try:
        return rule.read(value)
    except ValueError as error:
        raise ConfigurationError(
            f"{name} must be {rule.words}, not {value!r}.", remedy="Correct the value.", where=where
        ) from error


def _refuse_unknown(name: str, known: Iterable[str], where: str) -> None:
    if name in known:
        return
    import difflib

    close = difflib.get_close_matches(name.replace("-", "_"), tuple(known), n=1)
    raise ConfigurationError(
        f"There is no setting {name!r}.",
        remedy=f"Did you mean {close[0]!r}?" if close else f"The settings are: {', '.join(sorted(known))}.",
        where=where,
    )


def _text(value: object) -> str:
    if isinstance(value, str) and value.strip() and "\0" not in value:
        return value.strip()
    raise ValueError


def _trailer(value: object) -> str:
    """A git trailer, or nothing."""
    if isinstance(value, str) and (not value or (value.isprintable() and re.match(r"[A-Za-z][A-Za-z-]*: \S", value))):
        return value
    raise ValueError


def _path(value: object) -> str:
    """A path that stays in the project, as posix spells it."""
    text = _text(value).replace("\\", "/")
    parts = [part for part in text.split("/") if part not in {"", "."}]
    if text.startswith("/") or text[1:2] == ":" or ".." in parts:
        raise ValueError
    return "/".join(parts) or "."


def _store(value: object) -> str:
    path = _path(value)
    if path.split("/")[-1] != ".jiti":
        raise ValueError
    return path


def _paths(value: object) -> tuple[str, ...]:
    if isinstance(value, (list, tuple)):
        return tuple(_path(item) for item in value)
    raise ValueError


def _patterns(value: object) -> tuple[str, ...]:
    from jiti_bot import globs  # few projects leave anything out

    if isinstance(value, (list, tuple)):
        return tuple(globs.normal(_text(item)) for item in value)
    raise ValueError


def _client(value: object) -> str:
    text = _text(value)
    module, colon, name = text.partition(":")
    if colon and name.isidentifier() and all(part.isidentifier() for part in module.split(".")):
        return text
    raise ValueError


def _flag(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError


def _whole(lowest: int, highest: int) -> Callable[[object], object]:
    def read(value: object) -> int:
        if isinstance(value, int) and not isinstance(value, bool) and lowest <= value <= highest:
            return value
        raise ValueError

    return read


def _number(lowest: float, highest: float) -> Callable[[object], object]:
    def read(value: object) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and lowest <= value <= highest:
            return float(value)
        raise ValueError

    return read


def _one_of(*words: str) -> Callable[[object], object]:
    def read(value: object) -> str:
        if value in words and isinstance(value, str):
            return value
        raise ValueError

    return read


_FILE = _Rule(_path, "a path relative to the project's root")
_MONEY = _Rule(_number(0, 1_000_000), "an amount of US dollars, 0 or more")
_RULES: dict[str, _Rule] = {
    "model": _Rule(_text, "the name of a model"),
    "quality_threshold": _Rule(_whole(0, 10), "a whole number from 0 to 10"),
    "max_refactor": _Rule(_whole(0, 20), "a whole number from 0 to 20"),
    "max_turns": _Rule(_whole(1, 1_000), "a whole number from 1 to 1000"),
    "max_tokens": _Rule(_whole(256, 1_000_000), "a whole number of tokens from 256 to 1000000"),
    "max_usd": _MONEY,
    "max_usd_run": _MONEY,
    "execution_timeout": _Rule(_number(0.1, 86_400), "a number of seconds from 0.1 to 86400"),
    "style": _FILE,
    "test_guide": _FILE,
    "test_paths": _Rule(_paths, "a list of paths relative to the project's root"),
    "exclude": _Rule(_patterns, 'a list of patterns such as "vendor" or "tests/data/*.py", below the project\'s root'),
    "store": _Rule(_store, "a path relative to the project's root that ends in .jiti"),
    "client": _Rule(_client, 'the place of a function, such as "pkg.mod:make_client"'),
    "python": _Rule(_text, "the path of a Python interpreter"),
    "sandbox": _Rule(_one_of("required", "auto", "off"), 'one of "required", "auto", "off"'),
    "doctests": _Rule(_one_of("gate", "show", "off"), 'one of "gate", "show", "off"'),
    "jobs": _Rule(_whole(1, 256), "a whole number from 1 to 256"),
    "mutants": _Rule(_whole(0, 200), "a whole number from 0 to 200"),
    "trailer": _Rule(_trailer, 'a line such as "Assisted-by: jiti-bot", or "" for none'),
    "log": _Rule(_one_of("off", "info", "debug"), 'one of "info", "debug"'),
    "strict": _Rule(_flag, "true or false"),
    "frozen": _Rule(_flag, "true or false"),
}
_WITHOUT_EFFECT = frozenset({"frozen"})  # of an Engine: no call ever generates
VARIABLES = {
    "JITI_MODEL": "model",
    "JITI_STYLE": "style",
    "JITI_TESTS": "test_guide",
    "JITI_LOG": "log",
    "JITI_STRICT": "strict",
}
NAMES = tuple(name for name in Settings.__match_args__ if name != "origins")
PROJECT_NAMES = tuple(name for name in NAMES if name not in {"client", "log", "strict"})
ENGINE_NAMES = (
    "model", "quality_threshold", "max_refactor", "max_turns", "max_tokens", "max_usd", "execution_timeout", "style",
    "test_guide", "test_paths", "store", "client",
)  # fmt: skip
