"""Failures on demand, each as the service shows it: status, body and headers."""

from collections.abc import Mapping
from dataclasses import dataclass, field

TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    409: "conflict_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "api_error",
    504: "timeout_error",
    529: "overloaded_error",
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An error answer instead of a reply; with ``in_stream`` an ``error`` event after that many events of a 200."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict)
    details: Mapping[str, str] = field(default_factory=dict)
    in_stream: int | None = None

    def body(self, request_id: str) -> dict[str, object]:
        """The JSON body of the answer, or the data of the event."""
        error: dict[str, object] = {"type": TYPES.get(self.status, "api_error"), "message": self.message}
        if self.details:
            error["details"] = dict(self.details)
        return {"type": "error", "error": error, "request_id": request_id}


@dataclass(frozen=True, slots=True)
class Dropped:
    """The connection breaks: before any answer (``after`` None) or after that many events of the stream.

    A number past the last event breaks it when the reply is whole but the response is not yet ended.
    """

    after: int | None = None


@dataclass(frozen=True, slots=True)
class Broken:
    """An answer that is no Messages API: what a captive portal or a proxy without a backend sends."""

    body: bytes = b"<html><body>Welcome to the hotel network. Please sign in.</body></html>"
    content_type: str = "text/html"
    status: int = 200


Fault = Refused | Dropped | Broken


def unauthorized() -> Refused:
    """The key is wrong."""
    return Refused(401, "invalid x-api-key")


def forbidden() -> Refused:
    """The key may not use this."""
    return Refused(403, "Your API key does not have permission to use the specified resource.")


def no_credit() -> Refused:
    """The account cannot pay."""
    return Refused(
        402,
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade "
        "or purchase credits.",
    )


def too_large() -> Refused:
    """The body is over 32 MB."""
    return Refused(413, "Request exceeds the maximum size")


def rate_limited(retry_after: float | None = None) -> Refused:
    """Too many requests; the service says how many seconds to wait, or it does not."""
    headers = {} if retry_after is None else {"retry-after": f"{retry_after:g}"}
    return Refused(429, "This request would exceed your organization's rate limit of 50 requests per minute.", headers)


def spend_limit() -> Refused:
    """The month's money is used up: a 429 that no waiting helps, without retry-after."""
    return Refused(
        429,
        "You have reached your API usage limits: your organization has crossed its monthly API usage threshold, "
        "set based on your organization's API tier.",
        details={"error_code": "enforced_spend_limit_reached"},
    )


def own_spend_limit() -> Refused:
    """A limit that the organisation set for itself: a 400."""
    return Refused(400, "You have reached your specified API usage limits. You will regain access next month.")


def internal() -> Refused:
    """The service broke."""
    return Refused(500, "Internal server error")


def overloaded(*, in_stream: int | None = None) -> Refused:
    """The service is overloaded, at once or in the middle of a stream."""
    return Refused(529, "Overloaded", in_stream=in_stream)
