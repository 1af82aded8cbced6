"""The live labs: pictures of networks that learn while you move their controls."""

from .backprop import BackpropLab
from .base import Lab
from .controls import button, choice, slider, switch, whole
from .descent import DescentLab
from .digits import DigitsLab
from .neuron import NeuronLab
from .playground import Playground
from .stage import Stage

__all__ = [
    "BackpropLab",
    "DescentLab",
    "DigitsLab",
    "Lab",
    "NeuronLab",
    "Playground",
    "Stage",
    "button",
    "choice",
    "slider",
    "switch",
    "whole",
]
