"""DigitsLab without a page: its numbers are its model's, and its paper takes ink."""

import numpy as np
import pytest

from annlab import DigitsLab
from annlab.labs.digits import _signed, evidence
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

    def sums(x):
        return bend[state.activation](x @ kernel + bias) @ kernel_2 + bias_2

    paper = probabilities(state.paper.reshape(1, 64))[0]
    asked = int(paper.argmax()) if state.explain == "answer" else state.explain
    speak = shares_by_walking(sums, state.paper.reshape(64), asked)
    of_its_kind = state.y_test == state.rare
    found = probabilities(state.x_test[of_its_kind]).argmax(axis=1) == state.rare
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
        "asked": asked,
        "sum": sums(state.paper.reshape(1, 64))[0, asked],
        "empty": sums(np.zeros((1, 64)))[0, asked],
        "pro": speak.clip(min=0).sum(),
        "contra": speak.clip(max=0).sum(),
        "rare": state.rare,
        "left": (state.y_train == state.rare).sum(),
        "training": len(state.y_train),
        "found": found.sum(),
        "to find": of_its_kind.sum(),
    }


def shares_by_walking(sums, pixels, digit, steps=400):
    """From empty paper to the picture in small steps: each pixel's ink times the slope by it, nudged, not derived."""
    nudge = 1e-5
    walk = np.zeros(64)
    for at in (np.arange(steps) + 0.5) / steps:
        nudged = at * pixels + nudge * np.concatenate([np.eye(64), -np.eye(64)])
        up, down = sums(nudged)[:, digit].reshape(2, 64)
        walk += pixels * (up - down) / (2 * nudge) / steps
    return walk


def test_every_control_moves_the_picture_and_the_text_tells_the_models_numbers(lab):
    assert sweep(lab, limit=2.0, numbers=own_numbers) >= 15


ACTIVATIONS = ["relu", "tanh", "sigmoid", "linear"]


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_the_pixels_say_adds_up_and_is_what_a_walk_from_empty_paper_gives(activation):
    lab = DigitsLab(activation=activation, learning_rate=0.01)
    lab.step(120)
    first, last = lab.model.layers

    def sums(x):
        return first.activation(x @ first.kernel + first.bias) @ last.kernel + last.bias

    for example in lab.state.x_test[:5]:
        shares, empty = evidence(lab.model, example)
        assert shares.shape == (64, 10)
        np.testing.assert_allclose(empty + shares.sum(axis=0), sums(example[np.newaxis])[0], atol=1e-12)
        assert not shares[example == 0].any()
        for digit in (0, 7):
            # A relu has a corner: a step of the walk that goes over it is off by as much as the corner is wide.
            walk = shares_by_walking(sums, example, digit, steps=2000)
            tolerance = 0.01 if activation == "relu" else 1e-5
            np.testing.assert_allclose(shares[:, digit], walk, atol=tolerance)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_what_the_pixels_say_where_a_unit_gets_nothing(activation):
    lab = DigitsLab(activation=activation, units=2)
    pixels = np.full(64, 0.5)
    lab.model.layers[0].kernel = np.tile([[1.0, 0.0], [-1.0, 0.0]], (32, 1))  # for and against, as much
    shares, empty = evidence(lab.model, pixels)
    first, last = lab.model.layers
    slope = {"relu": 0.0, "tanh": 1.0, "sigmoid": 0.25, "linear": 1.0}[activation]  # at a bias of 0
    np.testing.assert_allclose(shares[0], 0.5 * slope * last.kernel[0], atol=1e-12)
    np.testing.assert_allclose(shares.sum(axis=0), 0, atol=1e-12)
    np.testing.assert_allclose(empty, first.activation(np.zeros((1, 2)))[0] @ last.kernel, atol=1e-12)


def test_the_pixels_of_another_digit_by_control_and_by_a_click_on_its_probability(lab):
    lab.step(200)
    says = int(lab.model(lab.state.paper.reshape(1, 64)).argmax())
    assert lab.asked == says
    assert f"Pixels for and against the {says}" in lab.stage.values["text"].values()
    other = (says + 3) % 10
    lab.controls["explain"].value = other
    assert lab.asked == other
    assert f"Pixels for and against the {other}" in lab.stage.values["text"].values()
    lab._heard({"events": [{"kind": "down", "id": "class-4", "points": [[0, 0]], "shift": False}]})
    assert (lab.asked, lab.controls["explain"].value) == (4, 4)
    shown = [text for text in lab.stage.values["text"].values() if text[:1] in ("+", "\u2212")]
    shares = lab.pixels().ravel()
    assert len(shown) == (np.abs(shares) >= 0.05).sum()
    np.testing.assert_array_equal(
        lab.pixels(says), evidence(lab.model, lab.state.paper.ravel())[0][:, says].reshape(8, 8)
    )


@pytest.mark.parametrize(("share", "text"), [(0.04, ""), (-0.04, ""), (0.06, "+0.1"), (-9.94, "\u22129.9")])
def test_numbers_that_fit_into_a_pixel(share, text):
    assert _signed(share) == text


@pytest.mark.parametrize(("share", "text"), [(9.96, "+10"), (-123.4, "\u2212123"), (1e5, "+"), (-1e9, "\u2212")])
def test_large_numbers_that_fit_into_a_pixel(share, text):
    assert _signed(share) == text


def test_a_digit_made_rare_is_lost_and_a_weight_brings_it_back():
    def found(**settings):
        lab = DigitsLab(rare=8, **settings)
        assert (lab.state.y_train == 8).sum() == (10 if settings["kept"] == 8 else 122)
        lab.step(20 * lab.steps_of_click(lab.state))
        return lab.facts(lab.state)["found"], lab.facts(lab.state)["right"]

    all_of_them, few, weighted = found(kept=100), found(kept=8), found(kept=8, weight=13)
    assert few[0] < 10 < 25 < weighted[0] < all_of_them[0]
    assert few[1] > 0.8 * 449  # and the accuracy does not show it
    assert weighted[1] > few[1]


def test_rare_digits_start_a_new_network_and_weights_do_not(lab):
    lab.step(50)
    lab.controls["rare"].value = 3
    assert lab.state.batch == 0  # a new epoch, because the weight may belong to another digit now
    assert not np.array_equal(lab.model.parameters, DigitsLab().model.parameters)
    lab.controls["weight"].value = 5
    assert lab.state.curves["loss"][0] > lab.facts(lab.state)["loss"]
    lab.controls["kept"].value = 0
    np.testing.assert_array_equal(lab.model.parameters, DigitsLab().model.parameters)
    assert 3 not in lab.state.y_train
    assert len(lab.state.y_test) == 449
    lab.step(45)
    lab.controls["rare"].value = 4
    assert 3 in lab.state.y_train
    assert 4 not in lab.state.y_train
    assert (lab.state.epoch, len(lab.state.curves["loss"])) == (0, 1)


def test_a_wrong_start_is_told_in_words():
    with pytest.raises(TypeError, match=r"Hidden units is a whole number from 1 to 32; got 'many' \(str\)"):
        DigitsLab(units="many")


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


def test_no_sentence_says_a_8():
    lab = DigitsLab(rare=8, explain=8)
    texts = " ".join([lab.stage.description, *lab.stage.values["text"].values()])
    assert " the 8" in texts
    assert " a 8" not in texts


@pytest.mark.parametrize(("width", "columns"), [(560, 2), (820, 3), (960, 3)])
def test_the_panels_stand_in_columns(width, columns):
    lab = DigitsLab()
    lab.state.width = width
    places, _ = lab._places(lab.state)
    panels = ("sheet", "spoke", "output", "hidden", "loss", "accuracy", "confusion", "recall", "digits")
    assert len({places[name][0] for name in panels}) == columns


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


def test_the_code_of_a_lab_with_a_rare_digit_gives_the_same_network():
    lab = DigitsLab(rare=2, kept=20, weight=4, units=3)
    lab.controls["step"].click()
    scope: dict = {}
    exec(lab.code(), scope)
    np.testing.assert_array_equal(scope["model"].parameters, lab.model.parameters)
