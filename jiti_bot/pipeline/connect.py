"""From a stub's settings to a model: the SDK's client, or one that the user's own function makes."""

import importlib
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jiti_bot.agent.client import Claude, connect, connect_own, is_known, load
from jiti_bot.errors import ConfigurationError
from jiti_bot.settings import Settings


class Models:
    """Connections, one for each model and client, shared by threads; `close` ends them all."""

    def __init__(self, root: Path, env: Mapping[str, str]) -> None:
        self._root = root
        self._env = env
        self._open: dict[tuple[str, str | None], Claude] = {}
        self._lock = threading.Lock()
        self._loading = threading.Thread(target=load, name="jiti sdk", daemon=True)

    def expect(self, settings: Settings) -> None:
        """Get ready to connect meanwhile, or, where there may be no key, connect at once; raises as that does."""
        if settings.client is not None or not is_known(settings.model, self._env):
            self(settings)
        elif self._loading.ident is None:
            self._loading.start()

    def __call__(self, settings: Settings) -> Claude:
        """The model for a stub's settings. Raises `CredentialsError`, `ConfigurationError` or `ExtraMissingError`."""
        wanted = (settings.model, settings.client)
        with self._lock:
            if wanted not in self._open:
                self._open[wanted] = self._connect(settings)
            return self._open[wanted]

    def close(self) -> None:
        """End every connection; turns under way fail."""
        if self._loading.ident is not None:
            self._loading.join()
        with self._lock:
            for model in self._open.values():
                model.close()

    def _connect(self, settings: Settings) -> Claude:
        if settings.client is None:
            return connect(settings.model, self._env)
        where = settings.origin("client")
        if self._env.get("GITHUB_ACTIONS") == "true":
            raise ConfigurationError(
                f"client={settings.client!r} would run the project's own code beside the key.",
                remedy="It works on a laptop only: set ANTHROPIC_BASE_URL for the Action.",
                where=where,
            )
        return connect_own(settings.model, self._factory(settings.client, where), settings.client)

    def _factory(self, client: str, where: str) -> Callable[[], Any]:
        module_name, _, name = client.partition(":")
        paths = [str(self._root), str(self._root / "src")]
        sys.path[:0] = paths
        try:
            found = getattr(importlib.import_module(module_name), name)
        except Exception as error:
            # It is the user's code: whatever it raises, they have to hear of it by name.
            raise ConfigurationError(
                f"client={client!r} cannot be loaded: {type(error).__name__}: {error}.",
                remedy="Name a function without arguments that returns a client, as pkg.mod:make_client.",
                where=where,
            ) from error
        finally:
            for path in paths:
                sys.path.remove(path)
        if not callable(found):
            raise ConfigurationError(
                f"client={client!r} is no function.", remedy="Name one that returns a client.", where=where
            )
        return found
