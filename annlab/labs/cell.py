"""A biological cell in five numbers: leaky integrate-and-fire, the simplest model that sends spikes.

What comes in lifts the cell's voltage, and the voltage leaks back towards rest. Where it reaches the threshold the
cell fires: one short spike, always of the same height; then it rests a moment and begins again. A stronger input
does not make higher spikes, it makes more of them. Lapicque had the idea in 1907; Dayan and Abbott, Theoretical
Neuroscience (2001), section 5.4, has the formulas used here.
"""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["DRIVE", "FLOOR", "LEAK", "PAUSE", "PEAK", "REST", "THRESHOLD", "interval", "spikes", "voltage"]

REST = -65.0  # millivolts, where the voltage is drawn to
THRESHOLD = -50.0  # millivolts, where the cell fires
PEAK = 20.0  # millivolts, the height at which a spike is drawn
FLOOR = -20.0  # millivolts: no input pulls the voltage further than this below rest
LEAK = 20.0  # milliseconds in which the way that is left shrinks to 37 per cent
PAUSE = 2.0  # milliseconds after a spike in which nothing can be fired
DRIVE = 30.0  # millivolts for an input of 1


def _charge(drive: float) -> float:
    """Milliseconds from rest to the threshold: leak * log(drive / (drive - way)); endless where it is not reached."""
    way = THRESHOLD - REST
    return LEAK * math.log(drive / (drive - way)) if drive > way else math.inf


def interval(total: float) -> float:
    """Milliseconds from one spike to the next, for the input ``total``; infinite where the cell stays silent."""
    return PAUSE + _charge(DRIVE * total)


def spikes(total: float, duration: float = 1000.0) -> NDArray[Any]:
    """The times, in milliseconds, of all spikes until ``duration``, for the input ``total`` from time 0 on."""
    first, between = _charge(DRIVE * total), interval(total)
    if first > duration:
        return np.empty(0)
    return first + between * np.arange(math.floor((duration - first) / between) + 1)


def voltage(total: float, duration: float = 1000.0) -> NDArray[Any]:
    """The cell's voltage over time, as corners of a line: (points, 2), milliseconds and millivolts."""
    drive = max(DRIVE * total, FLOOR)
    starts = np.concatenate([[0.0], spikes(total, duration) + PAUSE])
    ends = np.concatenate([starts[1:] - PAUSE, [duration]])
    parts = []
    for start, end in zip(starts.tolist(), ends.tolist(), strict=True):
        if start < duration:
            past = np.linspace(0.0, end - start, min(max(int((end - start) / 2), 1), 100) + 1)
            parts.append(np.column_stack([start + past, REST + drive * (1 - np.exp(-past / LEAK))]))
        if end < duration:
            parts.append(np.array([[end, PEAK], [end, REST]]))
    return np.concatenate(parts)
