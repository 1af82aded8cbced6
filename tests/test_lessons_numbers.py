"""Numbers that stand in the text of a lesson or of its teacher's page, computed again."""

import math

import numpy as np
from written import Written

from annlab import DigitsLab, activations, datasets
from annlab.labs.start import WaveLab
from annlab.testing import sweep

START, DIGITS = Written("00_start_here"), Written("12_many_classes")


def test_00_every_slider_of_the_wave_does_what_the_text_says():
    sweep(WaveLab())
    assert "A blue wave of height 1.0 that goes up and down once" in START.both
    assert WaveLab().stage.description == "A wave of height 1.0 that goes up and down 1.0 times."


def test_12_the_worked_example():
    text = DIGITS.both
    powers = np.exp([2.0, 1.0, 0.0])
    y = activations.get("softmax")(np.array([[2.0, 1.0, 0.0]]))[0]
    assert f"$({powers[0]:.2f}, {powers[1]:.2f}, {powers[2]:.2f})$, together {powers.sum():.2f}" in text
    assert f"$y = ({y[0]:.3f}, {y[1]:.3f}, {y[2]:.3f})$" in text
    assert f"$-\\log {y[1]:.3f} = {-math.log(y[1]):.3f}$" in text
    # y - target, where the second class is right
    assert f"({y[0]:.3f}, {y[1] - 1:.3f}, {y[2]:.3f})$: lower" in text


def test_12_the_digits():
    text = DIGITS.both
    x, y = datasets.digits()
    _, _, y_train, y_test = datasets.train_test_split(x, y, test_size=0.25, seed=0)
    assert f"{len(x):,} handwritten digits" in text
    assert f"eights are {(y_test == 8).sum()} of the {len(y_test)} test digits" in text
    eights = (y_train == 8).sum()
    others = len(y_train) - eights
    assert f"ten eights among {others + 10:,} digits" in text
    # The other nine kinds have 1,226 digits, 136 each; ten eights have to count 13.6 times to weigh as much.
    assert f"about {others / 9:.0f} digits of each other kind and ten eights" in text
    assert "as much as thirteen other digits" in text


def test_12_what_the_network_without_eights_does():
    text = DIGITS.both
    broken, mended = DIGITS.shown("break").split("class weight:")[1:]
    assert "accuracy: 0.842" in broken
    assert "eights that were found: 0 of 52" in broken
    assert "accuracy 0.842 and not one of 52 eights found" in text
    assert "eights that were found: 31 of 52" in mended
    assert "31 of 52 eights are found, not all" in text
    assert "More than half of the eights are found then" in text


def test_12_the_lab_shows_what_the_code_prints():
    lab = DigitsLab(rare=8, kept=8)
    assert f"ten eights among {lab.facts(lab.state)['training']:,} digits" in DIGITS.both
    lab.step(20 * lab.steps_of_click(lab.state))
    facts = lab.facts(lab.state)
    assert (facts["left"], facts["found"], facts["to_find"]) == (10, 0, 52)
    assert f"{facts['test_accuracy']:.3f}" == "0.842"
    lab.controls["weight"].value = 13
    lab.step(20 * lab.steps_of_click(lab.state))
    assert lab.facts(lab.state)["found"] > 26


def test_12_one_pixel_spoils_most_of_it():
    as_they_are = float(DIGITS.shown("whole").partition("test digits: ")[2].split()[0])
    moved = float(DIGITS.shown("take").partition("moved: ")[2].split()[0])
    assert moved < as_they_are / 2
    assert "One pixel is enough to spoil most of what it knows" in DIGITS.both


def test_12_the_same_letter_gets_more_and_more_certain():
    lab = DigitsLab()
    empty, letter = np.zeros((1, 64)), np.array([np.eye(8) + np.eye(8)[::-1]]).clip(0, 1).reshape(1, 64)
    largest = []
    for _ in range(2):
        lab.step(5 * lab.steps_of_click(lab.state))
        largest.append(lab.model(letter).max())
    lab.step(20 * lab.steps_of_click(lab.state))
    largest.append(lab.model(letter).max())
    assert 0.1 < largest[0] < largest[1] < largest[2]  # after 5, 10 and 30 epochs
    assert largest[2] > 2 * largest[0]
    assert lab.model(empty).min() > 0.05
    assert lab.model(empty).max() < 0.2
