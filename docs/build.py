"""Build the site: ``python docs/build.py [FOLDER]``, by default into site/. Warnings are errors; nothing is fetched.

Pages are written to be read on GitHub as well, where links may lead out of docs/. On the site those lead to the
repository; one that leads nowhere is an error here.
"""

import posixpath
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
_REPOSITORY = "https://github.com/jiti-bot/jiti-bot"
_LINK = re.compile(r"(?<=\]\()\.\./(?P<path>[^)#\s]+)(?P<heading>#[^)\s]*)?(?=\))")


def build(target: Path) -> str:
    """Build into ``target``, a new or empty folder; what the tool said. Raises SystemExit with its warnings."""
    with tempfile.TemporaryDirectory(prefix="jiti-site-") as scratch:
        folder = Path(scratch)
        shutil.copy(ROOT / "mkdocs.yml", folder)
        shutil.copytree(ROOT / "docs", folder / "docs", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        for page in sorted((folder / "docs").rglob("*.md")):
            page.write_text(led_out(page.read_text("utf-8"), page.name), "utf-8")
        command = (sys.executable, "-m", "zensical", "build", "--strict", "--clean")
        done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", check=False)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        shutil.copytree(folder / "site", target, dirs_exist_ok=True)
    return done.stdout


def led_out(text: str, name: str) -> str:
    """A page with its links out of docs/ made to lead to the repository."""

    def led(found: re.Match[str]) -> str:
        path = posixpath.normpath(found["path"])
        target = ROOT / path
        if not target.exists():
            sys.exit(f"docs/{name} links to ../{path}, which is not there.")
        return f"{_REPOSITORY}/{'tree' if target.is_dir() else 'blob'}/main/{path}{found['heading'] or ''}"

    return _LINK.sub(led, text)


if __name__ == "__main__":
    given = sys.argv[1:]
    if not given:
        shutil.rmtree(ROOT / "site", ignore_errors=True)  # pages of yesterday
    print(build(Path(given[0]) if given else ROOT / "site"), end="")
