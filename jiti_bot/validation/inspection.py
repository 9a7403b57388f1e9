"""Run by the project's interpreter, as a file and without `site`: prints as JSON where its packages are.

Standard library only, and none of ours: nothing that is installed there is imported or executed.
"""

import ast
import json
import os
import re
import site
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit


def main() -> None:
    """Print what `environment.inspect_environment` reads."""
    base = Path(sys.base_prefix)
    prefix, isolated = environment_of(Path(sys.executable), base)
    prefixes = [prefix] if isolated else list(dict.fromkeys([prefix, base]))
    packages = [folder for one in prefixes for folder in installed(one)]
    user = None if prefix != base else user_site()
    searched = [*packages, *([user] if user else [])]
    editable = dict.fromkeys(target for folder in searched for target in in_place(folder))
    found = {
        "version": sys.version_info[:3],
        "prefixes": [str(path) for path in dict.fromkeys([prefix, base, Path(sys.executable).resolve().parents[1]])],
        "packages": [str(path) for path in packages],
        "editable": [str(path) for path in editable],
        "user_site": str(user) if user else None,
    }
    sys.stdout.write(json.dumps(found))


def environment_of(executable: Path, base: Path) -> tuple[Path, bool]:
    """The environment that ``executable`` belongs to, and whether it hides the packages of its base."""
    for folder in (executable.parent, executable.parent.parent):
        configuration = folder / "pyvenv.cfg"
        if configuration.is_file():
            text = configuration.read_text("utf-8", "replace").lower()
            shared = re.search(r"^\s*include-system-site-packages\s*=\s*true", text, re.MULTILINE)
            return folder, not shared
    return base, False


def installed(prefix: Path) -> list[Path]:
    """The folders of installed packages below ``prefix``."""
    sys.prefix = str(prefix)  # Debian's own `site` looks at it: an environment has other folders than the system
    return [Path(path) for path in site.getsitepackages([str(prefix)]) if Path(path).is_dir()]


def user_site() -> Path | None:
    """The user's own packages, where Python would look for them."""
    path = Path(site.getusersitepackages())
    return path if path.is_dir() else None


def in_place(folder: Path) -> list[Path]:
    """Folders outside ``folder`` from which packages are imported: ``.pth`` lines and editable installs."""
    found: list[Path] = []
    for file in sorted(folder.glob("*.pth")):
        for line in read(file).splitlines():
            if line.startswith(("import ", "import\t")):
                found += finder_targets(folder, line)
            elif line.strip() and not line.startswith("#"):
                found.append(Path(os.path.abspath(folder / line.strip())))
    for file in sorted(folder.glob("*.dist-info/direct_url.json")):
        found += direct_target(file)
    return [path for path in found if path.exists()]


def finder_targets(folder: Path, line: str) -> list[Path]:
    """What the import hook of an editable install maps to: a literal in a module of its own."""
    module = re.search(r"import\s+(__editable__\w+)", line)
    if module is None:
        return []
    try:
        tree = ast.parse(read(folder / f"{module[1]}.py"))
    except (SyntaxError, ValueError):
        return []
    found: list[Path] = []
    for node in tree.body:
        value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Dict):
            texts = [leaf.value for leaf in ast.walk(value) if isinstance(leaf, ast.Constant)]
            found += [Path(text) for text in texts if isinstance(text, str) and Path(text).is_absolute()]
    return found


def direct_target(file: Path) -> list[Path]:
    """The project folder that an editable distribution was installed from."""
    try:
        origin = json.loads(read(file))
        address = urlsplit(origin["url"])
        editable = origin.get("dir_info", {}).get("editable", False)
    except (ValueError, KeyError, TypeError, AttributeError):
        return []
    return [Path(unquote(address.path))] if editable and address.scheme == "file" else []


def read(file: Path) -> str:
    """The file's text; empty where it cannot be read."""
    try:
        return file.read_text("utf-8", "replace")
    except OSError:
        return ""


if __name__ == "__main__":
    main()
