"""``@jiti`` on a class: its stub methods come from one committed file."""

import inspect

from jiti_bot.errors import NotGeneratedError, StaleError, StoreError, StubError
from tests.runtime.site import Site, finished, raised

HEAD = "from jiti import jiti\nimport functools, abc\n"
HOST = (
    HEAD
    + '''
class Base:
    def plain(self):
        return "base"


@jiti
class Box(Base):
    """A box."""

    scale = 2

    def __init__(self, n):
        self.n = n

    def plain(self):
        """Plain."""
        raise NotImplementedError

    @staticmethod
    def static(n, by=3): ...

    @classmethod
    def made(cls, n): ...

    @functools.lru_cache(maxsize=7)
    def cached(self, n): ...

    @classmethod
    @functools.cache
    def both(cls, n): ...

    @property
    def v(self):
        """The value."""

    @v.setter
    def v(self, value): ...

    async def soon(self): ...

    def real(self):
        return self.plain()

    @abc.abstractmethod
    def abstract(self): ...
'''
)
UNIT = '''import math

_TEN = 10


def _half(n):
    return n / 2


class Box:
    def plain(self):
        """Plain."""
        return super().plain() + str(self.n)

    def static(n, by=3):
        return n * by + math.floor(_TEN)

    def made(cls, n):
        return cls(n)

    def cached(self, n):
        return object()

    def both(cls, n):
        return [cls, n]

    def v(self):
        """The value."""
        return self.n

    def v(self, value):
        self.n = _half(value)

    async def soon(self):
        return Box
'''


def check_every_kind_of_method(site: Site) -> None:
    host = site.host(HOST, Box=UNIT)
    box = host.Box(1)
    assert box.plain() == box.real() == "base1"
    assert host.Box.static(1) == 13
    assert host.Box.made(2).n == 2
    assert box.cached(1) is box.cached(1)
    assert host.Box.cached.cache_parameters() == {"maxsize": 7, "typed": False}
    assert host.Box.both(1) is host.Box.both(1)
    box.v = 8
    assert box.v == 4
    assert host.Box.v.__doc__ == "The value."
    assert finished(box.soon()) is host.Box
    assert inspect.iscoroutinefunction(host.Box.soon)
    assert host.Box.plain.__qualname__ == "Box.plain"
    assert host.Box.abstract.__isabstractmethod__
    assert host.Box(1).abstract() is None


def check_accessors_may_carry_their_decorators(site: Site) -> None:
    unit = UNIT.replace("    def v(self):", "    @property\n    def v(self):").replace(
        "    def v(self, value):", "    @v.setter\n    def v(self, value):"
    )
    box = site.host(HOST, Box=unit).Box(1)
    box.v = 8
    assert box.v == 4


def check_a_missing_file_is_told_by_the_method(site: Site) -> None:
    host = site.host(HOST)
    error = raised(NotGeneratedError, host.Box(1).plain)
    assert "`jiti generate host.Box`" in str(error)
    raised(NotGeneratedError, lambda: host.Box(1).v)


def check_a_method_that_the_file_lacks_or_has_otherwise(site: Site) -> None:
    unit = UNIT.replace("def plain", "def other").replace("def made(cls, n)", "def made(cls)")
    host = site.host(HOST, Box=unit)
    assert "Box.plain was added" in str(raised(StaleError, host.Box(1).plain))
    assert "made's parameters changed" in str(raised(StaleError, host.Box.made, 1))
    assert host.Box.static(1) == 13


def check_a_broken_file_is_told_by_the_method(site: Site) -> None:
    host = site.host(HOST, Box=UNIT + "    def v(self): pass\n    def v(self): pass\n")
    assert "defined twice" in str(raised(StoreError, host.Box(1).plain))


def check_what_such_a_class_may_not_be(site: Site) -> None:
    for source, expected in {
        "@jiti\nclass A:\n    def f(self): return 1\n": "without stub methods",
        "@jiti\nclass A: ...\n": "without stub methods",
        "@jiti\nclass A:\n    @functools.cached_property\n    def f(self): ...\n": "Put @jiti on that method",
        "import contextlib\n@jiti\nclass A:\n    @contextlib.contextmanager\n    def f(self): ...\n": "on that method",
        "def f():\n    @jiti\n    class A:\n        def m(self): ...\nf()\n": "inside a function",
    }.items():
        error = raised(StubError, site.host, HEAD + source)
        assert expected in str(error), (source, str(error))


def check_a_method_with_a_jiti_of_its_own_is_another_unit(site: Site) -> None:
    host = site.host(
        HEAD
        + "@jiti\nclass A:\n    def f(self): ...\n    @jiti\n    def g(self): ...\n    @jiti\n    def h(self): ...\n",
        A="class A:\n    def f(self):\n        return 1\n",
        A__g="class A:\n    def g(self):\n        return 2\n",
    )
    assert (host.A().f(), host.A().g()) == (1, 2)
    assert "`jiti generate host.A.h`" in str(raised(NotGeneratedError, host.A().h))


def check_a_unit_of_its_own_below_another_decorator(site: Site) -> None:
    wraps = "def plain(f):\n    return functools.wraps(f)(lambda *a: f(*a))\n"
    source = wraps + "@jiti\nclass A:\n    def f(self): ...\n    @plain\n    @jiti\n    def g(self): ...\n"
    unit = "class A:\n    def f(self):\n        return 1\n"
    missing = site.host(HEAD + source, A=unit)
    assert missing.A().f() == 1
    raised(NotGeneratedError, missing.A().g)
    # Gates are tried against bodies that look like a stub's.
    trivial = "class A:\n    def g(self):\n        raise NotImplementedError('nothing')\n"
    assert "nothing" in str(raised(NotImplementedError, site.host(HEAD + source, A=unit, A__g=trivial).A().g))


def check_private_stub_methods(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\nclass _A:\n    def f(self): ...\n    def __g(self): ...\n"
        "    @property\n    def __v(self): ...\n    @__v.setter\n    def __v(self, value): ...\n",
        _A="class _A:\n    def f(self):\n        self.__v = self.__g()\n        return self.__v\n"
        "    def __g(self):\n        return 1\n"
        "    def __v(self):\n        return self.kept\n    def __v(self, value):\n        self.kept = value\n",
    )
    assert host._A().f() == 1


def check_a_setter_whose_getter_is_written(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\nclass A:\n    n = 1\n    @property\n    def v(self):\n        return self.n\n"
        "    @v.setter\n    def v(self, value): ...\n    @v.deleter\n    def v(self): ...\n",
        A="class A:\n    def v(self, value):\n        self.n = value\n    def v(self):\n        del self.n\n",
    )
    box = host.A()
    box.v = 5
    assert box.v == 5
    del box.v
    assert box.v == 1


def check_in_an_enum_a_dataclass_and_a_generic(site: Site) -> None:
    host = site.host(
        HEAD + "import enum, dataclasses\nfrom typing import Generic, TypeVar\nT = TypeVar('T')\n"
        "@jiti\nclass Colour(enum.Enum):\n    RED = 1\n    def hex(self): ...\n"
        "@jiti\n@dataclasses.dataclass(frozen=True, slots=True)\nclass Point:\n    x: int\n    def twice(self): ...\n"
        "@jiti\nclass Holder(Generic[T]):\n    def hold(self, x: T) -> T: ...\n",
        Colour="class Colour:\n    def hex(self):\n        return Colour.RED is self\n",
        Point="class Point:\n    def twice(self):\n        return Point(self.x * 2)\n",
        Holder="class Holder:\n    def hold(self, x):\n        return x\n",
    )
    assert host.Colour.RED.hex() is True
    assert host.Point(2).twice() == host.Point(4)
    assert host.Holder[int]().hold(1) == 1


def check_other_names_of_a_stub_method(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\nclass Cut:\n    def left(self, text, count): ...\n    def _v(self): ...\n"
        "    head = left\n    first = functools.partialmethod(left, count=1)\n    v = property(_v)\n",
        Cut="class Cut:\n    def left(self, text, count):\n        return text[:count]\n"
        "    def _v(self):\n        return 7\n",
    )
    assert (host.Cut().left("abc", 2), host.Cut().head("abc", 2), host.Cut().first("abc")) == ("ab", "ab", "a")
    assert host.Cut().v == 7
