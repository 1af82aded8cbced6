"""First weights: within their limits, with the mean and the width that are stated, the same for the same seed."""

import math

import numpy as np
import pytest

from annlab import Dense, Sequential, SimpleRNN, initializers
from annlab.initializers import Constant, Orthogonal, RandomNormal, RandomUniform, VarianceScaling

SHAPE = (300, 200)  # 60,000 numbers; fan_in 300, fan_out 200, their mean 250
RANDOM = [name for name in initializers.names() if name not in ("zeros", "ones", "constant")]

# name: the limits, and the standard deviation. A uniform draw within +-a has the deviation a / sqrt(3).
UNIFORM = {
    "uniform": 0.05,
    "strengths": 1.0,
    "glorot_uniform": math.sqrt(6 / (300 + 200)),
    "he_uniform": math.sqrt(6 / 300),
    "lecun_uniform": math.sqrt(3 / 300),
}
NORMAL = {
    "random_normal": 0.05,
    "glorot_normal": math.sqrt(2 / (300 + 200)),
    "he_normal": math.sqrt(2 / 300),
    "lecun_normal": math.sqrt(1 / 300),
}


def draw(name, seed=0, shape=SHAPE, dtype="float64"):
    return initializers.get(name)(shape, np.random.default_rng(seed), dtype)


@pytest.mark.parametrize("name", UNIFORM)
def test_uniform(name):
    values, limit = draw(name), UNIFORM[name]
    assert 0.999 * limit < np.abs(values).max() <= limit
    # 60,000 draws: the mean is off by about deviation / 245, so 5 of those are never seen
    deviation = limit / math.sqrt(3)
    assert abs(values.mean()) < 5 * deviation / 245
    assert values.std() == pytest.approx(deviation, rel=0.01)
    # a quarter of them in each quarter of the range
    assert np.histogram(values, 4, (-limit, limit))[0] == pytest.approx(15000, rel=0.05)


@pytest.mark.parametrize("name", NORMAL)
def test_normal(name):
    values, deviation = draw(name), NORMAL[name]
    assert abs(values.mean()) < 5 * deviation / 245
    assert values.std() == pytest.approx(deviation, rel=0.015)
    if name != "random_normal":  # cut at two deviations of the uncut bell, which is 1 / 0.8796 wider
        assert np.abs(values).max() <= 2 * deviation / 0.87962566 * (1 + 1e-9)


def test_constants():
    assert draw("zeros").any() == False  # noqa: E712
    assert (draw("ones") == 1).all()
    assert (Constant(0.3)((2, 3), None) == 0.3).all()
    assert (draw("constant") == 0).all()


def test_settings():
    values = RandomUniform(2.0, 3.0)(SHAPE, np.random.default_rng(0))
    assert 2 <= values.min() < 2.001
    assert 2.999 < values.max() <= 3
    values = RandomNormal(5.0, 0.5)(SHAPE, np.random.default_rng(0))
    assert values.mean() == pytest.approx(5, abs=0.01)
    assert values.std() == pytest.approx(0.5, rel=0.01)
    values = VarianceScaling(3.0, "fan_out", "uniform")(SHAPE, np.random.default_rng(0))
    assert values.var() == pytest.approx(3 / 200, rel=0.02)


@pytest.mark.parametrize("shape", [(5, 5), (3, 7), (7, 3)])
def test_an_orthogonal_draw_is_a_rotation(shape):
    w = Orthogonal(gain=2.0)(shape, np.random.default_rng(0))
    small = min(shape)
    product = w @ w.T if shape[0] <= shape[1] else w.T @ w
    np.testing.assert_allclose(product, 4 * np.eye(small), atol=1e-12)  # lengths doubled, angles kept


@pytest.mark.parametrize("name", RANDOM)
def test_the_same_seed_gives_the_same_numbers(name):
    assert np.array_equal(draw(name, 1, (5, 4)), draw(name, 1, (5, 4)))
    assert not np.array_equal(draw(name, 1, (5, 4)), draw(name, 2, (5, 4)))


@pytest.mark.parametrize("name", initializers.names())
def test_shape_and_precision(name):
    for dtype in ("float32", "float64"):
        for shape in [(4, 3), (4, 4), (3,)]:
            values = draw(name, shape=shape, dtype=dtype)
            assert values.shape == shape
            assert values.dtype == dtype


@pytest.mark.parametrize("name", RANDOM)
def test_numpys_global_state_is_not_touched(name):
    before = np.random.get_state()[1].copy()  # noqa: NPY002
    draw(name, shape=(3, 2))
    assert np.array_equal(np.random.get_state()[1], before)  # noqa: NPY002


@pytest.mark.parametrize("name", initializers.names())
def test_a_layer_uses_the_one_it_was_given(name):
    model = Sequential([Dense(4, input_dim=3, kernel_initializer=name, bias_initializer="ones")], seed=5)
    assert np.array_equal(model.layers[0].kernel, draw(name, 5, (3, 4)))
    assert model.layers[0].bias.tolist() == [1, 1, 1, 1]


def test_defaults():
    assert Dense(3).initializers["kernel"] == initializers.get("glorot_uniform")
    assert Dense(3).initializers["bias"] == initializers.get("zeros")
    assert SimpleRNN(3).initializers["recurrent_kernel"] == initializers.get("orthogonal")


@pytest.mark.parametrize(
    "name", [*initializers.names(), RandomUniform(-0.3, 0.2), VarianceScaling(3.0, "fan_out")], ids=str
)
def test_an_initializer_can_be_written_down_and_read(name):
    initializer = initializers.get(name)
    again = initializers.get(initializers.config(initializer))
    rng = np.random.default_rng
    assert np.array_equal(initializer((3, 4), rng(0), "float64"), again((3, 4), rng(0), "float64"))


def test_a_function_of_ones_own():
    def staircase(shape, rng, dtype):
        return np.arange(np.prod(shape), dtype=dtype).reshape(shape)

    model = Sequential([Dense(2, input_dim=2, kernel_initializer=staircase)])
    assert model.layers[0].kernel.tolist() == [[0, 1], [2, 3]]
    with pytest.raises(ValueError, match="a function of your own"):
        initializers.config(staircase)


def test_settings_that_are_none():
    with pytest.raises(ValueError, match="unknown mode 'fan'"):
        VarianceScaling(1.0, "fan")
    with pytest.raises(ValueError, match="did you mean 'uniform'"):
        VarianceScaling(1.0, "fan_in", "unifrom")
    with pytest.raises(ValueError, match="scale should be a number above 0"):
        VarianceScaling(0.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Constant(float("nan")), "value should be a finite number; got nan"),
        (lambda: RandomUniform(0.5, 0.1), "maxval should be a number at least 0.5; got 0.1"),
        (lambda: RandomNormal(0.0, -1), "stddev should be a number at least 0; got -1"),
        (lambda: Orthogonal(float("inf")), "gain should be a finite number; got inf"),
    ],
)
def test_numbers_that_are_none(make, words):
    with pytest.raises(ValueError, match=words):
        make()


def test_other_spellings():
    assert initializers.get("glorot") is initializers.get("GlorotUniform") is initializers.get("glorot_uniform")
    assert initializers.get("random_uniform") is initializers.get("uniform")
    with pytest.raises(ValueError, match="did you mean 'glorot_uniform'"):
        initializers.get("glorot_unifrom")
