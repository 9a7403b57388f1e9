"""Every error a user can meet: what happened, what to do next, and the exit code of the command that met it.

Standard library only, and little of it: the runtime imports this module in production.
"""

from __future__ import annotations

# Where people read more: the site of the docs.
SITE = "https://jiti-bot.github.io/jiti-bot/"
OK = 0
EXIT_CODES = {
    "ok": (0, "all is well"),
    "findings": (1, "something in the repository needs a person: see the lines above"),
    "usage": (2, "the command line could not be understood"),
    "configuration": (3, "a setting, pyproject.toml or what stands in @jiti(...) could not be read"),
    "repository": (4, "git is missing, or this is not a work tree it can read"),
    "store": (5, "a file under .jiti/, or one that merging or setting up changes, could not be read or written"),
    "extra": (6, "the command needs an extra that is not installed"),
    "tool": (7, "ruff, ty, pytest or the project's interpreter is missing or failed to start"),
    "sandbox": (8, "no sandbox can be had and one is required"),
    "credentials": (9, "the model service refused the key, or there is none"),
    "service": (10, "the model service failed or could not be reached"),
    "budget": (11, "the money or turns allowed are used up"),
    "incomplete": (12, "some stubs were not implemented; what was finished is kept"),
    "conflict": (13, "a hand edit and a changed stub disagree; nothing was overwritten"),
    "target": (14, "no stub by that name"),
    "stage": (15, "a file that a stage of the Action hands to the next is missing, damaged or forged"),
    "internal": (70, "a bug in jiti-bot"),
    "interrupted": (130, "stopped by Ctrl-C; what was finished is kept"),
}


class JitiError(Exception):
    """An expected failure: shown as one message, never as a traceback.

    ``where`` is ``file:line`` or ``file`` where one is known; ``remedy`` is the next step, a sentence.
    """

    code = "internal"

    def __init__(self, message: str, *, remedy: str = "", where: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.where = where

    @property
    def exit_code(self) -> int:
        """The process's exit code for this error."""
        return EXIT_CODES[self.code][0]

    def __str__(self) -> str:
        head = f"{self.where}: {self.message}" if self.where else self.message
        return f"{head} {self.remedy}".rstrip()


class UsageError(JitiError):
    """The command line asks for something that cannot be."""

    code = "usage"


class ConfigurationError(JitiError):
    """A setting cannot be used."""

    code = "configuration"


class RepositoryError(JitiError):
    """Git is missing or this is no work tree."""

    code = "repository"


class StoreError(JitiError):
    """The store cannot be read or written."""

    code = "store"


class ExtraMissingError(JitiError):
    """A command needs ``jiti-bot[bot]``."""

    code = "extra"


#: The packages of the extra ``bot``, as they are imported.
EXTRA = frozenset(
    {"anthropic", "genai_prices", "github", "libcst", "pytest", "requests", "rich", "ruamel", "ruamel.yaml"}
)


def without_extra(error: ImportError, what: str) -> ExtraMissingError:
    """The error for an import that failed for want of the extra; ``what`` needs it. Raises any other as it is."""
    if not isinstance(error, ModuleNotFoundError) or error.name not in EXTRA:
        raise error
    return ExtraMissingError(
        f"{what} needs the package {error.name}.", remedy="Install it with: pip install 'jiti-bot[bot]'"
    )


class ToolError(JitiError):
    """An outside tool is missing or broken."""

    code = "tool"


class SandboxError(JitiError):
    """No sandbox, and one is required."""

    code = "sandbox"


class CredentialsError(JitiError):
    """No key, or one that the service refuses."""

    code = "credentials"


class ServiceError(JitiError):
    """The model service failed."""

    code = "service"


class BudgetError(JitiError):
    """The allowance is used up."""

    code = "budget"


class InterruptedRunError(JitiError):
    """The run was stopped from outside; what was finished is kept."""

    code = "interrupted"


class ConflictError(JitiError):
    """What a person changed stands in the way."""

    code = "conflict"


class TargetError(JitiError):
    """No stub by that name."""

    code = "target"


class StageError(JitiError):
    """A file that a stage of the Action hands to the next is missing, damaged or forged; or a stage cannot begin."""

    code = "stage"


class NotGeneratedError(NotImplementedError):
    """A stub was called that has no committed implementation yet.

    ``key`` is the name people use, ``file`` the absolute path of the stub's source, ``unit`` its qualified name.
    ``where`` is ``file:line`` of the stub, ``message`` the error without it and without the way out.
    """

    key = ""
    file = ""
    unit = ""
    where = ""
    message = ""


FrozenError = NotGeneratedError  # the name that the package `jiti` has for it: here every deployment is frozen


class StaleError(NotImplementedError):
    """A stub was called whose committed implementation no longer fits it. Attributes as of `NotGeneratedError`."""

    key = ""
    where = ""
    message = ""


class StubError(TypeError):
    """``@jiti`` stands on something that is no stub, such as a function with a real body."""
