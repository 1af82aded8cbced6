"""Exercises: every check, hint, solution, prediction and quiz of the lessons, one file a lesson.

    from annlab.exercises import many_classes as lesson
    lesson.one_hot.check(my_one_hot)

The course is for learning, not for marks: the answers are in these files on purpose. Each check is itself tested: its
solution passes, its blank is "not tried yet", and every wrong answer it knows is met with a hint of its own.

A new lesson ``07_loss`` has its file ``loss.py`` here, with ``lesson = Lesson("07_loss", "Loss")`` on top and below it
everything that can be done in it: functions under ``@exercise(lesson, ...)``, and ``Predict``, ``NumberBox`` and
``Quiz``, each kept under the name that it is given. The tests find the file by themselves.
"""
