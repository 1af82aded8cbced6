"""Exercises of lesson 05: one update by Rosenblatt's rule, the count of mistakes, and the whole training."""

from collections.abc import Callable
from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("05_perceptron", "The perceptron")

_ALL_THREE, _BIAS_ALONE, _NOTHING = range(3)


def _look_at_the_first_example(lab: Any) -> Seen | None:
    """What the first example of AND, (0, 0), changed."""
    state = lab.state
    if not state.at or state.updates[0].x.any() or state.updates[0].target:
        return None  # another experiment than the question's
    first = state.updates[0]
    weights = bool((first.weights != first.weights_before).any())
    came_true = _ALL_THREE if weights else _BIAS_ALONE if first.bias != first.bias_before else _NOTHING
    w1, w2 = (first.weights + 0.0).tolist()
    return came_true, f"After (0, 0) the weights are {w1:g} and {w2:g}, and the bias is {first.bias:g}."


first_mistake = Predict(
    lesson,
    "first_mistake",
    "All weights are 0, so it answers 1 to everything. It is shown (0, 0), and the target is 0. What changes?",
    ["Both weights and the bias", "The bias alone", "Nothing"],
    observe=_look_at_the_first_example,
    usual=_BIAS_ALONE,
    first="Leave (0, 0) an orange square, press Next once and read the rule, line by line.",
    because="The error is 0 - 1 = -1, so something has to change. But each weight moves by the error times its own "
    "input, and both inputs are 0. The bias has an input that is always 1.",
)

_FEWER, _AS_MANY, _MORE = range(3)
EPOCHS_OF_AND = 6  # at any learning rate


def _look_at_the_epochs(lab: Any) -> Seen | None:
    """How many epochs AND took at another learning rate than 1."""
    state = lab.state
    if (state.data, state.order, state.changed_points) != ("and", "given", False):
        return None  # another experiment than the question's
    if state.learning_rate == 1 or state.at < len(state.updates) or not state.run.converged:
        return None
    epochs = len(state.run.mistakes)
    came_true = _FEWER if epochs < EPOCHS_OF_AND else _MORE if epochs > EPOCHS_OF_AND else _AS_MANY
    return came_true, f"At a learning rate of {state.learning_rate:g} it settled in epoch {epochs}."


faster = Predict(
    lesson,
    "faster",
    "At a learning rate of 1 the perceptron settles on AND in its sixth epoch. When will it at a learning rate of 10?",
    ["In an earlier epoch", "In the sixth as well", "In a later epoch, or never"],
    observe=_look_at_the_epochs,
    usual=_AS_MANY,
    first="With the examples of AND, in the order as given, set Learning rate to 10 and press Play until it says that "
    "it has settled.",
    because="It starts at zero, so at 10 all weights and the bias are ten times as large, always. The step only asks "
    "for the sign of the sum, and ten times a sum has the same sign: the same mistakes, the same line.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The weights are (0.5, -1) and the bias is -0.5. The example is x = (2, 1) with the target 1, and the learning "
    "rate is 0.5. What is the first weight afterwards?",
    1.5,
    tolerance=0.001,
    hints={
        0.5: "It was wrong: z = 0.5 * 2 - 1 * 1 - 0.5 = -0.5, so it answered 0. Then the weight has to move.",
        2.5: "You forgot the learning rate: the step is 0.5 * error * 2.",
        1.0: "That is 0.5 + 0.5 * error. The error is multiplied by the input as well, which is 2.",
        -0.5: "The sign is the other way round: the target is 1 and the answer was 0, so the error is +1.",
    },
    hint="First the sum z and the answer, then the error, then 0.5 + 0.5 * error * 2.",
    notice="z = -0.5, so the answer was 0 and the error is 1: 0.5 + 0.5 * 1 * 2 = 1.5.",
)


def _halves(rng: np.random.Generator, shape: Any) -> np.ndarray:
    """Numbers from -2 to 2 in steps of a half: their sums are exact, so that a sum of 0 is 0 however it was added."""
    return rng.integers(-4, 5, shape) / 2


def _some_updates(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, int, float]]:
    cases = [
        (np.array([0.0, 0.0]), np.array([1.0, 1.0]), 0, 1.0),  # the sum is 0, where the step says 1
        (np.array([1.0, -2.0]), np.array([0.5, 1.0]), 1, 0.5),  # an input that is not 1
        (np.array([2.0, 1.0, -1.0]), np.array([0.5, 0.5, 1.0]), 1, 0.5),  # right: nothing changes
    ]
    for target in (0, 1, 0, 1):
        weights, x = _halves(rng, 3), np.append(_halves(rng, 2), 1.0)
        cases.append((weights, x, target, 0.5))
    return cases


def _rule_slowly(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> list[float]:
    z = sum(weight * value for weight, value in zip(weights.tolist(), x.tolist(), strict=True))
    output = 1 if z >= 0 else 0
    pairs = zip(weights.tolist(), x.tolist(), strict=True)
    return [weight + learning_rate * (target - output) * value for weight, value in pairs]


def _rule_with_a_strict_step(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return weights + learning_rate * (target - (weights @ x > 0)) * x


def _rule_backwards(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return weights - learning_rate * (target - (weights @ x >= 0)) * x


def _rule_without_the_input(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return weights + learning_rate * (target - (weights @ x >= 0))


def _rule_without_the_rate(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return weights + (target - (weights @ x >= 0)) * x


def _rule_without_the_step(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return weights + learning_rate * (target - weights @ x) * x


def _rule_without_the_sign(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return weights + learning_rate * ((weights @ x >= 0) != target) * x


def _rule_of_pairs(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return weights + learning_rate * (target - (weights * x >= 0)) * x


def _rule_of_steps_alone(weights: np.ndarray, x: np.ndarray, target: int, learning_rate: float) -> np.ndarray:
    return learning_rate * (target - (weights @ x >= 0)) * x


@exercise(
    lesson,
    reference=_rule_slowly,
    cases=_some_updates,
    mistakes=[
        Mistake(_rule_with_a_strict_step, "At a sum of exactly 0 the step says 1: use >= 0, not > 0."),
        Mistake(_rule_backwards, "You move away where you should come closer: weights + learning_rate * error * x."),
        Mistake(_rule_without_the_input, "Each weight moves by its own input. Multiply the error by x."),
        Mistake(_rule_without_the_rate, "The learning rate is missing: learning_rate * error * x."),
        Mistake(
            _rule_without_the_step,
            "The error compares the target with the answer, 0 or 1, not with the sum. Take the step of the sum first.",
        ),
        Mistake(_rule_of_steps_alone, "That is the change. The new weights are the old ones plus the change."),
        Mistake(
            _rule_without_the_sign,
            "The error has a sign: target - output is 1, 0 or -1. Yours only says that the two differ.",
        ),
        Mistake(
            _rule_of_pairs,
            "weights * x multiplies pair by pair and does not add up. The sum is weights @ x.",
        ),
    ],
    hints=[
        "Three lines: the output, the error, the new weights.",
        "output = weights @ x >= 0 gives True or False, and these count as 1 and 0.",
        "error = target - output, and return weights + learning_rate * error * x",
    ],
    notice="there is no 'if' in it: where the answer was right, the error is 0, and so is the change.",
)
def rule(weights, x, target, learning_rate):
    output = weights @ x >= 0
    error = target - output
    return weights + learning_rate * error * x


def _some_tables(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    corners = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    cases = [(np.array([0.0, 0.0, 0.0]), corners, np.array([0, 0, 0, 1]))]
    for n in (5, 8, 9):
        x = np.column_stack([_halves(rng, (n, 2)), np.ones(n)])
        cases.append((_halves(rng, 3), x, rng.integers(0, 2, n)))
    return cases


def _mistakes_slowly(weights: np.ndarray, x: np.ndarray, targets: np.ndarray) -> int:
    count = 0
    for row, target in zip(x, targets.tolist(), strict=True):
        z = sum(weight * value for weight, value in zip(weights.tolist(), row.tolist(), strict=True))
        count += (1 if z >= 0 else 0) != target
    return count


@exercise(
    lesson,
    reference=_mistakes_slowly,
    cases=_some_tables,
    mistakes=[
        Mistake(
            lambda weights, x, targets: len(x) - _mistakes_slowly(weights, x, targets),
            "You counted the right answers. Use != in place of ==.",
        ),
        Mistake(
            lambda weights, x, targets: _mistakes_slowly(weights, x, targets) / len(x),
            "That is the share of mistakes. Their number was asked for: np.sum, not np.mean.",
        ),
        Mistake(
            lambda weights, x, targets: np.sum((x @ weights > 0) != targets),
            "At a sum of exactly 0 the step says 1: use >= 0, not > 0.",
        ),
        Mistake(
            lambda weights, x, targets: np.sum(targets - (x @ weights >= 0)),
            "The errors 1 and -1 cancel each other. Count the places where output and target differ.",
        ),
        Mistake(
            lambda weights, x, targets: (x @ weights >= 0) != targets,
            "That says of each row whether it is wrong. np.sum counts: True is 1 and False is 0.",
        ),
    ],
    hints=[
        "x @ weights gives the sums of all rows at once.",
        "(x @ weights >= 0) != targets is True for each row that is answered wrongly.",
        "return np.sum((x @ weights >= 0) != targets)",
    ],
    notice="when this number is 0, the rule changes nothing any more: it has settled.",
)
def mistakes(weights, x, targets):
    return np.sum((x @ weights >= 0) != targets)


def _some_trainings(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, int]]:
    corners = np.array([[0.0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1]])
    cases = [(corners, np.array([0, 0, 0, 1]), epochs) for epochs in (1, 2, 6)]
    x = np.column_stack([_halves(rng, (7, 2)), np.ones(7)])
    return [*cases, (x, (x @ [1, -2, 0.5] > 0).astype(int), 4)]


def _training(rule: Callable[..., Any], start: float = 0.0) -> Callable[..., list[float]]:
    """Train by this rule, one row after the other, from weights that are all ``start``."""

    def _train_by_this_rule(x: np.ndarray, targets: np.ndarray, epochs: int) -> list[float]:
        weights = [start] * x.shape[1]
        for _ in range(epochs):
            for row, target in zip(x, targets.tolist(), strict=True):
                weights = list(rule(np.array(weights), row, target, 1.0))
        return weights

    return _train_by_this_rule


_train_slowly = _training(_rule_slowly)


def _train_by_the_batch(x: np.ndarray, targets: np.ndarray, epochs: int) -> np.ndarray:
    weights = np.zeros(x.shape[1])
    for _ in range(epochs):
        weights = weights + (targets - (x @ weights >= 0)) @ x
    return weights


@exercise(
    lesson,
    reference=_train_slowly,
    cases=_some_trainings,
    mistakes=[
        Mistake(
            lambda x, targets, epochs: _train_slowly(x, targets, 1),
            "That is what one epoch gives. Is there a loop over range(epochs) around the one over the examples, do the "
            "weights begin at 0 before both loops, and does the return stand after both?",
        ),
        Mistake(
            lambda x, targets, epochs: _rule_slowly(np.zeros(x.shape[1]), x[0], targets[0], 1.0),
            "You return after the first example. The return stands after both loops.",
        ),
        Mistake(
            _train_by_the_batch,
            "You added up all errors of an epoch before changing anything. Here each example meets the newest weights.",
        ),
        Mistake(_training(_rule_backwards), "You move away where you should come closer: weights + error * row."),
        Mistake(_training(_rule_slowly, 1.0), "It starts at zero: np.zeros(x.shape[1])."),
        Mistake(_training(_rule_with_a_strict_step), "At a sum of exactly 0 the step says 1: use >= 0, not > 0."),
    ],
    hints=[
        "Begin with weights = np.zeros(x.shape[1]). Two loops: over range(epochs), and in it over zip(x, targets).",
        "In the inner loop: error = target - (weights @ row >= 0)",
        "and then weights = weights + error * row. After both loops: return weights.",
    ],
    notice="this is the whole of Rosenblatt's learning. With more inputs not one character of it changes.",
)
def train(x, targets, epochs):
    weights = np.zeros(x.shape[1])
    for _ in range(epochs):
        for row, target in zip(x, targets):  # noqa: B905
            error = target - (weights @ row >= 0)
            weights = weights + error * row
    return weights


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "The perceptron is right about an example. What does the rule do?",
            [
                Option(
                    "It moves the weights a little closer to it", "The error is 0, and 0 times the input is nothing."
                ),
                Option("Nothing", "error = target - output = 0, so no weight changes.", True),
                Option("It makes the learning rate smaller", "The learning rate stays as you set it."),
            ],
        ),
        Question(
            "What does the convergence theorem promise, if a line parts the classes?",
            [
                Option(
                    "It settles after finitely many mistakes", "At most (R / margin)^2 of them (Novikoff 1962).", True
                ),
                Option(
                    "It finds the line with the widest gap", "It stops at the first line without a mistake, any one."
                ),
                Option("Each epoch makes fewer mistakes than the last", "The number may go up and down on the way."),
            ],
        ),
        Question(
            "Why does a perceptron never settle on XOR?",
            [
                Option("The learning rate is too large", "Any learning rate makes the same mistakes here."),
                Option(
                    "It was not trained for long enough", "The weights come back to where they were, again and again."
                ),
                Option("No straight line parts the classes", "It has only one line, and XOR needs two.", True),
            ],
        ),
        Question(
            "What does a hidden layer add?",
            [
                Option("It makes the same line more exact", "One line stays one line, however exact."),
                Option(
                    "New inputs for the last node, made from the old ones",
                    "Each hidden node draws a line of its own, and the last node is told on which side of each we are.",
                    True,
                ),
                Option("It makes learning faster", "It makes learning harder: Rosenblatt's rule does not reach it."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on curved activations: which of these can answer -3?",
            [
                Option("The sigmoid", "It stays between 0 and 1."),
                Option("ReLU", "It makes 0 of everything below 0."),
                Option("Linear", "It answers with the sum itself, whatever that is.", True),
            ],
        ),
        Question(
            "From the lesson on step and linear: a neuron has a step, the weights -1 and -1 and the bias 1.5. "
            "Which gate is it?",
            [
                Option("AND", "At (1, 1) its sum is -0.5, so it says 0 there. AND says 1."),
                Option("NAND", "It says 0 only where both inputs are 1: -1 - 1 + 1.5 is below 0.", True),
                Option("OR", "At (0, 0) its sum is 1.5, so it says 1 there. OR says 0."),
            ],
        ),
    ],
)
