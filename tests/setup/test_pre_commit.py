"""Our hook in a `.pre-commit-config.yaml`, and committed code kept from hooks that cannot judge it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiti_bot.errors import ConfigurationError
from jiti_bot.setup import hook, yaml
from jiti_bot.setup.text import Text
from tests.setup.tables import check

OURS = "- repo: https://github.com/jiti-bot/jiti-bot\n  rev: v1.2\n  hooks:\n  - id: jiti\n"
INDENTED = "  - repo: https://github.com/jiti-bot/jiti-bot\n    rev: v1.2\n    hooks:\n      - id: jiti\n"
WIDE = "-   repo: https://github.com/jiti-bot/jiti-bot\n    rev: v1.2\n    hooks:\n    -   id: jiti\n"
INNER = OURS.replace("  - id", "    - id")
SAMPLE = "-   repo: x\n    rev: y\n    hooks:\n    -   id: z\n-   repo: meta\n    hooks: [{id: identity}]\n"
FLOW = "{repo: https://github.com/jiti-bot/jiti-bot, rev: v1.2, hooks: [{id: jiti}]}"
RUFF = "- repo: https://x/ruff\n  rev: 'v1'  # keep\n  hooks:\n  - id: ruff\n    args: [\n      --fix]  # mend\n"

#: By name: before and after.
ROWS: dict[str, tuple[str, str | None]] = {
    "nothing": ("", f"repos:\n{INDENTED}"),
    "comment": ("# mine\n", f"# mine\n\nrepos:\n{INDENTED}"),
    "no-repos": ("fail_fast: true", f"fail_fast: true\n\nrepos:\n{INDENTED}"),
    "empty": ("repos: []\nci: {}\n", f"repos: [{FLOW}]\nci: {{}}\n"),
    "null": ("repos: # none\nci: {}\n", f"repos: # none\n{INDENTED}ci: {{}}\n"),
    "one": (f"repos:\n{RUFF}", f"repos:\n{RUFF}{OURS}"),
    "before-another-key": (f"repos:\n{RUFF}ci:\n  x: 1\n", f"repos:\n{RUFF}{OURS}ci:\n  x: 1\n"),
    "comment-of-the-next-key": (f"repos:\n{RUFF}# CI\nci: {{}}\n", f"repos:\n{RUFF}{OURS}# CI\nci: {{}}\n"),
    "hook-in-a-comment": (f"repos:\n{RUFF}  # - id: x\n\nci: {{}}\n", f"repos:\n{RUFF}  # - id: x\n{OURS}\nci: {{}}\n"),
    "both-comments": (
        f"repos:\n{RUFF}  # - id: x\n# CI\nci: {{}}\n",
        f"repos:\n{RUFF}  # - id: x\n{OURS}# CI\nci: {{}}\n",
    ),
    "comment-at-the-end": (f"repos:\n{RUFF}# - repo: y", f"repos:\n{RUFF}# - repo: y\n{OURS}".rstrip("\n")),
    "parted": (f"repos:\n{RUFF}\n{RUFF}", f"repos:\n{RUFF}\n{RUFF}\n{OURS}"),
    "as-pre-commit-writes-it": (
        f"repos:\n{SAMPLE}",
        f"repos:\n{SAMPLE}{WIDE}",
    ),
    "text-of-lines": (
        "repos:\n- repo: local\n  hooks:\n  - id: a\n    entry: |\n      b\n\n      c\n\n\n",
        f"repos:\n- repo: local\n  hooks:\n  - id: a\n    entry: |\n      b\n\n      c\n{OURS}\n\n",
    ),
    "in-brackets": ("repos: [{repo: x, hooks: []}]\n", f"repos: [{{repo: x, hooks: []}}, {FLOW}]\n"),
    "alias": (
        "x: &a\n  - id: b\nrepos:\n- repo: local\n  hooks: *a\n",
        f"x: &a\n  - id: b\nrepos:\n- repo: local\n  hooks: *a\n{INNER}",
    ),
    "anchor": (f"repos: &a\n{RUFF}", f"repos: &a\n{RUFF}{OURS}"),
    "end-of-document": (f"---\nrepos:\n{RUFF}...\n", f"---\nrepos:\n{RUFF}{OURS}...\n"),
    "tabs-before-comments": (
        "repos:\t# a\n- repo: x\t# b\n  rev:\ty\n  hooks:\n  - id: z\t\n",
        f"repos:\t# a\n- repo: x\t# b\n  rev:\ty\n  hooks:\n  - id: z\t\n{OURS}",
    ),
    "holds-itself": ("a: &a [*a]\n", None),
    "no-mapping": ("- a\n", None),
    "repos-is-a-text": ("repos: x\n", None),
}


def _with_hook(text: Text) -> str | None:
    return text.body if hook.has_hook(yaml.parse(text, "f")) else hook.with_hook(text, "1.2")


@pytest.mark.parametrize(("before", "after"), ROWS.values(), ids=ROWS)
def test_the_hook(before: str, after: str | None) -> None:
    check(before, after, _with_hook)


BLANK = st.sampled_from(["", "\n", "# why\n", "\n# why\n\n", "      # deep\n"])


@st.composite
def configurations(draw: st.DrawFn) -> str:
    """Files as people write them: any indentation, with comments, blank lines and other keys around."""
    dash, gap = " " * draw(st.integers(0, 4)), " " * draw(st.integers(0, 3))
    inner = " " * draw(st.integers(0, 3))
    key = f"{dash} {gap} "
    text = (
        draw(st.sampled_from(["", "# x\n\n", "---\n", "fail_fast: true\n"])) + "repos:" + draw(BLANK.map("\n".__add__))
    )
    for name in draw(st.lists(st.sampled_from(["ruff", "'mypy'", '"black"']), min_size=1, max_size=3)):
        hooks = draw(
            st.sampled_from(
                [
                    f" [{{id: {name}}}]\n",
                    f"\n{key}{inner}- id: {name} # this\n{key}{inner}  args: [--x,\n{key}{inner}    --y]\n",
                    f"\n{key}{inner}-{gap} id: {name}\n{key}{inner} {gap} entry: >-\n{key}{inner} {gap}   a\n\n",
                ]
            )
        )
        text += f"{dash}-{gap} repo: https://x/y # z\n{key}rev: 'v1'\n{key}hooks:{hooks}{draw(BLANK)}"
    return text + draw(st.sampled_from(["", "ci:\n  skip: []\n", "# end", "default_stages: [manual]"]))


@settings(max_examples=40, deadline=None)
@given(configurations())
def test_however_a_file_is_written_the_hook_finds_its_place(text: str) -> None:
    after = hook.with_hook(Text(text), "1.2")
    assert after is not None
    check(text, after, _with_hook)


def test_a_new_file_holds_the_hook() -> None:
    assert hook.new("1.2") == f"repos:\n{INDENTED}"


@pytest.mark.parametrize(
    "hooks",
    [
        "- repo: https://gitlab.example/us/jiti-bot.git\n  rev: x\n  hooks: [{id: jiti-strict}]",
        "- repo: ../jiti-bot\n  rev: x\n  hooks:\n  - id: jiti",
        "- repo: local\n  hooks:\n  - {id: stubs, entry: uv run jiti check --pre-commit, language: system}",
    ],
)
def test_a_hook_of_ours_from_elsewhere_counts(hooks: str) -> None:
    assert hook.has_hook(yaml.parse(Text(f"repos:\n{hooks}\n"), "f"))


@pytest.mark.parametrize(
    "odd", ["repos: 3", "repos: [3]", "repos: [{hooks: 3}]", "repos: [{hooks: [{id: [jiti]}]}]", ""]
)
def test_odd_configurations_have_no_hook(odd: str) -> None:
    assert not hook.has_hook(yaml.parse(Text(odd), "f"))


def test_committed_code_is_kept_from_hooks_that_judge_files_by_themselves() -> None:
    before = """\
repos:
  - repo: https://x/mypy
    hooks:
      - id: mypy  # types
        args: [--strict]
  - repo: https://x/flake8
    hooks: [{id: flake8, args: [-q]}, {id: black}]
  - repo: local
    hooks:
      - id: ruff
        entry: ruff check
      - id: lint
        entry: .venv/bin/ruff check --force-exclude
      - id: pyright
        pass_filenames: false
      - id: pylint
        files: ^src/
"""
    after, names, by_hand = hook.with_exclusions(Text(before))
    assert names == ("mypy", "flake8", "ruff")
    assert by_hand == ()
    line = r"        exclude: (^|/)\.jiti/" + "\n"
    assert after == (
        before.replace("# types\n", f"# types\n{line}")
        .replace("{id: flake8,", r"{id: flake8, exclude: (^|/)\.jiti/,")
        .replace("- id: ruff\n", f"- id: ruff\n{line}")
    )
    assert hook.with_exclusions(Text(after)) == (after, (), ())


def test_an_alias_of_a_hook_changes_with_it() -> None:
    text = "repos:\n- &a\n  repo: x\n  hooks: [{id: mypy}]\n- *a\n- <<: *a\n  rev: v2\n"
    after = text.replace("{id: mypy", r"{id: mypy, exclude: (^|/)\.jiti/")
    assert hook.with_exclusions(Text(text)) == (after, ("mypy",), ())


def test_a_pattern_of_a_persons_own_is_left_to_them() -> None:
    text = "repos:\n- repo: x\n  hooks:\n  - id: 'mypy'\n    exclude: ^docs/\n"
    after, names, (told,) = hook.with_exclusions(Text(text))
    assert (after, names) == (text, ())
    assert (told.where, told.text) == (".pre-commit-config.yaml:4", r"(^|/)\.jiti/")


@pytest.mark.parametrize("spared", [r"exclude: ^\.jiti/", r"exclude: '\.py$'"])
def test_one_pattern_for_all_hooks_is_enough(spared: str) -> None:
    text = f"{spared}\nrepos:\n- repo: x\n  hooks:\n  - id: mypy\n"
    assert hook.with_exclusions(Text(text)) == (text, (), ())


@pytest.mark.parametrize(
    ("text", "line"), [("repos: [\n", 2), ("a: b\n  c: d\n", 2), ("a: *b\n", 1), ("a: 1\n---\nb: 2\n", 2)]
)
def test_what_is_no_yaml_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ConfigurationError, match="not YAML") as caught:
        yaml.parse(Text(text), "c.yaml")
    assert caught.value.where == f"c.yaml:{line}"


@pytest.mark.parametrize("text", ["a: \x07\n", "[" * 1000, "a: 2020-99-99\n"])
def test_other_things_that_are_no_yaml(text: str) -> None:
    with pytest.raises(ConfigurationError):
        yaml.parse(Text(text), "c.yaml")
