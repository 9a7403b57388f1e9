import json
from itertools import combinations

import pytest

from jiti_bot.errors import ConfigurationError
from jiti_bot.settings import (
    DEFAULT_MODEL,
    ENGINE_NAMES,
    NAMES,
    OPTIONS,
    PROJECT_NAMES,
    VARIABLES,
    Settings,
    load,
    read_arguments,
    read_engine,
    read_environment,
    read_project,
)
from tests.repo import Repo


def test_nothing_set_is_the_defaults() -> None:
    settings = read_arguments(read_environment(read_project(""), {}), {})
    assert settings == Settings()
    assert settings.model == DEFAULT_MODEL
    assert settings.origin("model") == "default"


UNRELATED = {
    "another project": '[project]\nname = "x"\ndependencies = ["jiti-bot>=1", "jiti"]\n',
    "another tool": "[tool.ruff]\nline-length = 100\n",
    "a script": '[project.scripts]\njiti-x = "a:b"\n',
    "a comment": "# [tool.jiti] comes later\n",
}


@pytest.mark.parametrize("text", UNRELATED.values(), ids=UNRELATED)
def test_what_is_not_ours_sets_nothing(text: str) -> None:
    assert read_project(text) == read_project(text, thorough=True) == Settings()


SPELLINGS = {
    "a table": '[project]\nname = "x"\n\n[tool.jiti]\n# so\nmodel = "m"\n',
    "quoted": '[tool."jiti"]\n\n\n\n\n"model" = "m"\n',
    "blanks": '\n\n\n\n[ tool . jiti ]\nmodel="m"\n',
    "dotted": '\n\n\n\n[tool]\njiti.model = "m"\n',
    "inline": '\n\n\n\n[tool]\njiti = { model = "m" }\n',
    "CRLF": '\r\n\r\n\r\n\r\n[tool.jiti]\r\nmodel = "m"\r\n',
}


@pytest.mark.parametrize("text", SPELLINGS.values(), ids=SPELLINGS)
def test_every_spelling_of_toml(text: str) -> None:
    settings = read_project(text)
    assert settings.model == "m"
    expected = "pyproject.toml:6" if "jiti." not in text and "jiti =" not in text else "pyproject.toml:1"
    assert settings.origin("model") == expected


def test_later_sources_win_and_are_remembered() -> None:
    text = '[tool.jiti]\nmodel = "project"\nmax_usd = 2\njobs = 3\nmax_turns = 9\n'
    project = read_project(text)
    env = read_environment(project, {"JITI_MODEL": "env", "JITI_LOG": "debug", "JITI_STRICT": "1", "OTHER": "x"})
    engine = read_engine(env, (("model", "engine"), ("max_usd", 3), ("max_tokens", None)), "src/app.py:7")
    line = read_arguments(engine, {"max_usd": 4.5, "jobs": None})
    assert (line.model, line.max_usd, line.jobs, line.max_turns) == ("engine", 4.5, 3, 9)
    assert (line.log, line.strict, line.max_tokens) == ("debug", True, Settings().max_tokens)
    origins = {name: line.origin(name) for name in ("model", "max_usd", "jobs", "log", "max_tokens")}
    assert origins == {
        "model": "src/app.py:7",
        "max_usd": "--max-usd",
        "jobs": "pyproject.toml:4",
        "log": "JITI_LOG",
        "max_tokens": "default",
    }


LAYERS = {
    "nothing": ((), DEFAULT_MODEL, "default"),
    "the project": (("project",), "of-project", "pyproject.toml:2"),
    "the environment above it": (("project", "environment"), "of-environment", "JITI_MODEL"),
    "an engine above both": (("project", "environment", "engine"), "of-engine", "app.py:7"),
    "the command line above all": (("project", "environment", "engine", "line"), "of-line", "--model"),
    "the command line above an engine": (("engine", "line"), "of-line", "--model"),
    "an engine above the project": (("project", "engine"), "of-engine", "app.py:7"),
}


@pytest.mark.parametrize(("layers", "model", "origin"), LAYERS.values(), ids=LAYERS)
def test_each_layer_covers_those_below(layers: tuple[str, ...], model: str, origin: str, folder: Repo) -> None:
    """In the order of a run: the command line is read at its start, a stub's engine when it is that one's turn."""
    if "project" in layers:
        folder.write("pyproject.toml", '[tool.jiti]\nmodel = "of-project"\n')
    env = {"JITI_MODEL": "of-environment"} if "environment" in layers else {}
    settings = load(str(folder.path), env, {"model": "of-line"} if "line" in layers else {})
    settings = read_engine(settings, (("model", "of-engine"),) if "engine" in layers else (), "app.py:7")
    assert (settings.model, settings.origin("model")) == (model, origin)


# Of each setting a value for the project, the environment, an engine and the command line, as far as there are so many.
VALUES: dict[str, tuple[object, ...]] = {
    **dict.fromkeys(("model", "python", "style", "test_guide"), ("one", "two", "three", "four")),
    **dict.fromkeys(("quality_threshold", "max_refactor", "max_turns", "jobs", "mutants"), (1, 2, 3, 4)),
    "max_tokens": (1001, 1002, 1003, 1004),
    **dict.fromkeys(("max_usd", "max_usd_run", "execution_timeout"), (1.5, 2.5, 3.5, 4.5)),
    **dict.fromkeys(("test_paths", "exclude"), (("a",), ("b",), ("c",), ("d",))),
    "store": ("a/.jiti", "b/.jiti", "c/.jiti", "d/.jiti"),
    "client": ("a.b:one", "a.b:two", "a.b:three", "a.b:four"),
    "sandbox": ("required", "auto", "required", "off"),
    "doctests": ("show", "off", "gate", "show"),
    "trailer": ("A: a", "B: b", "C: c", ""),
    "log": ("info", "debug", "info", "debug"),
    "strict": (True, True, False, True),
}
SET_BY = (PROJECT_NAMES, tuple(VARIABLES.values()), ENGINE_NAMES, tuple(name for name in NAMES if name != "strict"))


def toml(value: object) -> str:
    return json.dumps(list(value) if isinstance(value, tuple) else value)


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_in_every_layer(name: str, folder: Repo) -> None:
    """Whatever layers set it, the highest of them holds, and says so."""
    layers = [number for number in range(4) if name in SET_BY[number]]
    variable = next((variable for variable, known in VARIABLES.items() if known == name), "")
    origins = ("pyproject.toml:2", variable, "app.py:7", OPTIONS.get(name, f"--{name.replace('_', '-')}"))
    assert layers, f"nothing sets {name}"
    for count in range(1, len(layers) + 1):
        for chosen in combinations(layers, count):
            text = f"{name} = {toml(VALUES[name][0])}\n" if 0 in chosen else ""
            folder.write("pyproject.toml", f"[tool.jiti]\n{text}")
            env = {variable: str(VALUES[name][1])} if 1 in chosen else {}
            settings = load(str(folder.path), env, {name: VALUES[name][3]} if 3 in chosen else {})
            settings = read_engine(settings, ((name, VALUES[name][2]),) if 2 in chosen else (), "app.py:7")
            assert (getattr(settings, name), settings.origin(name)) == (VALUES[name][chosen[-1]], origins[chosen[-1]])


@pytest.mark.parametrize(("value", "strict"), [("", False), ("0", False), ("false", False), ("1", True), ("yes", True)])
def test_strict_in_the_environment(value: str, strict: bool) -> None:
    assert read_environment(Settings(), {"JITI_STRICT": value}).strict is strict


def test_an_empty_variable_is_none_and_frozen_changes_nothing() -> None:
    assert read_environment(Settings(), {"JITI_MODEL": " ", "JITI_FROZEN": "1", "ANTHROPIC_API_KEY": "k"}) == Settings()


def test_a_guide_of_ones_own_may_lie_anywhere() -> None:
    assert read_environment(Settings(), {"JITI_STYLE": "/home/me/style.md"}).style == "/home/me/style.md"
    assert read_project('[tool.jiti]\nstyle = "docs/./style.md"\n').style == "docs/style.md"


GOOD = {
    "quality_threshold": 10,
    "max_refactor": 0,
    "max_turns": 1,
    "max_tokens": 256,
    "max_usd": 0,
    "max_usd_run": 0.5,
    "execution_timeout": 0.1,
    "test_paths": ["tests", "./more/"],
    "store": "src/app/.jiti",
    "python": ".venv/bin/python",
    "sandbox": "required",
    "doctests": "show",
    "jobs": 2,
}


@pytest.mark.parametrize(("name", "value"), GOOD.items(), ids=GOOD)
def test_values_that_fit(name: str, value: object) -> None:
    spelt = str(value).replace("'", '"') if not isinstance(value, str) else f'"{value}"'
    found = getattr(read_project(f"[tool.jiti]\n{name} = {spelt}\n"), name)
    assert found == (("tests", "more") if name == "test_paths" else value)


BAD = {
    "no model": 'model = ""',
    "a number for a model": "model = 3",
    "too good": "quality_threshold = 11",
    "a text for a number": 'max_turns = "many"',
    "a fraction": "max_turns = 1.5",
    "true for a number": "max_turns = true",
    "no turns": "max_turns = 0",
    "too few tokens": "max_tokens = 10",
    "negative money": "max_usd = -1",
    "no number": "max_usd = nan",
    "endless": "execution_timeout = inf",
    "a path outside": 'style = "../style.md"',
    "an absolute path": 'style = "/etc/passwd"',
    "an absolute path of Windows": "style = 'C:\\x.md'",
    "a text for a list": 'test_paths = "tests"',
    "a list of numbers": "test_paths = [1]",
    "a text for patterns": 'exclude = "vendor"',
    "a pattern without an end": 'exclude = ["a", "[b"]',
    "a pattern that leads outside": 'exclude = ["../a"]',
    "an absolute pattern": 'exclude = ["/a"]',
    "an empty pattern": 'exclude = [" "]',
    "a store by another name": 'store = "src/app/generated"',
    "a store outside": 'store = "../.jiti"',
    "no such sandbox": 'sandbox = "maybe"',
    "a sandbox switched off": 'sandbox = "off"',
    "no such doctests": 'doctests = "run"',
    "no jobs": "jobs = 0",
    "an unknown name": "colour = 1",
    "a client": 'client = "a:b"',
    "a key": 'api_key = "secret"',
    "a table": "model = { name = 1 }",
}


@pytest.mark.parametrize("line", BAD.values(), ids=BAD)
def test_what_cannot_be_used_is_told_with_file_and_line(line: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_project(f'[project]\nname = "x"\n[tool.jiti]\n\n{line}\n')
    assert caught.value.where == "pyproject.toml:5"
    assert caught.value.remedy
    assert caught.value.exit_code == 3
    assert line.partition(" ")[0].partition("_")[0] in str(caught.value)


CLOSE = {
    "max_turn": "max_turns",
    "max-turns": "max_turns",
    "modell": "model",
    "testpaths": "test_paths",
    "sanbox": "sandbox",
}


@pytest.mark.parametrize(("wrong", "meant"), CLOSE.items(), ids=CLOSE)
def test_a_misspelt_name_is_answered_with_the_right_one(wrong: str, meant: str) -> None:
    with pytest.raises(ConfigurationError, match=f"Did you mean '{meant}'"):
        read_project(f"[tool.jiti]\n{wrong} = 1\n")
    with pytest.raises(ConfigurationError, match="There is no setting"):
        read_engine(Settings(), ((wrong, 1),), "a.py:1")


TOML = {
    "cut off": ('[tool.jiti]\nmodel = "m\n', "pyproject.toml:2"),
    "twice": ("[tool.jiti]\njobs = 1\njobs = 2\n", "pyproject.toml:3"),
    "no value": ("[tool.jiti]\n\nmodel =\n", "pyproject.toml:3"),
    "no TOML": ("[tool.jiti\n", "pyproject.toml:1"),
    "no table": ("[tool]\njiti = 3\n", "pyproject.toml:2"),
}


@pytest.mark.parametrize(("text", "where"), TOML.values(), ids=TOML)
def test_a_broken_file(text: str, where: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_project(text)
    assert caught.value.where == where


def test_a_broken_file_is_read_by_whoever_has_the_time() -> None:
    text = "[project\n"
    assert read_project(text) == Settings()
    with pytest.raises(ConfigurationError):
        read_project(text, thorough=True)


def test_a_wrong_variable_names_itself() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_environment(Settings(), {"JITI_LOG": "trace"})
    assert caught.value.where == "JITI_LOG"


FILES = {
    "not UTF-8": b'[tool.jiti]\n\nmodel = "\xff"\n',
    "a folder": None,
}


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_that_cannot_be_read(folder: Repo, content: bytes | None) -> None:
    if content is None:
        (folder.path / "pyproject.toml").mkdir()
    else:
        folder.write("pyproject.toml", content)
    with pytest.raises(ConfigurationError) as caught:
        load(str(folder.path), {})
    assert caught.value.where.startswith("pyproject.toml:")


def test_a_byte_order_mark_is_passed_over(folder: Repo) -> None:
    folder.write("pyproject.toml", '\ufeff[tool.jiti]\nmodel = "m"\n')
    assert load(str(folder.path), {}).model == "m"


def test_the_names_are_those_that_the_documentation_knows() -> None:
    assert set(PROJECT_NAMES) | {"client", "log", "strict"} == set(NAMES)
    assert set(ENGINE_NAMES) <= set(NAMES)


def test_frozen_of_an_engine_is_accepted_and_changes_nothing() -> None:
    assert read_engine(Settings(), (("frozen", True),), "a.py:1") == Settings()
    with pytest.raises(ConfigurationError, match="frozen"):
        read_engine(Settings(), (("frozen", 1),), "a.py:1")
