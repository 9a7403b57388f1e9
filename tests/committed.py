"""Committed implementations for stubs of real repositories, written through the store's own door."""

from jiti_bot.source.model import Kind, Spec
from jiti_bot.store.write import Put, Written, commit, compose
from jiti_bot.workspace import open_workspace
from tests.repo import Repo


def implement(repo: Repo, *keys: str, body: str = "return None") -> list[str]:
    """Commit ``body`` to the store for the stubs named, or for all; the paths written."""
    written = []
    for tests in (True, False):  # what a stub asks for includes the tests that were written for it
        workspace = open_workspace(str(repo.path), repo.env)
        tree = workspace.work_tree()
        for spec in workspace.index(tree).specs():
            if (spec.stub.kind is Kind.TEST) is tests and (not keys or spec.key in keys):
                text = compose(spec.key, spec.digests, code(spec, body), model="claude-sonnet-5-5", evidence="ruff ty")
                put = Put(str(repo.path / spec.path), text, tree.read(spec.path))
                assert isinstance(commit(str(repo.path / spec.store), [put]), Written)
                written.append(spec.path)
    assert written, keys
    return written


def code(spec: Spec, body: str) -> str:
    """The unit's code: the stub as it stands with ``body``, inside its owners."""
    stub = spec.stub
    if stub.kind is Kind.CLASS:
        lines = [stub.header]
        for member in stub.members:
            lines += [f"    {line}" for line in [*member.header.splitlines(), f"    {body}"]]
    else:
        doc = [f'    """{stub.docstring}"""'] if stub.docstring and "\n" not in stub.docstring else []
        lines = [*stub.header.splitlines(), *doc, f"    {body}"]
    for owner in reversed(stub.owners):
        lines = [f"class {owner}:", *(f"    {line}" for line in lines)]
    return "\n".join(lines) + "\n"
