"""Draw the README's picture again: python .github/lab.py."""

from pathlib import Path

from annlab import DigitsLab

lab = DigitsLab()
lab.step(10 * lab.steps_of_click(lab.state))  # ten epochs
Path(__file__).with_name("lab.svg").write_text(lab.still(), encoding="utf-8", newline="\n")
