"""What a hook needs of some modules of the standard library, without the time that importing them whole takes.

Type checkers see those modules themselves. Together they cost a check as much as Python's own start.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ast
    import re
    from collections.abc import Iterator
    from contextlib import suppress
    from enum import StrEnum
    from types import SimpleNamespace
    from typing import Any

__all__ = ["SimpleNamespace", "StrEnum", "ast", "re", "suppress"]

if not TYPE_CHECKING:
    import sys

    SimpleNamespace = type(sys.implementation)

    class _Module:
        """A module that is imported once something is asked of it that is not here."""

        def __init__(self, name: str) -> None:
            self.__name__ = name

        def __getattr__(self, name: str) -> "Any":
            found = getattr(__import__(self.__name__), name)
            setattr(self, name, found)
            return found

    class _Ast(_Module):
        """The classes of nodes are those of the interpreter, which makes them when they are asked for first."""

        def __getattr__(self, name: str) -> "Any":
            import _ast

            found = getattr(_ast, name, None)
            if found is None:
                return super().__getattr__(name)
            setattr(self, name, found)
            return found

        def parse(
            self,
            source: str,
            name: str = "<unknown>",
            mode: str = "exec",
            *,
            feature_version: tuple[int, int] | None = None,
        ) -> "ast.AST":
            minor = -1 if feature_version is None else feature_version[1]
            return compile(source, name, mode, self.PyCF_ONLY_AST, _feature_version=minor)

        def iter_child_nodes(self, node: "ast.AST") -> "Iterator[ast.AST]":
            kind = self.AST
            for name in node._fields:
                value = getattr(node, name, None)
                if isinstance(value, kind):
                    yield value
                elif isinstance(value, list):
                    for each in value:
                        if isinstance(each, kind):
                            yield each

        def walk(self, node: "ast.AST") -> "Iterator[ast.AST]":
            found = [node]
            for each in found:
                found.extend(self.iter_child_nodes(each))
                yield each

    re, ast = _Module("re"), _Ast("ast")

    class suppress:  # noqa: N801 - its name at home
        """``contextlib.suppress``."""

        def __init__(self, *errors: type[BaseException]) -> None:
            self._errors = errors

        def __enter__(self) -> None:
            return None

        def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> bool:
            return kind is not None and issubclass(kind, self._errors)

    class _Members(type):
        """Makes each string in the body of a class a member of it."""

        def __new__(cls, name: str, bases: tuple[type, ...], space: "dict[str, Any]") -> "Any":
            values = {key: value for key, value in space.items() if isinstance(value, str) and key[:1] != "_"}
            made: Any = super().__new__(cls, name, bases, {key: space[key] for key in space if key not in values})
            members = {}
            for key, value in values.items():
                members[value] = member = str.__new__(made, value)
                member.name, member.value = key, value
                setattr(made, key, member)
            made._members = members  # noqa: SLF001 - it is ours
            return made

        def __call__(cls, value: object) -> "Any":
            if isinstance(value, str) and value in cls._members:
                return cls._members[value]
            raise ValueError(f"{value!r} is not a valid {cls.__name__}")

        def __iter__(cls) -> "Iterator[Any]":
            return iter(cls._members.values())

        def __len__(cls) -> int:
            return len(cls._members)

    class StrEnum(str, metaclass=_Members):  # noqa: SLOT000 - a member has attributes
        """``enum.StrEnum``, as far as it is used here: members, their names and values, and a member by its value."""

        def __str__(self) -> str:
            return self.value

        def __repr__(self) -> str:
            return f"<{type(self).__name__}.{self.name}: {self.value!r}>"

        def __reduce__(self) -> tuple[object, ...]:
            return type(self), (self.value,)

        def __copy__(self) -> "StrEnum":
            return self

        def __deepcopy__(self, memory: object) -> "StrEnum":
            return self
