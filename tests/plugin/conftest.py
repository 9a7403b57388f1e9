import pytest

from tests.plugin import shop
from tests.repo import Repo


@pytest.fixture
def project(repo: Repo) -> Repo:
    """The shop, whole."""
    return shop.make(repo)
