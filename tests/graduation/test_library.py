"""Functions of the standard library as stubs, merged. All of it: `python -m tests.graduation --library`."""

import pytest

from tests.graduation.library import check
from tests.repo import Repo

SAMPLE = ["argparse.py", "configparser.py", "asyncio/locks.py", "fractions.py", "ipaddress.py", "tarfile.py"]


def test_merging_gives_every_file_back(folder: Repo, capsys: pytest.CaptureFixture[str]) -> None:
    report = check(folder, SAMPLE)
    assert report.problems == ()
    with capsys.disabled():
        print(f"\n{report.kinds.total()} definitions in {report.files} files: {dict(report.kinds)}")
    assert report.kinds.total() >= 500
    assert report.identical == report.files
