"""Recognise a stub by its compiled body.

A body is compared with those of templates that the same interpreter compiled at the same optimisation level:
instructions, the shape of the constants, and names. Instructions alone would take ``return 1`` for a stub.
"""

from types import CodeType

_ENDINGS = (
    "...",
    "raise NotImplementedError",
    "raise NotImplementedError()",
    "raise NotImplementedError('reason')",
)


def _templates() -> "dict[bytes, list[tuple[object, ...]]]":
    defs = (
        f"{keyword}def stub():\n {docstring}\n {ending}\n"
        for keyword in ("", "async ")
        for docstring in ("", "'documented'")
        for ending in _ENDINGS
    )
    module = compile("".join(defs), "<templates>", "exec", dont_inherit=True)
    table: dict[bytes, list[tuple[object, ...]]] = {}
    for code in module.co_consts:
        if isinstance(code, CodeType):
            table.setdefault(code.co_code, []).append(_shape(code))
    return table


def _shape(code: CodeType) -> "tuple[object, ...]":
    """Names and constants, any docstring standing for any other, and any reason given with the error."""
    if code.co_names:
        return (code.co_names,)
    return code.co_names, *(str if type(const) is str else const for const in code.co_consts)


_TEMPLATES = _templates()


def is_stub_body(code: CodeType) -> bool:
    """Whether ``code`` is a docstring and/or one of ``...``, ``pass`` and ``raise NotImplementedError``."""
    shapes = _TEMPLATES.get(code.co_code)
    return shapes is not None and not code.co_freevars and _shape(code) in shapes
