"""The Playground without a page: what it shows is its model's, and everything may change while it trains."""

import datetime
import re
import warnings

import numpy as np
import pytest

from annlab import Playground, activations, datasets, initializers, losses, optimizers
from annlab.labs.playground import text
from annlab.labs.playground.data import INPUTS
from annlab.labs.playground.run import Run
from annlab.labs.playground.settings import CONTROLS, GROUPS, PRESETS
from annlab.models import Divergence
from annlab.testing import sweep


@pytest.fixture
def lab():
    return Playground()


def put(lab, **values):
    for name, value in values.items():
        lab.controls[name].value = value


def epochs(lab, count=1):
    for _ in range(count):
        lab.controls["step"].click()


def event(lab, kind, id, points=(), key=None, shift=False):
    more = {} if key is None else {"key": key}
    lab._heard({"events": [{"kind": kind, "id": id, "points": [list(p) for p in points], "shift": shift, **more}]})


def on_map(lab, x1, x2):
    """The place of a point in the picture's own units."""
    from annlab.labs.playground.picture import places

    x, y, side, _ = places(lab.state)[0]["square"]
    return x + side * (x1 + 6) / 12, y + side * (6 - x2) / 12


def texts(lab):
    return list(lab.stage.values["text"].values())


# Numbers apart from the lab: nothing but the weights, plain formulas.

BEND = {"tanh": np.tanh, "relu": lambda z: np.maximum(z, 0), "linear": lambda z: z}


def own_features(x, state):
    columns = {
        "x1": x[:, 0],
        "x2": x[:, 1],
        "x1_squared": x[:, 0] ** 2,
        "x2_squared": x[:, 1] ** 2,
        "x1_x2": x[:, 0] * x[:, 1],
        "sin_x1": np.sin(x[:, 0]),
        "sin_x2": np.sin(x[:, 1]),
    }
    return np.column_stack([columns[name] for name in columns if getattr(state, name)])


def own_numbers(lab):
    """The numbers of the text line, computed with nothing but the weights."""
    state, run = lab.state, lab.state.run
    numbers = {
        "epoch": run.epoch,
        "inputs": sum(getattr(state, name) for name in INPUTS),
        "weights": sum(w.size for w in lab.model.get_weights()),
        "seed": state.seed,
        "training": len(run.x_train),
        "test": len(run.x_test),
    }
    numbers |= {f"units {k}": getattr(state, f"units_{k}") for k in range(1, state.layers + 1)}
    for prefix, x, y in (("", run.x_train, run.y_train), ("test_", run.x_test, run.y_test)):
        if not len(x):
            continue
        out = own_features(x, state)
        for layer in lab.model.layers:
            out = activations.get(layer.activation.name)(out @ layer.kernel + layer.bias)
        target = np.eye(out.shape[1])[y] if out.shape[1] > 1 else y[:, None]
        price = 0.0
        if state.regularization != "none":
            for layer in lab.model.layers:
                power = np.abs(layer.kernel) if state.regularization == "l1" else layer.kernel**2
                price += state.regularization_rate * power.sum()
        name = lab.model.loss.name
        if name == "sparse_categorical_crossentropy":
            name = "categorical_crossentropy"
        numbers[f"{prefix}loss"] = losses.get(name)(target, out) + price
        if state.data in ("plane", "multi_gauss"):
            numbers[f"{prefix}score"] = 1 - ((target - out) ** 2).sum() / ((target - target.mean()) ** 2).sum()
        elif out.shape[1] > 1:
            numbers[f"{prefix}score"] = (out.argmax(axis=1) == y).mean()
        else:
            numbers[f"{prefix}score"] = ((out[:, 0] > (0 if lab.model.loss.name == "hinge" else 0.5)) == y).mean()
    return numbers


def test_every_control_moves_the_picture_and_the_text_tells_the_models_numbers(lab):
    assert sweep(lab, limit=3.0, numbers=own_numbers) >= 150


def test_the_first_view_has_six_controls_and_the_rest_unfolds(lab):
    transport, first, groups, *folds = lab.widget.children
    assert [button.description for button in transport.children] == [
        "Play", "One epoch", "One batch", "One example", "Reset"
    ]  # fmt: skip
    assert len(first.children) == 6
    assert [button.description for button in groups.children] == list(GROUPS)
    assert all(fold.layout.display == "none" for fold in folds[: len(GROUPS)])
    groups.children[0].value = True
    assert folds[0].layout.display != "none"


def test_everything_on_the_screen_is_explained(lab):
    terms = " ".join(term.lower() for term, _ in lab.about)
    for word in ("inputs", "nodes", "lines", "b", "map", "loss", "accuracy", "epoch", "learning rate", "activation"):
        assert word in terms
    assert all(getattr(widget, "tooltip", None) for widget in lab.controls.values())


# Training.


def test_training_as_it_is_shown_ends_bit_for_bit_where_fit_ends(lab):
    epochs(lab, 7)
    run = lab.state.run
    twin = Playground().model
    twin.fit(run.x_train, run.y_train, batch_size=10, epochs=7, verbose=0)
    np.testing.assert_array_equal(lab.model.parameters, twin.parameters)


def test_an_epoch_a_batch_an_example(lab):
    run = lab.state.run
    lab.controls["step_batch"].click()
    assert (run.at, run.updates, run.epoch) == (10, 1, 0)
    lab.controls["step_example"].click()
    assert (run.at, run.updates, run.epoch) == (11, 2, 0)
    lab.controls["step"].click()
    # 239 points are left: 24 batches, the last of 9.
    assert (run.at, run.updates, run.epoch) == (250, 26, 1)


def test_one_example_moves_the_weights_by_its_own_gradient(lab):
    put(lab, learning_rate=0.5)
    run, before = lab.state.run, lab.model.parameters.copy()
    lab.controls["step_example"].click()
    twin = Playground(learning_rate=0.5).model
    first = run.order[:1]
    twin.train_on_batch(run.x_train[first], run.y_train[first])
    assert not np.array_equal(before, lab.model.parameters)
    np.testing.assert_allclose(lab.model.parameters, twin.parameters, rtol=1e-12)


def test_reset_goes_back_to_the_same_start_with_the_settings_of_now(lab):
    first = lab.model.parameters.copy()
    epochs(lab, 2)
    put(lab, learning_rate=0.1)
    lab.controls["reset"].click()
    np.testing.assert_array_equal(lab.model.parameters, first)
    assert lab.state.run.epoch == 0
    assert lab.model.optimizer.learning_rate == 0.1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("learning_rate", 0.3),
        ("activation", "relu"),
        ("activation_2", "sigmoid"),
        ("batch_size", 32),
        ("regularization", "l2"),
        ("noise", 0.3),
        ("train_share", 70),
        ("data", "xor"),
        ("data", "gauss"),
        ("points", 100),
        ("optimizer", "adam"),
        ("loss", "mse"),
        ("output_activation", "tanh"),
    ],
)
def test_it_may_change_while_it_trains_and_nothing_learned_is_lost(lab, name, value):
    lab.step(60)
    weights = lab.model.parameters.copy()
    put(lab, **{name: value})
    np.testing.assert_array_equal(lab.model.parameters, weights)
    lab.step(60)
    assert not np.array_equal(lab.model.parameters, weights)
    assert lab.error is None


def test_each_layer_has_its_own_activation(lab):
    put(lab, layers=3, activation_1="relu", activation_2="gelu", activation_3="step")
    assert [layer.activation.name for layer in lab.model.layers] == ["relu", "gelu", "step", "sigmoid"]
    assert "learn nothing" in lab.stage.note  # nothing passes back through a step


def test_weights_that_still_fit_stay_when_layers_change(lab):
    epochs(lab, 2)
    first, second, out = lab.model.get_weights()[::2]
    put(lab, units_1=6)
    np.testing.assert_array_equal(lab.model.layers[0].kernel[:, :4], first)
    np.testing.assert_array_equal(lab.model.layers[1].kernel[:4], second)
    np.testing.assert_array_equal(lab.model.layers[2].kernel, out)
    put(lab, units_1=3)
    np.testing.assert_array_equal(lab.model.layers[0].kernel, first[:, :3])
    put(lab, layers=3)
    np.testing.assert_array_equal(lab.model.layers[0].kernel, first[:, :3])
    np.testing.assert_array_equal(lab.model.layers[-1].kernel, out)
    put(lab, layers=1)
    np.testing.assert_array_equal(lab.model.layers[0].kernel, first[:, :3])
    assert lab.state.run.epoch == 2
    put(lab, layers=0)
    lab.step(5)


def test_another_input_keeps_the_weights_of_the_others(lab):
    epochs(lab)
    rows = lab.model.layers[0].kernel.copy()
    put(lab, x1_squared=True)
    np.testing.assert_array_equal(lab.model.layers[0].kernel[:2], rows)
    put(lab, x1=False)
    np.testing.assert_array_equal(lab.model.layers[0].kernel[0], rows[1])  # x2 is the first input now


def test_one_input_has_to_stay(lab):
    put(lab, x1=False)
    put(lab, x2=False)
    assert lab.controls["x2"].value
    assert "One input has to stay" in lab.stage.note
    assert lab.model.layers[0].kernel.shape == (1, 4)


def test_divergence_is_explained_and_the_last_good_moment_stays():
    lab = Playground("Too fast")
    with pytest.raises(Divergence):
        lab.step(500)
    assert np.isfinite(lab.model.parameters).all()
    lab.draw()  # finite numbers only, or the picture itself would refuse
    lab.controls["learning_rate"].value = 0.001
    lab.step(50)
    assert lab.state.run.scores()["loss"] < 10


def test_a_button_shows_the_divergence_in_words():
    lab = Playground("Too fast")
    lab.controls["step"].click()
    assert isinstance(lab.error, Divergence)
    assert "Training diverged in epoch 1" in lab.stage.note
    assert "learning rate 3" in lab.stage.note
    assert lab.stage.trouble


def test_stop_after_pauses_whenever_so_many_epochs_are_complete(lab):
    put(lab, stop_after=3)
    lab.step(1000)
    assert lab.state.run.epoch == 3
    lab.step(1000)
    assert lab.state.run.epoch == 6


def test_steps_back_shows_earlier_moments_and_training_goes_on_from_there(lab):
    moments = []
    for _ in range(5):
        epochs(lab)
        moments.append(lab.model.parameters.copy())
    put(lab, back=3)
    np.testing.assert_array_equal(lab.model.parameters, moments[1])
    assert lab.state.run.epoch == 2
    put(lab, back=1)
    np.testing.assert_array_equal(lab.model.parameters, moments[3])
    put(lab, back=3)
    for moment in moments[2:]:  # the same future, bit for bit
        epochs(lab)
        np.testing.assert_array_equal(lab.model.parameters, moment)
    assert lab.controls["back"].value == 0
    assert lab.state.run.curves["epoch"] == [0, 1, 2, 3, 4, 5]
    put(lab, back=400)  # no further than the start
    assert lab.state.run.epoch == 0


def test_curves_of_long_runs_keep_a_bounded_number_of_points(lab):
    run = lab.state.run
    for _ in range(1000):
        run.epoch += 1
        if run.epoch % run.every == 0:
            run.note_scores()
    assert len(run.curves["epoch"]) <= 481
    assert run.curves["epoch"][0] == 0
    assert run.curves["epoch"][-1] == 1000


def test_a_pinned_run_stays_as_a_ghost(lab):
    epochs(lab, 3)
    lab.controls["pin"].click()
    ghost = lab.state.pinned["loss"][-1]
    put(lab, learning_rate=1.0)
    lab.controls["reset"].click()
    epochs(lab)
    assert "pinned" in lab.stage.structure
    assert f"{ghost:.3f}" in texts(lab)
    lab.controls["unpin"].click()
    assert "pinned" not in lab.stage.structure


def test_a_second_run_starts_beside_it_from_the_same_start(lab):
    epochs(lab, 2)
    first = Playground().model.parameters
    put(lab, second=True)
    other = lab.state.other
    assert lab.state.run.epoch == other.epoch == 0
    np.testing.assert_array_equal(lab.model.parameters, first)
    np.testing.assert_array_equal(other.model.parameters, first)
    put(lab, learning_rate=0.3)
    epochs(lab, 3)
    assert other.epoch == 3
    assert other.model.optimizer.learning_rate == 0.03
    alone = Playground()
    epochs(alone, 3)
    np.testing.assert_array_equal(other.model.parameters, alone.model.parameters)
    assert f"{other.scores()['loss']:.3f}" in " ".join(texts(lab))
    put(lab, second=False)
    assert lab.state.other is None


# All that can be chosen works together with all else that matters to it.


@pytest.mark.parametrize("activation", activations.names())
def test_every_activation_trains(activation):
    lab = Playground(units=[3, 3], activation=[activation, "tanh"], points=60, data="gauss")
    lab.step(6)
    assert lab.error is None
    assert all(np.isfinite(w).all() for w in lab.model.get_weights())


@pytest.mark.parametrize("data", [name for _, name in CONTROLS["data"].build("circle").options if name != "own"])
@pytest.mark.parametrize("loss", ["crossentropy", "mse", "mae", "hinge"])
def test_every_loss_goes_with_all_data(data, loss):
    lab = Playground(data=data, loss=loss, points=40, optimizer="adam")
    lab.step(6)
    assert own_numbers(lab)["loss"] == pytest.approx(lab.state.run.scores()["loss"], abs=1e-6)


@pytest.mark.parametrize("optimizer", optimizers.names())
@pytest.mark.parametrize("initializer", ["zeros", "uniform", "strengths", "he_normal", "orthogonal"])
def test_every_optimizer_goes_with_first_weights(optimizer, initializer):
    lab = Playground(optimizer=optimizer, initializer=initializer, points=40, learning_rate=0.01)
    lab.step(5)
    assert type(lab.model.optimizer).__name__.lower() == optimizer
    assert initializer in initializers.names()


def test_an_ending_that_does_not_suit_the_loss_is_said(lab):
    put(lab, output_activation="tanh")
    assert "expects outputs between 0 and 1" in lab.stage.note
    lab.controls["reset"].click()
    assert "expects outputs between 0 and 1" in lab.stage.note
    assert "and linear leaves them" in Playground(output_activation="linear").stage.note
    assert "from_logits" not in Playground(output_activation="linear", data="xor3").stage.note


def test_outputs_that_are_all_zero_are_a_start_too(lab):
    put(lab, initializer="zeros", data="xor3", output_activation="linear")
    assert own_numbers(lab)["loss"] == pytest.approx(-np.log(1e-7))


def test_a_remark_goes_when_it_no_longer_holds(lab):
    put(lab, activation_2="step")
    assert "The step function is flat" in lab.stage.note
    put(lab, noise=0.1)
    assert "The step function is flat" in lab.stage.note
    put(lab, activation_2="tanh")
    assert lab.stage.note == ""
    put(lab, table="x1,x2,class\n-1,0,0\n1,0,1")
    assert "2 points were read" in lab.stage.note  # another note is not a remark, and stays
    put(lab, activation_2="relu")
    assert "2 points were read" in lab.stage.note


def test_the_line_counts_weights_and_biases(lab):
    assert "4 and 4 units and 37 weights and biases" in lab.stage.description  # 2*4+4, 4*4+4, 4+1


def test_the_program_is_shown_while_it_trains_as_well(lab):
    lab._playing = True
    put(lab, program="annlab", layers=1)
    assert "Dense(4" in lab._program.value
    assert lab.controls["share"].value == "layers=1"
    lab._playing = False


def test_regularization_shrinks_the_weights():
    plain, priced = Playground(), Playground(regularization="l2", regularization_rate=0.1)
    for each in (plain, priced):
        epochs(each, 20)
    assert np.abs(priced.model.parameters).sum() < 0.5 * np.abs(plain.model.parameters).sum()


# The picture.


@pytest.mark.parametrize("width", [440, 560, 700, 820, 960])
@pytest.mark.parametrize("units", [[], [1], [8, 8], [8] * 6])
def test_everything_stays_inside_the_picture_at_every_width(width, units):
    from annlab.labs.playground.picture import nodes, places

    lab = Playground(units=units, data="spiral3", numbers=True, second=True)
    lab.state.width = width
    boxes, height = places(lab.state)
    for name, (x, y, wide, high) in boxes.items():
        assert x >= 0, name
        assert y >= 0, name
        assert x + wide <= width + 0.01, name
        assert y + high <= height + 0.01, name
    x, y, wide, high = boxes["network"]
    for column in nodes(lab.state, boxes["network"]):
        for upper, lower in zip(column, column[1:], strict=False):
            assert lower.y - upper.y >= upper.side + 11  # the bias stands between them
        for node in column:
            assert x <= node.x - node.side / 2
            assert node.x + node.side / 2 <= x + wide + 0.01
            assert y <= node.y - node.side / 2
            assert node.y + node.side / 2 <= y + high + 0.01
    lab.draw()


def test_a_frame_of_training_leaves_the_structure_as_it_is(lab):
    lab.step(300)
    before = lab.stage.structure
    lab.step(30)  # 12 and 13 epochs: the same axis, to 15
    assert lab.stage.structure == before
    event(lab, "hover", "map", [on_map(lab, 1, 2)])
    assert lab.stage.structure == before


def test_the_map_is_the_model_at_every_place(lab):
    epochs(lab, 20)
    heat = np.frombuffer(lab.stage.heat, np.uint8)[-10_000 - 60 :][:10_000].reshape(100, 100)
    # The upper left cell is the place (-5.94, 5.94); the map is paler than the nodes by 0.62.
    for row, column in ((0, 0), (50, 50), (99, 20)):
        place = np.array([[-6 + 0.12 * (column + 0.5), 6 - 0.12 * (row + 0.5)]])
        signed = 0.62 * (2 * float(lab.model(place)[0, 0]) - 1)
        assert abs((int(heat[row, column]) - 128) / 127.5 - signed) < 0.01


def test_a_place_on_the_map_colours_every_node_with_its_answer(lab):
    epochs(lab, 3)
    event(lab, "hover", "map", [on_map(lab, 2.0, -1.0)])
    x = np.array([[2.0, -1.0]])
    answers = [x[0], *(y[0] for y in lab.model.layer_outputs(x))]
    shown = texts(lab)
    for value in np.concatenate(answers):
        written = f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
        assert written.replace("-", "\u2212") in shown or float(written) == 0
    assert "The place x\u2081 2.000, x\u2082 \u22121.000" in shown
    event(lab, "leave", "map")
    assert lab.state.probe is None


def test_a_click_keeps_an_example_and_another_lets_it_go(lab):
    point = lab.state.run.points.x[0]
    near = on_map(lab, point[0] + 0.01, point[1] - 0.01)
    event(lab, "down", "map", [near])
    event(lab, "leave", "map")
    np.testing.assert_array_equal(lab.state.probe, point)
    answer = float(lab.model(point[None])[0, 0])
    assert f"{answer:.2f}" in texts(lab)
    event(lab, "down", "map", [near])
    event(lab, "leave", "map")
    assert lab.state.probe is None
    event(lab, "key", "map", key="Space")
    event(lab, "key", "map", key="Escape")
    assert lab.state.kept_place is None


def test_a_node_shows_its_sum_with_its_numbers_and_its_map_grows(lab):
    epochs(lab, 3)
    event(lab, "down", "node-2-1")
    event(lab, "up", "node-2-1")
    words = " ".join(texts(lab))
    assert "Hidden layer 2, unit 2" in words
    numbers = re.search(r"z = (.*?) = (\S+) y = tanh\(z\) = (\S+)", re.sub(r"\s+", " ", words))
    x = lab.state.run.x_train[:1]
    layer = lab.model.layers[1]
    before = lab.model.layer_outputs(x)[0][0]
    z = before @ layer.kernel[:, 1] + layer.bias[1]
    assert float(numbers[2].replace("\u2212", "-")) == pytest.approx(z, abs=5e-4)
    assert float(numbers[3].replace("\u2212", "-")) == pytest.approx(np.tanh(z), abs=5e-4)
    terms = re.findall(r"(\(?\u2212?[\d.]+\)?)\u00b7(\(?\u2212?[\d.]+\)?)", numbers[1])
    assert len(terms) == 4
    for (weight, value), w, v in zip(terms, layer.kernel[:, 1], before, strict=True):
        assert float(weight.strip("()").replace("\u2212", "-")) == pytest.approx(w, abs=5e-4)
        assert float(value.strip("()").replace("\u2212", "-")) == pytest.approx(v, abs=5e-4)
    event(lab, "hover", "node-1-0")
    assert "Hidden layer 1, unit 1" in texts(lab)
    wide = Playground(units=[12, 2])
    event(wide, "down", "node-2-0")
    assert "\u2026 5 more \u2026" in " ".join(texts(wide))
    assert any(text.startswith("y = tanh(z) = ") for text in texts(wide))


def shown_number(text):
    return float(text.strip("()").replace("\u2212", "-"))


def test_the_digits_of_a_sum_come_out_as_they_are_shown(lab):
    epochs(lab, 30)
    for name in ("node-1-1", "node-2-0", "node-2-3", "node-3-0"):
        for x1, x2 in ((-1.34, -4.16), (2.5, 0.1), (0.33, 3.1), (-4.4, 1.7)):
            event(lab, "hover", "map", [on_map(lab, x1, x2)])
            event(lab, "hover", name)
            words = re.sub(r"\s+", " ", " ".join(texts(lab)))
            numbers = re.search(r"z = (.*?) \+ (\S+) = (\S+) y = (\w+)\(z\) = (\S+)", words)
            terms = re.findall(r"(\(?\u2212?[\d.]+\)?)\u00b7(\(?\u2212?[\d.]+\)?)", numbers[1])
            total = sum(shown_number(w) * shown_number(v) for w, v in terms) + shown_number(numbers[2])
            z, y = shown_number(numbers[3]), shown_number(numbers[5])
            decimals = len(numbers[3].partition(".")[2])
            assert f"{total:.{decimals}f}" == f"{z:.{decimals}f}", numbers[0]
            assert f"{activations.get(numbers[4])(np.array([[z]]))[0, 0]:.3f}" == f"{y:.3f}", numbers[0]


@pytest.mark.parametrize("width", [360, 509, 640, 760, 833])
@pytest.mark.parametrize("projector", [False, True])
def test_every_line_about_a_large_sum_has_room(width, projector):
    """The last line is y, what all the others lead to."""
    lab = Playground(units=[8, 8], projector=projector)
    lab.state.width, lab.state.probe = width, (2.013, -1.117)
    for thing in (("bias", 2, 1), ("bias", 3, 0), ("link", 1, 0, 1), ("node", 2, 3)):
        lab.state.selected = thing
        lab.draw()
        assert any(re.match(r"y = \w+\(z\) = ", words) for words in texts(lab)), thing


def test_numbers_beyond_a_million_are_short_everywhere():
    lab = Playground("Too fast", numbers=True, second=True)
    for _ in range(12):
        lab.controls["step_batch"].click()
    lab.state.other.model.parameters[...] = lab.model.parameters
    lab.state.other._scored = None
    event(lab, "hover", "map", [on_map(lab, 3, 3)])
    event(lab, "hover", "node-3-0")
    lab.draw()
    scores = lab.state.run.scores()
    assert scores["loss"] > 1e9
    for words in (*texts(lab), lab.stage.description, *re.findall(r">([^<]*)</text>", lab.stage.structure)):
        assert not re.search(r"\d{7}", words.replace(",", "")), words
    assert f"{scores['loss']:.1e}" in texts(lab)
    assert f"has a loss of {scores['loss']:.1e}" in lab.stage.description
    # names beside the axis of the curves begin inside the picture (a letter is about 6.6 wide)
    ends = re.findall(r'<text x="([\d.]+)"[^>]*text-anchor="end"[^>]*>(\d[^<]*)</text>', lab.stage.structure)
    assert any("e" in name for _, name in ends)
    assert all(float(x) >= 6.5 * len(name) for x, name in ends)


def test_a_bias_of_nearly_zero_has_no_sign(lab):
    lab.model.layers[0].bias[:2] = -0.001, -0.006
    lab.draw()
    assert "b 0.00" in texts(lab)
    assert "b \u22120.01" in texts(lab)
    assert "b \u22120.00" not in texts(lab)


def test_all_weights_as_numbers(lab):
    epochs(lab, 2)
    put(lab, numbers=True)
    shown = texts(lab)
    for value in lab.model.parameters:
        assert f"{value:.3f}".replace("-", "\u2212") in shown or round(value, 3) == 0


def test_a_weight_is_set_by_dragging_by_keys_and_by_typing(lab):
    event(lab, "down", "link-0-1-2", [(100, 200)])
    before = float(lab.model.layers[0].kernel[1, 2])
    assert lab.controls["value"].value == pytest.approx(before, abs=1e-6)
    event(lab, "move", "link-0-1-2", [(100, 190), (100, 150)])  # 50 up: 50 times 0.02
    assert lab.model.layers[0].kernel[1, 2] == pytest.approx(before + 1.0, abs=1e-3)
    event(lab, "up", "link-0-1-2", [(100, 150)])
    put(lab, value=-2.5)
    assert lab.model.layers[0].kernel[1, 2] == -2.5
    event(lab, "down", "bias-2-3", [(100, 200)])
    event(lab, "move", "bias-2-3", [(100, 225)])
    assert lab.model.layers[1].bias[3] == pytest.approx(-0.5)
    event(lab, "key", "node-1-0", key="ArrowRight")  # its bias
    event(lab, "key", "node-1-0", key="ArrowRight")  # the weight from x1
    before = float(lab.model.layers[0].kernel[0, 0])
    event(lab, "key", "node-1-0", key="ArrowUp")
    event(lab, "key", "node-1-0", key="ArrowDown", shift=True)
    assert lab.model.layers[0].kernel[0, 0] == pytest.approx(before - 0.9, abs=2e-3)
    assert "Weight, input x\u2081 to layer 1 unit 1" in texts(lab)


def test_buttons_in_the_picture_change_layers_and_inputs(lab):
    event(lab, "down", "more-1")
    assert lab.controls["units_1"].value == 5
    event(lab, "key", "less-2", key="Enter")
    assert lab.model.layers[1].units == 3
    event(lab, "down", "activation-1")
    assert lab.controls["activation_1"].value == "relu"  # the one after tanh
    event(lab, "key", "activation-1", key="ArrowUp")
    assert lab.model.layers[0].activation.name == "tanh"
    event(lab, "down", "node-0-2")
    assert lab.controls["x1_squared"].value
    assert lab.model.layers[0].kernel.shape[0] == 3


def test_a_report_about_something_that_is_gone_harms_nothing(lab):
    event(lab, "down", "link-2-3-0", [(0, 0)])
    put(lab, layers=0)
    for name in ("link-2-3-0", "node-3-0", "bias-2-1", "more-2", "activation-6", "node-0-6"):
        event(lab, "hover", name)
        event(lab, "move", name, [(5, 5)])
        event(lab, "key", name, key="Enter")
    assert lab.error is None


# Own points.


def test_points_of_your_own_by_click_and_by_keys(lab):
    lab.controls["clear_points"].click()
    assert lab.state.data == "own"
    assert "no points to learn from" in lab.stage.description
    lab.step(3)
    assert "There are no points" in lab.stage.note
    put(lab, pointer="add 0")
    event(lab, "down", "map", [on_map(lab, -3, 2)])
    put(lab, pointer="add 1")
    event(lab, "down", "map", [on_map(lab, 3, 2)])
    for key in ["ArrowLeft"] * 5 + ["ArrowDown"] * 5 + ["Space"]:
        event(lab, "key", "map", key=key)
    points = lab.state.run.points
    np.testing.assert_allclose(points.x, [[-3, 2], [3, 2], [2, 1]], atol=0.011)
    assert points.y.tolist() == [0, 1, 1]
    assert lab.controls["table"].value.splitlines() == ["x1,x2,class", "-3,2,0", "3,2,1", "2,1,1"]
    lab.step(40)
    event(lab, "key", "map", key="Delete")
    assert len(lab.state.run.points.x) == 2
    put(lab, pointer="add 3")
    event(lab, "down", "map", [on_map(lab, 0, -4)])
    assert lab.model.layers[-1].units == 4  # classes 0 to 3


def test_a_point_that_was_put_on_the_map_stays_in_sight(lab):
    """Half of them are test points; these are drawn with a hole, and the picture says so."""
    lab.controls["clear_points"].click()
    put(lab, pointer="add 1")
    places = [(-3, 2), (3, 2), (1, -1), (-2, -2), (4, 4), (-4, -4)]
    for place in places:
        event(lab, "down", "map", [on_map(lab, *place)])
    assert len(lab.state.run.x_test) == 3
    assert lab.controls["show_test"].value
    assert "with a hole: test points" in lab.stage.structure
    put(lab, show_test=False)  # whoever wants them away has them away
    event(lab, "down", "map", [on_map(lab, 0, 3)])
    assert not lab.controls["show_test"].value
    assert "with a hole" not in lab.stage.structure
    for other in (Playground(), Playground("data=own")):
        other.set_points(places, [0, 0, 0, 1, 1, 1])
        assert other.state.show_test


def test_a_table_says_which_class_is_which(lab):
    put(lab, table="x1,x2,kind\n-1,0,owl\n1,0,cat\n2,1,owl")
    assert lab.stage.note == "3 points were read from the table: cat is class 0, owl is class 1."
    put(lab, table="x1,x2,class\n-1,0,1")
    assert lab.stage.note == "One point was read from the table."


def test_points_from_a_table_and_from_a_csv(lab):
    put(lab, table="x1,x2,class\n-1,0,0\n1,0,1\n2,1,1\n-2,1,0\n0,3,0")
    assert len(lab.state.run.points.x) == 5
    put(lab, table="x1,x2,class\n-1,zero,0\n1,0,1")
    assert "expected a number" in lab.stage.note
    assert lab.stage.trouble
    assert len(lab.state.run.points.x) == 5
    rows = "<b>bill</b>,mass,species\n30,3000,Adelie\n40,4000,Gentoo\n50,5000,Chinstrap\n45,3500,Adelie\n"
    file = {"name": "birds.csv", "type": "text/csv", "size": len(rows), "content": memoryview(rows.encode())}
    lab.controls["csv"].value = ({**file, "last_modified": datetime.datetime(2026, 1, 1)},)
    points = lab.state.run.points
    assert points.classes == 3
    np.testing.assert_allclose(points.x, [[-5, -5], [0, 0], [5, 5], [2.5, -2.5]])  # 30 to 50, 3000 to 5000
    assert "&lt;b&gt;bill&lt;/b&gt; (30 to 50)" in lab.stage.structure
    lab.step(5)


def test_a_run_longer_than_a_line_may_ask_for_is_told_by_its_weights(lab):
    lab.step(lab.state.run.batches)
    lab.state.run.epoch = 100_001
    assert "epochs=" not in lab.share
    assert "weights=" in lab.share


def test_back_and_forth_again_is_the_moment_where_it_was_paused(lab):
    epochs(lab, 2)
    lab.step(3)  # in the middle of an epoch
    put(lab, back=0)
    weights, at = lab.model.parameters.copy(), lab.state.run.at
    put(lab, back=2)
    assert lab.state.run.epoch == 1
    put(lab, back=0)
    assert np.array_equal(lab.model.parameters, weights)
    assert lab.state.run.at == at


def test_many_layers_are_said_as_a_list():
    assert "hidden layers of 3, 2 and 4 units and" in Playground(units=[3, 2, 4]).still()
    assert "hidden layers of 3 and 2 units and" in Playground(units=[3, 2]).still()


def test_points_that_the_map_or_the_line_cannot_hold_are_answered(lab):
    with pytest.raises(ValueError, match=r"from -6 to 6 in both directions; got a point at \(100, 0\)"):
        lab.set_points([[1, 1], [100, 0]], [0, 1])
    with pytest.raises(ValueError, match="from -1e12 to 1e12; got 1e\\+200"):
        lab.set_points([[1, 1], [2, 0]], [0.5, 1e200])
    assert lab.state.data == "circle"


def test_the_line_and_the_program_learn_the_very_same_points_of_your_own():
    """Whatever decimals they came with: the same epochs from the same start end at the same weights."""
    places, rng = np.random.default_rng(0).uniform(-6, 6, (30, 2)), np.random.default_rng(1)
    lab = Playground(batch_size=7)
    lab.set_points(places, rng.normal(0, 1, 30))
    lab.reset()
    lab.step(3 * lab.state.run.batches)
    assert "epochs=3" in lab.share
    assert np.array_equal(Playground(lab.share).model.parameters, lab.model.parameters)
    names: dict = {}
    exec(lab.code(), names)
    assert np.array_equal(names["model"].parameters, lab.model.parameters)


def test_what_was_said_of_other_points_goes_and_advice_is_for_the_page(lab):
    put(lab, data="own")
    assert lab.stage.note.startswith("No points yet")
    put(lab, pointer="add 1")
    event(lab, "down", "map", [on_map(lab, 1, 1)])
    assert lab.stage.note == ""
    put(lab, table="1,2,0\nfoo,3,1")
    assert lab.stage.note.endswith("expected a number, got 'foo'. Correct it.")
    put(lab, table="1,2,0\n,3,1")
    assert lab.stage.note.endswith("the value is missing. Fill it in.")
    put(lab, table="1,2,0\n3,3,1")
    assert lab.stage.note == "2 points were read from the table."
    lab.controls["clear_points"].click()
    assert lab.stage.note == ""


def test_numbers_of_your_own(lab):
    lab.set_points([[-3, 0], [0, 1], [3, 2], [5, 5]], [-1.5, 0.25, 1.5, 4.0])
    assert lab.model.layers[-1].activation.name == "linear"
    lab.step(5)
    with pytest.raises(ValueError, match="finite"):
        lab.set_points([[np.nan, 0]], [1])


# As text, as a program, as presets.


@pytest.mark.parametrize("preset", PRESETS)
def test_every_preset_starts_and_can_be_shared(preset):
    lab = Playground(preset)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = Playground(lab.share)
    np.testing.assert_array_equal(again.model.parameters, lab.model.parameters)
    assert again.stage.structure == lab.stage.structure


def test_the_line_of_text_brings_back_the_whole_state(lab):
    put(lab, data="spiral", noise=0.15, layers=3, units_2=7, activation_3="relu", optimizer="adam", x1_x2=True, seed=5)
    put(lab, learning_rate=0.01, regularization="l1", initializer="he_normal", show_test=True)
    epochs(lab, 4)
    assert "epochs=4" in lab.share
    again = Playground(lab.share)
    np.testing.assert_array_equal(again.model.parameters, lab.model.parameters)
    np.testing.assert_array_equal(again.state.run.x_train, lab.state.run.x_train)
    assert again.stage.description == lab.stage.description
    put(lab, learning_rate=0.1)  # changed on the way: epochs alone would not lead here
    epochs(lab, 1)
    assert "weights=" in lab.share
    again = Playground(lab.share)
    np.testing.assert_allclose(again.model.parameters, lab.model.parameters, rtol=1e-6)


def test_the_line_of_text_holds_points_of_your_own(lab):
    lab.set_points([[-3, 0.123], [0, 1], [3, 2], [5, -5.5]], [0, 1, 2, 1])
    again = Playground(lab.share)
    np.testing.assert_allclose(again.state.run.points.x, lab.state.run.points.x, atol=1e-3)
    assert again.state.run.points.y.tolist() == [0, 1, 2, 1]


def test_a_line_can_be_pasted_into_the_field(lab):
    put(lab, share="data=xor layers=1 units_1=5 seed=9")
    assert (lab.state.data, lab.state.layers, lab.state.units_1, lab.state.seed) == ("xor", 1, 5, 9)
    assert lab.controls["layers"].value == 1
    assert lab.state.noise == CONTROLS["noise"].value


@pytest.mark.parametrize(
    "line", ["colour=red", "layers=99", "units_1=100", "data=mars", "weights=AAAAAA", "x1=off x2=off"]
)
def test_a_line_that_cannot_be_read_changes_nothing(lab, line):
    lab.step(3)
    before = lab.share
    put(lab, share=line)
    assert lab.stage.note.startswith("Nothing was changed: ")
    assert lab.stage.trouble
    assert lab.error is None
    assert lab.share == lab.controls["share"].value == before
    lab.step(3)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("layers=two", "'layers=two': a whole number was expected"),
        ("learning_rate=fast", "'learning_rate=fast': a number was expected"),
        ("x1=yes", "'x1=yes': it can be on or off"),
        ("epochs=-3", "epochs goes from 0 to 100000; got -3"),
        ("noise=much", "'noise=much': a number was expected"),
        ("weights=AAA", "the weights in it are not complete"),
        ("own=class", "own"),
        ("layers=7", "Hidden layers goes from 0 to 6; got 7"),
    ],
)
def test_a_line_is_refused_in_words(line, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        Playground(line)


def test_a_preset_is_found_however_it_is_written():
    assert Playground("two spirals").share == Playground("Two spirals").share


@pytest.mark.parametrize("by", ["the picture", "a cell"])
def test_weights_that_were_set_by_hand_before_training_stay(lab, by):
    if by == "a cell":
        lab.model.layers[0].kernel = np.full(lab.model.layers[0].kernel.shape, 2.5)
        lab.draw()
    else:
        lab._take("events", "", [{"kind": "down", "id": "link-0-0-1", "points": [[0, 0]], "key": "", "shift": False}])
        put(lab, value=2.5)
    assert Playground(lab.share).model.layers[0].kernel[0, 1] == 2.5
    put(lab, noise=0.2)
    put(lab, layers=3)
    put(lab, units_1=6)
    assert lab.model.layers[0].kernel[0, 1] == 2.5
    lab.reset()
    assert lab.model.layers[0].kernel[0, 1] != 2.5
    assert "weights" not in lab.share


@pytest.mark.parametrize(
    "line", ["data", "data=mars", "x1=yes", "own=class,3,AAAA", "weights=????", "layers=two", "weights=AAAA", "own=x"]
)
def test_a_damaged_line_says_which_word(line):
    with pytest.raises(ValueError):
        Playground(line)


def test_the_code_gives_the_same_network(capsys):
    for start in (
        "data=spiral noise=0.1 layers=1 optimizer=adam x1_squared=on train_share=70",
        "data=spiral3 loss=mse",
        "data=plane",
        "data=circle regularization=l2",
    ):
        lab = Playground(start)
        epochs(lab, 3)
        scope: dict = {}
        exec(lab.code(), scope)
        np.testing.assert_array_equal(scope["model"].parameters, lab.model.parameters)
        assert f"{lab.state.run.scores()['test_loss']:.9f}"[:9] in capsys.readouterr().out


def test_the_code_says_when_settings_changed_on_the_way(lab):
    epochs(lab)
    put(lab, batch_size=5, learning_rate=0.1)
    epochs(lab)
    assert "changed on the way" in lab.code()
    put(lab, program="annlab")
    assert "changed on the way" in lab._program.value
    put(lab, program="keras")
    assert "import keras" in lab._program.value
    put(lab, activation="step")
    assert "Keras has no step function" in lab._program.value


def test_the_code_for_keras_runs(lab, capsys):
    pytest.importorskip("keras")
    lab.set_points([[-3, 0], [0, 1], [3, 2], [5, -5.5], [1, 1]], [0, 1, 1, 0, 1])
    epochs(lab)
    exec(lab.code("keras"), {})
    assert "[" in capsys.readouterr().out


# Built with arguments.


def test_units_and_activations_as_lists_and_more_than_eight():
    lab = Playground(units=[12, 3], activation=["relu", "tanh"])
    assert [layer.units for layer in lab.model.layers] == [12, 3, 1]
    assert [layer.activation.name for layer in lab.model.layers[:2]] == ["relu", "tanh"]
    assert lab.controls["units_1"].max == 12
    with pytest.raises(ValueError, match="up to 6 hidden layers"):
        Playground(units=[2] * 7)


def test_a_teacher_can_hide_and_choose_controls():
    lab = Playground(hide=["batch_size", "regularization", "step_example"])
    shown = [widget for row in lab.widget.children[:-2] for widget in getattr(row, "children", ())]
    for name in ("batch_size", "regularization", "step_example"):
        assert lab.controls[name] not in shown
    lab = Playground(show=["play", "reset", "initializer"])
    shown = [widget for row in lab.widget.children[:-2] for widget in row.children]
    assert shown == [lab.controls["play"], lab.controls["reset"], lab.controls["initializer"]]
    with pytest.raises(TypeError, match="no control 'colour'"):
        Playground(show=["colour"])


def test_the_projector_shows_large_type_and_few_controls(lab):
    put(lab, projector=True)
    assert "annlab-projector" in lab.widget._dom_classes
    assert 'viewBox="0 0 640' in lab.stage.structure
    away = [group for group in lab._groups if "annlab-away" in group._dom_classes]
    assert len(away) == len(GROUPS)  # the row of buttons, and all groups but the one with the switch
    put(lab, projector=False)
    assert "annlab-projector" not in lab.widget._dom_classes
    assert not any("annlab-away" in group._dom_classes for group in lab._groups)


def test_a_preset_and_the_way_back(lab):
    lab = Playground(units=[6, 4])
    put(lab, preset="Three spirals")
    assert lab.model.layers[-1].units == 3
    put(lab, preset="")
    assert [layer.units for layer in lab.model.layers] == [6, 4, 1]
    assert lab.state.data == "circle"


def test_zero_weights_keep_twins():
    lab = Playground("Twins: all weights zero")
    epochs(lab, 30)
    kernel = lab.model.layers[0].kernel
    assert (kernel == kernel[:, :1]).all()


def test_a_run_repeats_itself_from_its_seed():
    runs = [Run(text.settings_of(Playground(data="moons", seed=3).state), Playground()._own) for _ in range(2)]
    for run in runs:
        for _ in range(40):
            run.take(10)
    np.testing.assert_array_equal(runs[0].model.parameters, runs[1].model.parameters)
    x, y = datasets.moons(500, 0.0, seed=0)
    assert len(x) == len(runs[0].points.x) == len(y)
