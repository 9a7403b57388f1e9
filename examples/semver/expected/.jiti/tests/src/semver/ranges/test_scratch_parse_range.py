import pytest

from semver import parse_range


@pytest.mark.parametrize("text", ["^1.2.0", "1.0.0 - 2.0.0 || *", "<1.0.0 || ~3.1.4"])
def test_what_str_writes_is_read_back(text: str) -> None:
    once = parse_range(text)
    assert parse_range(str(once)) == once
