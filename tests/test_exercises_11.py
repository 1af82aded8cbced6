"""Lesson 11: its replies to predictions, every number of its text and its teacher's page, and a table of one's own."""

import functools
import re

import numpy as np
import pytest
from written import Written

from annlab import GeneralizationLab, datasets
from annlab.exercises import generalization as lesson
from annlab.exercises.base import NOT_YET, RIGHT
from annlab.labs.generalization import OF_A_RUN, Run

written = Written("11_generalization")


def said(number, words, text):
    """Whether ``number``, rounded as in ``words`` (a pattern with one group), stands in ``text``."""
    found = re.search(words, text)
    assert found, words
    digits = len(found[1].partition(".")[2])
    assert found[1] == f"{number:.{digits}f}", (words, number)


@functools.cache
def ended(**settings):
    start = {name: control.value for name, control in GeneralizationLab.controls.items() if name in OF_A_RUN}
    run = Run(**(start | settings))
    while not run.advance():
        pass
    return run


def test_width_is_seen_once_both_widths_have_run():
    lab = GeneralizationLab()
    lab.step(301)
    assert lesson.width.observe(lab) is None
    for units in (5, 200):
        lab.controls["units"].value = units
        lab.step(301)
    few, many = ended(units=5).scores, ended(units=200).scores
    came_true, words = lesson.width.observe(lab)
    assert came_true == lesson._FEW_UNITS
    assert words == (
        f"5 units end with a loss of {few['loss']:.3f} on the training points and {few['val_loss']:.3f} on the "
        f"held-out points, 200 units with {many['loss']:.3f} and {many['val_loss']:.3f}."
    )
    said(few["val_loss"], r"5 hidden units, ([\d.]+) against", written.page)
    said(many["val_loss"], r"against ([\d.]+\d)\.", written.page)
    lab.controls["noise"].value = 0.0  # other runs, so nothing to compare
    assert lesson.width.observe(lab) is None
    lab = GeneralizationLab(noise=0.0)
    lab.controls["several"].click()
    lab.step(9 * 302)
    assert lesson.width.observe(lab)[0] == lesson._ALIKE  # without noise the width does no harm


def test_price_is_seen():
    lab = GeneralizationLab(against="l2")
    assert lesson.price.observe(lab) is None
    lab.controls["several"].click()
    lab.step(8 * 302)
    came_true, words = lesson.price.observe(lab)
    assert came_true == lesson._FALLS
    free, priced = ended().scores, ended(l2=0.01).scores
    for number in (free["loss"], free["val_loss"], priced["loss"], priced["val_loss"]):
        assert f"{number:.3f}" in words
    said(priced["loss"], r"worse: ([\d.]+) in place of 0.011 at L2 = 0.01", written.page)
    said(free["loss"], r"worse: 0.138 in place of ([\d.]+) at L2", written.page)
    said(free["val_loss"], r"validation loss falls from ([\d.]+) to 0.293", written.page)
    said(priced["val_loss"], r"falls, from 0.605 to ([\d.]+\d),", written.page)
    assert max(ended(l2=0.1).scores["loss"], ended(l2=0.1).scores["val_loss"]) > 0.5
    assert "At a price of 0.1 not even the rule pays" in lesson.price.because
    lab.controls["against"].value = "units"
    assert lesson.price.observe(lab) is None


def test_what_the_lesson_says_holds_for_other_seeds_as_well():
    for seed in range(5):
        assert abs(ended(units=5, seed=seed).scores["val_loss"] - 0.36) < 0.06
        assert abs(ended(units=200, seed=seed).scores["val_loss"] - 0.7) < 0.13
    for seed in range(2):
        assert ended(units=1, seed=seed).scores["loss"] > 0.5  # bad at both
        free = ended(seed=seed).scores["val_loss"]
        for help in ({"l2": 0.01}, {"l1": 0.01}, {"dropout": 0.9}, {"early_stopping": True}):
            assert ended(seed=seed, **help).scores["val_loss"] < free - 0.05
        kernels = [weights for weights in ended(l1=0.01, seed=seed).model.get_weights() if weights.ndim == 2]
        small = sum(int((abs(weights) < 1e-3).sum()) for weights in kernels)
        assert small > 0.4 * sum(weights.size for weights in kernels)  # "L1 pushes many weights to zero"
    assert ended(points=500).scores["val_loss"] < ended().scores["val_loss"] - 0.05


def test_the_worked_example():
    run = ended()
    assert run.weights == 2 * 50 + 50 + 50 * 1 + 1 == 201
    assert r"$2 \cdot 50 + 50 + 50 \cdot 1 + 1 = 201$" in written.text
    assert run.best == 29
    assert "After 29 epochs" in written.text
    assert "for about 29 epochs" in written.page
    losses = {name: values[29] for name, values in run.curves.items()}
    said(losses["loss"], r"its losses are ([\d.]+) on these", written.text)
    said(losses["val_loss"], r"its losses are [\d.]+ on these and ([\d.]+) on 300", written.text)
    said(run.scores["loss"], r"After 300 epochs they are ([\d.]+) and", written.text)
    said(run.scores["val_loss"], r"After 300 epochs they are [\d.]+ and ([\d.]+):", written.text)
    said(losses["val_loss"] - losses["loss"], r"The gap grew from ([\d.]+) to", written.text)
    said(run.gap, r"The gap grew from [\d.]+ to ([\d.]+\d)\.", written.text)
    assert -(-40 // 16) == 3
    assert "(Three: 16, 16 and 8 points.)" in written.text


def test_the_teachers_numbers():
    three = ended(points=3)
    said(three.scores["loss"], r"201 weights it is ([\d.]+),", written.page)
    said(three.scores["val_accuracy"], r"are right, and ([\d.]+) of the held-out points", written.page)
    assert three.scores["accuracy"] == 1
    said(ended(noise=0.0).scores["val_loss"], r"validation loss of ([\d.]+): there is nothing", written.page)
    said(three.gap, r"at 3 points the gap is ([\d.]+),", written.page)
    said(ended(points=500).gap, r"at 500 it is ([\d.]+\d)\.", written.page)
    said(ended(early_stopping=True).scores["val_loss"], r"on \(validation loss ([\d.]+)\)", written.page)
    priced = ended(points=3, l2=0.1).scores
    said(three.scores["val_loss"], r"brings the validation loss from ([\d.]+) to", written.page)
    said(priced["val_loss"], r"brings the validation loss from [\d.]+ to ([\d.]+),", written.page)
    said(priced["val_accuracy"], r"still only ([\d.]+) of the held-out", written.page)
    many = ended(points=500).scores
    said(many["val_loss"], r"500 points bring it to ([\d.]+) and", written.page)
    said(many["val_accuracy"], r"500 points bring it to [\d.]+ and ([\d.]+\d)\.", written.page)
    both = ended(early_stopping=True, l2=0.01).scores["val_loss"]
    alone = min(ended(early_stopping=True).scores["val_loss"], ended(l2=0.01).scores["val_loss"])
    assert abs(both - alone) < 0.03  # "little is left to gain"
    said(1 / 67, r"one penguin more or less is ([\d.]+\d)\.", written.page)


@pytest.mark.parametrize(("typed", "kind"), [("8", RIGHT), ("8.0", RIGHT), ("5+3", RIGHT), ("9", NOT_YET)])
def test_by_hand(typed, kind):
    assert lesson.by_hand.check(typed).kind == kind


def test_by_hand_is_what_early_stopping_does():
    losses = [float(number) for number in re.findall(r"0\.\d\d", lesson.by_hand.question)]
    assert lesson.stop_early.answer(losses, 3) == (8 - 1, 5 - 1)


def test_the_librarys_early_stopping_stops_where_the_exercise_does():
    for patience in (1, 2, 5, 30):
        run = ended(early_stopping=True, patience=patience)
        assert lesson.stop_early.answer(run.curves["val_loss"][1:], patience) == (run.epoch - 1, run.best - 1)


def shown(words):
    """What the cell with ``words`` in it printed, as it is stored."""
    return written.shown(next(name for name, cell in written.cells.items() if is_code(cell) and words in cell.source))


def is_code(cell):
    return cell.cell_type == "code"


def test_the_penguins_of_the_text():
    rows = datasets.penguins().complete()
    said(float(rows["bill_depth_mm"].mean()), r"A bill is about (\d+) mm deep", written.text)
    assert f"{rows['body_mass_g'].mean():,.0f}"[:3] == "4,2"
    assert "a penguin weighs about 4,200 g" in written.text
    assert len(datasets.penguins()) == 344
    table = shown("runs = sweep").splitlines()
    loss, val_loss = ([float(line.split()[at]) for line in table[1:5]] for at in (3, 5))
    assert loss == sorted(loss, reverse=True)  # "falls and falls with the width"
    assert np.argmin(val_loss) == 1  # "only at first"
    assert "test: 63 of 67 right" in table[-1]
    assert "63 of 67" in written.page
    as_it_is, scaled = (float(line.split("loss ")[1].split(",")[0]) for line in shown("as it is").splitlines())
    assert as_it_is > 3 * scaled


OWN = """size;colour;shape;weight;notes;ripe
{rows}
"""


def test_a_table_of_ones_own_goes_through_the_same_cells(tmp_path, monkeypatch, capsys):
    rng = np.random.default_rng(0)
    lines = []
    for at in range(90):
        ripe = at % 2
        size = f"{rng.normal(5 + ripe, 1):.1f}".replace(".", ",") if at % 15 else ""
        words = rng.choice(["red", "green", "pale"]), rng.choice(["round", "long"])
        lines.append(";".join([size, *words, f"{rng.normal(80, 9):.0f}", "", "yes" if ripe else "no"]))
    (tmp_path / "my_table.csv").write_text(OWN.format(rows="\n".join(lines)), encoding="utf-8-sig")
    monkeypatch.chdir(tmp_path)
    code = [cell.source for cell in written.cells.values() if is_code(cell)]
    setup = code[0].replace("datasets.penguins()", 'datasets.load_csv("my_table.csv", missing="keep")')
    assert setup != code[0]
    first = next(at for at, source in enumerate(code) if source.startswith("measured"))
    last = next(at for at, source in enumerate(code) if "runs = sweep" in source)
    cells = [source for source in code[first : last + 1] if "____" not in source]
    chosen = 'measured = ["size", "weight"]\nnamed = ["colour", "shape"]\nanswer, wanted = "ripe", "yes"\n'
    cells[0] = chosen + "\n".join(cells[0].splitlines()[3:])
    names: dict = {}
    for source in [setup, *cells]:
        exec(source, names)
    printed = capsys.readouterr().out
    assert "90 rows, 84 of them complete" in printed
    assert names["x"].shape == (84, 7)
    assert "units, the weights of epoch" in printed
    assert np.isfinite(names["runs"]["val_loss"]).all()
    exec(code[-1].replace("lesson.recall", ""), names)
    assert "colour" in capsys.readouterr().out
