"""An exercise: a blank to fill, and someone who looks at what you wrote.

``check`` calls your function on several small cases, compares it with a slow and obvious one, and says one of four
things: not tried yet; your code raised an error; not yet, because ...; right. It knows some wrong answers by what
they do, and has a hint for each. ``hint`` gives one hint more each time. ``solution`` shows the code of one answer.
"""

import ast
import copy
import dis
import html
import inspect
import linecache
import re
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import Any

import numpy as np

from ..words import say
from .progress import Lesson

Case = tuple[Any, ...]  # the arguments of one call
Answer = Callable[..., Any]

BLANK = "____"

# The four things a check can say: a sign, the words, and a colour that is never the only difference.
NOT_TRIED = "not tried yet"
RAISED = "your code raised an error"
NOT_YET = "not yet"
RIGHT = "right"
_SIGNS = {NOT_TRIED: "\u25cb", RAISED: "!", NOT_YET: "\u25d0", RIGHT: "\u2713"}
_COLOURS = {NOT_TRIED: "#888888", RAISED: "#b04ab0", NOT_YET: "#d9822b", RIGHT: "#2878b5"}

STEP_LIMIT = 1_000_000  # of Python's own small steps, a few to each line; about a second


@dataclass(frozen=True)
class Mistake:
    """A wrong answer worth recognising: a function that makes it, and the hint for who wrote the same."""

    answer: Answer
    hint: str


@dataclass(frozen=True)
class Outcome:
    """What a check says: one of the four, why, and a hint if there is one."""

    kind: str
    reason: str
    hint: str = ""

    def __repr__(self) -> str:
        lines = [f"{_SIGNS[self.kind]} {say(self.kind)}{_joint(self.kind)}{say(self.reason)}"]
        return "\n".join([*lines, f"{say('Hint:')} {say(self.hint)}"] if self.hint else lines)

    def _repr_html_(self) -> str:
        first, _, numbers = say(self.reason).partition("\n")
        head = (
            f'<span aria-hidden="true">{_SIGNS[self.kind]}</span> <strong>{say(self.kind)}</strong>'
            f"{_joint(self.kind)}{html.escape(first)}"
        )
        body = f'<pre style="margin:4px 0">{html.escape(numbers)}</pre>' if numbers else ""
        hint = f"<div>{say('Hint:')} {html.escape(say(self.hint))}</div>" if self.hint else ""
        edge = "double" if self.kind == RIGHT else "dashed" if self.kind == NOT_TRIED else "solid"
        style = f"border-left:6px {edge} {_COLOURS[self.kind]};padding:4px 12px;line-height:1.5"
        return f'<div role="status" style="{style}"><div>{head}</div>{body}{hint}</div>'


def _joint(kind: str) -> str:
    """What stands between the first words of an outcome and its reason."""
    return {NOT_YET: f", {say('because')} ", RIGHT: f" - {say('and notice that')} "}.get(kind, ": ")


@dataclass(frozen=True)
class Text:
    """A few words, or a few lines of code, that a notebook shows as they are."""

    words: str
    code: bool = False

    def __repr__(self) -> str:
        return self.words

    def _repr_html_(self) -> str:
        return f"<pre>{html.escape(self.words)}</pre>" if self.code else f"<p>{html.escape(self.words)}</p>"


class Exercise:
    """One exercise of a lesson. Made by the decorator :func:`exercise` from its solution.

    ``reference`` says slowly and obviously what is right; ``cases`` makes the arguments to try; ``mistakes`` are the
    wrong answers that are recognised; ``hints`` are given one after another; ``notice`` ends the praise.

    Where the answer is not to be compared itself but what can be done with it, ``run(answer, *case)`` does that: for
    weights that make a NAND, ``run=lambda answer, x: Neuron(*answer())(x)``.
    """

    def __init__(
        self,
        lesson: Lesson,
        answer: Answer,
        *,
        reference: Answer,
        cases: Callable[[np.random.Generator], Sequence[Case]],
        mistakes: Sequence[Mistake],
        hints: Sequence[str],
        notice: str,
        tolerance: float = 1e-6,
        run: Callable[..., Any] | None = None,
    ) -> None:
        self.lesson = lesson
        self.name = answer.__name__
        self.answer = answer
        self.reference = reference
        self.make_cases = cases
        self.mistakes = tuple(mistakes)
        self.hints = tuple(hints)
        self.notice = notice
        self.tolerance = tolerance
        self.run = run
        self._hints_given = 0
        lesson.add(self.name, "exercise")

    def __repr__(self) -> str:
        return f"Exercise {self.name}: use .check(your function), .hint() or .solution()."

    def cases(self, seed: int = 0) -> list[Case]:
        """The arguments of every try, the smallest first; the same each time. Another seed gives other cases."""
        return sorted(self.make_cases(np.random.default_rng(seed)), key=_size)

    def check(self, answer: Any) -> Outcome:
        """Try ``answer`` on every case and say how it did. Never raises."""
        outcome = self.judge(answer)
        if outcome.kind == NOT_TRIED:
            return outcome
        trouble = self.lesson.record(self.name, outcome.kind == RIGHT)
        return Outcome(outcome.kind, f"{outcome.reason}\n{trouble}", outcome.hint) if trouble else outcome

    def hint(self) -> Text:
        """The next hint; after the last one, the last again."""
        given = min(self._hints_given, len(self.hints) - 1)
        self._hints_given += 1
        more = "Run this again for the next one." if given + 1 < len(self.hints) else "That was the last one."
        head = say(f"Hint {given + 1} of {len(self.hints)}:")
        return Text(f"{head} {say(self.hints[given])} {say(more)}")

    def solution(self) -> Text:
        """The code of one right answer. Yours may look different and be right as well."""
        return Text(source(self.answer), code=True)

    def judge(self, answer: Any, seed: int = 0) -> Outcome:
        """What ``check`` says, without a note in the progress file; with another ``seed`` on other cases."""
        if answer is None or answer is ...:
            return Outcome(NOT_TRIED, f"fill the blanks in {self.name}, run its cell, then run the check.")
        if not callable(answer):
            return Outcome(
                NOT_YET, f"{_show(answer)} is not a function. Pass {self.name} itself, without brackets after it."
            )
        cases = self.cases(seed)
        return self.verdict(cases, self.attempt(answer, cases), answer)

    def attempt(self, answer: Answer, cases: Sequence[Case]) -> "list[Result]":
        """What each call gave, up to one that had to be stopped; where a blank is left, one Result that says so."""
        results = []
        for case in cases:
            results.append(_call(answer, case, self.run))
            if results[-1].kind in _STOPPED:
                return results
        return [Result(blank=True)] if _is_blank(answer, results) else results

    def verdict(self, cases: Sequence[Case], results: "Sequence[Result]", answer: Answer) -> Outcome:
        """What to say about an attempt; ``answer`` is only looked at for the names of its arguments."""
        last = results[-1]
        if last.kind in _STOPPED:
            call = _show_call(answer, self.name, cases[len(results) - 1])
            return Outcome(NOT_YET, f"{_STOPPED[last.kind]}\nCalled:   {call}")
        if last.blank:
            return Outcome(NOT_TRIED, f"there is still a blank in {self.name}. Replace it with your own code.")
        expected = self.expected(cases)
        tries = [
            (case, yours, wanted)
            for case, yours, wanted in zip(cases, results, expected, strict=True)
            if not _same(yours, wanted, self.tolerance)
        ]
        places = [] if self.run else [result.changed for result in results if result.changed is not None]
        name = (_argument_names(answer, cases[0])[places[0]] or f"argument {places[0] + 1}") if places else ""
        if not tries:
            if not name:
                return Outcome(RIGHT, self.notice)
            return Outcome(NOT_YET, f"the answers are right, but on the way your function changes {name}.", _OF_OTHERS)
        hint = self._recognise(cases, results, expected)
        for case, yours, _ in tries:
            if yours.error:
                return Outcome(RAISED, f"{yours.error}\nCalled: {_show_call(answer, self.name, case)}", hint)
        case, yours, wanted = tries[0]
        call = _show_call(answer, self.name, case)
        if name and not hint:
            hint = f"On the way your function changes {name}. {_OF_OTHERS}"
        return Outcome(NOT_YET, f"{_difference(yours.value, wanted.value, self.tolerance)}\nCalled:   {call}", hint)

    def expected(self, cases: Sequence[Case]) -> "list[Result]":
        """What is right for each case."""
        return [_call(self.reference, case) for case in cases]

    def mistaken(self, cases: Sequence[Case]) -> "Iterator[tuple[list[Result], str]]":
        """What each known mistake gives for each case, with its hint."""
        for mistake in self.mistakes:
            yield [_call(mistake.answer, case, self.run) for case in cases], mistake.hint

    def _recognise(self, cases: Sequence[Case], results: "Sequence[Result]", expected: "Sequence[Result]") -> str:
        """The hint of the first mistake, of this exercise or of any, that does what this answer does on every case."""
        for theirs, hint in self.mistaken(cases):
            if all(_same(yours, wrong, self.tolerance) for yours, wrong in zip(results, theirs, strict=True)):
                return hint
        right = [_as_array(result.value) for result in expected]
        for slip, hint in _EVERYWHERE:
            if all(
                values is not None and values.dtype.kind in "if" and _same(yours, Result(slip(values)), self.tolerance)
                for yours, values in zip(results, right, strict=True)
            ):
                return hint
        return ""


def exercise(lesson: Lesson, **parts: Any) -> Callable[[Answer], Exercise]:
    """Turn the function below it, which is the solution, into an :class:`Exercise` of ``lesson``."""
    return lambda answer: Exercise(lesson, answer, **parts)


def source(function: Answer) -> str:
    """The code of a function without its decorators."""
    text = textwrap.dedent(inspect.getsource(function))
    first = ast.parse(text).body[0]
    return "\n".join(text.splitlines()[first.lineno - 1 :])


# ---------------------------------------------------------------------------------------------------------------------
# Calling what a learner wrote


@dataclass(frozen=True)
class Result:
    """What one call gave: a value, or an error in words (``kind`` is its type), or the news that a blank is left.

    ``changed`` is the place of the first array or list among the arguments that is not what it was before the call.
    """

    value: Any = None
    error: str = ""
    kind: str = ""
    blank: bool = False
    changed: int | None = None


class StillRunning(BaseException):
    """Raised inside a function that has run too long; no ``except Exception`` of its own can catch it."""


def _call(function: Answer, case: Case, run: Callable[..., Any] | None = None) -> Result:
    """Call, or run, with copies of the arguments. Whatever happens, also Ctrl-C, comes back as a Result."""
    arguments = copy.deepcopy(case)
    try:
        with _step_limit(function), np.errstate(all="ignore"):
            value = run(function, *arguments) if run else function(*arguments)
    except BaseException as error:  # SystemExit and Ctrl-C as well: a check never raises
        return Result(kind=type(error).__name__, error=_explain(error, function), blank=_is_error_of_blank(error))
    return Result(value, blank=value is ..., changed=_changed(case, arguments))


def _changed(before: Case, after: Case) -> int | None:
    """The place of the first array or list that is no longer what it was, or None."""
    for place, (old, new) in enumerate(zip(before, after, strict=True)):
        if isinstance(old, np.ndarray | list) and not _equal(old, new):
            return place
    return None


def _equal(old: Any, new: Any) -> bool:
    """Are two arguments the same, number by number? One nan is as good as another."""
    try:
        if isinstance(old, np.ndarray):
            return np.array_equal(old, new, equal_nan=old.dtype.kind == "f")
        if isinstance(old, list | tuple):
            return len(old) == len(new) and all(map(_equal, old, new))
        return bool(old is new or old == new)
    except Exception:  # the learner may have put anything in its place
        return False


_LOST = "Your numbers have lost what stands behind the point. Give them back as they are, without rounding."
_EVERYWHERE: tuple[tuple[Callable[[np.ndarray], Any], str], ...] = (  # what may go wrong with any number
    (np.negative, "Each number has the right size and the wrong sign. Is there a minus too many, or one too few?"),
    (np.trunc, _LOST),
    (np.round, _LOST),
)
_OF_OTHERS = (
    "The array or list belongs to whoever calls your function, who may still need its old numbers. Work on a copy: "
    "a += b changes a itself, and so does a[0] = b; a = a + b makes a new array, and a = a.copy() makes a copy."
)
_STOPPED = {
    "StillRunning": "it was still running after a million steps, so it was stopped. Is there a loop whose condition "
    "never becomes false?",
    "KeyboardInterrupt": "it was stopped before it had finished.",
}


@contextmanager
def _step_limit(function: Answer) -> Iterator[None]:
    """Stop code that runs for more than STEP_LIMIT steps.

    Python itself counts: ``sys.settrace`` is asked to report each step of functions that live where ``function``
    lives (the notebook), and no others, so numpy runs at full speed. No thread and no signal is needed, so it works
    in a browser as well. It cannot stop one single long call, nor a loop with a bare ``except:`` around it; there the
    notebook's stop button is left. Where a debugger is already watching, it keeps out of its way.
    """
    if sys.gettrace() is not None:
        yield
        return
    home = _home(function)
    left = STEP_LIMIT

    def watch(frame: FrameType, event: str, argument: Any) -> Any:
        nonlocal left
        if frame.f_globals is not home:
            return None
        frame.f_trace_opcodes = True  # "while True: pass" is one line that never ends: only its steps can be counted
        if event == "opcode":
            left -= 1
            if left < 0:
                raise StillRunning
        return watch

    sys.settrace(watch)
    try:
        yield
    finally:
        sys.settrace(None)


def _home(function: Answer) -> dict[str, Any] | None:
    """The names of the notebook or module that ``function`` was written in."""
    return getattr(inspect.unwrap(function), "__globals__", None)


def _is_error_of_blank(error: BaseException) -> bool:
    """Is this the error of a blank that was not filled: of ``____``, of ``...``, or of NotImplementedError?"""
    if isinstance(error, NameError):
        return error.name == BLANK
    if isinstance(error, TypeError | ValueError):
        return "ellipsis" in str(error)
    return type(error) is NotImplementedError  # a notebook that nobody sits at raises a kind of it for input()


def _is_blank(function: Answer, results: Sequence[Result]) -> bool:
    """Is a blank left, or has the function no line of its own yet (only ``pass``, ``...`` or a text)?"""
    if any(result.blank for result in results):
        return True
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return False
    steps = list(dis.get_instructions(code))
    empty = all(step.opname in _EMPTY_STEPS and step.argval is None for step in steps if step.opname not in _NO_STEPS)
    return BLANK in code.co_names or empty


_NO_STEPS = {"RESUME", "NOP", "RETURN_VALUE"}
_EMPTY_STEPS = {"LOAD_CONST", "RETURN_CONST"}  # with None: of a function that only gives nothing back


_AT_SIGN = re.compile(r"^matmul: .*\(size (\d+) is different from (\d+)\)$")  # as numpy says that shapes do not fit


_NO_PLACE = re.compile(r"^index (-?\d+) is out of bounds .* size (\d+)$")
_IN_PLAIN_WORDS = {  # a piece of Python's words, and what to say instead
    r"bitwise_xor|type\(s\) for \^": "the sign ^ is no power in Python. The square of y is y**2, with two stars",
    "ndarray'.*callable": "round brackets stand right behind an array, as if it were a function. A place "
    "in it goes in square ones, as in a[0], and a product needs its star, as in a * (1 - a)",
    "ufunc'|Dispatcher'|builtin_function_or_method'": "a function stands there without its brackets. With them it is "
    "called, as in np.exp(z) or z.max()",
    "'int'.*iterable": "a loop cannot go through a single number. To count, it goes through range(...)",
    "truth.value": "if, and, or, max and min ask about one number, and this is a whole array. np.where, "
    "np.maximum and np.minimum go through all of it",
    "only.*converted": "a function for one number was given a whole array. numpy goes through all of it, as in "
    "np.log(z)",
    "inhomogeneous": "the parts of the array are not equally long",
    "recursion.depth": "your function calls itself, again and again, and never comes to an end",
}
_OF_NUMPY = ("exp", "log", "sin", "tanh", "sqrt", "where", "maximum", "zeros", "array")


def _explain(error: BaseException, function: Answer) -> str:
    """The error in one line, with the learner's line it came from."""
    words = str(error)
    if sizes := _AT_SIGN.search(words):
        words = f"the left side of @ has {sizes[2]} columns and the right side {sizes[1]} rows. They have to be as many"
    if place := _NO_PLACE.search(words):
        words = f"there is no place {place[1]} where {place[2]} are counted from 0"
    words = next((plain for sign, plain in _IN_PLAIN_WORDS.items() if re.search(sign, words)), words)
    said = f"{type(error).__name__}: {words}" if words else type(error).__name__
    advice = " Run the cells above this one first, or look for a slip in the name." if type(error) is NameError else ""
    if isinstance(error, NameError) and error.name in _OF_NUMPY:
        advice = f" It is numpy's: write np.{error.name}."
    where, traceback = "", error.__traceback__
    while traceback is not None:
        frame = traceback.tb_frame
        if frame.f_globals is _home(function):
            line = linecache.getline(frame.f_code.co_filename, traceback.tb_lineno).strip()
            where = f"\nLine:   {line}" if line else ""
        traceback = traceback.tb_next
    return f"{said}{'.' if advice else ''}{advice}{where}"


# ---------------------------------------------------------------------------------------------------------------------
# Comparing, and saying the difference


def _same(yours: Result, wanted: Result, tolerance: float) -> bool:
    if yours.kind or wanted.kind:
        return yours.kind == wanted.kind
    if yours.value is None or wanted.value is None:
        return yours.value is wanted.value
    return not _difference(yours.value, wanted.value, tolerance)


def _difference(yours: Any, wanted: Any, tolerance: float) -> str:
    """How ``yours`` differs from ``wanted``, as the end of a sentence with both values; empty if it does not."""
    if yours is None:
        return (
            "your function gives nothing back (None). Is there a return at its end? What print shows is not given back."
        )
    if isinstance(wanted, tuple):
        return _difference_in_parts(yours, wanted, tolerance)
    values, target = _as_array(yours), np.asarray(wanted)
    both = f"Expected: {_show(target)}\nYours:    {_show(yours)}"
    if values is None:
        kind = "an array" if target.ndim else "a number"
        name = type(yours).__name__
        if isinstance(yours, list | tuple) and target.ndim == 1:
            each = "a single text" if target.dtype.kind == "U" else "a single number"
            return f"your function gives {_a(name)} in which not every part is {each}.\n{both}"
        said = "an array without real numbers" if name == "ndarray" else _a(name)
        return f"your function gives {said} where {kind} was expected.\n{both}"
    if values.dtype.kind == "U" and target.dtype.kind != "U":
        return f"your function gives text, and numbers were expected.\n{both}"
    if target.dtype.kind == "U" and values.dtype.kind != "U":
        return f"your function gives numbers, and text was expected.\n{both}"
    if values.shape != target.shape:
        return f"{_misfit(values.shape, target.shape)}\n{both}"
    if target.dtype.kind not in "biuf":
        return "" if np.array_equal(values, target) else f"the answers differ.\n{both}"
    with np.errstate(all="ignore"):
        close = np.isclose(values, target, rtol=tolerance, atol=tolerance, equal_nan=True)
    if close.all():
        return ""
    if not target.ndim:
        return f"{_pair(values, target)}."
    place = tuple(int(i) for i in np.argwhere(~close)[0])
    index = place[0] if len(place) == 1 else place
    return f"at index {index}: {_pair(values[place], target[place])}.\n{both}"


def _misfit(yours: tuple[int, ...], wanted: tuple[int, ...]) -> str:
    """How the shape of an answer differs from the one that was expected, without the word shape where that goes."""
    if not wanted:
        return "your function gives an array or a list where a single value was expected."
    if len(wanted) == 1 and not yours:
        return f"your function gives a single value where a list or an array of length {wanted[0]} was expected."
    if len(wanted) == len(yours) == 1:
        return f"the length is {yours[0]}, where {wanted[0]} was expected."
    return f"the shape is {yours}, where {wanted} was expected."


def _difference_in_parts(yours: Any, wanted: tuple[Any, ...], tolerance: float) -> str:
    if not isinstance(yours, tuple | list) or len(yours) != len(wanted):
        return (
            f"your function should give {len(wanted)} things back, with a comma between them.\nYours:    {_show(yours)}"
        )
    for number, (mine, target) in enumerate(zip(yours, wanted, strict=True), start=1):
        if difference := _difference(mine, target, tolerance):
            return f"in part {number} of your answer, {difference}"
    return ""


def _as_array(value: Any) -> np.ndarray | None:
    """``value`` as an array of numbers or texts, or None if it is not one."""
    try:
        array = np.asarray(value)
    except Exception:
        return None
    return array if array.dtype.kind in "biufU" else None


def _pair(yours: Any, wanted: Any) -> str:
    """Both numbers, with as many digits as it takes to see the difference."""
    for digits in (4, 8, 17):
        texts = f"{float(wanted):.{digits}g}", f"{float(yours):.{digits}g}"
        if texts[0] != texts[1]:
            break
    return f"{texts[0]} was expected and yours is {texts[1]}"


def _show(value: Any) -> str:
    """A value as a learner would type it, short."""
    try:
        if isinstance(value, np.generic):
            value = value.item()
        if isinstance(value, float):
            return f"{value:.4g}"
        if isinstance(value, np.ndarray):
            text = np.array2string(value, precision=4, suppress_small=True, threshold=40, separator=", ")
            return text.replace("\n", "\n          ")
        if type(value) is tuple and len(value) > 1:
            text = f"({', '.join(map(_show, value))})"
        else:
            text = f"[{', '.join(map(_show, value))}]" if type(value) is list else repr(value)
    except Exception:
        return _a(type(value).__name__)
    return text if len(text) <= 120 else text[:117] + "..."


def _show_call(function: Answer, name: str, case: Case) -> str:
    names = _argument_names(function, case)
    if names[:1] == [""]:
        return f"{name}({', '.join(_show(value) for value in case)})"
    return f"{name}({', '.join(f'{key}={_show(value)}' for key, value in zip(names, case, strict=True))})"


def _argument_names(function: Answer, case: Case) -> list[str]:
    """What the function calls its arguments; empty names where it does not say."""
    try:
        names = list(inspect.signature(function).parameters)[: len(case)]
    except (TypeError, ValueError):
        names = []
    return names if len(names) == len(case) else [""] * len(case)


def _size(case: Case) -> int:
    return sum(int(np.size(value)) for value in case)


def _a(word: str) -> str:
    return f"an {word}" if word[:1].lower() in "aeiou" else f"a {word}"
