"""Projects for the doctor, and what it says of them by what it is about."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from jiti_bot.doctor.diagnosis import Diagnosis, Level
from jiti_bot.doctor.ground import Ground, survey
from tests.repo import Repo, environment

OK, NOTE, WARNING, PROBLEM = Level.OK, Level.NOTE, Level.WARNING, Level.PROBLEM
STUB = (
    'from jiti import jiti\n\n\n@jiti\ndef slugify(text: str) -> str:\n    """Make a slug."""\n'
    "    raise NotImplementedError\n"
)
BODY = 'def slugify(text: str) -> str:\n    """Make a slug."""\n    return text.lower()\n'


def ground(repo: Repo, **env: str) -> Ground:
    """The project of a repository."""
    return survey(str(repo.path), {**repo.env, **env})


def lay(folder: Path, files: Mapping[str, str], **env: str) -> Ground:
    """The project that ``files`` make, without git."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return survey(str(folder), {**environment(folder), **env})


def said(diagnoses: Iterable[Diagnosis]) -> dict[str, Diagnosis]:
    """By what they are about; each once."""
    listed = list(diagnoses)
    found = {one.about: one for one in listed}
    assert len(found) == len(listed)
    return found
