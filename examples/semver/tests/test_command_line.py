import pytest

from semver.__main__ import main


@pytest.mark.parametrize(
    ("command", "code", "output"),
    [
        ("sort 1.10.0 1.9.0 1.10.0-rc.1", 0, "1.9.0\n1.10.0-rc.1\n1.10.0\n"),
        ("bump minor 1.4.2 2.0.0-rc.1", 0, "1.5.0\n2.0.0\n"),
        ("max ^1.2.0 1.2.5 1.9.0 2.0.0", 0, "1.9.0\n"),
        ("max ^1.2.0 2.0.0", 1, ""),
        ("upgrades 1.2.3 1.2.4 2.0.0", 0, "major: 2.0.0\npatch: 1.2.4\n"),
        ("sort 1.2", 2, ""),
    ],
)
def test_command(
    capsys: pytest.CaptureFixture[str], command: str, code: int, output: str
) -> None:
    assert main(command.split()) == code
    captured = capsys.readouterr()
    assert captured.out == output
    assert bool(captured.err) == (code > 1)
