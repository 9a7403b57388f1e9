"""Record `jiti demo` in a pseudo-terminal and draw part of it: ``python docs/record_demo.py docs/demo.svg``.

Shows what a terminal of 100 columns shows, moving lines included in their last state.
"""

import io
import os
import pty
import re
import struct
import sys
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSWINSZ

from rich.console import Console
from rich.text import Text

COLUMNS = 100
_PIECE = re.compile(r"\x1b\[(?P<argument>[?\d;]*)(?P<command>[A-Za-z])|\r|\n|[^\x1b\r\n]+")
_FIRST, _LAST = "● semver.ranges.tilde", "● semver.ranges.caret"


def record(*command: str) -> str:
    """Run ``command`` on a terminal of its own; everything it wrote."""
    pid, master = pty.fork()
    if pid == 0:
        os.environ.update(TERM="xterm-256color", COLUMNS=str(COLUMNS), LINES="50")
        os.execv(command[0], command)  # noqa: S606 - no shell is wanted: this is the terminal
    ioctl(master, TIOCSWINSZ, struct.pack("HHHH", 50, COLUMNS, 0, 0))
    chunks = []
    while True:
        try:
            chunk = os.read(master, 65536)
        except OSError:  # Linux says so when the other end is closed
            break
        if not chunk:
            break
        chunks.append(chunk)
    _, status = os.waitpid(pid, 0)
    if status:
        sys.exit(f"{' '.join(command)} ended with {os.waitstatus_to_exitcode(status)}")
    return b"".join(chunks).decode()


def rows(written: str) -> list[str]:
    """The lines of the screen at the end, with their colours: what rich's live display erased is gone."""
    lines, row = [""], 0
    for piece in _PIECE.finditer(written):
        match piece["command"]:
            case "A":
                row -= int(piece["argument"] or 1)
            case "K":
                lines[row] = ""
            case "m":
                lines[row] += piece[0]
            case None if piece[0] == "\n":
                row += 1
                lines += [""] * (row + 1 - len(lines))
            case None if piece[0] != "\r":
                lines[row] += piece[0]
    return lines


def excerpt(lines: list[str]) -> list[str]:
    """The part worth a picture: some stubs from their first turn to their proof, and how it all ends."""
    plain = [Text.from_ansi(line).plain.strip() for line in lines]
    generate = next(n for n, line in enumerate(plain) if line.startswith("$ jiti generate"))
    first = plain.index(_FIRST)
    last = max(n for n, line in enumerate(plain) if line == _LAST)
    end = plain.index("", last)
    done = next(n for n, line in enumerate(plain) if " proved in " in line)
    suite = next(n for n in range(len(plain) - 1, 0, -1) if re.search(r"\d passed", plain[n]))
    gap = ["", "  ⋮", ""]
    return [lines[generate], *gap, *lines[first:end], *gap, *lines[done : done + 2], "", *lines[suite - 1 : suite + 1]]


def draw(lines: list[str], target: Path) -> None:
    """Write the lines as a picture."""
    console = Console(record=True, width=COLUMNS, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in lines:
        console.print(Text.from_ansi(line.rstrip()), soft_wrap=True)
    drawn = console.export_svg(title="jiti demo")
    target.write_text(re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL), "utf-8")  # fonts of other servers


if __name__ == "__main__":
    draw(excerpt(rows(record(sys.executable, "-m", "jiti_bot", "demo", "--fast"))), Path(sys.argv[1]))
