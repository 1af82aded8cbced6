"""The Playground, in files of one idea each.

``lab.py`` wires it; ``run.py`` is a network on its way; ``data.py`` what it learns from; ``picture.py`` and
``words.py`` what is seen; ``settings.py`` the controls and presets; ``text.py`` the line of settings and the program.
"""

from .lab import Playground

__all__ = ["Playground"]
