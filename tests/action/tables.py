"""The tables of inputs and outputs in docs/action.md, from action.yml. `python -m tests.action.tables` writes them."""

import re

from tests.action.workflows import action
from tests.repo import ROOT

FILE = ROOT / "docs" / "action.md"
_PLACE = re.compile(r"(<!-- generated from action\.yml [^\n]*begin -->\n).*?(<!-- end -->)", re.DOTALL)


def tables() -> str:
    """Inputs and outputs as Markdown."""
    described = action()
    inputs = [
        f"| `{name}` | {_code(one['default'])} | {_line(one['description'])} |"
        for name, one in described["inputs"].items()
    ]
    outputs = [f"| `{name}` | {_line(one['description'])} |" for name, one in described["outputs"].items()]
    return "\n".join(
        [
            "## Inputs", "", "| input | default | what it is |", "|---|---|---|", *inputs, "",
            "## Outputs", "", "| output | what it is |", "|---|---|", *outputs, "",
        ]
    )  # fmt: skip


def filled(text: str) -> str:
    """The page with its tables made anew."""
    assert _PLACE.search(text)
    return _PLACE.sub(lambda found: f"{found[1]}\n{tables()}\n{found[2]}", text)


def _code(text: str) -> str:
    return f"`{text}`" if text else "-"


def _line(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    FILE.write_text(filled(FILE.read_text("utf-8")), "utf-8")
