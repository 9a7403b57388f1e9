"""Puts candidates in place, in process: the loader reads them instead of the committed files."""

from collections.abc import Mapping
from pathlib import Path


def put(root: str, folder: str, staged: Mapping[str, str]) -> tuple[str, ...]:
    """Write the texts below ``folder`` and hand them to the loader; returns the files written."""
    from jiti_bot import runtime

    mapping: dict[str, str] = {}
    for index, (path, text) in enumerate(staged.items()):
        file = Path(folder) / "staged" / str(index) / Path(path).name
        file.parent.mkdir(parents=True)
        file.write_text(text, "utf-8", newline="")
        mapping[str(Path(root) / path)] = str(file)
    runtime.stage(mapping)
    return tuple(mapping.values())


def lay(folder: str, files: Mapping[str, str]) -> dict[str, str]:
    """Write test files that do not exist yet below ``folder``: file written -> path that it stands for."""
    laid: dict[str, str] = {}
    for path, text in files.items():
        file = Path(folder) / "files" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")
        laid[str(file)] = path
    return laid
