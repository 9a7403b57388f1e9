"""The one door to the anthropic SDK: clients, streamed turns, and its errors in our words.

The SDK's own retries are off: it would sleep as long as a server asks, hours too, and could not be stopped; it retries
a spend limit, and does not retry an overload inside a stream. `jiti_bot.agent.ask` does it for all of them.
"""

import gc
import re
import sys
from collections.abc import Callable, Generator, Mapping
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

from jiti_bot.agent.collect import Collector
from jiti_bot.agent.faults import Door, explain
from jiti_bot.agent.outcome import Usage
from jiti_bot.agent.turn import Listen, Reply, Request, TransientError
from jiti_bot.errors import ConfigurationError, CredentialsError, ExtraMissingError, ServiceError

if TYPE_CHECKING:
    from types import ModuleType

READ_TIMEOUT = 300.0  # seconds without a byte: the service pings every few seconds while a model thinks
CONNECT_TIMEOUT = 10.0  # seconds
# Models from before adaptive thinking: they think when they are given a budget, which nobody needs for this work.
_OLD = re.compile(r"claude-(3|2|instant|(sonnet|opus|haiku)-4(-[015])?([-@]2\d{7}.*)?$)")
_NAMES = ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL")
_CACHED: Mapping[str, object] = {"type": "ephemeral"}
_NO_LIST = frozenset({404, 405, 501})
_NOT_THE_API = (ValueError, TypeError, AttributeError, KeyError, IndexError, RuntimeError)


class Claude:
    """A `jiti_bot.agent.turn.Model` over a client of the SDK, or one that behaves like it."""

    def __init__(self, name: str, client: Any, door: Door, *, effort: str | None = None) -> None:
        self._name = name
        self._client = client
        self._door = door
        self._effort = effort

    @property
    def name(self) -> str:
        """The model's id with its provider's prefix."""
        return self._name

    @property
    def address(self) -> str:
        """Where it is asked: a URL, a service's name, or the function that made the client."""
        return self._door.url

    def close(self) -> None:
        """End every connection; turns under way fail."""
        self._client.close()

    def greet(self) -> bool:
        """Ask what the service has under the model's name, which costs nothing; False where it does not tell that.

        Raises as `turn`, but for `TransientError`: nothing is tried again.
        """
        anthropic, httpx2 = _sdk()
        if not hasattr(self._client, "models"):
            return False
        try:
            found = self._client.models.retrieve(self._name, timeout=CONNECT_TIMEOUT)
        except anthropic.AnthropicError as error:
            said = explain(error, self._door, self._name, None)
            if getattr(error, "status_code", 0) in _NO_LIST and not isinstance(said, ConfigurationError):
                return False
            raise (said.final if isinstance(said, TransientError) else said) from error
        except (httpx2.HTTPError, *_NOT_THE_API) as error:
            raise self._nonsense() from error
        if not getattr(found, "id", None):
            raise self._nonsense()
        return True

    def turn(self, request: Request, listen: Listen) -> Reply:
        """One attempt at a streamed turn. Raises `TransientError`, `CredentialsError`, `ServiceError` and the like."""
        anthropic, httpx2 = _sdk()
        got = Collector(listen)
        try:
            with closing(self._open(request)) as stream:
                for event in stream:
                    if got.add(event.to_dict()):
                        break  # whatever happens to the connection now, the reply is whole
        except anthropic.AnthropicError as error:
            raise explain(error, self._door, self._name, got.lost()) from error
        except httpx2.HTTPError as error:
            raise self._broke_off(f"the connection broke off ({error})", got.lost()) from error
        except _NOT_THE_API as error:
            raise self._nonsense() from error
        if got.whole:
            return got.reply(stream.response.headers.get("request-id", ""))
        if got.begun:
            raise self._broke_off("the reply ended in the middle", got.lost())
        raise self._nonsense()

    def _open(self, request: Request) -> Any:
        """Send a request; what fails before it is sent is missing credentials or a missing package."""
        return _built(lambda: self._client.messages.create(**self._parameters(request), stream=True), self._door)

    def _parameters(self, request: Request) -> dict[str, object]:
        """A request with cache marks: after tools and system, which stubs share, and at the end of what was said."""
        claude = "claude" in self._name
        modern = claude and not _OLD.search(self._name)
        system = [{"type": "text", "text": text} for text in request.system]
        tools = [dict(tool) for tool in request.tools]
        parameters: dict[str, object] = {
            "model": self._name.partition("/")[2] if self._name.startswith(("bedrock/", "vertex/")) else self._name,
            "max_tokens": request.max_tokens,
            "system": [*system[:-1], {**system[-1], "cache_control": _CACHED}],
            "messages": _marked([dict(message) for message in request.messages]),
            "tools": tools if claude else [{k: v for k, v in tool.items() if k != "strict"} for tool in tools],
        }
        if modern:
            parameters["thinking"] = {"type": "adaptive", "display": "summarized"}
            if self._effort:
                parameters["output_config"] = {"effort": self._effort}
        return parameters

    def _broke_off(self, what: str, lost: Usage | None) -> TransientError:
        return TransientError(
            ServiceError(
                f"{what} while {self._door.name} was answering.",
                remedy="Run again: what was finished is kept.",
            ),
            lost=lost,
        )

    def _nonsense(self) -> ServiceError:
        return ServiceError(
            f"What answered at {self._door.url} does not speak the Messages API.",
            remedy="Check ANTHROPIC_BASE_URL, and proxies in between.",
        )


def load() -> None:
    """Import the SDK, which takes a second, ahead of `connect`. What is wrong with it is said there."""
    with suppress(Exception):
        _sdk()


def is_known(model: str, env: Mapping[str, str]) -> bool:
    """Whether it can be said without the SDK that there is a key, or a server, to try for ``model``."""
    return not model.startswith(("bedrock/", "vertex/")) and any(env.get(name, "").strip() for name in _NAMES)


def connect(model: str, env: Mapping[str, str], *, effort: str | None = None) -> Claude:
    """The client that a model's id calls for: ``bedrock/...``, ``vertex/...``, else Anthropic or its base URL.

    Reads ANTHROPIC_API_KEY, ANTHROPIC_AUTH_TOKEN and ANTHROPIC_BASE_URL, for Vertex CLOUDSDK_AUTH_ACCESS_TOKEN; the
    other providers' clients read the rest of theirs from the process's environment. Raises `CredentialsError` where
    there is no key to try.
    """
    anthropic, _ = _sdk()
    shared = {"max_retries": 0, "timeout": anthropic.Timeout(READ_TIMEOUT, connect=CONNECT_TIMEOUT)}
    if model.startswith("bedrock/"):
        door = Door("Amazon Bedrock", "Amazon Bedrock", "AWS_REGION and AWS_BEARER_TOKEN_BEDROCK, or AWS credentials")
        # The older AnthropicBedrock client needs botocore to read a stream; this one speaks the Messages API itself.
        return Claude(model, _built(lambda: anthropic.AnthropicBedrockMantle(**shared), door), door, effort=effort)
    if model.startswith("vertex/"):
        door = Door("Vertex AI", "Vertex AI", "CLOUD_ML_REGION, ANTHROPIC_VERTEX_PROJECT_ID and Google credentials")
        token = env.get("CLOUDSDK_AUTH_ACCESS_TOKEN", "").strip() or None
        client = _built(lambda: anthropic.AnthropicVertex(access_token=token, **shared), door)
        return Claude(model, client, door, effort=effort)
    key, token, url = (env.get(name, "").strip() for name in _NAMES)
    door = Door("the model service", url or "https://api.anthropic.com", "ANTHROPIC_API_KEY")
    if not (key or token or url):
        raise CredentialsError(
            "there is no key for the model.",
            remedy="Set ANTHROPIC_API_KEY (a key: https://platform.claude.com/settings/keys), or ANTHROPIC_BASE_URL "
            "for a server of your own. `jiti brief` and `jiti submit` work without.",
        )
    if key or not token:
        shared["api_key"] = key or "none"  # a server of one's own needs none, and the SDK will not do without
    else:
        shared["auth_token"] = token
    client = _built(lambda: anthropic.Anthropic(base_url=url or None, **shared), door)
    return Claude(model, client, door, effort=effort)


def connect_own(model: str, factory: Callable[[], Any], where: str) -> Claude:
    """A client that the user's own function makes; ``where`` is its place, ``pkg.mod:make_client``."""
    try:
        client = factory()
    except Exception as error:
        # It is the user's code: whatever it raises, they have to hear of it by name.
        raise ConfigurationError(
            f"{where} failed: {type(error).__name__}: {error}.", remedy="Run it by itself to see why."
        ) from error
    if not callable(getattr(getattr(client, "messages", None), "create", None)):
        raise ConfigurationError(
            f"{where} returned a {type(client).__name__}, which has no messages.create.",
            remedy="Return an anthropic.Anthropic, or something that behaves like it.",
        )
    return Claude(model, client, Door(where, where, "its own credentials"))


def _sdk() -> "tuple[ModuleType, ModuleType]":
    try:
        with _uncollected():
            import anthropic
            import httpx2
    except ImportError as error:
        raise ExtraMissingError(
            f"talking to a model needs the package {error.name}.", remedy="Install it with: pip install 'jiti-bot[bot]'"
        ) from error
    return anthropic, httpx2


@contextmanager
def _uncollected() -> Generator[None]:
    """Spare a first import of thousands of classes, none of which is garbage, a fifth of its time."""
    collecting = "anthropic" not in sys.modules and gc.isenabled()
    if collecting:
        gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _built(make: Callable[[], Any], door: Door) -> Any:
    anthropic, _ = _sdk()
    try:
        return make()
    except anthropic.APIError:
        raise
    except (anthropic.AnthropicError, ValueError, TypeError, RuntimeError, ImportError) as error:
        raise CredentialsError(f"{door.name} cannot be used: {error}", remedy=f"Set {door.needs}.") from error


def _marked(messages: list[dict[str, object]]) -> list[dict[str, object]]:
    """Messages with cache marks on the last two of the user: one to read what the last turn wrote, one to write."""
    users = [index for index, message in enumerate(messages) if message["role"] == "user"]
    for index in users[-2:]:
        content = messages[index]["content"]
        assert isinstance(content, list)
        messages[index]["content"] = [*content[:-1], {**content[-1], "cache_control": _CACHED}]
    return messages
