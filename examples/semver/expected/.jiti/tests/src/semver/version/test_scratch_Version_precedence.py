from semver import Version


def test_identifiers_with_letters_compare_as_text() -> None:
    assert Version(1, 0, 0, ("10a",)) < Version(1, 0, 0, ("2a",))


def test_versions_sort_by_number_before_anything_else() -> None:
    assert max(Version(9, 9, 9), Version(10, 0, 0, ("a",))).major == 10
