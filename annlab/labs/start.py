"""The first lab: two sliders move a curve, and the formula under it follows.

Every lab of the course works like this one: a few controls, a picture, and a line of text with the picture's numbers.
"""

import math
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from ..svg.elements import BLUE, GRID, MUTED, Picture
from .base import Lab
from .controls import button, slider
from .hand import shown

LEFT, TOP, BOTTOM = 56, 40, 300  # where the plot lies in the picture
HIGHEST = 2.5  # the plot goes from -2.5 to 2.5


class WaveLab(Lab):
    """A wave, ``y = height * sin(speed * x)``: what do height and speed do?"""

    controls = {
        "height": slider(1.0, -2.0, 2.0, 0.1, label="Height", tip="How far the wave goes up and down"),
        "speed": slider(1.0, 0.0, 4.0, 0.1, label="Speed", tip="How often the wave goes up and down"),
        "back": button("Back to the start", tip="Set both sliders back to 1", draws=False),
    }
    about = [
        ("The blue line", "the wave that your two sliders make."),
        ("The grey dashed line", "the wave you began with: height 1 and speed 1."),
        ("The line of text", "the numbers of the picture, also for a screen reader."),
    ]

    def picture(self, state: SimpleNamespace) -> Picture:
        width, height, speed = state.width, state.height, state.speed
        picture = Picture(width, 340, "A wave that two sliders move", self._words(height, speed))
        x = np.linspace(0.0, 2 * math.pi, 241)
        across = LEFT + (width - LEFT - 16) * x / x[-1]

        def down(y: Any) -> Any:
            return TOP + (BOTTOM - TOP) * (HIGHEST - y) / (2 * HIGHEST)

        for value in (-2, -1, 0, 1, 2):
            level = down(value)
            picture.line(LEFT, level, width - 16, level, stroke=MUTED if value == 0 else GRID)
            picture.text(LEFT - 8, level + 4, shown(value), text_anchor="end", fill=MUTED)
        for turns, name in enumerate(("0", "\u03c0", "2\u03c0")):
            picture.text(float(across[120 * turns]), BOTTOM + 20, name, text_anchor="middle", fill=MUTED)
        first = np.stack([across, down(np.sin(x))], axis=1)
        picture.polyline(first, stroke=MUTED, stroke_width=1.5, stroke_dasharray="6 5")
        now = np.stack([across, down(height * np.sin(speed * x))], axis=1)
        picture.polyline(now, stroke=BLUE, stroke_width=3)
        formula = f"y = {_number(height)} \u00b7 sin({_number(speed)} \u00b7 x)".replace("-", "\u2212")
        picture.text(LEFT, TOP - 16, size=16, live={"text": formula})
        return picture

    def pressed(self, state: SimpleNamespace, name: str) -> None:
        for slider_name in ("height", "speed"):
            self.controls[slider_name].value = 1.0

    def facts(self, state: SimpleNamespace) -> Mapping[str, float]:
        return {"height": state.height, "speed": state.speed}

    @staticmethod
    def _words(height: float, speed: float) -> str:
        return f"A wave of height {_number(height)} that goes up and down {_number(speed)} times."


def _number(value: float) -> str:
    """With one digit after the point, as the sliders move, and with more where more were typed."""
    return max(f"{value:.1f}", f"{value:g}", key=len)
