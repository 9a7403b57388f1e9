"""What `jiti init` writes into a repository. Text in, text out."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from jiti_bot.errors import ConfigurationError

_FOLDER = Path(__file__).parent
_PLACE = re.compile(r"jiti-bot/jiti-bot@\S+ # \S+")
_INSTALL = "python -m pip install --editable . pytest"


@dataclass(frozen=True, slots=True)
class Pin:
    """A release of the action: the full hash of its commit, and the version that people know it by."""

    commit: str
    version: str


#: A commit of this repository that holds the action. A release names its own predecessor here.
RELEASE = Pin("b079a256091c8372d6d9c9f757dea0e8a6aa4a83", "v0.1.0")


def workflow(pin: Pin, install: str = _INSTALL, directory: str = ".", python: str = "3.13") -> str:
    """The workflow in several jobs, with the action pinned to ``pin``.

    ``install`` is the command that installs the project and its pytest, on one line, run in the project's folder
    ``directory`` (posix, relative to the repository), with the Python ``python``.
    """
    if not re.fullmatch(r"[0-9a-f]{40}", pin.commit) or not re.fullmatch(r"v[\w.]+", pin.version):
        raise ConfigurationError(
            f"{pin.commit!r} # {pin.version} pins nothing.", remedy="Name a release's full commit hash and version."
        )
    if not install.strip() or not install.isprintable():
        raise ConfigurationError(
            "The command that installs the project is empty or has several lines.",
            remedy="Give one command on one line.",
        )
    text = (_FOLDER / "workflow.yml").read_text("utf-8")
    text = text.replace('python-version: "3.13"', f'python-version: "{python}"')
    text = _PLACE.sub(f"jiti-bot/jiti-bot@{pin.commit} # {pin.version}", text)
    plain = re.fullmatch(r"[A-Za-z][\w ./,+=~\[\]'-]*", install.strip(), re.ASCII)
    # A JSON string is a YAML one: nothing in a command can be taken for YAML's own signs.
    text = text.replace(_INSTALL, install.strip() if plain else json.dumps(install.strip(), ensure_ascii=False))
    return text if directory == "." else _in_folder(text, directory)


def _in_folder(text: str, directory: str) -> str:
    """The workflow for a project below the top of its repository."""
    if not directory.isprintable() or "${{" in directory:
        raise ConfigurationError(
            f"{directory!r} is no name of a folder that a workflow can hold.", remedy="Rename the folder."
        )
    folder = directory if re.fullmatch(r"[A-Za-z][\w./-]*", directory, re.ASCII) else json.dumps(directory)
    text = re.sub(r"(?m)^( +)stage: .*$", lambda found: f"{found[0]}\n{found[1]}directory: {folder}", text)
    # Of its own, or the runs of two projects would push each other out of the queue.
    text = text.replace("name: jiti\n", f"name: {json.dumps(f'jiti, {directory}')}\n", 1)
    text = text.replace("\n    jiti-${{ ", f"\n    jiti-{directory}-${{{{ ", 1)
    install = "- name: Install the project\n"
    return text.replace(install, f"{install}        working-directory: {folder}\n")
