import pytest

from semver import Version, parse_version


@pytest.fixture
def published() -> tuple[Version, ...]:
    """All releases of a small package, in no order."""
    texts = "1.4.0 2.0.0-rc.1 1.3.9 1.4.1 2.1.0 1.10.0 2.0.0 1.4.1-beta 3.0.0-alpha"
    return tuple(map(parse_version, texts.split()))
