"""DigitsLab without a page: its numbers are its model's, and its paper takes ink."""

import numpy as np
import pytest

from annlab import DigitsLab
from annlab.models import Divergence
from annlab.testing import sweep


@pytest.fixture
def lab():
    return DigitsLab()


def own_numbers(lab):
    """The numbers of the text line, computed apart from the lab with nothing but the weights."""
    state = lab.state
    (kernel, bias), (kernel_2, bias_2) = ((layer.kernel, layer.bias) for layer in lab.model.layers)
    bend = {
        "relu": lambda z: np.maximum(z, 0),
        "tanh": np.tanh,
        "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
        "linear": lambda z: z,
    }

    def probabilities(x):
        z = bend[state.activation](x @ kernel + bias) @ kernel_2 + bias_2
        power = np.exp(z - z.max(axis=1, keepdims=True))
        return power / power.sum(axis=1, keepdims=True)

    def loss(x, y):
        return float(-np.log(probabilities(x)[np.arange(len(y)), y]).mean())

    paper = probabilities(state.paper.reshape(1, 64))[0]
    right = int((probabilities(state.x_test).argmax(axis=1) == state.y_test).sum())
    return {
        "loss": loss(state.x_train, state.y_train),
        "test loss": loss(state.x_test, state.y_test),
        "right": right,
        "of": 449,
        "says": int(paper.argmax()),
        "per cent": 100 * float(paper.max()),
        "units": kernel.shape[1],
        "seed": state.seed,
        "epochs": state.epoch,
    }


def test_every_control_moves_the_picture_and_the_text_tells_the_models_numbers(lab):
    assert sweep(lab, limit=2.0, numbers=own_numbers) >= 15


def test_training_lowers_the_loss_and_the_curves_have_a_point_for_each_epoch(lab):
    lab.controls["step"].click()
    lab.controls["step"].click()
    curve = lab.state.curves["loss"]
    assert len(curve) == 3
    assert curve[0] > curve[1] > curve[2]
    assert lab.state.epoch == 2


def test_the_same_seed_gives_the_same_run():
    def run(seed):
        lab = DigitsLab(seed=seed)
        lab.step(50)
        return lab.model.parameters.copy(), lab.still()

    weights, still = run(5)
    again, still_again = run(5)
    np.testing.assert_array_equal(weights, again)
    assert still == still_again
    assert not np.array_equal(weights, run(6)[0])


def test_reset_brings_back_the_first_weights(lab):
    first = lab.model.parameters.copy()
    lab.step(30)
    assert not np.array_equal(lab.model.parameters, first)
    lab.reset()
    np.testing.assert_array_equal(lab.model.parameters, first)


def test_rate_activation_and_optimizer_change_without_forgetting(lab):
    lab.step(40)
    weights = lab.model.parameters.copy()
    lab.controls["learning_rate"].value = 0.1
    assert lab.model.optimizer.learning_rate == 0.1
    lab.controls["activation"].value = "tanh"
    assert lab.model.layers[0].activation.name == "tanh"
    lab.controls["optimizer"].value = "sgd"
    assert type(lab.model.optimizer).__name__ == "SGD"
    assert lab.model.optimizer.learning_rate == 0.1
    np.testing.assert_array_equal(lab.model.parameters, weights)
    lab.step(3)
    assert not np.array_equal(lab.model.parameters, weights)


def test_other_units_start_a_new_network(lab):
    lab.step(40)
    lab.controls["units"].value = 5
    assert lab.model.layers[0].units == 5
    assert lab.state.epoch == 0


def test_divergence_stops_with_a_reason_and_keeps_the_last_good_numbers(lab):
    lab.model.layers[0].kernel = np.full((64, 16), 1e308)
    with pytest.raises(Divergence):
        lab.step(50)


def paint(lab, *places):
    x, y, size, _ = lab._places(lab.state)[0]["paper"]
    points = [[x + size * column / 8, y + size * row / 8] for row, column in places]
    lab._heard(
        {
            "events": [
                {"kind": "down", "id": "paper", "points": points[:1], "shift": False},
                {"kind": "move", "id": "paper", "points": points[1:], "shift": False},
                {"kind": "up", "id": "paper", "points": points[-1:], "shift": False},
            ]
        }
    )


def test_a_stroke_leaves_no_gap_however_fast_it_is(lab):
    lab.controls["clear"].click()
    assert lab.state.paper.sum() == 0
    paint(lab, (0.5, 3.5), (7.5, 3.5))
    assert (lab.state.paper[:, 3] == 1).all()
    assert lab.state.paper[:, [0, 1, 6, 7]].sum() == 0


def test_a_stroke_out_of_the_paper_harms_nothing(lab):
    paint(lab, (4, 4), (-20, 30), (50, -9))
    assert lab.state.cursor == (7, 0)
    assert 0 <= lab.state.paper.min()
    assert lab.state.paper.max() <= 1


def key(lab, *names):
    lab._heard(
        {"events": [{"kind": "key", "id": "paper", "key": name, "points": [], "shift": False} for name in names]}
    )


def test_the_keyboard_paints_too(lab):
    key(lab, "Delete", *["ArrowUp"] * 9, *["ArrowLeft"] * 9, "Space", "ArrowRight", "ArrowDown", "Space")
    assert lab.state.cursor == (1, 1)
    assert np.argwhere(lab.state.paper).tolist() == [[0, 0], [1, 1]]
    key(lab, "Space")
    assert lab.state.paper.sum() == 1
    key(lab, "e")
    np.testing.assert_array_equal(lab.state.paper.ravel(), lab.state.x_test[1])


@pytest.mark.parametrize("width", [440, 560, 700, 820, 960])
@pytest.mark.parametrize("units", [1, 7, 32])
def test_everything_stays_inside_the_picture_at_every_width(width, units):
    lab = DigitsLab(units=units)
    lab.state.width = width
    boxes, height = lab._places(lab.state)
    for x, y, wide, high in boxes.values():
        assert x >= 0
        assert y >= 0
        assert x + wide <= width + 0.01 or wide == 216
        assert y + high <= height + 0.01
    lab.draw()


def test_the_answer_on_the_screen_is_the_models():
    lab = DigitsLab(units=8)
    lab.step(80)
    answers = lab.model.layer_outputs(lab.state.paper.reshape(1, 64))
    texts = list(lab.stage.values["text"].values())
    assert [f"{answer:.1f}" for answer in answers[0][0]] == texts[:8]
    assert [f"{100 * p:.1f} %" for p in answers[1][0]] == texts[9:19]


def test_the_code_gives_the_same_network(lab, capsys):
    lab.controls["units"].value = 4
    lab.controls["learning_rate"].value = 0.01
    lab.reset()
    for _ in range(2):
        lab.controls["step"].click()
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["model"].parameters, lab.model.parameters)
    assert f"{lab.state.curves['test_loss'][-1]:.6f}"[:7] in capsys.readouterr().out
