"""The pull request's text, as a terminal shows it."""

import pytest

from jiti_bot.demo.review import for_terminal, opening


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("**2 of 2**\n", "**2 of 2**", id="plain text"),
        pytest.param("<!-- marker -->\n\nText\n", "Text", id="a comment"),
        pytest.param("a\n\n```mermaid\nflowchart LR\n  n0 --> n1\n```\n\nb", "a\n\n\nb", id="a picture"),
        pytest.param("An arrow goes.\n\n```mermaid\nn0\n```\nb", "b", id="a picture with its words"),
        pytest.param("```python\nx\n```\n", "```python\nx\n```", id="code"),
    ],
)
def test_for_terminal(text: str, shown: str) -> None:
    assert for_terminal(text) == shown


@pytest.mark.parametrize(("text", "shown"), [("a", "a"), ("a\n## b\nc", "a\n"), ("a\n### b", "a\n### b")])
def test_opening(text: str, shown: str) -> None:
    assert opening(text) == shown
