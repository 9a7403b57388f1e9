"""Programs whose digests are written down in golden.json; needs nothing but the standard library.

`python -m tests.source.golden` prints the table anew.
"""

import json
import sys
from pathlib import Path
from typing import Any

from jiti_bot.source.digest import body_digest
from jiti_bot.source.model import PARTS
from tests.source.trees import specs

TABLE = Path(__file__).with_name("golden.json")

# name -> the first Python that can read it, a project.
PROJECTS: dict[str, tuple[tuple[int, int], dict[str, str]]] = {
    "plain function": ((3, 11), {"a.py": "from jiti import jiti\n@jiti\ndef f(x): ...\n"}),
    "every kind of parameter": (
        (3, 11),
        {
            "a.py": """
            from jiti import jiti
            @jiti
            async def f(
                a, b: int = 1, /, c: "str | None" = None, *args: tuple[int, ...], d, e: float = -1.5e300, **kw: object
            ) -> dict[str, list[bytes]]:
                '''Every kind.

                    Indented more.

                >>> f( 1 )
                <coroutine>
                '''
                # think
                #   twice
                raise NotImplementedError
            """
        },
    ),
    "defaults of every kind": (
        (3, 11),
        {
            "a.py": """
            from jiti import jiti
            @jiti
            def f(a=0xFF, b=1e10, c=2j, d=b'\\xff', e='ä\\n\\U0001F600', g=..., h=not True, i=(1, *x),
                  j=[y for y in z if y], k={'a': 1, **m}, l={1, 2}, n=lambda q, *r: q or r, o=x[1:2, ::3], p=a < b <= c,
                  s=f'{x!r:>{w}}-{y=}',
                  t=10 ** 400, u=(v := 1), w=x if y else z, z=(yield_ for yield_ in ()), A=-0.0, B=1e999): ...
            """
        },
    ),
    "methods": (
        (3, 11),
        {
            "src/app/m.py": """
            import functools
            from typing import overload
            from jiti import jiti
            class Outer(Base, metaclass=Meta):
                LIMIT: int = 3
                __slots__ = ('a',)
                @decorated(1)
                class Inner(Generic[T]):
                    x = y = 1
                    def __init__(self, a): self.a = a
                    @jiti
                    def plain(self): '''Plain.'''
                    @staticmethod
                    @jiti
                    def static(): '''Static.'''
                    @classmethod
                    @jiti
                    def made(cls): '''Made.'''
                    @property
                    @jiti
                    def v(self): '''V.'''
                    @v.setter
                    @jiti
                    def v(self, value): '''V.'''
                    @functools.lru_cache(maxsize=None)
                    @jiti
                    def cached(self): '''Cached.'''
                    @overload
                    def over(self, x: int) -> int: ...
                    @overload
                    def over(self, x: str) -> str: ...
                    @jiti
                    def over(self, x): '''Over.'''
            """
        },
    ),
    "class stub": (
        (3, 11),
        {
            "a.py": """
            from jiti import jiti
            @jiti
            @sealed
            class Stack(list):
                '''A stack.'''
                # small
                limit = 3
                def __init__(self): self.items = []
                def push(self, item: int) -> None:
                    '''Push.'''
                    # append
                    ...
                @property
                def size(self) -> int: raise NotImplementedError
                def other(self): return 1
            """
        },
    ),
    "gates and uses": (
        (3, 11),
        {
            "app/__init__.py": "from .money import f\n",
            "app/tools.py": "def helper(x: int) -> int:\n    '''Help.'''\n    return x\n\n"
            "class Box(list):\n    size: int\n    def get(self): return 1\n",
            "app/money.py": "from jiti import jiti\nfrom app.tools import helper, Box\nimport re\n"
            "@jiti(uses=[helper, Box, re.compile])\ndef f(x):\n    '''Doc.'''\n",
            "tests/conftest.py": "import pytest\n@pytest.fixture(autouse=True)\ndef always(): yield 1\n",
            "tests/test_f.py": """
            import pytest
            from jiti import jiti
            from app import f
            CASES = [(1, 2), (3, 4)]
            @jiti.required_for(f)
            @pytest.mark.parametrize(('a', 'b'), CASES)
            def test_f(a, b):
                with pytest.raises(ValueError, match='x'):
                    assert f(a) == b
            @jiti.required_for(f)
            def test_rejects(tmp_path) -> None:
                '''f raises ValueError.'''
                # try none
                ...
            """,
        },
    ),
    "newer syntax in an example": (
        (3, 11),
        {
            "a.py": """
            from jiti import jiti
            @jiti
            def f(x):
                '''Doc.

                >>> type X = int
                >>> def g[T = int](x: T):
                ...     try: pass
                ...     except A, B: pass
                >>> f( 1 )
                2
                '''
            """
        },
    ),
    "statements in fixtures": (
        (3, 11),
        {
            "a.py": """
            from jiti import jiti
            @jiti
            def f(): ...
            @jiti.required_for(f)
            async def test_f():
                global G
                import a.b as c
                from .. import d
                async with x as (y, z), w: pass
                async for i in j: continue
                else: break_ = 1
                while k: del (l, m), n[0]
                try: o: int = 1
                except (P, Q) as r: raise r from None
                else: pass
                finally: s += 1
                try: pass
                except* T: pass
                match u:
                    case {'a': 1, **rest} | [1, *_]: pass
                    case V(w, x=1) as y if y: pass
                    case None | -1 | 'b' | b.c: pass
                    case _: pass
                assert await aa, 'bb'
                class CC(DD, ee=1): 'doc'
                def ff():
                    nonlocal gg
                    return (yield from hh)
                return [ii async for ii in jj]
            """
        },
    ),
    "type parameters": (
        (3, 12),
        {
            "a.py": """
            from jiti import jiti
            type Alias[T] = list[T]
            class P[T: (int, str), *U, **V](Base[T]):
                @jiti
                def f[W: int](self, x: W, y: Alias[T]) -> T: ...
            """
        },
    ),
    "defaults of type parameters": (
        (3, 13),
        {"a.py": "from jiti import jiti\nclass P[T = int]:\n    @jiti\n    def f[W = str](self, x: W) -> T: ...\n"},
    ),
}

BODIES: dict[str, tuple[tuple[int, int], str]] = {
    "empty": ((3, 11), ""),
    "function": (
        (3, 11),
        (
            "import re\n\n# Why.\n_A = re.compile(r'\\d+')  # digits\n\n\n"
            "def f(x):\n    '''D.'''\n    return f'{x:>{3}}#'\n"
        ),
    ),
    "f-strings": ((3, 11), "x = f'{a}' f'{b:{c}.{d}}' 'e' f'{f!r}{g=}{{}}' f'' f'{h:}'\n"),
    "nested quotes": ((3, 12), "x = f'{a['b']}'\n"),
}


def computed() -> dict[str, dict[str, Any]]:
    """The table as this Python computes it."""
    version = sys.version_info[:2]
    stubs: dict[str, Any] = {}
    for name, (least, files) in PROJECTS.items():
        for key, spec in specs(files).items() if version >= least else ():
            stubs[f"{name}: {key}"] = {
                **{part: getattr(spec.digests, part) for part in PARTS},
                "each gate": [gate.digest for gate in spec.gates],
            }
    bodies = {name: body_digest(text) for name, (least, text) in BODIES.items() if version >= least}
    return {"stubs": stubs, "bodies": bodies}


if __name__ == "__main__":
    print(json.dumps(computed(), indent=1, sort_keys=True))
