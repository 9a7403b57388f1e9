"""Signatures of thinking blocks: they tie a block to its text, its model and all that came before it."""

import base64
import hashlib
import hmac
import json

from jiti_bot.loopback.state import Json, blocks

_SECRET = b"jiti loopback"  # proves nothing to anybody but this server
_SIZE = 18


def sign(text: str, body: Json, messages_before: int) -> str:
    """Sign a thinking block that follows the first ``messages_before`` messages of a request."""
    context = _context(body, messages_before)
    return base64.b64encode(context + _mac(text.encode() + context)).decode()


def fault(block: Json, body: Json, index: int) -> str | None:
    """Why the service would refuse this block of message ``index``; None when it is as it was sent."""
    try:
        raw = base64.b64decode(str(block.get("signature")), validate=True)
    except ValueError:
        raw = b""
    context, mac = raw[:_SIZE], raw[_SIZE:]
    text = str(block.get("thinking")).encode()
    if len(raw) != 2 * _SIZE or not hmac.compare_digest(mac, _mac(text + context)):
        return "Invalid `signature` in `thinking` block"
    if context != _context(body, index):
        return (
            "Invalid `signature` in `thinking` block. The block is bound to a different conversation. Remove the "
            'block, or set `thinking.block_binding.prefix_mismatch_behavior` to "drop_block".'
        )
    return None


def _mac(data: bytes) -> bytes:
    return hmac.new(_SECRET, data, hashlib.sha256).digest()[:_SIZE]


def _context(body: Json, messages_before: int) -> bytes:
    messages = body.get("messages")
    assert isinstance(messages, list)
    told = [[message.get("role"), _plain(message.get("content", ""))] for message in messages[:messages_before]]
    whole = [body.get("model"), _plain(body.get("system") or []), _plain(body.get("tools") or []), told]
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).digest()[:_SIZE]


def _plain(content: object) -> list[dict[str, object]]:
    """Blocks without their cache marks, which move as a conversation grows and change nothing that is read."""
    return [{name: value for name, value in block.items() if name != "cache_control"} for block in blocks(content)]
