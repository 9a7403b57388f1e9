"""Refusals in GitHub's own words."""

from collections.abc import Mapping

DOCS = "https://docs.github.com/rest"
TOO_LONG = 65_536
TITLE_TOO_LONG = 256


class Problem(Exception):  # noqa: N818 - it is an answer of the service, not an error of this server
    """An answer of 4xx or 5xx."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        errors: list[dict[str, str]] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, object] = {"message": message}
        if errors is not None:
            self.body["errors"] = errors
        self.body |= {"documentation_url": DOCS, "status": str(status)}


def not_found() -> Problem:
    """What is not there, or not for this caller's eyes."""
    return Problem(404, "Not Found")


def unprocessable(message: str) -> Problem:
    """Understood, and impossible."""
    return Problem(422, message)


def invalid(resource: str, *, field: str = "", code: str = "custom", message: str = "") -> Problem:
    """A field that does not do, as the endpoints for pulls, issues and labels say it."""
    error = {"resource": resource, "code": code}
    if field:
        error["field"] = field
    if message:
        error["message"] = message
    return Problem(422, "Validation Failed", errors=[error])


def check_length(resource: str, body: str | None, title: str | None = None) -> None:
    """Refuse what GitHub does not store.

    Raises `Problem`: longer than 65,536 characters, or a title longer than 256.
    """
    if title is not None and len(title) > TITLE_TOO_LONG:
        said = f"title is too long (maximum is {TITLE_TOO_LONG} characters)"
        raise invalid(resource, field="title", message=said)
    if body is not None and len(body) > TOO_LONG:
        raise invalid(resource, field="body", message=f"body is too long (maximum is {TOO_LONG} characters)")
