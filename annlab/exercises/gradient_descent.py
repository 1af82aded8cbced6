"""Exercises of lesson 08: the loop that goes downhill, one epoch of mini-batches, and steps with momentum."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("08_gradient_descent", "Gradient descent")

_SOONER, _SWINGS_IN, _FLIES_OUT = range(3)
RAVINE_LIMIT = 0.5  # 2 / curvature, the curvature across the ravine being 4


def _look_at_the_ravine(lab: Any) -> Seen | None:
    """What plain descent did at a learning rate beyond the ravine's limit."""
    state, ball = lab.state, lab.model
    if state.noise or abs(state.start_at[1]) < 0.1:  # another experiment than the question's
        return None
    if state.surface != "ravine" or ball.optimizer.learning_rate <= RAVINE_LIMIT or len(ball.losses) < 3:
        return None
    came_true = _FLIES_OUT if ball.losses[-1] > ball.losses[0] else _SWINGS_IN
    return came_true, f"In two steps the loss went from {ball.losses[0]:.2f} to {ball.losses[2]:.2f}."


too_fast = Predict(
    lesson,
    "too_fast",
    "At a learning rate of 0.1 the ball creeps along the ravine. What will it do at a learning rate of 1?",
    ["Arrive about ten times sooner", "Swing from side to side, and arrive", "Swing wider with every step"],
    observe=_look_at_the_ravine,
    usual=_FLIES_OUT,
    first="Press Play and watch the ball creep. Press Reset, move Learning rate to 1, and press One step three times.",
    because="Across the ravine the slope is 4 times w2, so one step turns w2 into (1 - 1 * 4) w2 = -3 w2: to the other "
    "side, and three times as far out. Plain descent is stable here only below a learning rate of 2 / 4 = 0.5.",
)

_DEEP, _SHALLOW, _TOP = range(3)
ENOUGH_STEPS = 50


def _look_at_two_minima(lab: Any) -> Seen | None:
    """Where plain descent from the surface's own start came to rest."""
    state, ball = lab.state, lab.model
    if state.noise or ball.name != "SGD" or state.start_at[0] < 1:  # another experiment than the question's
        return None
    if state.surface != "two minima" or state.momentum or len(ball.losses) <= ENOUGH_STEPS:
        return None
    came_true = _DEEP if ball.w[0] < -1 else _SHALLOW if ball.w[0] > 1 else _TOP
    return came_true, f"After {state.taken} steps it is at w1 = {ball.w[0]:.2f}, with a loss of {ball.losses[-1]:.3f}."


two_minima = Predict(
    lesson,
    "two_minima",
    "Two valleys: the left one is the deeper. The ball starts high up on the right. Where does it come to rest?",
    ["In the left valley, the deepest place", "In the right valley, the nearer one", "On the hill between them"],
    observe=_look_at_two_minima,
    usual=_SHALLOW,
    first=f"Let SGD start on the right, leave Momentum and Batch noise at 0, press Play, and wait for {ENOUGH_STEPS} "
    "steps.",
    because="Descent knows only the slope where it stands. In the right valley the slope is 0, so it stays. "
    "Set Momentum to 0.9 and press Reset and Play: that ball rolls on through the valley and over the hill.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "The loss is L = w², so its slope is 2 w. You are at w = 3 and the learning rate is 0.1. Where are you after one "
    "step?",
    2.4,
    tolerance=0.001,
    hints={
        3.6: "That is one step uphill. The slope points up, so it is taken away: w - 0.1 * 2 w.",
        2.7: "You took w for the slope. The slope of w² is 2 w, which is 6 here.",
        -3.0: "You took the whole slope away. Multiply it by the learning rate first: 0.1 * 6.",
        0.6: "That is the length of the step. It still has to be taken away from 3.",
        2.1: "You took 9, the loss, for the slope. The step does not depend on how high you are, only on how steep.",
    },
    hint="Three numbers: the slope 2 * 3, the step 0.1 times that, and 3 minus the step.",
    notice="3 - 0.1 * 6 = 2.4. The next step is from 2.4, where the slope is only 4.8: steps shrink by themselves.",
)


def _some_lines(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, float, float, int]]:
    small = (np.array([1.0, 2.0]), np.array([2.0, 4.0]), 0.0, 0.1, 1)
    cases = [small, (*small[:4], 3)]
    for n, steps in ((3, 2), (5, 4)):
        x = rng.uniform(-2, 2, n).round(2)
        cases.append((x, (1.5 * x + rng.normal(0, 0.3, n)).round(2), -1.0, 0.05, steps))
    return cases


def _slope_slowly(x: np.ndarray, t: np.ndarray, w: float) -> float:
    total = 0.0
    for each, target in zip(x.tolist(), t.tolist(), strict=True):
        total += 2 * (w * each - target) * each
    return total / len(x)


def _descend_slowly(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    return (
        w if steps == 0 else _descend_slowly(x, t, w - learning_rate * _slope_slowly(x, t, w), learning_rate, steps - 1)
    )


def _descend_uphill(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    return _descend_slowly(x, t, w, -learning_rate, steps)


def _descend_by_the_sum(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    return _descend_slowly(x, t, w, learning_rate * len(x), steps)


def _descend_with_the_first_slope(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    return w - steps * learning_rate * _slope_slowly(x, t, w)


def _descend_once(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    return _descend_slowly(x, t, w, learning_rate, 1)


def _descend_once_too_often(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    return _descend_slowly(x, t, w, learning_rate, steps + 1)


def _descend_without_x(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    for _ in range(steps):
        w = w - learning_rate * float(np.mean(2 * (w * x - t)))
    return w


def _descend_without_the_two(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    return _descend_slowly(x, t, w, learning_rate / 2, steps)


def _descend_by_the_loss(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    for _ in range(steps):
        w = w - learning_rate * float(np.mean((w * x - t) ** 2))
    return w


def _descend_from_nowhere(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, steps: int) -> float:
    for _ in range(steps):
        w = learning_rate * _slope_slowly(x, t, w)
    return w


@exercise(
    lesson,
    reference=_descend_slowly,
    cases=_some_lines,
    mistakes=[
        Mistake(
            _descend_uphill, "You climb. The slope points uphill, so the step is taken away: w - learning_rate * slope."
        ),
        Mistake(_descend_by_the_sum, "The loss is a mean over the examples, and so is its slope: np.mean, not np.sum."),
        Mistake(
            _descend_with_the_first_slope,
            "You worked out the slope once, before the loop. It changes with every step: work it out inside.",
        ),
        Mistake(_descend_once, "You stop after the first step. The return stands after the loop, not inside it."),
        Mistake(_descend_once_too_often, "One step too many: range(steps) already gives steps rounds, from 0 on."),
        Mistake(
            _descend_without_x,
            "The chain rule has two factors: 2 (w x - t) by the answer, times x, by which w changes the answer.",
        ),
        Mistake(_descend_without_the_two, "The slope of a square (...)² is 2 (...). The 2 is missing."),
        Mistake(
            _descend_by_the_loss,
            "You took the loss itself, the mean of (w x - t)², for the slope. The slope is the mean of 2 (w x - t) x.",
        ),
        Mistake(
            lambda x, t, w, learning_rate, steps: _descend_slowly(x, t, w, 1.0, steps),
            "You took the whole slope away. Multiply it by learning_rate first.",
        ),
        Mistake(
            lambda x, t, w, learning_rate, steps: [
                _descend_slowly(x, t, w, learning_rate, taken) for taken in range(1, steps + 1)
            ],
            "You give every w on the way. Only the last one was asked for.",
        ),
        Mistake(
            _descend_from_nowhere,
            "Your w is the step alone. The new w is the old one, minus the step: w = w - ...",
        ),
        Mistake(
            lambda x, t, w, learning_rate, steps: _descend_slowly(x, t, w, learning_rate, steps - 1),
            "One step is missing: range(steps) gives steps rounds, range(1, steps) one less.",
        ),
    ],
    hints=[
        "A loop over range(steps). In it two lines: the slope at this w, and the step against it.",
        "slope = np.mean(2 * (w * x - t) * x)",
        "w = w - learning_rate * slope; and after the loop, return w.",
    ],
    notice="these lines train a network of any size, once w is its vector of weights and slope the gradient.",
)
def descend(x, t, w, learning_rate, steps):
    for _ in range(steps):
        slope = np.mean(2 * (w * x - t) * x)
        w = w - learning_rate * slope
    return w


def _some_epochs(rng: np.random.Generator) -> list[tuple[np.ndarray, np.ndarray, float, float, int]]:
    cases = [(np.array([1.0, 2.0, -1.0]), np.array([2.0, 3.0, -1.0]), 0.0, 0.1, 2)]
    for n, size in ((4, 2), (5, 2), (7, 3)):  # the last batch is short in three of the four cases
        x = rng.uniform(-2, 2, n).round(2)
        cases.append((x, (1.5 * x + rng.normal(0, 0.5, n)).round(2), -1.0, 0.1, size))
    return cases


def _epoch_slowly(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    left = list(zip(x.tolist(), t.tolist(), strict=True))
    while left:
        batch, left = left[:batch_size], left[batch_size:]
        w -= learning_rate * sum(2 * (w * each - target) * each for each, target in batch) / len(batch)
    return w


def _epoch_without_the_rest(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    whole = len(x) // batch_size * batch_size
    return _epoch_slowly(x[:whole], t[:whole], w, learning_rate, batch_size)


def _epoch_of_whole_batches(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    return _descend_slowly(x, t, w, learning_rate, -(-len(x) // batch_size))


def _epoch_of_first_batches(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    return _descend_slowly(x[:batch_size], t[:batch_size], w, learning_rate, -(-len(x) // batch_size))


def _epoch_of_single_examples(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    return _epoch_slowly(x, t, w, learning_rate, 1)


def _epoch_by_full_size(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    for start in range(0, len(x), batch_size):
        some, wanted = x[start : start + batch_size], t[start : start + batch_size]
        w = w - learning_rate * float(np.sum(2 * (w * some - wanted) * some)) / batch_size
    return w


def _epoch_of_overlapping_batches(
    x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int
) -> float:
    for start in range(len(x)):
        w = w - learning_rate * _slope_slowly(x[start : start + batch_size], t[start : start + batch_size], w)
    return w


def _epoch_with_the_first_w(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    starts = range(0, len(x), batch_size)
    slopes = [_slope_slowly(x[start : start + batch_size], t[start : start + batch_size], w) for start in starts]
    return w - learning_rate * sum(slopes)


def _epoch_by_the_sum(x: np.ndarray, t: np.ndarray, w: float, learning_rate: float, batch_size: int) -> float:
    for start in range(0, len(x), batch_size):
        some, wanted = x[start : start + batch_size], t[start : start + batch_size]
        w = w - learning_rate * float(np.sum(2 * (w * some - wanted) * some))
    return w


@exercise(
    lesson,
    reference=_epoch_slowly,
    cases=_some_epochs,
    mistakes=[
        Mistake(
            _epoch_without_the_rest,
            "The last batch is missing where it is shorter. range(0, len(x), batch_size) begins that one too.",
        ),
        Mistake(
            _epoch_of_whole_batches,
            "Each of your steps looks at all examples. A mini-batch is a part: x[start:start + batch_size].",
        ),
        Mistake(
            _epoch_of_first_batches,
            "You looked at the first batch again and again. The part has to begin at start, not at 0.",
        ),
        Mistake(
            _epoch_of_single_examples,
            "You took a step after every example. That is batch size 1; here a batch has batch_size of them.",
        ),
        Mistake(
            _epoch_by_full_size,
            "You divided every batch by batch_size, but the last one may be shorter. np.mean counts for itself.",
        ),
        Mistake(
            lambda x, t, w, learning_rate, batch_size: _epoch_slowly(x, t, w, -learning_rate, batch_size),
            "You climb. The step is taken away from w.",
        ),
        Mistake(
            lambda x, t, w, learning_rate, batch_size: _epoch_slowly(
                x[:batch_size], t[:batch_size], w, learning_rate, batch_size
            ),
            "You stop after the first batch. The return stands after the loop, not inside it.",
        ),
        Mistake(
            _epoch_of_overlapping_batches,
            "Your batches overlap: each begins one example after the last. The third number of "
            "range(0, len(x), batch_size) makes it go on by a whole batch.",
        ),
        Mistake(
            _epoch_with_the_first_w,
            "Every slope was worked out at the first w. Each batch has to start from where the last step led.",
        ),
        Mistake(
            _epoch_by_the_sum,
            "The slope of a batch is a mean over its examples: np.mean, not np.sum.",
        ),
    ],
    hints=[
        "range(0, len(x), batch_size) gives the places where the batches begin: 0, batch_size, 2 * batch_size, ...",
        "some, wanted = x[start:start + batch_size], t[start:start + batch_size] is one batch.",
        "In the loop: w = w - learning_rate * np.mean(2 * (w * some - wanted) * some). After it: return w.",
    ],
    notice="one epoch of batches took several steps for the price of one whole slope. That is why they are used.",
)
def epoch(x, t, w, learning_rate, batch_size):
    for start in range(0, len(x), batch_size):
        some, wanted = x[start : start + batch_size], t[start : start + batch_size]
        w = w - learning_rate * np.mean(2 * (w * some - wanted) * some)
    return w


def _some_slopes(rng: np.random.Generator) -> list[tuple[np.ndarray, float, float]]:
    small = [(np.array([1.0, 1.0]), 0.1, 0.9), (np.array([2.0, 0.0, 0.0]), 0.5, 0.5)]
    return [*small, *((rng.normal(0, 1, n).round(2), 0.2, 0.8) for n in (4, 6))]


def _rolling_slowly(slopes: np.ndarray, learning_rate: float, momentum: float) -> list[float]:
    """Each step holds every slope so far, an older one the more times multiplied by the momentum."""
    return [
        sum(-learning_rate * slope * momentum ** (now - then) for then, slope in enumerate(slopes[: now + 1].tolist()))
        for now in range(len(slopes))
    ]


def _rolling_forgetful(slopes: np.ndarray, learning_rate: float, momentum: float) -> np.ndarray:
    return -learning_rate * slopes


def _rolling_up(slopes: np.ndarray, learning_rate: float, momentum: float) -> np.ndarray:
    return -np.array(_rolling_slowly(slopes, learning_rate, momentum))


def _rolling_alternating(slopes: np.ndarray, learning_rate: float, momentum: float) -> np.ndarray:
    return np.array(_rolling_slowly(slopes, learning_rate, -momentum))


def _rolling_on_the_whole(slopes: np.ndarray, learning_rate: float, momentum: float) -> np.ndarray:
    step, taken = 0.0, []
    for slope in slopes.tolist():
        step = momentum * (step - learning_rate * slope)
        taken.append(step)
    return np.array(taken)


def _rolling_as_a_mean(slopes: np.ndarray, learning_rate: float, momentum: float) -> np.ndarray:
    return (1 - momentum) * np.array(_rolling_slowly(slopes, learning_rate, momentum))


def _rolling_places(slopes: np.ndarray, learning_rate: float, momentum: float) -> np.ndarray:
    return np.cumsum(_rolling_slowly(slopes, learning_rate, momentum))


@exercise(
    lesson,
    reference=_rolling_slowly,
    cases=_some_slopes,
    mistakes=[
        Mistake(_rolling_forgetful, "These are plain steps. Add momentum times the step before."),
        Mistake(_rolling_up, "All signs are the other way round: minus learning_rate * slope goes downhill."),
        Mistake(_rolling_alternating, "The old step is added, not taken away: momentum keeps the direction."),
        Mistake(_rolling_on_the_whole, "Only the old step is multiplied by the momentum, not the new slope as well."),
        Mistake(
            _rolling_as_a_mean,
            "You multiplied the slope by 1 - momentum too. Some books do; here, as in Keras, it counts in full.",
        ),
        Mistake(_rolling_places, "You added the steps up: those are places. The steps themselves were asked for."),
        Mistake(
            lambda slopes, learning_rate, momentum: _rolling_slowly(slopes, learning_rate, momentum)[-1],
            "That is the last step alone. Collect them all: taken.append(step), inside the loop.",
        ),
        Mistake(
            lambda slopes, learning_rate, momentum: [0.0, *_rolling_slowly(slopes, learning_rate, momentum)],
            "One step too many: there is one for each slope, and the 0 before the first is not a step.",
        ),
        Mistake(
            lambda slopes, learning_rate, momentum: [0.0, *_rolling_slowly(slopes, learning_rate, momentum)[:-1]],
            "Each of your steps is the one before: make the new step first, and then append it.",
        ),
        Mistake(
            lambda slopes, learning_rate, momentum: _rolling_slowly(slopes, 1.0, momentum),
            "The slope has to be multiplied by learning_rate.",
        ),
    ],
    hints=[
        "Keep the last step in a variable that begins at 0, and make the new step from it.",
        "step = momentum * step - learning_rate * slope",
        "In a loop over slopes: make the step, and taken.append(step). After it: return np.array(taken).",
    ],
    notice="while the slope stays the same the steps grow, up to 1 / (1 - momentum) times: ten times at 0.9.",
)
def rolling(slopes, learning_rate, momentum):
    step, taken = 0.0, []
    for slope in slopes:
        step = momentum * step - learning_rate * slope
        taken.append(step)
    return np.array(taken)


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "The loss is L = 4 w². Which learning rate makes plain descent swing for ever between two places?",
            [
                Option("0.25", "The slope is 8 w, so a step gives (1 - 0.25 * 8) w = -w: there and back.", True),
                Option("0.125", "That gives (1 - 0.125 * 8) w = 0: the lowest place in one single step."),
                Option("1", "That gives (1 - 8) w = -7 w: it flies away."),
            ],
        ),
        Question(
            "1,000 examples, batch size 50. How many steps does one epoch take?",
            [
                Option("1", "One step for all examples together is batch descent: batch size 1,000."),
                Option("20", "1,000 / 50 batches, and a step after each.", True),
                Option("50", "50 is the number of examples in a batch. The batches are counted here."),
                Option("1,000", "A step after every example is stochastic descent: batch size 1."),
            ],
        ),
        Question(
            "Why can a noisy slope be better than the true one?",
            [
                Option("It is always closer to the lowest place", "It is further away from the true slope, by chance."),
                Option(
                    "It can push the ball off a saddle, where the true slope is 0",
                    "At a saddle the true slope says: stay. A small error is enough to find the way down.",
                    True,
                ),
                Option("It makes the loss fall in every step", "With noise single steps may go up."),
            ],
        ),
        Question(
            "The loss has stood still for ten epochs. What do you know?",
            [
                Option("The lowest loss was found", "It may be: descent sees only the slope where it stands."),
                Option(
                    "That the slope is small here, or the steps are",
                    "A minimum, a saddle, a plateau, a learning rate too small: all of them look like this.",
                    True,
                ),
                Option("That the network is too small", "Possible, but a standing loss alone does not say it."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on loss: which loss grows without limit for one answer that is certain and wrong?",
            [
                Option("Mean squared error", "The largest error between 0 and 1 is 1, and its square is 1 too."),
                Option("Cross-entropy", "-log of a probability near 0 has no limit.", True),
                Option("Mean absolute error", "Between 0 and 1 it is never more than 1."),
            ],
        ),
        Question(
            "From the lesson on the perceptron: when does its rule change the weights?",
            [
                Option("After every example", "Where it is right, its error is 0, and nothing changes."),
                Option("After every mistake", "error = target - output is 0 otherwise.", True),
                Option("Once an epoch", "It corrects itself at once, example by example."),
            ],
        ),
    ],
)
