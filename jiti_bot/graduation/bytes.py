"""A source file's bytes as text and back, byte for byte: its encoding, byte order mark and line ends stay."""

import io
import tokenize
from dataclasses import dataclass

from jiti_bot.errors import StoreError


@dataclass(frozen=True, slots=True)
class Content:
    """A file's text with the line ends and byte order mark it has, and its encoding."""

    text: str
    encoding: str

    def encoded(self, text: str, where: str) -> bytes:
        """``text`` in the file's encoding. Raises `StoreError` for a character that it does not have."""
        try:
            return text.encode(self.encoding)
        except UnicodeEncodeError as error:
            line = text.count("\n", 0, error.start) + 1
            raise StoreError(
                f"{text[error.start]!a} in line {line} of the result is no character of {self.encoding}, "
                "in which this file is written.",
                remedy="Save it as UTF-8, or spell that character as an escape in the committed file.",
                where=where,
            ) from None


def read(data: bytes, where: str) -> Content:
    """Read a file's bytes. Raises `StoreError` for what is no text in the encoding it claims."""
    try:
        name, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        encoding = "utf-8" if name == "utf-8-sig" else name
        return Content(data.decode(encoding), encoding)
    except (SyntaxError, UnicodeDecodeError, LookupError) as error:
        raise StoreError(
            f"this file is no text that can be changed: {error}.", remedy="Save it as UTF-8.", where=where
        ) from None
