"""The marker: an nbgrader preprocessor that runs a submission and decides outside of it.

The notebook's kernel only says what each function gave. The comparison with what is right happens here, in nbgrader's
process, where no name of the submission exists. A cell that does not end or that kills its kernel is left out, the
kernel is started anew, and everything else is marked as if that cell had not been there.
"""

import ast
import os
import tempfile
from typing import Any

from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat.v4 import new_output
from nbgrader.preprocessors import Execute  # type: ignore
from nbgrader.utils import is_grade  # type: ignore

from annlab.exercises import answers
from annlab.exercises.base import NOT_TRIED, NOT_YET, RIGHT, Outcome

from .trying import MIME, MISSING, find

LARGEST_OUTPUT = 100_000  # characters of what a cell printed that are kept
MOST_LEFT_OUT = 5  # cells; a notebook with more is not run on


class StartAgain(Exception):
    """The kernel is gone; the notebook has to be run from the top, without the cell that did it."""


class Mark(Execute):
    """nbgrader's Execute, with a verdict from outside in each test cell that annlab made.

    ``c.Execute.timeout``, the seconds that a cell may take, holds here as well.
    """

    def preprocess(self, nb: Any, resources: Any, *rest: Any) -> Any:
        self.left_out: set[int] = set()
        self.marked: set[int] = set()
        # A kernel that must be replaced is not asked first: it may be one that does not listen.
        self.interrupt_on_timeout, self.shutdown_kernel = False, "immediate"
        with tempfile.TemporaryDirectory(prefix="annlab-progress-", ignore_cleanup_errors=True) as progress:
            before = os.environ.get("ANNLAB_PROGRESS")
            os.environ["ANNLAB_PROGRESS"] = progress  # what a learner did is not the teacher's progress
            try:
                while True:
                    try:
                        return super().preprocess(nb, resources, *rest)
                    except StartAgain:
                        continue
            finally:
                os.environ.pop("ANNLAB_PROGRESS") if before is None else os.environ.update(ANNLAB_PROGRESS=before)

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> Any:
        if cell.cell_type != "code" or index in self.left_out or index in self.marked:
            return cell, resources
        hidden = hidden_call(cell.source) if is_grade(cell) else None
        if len(self.left_out) >= MOST_LEFT_OUT:
            outcome = Outcome(NOT_YET, f"{MOST_LEFT_OUT} cells of this notebook had to be left out; it was not run on.")
            cell.outputs = _as_outputs(outcome) if hidden else []
            return cell, resources
        if hidden is None:
            self._run(cell, cell.source, index)
            return cell, resources
        where, name, seed = hidden
        try:
            outcome = self._verdict(cell, where, name, seed, index)
        except StartAgain:
            if index in self.left_out:
                cell.outputs = _as_outputs(Outcome(NOT_YET, f"{name} was stopped. {self.why}"))
            raise
        cell.outputs = _as_outputs(outcome)
        self.marked.add(index)
        return cell, resources

    def _verdict(self, cell: Any, where: str, name: str, seed: int, index: int) -> Outcome:
        exercise = find(where, name)
        code = "from annlab.grading.trying import hand_over as _hand_over\n"
        code += f"_hand_over({where!r}, {name!r}, globals().get({name!r}), {seed!r})"
        outputs = self._run(cell, code, index)
        gave = [output["data"][MIME] for output in outputs if MIME in output.get("data", {})]
        if gave == [MISSING]:
            return Outcome(NOT_TRIED, f"there is no function {name}. Does its cell run without an error?")
        cases = exercise.cases(seed)
        try:
            return exercise.verdict(cases, answers.read(gave[-1]), exercise.answer)
        except (IndexError, ValueError):
            return Outcome(NOT_YET, f"no answers of {name} came back: the notebook did not let it be called.")

    def _run(self, cell: Any, code: str, index: int) -> Any:
        """Run ``code`` in the place of a cell and return what it showed."""
        source = cell.source
        cell.source = code
        try:
            self.execute_cell(cell, index, store_history=True)
        except DeadKernelError as error:
            self._leave_out(cell, index, "It ended the kernel.")
            raise StartAgain from error
        except CellTimeoutError as error:
            self._leave_out(cell, index, f"It was still running after {self.timeout} seconds.")
            raise StartAgain from error
        finally:
            cell.source = source
        cell.outputs = [_shortened(output) for output in cell.outputs]
        return cell.outputs

    def on_cell_executed(self, **what: Any) -> None:
        """A hook of nbclient: a kernel told to ``exit()`` still answers, says so there, and is gone a moment later."""
        super().on_cell_executed(**what)
        requests = what["execute_reply"]["content"].get("payload", [])
        if any(one.get("source") == "ask_exit" and not one.get("keepkernel") for one in requests):
            raise DeadKernelError("Kernel was told to exit")

    def _leave_out(self, cell: Any, index: int, why: str) -> None:
        self.why = why
        self.left_out.add(index)
        cell.outputs = [_error("Stopped", f"{why} This cell is left out.")]


def hidden_call(source: str) -> tuple[str, str, int] | None:
    """``("one_neuron", "neuron", 7)`` where a test cell has ``mark("one_neuron", "neuron", ..., seed=7)`` in it."""
    try:
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        call = next(call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "mark")
        where, name = (ast.literal_eval(argument) for argument in call.args[:2])
        return where, name, ast.literal_eval(call.keywords[0].value)
    except (StopIteration, SyntaxError, ValueError, IndexError):
        return None


def _as_outputs(outcome: Outcome) -> list[Any]:
    if outcome.kind == RIGHT:
        return [new_output("stream", name="stdout", text=f"{outcome}\n")]
    return [_error("NotRight", str(outcome))]


def _error(kind: str, words: str) -> Any:
    return new_output("error", ename=kind, evalue=words, traceback=[words])


def _shortened(output: Any) -> Any:
    text = output.get("text", "")
    if len(text) > LARGEST_OUTPUT:
        output["text"] = f"{text[:LARGEST_OUTPUT]}\n... and {len(text) - LARGEST_OUTPUT} characters more.\n"
    return output
