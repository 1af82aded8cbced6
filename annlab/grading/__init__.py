"""For teachers: turn the exercises of a lesson into an assignment, mark what comes back, and see what a class thinks.

    python -m annlab.grading assignment course 02     write an nbgrader assignment from lesson 02
    python -m annlab.grading histogram progress        count the predictions and quiz answers of a class

The page lessons/teachers/grading.md goes the whole way, from nothing to a table of grades.

Every exercise is tried on cases that the learner has not seen. In a folder that ``assignment`` made, the marking looks
at what a function *gave*, in a process of its own: nothing that a submission redefines can change the verdict.
"""

from .trying import NotRight, mark

__all__ = ["NotRight", "mark"]
