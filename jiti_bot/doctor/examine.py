"""All questions, in the order in which a person would ask them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.doctor import (
    github,
    hook,
    interpreter,
    machine,
    measuring,
    model,
    packaging,
    sandbox,
    store,
    tools,
    wheel,
)
from jiti_bot.doctor.diagnosis import Diagnosis, Group, without_secrets
from jiti_bot.doctor.ground import Ground, survey
from jiti_bot.doctor.interpreter import Interpreter
from jiti_bot.redact import secrets_in
from jiti_bot.validation.environment import Environment

Listen = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What costs more than a look: a wheel to be built, services to be asked."""

    build: bool = False
    online: bool = False


def examine(directory: str, env: Mapping[str, str], wanted: Wanted, listen: Listen) -> tuple[Group, ...]:
    """Everything, without secrets. ``listen`` is told what takes a while.

    Raises `UsageError` for a folder that is none.
    """
    ground = survey(directory, env)
    bot = github.gather(ground)
    found = interpreter.gather(ground)
    inside, environment = found if isinstance(found, tuple) else (found, None)
    groups = (
        Group("This machine", _machine(ground, bot, environment, inside, listen)),
        Group("The project", _project(ground, inside, environment)),
        Group("The model", _model(ground, bot, listen, online=wanted.online)),
        Group("Commits", (hook.judge(hook.gather(ground), in_ci=bool(env.get("CI"))),)),
        Group("GitHub", _github(ground, bot, listen, online=wanted.online)),
        Group("Wheels", _wheels(ground, inside, listen, build=wanted.build)),
    )
    return without_secrets(groups, (*secrets_in(env), *_addresses(env)))


def _machine(
    ground: Ground,
    bot: github.Bot,
    environment: Environment | None,
    inside: interpreter.Gathered,
    listen: Listen,
) -> tuple[Diagnosis, ...]:
    has_pytest = isinstance(inside, Interpreter) and "pytest" in inside.installed
    listen("trying the sandbox")
    shield = sandbox.try_out(environment if has_pytest else None, ground)
    required = ground.settings.sandbox == "required"
    return (
        *machine.judge(machine.gather(ground), ground.root, elsewhere=bot.generates),
        sandbox.judge(shield, sandbox.look(), required=required),
    )


def _project(ground: Ground, inside: interpreter.Gathered, environment: Environment | None) -> tuple[Diagnosis, ...]:
    used = bool(ground.stores) or ground.mentioned
    said = [*ground.said, store.judge(store.gather(ground), ground.stores)]
    said += interpreter.judge(inside, ground.pyproject, used=used)
    python = environment.python if environment else Path(ground.root, ".venv", "bin", "python")
    install = inside.install if isinstance(inside, Interpreter) else "pip install"
    for name in ("ruff", "ty"):
        said.append(tools.version(name, tools.gather(name, python, ground), install, wanted=not machine.lacking()))
    return (*said, *tools.configured(ground), measuring.judge(measuring.gather(ground), ground.units))


def _model(ground: Ground, bot: github.Bot, listen: Listen, *, online: bool) -> tuple[Diagnosis, ...]:
    name = ground.settings.model
    said = model.judge(name, ground.env, elsewhere=bot.generates)
    if not online:
        return said
    from jiti_bot.doctor.online import model_service  # only here: the SDK takes a second

    listen("asking the model service")
    return (*said, model_service(name, ground.env, model.host_of(ground.env.get(model.URL, ""))))


def _github(ground: Ground, bot: github.Bot, listen: Listen, *, online: bool) -> tuple[Diagnosis, ...]:
    remote = ground.git.remote_url() if ground.git else ""
    said = github.judge(bot, ground.env, remote)
    if not online:
        return said
    from jiti_bot.doctor.online import github as ask_github

    listen("asking GitHub")
    return (*said, ask_github(ground.env, remote))


def _addresses(env: Mapping[str, str]) -> tuple[str, ...]:
    """A base URL that holds more than a host and a path: a key may stand anywhere in it."""
    url = env.get(model.URL, "").strip()
    return (url,) if set(url) & set("@?#") else ()


def _wheels(ground: Ground, inside: interpreter.Gathered, listen: Listen, *, build: bool) -> tuple[Diagnosis, ...]:
    found = store.gather(ground)
    ignored = isinstance(found, store.Store) and found.ignored
    told = packaging.gather(ground)
    said = packaging.judge(told, ignored=ignored)
    if not build or not told.backend:
        return (said,)
    listen("building a wheel")
    python = inside.python if isinstance(inside, Interpreter) else None
    return (said, *wheel.judge(wheel.build(ground, python)))
