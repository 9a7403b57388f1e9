"""Names, commands, memory, addresses, merging: values in, values out."""

import re
import subprocess
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jiti_bot.forge import address, faults, state
from jiti_bot.forge.branch import branch_name, is_ours
from jiti_bot.forge.commands import parse
from jiti_bot.forge.faults import Absent, Failing, Limited, Refused
from jiti_bot.forge.merge import Trees, blob_sha, settle
from jiti_bot.forge.model import Command, File, Help, Keep, NotUnderstood, Regenerate, Retry
from jiti_bot.forge.remote import Entry
from jiti_bot.forge.state import Remembered, Wish

KEY = "app.text.Parser.parse"


@pytest.mark.parametrize(
    ("text", "command"),
    [
        pytest.param("", None, id="empty"),
        pytest.param("Looks good", None, id="no command"),
        pytest.param("I say /jiti retry", None, id="not at its start"),
        pytest.param("/jitihad retry", None, id="another word"),
        pytest.param("/jiti/x", None, id="a path"),
        pytest.param("> /jiti retry", None, id="a quote"),
        pytest.param("    /jiti retry", None, id="code"),
        pytest.param("\n\t/jiti retry", None, id="code after a line"),
        pytest.param("```\n/jiti retry\n```", None, id="code between fences"),
        pytest.param("<!-- x -->\n/jiti retry", None, id="after a comment"),
        pytest.param(" \n\n   /jiti retry", Retry(), id="after empty lines"),
        pytest.param("/jiti", Help(), id="the word alone"),
        pytest.param("/jiti help", Help(), id="help"),
        pytest.param("/jiti retry", Retry(), id="retry"),
        pytest.param("  /JITI Retry \r\n", Retry(), id="case and space"),
        pytest.param("/jiti\u202e retry", Retry(), id="a hidden character"),
        pytest.param(f"/jiti regenerate {KEY}", Regenerate(KEY), id="regenerate"),
        pytest.param(f"/jiti regenerate `{KEY}` use a dict", Regenerate(KEY, "use a dict"), id="with a hint"),
        pytest.param(f"/jiti regenerate {KEY}\nuse\na dict", Regenerate(KEY, "use\na dict"), id="hint of two lines"),
        pytest.param(f"/jiti regenerate {KEY} {'x' * 5000}", Regenerate(KEY, "x" * state.MAX_HINT), id="a long hint"),
        pytest.param("/jiti regenerate a/b.py::f", Regenerate("a/b.py::f"), id="a key with a path"),
        pytest.param(f"/jiti keep {KEY}", Keep(KEY), id="keep"),
    ],
)
def test_parse(text: str, command: Command | None) -> None:
    assert parse(text) == command


@pytest.mark.parametrize(
    ("text", "command"),
    [
        pytest.param("use a dict", None, id="no command"),
        pytest.param("/jiti use a dict", Regenerate(KEY, "use a dict"), id="a hint"),
        pytest.param("/jiti regenerate use a dict", Regenerate(KEY, "use a dict"), id="a hint after the word"),
        pytest.param(f"/jiti regenerate {KEY} use a dict", Regenerate(KEY, "use a dict"), id="with its key"),
        pytest.param("/jiti regenerate", Regenerate(KEY), id="no hint"),
        pytest.param("/jiti keep", Keep(KEY), id="keep"),
        pytest.param("/jiti help", Help(), id="help"),
        pytest.param("/jiti retry", Retry(), id="retry"),
    ],
)
def test_parse_on_a_line(text: str, command: Command | None) -> None:
    assert parse(text, KEY) == command


@pytest.mark.parametrize(
    "text",
    [
        "/jiti regenerate",
        "/jiti keep",
        "/jiti keep a b",
        "/jiti frobnicate",
        "/jiti retry now",
        "/jiti regenerate $(x)",
        "/jiti keep a\n/jiti keep b",
    ],
)
def test_not_understood(text: str) -> None:
    assert isinstance(parse(text), NotUnderstood)


@settings(deadline=None)
@given(st.text(), st.sampled_from(["", KEY]))
def test_any_text_parses(text: str, key: str) -> None:
    parse(f"/jiti {text}", key)


@pytest.mark.parametrize(
    ("base", "name"),
    [
        ("main", "jiti-bot-main"),
        ("release/1.0", "jiti-bot-release-1-0."),
        ("Main", "jiti-bot-main."),
        ('zzz";echo${IFS}"x";#', "jiti-bot-zzz-echo-ifs-x."),
        ("ü", "jiti-bot-branch."),
        ("x" * 200, f"jiti-bot-{'x' * 40}."),
    ],
)
def test_branch_name(base: str, name: str) -> None:
    found = branch_name(base)
    assert found == name or re.fullmatch(re.escape(name) + "[0-9a-f]{10}", found)
    assert is_ours(found)
    assert is_ours(f"refs/heads/{found}")


@settings(deadline=None)
@given(st.lists(st.text(min_size=1), min_size=2, max_size=2, unique=True))
def test_branch_names_are_safe_and_apart(bases: list[str]) -> None:
    one, other = map(branch_name, bases)
    assert one.lower() != other.lower()
    assert re.fullmatch(r"jiti-bot-[a-z0-9-]+(\.[0-9a-f]{10})?", one)


def test_each_project_has_a_branch() -> None:
    names = [branch_name(base, folder) for base in ("main", "main-a") for folder in ("", "a", "services/web", "a/../b")]
    assert len(set(names)) == len(names)
    assert re.fullmatch(r"jiti-bot-main-services-web\.[0-9a-f]{10}", branch_name("main", "services/web"))
    assert all(map(is_ours, names))


def test_git_takes_the_names() -> None:
    for base in ("main", "a..b", "x.lock", "@{-1}", "/", "-x", "~^:?*["):
        subprocess.run(["git", "check-ref-format", f"refs/heads/{branch_name(base)}"], check=True)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("", ("", "")),
        ("/srv/git/demo.git", ("", "")),
        ("../demo", ("", "")),
        ("https://github.com/acme/demo", ("github.com", "acme/demo")),
        ("https://x-access-token:secret@github.com/acme/demo.git", ("github.com", "acme/demo")),
        ("git@github.com:acme/demo.git", ("github.com", "acme/demo")),
        ("ssh://git@git.example.org:2222/acme/de.mo.git/", ("git.example.org", "acme/de.mo")),
        ("https://github.com/acme/demo/extra", ("", "")),
    ],
)
def test_address(url: str, found: tuple[str, str]) -> None:
    assert address.repository(url) == found


def test_environment_goes_before_the_remote() -> None:
    env = {"GITHUB_REPOSITORY": "a/b"}
    assert address.with_remote(env, "git@ghe.example.org:c/d.git") == {
        "GITHUB_REPOSITORY": "a/b",
        "GITHUB_API_URL": "https://ghe.example.org/api/v3",
    }


digests = st.text("0123456789abcdef", min_size=12, max_size=12)
memories = st.builds(
    Remembered,
    specs=st.dictionaries(st.text(min_size=1, max_size=40), digests, max_size=5),
    wishes=st.dictionaries(
        st.text(min_size=1, max_size=40),
        st.builds(
            Wish, st.tuples(st.text(max_size=20), st.integers(0, 2**60)), st.none() | st.text(max_size=state.MAX_HINT)
        ),
        max_size=1,
    ),
    every=digests,
    obsolete=st.booleans(),
    told=digests,
    at=digests,
)


@settings(deadline=None)
@given(memories, st.text())
def test_memory_comes_back(memory: Remembered, text: str) -> None:
    written = state.write(memory)
    assert state.read(f"{state.MARKER}\n{written}\n") == memory
    assert not re.search(r"[<>@#&`]|--", written[4:-4])
    assert state.read(state.put(f"before {written} after", replace(memory, told="abc"))).told == "abc"


@settings(deadline=None)
@given(st.text())
def test_any_text_reads_as_a_memory(text: str) -> None:
    state.read(text)
    state.read(f"<!-- jiti-bot:state {{{text}}} -->")


@pytest.mark.parametrize(
    "value",
    [
        "{}",
        '{"v":2}',
        '{"v":1,"units":[],"wishes":{"a":[1,2]},"told":"<script>","at":5}',
        '{"v":1,"units":{"a":["short",1],"b":["0123456789ab",-1],"c":["0123456789ab","x"]},"wishes":{"a":["t",1,5]}}',
        "[" * 100_000,
        '{"v":1,"units":{}} --> <!-- jiti-bot:state {"v":1}',
    ],
)
def test_odd_memory_is_none(value: str) -> None:
    assert state.read(f"<!-- jiti-bot:state {value} -->") == Remembered()


def test_memory_of_many_units_keeps_one_digest() -> None:
    many = {f"app.module.function_{number}": "0123456789ab" for number in range(5000)}
    memory = Remembered(specs=many, every=state.whole(many))
    written = state.write(memory)
    assert len(written) < 1_000
    found = state.read(written)
    assert found.specs == {}
    full = dict.fromkeys(many, "d")
    assert state.asks_for_more(full, found)
    known = state.read(state.write(Remembered(specs={k: state.short(d) for k, d in full.items()})))
    assert not state.asks_for_more(full, known)


def test_newest_wishes_are_kept() -> None:
    wishes = {f"k{number}": Wish((f"{number:03}", number), "ü" * state.MAX_HINT) for number in range(10)}
    assert set(state.read(state.write(Remembered(wishes=wishes))).wishes) == {"k9"}


A, B, C = (Entry("100644", "blob", blob_sha(text)) for text in "abc")
PATH = ".jiti/x.py"


@pytest.mark.parametrize(
    ("base", "head", "fork", "put", "seen", "want", "content", "is_kept"),
    [
        pytest.param(None, None, None, None, None, "a", "a", False, id="new"),
        pytest.param(None, A, None, A, A, "a", "a", False, id="no-op"),
        pytest.param(None, A, None, A, A, "b", "b", False, id="written again"),
        pytest.param(None, C, None, A, A, "b", C, True, id="edited meanwhile"),
        pytest.param(None, C, None, A, C, "b", "b", False, id="edited, and the run knew"),
        pytest.param(None, B, None, A, A, "b", "b", False, id="edited to the same"),
        pytest.param(None, None, None, A, A, "b", None, True, id="removed meanwhile"),
        pytest.param(None, C, None, None, None, "a", C, True, id="written by hand meanwhile"),
        pytest.param(A, A, A, A, A, "b", "b", False, id="the base has one"),
        pytest.param(B, A, A, A, A, "c", "c", False, id="the base moved"),
        pytest.param(B, B, A, A, A, "c", "c", False, id="the base was merged in"),
        pytest.param(B, None, A, A, A, "c", None, True, id="removed what the base has"),
        pytest.param(
            A, Entry("120000", "blob", A.sha), A, A, A, "a", Entry("120000", "blob", A.sha), True, id="a link"
        ),
    ],
)
def test_settle(
    base: Entry | None,
    head: Entry | None,
    fork: Entry | None,
    put: Entry | None,
    seen: Entry | None,
    want: str,
    content: str | Entry | None,
    is_kept: bool,
) -> None:
    trees = Trees(*({PATH: entry} if entry else {} for entry in (base, head, fork, put, seen)))
    settled = settle(trees, [File(PATH, want)])
    assert settled.content[PATH] == content
    assert settled.kept == ((PATH,) if is_kept else ())


def test_blob_sha_is_that_of_git() -> None:
    said = subprocess.run(["git", "hash-object", "--stdin"], input="ä\n".encode(), capture_output=True, check=True)
    assert blob_sha("ä\n") == said.stdout.decode().strip()


@pytest.mark.parametrize(
    ("status", "headers", "said", "judged"),
    [
        (403, {"retry-after": "7"}, "slow", Limited(7.0)),
        (429, {"retry-after": "7"}, "slow", Limited(7.0)),
        (429, {}, "slow", Limited(60.0)),
        (403, {}, "You have exceeded a secondary rate limit", Limited(60.0)),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1010"}, "API rate limit exceeded", Limited(11.0)),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "900"}, "API rate limit exceeded", Limited(1.0)),
        (404, {}, "Not Found", Absent()),
        (409, {}, "Conflict", Refused("Conflict")),
        (422, {}, "Invalid", Refused("Invalid")),
        (502, {}, "Bad", Failing("GitHub answered 502: Bad")),
    ],
)
def test_judge(status: int, headers: dict[str, str], said: str, judged: object) -> None:
    assert faults.judge(status, headers, said, "read", 1000.0) == judged


@pytest.mark.parametrize(
    ("status", "said", "code", "words"),
    [
        (401, "Bad credentials", "credentials", "wrong or has expired"),
        (403, "Resource not accessible by integration", "credentials", "from a fork"),
        (403, "GitHub Actions is not permitted to create or approve pull requests.", "credentials", "Settings >"),
        (418, "teapot", "service", "Run again later"),
    ],
)
def test_judge_ends_it(status: int, said: str, code: str, words: str) -> None:
    judged = faults.judge(status, {}, said, "write", 0.0)
    assert getattr(judged, "code", "") == code
    assert words in getattr(judged, "remedy", "")
