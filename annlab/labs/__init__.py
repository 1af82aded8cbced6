"""The live labs: pictures of networks that learn while you move their controls."""

from .activation import ActivationLab
from .backprop import BackpropLab
from .base import Lab
from .compare import CompareLab
from .controls import button, choice, slider, switch, whole
from .descent import DescentLab
from .digits import DigitsLab
from .forward import ForwardLab
from .generalization import GeneralizationLab
from .hopfield import HopfieldLab
from .loss import LossLab
from .neuron import NeuronLab
from .nodes import NodesLab
from .perceptron import PerceptronLab
from .playground import Playground
from .puzzle import PuzzleLab
from .recurrent import RecurrentLab
from .stage import Stage

__all__ = [
    "ActivationLab",
    "BackpropLab",
    "CompareLab",
    "DescentLab",
    "DigitsLab",
    "ForwardLab",
    "GeneralizationLab",
    "HopfieldLab",
    "Lab",
    "LossLab",
    "NeuronLab",
    "NodesLab",
    "PerceptronLab",
    "Playground",
    "PuzzleLab",
    "RecurrentLab",
    "Stage",
    "button",
    "choice",
    "slider",
    "switch",
    "whole",
]
