"""What the worker may read: the system's programs, its interpreter and packages, the project without its secrets.

What can be granted cannot be taken back in part, so a folder that holds a secret is granted child by child.
"""

import os
from collections.abc import Collection, Iterable, Iterator
from fnmatch import fnmatch
from pathlib import Path

from jiti_bot.errors import JitiError
from jiti_bot.git import Git
from jiti_bot.validation.environment import Environment

_SYSTEM = (
    "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/nix/store", "/etc/ld.so.cache", "/etc/ld.so.conf",
    "/etc/ld.so.conf.d", "/etc/alternatives", "/etc/passwd", "/etc/group", "/etc/nsswitch.conf", "/etc/localtime",
    "/etc/timezone", "/etc/ssl/certs", "/etc/pki/tls/certs", "/etc/mime.types", "/etc/os-release", "/etc/inputrc",
    "/dev/urandom", "/dev/random", "/dev/zero", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
)  # fmt: skip
_OF_A_PREFIX = ("bin", "lib", "lib64", "libexec", "include", "share", "pyvenv.cfg", "Frameworks", "Python", "Resources")
_NEVER = (".git", ".hg", ".svn", ".env", ".env.*", ".envrc")
# Names that only hold a secret if git does not track them: a tracked test key is a fixture.
_LIKE_SECRETS = (
    "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.kdbx", "*.keystore", "id_rsa*", "id_dsa*", "id_ecdsa*",
    "id_ed25519*", ".netrc", ".pypirc", ".npmrc", ".pgpass", ".htpasswd", ".dockercfg", ".git-credentials", "*.env",
    "*credential*.*", "*secret*.*", "*.tfvars", "*.tfstate", "service-account*.json", "local_settings.py",
    "credentials", "kubeconfig", "auth.json", "*.ovpn", "*token.*",
    "*.token", ".aws", ".azure", ".gcloud", ".kube", ".ssh", ".gnupg", ".docker", ".vault*",
)  # fmt: skip
_INSTALLED = ("site-packages", "node_modules", "__pycache__")


def policy(environment: Environment, shim: Path, write: Iterable[Path]) -> dict[str, list[str]]:
    """The paths of `enter.enter`: ``read``, ``list``, ``write``, ``devices``; nothing but ``write`` can be written.

    For namespaces, which can hide a part of a folder, the same as ``mounts`` less ``hidden``.
    """
    fixed: dict[str, None] = dict.fromkeys(path for path in _SYSTEM if Path(path).exists())
    for prefix in environment.prefixes:
        fixed.update(dict.fromkeys(str(prefix / name) for name in _OF_A_PREFIX if (prefix / name).exists()))
    fixed.update(dict.fromkeys(str(path) for path in environment.packages))
    fixed.update(dict.fromkeys((str(environment.ours / "jiti.py"), str(environment.ours / "jiti_bot"))))
    fixed[str(shim)] = None
    if environment.user_site:
        fixed[str(environment.user_site)] = None
    read, listed, hidden = dict(fixed), dict[str, None](), dict[str, None]()
    folders = _folders(environment)
    for folder in folders:
        denied = secrets(folder) if folder.is_dir() else frozenset()
        hidden.update(dict.fromkeys(str(path) for path in sorted(denied)))
        for path, whole in _without(folder, denied):
            (read if whole else listed)[str(path)] = None
    mounts = [*fixed, *(str(folder) for folder in folders)]
    return {
        "read": list(read),
        "list": list(listed),
        "write": [str(path) for path in write],
        "devices": ["/dev/null"],
        "mounts": mounts,
        "hidden": list(hidden),
    }


def secrets(folder: Path) -> frozenset[Path]:
    """What must not be read below ``folder``: repositories' own data, ``.env*``, untracked files named like secrets."""
    never: set[Path] = set()
    suspects: set[Path] = set()
    for place, folders, files in os.walk(folder):
        here = Path(place)
        for name in (*folders, *files):
            if _matches(name, _NEVER):
                never.add(here / name)
            elif _matches(name, _LIKE_SECRETS) and (not name.endswith(".py") or name == "local_settings.py"):
                suspects.add(here / name)
        folders[:] = [
            name for name in folders if name not in _INSTALLED and here / name not in never and not _venv(here / name)
        ]
    found = never | _untracked(folder, suspects)
    return frozenset(path for path in found if not found.intersection(path.parents))


def _without(folder: Path, denied: Collection[Path]) -> Iterator[tuple[Path, bool]]:
    """``folder`` in parts that leave ``denied`` out: a path, and whether all of it may be read (else: listed)."""
    if not any(path == folder or folder in path.parents for path in denied):
        yield folder, True
        return
    if folder in denied:
        return
    yield folder, False
    for child in sorted(folder.iterdir()):
        if not child.is_symlink():  # what it leads to is granted by its own name, or stands outside
            yield from _without(child, denied)


def _untracked(folder: Path, suspects: Collection[Path]) -> set[Path]:
    """Those that git does not track, nor anything below them; all of them where git cannot say."""
    if not suspects or not any((place / ".git").exists() for place in (folder, *folder.parents)):
        return set(suspects)
    git = Git(str(folder), {name: value for name, value in os.environ.items() if not name.startswith("GIT_")})
    try:
        tracked = {folder / path for path in git.tracked()}
    except JitiError:
        return set(suspects)
    kept = tracked | {place for path in tracked for place in path.parents}
    inside = {file for path in suspects if path in kept and path.is_dir() for file in path.rglob("*") if file.is_file()}
    return {path for path in {*suspects, *inside} if path not in kept}


def _folders(environment: Environment) -> list[Path]:
    """Where the project's code stands, none within another.

    A folder on the path so wide that the user's own files stand in it is left out, unless it is the project itself.
    """
    wide = {Path("/"), Path.home(), *Path.home().parents}
    others = {path.resolve() for path in (*environment.editable, *environment.python_path)} - wide
    kept: list[Path] = []
    for folder in sorted({environment.root, *others}, key=lambda path: (len(path.parts), path)):
        if not any(other in folder.parents for other in kept):
            kept.append(folder)
    return kept


def _matches(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatch(name.lower(), pattern) for pattern in patterns)


def _venv(folder: Path) -> bool:
    return (folder / "pyvenv.cfg").exists()
