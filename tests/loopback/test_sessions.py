"""Stored sessions: what a file says, and what it may not say."""

from pathlib import Path

import pytest

from jiti_bot.errors import ConfigurationError
from jiti_bot.loopback import NoReplyError, Reply, Sessions, Text, Thinking, ToolUse
from jiti_bot.loopback.sessions import parse
from jiti_bot.loopback.state import read

WHOLE = """\
# app.text.slugify

Prose for readers: ### nothing of it counts.

## start

> Fold first.
>
> Then replace.

I look at
two things.

### read_file
path: src/app/text.py
start: 1

### search
text: 12 monkeys

## after FAILED 2
stop: max_tokens

### submit
quality: 8

```python helpers
import re

```

````python body
return '''```
'''
````

```python bodies[app.a.f]
pass
```
"""


def test_a_file_reads_as_the_conversation_it_is() -> None:
    key, replies = parse(WHOLE, "x.md")

    assert key == "app.text.slugify"
    assert replies == {
        "start": Reply(
            (
                Thinking("Fold first.\n\nThen replace."),
                Text("I look at\ntwo things."),
                ToolUse("read_file", {"path": "src/app/text.py", "start": 1}),
                ToolUse("search", {"text": "12 monkeys"}),
            )
        ),
        "after FAILED 2": Reply(
            (
                ToolUse(
                    "submit",
                    {
                        "quality": 8,
                        "helpers": "import re\n\n",
                        "body": "return '''```\n'''\n",
                        "bodies": {"app.a.f": "pass\n"},
                    },
                ),
            ),
            "max_tokens",
        ),
    }


WRONG = {
    "empty": ("", "x.md:1", "a session begins with `# KEY`"),
    "no state": ("# a\n", "x.md:1", "needs at least `## start`"),
    "a state that is none": ("# a\n\n## begin\n", "x.md:3", "`begin` is no state"),
    "a state twice": ("# a\n## start\nx\n## start\nx\n", "x.md:4", "stands here twice"),
    "a state without words": ("# a\n## start\n\n## after FAILED\nx\n", "x.md:4", "`start` says nothing"),
    "an argument that is none": ("# a\n## start\n### look\nhere\n", "x.md:4", "an argument of a tool is written"),
    "a block without a name": ("# a\n## start\n### look\n```\nx\n```\n", "x.md:4", "a fenced block names its argument"),
    "a block without an end": ("# a\n## start\n### look\n```python body\nx\n", "x.md:4", "a fenced block names"),
}


@pytest.mark.parametrize(("text", "where", "said"), WRONG.values(), ids=WRONG.keys())
def test_a_file_that_cannot_be_understood(text: str, where: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        parse(text, "x.md")

    assert raised.value.where == where
    assert said in raised.value.message


def test_a_folder(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_text("Not a session.")
    (tmp_path / "a.md").write_text("# app.a\n## start\nHello.\n")
    (tmp_path / "b.md").write_text("# app.b\n## start\nHi.\n")

    assert sorted(Sessions.read(tmp_path).replies) == ["app.a", "app.b"]


def test_an_empty_folder(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="no stored session"):
        Sessions.read(tmp_path)


def test_two_files_for_one_stub(tmp_path: Path) -> None:
    for name in ("a.md", "b.md"):
        (tmp_path / name).write_text("# app.a\n## start\nHello.\n")
    with pytest.raises(ConfigurationError, match=r"two sessions for app\.a"):
        Sessions.read(tmp_path)


def told(*results: str, tool: str = "submit", first: str = "Implement `app.a`, which calls `app.b`.") -> list[dict]:
    """Messages in which each call of ``tool`` was answered by one of ``results``."""
    messages: list[dict] = [{"role": "user", "content": first}]
    for number, result in enumerate(results):
        call = {"type": "tool_use", "id": str(number), "name": tool, "input": {}}
        answer = {"type": "tool_result", "tool_use_id": str(number), "content": [{"type": "text", "text": result}]}
        messages += [{"role": "assistant", "content": [call]}, {"role": "user", "content": [answer]}]
    return messages


STATES = {
    "nothing said yet": (told(), ("start",)),
    "a first failure": (told("FAILED\nty: x"), ("after FAILED 1", "after FAILED")),
    "a failure after a failure": (told("FAILED", "FAILED"), ("after FAILED 2", "after FAILED")),
    "verdicts are numbered together": (told("FAILED", "PASSED"), ("after PASSED 2", "after PASSED")),
    "another tool's answer": (told("x", "y", tool="search"), ("after search 2", "after search")),
    "a reminder": ([*told(), {"role": "user", "content": "Go on."}], ("after reminder 1", "after reminder")),
}


@pytest.mark.parametrize(("messages", "states"), STATES.values(), ids=STATES.keys())
def test_where_a_conversation_stands(messages: list[dict], states: tuple[str, ...]) -> None:
    assert read(messages).states == states


KEYS = {
    "the first name in backticks": ("Implement `app.a`, not `app.b`.", "app.a"),
    "a method": ("Implement `app.text.Parser.v.setter`.", "app.text.Parser.v.setter"),
    "with its file": ("Implement `src/app/text.py::Parser.parse`.", "src/app/text.py::Parser.parse"),
    "no name": ("Implement it (`x y`).", ""),
}


@pytest.mark.parametrize(("text", "key"), KEYS.values(), ids=KEYS.keys())
def test_what_a_conversation_is_about(text: str, key: str) -> None:
    assert read(told(first=text)).key == key


def test_the_particular_state_wins() -> None:
    general, particular = Reply((Text("again"),)), Reply((Text("second"),))
    sessions = Sessions({"app.a": {"after FAILED": general, "after FAILED 2": particular}})

    assert sessions(read(told("FAILED"))) is general
    assert sessions(read(told("FAILED", "FAILED"))) is particular


@pytest.mark.parametrize(
    ("first", "said"),
    [
        pytest.param("Implement `app.c`.", "no stored session for `app.c`. There are sessions for: app.a", id="a key"),
        pytest.param("Hello", "names no stub in backticks", id="no key"),
        pytest.param("Implement `app.a`.", "has no reply `after FAILED 1`. It has: start", id="a state"),
    ],
)
def test_what_is_not_stored_is_named(first: str, said: str) -> None:
    sessions = Sessions({"app.a": {"start": Reply((Text("Hello."),))}})
    with pytest.raises(NoReplyError) as raised:
        sessions(read(told("FAILED", first=first)))

    assert said in str(raised.value)
