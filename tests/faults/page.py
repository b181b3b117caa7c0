from pathlib import Path
PAGE = Path(__file__).parent.parent.parent / "docs" / "reference" / "broken-implementations.md"
def written(page, rows):
    return page
