"""Exercises of lesson 13: one recurrent step, a node that counts, and a gradient that walks back through time."""

from typing import Any

import numpy as np

from .base import Mistake, exercise
from .progress import Lesson
from .quiz import NumberBox, Option, Predict, Question, Quiz, Seen

lesson = Lesson("13_recurrent_networks", "Recurrent networks")

QUIET = ["view", "seed", "pace"]  # controls of RecurrentLab that the lesson does without

_NINE_TENTHS, _FOUR_TENTHS, _HUNDREDTHS = range(3)
_LEFT = (0.9, 0.4, 0.01)


def _look_at_what_is_left(lab: Any) -> Seen | None:
    """What a pulse at the first step has left at the last, with a feedback strength of 0.9."""
    state = lab.state
    pulse = [1.0, *[0.0] * (len(state.inputs) - 1)]
    if abs(state.feedback - 0.9) > 0.001 or state.activation != "linear" or state.inputs.tolist() != pulse:
        return None
    if state.at < len(pulse):
        return None
    states = lab.model.predict(state.inputs.reshape(1, -1, 1)).ravel()
    came_true = int(np.argmin([abs(states[-1] - left) for left in _LEFT]))
    return came_true, f"Nine steps after the pulse the state is {states[-1]:.3f}."


fading = Predict(
    lesson,
    "fading",
    "A loop hears 1, and then nothing any more. With a feedback strength of 0.5 a state of 0.002 is left nine steps "
    "later. How much is left with 0.9?",
    ["About 0.9", "About 0.4", "About 0.01"],
    observe=_look_at_what_is_left,
    usual=_FOUR_TENTHS,
    first="Set the feedback strength to 0.9, with one pulse and the linear activation, and let all ten steps come.",
    because="Each step multiplies by the feedback strength, so nine steps multiply by 0.9 to the power of 9. A "
    "strength a little below 1 makes a much longer memory.",
)

_SMALL, _LARGE, _NOTHING = range(3)


def _look_at_the_first_step(lab: Any) -> Seen | None:
    """What became of the gradient at the first step, after the network has learned to count."""
    from ..labs.recurrent import Reading

    state = lab.state
    updates = len(state.losses)
    if updates < 300 or state.task != "count" or state.chosen < len(state.inputs) - 1:
        return None
    through = Reading(state).through
    first, own = float(through[0]), float(through[-1])
    came_true = _LARGE if first > own / 4 else _SMALL if first > 0 else _NOTHING
    return came_true, f"After {updates} updates it is {first:.2f} at step 1 and {own:.2f} at step 10."


far_back = Predict(
    lesson,
    "far_back",
    "Before it has learned, the answer at step 10 hardly depends on step 1: the gradient is 0.0004 there, and 0.73 at "
    "step 10. Now the network learns to count. What becomes of the gradient at step 1?",
    [
        "It stays small: nothing is learned from the first steps",
        "It becomes about as large as at step 10, or larger",
        "It becomes exactly 0, because in the end there is no error left",
    ],
    observe=_look_at_the_first_step,
    usual=_LARGE,
    first="Press Play, wait for 300 updates or more, and have step 10 chosen.",
    because="For counting, a 1 at the first step has to matter as much as a 1 at the last. Short stretches of the "
    "sequence teach the loops to keep their state, and then the gradient of long ones gets through as well.",
)

by_hand = NumberBox(
    lesson,
    "by_hand",
    "One linear node has the input strength 2, the feedback strength 0.5 and the bias 1. It hears 1 and then 0. "
    "What is its state after the second step?",
    2.5,
    tolerance=0.01,
    hints={
        3.0: "That is the state after the first step: 2 * 1 + 0.5 * 0 + 1. One more step.",
        1.0: "The last state is missing: 2 * 0 + 0.5 * (last state) + 1.",
        1.5: "The bias is added at every step, in the second one too.",
        4.5: "The second input is 0, not 1.",
        4.0: "The last state comes back times 0.5, the feedback strength.",
    },
    hint="First step: 2 * 1 + 0.5 * 0 + 1. Second step: 2 * 0 + 0.5 * (what came out) + 1.",
    notice="half of the 3 is still there, and the bias was added again.",
)


def _some_steps(rng: np.random.Generator) -> list[tuple[Any, ...]]:
    cases: list[tuple[Any, ...]] = [
        (np.array([1.0]), np.array([0.5]), np.array([[0.5]]), np.array([[-1.0]]), np.array([0.25]))
    ]
    for features, units in ((1, 2), (2, 2), (2, 3)):
        shapes = ((features,), (units,), (features, units), (units, units), (units,))
        cases.append(tuple(rng.normal(size=shape).round(1) for shape in shapes))
    return cases


def _step_slowly(x: Any, state: Any, kernel: Any, recurrent_kernel: Any, bias: Any) -> np.ndarray:
    new = np.zeros(len(bias))
    for unit in range(len(bias)):
        z = float(bias[unit])
        for feature in range(len(x)):
            z += float(x[feature]) * float(kernel[feature, unit])
        for other in range(len(state)):
            z += float(state[other]) * float(recurrent_kernel[other, unit])
        new[unit] = np.tanh(z)
    return new


@exercise(
    lesson,
    reference=_step_slowly,
    cases=_some_steps,
    mistakes=[
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: x @ kernel + state @ recurrent_kernel + bias,
            "That is the weighted sum. np.tanh makes the new state of it.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(x @ kernel + bias),
            "It does not hear itself yet: state @ recurrent_kernel is missing in the sum.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(x @ kernel + state + bias),
            "The last state comes back through its strengths: state @ recurrent_kernel.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(x @ kernel + state @ recurrent_kernel),
            "The bias is missing in the sum.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(x @ kernel + recurrent_kernel @ state + bias),
            "What goes to unit j stands in column j, so the state comes first: state @ recurrent_kernel.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(kernel @ x + recurrent_kernel @ state + bias),
            "What comes in stands before its table, as in lesson 06: x @ kernel and state @ recurrent_kernel.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(x @ recurrent_kernel + state @ kernel + bias),
            "The two tables are exchanged: x goes through kernel, the last state through recurrent_kernel.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(x @ kernel + bias) + state @ recurrent_kernel,
            "The last state belongs inside: np.tanh of the whole sum.",
        ),
        Mistake(
            lambda x, state, kernel, recurrent_kernel, bias: np.tanh(x @ kernel + state * recurrent_kernel + bias),
            "* multiplies place by place. Each unit hears the states of all: state @ recurrent_kernel.",
        ),
    ],
    hints=[
        "It is the forward pass of lesson 06 with one product more.",
        "The sum has three parts: x @ kernel, state @ recurrent_kernel, and the bias.",
        "return np.tanh(x @ kernel + state @ recurrent_kernel + bias)",
    ],
    notice="this line is all of SimpleRNN. Reading a sequence is the same line for each step, with the state of the "
    "step before.",
)
def recurrent_step(x, state, kernel, recurrent_kernel, bias):
    return np.tanh(x @ kernel + state @ recurrent_kernel + bias)


def _some_ones(rng: np.random.Generator) -> list[tuple[np.ndarray]]:
    cases = [(np.array(ones, dtype=float),) for ones in ([1, 0, 1], [0, 0, 1, 1], [1, 1, 1, 0, 1])]
    return [*cases, ((rng.random(8) < 0.5).astype(float),)]


def _count_slowly(x: np.ndarray) -> np.ndarray:
    return np.array([float(sum(x[: t + 1])) for t in range(len(x))])


def _counting_with(strength: float, feedback: float, bias: float) -> Any:
    """The solution's loop with other numbers."""

    def read(x: np.ndarray) -> list[float]:
        state, counts = 0.0, []
        for number in x:
            state = strength * float(number) + feedback * state + bias
            counts.append(state)
        return counts

    return read


@exercise(
    lesson,
    reference=_count_slowly,
    cases=_some_ones,
    mistakes=[
        Mistake(_counting_with(1, 0, 0), "It says what it hears and remembers nothing: the feedback strength is 0."),
        Mistake(_counting_with(1, 0.5, 0), "It forgets half of its count at each step. What strength keeps all of it?"),
        Mistake(_counting_with(1, 0.9, 0), "It forgets a tenth of its count each time. What strength keeps all of it?"),
        Mistake(_counting_with(1, 2, 0), "It doubles its count at each step. What strength leaves it as it is?"),
        Mistake(_counting_with(1, 1.5, 0), "Its count grows by half at each step. What strength leaves it as it is?"),
        Mistake(_counting_with(1, -1, 0), "It changes the sign of its count each time. The feedback strength is +1."),
        Mistake(_counting_with(0, 1, 1), "It counts the steps and does not listen. Input strength 1, bias 0."),
        Mistake(_counting_with(1, 1, 1), "The bias is added at every step, so it counts steps as well. Make it 0."),
        Mistake(_counting_with(0.5, 1, 0), "Each one counts half. The input strength is what a 1 adds to the count."),
        Mistake(_counting_with(2, 1, 0), "Each one counts twice. The input strength is what a 1 adds to the count."),
        Mistake(_counting_with(1, 1, -1), "The bias takes one away at every step, heard or not. Make it 0."),
        Mistake(_counting_with(-1, 1, 0), "It counts downwards: the sign of the input strength."),
        Mistake(_counting_with(0, 1, 0), "It keeps what it has, but never hears anything: the input strength is 0."),
        Mistake(_counting_with(1, 0, 1), "It says what it hears plus 1. Give it feedback, and no bias."),
    ],
    hints=[
        "A count is the last count plus what comes in now.",
        "Compare that with strength * input + feedback * last state + bias.",
        "strength, feedback, bias = 1, 1, 0",
    ],
    notice="a feedback strength of exactly 1 keeps a number for as long as you like. Training looks for the same "
    "numbers in the lab, with one linear unit.",
)
def counter(x):
    strength, feedback, bias = 1, 1, 0
    state, counts = 0, []
    for number in x:
        state = strength * number + feedback * state + bias
        counts.append(state)
    return counts


def _some_states(rng: np.random.Generator) -> list[tuple[float, np.ndarray]]:
    cases = [(0.5, np.array([0.0, 0.5])), (2.0, np.array([0.5, 0.0, 0.8]))]
    return [*cases, (-0.9, rng.uniform(-0.9, 0.9, 4).round(1)), (1.5, rng.uniform(-0.9, 0.9, 6).round(1))]


def _through_slowly(feedback: float, y: np.ndarray) -> np.ndarray:
    dz = []
    for t in range(len(y)):
        product = 1.0 - float(y[t]) ** 2
        for later in range(t + 1, len(y)):
            product *= feedback * (1.0 - float(y[later]) ** 2)
        dz.append(product)
    return np.array(dz)


def _backwards(feedback: float, y: np.ndarray, slope: Any, passed: Any) -> np.ndarray:
    """The solution's loop with another slope, or with another thing passed on."""
    dz, blame = np.zeros(len(y)), 1.0
    for t in reversed(range(len(y))):
        dz[t] = blame * slope(y[t])
        blame = passed(dz[t], blame, feedback)
    return dz


def _slope(y: float) -> float:
    return 1 - y**2


@exercise(
    lesson,
    reference=_through_slowly,
    cases=_some_states,
    mistakes=[
        Mistake(
            lambda feedback, y: _backwards(feedback, y, lambda y: 1.0, lambda dz, blame, u: dz * u),
            "The slope of tanh is missing: dz[t] is blame times 1 - y[t]**2.",
        ),
        Mistake(
            lambda feedback, y: _backwards(feedback, y, _slope, lambda dz, blame, u: dz),
            "What goes back to the step before goes through the loop: times feedback.",
        ),
        Mistake(
            lambda feedback, y: _backwards(feedback, y, _slope, lambda dz, blame, u: blame * u),
            "The slopes of later steps are lost on the way: pass on dz[t] * feedback, not blame * feedback.",
        ),
        Mistake(
            lambda feedback, y: _backwards(feedback, y, _slope, lambda dz, blame, u: blame),
            "The blame is passed on as it came. It goes through the slope and through the loop: dz[t] * feedback.",
        ),
        Mistake(
            lambda feedback, y: _backwards(feedback, y, _slope, lambda dz, blame, u: u),
            "The blame of all later steps is lost: pass on dz[t] * feedback.",
        ),
        Mistake(
            lambda feedback, y: _backwards(feedback, y, lambda y: 1 - y, lambda dz, blame, u: dz * u),
            "The slope of tanh is 1 - y**2, with the square.",
        ),
        Mistake(
            lambda feedback, y: _backwards(feedback, y, lambda y: y * (1 - y), lambda dz, blame, u: dz * u),
            "y * (1 - y) is the slope of the sigmoid. That of tanh is 1 - y**2.",
        ),
        Mistake(
            lambda feedback, y: _backwards(feedback, y, lambda y: 1 - np.tanh(y) ** 2, lambda dz, blame, u: dz * u),
            "y has been through tanh already: 1 - y[t]**2.",
        ),
        Mistake(
            lambda feedback, y: feedback * _through_slowly(feedback, y),
            "One feedback too many: the last step itself hears nothing through the loop. dz[t] = blame * slope first.",
        ),
        Mistake(
            lambda feedback, y: _through_slowly(feedback, y[::-1]),
            "You walk forwards. The blame starts at the last step: for t in reversed(range(len(y))).",
        ),
    ],
    hints=[
        "At each step two things happen: the blame goes through the slope of tanh, then through the loop.",
        "dz[t] is the blame times the slope, 1 - y[t]**2.",
        "dz[t] = blame * (1 - y[t] ** 2), and then blame = dz[t] * feedback",
    ],
    notice="each step back multiplies by feedback times slope. Below 1 in size that vanishes, above 1 it explodes; and "
    "the slope of tanh is never above 1.",
)
def through_time(feedback, y):
    dz, blame = np.zeros(len(y)), 1.0
    for t in reversed(range(len(y))):
        dz[t] = blame * (1 - y[t] ** 2)
        blame = dz[t] * feedback
    return dz


quiz = Quiz(
    lesson,
    "quiz",
    [
        Question(
            "A SimpleRNN reads 10 steps, and then 1,000. How many more weights does it need?",
            [
                Option("None", "All steps share the same strengths: unrolled it is longer, not larger.", True),
                Option("100 times as many", "Only the picture becomes longer. It is one loop."),
                Option("990 more", "Steps have no weights of their own."),
            ],
        ),
        Question(
            "The feedback strength is 0.5. Why is hardly anything learned from what happened 20 steps ago?",
            [
                Option(
                    "The gradient was halved 20 times on its way back",
                    "That leaves a millionth of it, and every slope below 1 makes it smaller still.",
                    True,
                ),
                Option(
                    "Backpropagation through time ends after some steps",
                    "It goes to the first step. What arrives there is tiny.",
                ),
                Option("The first inputs were deleted", "They are kept. It is their gradient that fades."),
            ],
        ),
        Question(
            "Which of these is an architecture, a way to build a network?",
            [
                Option("Feed-back: answers come back as inputs", "Signals run in a loop, forwards in time.", True),
                Option(
                    "Backpropagation: errors are shared out from the end to the front",
                    "That is how gradients are computed, in networks with loops or without.",
                ),
                Option("Both are the same", "The one is built, the other is computed; they only sound alike."),
            ],
        ),
        Question(
            "A loop with tanh has a feedback strength of 1.5. What does its state do after a pulse?",
            [
                Option(
                    "It grows and then stays below 1",
                    "tanh holds it, and far out its slope is small: a gradient can vanish there all the same.",
                    True,
                ),
                Option("It explodes", "A linear or ReLU loop would. tanh never says more than 1."),
                Option("It fades to 0", "It would with a strength below 1."),
            ],
        ),
    ],
)

recall = Quiz(
    lesson,
    "recall",
    [
        Question(
            "From the lesson on backpropagation: what becomes of a delta at a node that is saturated?",
            [
                Option("Nearly nothing of it is passed on", "Its slope is nearly 0; in a loop, again and again.", True),
                Option("It is passed on unchanged", "Only a linear node does that."),
                Option("It grows", "The slope of sigmoid or tanh is never above 1."),
            ],
        ),
        Question(
            "From the lesson on many classes: nine of ten answers are right. What may that number hide?",
            [
                Option("That one answer in ten is wrong", "It says so itself: nine are right, so one is wrong."),
                Option(
                    "A rare class of which nothing is found",
                    "Accuracy is a mean over all examples; the rare ones hardly count in it.",
                    True,
                ),
                Option("That the loss is 0", "Where answers are wrong, the loss is above 0."),
            ],
        ),
    ],
)
