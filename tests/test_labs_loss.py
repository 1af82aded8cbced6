"""LossLab without a page: its numbers are the library's, its landscape is the network's own loss."""

import numpy as np
import pytest

from annlab import LossLab, losses
from annlab.labs import loss as module
from annlab.testing import sweep


@pytest.mark.parametrize("loss", ["mse", "mae", "binary_crossentropy"])
def test_every_control_moves_the_picture_and_the_text_tells_the_numbers(loss):
    assert sweep(LossLab(loss=loss)) >= 11


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("prediction", [0.0, 0.3, 1.0])
def test_three_losses_and_their_slopes(target, prediction):
    lab = LossLab(prediction=prediction, target=target)
    facts = lab.facts(lab.state)
    assert facts["mse"] == pytest.approx((prediction - target) ** 2)
    assert facts["mae"] == pytest.approx(abs(prediction - target))
    said = min(max(prediction if target else 1 - prediction, 1e-7), 1 - 1e-7)
    assert facts["binary_crossentropy"] == pytest.approx(-np.log(said))
    assert facts["slope of mse"] == pytest.approx(2 * (prediction - target))
    if 0 < prediction < 1:
        assert facts["slope of binary_crossentropy"] == pytest.approx(
            -1 / prediction if target else 1 / (1 - prediction)
        )


@pytest.mark.parametrize(("prediction", "target"), [(0.0, 1), (1.0, 0), (0.3, 1), (0.3, 0), (1.0, 1)])
def test_the_formula_gives_the_value_beside_it(prediction, target):
    """At 0 and 1 the loss keeps the prediction a little away from them, and the formula says so."""
    shown = list(LossLab(prediction=prediction, target=target).stage.values["text"].values())
    at = next(i for i, text in enumerate(shown) if text.startswith("\u2212log"))
    inside = shown[at].removeprefix("\u2212log ").strip("()").replace("\u2212", "-")
    first, _, second = inside.partition(" - ")
    said = float(first) - float(second) if second else float(first)
    assert f"{-np.log(said) + 0.0:.3f}" == shown[at + 1]


@pytest.mark.parametrize("name", module.SHOWN)
@pytest.mark.parametrize("wrong", [False, True])
def test_the_cross_is_the_lowest_place_and_the_networks_own_loss(name, wrong):
    lab = LossLab(loss=name, wrong=wrong)
    facts = lab.facts(lab.state)
    x, t = lab.state.x[:, np.newaxis], lab.state.t
    assert len(x) == 6 + wrong

    def mean(weight, bias):
        lab.model.parameters = [weight, bias]
        return lab.model.evaluate(x, t)

    low, at_w, at_b = facts["lowest"], facts["lowest weight"], facts["lowest bias"]
    assert mean(at_w, at_b) == pytest.approx(low)
    for weight, bias in np.random.default_rng(0).uniform(-6, 6, (200, 2)).round(1):
        assert mean(weight, bias) >= low - 1e-12


def test_the_bands_are_lowest_where_the_loss_is():
    bands, highest, (weight, bias, lowest) = module._landscape("binary_crossentropy", False)
    assert bands.shape == (module.CELLS, module.CELLS)
    assert highest > lowest
    row, column = (6 - bias) / 12 * module.CELLS, (weight + 6) / 12 * module.CELLS
    assert bands[int(row), int(column)] == bands.min()


def test_the_model_is_the_neuron_on_the_screen():
    lab = LossLab()
    lab.controls["weight"].value = 1.5
    lab.controls["bias"].value = 0.5
    assert lab.model.layers[0].kernel[0, 0] == 1.5
    # sigmoid(1.5 * 1 + 0.5) = 0.880797
    assert lab.model(np.array([[1.0]]))[0, 0] == pytest.approx(0.880797, abs=1e-6)
    expected = losses.get("binary_crossentropy")(lab.state.t[:, None], lab.model(lab.state.x[:, None]))
    assert f"cross-entropy of {expected:.3f}" in lab.stage.description


def drag(lab, name, *points):
    kinds = ["down", *["move"] * (len(points) - 1)]
    lab._heard(
        {"events": [{"kind": k, "id": name, "points": [p], "shift": False} for k, p in zip(kinds, points, strict=True)]}
    )


def keys(lab, name, *pressed):
    lab._heard({"events": [{"kind": "key", "id": name, "key": k, "points": [], "shift": False} for k in pressed]})


@pytest.mark.parametrize("width", [440, 700, 859, 860, 960])
def test_dragging_follows_the_pointer_at_every_width(width):
    lab = LossLab()
    lab.state.width = width
    (cx, cy, cw, ch), table, examples, (x, y, size, _), height = lab._places(lab.state)
    drag(lab, "prediction", (cx + cw / 2, cy), (cx + 0.25 * cw, cy + 5))
    assert lab.controls["prediction"].value == 0.25
    drag(lab, "map", (x, y), (x + 0.75 * size, y + 0.5 * size))
    assert (lab.state.weight, lab.state.bias) == (3.0, 0.0)
    drag(lab, "map", (x + 99 * size, y - 99 * size))
    drag(lab, "prediction", (-999, 0))
    assert (lab.state.prediction, lab.state.weight, lab.state.bias) == (0.0, 6.0, 6.0)
    for left, top, wide, high in ((cx, cy, cw, ch), table, examples, (x, y, size, size + 38)):
        assert left >= 0
        assert left + wide <= width + 0.01
        assert top + high <= height


def test_keys_move_as_far_as_the_sliders_do():
    lab = LossLab()
    keys(lab, "prediction", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowUp")
    assert lab.state.prediction == 0.32
    keys(lab, "map", "ArrowRight", "ArrowDown", "ArrowDown")
    assert (lab.state.weight, lab.state.bias) == (0.6, -2.2)


def test_reset_goes_back_to_where_it_was_started():
    lab = LossLab(prediction=0.6, loss="mae")
    first = lab.stage.description
    drag(lab, "map", (500, 300))
    lab.controls["prediction"].value = 0.9
    lab.controls["wrong"].value = True
    assert lab.stage.description != first
    lab.controls["reset_all"].click()
    assert lab.stage.description == first


@pytest.mark.parametrize("where", [(1.2, -2.0), (-6.0, -4.3), (6.0, 6.0)])
@pytest.mark.parametrize("loss", ["mse", "mae", "binary_crossentropy"])
def test_the_code_gives_the_same_numbers(loss, where, capsys):
    lab = LossLab(loss=loss, wrong=True, weight=where[0], bias=where[1])
    exec(lab.code(), {})
    numbers = [float(word) for word in capsys.readouterr().out.split() if word[0].isdigit()]
    facts = lab.facts(lab.state)
    expected = [facts[name] for name in ("mse", "mae", "binary_crossentropy", "mean")]
    assert numbers == pytest.approx(expected)
