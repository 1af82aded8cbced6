"""What stands in a lesson and on its teacher's page, for the tests that hold every number in it."""

import pytest

from annlab import lessons


class Written:
    """A lesson as it is read: its cells by name, all its text on one line, and its teacher's page on one line."""

    def __init__(self, name):
        page = lessons.LESSONS / "teachers" / f"{name}.md"
        if not page.exists():
            pytest.skip("the teachers' pages are in a checkout, not in a wheel", allow_module_level=True)
        cells = lessons.read(lessons.LESSONS / f"{name}.ipynb").cells
        self.cells = {cell.id: cell for cell in cells}
        self.text = " ".join(cell.source for cell in cells if cell.cell_type == "markdown").replace("\n", " ")
        self.page = page.read_text(encoding="utf-8").replace("\n", " ")
        self.both = f"{self.text} {self.page}"

    def shown(self, cell):
        """What a cell printed, as it is stored."""
        return self.cells[cell].outputs[0].text
