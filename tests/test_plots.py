"""What a figure says is what the numbers say: read back from the lines, the texts and the images that were drawn."""

import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure

from annlab import Dense, Input, Neuron, Perceptron, Sequential, datasets, plots


def network(units=1, activation="sigmoid", loss="binary_crossentropy"):
    model = Sequential([Input((2,)), Dense(4, "tanh"), Dense(units, activation)], seed=1)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


def new_ax():
    return Figure(figsize=(3, 3)).add_subplot()


def rendered(ax):
    ax.figure.canvas.draw()  # warnings, missing glyphs and impossible layouts show up here
    return ax


def test_neither_pyplot_nor_a_window_is_needed():
    code = "import sys, annlab.plots as p; p.activation('relu'); sys.exit('matplotlib.pyplot' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_figure_shows_itself():
    figure, ax = plots.subplots(size=(2, 1))
    plots.activation("tanh", ax)
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert plots.subplots(2, 3)[1].shape == (2, 3)
    assert plots.activation("tanh")[0].figure._repr_png_().startswith(b"\x89PNG")


def test_learning_curves_are_the_history():
    x, y = datasets.gauss(n=40)
    history = network().fit(x, y, epochs=3, verbose=0, validation_data=datasets.gauss(n=20, seed=1))
    ax = new_ax()
    training, validation = plots.learning_curves(history, "accuracy", ax)
    assert training.get_xdata().tolist() == [1, 2, 3]
    assert list(training.get_ydata()) == history.history["accuracy"]
    assert list(validation.get_ydata()) == history.history["val_accuracy"]
    assert training.get_linestyle() != validation.get_linestyle()
    assert rendered(ax).get_title() == "accuracy after 3 epochs"
    assert len(plots.learning_curves({"loss": [2.0, 1.0]})) == 1


def test_classes_differ_in_colour_and_in_marker():
    assert len(set(plots.CLASS_COLOURS)) == len(set(plots.CLASS_MARKERS)) == 10
    x, y = datasets.spiral(n=30, classes=3)
    drawn = plots.points(x, y, new_ax(), names=["ant", "bee", "cat"])
    assert [dots.get_label() for dots in drawn] == ["ant", "bee", "cat"]
    for label, dots in enumerate(drawn):
        np.testing.assert_array_equal(dots.get_offsets(), x[y == label])
    one_hot = plots.points(x, datasets.one_hot(y), new_ax())
    np.testing.assert_array_equal(one_hot[1].get_offsets(), x[y == 1])


def test_decision_boundary_of_one_output_is_where_the_neuron_is_undecided():
    x, y = datasets.gauss(n=50)
    neuron = Neuron([1, 1], 0, "sigmoid")
    ax = new_ax()
    shade, line, *dots = plots.decision_boundary(neuron, x, y, ax, resolution=41)
    places = np.concatenate([path.vertices for path in line.get_paths()])
    np.testing.assert_allclose(neuron.z(places), 0, atol=0.02)
    assert shade.get_clim() == (0, 1)
    assert len(dots) == 2
    assert rendered(ax).get_title() == f"{np.mean((neuron(x) > 0.5) == y):.1%} of 50 examples are right"
    # the shade at a place is the neuron's answer there: row 0, column 0 is the lower left corner
    low = x.min(axis=0) - 0.08 * np.ptp(x, axis=0) - 0.1
    assert shade.get_array()[0, 0] == pytest.approx(neuron(low))


def test_decision_boundary_of_minus_one_and_one():
    x, y = datasets.gauss(n=50)
    ax = new_ax()
    shade, *_ = plots.decision_boundary(Perceptron().fit(x, 2 * y - 1), x, 2 * y - 1, ax)
    assert shade.get_clim() == (-1, 1)
    assert rendered(ax).get_title() == "100.0% of 50 examples are right"
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["-1", "+1"]


@pytest.mark.parametrize("classes", [3, 4, 10])
def test_decision_boundary_of_many_classes_is_the_largest_output(classes):
    x = np.random.default_rng(0).normal(size=(40, 2))
    y = np.arange(40) % classes
    model = network(classes, "softmax", "sparse_categorical_crossentropy")
    ax = new_ax()
    area, *_ = plots.decision_boundary(model, x, y, ax, resolution=9)
    low, high = x.min(axis=0), x.max(axis=0)
    edge = 0.08 * (high - low) + 0.1
    corner = model(np.array([[high[0] + edge[0], low[1] - edge[1]]])).argmax()
    assert area.get_array()[0, -1] == corner
    right = np.mean(model(x).argmax(axis=1) == y)
    assert rendered(ax).get_title() == f"{right:.1%} of 40 examples are right"


def test_one_answer_everywhere_needs_no_line():
    x, y = datasets.gauss(n=20)
    assert len(plots.decision_boundary(Neuron([0, 0], 5), x, y, new_ax())) == 3  # shade and two classes
    first_or_third = plots.decision_boundary(
        lambda x: np.stack([x[:, 0], -9 + 0 * x[:, 0], -x[:, 0]], 1), x, y, new_ax()
    )
    assert len(first_or_third) == 4  # areas, one line, two classes


def test_confusion_matrix_counts():
    ax = new_ax()
    image = plots.confusion_matrix([0, 0, 1, 2], [0, 1, 1, 2], ax, names=["a", "b", "c"])
    np.testing.assert_allclose(image.get_array(), [[0.5, 0.5, 0], [0, 1, 0], [0, 0, 1]])
    texts = {(t.get_position()[1], t.get_position()[0]): t.get_text() for t in ax.texts}
    assert texts == {(0, 0): "1", (0, 1): "1", (1, 1): "1", (2, 2): "1"}
    assert rendered(ax).get_title() == "3 of 4 right (75.0%)"
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a", "b", "c"]


@pytest.mark.parametrize("name", ["step", "relu", "gelu", "softmax"])
def test_an_activation_and_its_slope(name):
    ax = new_ax()
    output, slope = plots.activation(name, ax, low=-3.001, high=3.001)
    z, y = output.get_xdata(), np.asarray(output.get_ydata())
    expected = {"step": z >= 0, "relu": np.maximum(z, 0), "softmax": 1 / (1 + np.exp(-z))}
    if name in expected:
        np.testing.assert_allclose(y, expected[name], atol=1e-12)
    smooth = np.abs(z) > 0.02  # away from the corner, the slope is the slope
    np.testing.assert_allclose(np.gradient(y, z)[smooth], np.asarray(slope.get_ydata())[smooth], atol=1e-3)
    assert slope.get_linestyle() == "--"
    assert name in rendered(ax).get_title()


def test_weights_are_squares_of_their_size_and_sign():
    ax = new_ax()
    squares = plots.weights([[1.0, -0.25], [0.0, 0.5]], ax)
    areas = [np.ptp(path.vertices[:, 0]) ** 2 for path in squares.get_paths()]
    np.testing.assert_allclose(np.array(areas) / areas[0], [1, 0.25, 0, 0.5], atol=1e-9)
    faces = squares.get_facecolors()
    assert faces[1].tolist() == [1, 1, 1, 1]  # hollow: negative
    assert faces[0].tolist() == faces[3].tolist() != faces[1].tolist()
    assert rendered(ax).get_title() == "4 weights from -0.25 to 1.00"
    layer = network().layers[0]
    assert len(plots.weights(layer).get_paths()) == layer.kernel.size
    plots.weights(np.zeros((2, 2)))


def test_digit_grid_shows_the_pictures_and_marks_mistakes():
    x, y = datasets.digits()
    said = y[:12].copy()
    said[3] = 8
    ax = new_ax()
    image, texts = plots.digit_grid(x[:12], y[:12], said, ax, columns=5)
    sheet = image.get_array().filled(np.nan)
    assert sheet.shape == (3 * 12, 5 * 12 - 4)  # 8 points and a gap of 4
    np.testing.assert_array_equal(sheet[12 + 4 : 12 + 12, 12:20], x[6].reshape(8, 8))
    assert [text.get_text() for text in texts][:5] == ["0", "1", "2", "8 ≠ 3", "4"]
    assert rendered(ax).get_title() == "12 pictures, 11 right"
    assert plots.digit_grid(x[:2])[1] == []
    assert [t.get_text() for t in plots.digit_grid(x[:2], predictions=[4, 5])[1]] == ["4", "5"]


def test_loss_landscape_is_the_loss_and_leaves_the_network_alone():
    x, y = datasets.circle(n=40)
    model = network()
    model.fit(x, y, epochs=2, verbose=0)
    before, loss = model.parameters.copy(), model.evaluate(x, y, return_dict=True)["loss"]
    directions = np.eye(2, model.parameters.size)
    ax = new_ax()
    shades = plots.loss_landscape(model, x, y, ax, directions, span=0.5, steps=5)
    np.testing.assert_array_equal(model.parameters, before)
    assert rendered(ax).get_title() == f"loss {loss:.3g} at the star"
    model.parameters[:2] += 0.5  # the upper right corner
    corner = model.evaluate(x, y, return_dict=True)["loss"]
    low, high = shades.zmin, shades.zmax
    assert low - 1e-9 <= min(loss, corner) <= max(loss, corner) <= high + 1e-9
    model.parameters[:] = before
    first = plots.loss_landscape(model, x, y, seed=3, steps=3)
    again = plots.loss_landscape(model, x, y, seed=3, steps=3)
    assert (first.zmin, first.zmax) == (again.zmin, again.zmax)


def test_loss_landscape_puts_the_weights_back_when_it_fails():
    model = network()
    before = model.parameters.copy()
    x, y = datasets.circle(n=10)
    model.evaluate = lambda x, y, return_dict: {"loss": 1.0} if (model.parameters == before).all() else 1 / 0
    with pytest.raises(ZeroDivisionError):
        plots.loss_landscape(model, x, y, steps=3)
    np.testing.assert_array_equal(model.parameters, before)


X, Y = datasets.gauss(n=12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plots.learning_curves({}), "history should be what fit returned, after at least one epoch; got {}"),
        (lambda: plots.learning_curves([1, 2]), r"history should be what fit returned.* got \[1, 2\]"),
        (lambda: plots.learning_curves({"loss": [1]}, "los"), "unknown metric 'los'; did you mean 'loss'"),
        (lambda: plots.points(np.ones((4, 3)), [0, 1, 0, 1]), r"x of shape \(n, 2\); got \(4, 3\)"),
        (lambda: plots.points(X, Y[:5]), r"y should have one class for each of 12 points; got shape \(5,\)"),
        (lambda: plots.points(X, Y + 0.5), "y should be class numbers 0 to 9, or -1 and .1; got"),
        (lambda: plots.points(X, Y + 10), "y should be class numbers 0 to 9"),
        (lambda: plots.points(X, Y, names=["a"]), "names should be one for each of 2 classes; got 1"),
        (lambda: plots.points(X * np.nan, Y), "x contains NaN"),
        (lambda: plots.decision_boundary(Neuron([1, 1]), X, Y, resolution=1), "resolution should be .* from 2 up"),
        (
            lambda: plots.decision_boundary(lambda x: np.ones((len(x), 11)), X, Y),
            "draws up to 10 classes; got 11 outputs",
        ),
        (lambda: plots.confusion_matrix([0, 1], [0]), "2 true labels do not fit 1 predicted"),
        (lambda: plots.activation("rely"), "did you mean 'relu'"),
        (lambda: plots.activation("relu", low=2, high=1), "high should be a number above 2"),
        (lambda: plots.weights(np.ones((2, 2, 2))), r"kernel should have shape \(inputs, units\); got \(2, 2, 2\)"),
        (lambda: plots.digit_grid(np.ones((2, 10))), r"rows of square pictures, like \(n, 64\); got shape \(2, 10\)"),
        (lambda: plots.digit_grid(np.ones((2, 4)), labels=[1]), r"labels should have one for each of 2 pictures; got"),
        (lambda: plots.loss_landscape(network(), X, Y, directions=[1]), r"directions should have shape \(2, 17\)"),
        (lambda: plots.loss_landscape(network(), X, Y, span=0), "span should be a number above 0"),
        (lambda: plots.subplots(0), "rows should be a whole number from 1 up"),
    ],
)
def test_bad_input_is_answered(call, message):
    with pytest.raises(ValueError, match=message):
        call()
