# jiti 1 tests.test_parsing.test_rejects_leading_zeros
# signature: 19fc3153391f2641
# docstring: 4e8cce22f2f383a2
# hints: -
# decorators: -
# context: -
# gates: -
# uses: 3b29fb4582ec2073
# body: d98fbe0afeab82fb
# model: claude-sonnet-5-5
# evidence: guards ruff ty uses red attempts=1
# seal: e419df5eea4cc703

def test_rejects_leading_zeros() -> None:
    """A leading zero is a ValueError in a number and in a prerelease identifier.

    In the identifier only if it is all digits.
    """
    for text in ("01.2.3", "1.02.3", "1.2.03", "1.2.3-01", "1.2.3-rc.00"):
        with pytest.raises(ValueError, match=re.escape(repr(text))):
            parse_version(text)
    assert parse_version("0.0.0-0.0a").prerelease == ("0", "0a")
