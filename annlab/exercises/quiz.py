"""Questions that wait for you: predict before you look, work out a number by hand, and a quiz with reasons.

They are plain ipywidgets: Tab goes from option to option, Space chooses and presses, Enter sends a number. A saved page
without a kernel shows each question with its options as text.
"""

import ast
import html
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets
from IPython.display import display

from ..words import say
from .base import NOT_YET, RIGHT, Outcome
from .progress import Lesson

Seen = tuple[int | None, str]  # the option that came true (None: none of them), and what the run showed

LONGEST_SUM = 60  # characters of what may be typed into a number box

_WIDE = {"width": "auto", "max_width": "52em"}


class _Asked:
    """What the three kinds of question share: a place in the lesson, a constant text, a still, and a widget."""

    def __init__(self, lesson: Lesson, name: str, kind: str) -> None:
        self.lesson = lesson
        self.name = name
        lesson.add(name, kind)

    def text(self) -> str:
        """The question with its options, as plain text."""
        raise NotImplementedError

    def still(self) -> str:
        """The question with its options, as HTML for a page without a kernel."""
        raise NotImplementedError

    def widget(self) -> widgets.Widget:
        """A new view of the question, unanswered."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text()

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return _bundle(self.widget(), self.text(), self.still(), options)


class Predict(_Asked):
    """A question to answer before you look. The lab below it opens after the choice, and also under "skip".

    ``observe(lab)`` looks at what the run showed: ``None`` while there is nothing to see yet (``first`` then says what
    to do), else the number of the option that came true and a sentence with the numbers. ``because`` explains it.
    ``usual`` is the option that comes true as the lab is opened, for who counts what a class expects.
    """

    def __init__(
        self,
        lesson: Lesson,
        name: str,
        question: str,
        options: Sequence[str],
        *,
        observe: Callable[[Any], Seen | None],
        first: str,
        because: str,
        usual: int | None = None,
    ) -> None:
        super().__init__(lesson, name, "prediction")
        self.question = question
        self.options = tuple(options)
        self.observe = observe
        self.first = first
        self.because = because
        self.usual = usual

    def text(self) -> str:
        head = f"{say('Predict:')} {say(self.question)}"
        return "\n".join([head, *(f"( ) {say(option)}" for option in self.options)])

    def still(self) -> str:
        return _question_html("Predict:", self.question, self.options, "The lab below opens after your choice.")

    def ask(self, lab: Any) -> None:
        """Show the question, and under it the lab, which waits for the choice. Two outputs of one cell."""
        gate = _Gate(self, lab)
        display(_View(gate.question, self.text(), self.still()))
        display(_View(gate.below, repr(lab), svg=lab.still()))

    def widget(self) -> widgets.Widget:
        return _Gate(self, None).question

    def reply(self, choice: int | None, lab: Any) -> str:
        """What the run showed, beside what was predicted; or what to do first."""
        return self.compared(choice, self.observe(lab))

    def compared(self, choice: int | None, seen: Seen | None) -> str:
        """The same, for what was seen already."""
        if seen is None:
            return f"There is nothing to compare yet. {self.first}"
        came_true, showed = seen
        if choice is None:
            return f"{showed} {self.because}"
        predicted = f"You predicted: {say(self.options[choice])}."
        verdict = "The run agrees." if choice == came_true else "The run showed something else."
        return f"{predicted} {verdict} {showed} {self.because}"


class _Gate:
    """One view of a prediction: the question, and the lab that opens below it."""

    def __init__(self, asked: Predict, lab: Any) -> None:
        self.asked = asked
        self.lab = lab
        self.choice: int | None = None
        self.radio = _radio(asked.options)
        self.open = _button("Open the lab", "Keep this prediction and open the lab")
        self.skip = _button("Skip", "Open the lab without a prediction")
        self.said = widgets.HTML()
        self.compare = _button("Compare with what the run showed", "Compare your prediction with the lab above")
        self.reply = widgets.HTML()
        self.open.on_click(lambda _: self._open(self.radio.index))
        self.skip.on_click(lambda _: self._open(None, skipped=True))
        self.compare.on_click(lambda _: self._compare())
        heading = _heading("Predict:", asked.question)
        buttons = widgets.HBox([self.open, self.skip])
        self.question = widgets.VBox([heading, self.radio, buttons, self.said], layout=_WIDE)
        closed = widgets.HTML(f"<p><em>{html.escape(say('The lab opens here after your choice.'))}</em></p>")
        self.below = widgets.VBox([closed])

    def _open(self, choice: int | None, skipped: bool = False) -> None:
        if choice is None and not skipped:
            self.said.value = _saying("Choose one of the options first, or skip.")
            return
        self.choice = choice
        kept = "You skipped the prediction." if choice is None else say(f"Kept: {self.asked.options[choice]}.")
        self.said.value = _saying(f"{kept} The lab is open below. {self.asked.first}")
        if self.lab is not None and self.compare not in self.below.children:
            self.below.children = (self.lab.widget, self.compare, self.reply)
        chosen = None if choice is None else self.asked.options[choice]
        chose = None if chosen is None else (1, chosen)
        self.asked.lesson.record(self.asked.name, choice is not None, chose=chose, choice=chosen)

    def _compare(self) -> None:
        seen = self.asked.observe(self.lab)
        self.reply.value = _saying(self.asked.compared(self.choice, seen))
        if seen is not None:
            self.asked.lesson.saw(self.asked.name, None if seen[0] is None else self.asked.options[seen[0]])


class NumberBox(_Asked):
    """A small calculation by hand, checked with a tolerance.

    ``hints`` maps typical wrong numbers to what went wrong; any other wrong number is met with ``hint``.
    """

    def __init__(
        self,
        lesson: Lesson,
        name: str,
        question: str,
        answer: float,
        *,
        tolerance: float,
        hints: Mapping[float, str],
        hint: str,
        notice: str,
    ) -> None:
        super().__init__(lesson, name, "number")
        self.question = question
        self.answer = answer
        self.tolerance = tolerance
        self.hints = dict(hints)
        self.hint = hint
        self.notice = notice

    def text(self) -> str:
        return f"{say('By hand:')} {say(self.question)}\n{say('Your number')}: ____"

    def still(self) -> str:
        head = f"<strong>{html.escape(say('By hand:'))}</strong> {html.escape(say(self.question))}"
        return f"<p>{head}</p><p>{html.escape(say('Your number'))}: ____</p>"

    def check(self, typed: str) -> Outcome:
        """What to say about a number as it was typed: 0.25, 0,25, 1/4 and -2e-3 are all numbers."""
        number = read_number(typed)
        if number is None:
            said = typed.strip()[:LONGEST_SUM] or "an empty box"
            return Outcome(NOT_YET, f"{said} is not a number. Type something like 0.25 or 1/4.")
        if abs(number - self.answer) <= self.tolerance:
            return Outcome(RIGHT, self.notice)
        for wrong, hint in self.hints.items():
            if abs(number - wrong) <= self.tolerance:
                return Outcome(NOT_YET, f"{number:g} is not the number.", hint)
        return Outcome(NOT_YET, f"{number:g} is not the number.", self.hint)

    def widget(self) -> widgets.Widget:
        box = widgets.Text(
            description=say("Your number"),
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "14em"},
        )
        button = _button("Check", "Check the number")
        said = widgets.HTML()

        def look(_: Any) -> None:
            said.value = self.check(box.value)._repr_html_()

        def typed(_: Any) -> None:
            if read_number(box.value) is not None:
                self.lesson.record(self.name, self.check(box.value).kind == RIGHT)
            if box.value.strip():
                look(_)
            else:
                said.value = ""  # what was said of another number would be wrong now

        button.on_click(look)
        box.observe(typed, names="value")
        heading = _heading("By hand:", self.question)
        return widgets.VBox([heading, widgets.HBox([box, button]), said], layout=_WIDE)


@dataclass(frozen=True)
class Option:
    """One answer to choose, with the reason why it is right or wrong."""

    words: str
    reason: str
    right: bool = False


@dataclass(frozen=True)
class Question:
    """A question of a quiz; exactly one option is right."""

    words: str
    options: Sequence[Option]

    def __post_init__(self) -> None:
        if sum(option.right for option in self.options) != 1:
            raise ValueError(f"exactly one option must be right in the question {self.words!r}")


class Quiz(_Asked):
    """Three or four questions. Every choice is answered with a reason, the wrong ones too."""

    def __init__(self, lesson: Lesson, name: str, questions: Sequence[Question]) -> None:
        super().__init__(lesson, name, "quiz")
        self.questions = tuple(questions)

    def text(self) -> str:
        lines = []
        for number, question in enumerate(self.questions, start=1):
            lines += [f"{number}. {say(question.words)}", *(f"( ) {say(option.words)}" for option in question.options)]
        return "\n".join(lines)

    def still(self) -> str:
        return "".join(
            _question_html(f"{number}.", question.words, [option.words for option in question.options], "")
            for number, question in enumerate(self.questions, start=1)
        )

    def widget(self) -> widgets.Widget:
        solved: set[int] = set()
        parts = [self._part(number, question, solved) for number, question in enumerate(self.questions, start=1)]
        return widgets.VBox(parts, layout=_WIDE)

    def _part(self, number: int, question: Question, solved: set[int]) -> widgets.Widget:
        radio = _radio([option.words for option in question.options])
        button = _button("Answer", f"Answer question {number}")
        said = widgets.HTML()

        def look(_: Any) -> None:
            if radio.index is None:
                said.value = _saying("Choose one of the options first.")
                return
            option = question.options[radio.index]
            said.value = reply(option)
            if option.right:
                solved.add(number)
            self.lesson.record(self.name, len(solved) == len(self.questions), chose=(number, option.words))

        button.on_click(look)
        heading = _heading(f"{number}.", question.words)
        return widgets.VBox([heading, radio, button, said])


def reply(option: Option) -> str:
    """The answer to a choice, as HTML: right or not yet, and the reason."""
    right = option.right
    sign, edge = ("\u2713", "6px double #2878b5") if right else ("\u25d0", "6px solid #d9822b")
    words = html.escape(say("Right.") if right else say("Not this one."))
    head = f'<span aria-hidden="true">{sign}</span> <strong>{words}</strong>'
    style = f"border-left:{edge};padding:4px 12px;line-height:1.5"
    return f'<div role="status" style="{style}">{head} {html.escape(say(option.reason))}</div>'


_SVG = "image/svg+xml"


def read_number(typed: str) -> float | None:
    """The number that was typed, with a point or a comma, or as a small sum such as ``1/4``; None if it is not one."""
    plain = typed.strip().replace(",", ".").replace("\u2212", "-").replace("\u2013", "-")
    if len(plain) > LONGEST_SUM:
        return None
    try:
        return _value(ast.parse(plain, mode="eval").body)
    except (SyntaxError, ValueError, ArithmeticError, RecursionError):
        return None


_SUMS = {ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv}


def _value(node: ast.expr) -> float:
    """The value of a sum of numbers; ValueError for anything else, so nothing that is typed is ever run."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        return _value(node.operand) * (-1 if isinstance(node.op, ast.USub) else 1)
    if isinstance(node, ast.BinOp) and type(node.op) in _SUMS:
        return _SUMS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError("not a number")


class _View:
    """A widget with the text and the still that stand for it where no kernel runs."""

    def __init__(self, widget: widgets.Widget, text: str, page: str = "", svg: str = "") -> None:
        self.widget, self.words, self.page, self.svg = widget, text, page, svg

    def __repr__(self) -> str:
        return self.words

    def _repr_mimebundle_(self, **options: Any) -> dict[str, Any]:
        return _bundle(self.widget, self.words, self.page, options, self.svg)


def _bundle(widget: widgets.Widget, text: str, page: str, options: dict[str, Any], svg: str = "") -> dict[str, Any]:
    stills = {"text/html": page, _SVG: svg}
    shown = {kind: still for kind, still in stills.items() if still}
    return {**widget._repr_mimebundle_(**options), "text/plain": text, **shown}


def _radio(options: Sequence[str]) -> widgets.RadioButtons:
    return widgets.RadioButtons(options=[say(option) for option in options], index=None, layout={"width": "auto"})


def _button(words: str, tooltip: str) -> widgets.Button:
    return widgets.Button(
        description=say(words), tooltip=say(tooltip), layout={"width": "auto", "align_self": "flex-start"}
    )


def _saying(words: str) -> str:
    return f'<div role="status" style="line-height:1.5;padding:4px 0">{html.escape(say(words))}</div>'


def _heading(start: str, words: str) -> widgets.HTML:
    said = f"<strong>{html.escape(say(start))}</strong> {html.escape(say(words))}"
    return widgets.HTML(f'<div style="line-height:1.5;padding:4px 0">{said}</div>')


def _question_html(start: str, question: str, options: Sequence[str], after: str) -> str:
    listed = "".join(f"<li>{html.escape(say(option))}</li>" for option in options)
    last = f"<p><em>{html.escape(say(after))}</em></p>" if after else ""
    return f"<p><strong>{html.escape(f'{say(start)} {say(question)}')}</strong></p><ul>{listed}</ul>{last}"
