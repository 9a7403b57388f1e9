"""Who works on which unit, across processes: a lock for each, which ends with its process, however that ends."""

import os

from jiti_bot.source.digest import text_digest
from jiti_bot.source.model import Spec
from jiti_bot.store import paths
from jiti_bot.store.lock import let_go, try_to_hold

_CLAIMS = f"{paths.CACHE}/claims"


class Claims:
    """The units that this process works on. Used from one thread; `close` gives all of them back.

    ``root`` is the project's.
    """

    def __init__(self, root: str) -> None:
        self._root = root
        self._held: dict[str, tuple[int, str]] = {}

    def take(self, spec: Spec) -> bool:
        """Whether the unit is ours now; False while another process works on it. Raises `StoreError`."""
        if spec.key in self._held:
            return True
        store = os.path.join(self._root, spec.store)
        name = f"{_CLAIMS}/{text_digest(spec.path)}"
        handle = try_to_hold(store, name)
        if handle is None:
            return False
        self._held[spec.key] = (handle, os.path.join(store, name))
        return True

    def release(self, key: str) -> None:
        """Let others work on the unit."""
        if key not in self._held:
            return
        let_go(*self._held.pop(key))

    def close(self) -> None:
        """Let others work on everything."""
        for key in list(self._held):
            self.release(key)
