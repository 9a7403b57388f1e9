"""Draw a pull request's text as GitHub shows it, with Chromium: the picture of docs/action.md and the README.

npm install --prefix /tmp/look mermaid@11 github-markdown-css@5
python -m tests.action.chain
python docs/draw_pull_request.py /tmp/jiti-chain-.../PULL_REQUEST.md docs/pull-request.png /tmp/look/node_modules

How a phone shows it, in the dark: the same with `dark 420 2400` at the end.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name

WIDTH, HEIGHT = "900", "1645"  # pixels
_ALERT = re.compile(r"<blockquote>\n<p>\[!WARNING\]\n?(?:<br />)?(.*?)</blockquote>", re.DOTALL)
_PAGE = """<!doctype html><meta charset="utf-8"><style>{css}
body {{ margin: 0; background: {outer}; font-family: "Segoe UI", "Noto Sans", Helvetica, Arial, sans-serif }}
.box {{ max-width: 860px; margin: 16px; border: 1px solid {line}; border-radius: 6px; overflow: hidden }}
.head {{ padding: 8px 16px; border-bottom: 1px solid {line}; font-size: 14px; color: {text}; background: {outer} }}
.markdown-body {{ padding: 16px; font-size: 14px }}
.markdown-body pre.mermaid {{ text-align: center; background: none; border: 1px solid {line} }}
</style>
<div class="box"><div class="head"><b>jiti-bot</b> wants to merge 1 commit into
<code>main</code> from <code>jiti-bot-main</code></div><div class="markdown-body">{html}</div></div>
<script src="{mermaid}"></script>
<script>mermaid.initialize({{ startOnLoad: true, theme: "{drawn}" }})</script>"""
# GitHub's colours: around the text, of lines, of words; the styles of mermaid and pygments that go with them.
_THEMES = {
    "light": {"outer": "#f6f8fa", "line": "#d1d9e0", "text": "#59636e", "drawn": "default"},
    "dark": {"outer": "#010409", "line": "#3d444d", "text": "#9198a1", "drawn": "dark"},
}
_STYLES = {"light": "default", "dark": "github-dark"}


def page(text: str, modules: Path, theme: str = "light") -> str:
    """The text as an HTML page with GitHub's style sheet. ``modules`` is npm's folder."""
    renderer = MarkdownIt("gfm-like", {"html": True, "linkify": False})
    renderer.add_render_rule("fence", _fence)
    html = _ALERT.sub(
        r'<div class="markdown-alert markdown-alert-warning"><p class="markdown-alert-title">⚠ Warning</p><p>\1</div>',
        renderer.render(text, {"style": _STYLES[theme]}),
    )
    css = (modules / "github-markdown-css" / f"github-markdown-{theme}.css").read_text("utf-8")
    mermaid = (modules / "mermaid" / "dist" / "mermaid.min.js").resolve().as_uri()
    return _PAGE.format(css=css, html=html, mermaid=mermaid, **_THEMES[theme])


def _fence(_renderer: object, tokens: list[Any], index: int, _options: object, env: dict[str, str]) -> str:
    language, text = tokens[index].info.strip(), tokens[index].content
    if language == "mermaid":
        return f'<pre class="mermaid">{text.replace("<", "&lt;")}</pre>'
    formatter = HtmlFormatter(nowrap=True, noclasses=True, style=env["style"])
    coloured = highlight(text, get_lexer_by_name(language or "text"), formatter)
    return f'<div class="highlight"><pre>{coloured}</pre></div>'


def main(
    source: str, target: str, modules: str, theme: str = "light", width: str = WIDTH, height: str = HEIGHT
) -> None:
    """Draw the file ``source`` as the picture ``target``."""
    with tempfile.TemporaryDirectory() as folder:
        drawn = Path(folder) / "page.html"
        drawn.write_text(page(Path(source).read_text("utf-8"), Path(modules), theme), "utf-8")
        subprocess.run(
            [
                *("chromium", "--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"),
                *("--virtual-time-budget=8000", "--allow-file-access-from-files", f"--window-size={width},{height}"),
                *(f"--screenshot={Path(target).resolve()}", drawn.as_uri()),
            ],
            check=True,
            capture_output=True,
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
