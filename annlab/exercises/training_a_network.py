"""Exercises of lesson 10: the whole algorithm as one loop, and a run that can be repeated from its seed."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("10_training_a_network", "Training a network")

ENOUGH_EPOCHS = 200

_WIDE_START, _SMALL_START, _NO_DIFFERENCE = range(3)


def _compare_starts(lab: Any) -> Seen | None:
    """Test accuracy of the run on top and of the second run, once both have learned for a while."""
    run, other = lab.state.run, lab.state.other
    if other is None or min(run.epoch, other.epoch) < ENOUGH_EPOCHS:
        return None
    if run.settings.initializer == other.settings.initializer:
        return None
    scores = {each.settings.initializer: each.scores()["test_accuracy"] for each in (run, other)}
    if set(scores) != {"uniform", "strengths"}:
        return None
    small, wide = scores["uniform"], scores["strengths"]
    came_true = _WIDE_START if wide > small + 0.02 else _SMALL_START if small > wide + 0.02 else _NO_DIFFERENCE
    words = (
        f"After {run.epoch} epochs the small start has a test accuracy of {small:.3f}, the wide start of {wide:.3f}."
    )
    return came_true, words


start = Predict(
    lesson,
    "start",
    "Two networks of the same size learn two spirals, with the same points in the same order. The first weights of one "
    "lie between -0.05 and 0.05, those of the other between -1 and 1. Which one is better after 200 epochs?",
    [
        "The wide start, from -1 to 1",
        "The small start, from -0.05 to 0.05",
        "No difference: training moves the weights anyway",
    ],
    observe=_compare_starts,
    usual=_WIDE_START,
    first=f"Press Play and wait for {ENOUGH_EPOCHS} epochs. The lab shows the small start, and below it the wide one.",
    because="With small weights every unit hardly bends, and all units are nearly alike; "
    "the blame that passes back through small weights is small too. So the network sits on a plain for a long time. "
    "From -1 to 1 the units begin as different as they need to be.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "600 training points, batches of 32, 5 epochs. How many times are the weights updated?",
    95.0,
    tolerance=0.3,
    hints={
        93.75: "600 / 32 = 18.75 batches. There is no three quarters of an update: the last batch is just smaller.",
        90.0: "You left out the last batch of each epoch. It has only 24 points, but it counts.",
        19.0: "That is one epoch, 18.75 batches rounded up. There are five of them.",
        3000.0: "That would be one update for each point. Here one update serves a batch of 32.",
        160.0: "32 times 5 is something else. How many batches of 32 does it take for 600 points?",
    },
    hint="How many batches of at most 32 does it take to see 600 points? And that five times.",
    notice="18 full batches and one of 24 make 19 updates an epoch, and 5 times 19 is 95.",
)


class _Gradient:
    """The gradient of a linear neuron's squared error: what ``gradient`` is in the cases."""

    def __call__(self, weights: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        return 2 * x.T @ (x @ weights - y) / len(x)

    def __repr__(self) -> str:
        return "gradient"


gradient = _Gradient()


def _some_training(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    cases = []
    for n, features, batch_size, epochs in ((2, 1, 1, 2), (5, 2, 2, 3), (9, 3, 4, 2)):
        x = rng.normal(0, 1, (n, features)).round(2)
        weights = rng.uniform(-1, 1, features).round(2)
        cases.append((weights, x, rng.normal(0, 1, n).round(2), gradient, batch_size, 0.1, epochs))
    return cases


def _train_slowly(
    weights: np.ndarray, x: np.ndarray, y: np.ndarray, gradient: Any, batch_size: int, learning_rate: float, epochs: int
) -> np.ndarray:
    rows_left: list[int] = []
    current = [float(weight) for weight in weights]
    for _ in range(epochs):
        rows_left = list(range(len(x)))
        while rows_left:
            batch, rows_left = rows_left[:batch_size], rows_left[batch_size:]
            slope = gradient(np.array(current), x[batch], y[batch])
            current = [weight - learning_rate * float(part) for weight, part in zip(current, slope, strict=True)]
    return np.array(current)


def _train_uphill(weights, x, y, gradient, batch_size, learning_rate, epochs):
    for _ in range(epochs):
        for first in range(0, len(x), batch_size):
            batch = slice(first, first + batch_size)
            weights = weights + learning_rate * gradient(weights, x[batch], y[batch])
    return weights


def _train_one_epoch(weights, x, y, gradient, batch_size, learning_rate, epochs):
    return _train_slowly(weights, x, y, gradient, batch_size, learning_rate, 1)


def _train_on_all_at_once(weights, x, y, gradient, batch_size, learning_rate, epochs):
    return _train_slowly(weights, x, y, gradient, len(x), learning_rate, epochs)


def _train_on_whole_batches_only(weights, x, y, gradient, batch_size, learning_rate, epochs):
    whole = len(x) // batch_size * batch_size
    return _train_slowly(weights, x[:whole], y[:whole], gradient, batch_size, learning_rate, epochs)


def _train_with_long_steps(weights, x, y, gradient, batch_size, learning_rate, epochs):
    return _train_slowly(weights, x, y, gradient, batch_size, 1.0, epochs)


def _train_on_one_batch(weights, x, y, gradient, batch_size, learning_rate, epochs):
    return _train_slowly(weights, x[:batch_size], y[:batch_size], gradient, batch_size, learning_rate, epochs)


def _train_with_all_points_each_time(weights, x, y, gradient, batch_size, learning_rate, epochs):
    return _train_slowly(weights, x, y, gradient, len(x), learning_rate, epochs * -(-len(x) // batch_size))


def _train_from_the_first_weights(weights, x, y, gradient, batch_size, learning_rate, epochs):
    first = weights
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            weights = weights - learning_rate * gradient(first, x[batch], y[batch])
    return weights


def _train_from_nowhere(weights, x, y, gradient, batch_size, learning_rate, epochs):
    for _ in range(epochs):
        for start in range(0, len(x), batch_size):
            batch = slice(start, start + batch_size)
            weights = learning_rate * gradient(weights, x[batch], y[batch])
    return weights


@exercise(
    lesson,
    reference=_train_slowly,
    cases=_some_training,
    mistakes=[
        Mistake(_train_uphill, "The loss grows: the gradient points uphill, so it has to be subtracted."),
        Mistake(
            _train_one_epoch,
            "You go through the points once. The return belongs behind both loops, not inside the first.",
        ),
        Mistake(
            _train_on_all_at_once,
            "You use all points for each update. Take batch_size rows at a time: x[first : first + batch_size].",
        ),
        Mistake(
            _train_on_whole_batches_only,
            "The points at the end are never seen: the last batch may be smaller. range(0, len(x), batch_size) has it.",
        ),
        Mistake(
            _train_on_one_batch,
            "Each epoch sees only the first batch. A second loop has to go from batch to batch.",
        ),
        Mistake(_train_with_long_steps, "Your steps are as long as the gradient. Multiply it by learning_rate first."),
        Mistake(
            lambda weights, x, y, gradient, batch_size, learning_rate, epochs: _train_slowly(
                weights, x[:batch_size], y[:batch_size], gradient, batch_size, learning_rate, 1
            ),
            "You stop after the first update. The return belongs behind both loops, not inside them.",
        ),
        Mistake(
            _train_with_all_points_each_time,
            "The loop goes from batch to batch, but every gradient looks at all points. Hand it x[batch] and y[batch].",
        ),
        Mistake(
            lambda weights, x, y, gradient, batch_size, learning_rate, epochs: _train_slowly(
                weights, x, y, gradient, 1, learning_rate, epochs
            ),
            "You update after every single point. Take batch_size of them together.",
        ),
        Mistake(
            _train_from_the_first_weights,
            "Every gradient was worked out at the first weights. Hand gradient the weights of now.",
        ),
        Mistake(
            _train_from_nowhere,
            "Your weights are the step alone. The new weights are the old ones, minus the step.",
        ),
    ],
    hints=[
        "Two loops: one over the epochs, and inside it one over the places where the batches begin.",
        "for first in range(0, len(x), batch_size): and then batch = slice(first, first + batch_size).",
        "weights = weights - learning_rate * gradient(weights, x[batch], y[batch]); return weights behind both loops.",
    ],
    notice="these lines are the heart of every program that trains a network; libraries differ in what gradient does.",
)
def train(weights, x, y, gradient, batch_size, learning_rate, epochs):
    for _ in range(epochs):
        for first in range(0, len(x), batch_size):
            batch = slice(first, first + batch_size)
            weights = weights - learning_rate * gradient(weights, x[batch], y[batch])
    return weights


def _some_runs(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    cases = []
    for seed, n, features, epochs in ((1, 3, 1, 2), (7, 4, 2, 3), (12, 6, 3, 2)):
        x = rng.normal(0, 1, (n, features)).round(2)
        cases.append((seed, x, rng.normal(0, 1, n).round(2), epochs))
    return cases


def _run(weights: np.ndarray, orders: Any, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    for order in orders:
        for row in order:
            weights = weights - 0.1 * (x[row] @ weights - y[row]) * x[row]
    return weights


def _run_slowly(seed: int, x: np.ndarray, y: np.ndarray, epochs: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-1, 1, (x.shape[1],)).tolist()
    for _ in range(epochs):
        for row in rng.permutation(len(x)).tolist():
            error = sum(weight * float(value) for weight, value in zip(weights, x[row], strict=True)) - float(y[row])
            weights = [weight - 0.1 * error * float(value) for weight, value in zip(weights, x[row], strict=True)]
    return np.array(weights)


def _run_with_one_order(seed, x, y, epochs):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-1, 1, x.shape[1])
    return _run(weights, [rng.permutation(len(x))] * epochs, x, y)


def _run_seeded_again(seed, x, y, epochs):
    weights = np.random.default_rng(seed).uniform(-1, 1, x.shape[1])
    return _run(weights, [np.random.default_rng(seed).permutation(len(x)) for _ in range(epochs)], x, y)


def _run_in_order(seed, x, y, epochs):
    weights = np.random.default_rng(seed).uniform(-1, 1, x.shape[1])
    return _run(weights, [range(len(x))] * epochs, x, y)


def _run_order_first(seed, x, y, epochs):
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(x)) for _ in range(epochs)]
    return _run(rng.uniform(-1, 1, x.shape[1]), orders, x, y)


def _run_from_zero(seed, x, y, epochs):
    rng = np.random.default_rng(seed)
    rng.uniform(-1, 1, x.shape[1])
    return _run(np.zeros(x.shape[1]), [rng.permutation(len(x)) for _ in range(epochs)], x, y)


def _run_uphill(seed, x, y, epochs):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-1, 1, x.shape[1])
    for _ in range(epochs):
        for row in rng.permutation(len(x)):
            weights = weights + 0.1 * (x[row] @ weights - y[row]) * x[row]
    return weights


def _run_with_the_old_generator(seed, x, y, epochs):
    rng = np.random.RandomState(seed)  # what np.random.seed(seed) makes of the global one
    weights = rng.uniform(-1, 1, x.shape[1])
    return _run(weights, [rng.permutation(len(x)) for _ in range(epochs)], x, y)


@exercise(
    lesson,
    reference=_run_slowly,
    cases=_some_runs,
    mistakes=[
        Mistake(
            _run_with_one_order,
            "Every epoch has the same order. Draw a new rng.permutation(len(x)) inside the loop over the epochs.",
        ),
        Mistake(
            _run_seeded_again,
            "You begin again from the seed in the middle of the run. Make rng once, and go on drawing from it.",
        ),
        Mistake(_run_in_order, "The rows come as they stand. Their order is drawn too: rng.permutation(len(x))."),
        Mistake(
            _run_order_first,
            "You drew the orders before the weights. The same seed gives the same run only if the draws come in the "
            "same order: weights first.",
        ),
        Mistake(_run_from_zero, "Your weights begin at 0. They are the first draw: rng.uniform(-1, 1, x.shape[1])."),
        Mistake(
            _run_uphill,
            "You climb: the update takes 0.1 * (x[row] @ weights - y[row]) * x[row] away from the weights.",
        ),
        Mistake(
            lambda seed, x, y, epochs: _run_slowly(seed, x, y, 1),
            "That is one epoch. A loop over range(epochs) goes around it, and the return stands behind it.",
        ),
        Mistake(
            _run_with_the_old_generator,
            "You drew from numpy's global generator. Another part of a program draws from it too, so the run could not "
            "be repeated: draw from rng.",
        ),
    ],
    hints=[
        "rng = np.random.default_rng(seed) once, at the beginning. All that is drawn comes from it.",
        "weights = rng.uniform(-1, 1, x.shape[1]), then for each epoch: for row in rng.permutation(len(x)).",
        "For each row: weights = weights - 0.1 * (x[row] @ weights - y[row]) * x[row].",
    ],
    notice="the seed stands for all draws of a run: who writes it down can repeat the run, number by number.",
)
def run(seed, x, y, epochs):
    rng = np.random.default_rng(seed)
    weights = rng.uniform(-1, 1, x.shape[1])
    for _ in range(epochs):
        for row in rng.permutation(len(x)):
            weights = weights - 0.1 * (x[row] @ weights - y[row]) * x[row]
    return weights


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "Four hidden units begin with equal weights on all links into them and out of them. What are they after "
            "100 epochs?",
            [
                Option(
                    "Still the same", "Equal weights give equal outputs and get equal blame: twins never part.", True
                ),
                Option("Different, because the points come in random order", "All four see the same points each time."),
                Option(
                    "Different, because their outputs go to different places",
                    "They go to the same next units, through equal weights.",
                ),
            ],
        ),
        Question(
            "The batches become ten times larger, and everything else stays. What follows?",
            [
                Option("An epoch has a tenth of the updates", "Each update is steadier, and there are fewer.", True),
                Option("Each update is ten times as far", "The loss of a batch is a mean, whatever its size."),
                Option("An epoch sees a tenth of the points", "An epoch always sees every training point once."),
            ],
        ),
        Question(
            "The training loss falls, and the test loss rises. What has happened?",
            [
                Option("The learning rate is too large", "Then the training loss would jump or rise as well."),
                Option(
                    "It learns the training points by heart", "What it learns now holds for those points only.", True
                ),
                Option("The test points are too few", "They may be few, but that does not make their loss rise."),
            ],
        ),
        Question(
            "You run the same program twice and get two different networks. What is missing?",
            [
                Option("More epochs", "Longer runs from different starts stay different."),
                Option("A smaller learning rate", "The draws would still be others."),
                Option("A seed", "First weights and the order of the points are drawn; a seed fixes every draw.", True),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on one neuron: both weights and the bias become ten times as large. "
            "What happens to its answers?",
            [
                Option(
                    "The line between them turns",
                    "The weights keep their proportion, so the line keeps its direction.",
                ),
                Option("The line moves outwards", "Ten times 0 is 0: where the sum was 0 it is 0 still."),
                Option(
                    "The line stays, and they become more certain",
                    "Every sum is ten times as large, on both sides of the line.",
                    True,
                ),
            ],
        ),
        Question(
            "From the lesson on gradient descent: the loss is 3.1, then 9.8, then 47. What do you change first?",
            [
                Option("A smaller learning rate", "The steps lead over the valley and further up each time.", True),
                Option("More epochs", "It would only grow further."),
                Option("A smaller batch", "That makes the steps noisier, not shorter."),
            ],
        ),
    ],
)
