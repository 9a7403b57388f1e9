"""Every kind of definition that may carry ``@jiti``, alone and under other decorators."""

import inspect

from tests.runtime.site import Site, finished

HEAD = "from jiti import jiti\nimport functools\n"


def check_a_function_is_the_committed_one(site: Site) -> None:
    host = site.host(
        HEAD + '@jiti\ndef double(n: int) -> int:\n    """Twice."""\n    raise NotImplementedError\n',
        double='def double(n: int) -> int:\n    """Twice."""\n    return n * 2\n',
    )
    assert host.double(4) == 8
    assert host.double.__globals__ is host.__dict__
    assert host.double.__code__.co_filename.endswith("double.py")
    assert host.double.__code__.co_name == host.double.__code__.co_qualname == "double"


def check_called_with_settings_it_is_the_same(site: Site) -> None:
    host = site.host(
        "import jiti as j\nfrom jiti_bot import jiti as stub, Engine\n"
        "@j.jiti(uses=[len], engine=Engine(max_turns=3))\ndef a(): ...\n"
        "@stub()\ndef b(): ...\n",
        a="def a():\n    return 'a'\n",
        b="def b():\n    return 'b'\n",
    )
    assert (host.a(), host.b()) == ("a", "b")


def check_a_method_uses_private_attributes(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    def __init__(self): self.__value = 41\n    @jiti\n    def get(self, more=1): ...\n",
        Box__get="class Box:\n    def get(self, more=1):\n        return self.__value + more\n",
    )
    assert host.Box().get() == 42


def check_private_parameters_of_a_method(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    @jiti\n    def get(self, __first, *, __second=2): ...\n",
        Box__get="class Box:\n    def get(self, __first, *, __second=2):\n        return __first + __second\n",
    )
    assert host.Box().get(1) == 3


def check_a_method_with_a_private_name(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    @jiti\n    def __hide(self): ...\n    def show(self): return self.__hide()\n",
        Box____hide="",
    )
    site.commit("host/Box.__hide.py", "class Box:\n    def __hide(self):\n        return 5\n")
    host = site.load()
    assert host.Box().show() == 5


def check_static_and_class_methods(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    size = 3\n"
        "    @staticmethod\n    @jiti\n    def s(n): ...\n"
        "    @classmethod\n    @jiti\n    def c(cls, n): ...\n",
        Box__s="class Box:\n    def s(n):\n        return n\n",
        Box__c="class Box:\n    def c(cls, n):\n        return cls.size + n\n",
    )
    assert (host.Box.s(1), host.Box().s(1), host.Box.c(1), host.Box().c(1)) == (1, 1, 4, 4)


def check_a_property_with_setter_and_deleter(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n"
        "    @property\n    @jiti\n    def v(self): ...\n"
        "    @v.setter\n    @jiti\n    def v(self, value): ...\n"
        "    @v.deleter\n    @jiti\n    def v(self): ...\n",
        Box__v="class Box:\n    def v(self):\n        return self._v\n",
        Box__v__setter="class Box:\n    def v(self, value):\n        self._v = value * 2\n",
        Box__v__deleter="class Box:\n    def v(self):\n        self._v = None\n",
    )
    box = host.Box()
    box.v = 4
    assert box.v == 8
    del box.v
    assert box.v is None


def check_only_the_setter_is_generated(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    @property\n    def v(self): return self._v\n"
        "    @v.setter\n    @jiti(uses=[])\n    def v(self, value): ...\n",
        Box__v__setter="class Box:\n    def v(self, value):\n        self._v = value + 1\n",
    )
    box = host.Box()
    box.v = 4
    assert box.v == 5


def check_another_getter_is_the_property(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    @property\n    def v(self): return 1\n    @v.getter\n    @jiti\n    def v(self): ...\n",
        Box__v="class Box:\n    def v(self):\n        return 2\n",
    )
    assert host.Box().v == 2


def check_a_setter_of_an_inherited_property(site: Site) -> None:
    host = site.host(
        HEAD + "class Base:\n    @property\n    def v(self): return self._v\n"
        "class Box(Base):\n    @Base.v.setter\n    @jiti\n    def v(self, value): ...\n",
        Box__v__setter="class Box:\n    def v(self, value):\n        self._v = -value\n",
    )
    box = host.Box()
    box.v = 4
    assert box.v == -4


def check_cached_property_and_lru_cache(site: Site) -> None:
    host = site.host(
        HEAD + "class Box:\n    @functools.cached_property\n    @jiti\n    def v(self): ...\n"
        "@functools.lru_cache(maxsize=None)\n@jiti\ndef fib(n): ...\n",
        Box__v="class Box:\n    def v(self):\n        return object()\n",
        fib="def fib(n):\n    return n if n < 2 else fib(n - 1) + fib(n - 2)\n",
    )
    box = host.Box()
    assert box.v is box.v
    assert host.fib(80) == 23416728348467685
    assert host.fib.cache_info().misses == 81


def check_below_a_wrapping_decorator(site: Site) -> None:
    host = site.host(
        HEAD + "def shout(f):\n    @functools.wraps(f)\n    def inner(*a):\n        return f(*a).upper()\n"
        "    return inner\n@shout\n@shout\n@jiti\ndef name(first: str) -> str:\n    '''The name.'''\n",
        name="def name(first: str) -> str:\n    '''The name.'''\n    return first\n",
    )
    assert host.name("ada") == "ADA"
    assert inspect.unwrap(host.name)("ada") == "ada"
    assert host.name.__doc__ == "The name."


def check_coroutines_and_generators(site: Site) -> None:
    host = site.host(
        HEAD + "@jiti\nasync def soon(n): ...\n@jiti\ndef count(n): ...\n"
        "@jiti\nasync def stream(n):\n    '''Numbers.'''\n    raise NotImplementedError\n",
        soon="async def soon(n):\n    return n\n",
        count="def count(n):\n    yield from range(n)\n",
        stream="async def stream(n):\n    for i in range(n):\n        yield i\n",
    )
    assert inspect.iscoroutinefunction(host.soon)
    assert finished(host.soon(3)) == 3
    assert inspect.isgeneratorfunction(host.count)
    assert list(host.count(3)) == [0, 1, 2]
    assert inspect.isasyncgenfunction(host.stream)

    async def collect() -> list[int]:
        return [n async for n in host.stream(3)]

    assert finished(collect()) == [0, 1, 2]


def check_nested_owners(site: Site) -> None:
    host = site.host(
        HEAD + "class Outer:\n    class Inner:\n        @jiti\n        def who(self): ...\n",
        Outer__Inner__who="class Outer:\n    class Inner:\n        def who(self):\n            return Outer.Inner\n",
    )
    assert host.Outer.Inner().who() is host.Outer.Inner
    assert host.Outer.Inner.who.__qualname__ == "Outer.Inner.who"


def check_a_method_named_setter_is_no_accessor(site: Site) -> None:
    host = site.host(
        HEAD + "class A:\n    class v:\n        @jiti\n        def setter(self, x): ...\n",
        A__v__setter="class A:\n    class v:\n        def setter(self, x):\n            return x\n",
    )
    assert host.A.v().setter(1) == 1


def check_special_methods(site: Site) -> None:
    host = site.host(
        HEAD + "class P:\n    @jiti\n    def __new__(cls, x): ...\n    @jiti\n    def __init__(self, x): ...\n"
        "    @jiti\n    def __eq__(self, other): ...\n    @jiti\n    def __init_subclass__(cls, tag=''): ...\n",
        P____new__="",
    )
    for name, body in {
        "__new__(cls, x)": "made = super().__new__(cls)\n        made.new = True\n        return made",
        "__init__(self, x)": "self.x = x",
        "__eq__(self, other)": "return self.x == other.x",
        "__init_subclass__(cls, tag='')": "super().__init_subclass__()\n        cls.tag = tag",
    }.items():
        unit = name.partition("(")[0]
        site.commit(f"host/P.{unit}.py", f"class P:\n    def {name}:\n        {body}\n")
    host = site.load()
    made = host.P(3)
    assert made.new
    assert made == host.P(3)
    assert type("Q", (host.P,), {}, tag="q").tag == "q"


def check_in_classes_that_python_makes_in_its_own_way(site: Site) -> None:
    host = site.host(
        HEAD + "import dataclasses, enum\n"
        "class Access(enum.Flag):\n    READ = 1\n    WRITE = 2\n    @jiti\n    def letters(self): ...\n"
        "class Suit(enum.StrEnum):\n    @staticmethod\n    @jiti\n"
        "    def _generate_next_value_(name, start, count, last): ...\n    SPADES = enum.auto()\n"
        "@dataclasses.dataclass(kw_only=True, frozen=True)\nclass Span:\n    start: int\n    end: int = 10\n"
        "    @jiti\n    def length(self): ...\n"
        "class Registry(type):\n    @jiti\n    def shown(cls): ...\n"
        "class Show(metaclass=Registry):\n    @functools.singledispatchmethod\n    def text(self, value): return '?'\n"
        "    @text.register\n    @jiti\n    def _(self, value: int): ...\n"
        "    @jiti\n    def pad(self, text, *, fill): ...\n    zeros = functools.partialmethod(pad, fill='0')\n",
        Access__letters="class Access:\n    def letters(self):\n        return [one.name for one in self]\n",
        Suit___generate_next_value_="class Suit:\n    def _generate_next_value_(name, start, count, last):\n"
        "        return name.title()\n",
        Span__length="class Span:\n    def length(self):\n        return self.end - self.start\n",
        Registry__shown="class Registry:\n    def shown(cls):\n        return cls.__name__.upper()\n",
        Show___="class Show:\n    def _(self, value):\n        return f'{value:,}'\n",
        Show__pad="class Show:\n    def pad(self, text, *, fill):\n        return fill + text\n",
    )
    assert (host.Access.READ | host.Access.WRITE).letters() == ["READ", "WRITE"]
    assert host.Suit.SPADES == "Spades"
    assert host.Span(start=3).length() == 7
    assert host.Show.shown() == "SHOW"
    assert (host.Show().text(1234), host.Show().text("a"), host.Show().zeros("7")) == ("1,234", "?", "07")
