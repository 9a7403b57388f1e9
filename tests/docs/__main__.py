"""Write what the pages of docs/ take from the code: ``python -m tests.docs``."""

from tests.docs.generated import filled, pages

for page in pages():
    before = page.read_text("utf-8")
    after = filled(before)
    if after != before:
        page.write_text(after, "utf-8")
        print(f"docs/{page.name}: written")
