"""A table of your own: named columns, read from a CSV file.

A table in the wild has gaps, stray words among its numbers and rows that are too short. Training on those would be
training on nonsense, so ``load_csv`` stops at the first one and names its row and its column.
"""

import csv
import io
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from .checks import lookup

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}


@dataclass(frozen=True)
class Table:
    """Named columns of the same length: numbers (missing: nan) or text (missing: "")."""

    columns: dict[str, np.ndarray]

    @property
    def names(self) -> list[str]:
        return list(self.columns)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __getitem__(self, name: str) -> np.ndarray:
        return lookup("column", name, self.columns)

    def numbers(self, *names: str) -> np.ndarray:
        """The named columns side by side, shape (rows, len(names)); all columns of numbers when none is named."""
        chosen = names or tuple(name for name in self.names if self[name].dtype.kind == "f")
        for name in chosen:
            if self[name].dtype.kind != "f":
                such = f", such as {str(self[name][0])!r}" if len(self) else ""
                raise ValueError(f'column "{name}" is text{such}; table.classes("{name}") makes numbers of it.')
        return np.column_stack([self[name] for name in chosen]) if chosen else np.empty((len(self), 0))

    def classes(self, name: str) -> tuple[np.ndarray, list[Any]]:
        """A column as class numbers 0, 1, 2 ..., and the name of each class."""
        missing = int(np.sum(_missing(self[name])))
        if missing:
            raise ValueError(f'column "{name}" has {missing} missing values. Take table.complete() first.')
        names, y = np.unique(self[name], return_inverse=True)
        return y, names.tolist()

    def complete(self) -> "Table":
        """The rows without any missing value. Raises ValueError where there is no such row."""
        gaps = {name: _missing(column) for name, column in self.columns.items()}
        keep = ~np.any(list(gaps.values()), axis=0)
        if len(self) and not keep.any():
            most = max(gaps, key=lambda name: gaps[name].sum())
            raise ValueError(
                f'no row is complete. Most values are missing in column "{most}", {gaps[most].sum()} of {len(self)}: '
                "leave that column out."
            )
        return Table({name: column[keep] for name, column in self.columns.items()})

    def __repr__(self) -> str:
        shown = []
        for name, column in self.columns.items():
            cells = [name, *map(str, column[:5])]
            shown.append([cell.rjust(max(map(len, cells))) for cell in cells])
        rows, columns = len(self), len(self.columns)
        lines = [f"{rows} row{'s' * (rows != 1)}, {columns} column{'s' * (columns != 1)}"]
        lines += ["  ".join(row) for row in zip(*shown, strict=True)]
        return "\n".join(lines + ["..."] * (len(self) > 5))


def load_csv(path: str | Path, missing: str = "error", text: Iterable[str] = ()) -> Table:
    """Open a table: columns parted by commas, semicolons or tabs, names in the first row.

    A column of numbers becomes float64, a column of text stays text (name it in ``text`` to keep numbers as text).
    A missing value is an error, or nan / "" with ``missing="keep"``. A first row with a number in it is data, and
    the columns are called "column 1", "column 2", ... Decimal commas are understood between semicolons or tabs.
    Raises FileNotFoundError, and ValueError that names the column and the row, counted as in a spreadsheet from 1.
    """
    if missing not in ("error", "keep"):
        raise ValueError(f'missing must be "error" or "keep"; got {missing!r}.')
    file = Path(path)
    if not file.is_file():
        beside = ", ".join(sorted(other.name for other in file.parent.glob("*.csv"))[:10])
        raise FileNotFoundError(f"there is no file {file}. CSV files in that folder: {beside or 'none'}.")
    return read_table(file.read_bytes(), file.name, missing, [text] if isinstance(text, str) else list(text))


def read_table(raw: bytes, file: str, missing: str, text: Iterable[str]) -> Table:
    """The table in the bytes of a CSV file that is called ``file`` in messages."""
    content = _decode(raw, file)
    first = next((line for line in content.splitlines() if line.strip()), "")
    delimiter = max(",;\t", key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise ValueError(f"{file} is not a table: {error}. Look for a quotation mark that is not closed.") from None
    table = [(number, [cell.strip() for cell in row]) for number, row in enumerate(rows, 1)]
    table = [(number, row) for number, row in table if any(row)]
    if not table:
        raise ValueError(f"{file} is empty.")
    names = _trimmed(table[0][1], 0)
    if any(_number(cell, delimiter) is not None for cell in names):
        names = [""] * len(names)
    else:
        table = table[1:]
    names = [name or f"column {place}" for place, name in enumerate(names, 1)]
    if not table:
        raise ValueError(f"{file} has names of columns but no rows below them.")
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        one, other, *_ = (place for place, name in enumerate(names, 1) if name == twice)
        raise ValueError(
            f'{file}: columns {one} and {other} are both called "{twice}". Give every column its own name.'
        )
    for name in text:
        lookup(f"column of {file}", name, dict.fromkeys(names))
    for number, row in table:
        row[:] = _trimmed(row, len(names))
        if len(row) != len(names):
            raise ValueError(
                f"{file}, row {number}: expected {len(names)} cells, one for each column, got {len(row)}. "
                f"The row begins {delimiter.join(row)[:40]!r}; a text with {delimiter!r} in it needs quotation marks."
            )
    columns = {}
    for place, name in enumerate(names):
        cells = [(number, row[place]) for number, row in table]
        columns[name] = _column(cells, delimiter, file, name, missing, name in text)
    return Table(columns)


def _column(
    cells: list[tuple[int, str]], delimiter: str, file: str, name: str, missing: str, as_text: bool
) -> np.ndarray:
    def where(row: int) -> str:
        return f'{file}, row {row}, column "{name}"'

    present = [cell for _, cell in cells if cell.lower() not in MISSING]
    numeric = [cell for cell in present if _number(cell, delimiter) is not None]
    is_text = as_text or not numeric or 2 * len(numeric) < len(present)
    values: list[Any] = []
    for row, cell in cells:
        value = cell if is_text else _number(cell, delimiter)
        if cell.lower() in MISSING:
            if missing == "error":
                raise ValueError(f'{where(row)}: the value is missing. Fill it in, or use missing="keep".')
            value = "" if is_text else math.nan
        elif value is None:
            raise ValueError(f"{where(row)}: expected a number, got {cell!r}. Correct it, or use text=[{name!r}].")
        values.append(value)
    return np.array(values, dtype=str if is_text else np.float64)


def _decode(raw: bytes, file: str) -> str:
    utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if raw.startswith(b"PK\x03\x04") or (b"\0" in raw and not utf16):
        raise ValueError(f"{file} is not a text file. If it is a spreadsheet, save it as CSV first.")
    try:
        return raw.decode("utf-16" if utf16 else "utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")  # what older spreadsheets on Windows write


def _number(cell: str, delimiter: str) -> float | None:
    if delimiter != "," and "." not in cell:
        cell = cell.replace(",", ".")
    try:
        value = float(cell)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in cell else None


def _trimmed(row: list[str], width: int) -> list[str]:
    while len(row) > width and not row[-1]:
        row = row[:-1]
    return row


def _missing(column: np.ndarray) -> np.ndarray:
    return np.isnan(column) if column.dtype.kind == "f" else column == ""
