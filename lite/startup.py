"""What Python does first in the site, while the page is still being drawn: load what every lesson needs.

IPython runs this file because the site's settings name it as PYTHONSTARTUP. Without it lessons run as well, later.
"""


def begin() -> None:
    import re
    import sys

    import pyodide_js
    from IPython import get_ipython

    # The learner's own files are looked for last: each look asks the page, and an import looks in every folder.
    sys.path.sort(key=lambda folder: folder == "")

    async def fetch_matplotlib(lines: list[str]) -> list[str]:
        """matplotlib is large, so it comes with the first cell that speaks of it or of annlab's still pictures."""
        if "matplotlib" not in sys.modules and any(re.search(r"\b(matplotlib|plots|plt)\b", line) for line in lines):
            await pyodide_js.loadPackage("matplotlib")
        return lines

    get_ipython().kernel.lite_transform_manager.line_transforms.append(fetch_matplotlib)

    import annlab.exercises.quiz
    import annlab.labs  # noqa: F401


begin()
del begin
