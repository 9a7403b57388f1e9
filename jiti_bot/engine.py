"""`Engine`: plain settings at one decorator or shared by several.

Read from source text by everything that generates, never executed there; at run time it only has to be well formed.
"""

from jiti_bot.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

# field -> (accepted types, smallest value or None, largest value or None)
FIELDS: "dict[str, tuple[tuple[type, ...], float | None, float | None]]" = {
    "model": ((str,), None, None),
    "quality_threshold": ((int,), 0, 10),
    "max_refactor": ((int,), 0, None),
    "max_turns": ((int,), 1, None),
    "max_tokens": ((int,), 1, None),
    "max_usd": ((int, float), 0, None),
    "execution_timeout": ((int, float), 0, None),
    "style": ((str,), None, None),
    "test_guide": ((str,), None, None),
    "test_paths": ((tuple,), None, None),
    "store": ((str,), None, None),
    "client": ((str,), None, None),
    "frozen": ((bool,), None, None),
}


def problem(name: str, value: object) -> str:
    """What is wrong with a setting, as a clause ("max_turns must be ..."), or an empty string."""
    if name not in FIELDS:
        return f"there is no setting {name!r}; known are {', '.join(FIELDS)}"
    types, low, high = FIELDS[name]
    if name == "test_paths":
        fits = isinstance(value, (tuple, list)) and all(isinstance(path, str) for path in value)
        return "" if fits else "test_paths must be a tuple of strings"
    if types == (bool,):
        return "" if isinstance(value, bool) else f"{name} must be True or False, not {value!r}"
    if isinstance(value, bool) or not isinstance(value, types):
        wanted = {str: "a string", int: "a whole number"}.get(types[0]) if len(types) == 1 else "a number"
        return f"{name} must be {wanted}, not {value!r}"
    if isinstance(value, str):
        if not value.strip():
            return f"{name} must not be empty"
        if name == "client" and not _names_a_factory(value):
            return f'client must name a function as "package.module:function", not {value!r}'
        return ""
    assert isinstance(value, (int, float))
    # Comparisons are written so that nan fails them.
    if low is not None and not value >= low:
        return f"{name} must be at least {low}, not {value!r}"
    if high is not None and not value <= high:
        return f"{name} must be at most {high}, not {value!r}"
    return ""


def _names_a_factory(value: str) -> bool:
    module, colon, function = value.partition(":")
    return bool(colon) and all(part.isidentifier() for part in [*module.split("."), *function.split(".")])


class Engine:
    """Settings for generating one stub or several; what is left out is taken from the project's.

    ``max_usd`` is dollars per stub, ``execution_timeout`` seconds, ``quality_threshold`` 0 to 10, ``client``
    ``"package.module:function"``. ``frozen`` changes nothing, since no call ever generates. Immutable; equal when all
    settings are. Raises ConfigurationError.
    """

    __slots__ = tuple(FIELDS)
    __match_args__ = ()

    if TYPE_CHECKING:
        model: str | None
        quality_threshold: int | None
        max_refactor: int | None
        max_turns: int | None
        max_tokens: int | None
        max_usd: float | None
        execution_timeout: float | None
        style: str | None
        test_guide: str | None
        test_paths: tuple[str, ...] | None
        store: str | None
        client: str | None
        frozen: bool | None

    def __init__(
        self,
        *,
        model: "str | None" = None,
        quality_threshold: "int | None" = None,
        max_refactor: "int | None" = None,
        max_turns: "int | None" = None,
        max_tokens: "int | None" = None,
        max_usd: "float | None" = None,
        execution_timeout: "float | None" = None,
        style: "str | None" = None,
        test_guide: "str | None" = None,
        test_paths: "Sequence[str] | None" = None,
        store: "str | None" = None,
        client: "str | None" = None,
        frozen: "bool | None" = None,
    ) -> None:
        given = {
            "model": model,
            "quality_threshold": quality_threshold,
            "max_refactor": max_refactor,
            "max_turns": max_turns,
            "max_tokens": max_tokens,
            "max_usd": max_usd,
            "execution_timeout": execution_timeout,
            "style": style,
            "test_guide": test_guide,
            "test_paths": test_paths,
            "store": store,
            "client": client,
            "frozen": frozen,
        }
        for name, value in given.items():
            if value is not None and (trouble := problem(name, value)):
                raise ConfigurationError(f"Engine(...): {trouble}.", remedy="Correct the setting.")
            object.__setattr__(self, name, tuple(value) if isinstance(value, list) else value)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Engine is immutable; make another with {name}={value!r}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Engine is immutable; {name} cannot be deleted")

    def _values(self) -> "tuple[object, ...]":
        return tuple(getattr(self, name) for name in FIELDS)

    def __eq__(self, other: object) -> bool:
        return self._values() == other._values() if isinstance(other, Engine) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._values())

    def __repr__(self) -> str:
        given = ((name, getattr(self, name)) for name in FIELDS)
        return f"Engine({', '.join(f'{name}={value!r}' for name, value in given if value is not None)})"

    def __getstate__(self) -> "dict[str, object]":
        return dict(zip(FIELDS, self._values(), strict=True))

    def __setstate__(self, state: "dict[str, object]") -> None:
        for name, value in state.items():
            object.__setattr__(self, name, value)
