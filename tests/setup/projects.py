"""Projects to set up, and what becomes of them."""

from collections.abc import Mapping

from jiti_bot.setup.model import Plan, Project

DEV = '[dependency-groups]\ndev = ["{}"]\n'


def project(
    files: Mapping[str, str], folder: str = "", store: str = ".jiti", *, ignored: bool = False, origin: str = ""
) -> Project:
    """A project of ``files``, by their text."""
    data = {path: text.encode() for path, text in files.items()}
    return Project(folder, data, f"{folder}/{store}".lstrip("/"), "1", ignored, origin)


def after(found: Plan) -> dict[str, str]:
    """The files that are written."""
    return {edit.path: edit.after.decode() for edit in found.edits}


def done(before: Project, found: Plan) -> Project:
    """The project once the plan was carried out."""
    written = {edit.path: edit.after for edit in found.edits}
    return Project(
        before.folder, {**before.files, **written}, before.store, before.version, before.ignored, before.origin
    )
