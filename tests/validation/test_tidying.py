"""What merging changes stays as tidy as it was, by the project's real ruff."""

from pathlib import Path

import pytest

from jiti_bot.settings import Settings
from jiti_bot.validation.tidying import tidier

SORTED = "import re\n\nx = re\n"
LOCAL = "\n\ndef f():\n    import sys, re\n\n    return sys\n"
TABLE = {
    "sorted before, so after": (SORTED, "import re\nimport math\n\nx = re\n", "import math\nimport re\n\nx = re\n"),
    "not sorted before": ("import re\nimport abc\n\nx = re\n", "import re\nimport math\n", "import re\nimport math\n"),
    "a function's own stay": (SORTED, SORTED + LOCAL, SORTED + LOCAL),
    "a function's own stay where others do not": (
        SORTED,
        f"import re\nimport math\n\nx = re, math\n{LOCAL}",
        f"import math\nimport re\n\nx = re, math\n{LOCAL}",
    ),
    "in a block, and with other letters": (
        SORTED,
        "# Straße\nimport re\n\nif x:\n    import sys  # Grüße\n    import math\n",
        "# Straße\nimport re\n\nif x:\n    import math\n    import sys  # Grüße\n",
    ),
    "Windows": (
        SORTED.replace("\n", "\r\n"),
        "import re\r\nimport math\r\n\r\nx = re\r\n",
        "import math\r\nimport re\r\n\r\nx = re\r\n",
    ),
    "not Python": (SORTED, "import re\nimport math\nx = (\n", "import re\nimport math\nx = (\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLE)
def test_table(name: str, tmp_path: Path) -> None:
    before, after, tidy = TABLE[name]
    (tmp_path / "ruff.toml").write_text('[lint]\nselect = ["I"]\n[format]\nexclude = ["*.py"]\nline-ending = "auto"\n')
    work = tidier(tmp_path, Settings(), {})
    assert work("a.py", before.encode(), after.encode()).decode() == tidy


def test_formatted_before_so_after(tmp_path: Path) -> None:
    (tmp_path / "ruff.toml").write_text("")
    work = tidier(tmp_path, Settings(), {})
    assert work("a.py", SORTED.encode(), b"import re\n\nx = (re)\n") == SORTED.encode()
    assert work("a.py", b"import re\nx = re\n", b"x=1\n") == b"x=1\n"
