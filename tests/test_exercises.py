"""Every exercise of every lesson: the solution passes, a blank is not a try, each known mistake meets its own hint."""

import importlib
import pkgutil
import re
import sys

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import annlab.exercises
from annlab.exercises import (
    base,
    generalization,
    hopfield_memory,
    hopfield_optimization,
    many_classes,
    perceptron,
    progress,
)
from annlab.exercises.base import BLANK, NOT_TRIED, NOT_YET, RAISED, RIGHT, Exercise
from annlab.exercises.curved_activations import curves, softmax
from annlab.exercises.nodes_and_connections import kinds
from annlab.exercises.one_neuron import weighted_sum

FILES = sorted(
    {module.name for module in pkgutil.iter_modules(annlab.exercises.__path__)} - {"base", "quiz", "progress"}
)
EXERCISES = [
    pytest.param(thing, id=f"{name}.{thing.name}")
    for name in FILES
    for thing in vars(importlib.import_module(f"annlab.exercises.{name}")).values()
    if isinstance(thing, Exercise)
]


@pytest.fixture(autouse=True)
def own_progress(tmp_path, monkeypatch):
    monkeypatch.setenv("ANNLAB_PROGRESS", str(tmp_path))


def blank(*arguments):
    return ____  # noqa: F821


def half_filled(x, *rest):
    total = undefined_too + 1  # noqa: F821
    return total + ____  # noqa: F821


def only_dots(*arguments): ...


def gives_dots(*arguments):
    return ...


def adds_dots(x, *arguments):
    return np.exp(...) + x


def not_written(*arguments):
    """A text and nothing else."""
    raise NotImplementedError


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_is_right(exercise):
    outcome = exercise.check(exercise.answer)
    assert outcome.kind == RIGHT
    assert exercise.notice in repr(outcome)
    assert progress.read()[exercise.lesson.name][exercise.name] == {"done": True, "tries": 1}


@pytest.mark.parametrize("exercise", EXERCISES)
@pytest.mark.parametrize("stub", [blank, half_filled, only_dots, gives_dots, adds_dots, not_written, None, ...])
def test_a_blank_is_not_a_try(exercise, stub):
    assert exercise.check(stub).kind == NOT_TRIED
    assert progress.read() == {}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_each_known_mistake_meets_its_own_hint(exercise):
    assert len(exercise.mistakes) >= 3
    outcomes = [exercise.check(mistake.answer) for mistake in exercise.mistakes]
    assert {outcome.kind for outcome in outcomes} <= {NOT_YET, RAISED}
    assert [outcome.hint for outcome in outcomes] == [mistake.hint for mistake in exercise.mistakes]
    assert len({outcome.hint for outcome in outcomes}) == len(outcomes)
    assert not progress.read()[exercise.lesson.name][exercise.name]["done"]


@pytest.mark.parametrize(
    ("exercise", "seeds"),
    [
        (perceptron.rule, (14, 20, 34)),
        (generalization.stop_early, (49, 78)),
        (hopfield_memory.update, (10, 18, 20)),
        (hopfield_optimization.cost, (45, 58, 66)),
    ],
)
def test_no_known_mistake_agrees_by_chance_with_what_is_right(exercise, seeds):
    """With these seeds the drawn cases alone do not tell one of them from the solution."""
    for seed in seeds:
        assert RIGHT not in {exercise.judge(mistake.answer, seed).kind for mistake in exercise.mistakes}


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_unknown_mistake_meets_both_answers_and_no_hint(exercise):
    def beside(*arguments):
        right = np.asarray(exercise.reference(*arguments))
        return np.full_like(right, "none") if right.dtype.kind == "U" else right + 0.125

    outcome = exercise.check(beside)
    assert outcome.kind == NOT_YET
    assert re.search("was expected and yours is|Expected: .*\nYours: ", outcome.reason)
    assert outcome.hint == ""


@pytest.mark.parametrize("exercise", EXERCISES)
def test_cases_are_the_same_each_time_and_grow(exercise):
    sizes = [base._size(case) for case in exercise.cases()]
    assert sizes == sorted(sizes)
    assert len(sizes) >= 3
    assert repr(exercise.cases()) == repr(exercise.cases())


@pytest.mark.parametrize("exercise", EXERCISES)
def test_hints_come_one_by_one_and_the_last_stays(exercise):
    exercise._hints_given = 0
    given = [exercise.hint().words for _ in range(len(exercise.hints) + 1)]
    for hint, words in zip(exercise.hints, given, strict=False):
        assert hint in words
    assert given[-1] == given[-2]


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_shown_is_code_that_runs(exercise):
    shown = repr(exercise.solution())
    assert shown.startswith(f"def {exercise.name}(")
    assert len(shown.splitlines()) <= 7  # the line with def, and at most six to write
    assert BLANK not in shown
    names = {"np": np}
    exec(shown, names)
    assert exercise.check(names[exercise.name]).kind == RIGHT


# ---------------------------------------------------------------------------------------------------------------------
# Whatever a learner hands in, a check answers in words.

one_hot = many_classes.one_hot


class NoArray:
    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("not this one")

    def __repr__(self):
        raise RuntimeError("not this one either")


def raises(error):
    def function(labels, classes):
        raise error

    return function


@pytest.mark.parametrize(
    "value",
    [NoArray(), "text", ["a", "b"], [[1], [2, 3]], {}, 3, None, 1j, [[1.0, "a"]], np.array(["x"], dtype=object)],
)
def test_any_value_is_answered(value):
    def function(labels, classes):
        return value

    assert one_hot.check(function).kind == NOT_YET
    assert isinstance(one_hot.check(value).reason, str)


numbers = st.floats() | st.integers() | st.booleans() | st.complex_numbers()
anything = st.recursive(
    st.none() | numbers | st.text() | arrays(st.sampled_from([np.float64, np.int8, "U3"]), array_shapes(min_side=0)),
    lambda inner: st.lists(inner, max_size=3) | st.tuples(inner, inner) | st.dictionaries(st.text(), inner, max_size=2),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(anything)
def test_whatever_comes_back_is_answered(value):
    outcome = many_classes.gradient.check(lambda y, target: value)
    assert outcome.kind in (NOT_YET, NOT_TRIED)
    assert repr(outcome)
    assert outcome._repr_html_()


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(3), RecursionError(), MemoryError(), AssertionError()])
def test_any_error_is_answered(error):
    outcome = one_hot.check(raises(error))
    assert outcome.kind == RAISED
    assert type(error).__name__ in outcome.reason
    assert "Line:   raise error" in outcome.reason
    assert "one_hot(labels=[1], classes=3)" in outcome.reason


def test_a_pressed_stop_button_is_no_error():
    assert one_hot.check(raises(KeyboardInterrupt())).kind == NOT_YET


def test_a_wrong_number_of_arguments_is_an_error_in_words():
    outcome = one_hot.check(lambda labels: labels)
    assert outcome.kind == RAISED
    assert "positional argument" in outcome.reason


def test_a_name_that_is_missing_says_what_to_do():
    def function(labels, classes):
        return table  # noqa: F821

    outcome = one_hot.check(function)
    assert outcome.kind == RAISED
    assert "Run the cells above this one first" in outcome.reason


def test_a_call_instead_of_a_function():
    outcome = one_hot.check(np.zeros((1, 3)))
    assert outcome.kind == NOT_YET
    assert "without brackets" in outcome.reason


@pytest.mark.parametrize("value", ["0.5", "7", "'a'", "True"])
def test_an_answer_that_is_always_the_same_is_a_try(value):
    assert one_hot.check(eval(f"lambda labels, classes: {value}")).kind == NOT_YET


def test_a_forgotten_return():
    def function(labels, classes):
        table = np.zeros((len(labels), classes))
        table[0] = 1

    assert "Is there a return at its end?" in one_hot.check(function).reason


def on_one_line(labels, classes):
    while True: pass  # noqa: E701  # fmt: skip


def on_two_lines(labels, classes):
    row = 0
    while row < len(labels):
        classes += 1


def within_except(labels, classes):
    while True:
        try:
            labels = labels + 1
        except Exception:
            return labels


def in_a_helper(labels, classes):
    return on_two_lines(labels, classes)


@pytest.mark.skipif(sys.gettrace() is not None, reason="a debugger or a coverage tool counts the steps already")
@pytest.mark.parametrize("endless", [on_one_line, on_two_lines, within_except, in_a_helper])
def test_an_endless_loop_is_stopped(endless):
    outcome = one_hot.check(endless)
    assert outcome.kind == NOT_YET
    assert "still running" in outcome.reason
    assert sys.gettrace() is None


def test_a_debugger_that_watches_is_left_alone():
    calls = []

    def watch(frame, event, argument):
        calls.append(frame.f_code.co_name)

    before = sys.gettrace()
    sys.settrace(watch)
    try:
        one_hot.check(one_hot.answer)
        assert sys.gettrace() is watch
    finally:
        sys.settrace(before)
    assert "one_hot" in calls


def test_an_answer_that_changes_its_arguments_is_told_which_one():
    def function(labels, classes):
        labels += 1
        return many_classes._one_hot_slowly(labels - 1, classes)

    outcome = one_hot.check(function)
    assert outcome.kind == NOT_YET
    assert "the answers are right, but on the way your function changes labels" in outcome.reason
    assert "copy" in outcome.hint
    assert one_hot.check(lambda *both: function(*both)).reason.endswith("changes argument 1.")
    # What a case is made of is not spoiled by it: the next answer is judged on the same numbers.
    assert one_hot.check(lambda labels, classes: function(labels.copy(), classes)).kind == RIGHT


def test_a_function_is_called_once_for_each_case():
    calls = []
    assert one_hot.check(lambda labels, classes: calls.append(0) or one_hot.answer(labels, classes)).kind == RIGHT
    assert len(calls) == len(one_hot.cases())


NAN = float("nan")


@pytest.mark.parametrize(
    ("before", "change"),
    [
        (np.array([1.0, NAN]), None),
        ([1, "a", [NAN, (2, np.array([3.0, NAN]))]], None),
        ([[1], [2, 3]], None),
        (np.array(["a", "b"]), lambda it: it.fill("c")),
        (np.array([1.0, NAN]), lambda it: it.fill(1.0)),
        ([1.0, 2.0], lambda it: it.append(3.0)),
        ([[1], [2, 3]], lambda it: it[1].pop()),
        ([1, 2], lambda it: it.__setitem__(0, np.ones(2))),
        ([1, 2], lambda it: it.__setitem__(0, NoArray())),
    ],
)
def test_what_counts_as_changed(before, change):
    result = base._call(lambda it: change and change(it), (before,))
    assert result.changed == (None if change is None else 0)


@pytest.mark.parametrize(
    ("yours", "words"),
    [
        ("[1. 2.]", "your function gives text, and numbers were expected."),
        (np.array([1j, 2]), "your function gives an array without real numbers where an array was expected."),
        (np.array([1.0, 3.0]), "at index 1: 2 was expected and yours is 3."),
        (np.array([[1.0, 2.0]]), "the shape is (1, 2), where (2,) was expected."),
        (3, "your function gives a single value where a list or an array of length 2 was expected."),
        ([np.float64(1.0), np.float64(0.5)], "Yours:    [1, 0.5]"),
    ],
)
def test_what_is_wrong_is_said_as_it_is(yours, words):
    assert words in base._difference(yours, np.array([1.0, 2.0]), 1e-6)


def test_shapes_that_do_not_fit_are_told_without_a_gufunc():
    outcome = one_hot.check(lambda labels, classes: np.ones((2, 3)) @ np.ones((4, 5)))
    assert outcome.kind == RAISED
    assert "ValueError: the left side of @ has 3 columns and the right side 4 rows. They have to be" in outcome.reason


def test_an_array_where_one_value_was_expected():
    said = base._difference([0.5], np.float64(0.5), 1e-6)
    assert said.startswith("your function gives an array or a list where a single value was expected.")


def test_a_question_that_nobody_can_answer_is_no_blank():
    class Nobody(NotImplementedError):
        """As IPython raises it for input() where a program runs the notebook."""

    outcome = one_hot.check(raises(Nobody("raw_input was called, but this frontend does not support input requests.")))
    assert outcome.kind == RAISED


def test_numbers_where_text_was_expected():
    assert base._difference([1.0], np.array(["hidden"]), 1e-6).startswith("your function gives numbers, and text was")


def test_lists_are_as_good_as_arrays():
    assert one_hot.check(many_classes._one_hot_slowly).kind == RIGHT


def test_the_smallest_failing_case_is_shown():
    def right_for_one_label(labels, classes):
        table = many_classes._one_hot_slowly(labels, classes)
        return table if len(labels) < 4 else np.zeros((len(labels), classes))

    # The cases have 1, 2, 4 and 6 labels; the first that fails has four.
    call = one_hot.check(right_for_one_label).reason.rpartition("Called:")[2]
    assert call.count(",") - call.count("classes") == 3


def test_what_is_done_with_an_answer_can_be_compared_in_its_place():
    def nand():
        return [-1.0, -1.0], 1.5

    exercise = Exercise(
        progress.Lesson("99_none", "None"),
        nand,
        run=lambda answer, x: float(np.dot(answer()[0], x) + answer()[1] > 0),
        reference=lambda x: float(not (x[0] and x[1])),
        cases=lambda rng: [((a, b),) for a in (0, 1) for b in (0, 1)],
        mistakes=[base.Mistake(lambda: ([1.0, 1.0], -1.5), "That is AND.")],
        hints=["Begin with the bias."],
        notice="many weights do it.",
    )
    assert exercise.check(nand).kind == RIGHT
    assert exercise.check(lambda: ([-2.0, -3.0], 4.0)).kind == RIGHT  # 4 - 2 - 3 is the only negative sum
    assert exercise.check(lambda: ([2.0, 2.0], -3.0)).hint == "That is AND."
    assert exercise.check(blank).kind == NOT_TRIED


def test_both_numbers_differ_on_the_screen():
    # 0.33333333 and 0.33333999 look the same with four digits, so more are shown.
    assert base._pair(0.33333999, 0.33333333) == "0.33333333 was expected and yours is 0.33333999"


def test_several_answers_at_once_are_compared_part_by_part():
    wanted = (1.0, np.array([1.0, 2.0]))
    assert base._difference((1.0, [1.0, 2.0]), wanted, 1e-6) == ""
    assert base._difference((1.0, [1.0, 3.0]), wanted, 1e-6).startswith("in part 2 of your answer, at index 1")
    assert "2 things" in base._difference(1.0, wanted, 1e-6)


def test_the_four_outcomes_differ_in_more_than_colour():
    outcomes = [base.Outcome(kind, "x") for kind in (NOT_TRIED, RAISED, NOT_YET, RIGHT)]
    signs = {repr(outcome)[0] for outcome in outcomes}
    words = {repr(outcome)[2:] for outcome in outcomes}
    assert len(signs) == len(words) == 4
    for outcome in outcomes:
        page = outcome._repr_html_()
        assert 'role="status"' in page
        assert outcome.kind in page


def test_what_a_learner_wrote_is_escaped():
    outcome = one_hot.check(raises(ValueError("<script>")))
    assert "<script>" not in outcome._repr_html_()
    assert "&lt;script&gt;" in outcome._repr_html_()


def test_progress_that_cannot_be_saved_is_said_and_not_raised(tmp_path, monkeypatch):
    file = tmp_path / "a file"
    file.write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("ANNLAB_PROGRESS", str(file))
    outcome = one_hot.check(one_hot.answer)
    assert outcome.kind == RIGHT
    assert "could not be saved" in outcome.reason


def test_two_items_of_one_name_are_refused():
    lesson = progress.Lesson("99_none", "None")
    lesson.add("a", "quiz")
    with pytest.raises(ValueError, match="already has an item called 'a'"):
        lesson.add("a", "exercise")


# ---------------------------------------------------------------------------------------------------------------------
# The references, by hand


def test_softmax_by_hand():
    # e^2 = 7.38906, e = 2.71828, together with 1: 11.10734
    assert many_classes._softmax_slowly(np.array([[2.0, 1.0, 0.0]]))[0] == pytest.approx(
        [0.66524, 0.24473, 0.09003], abs=1e-5
    )


def test_gradient_by_nudging_is_the_gradient():
    y = np.array([[0.7, 0.2, 0.1], [0.1, 0.1, 0.8]])
    target = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    # (y - target) / 2
    by_hand = np.array([[0.35, -0.4, 0.05], [0.05, 0.05, -0.1]])
    assert many_classes._gradient_by_nudging(y, target) == pytest.approx(by_hand, abs=1e-8)


def told(value, exercise=None):
    """The first line of what a check says to an answer that is always ``value``."""
    return (exercise or softmax).check(lambda *arguments: value).reason.partition("\n")[0]


def test_a_misfit_is_told_without_shapes_where_that_goes():
    assert told([0.5], weighted_sum) == "your function gives an array or a list where a single value was expected."
    assert told(0.5) == "your function gives a single value where a list or an array of length 2 was expected."
    assert told([0.5, 0.2, 0.3]) == "the length is 3, where 2 was expected."
    assert told([[0.5], [0.5]]) == "the shape is (2, 1), where (2,) was expected."
    assert told(["input", []], kinds) == "your function gives a list in which not every part is a single text."
    assert told((np.zeros(2), 1.5)) == "your function gives a tuple in which not every part is a single number."


def test_numbers_of_numpy_are_shown_as_numbers():
    assert "Yours:    [3]" in weighted_sum.check(lambda *arguments: [np.int64(3)]).reason
    assert "Yours:    (6, 1.5)" in weighted_sum.check(lambda *arguments: (np.float64(6.0), 1.5)).reason


def test_print_is_told_apart_from_return():
    assert "What print shows is not given back." in told(None, weighted_sum)


def test_a_wrong_answer_that_changes_its_arguments_is_told_which_one():
    def function(z):
        relu = z
        relu[relu < 0] = 0
        return np.array([1 / (1 + np.exp(-z)), np.tanh(z), relu, np.log(1 + np.exp(z))])

    outcome = curves.check(function)
    assert outcome.kind == NOT_YET
    assert "was expected and yours is" in outcome.reason
    assert outcome.hint.startswith("On the way your function changes z. The array or list belongs to")
