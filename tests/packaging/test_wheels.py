"""Wheels with a store inside, built by each backend's own hooks, installed into a fresh environment, and called."""

import sys
import zipfile
from pathlib import Path

import pytest

from tests.packaging.backends import BACKENDS, PACKAGE_STORE, ROOT_STORE, Backend
from tests.packaging.environments import install, run

CALL = (
    "import app.text, os; print(app.text.slugify('Some Words'), app.text.Parser().words, "
    "'site-packages' in app.text.__file__)"
)
CALLED = "some-words ['one', 'two'] {}\n"
CASES = [
    pytest.param(backend, store, id=f"{backend.name}-{'root' if store == ROOT_STORE else 'inside'}")
    for backend in BACKENDS
    for store in (ROOT_STORE, PACKAGE_STORE)
    if store == PACKAGE_STORE or backend.root is not None
]


def build(project: Path, *options: str) -> Path:
    """The wheel that the project's backend makes, through PEP 517."""
    out = project / "dist"
    run([sys.executable, "-m", "build", "--no-isolation", "-x", *options, "--outdir", out, project], project.parent)
    return next(out.glob("*.whl"))


def lay(project: Path, backend: Backend, store: str) -> None:
    for name, text in backend.files(store).items():
        file = project / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


@pytest.mark.parametrize(("backend", "store"), CASES)
def test_installed_wheel(tmp_path: Path, fresh: Path, backend: Backend, store: str) -> None:
    project = tmp_path / "project"
    lay(project, backend, store)
    wheel = build(project, "--wheel")
    with zipfile.ZipFile(wheel) as archive:
        assert {"app/.jiti/text/slugify.py", "app/.jiti/text/Parser.words.py"} <= set(archive.namelist())
    install(fresh, wheel)
    for _ in range(2):  # the second time from bytecode
        assert run([fresh, "-W", "error", "-c", CALL], tmp_path) == CALLED.format(True)


@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_wheel_built_from_the_source_distribution(tmp_path: Path, backend: Backend) -> None:
    project = tmp_path / "project"
    lay(project, backend, PACKAGE_STORE)
    wheel = build(project)
    with zipfile.ZipFile(wheel) as archive:
        assert "app/.jiti/text/slugify.py" in archive.namelist()


@pytest.mark.parametrize("store", [ROOT_STORE, PACKAGE_STORE])
@pytest.mark.parametrize("backend", BACKENDS, ids=lambda backend: backend.name)
def test_editable_install(tmp_path: Path, fresh: Path, backend: Backend, store: str) -> None:
    project = tmp_path / "project"
    lay(project, backend, store)
    hook = (
        "import importlib, sys; backend = importlib.import_module(sys.argv[1]); "
        "print(backend.build_editable(sys.argv[2]))"
    )
    out = tmp_path / "editable"
    out.mkdir()
    name = run([sys.executable, "-c", hook, backend.module, out], project).strip().splitlines()[-1]
    install(fresh, out / name)
    assert run([fresh, "-W", "error", "-c", CALL], tmp_path) == CALLED.format(False)


def test_installed_into_a_folder(tmp_path: Path, own_wheel: Path) -> None:
    project = tmp_path / "project"
    lay(project, BACKENDS[0], ROOT_STORE)
    wheel = build(project, "--wheel")
    target = tmp_path / "vendored"
    options = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", target]
    run([sys.executable, "-m", "pip", "install", *options, own_wheel, wheel], tmp_path)
    call = f"import sys; sys.path.insert(0, {str(target)!r}); {CALL}"
    assert run([sys.executable, "-S", "-c", call], tmp_path) == CALLED.format(False)


def test_compiled_ahead_in_an_environment(tmp_path: Path, fresh: Path) -> None:
    project = tmp_path / "project"
    lay(project, BACKENDS[0], PACKAGE_STORE)
    install(fresh, build(project, "--wheel"))
    site = run([fresh, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], tmp_path).strip()
    assert "compiled 2 of 2 units" in run([fresh, "-m", "jiti_bot", "compile", site], tmp_path)
    forbid = "import sys; sys.modules['jiti_bot.transform'] = None; "
    assert run([fresh, "-B", "-c", forbid + CALL], tmp_path) == CALLED.format(True)


def test_a_wheel_without_a_store_runs_nothing_of_the_project_around_it(tmp_path: Path, fresh: Path) -> None:
    project = tmp_path / "project"
    lay(project, BACKENDS[0], PACKAGE_STORE)
    for file in (project / PACKAGE_STORE / "text").iterdir():
        file.unlink()
    install(fresh, build(project, "--wheel"))
    site = run([fresh, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], tmp_path).strip()
    for folder in (tmp_path / ".jiti", Path(site).parent / ".jiti"):
        for source in ("app/text", str((Path(site) / "app/text").relative_to(folder.parent))):
            (folder / source).mkdir(parents=True, exist_ok=True)
            (folder / source / "slugify.py").write_text(SLUGIFY_OF_ANOTHER)
    call = "import app.text\ntry:\n    app.text.slugify('x')\nexcept NotImplementedError as error:\n    print(error)"
    assert "app.text.slugify has no implementation yet" in run([fresh, "-c", call], tmp_path)


SLUGIFY_OF_ANOTHER = "def slugify(text: str, sep: str = '-') -> str:\n    return 'another project'\n"
