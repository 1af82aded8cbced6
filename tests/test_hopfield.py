"""What a Hopfield network must do whatever its weights are: fall, come to rest, and keep what was stored."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annlab import datasets
from annlab.hopfield import HopfieldNetwork, cooling, hebbian, pseudo_inverse


def random_network(seed, units=8, symmetric=True):
    rng = np.random.default_rng(seed)
    weights = rng.normal(size=(units, units))
    if symmetric:
        weights = weights + weights.T
    np.fill_diagonal(weights, 0)
    network = HopfieldNetwork(units, symmetric=symmetric)
    network.weights, network.thresholds = weights, rng.normal(size=units)
    return network, rng.choice([-1, 1], units)


def hadamard(power):
    """2^power rows of -1 and +1, each at a right angle to all others."""
    rows = np.array([[1]])
    for _ in range(power):
        rows = np.block([[rows, rows], [rows, -rows]])
    return rows


# Energy


def test_three_units_by_hand():
    # one pattern (1, -1, 1): w_01 = 1 * -1 / 3 = -1/3, w_02 = 1/3, w_12 = -1/3
    network = HopfieldNetwork(3).store([1, -1, 1])
    np.testing.assert_allclose(network.weights, np.array([[0, -1, 1], [-1, 0, -1], [1, -1, 0]]) / 3)
    # energy of the pattern: -(1/3 + 1/3 + 1/3) = -1;  of (1, 1, 1): -(-1/3 + 1/3 - 1/3) = 1/3
    assert network.energy([1, -1, 1]) == pytest.approx(-1)
    assert network.energy([1, 1, 1]) == pytest.approx(1 / 3)
    np.testing.assert_allclose(network.field([1, 1, 1]), [0, -2 / 3, 0], atol=1e-15)
    assert network.recall([1, 1, 1]).tolist() == [1, -1, 1]
    assert network.settled
    assert network.status == "settled: sweep 2 changed nothing"


@given(st.integers(0, 10_000))
def test_asynchronous_recall_never_raises_the_energy_and_settles(seed):
    network, state = random_network(seed)
    states = list(network.iter_recall(state, every="flip", seed=seed))
    np.testing.assert_array_equal(states[0], state)
    for before, after in itertools.pairwise(states):
        assert np.sum(before != after) == 1
    assert np.all(np.diff(network.energy(np.array(states))) < 0)
    assert network.settled
    np.testing.assert_array_equal(network.recall(states[-1]), states[-1])


@given(st.integers(0, 10_000))
def test_synchronous_recall_ends_in_one_or_two_states(seed):
    network, state = random_network(seed)
    states = list(network.iter_recall(state, "synchronous"))
    assert network.settled or "goes round through 2 states" in network.status  # Goles 1985
    if not network.settled:
        np.testing.assert_array_equal(states[-1], states[-3])


def test_flip_flop():
    # two units that want to differ, started alike: together they change their minds for ever, one by one they settle
    network = HopfieldNetwork(2).store([1, -1])
    states = list(network.iter_recall([1, 1], "synchronous"))
    assert [state.tolist() for state in states] == [[1, 1], [-1, -1], [1, 1]]
    assert network.status == "never settles: after 2 sweeps it goes round through 2 states for ever"
    assert not network.settled
    assert sorted(network.recall([1, 1])) == [-1, 1]
    assert network.settled


def test_unequal_strengths_may_never_settle_and_say_so():
    network = HopfieldNetwork(2, symmetric=False)
    network.weights = [[0, 1], [-1, 0]]  # 0 wants to be like 1, 1 wants to be unlike 0
    network.recall([1, 1])
    assert "never settles" in network.status
    assert not network.settled
    list(network.iter_recall([1, 1], max_sweeps=1))
    assert network.status == "not settled after 1 sweeps"


@given(st.integers(0, 3000))
def test_a_proven_cycle_does_go_on(seed):
    network, state = random_network(seed, units=5, symmetric=False)
    states = [tuple(state) for state in network.iter_recall(state, seed=seed)]
    if not network.settled:
        assert states[-1] in states[:-1]
        longer = network.recall(states[-1], seed=seed, max_sweeps=7)
        assert not network.settled or tuple(longer) == states[-1]


def test_a_field_of_0_keeps_the_state():
    network = HopfieldNetwork(3)
    for state in ([1, -1, 1], [-1, -1, -1]):
        assert network.recall(state).tolist() == state
    # sums of thirds that only rounding keeps from 0 count as 0
    network.weights = [[0, 0.1, 0.2], [0.1, 0, 0], [0.2, 0, 0]]
    network.thresholds = [0.3, 0, 0]
    assert network.field([1, 1, 1])[0] != 0
    assert network.recall([1, 1, 1])[0] == 1
    assert network.recall([-1, 1, 1])[0] == -1


def test_thresholds_hold_units_down():
    network = HopfieldNetwork(2)
    network.thresholds = [1, -1]
    assert network.recall([1, -1]).tolist() == [-1, 1]
    assert network.energy([-1, 1]) == -2


# Memory


@pytest.mark.parametrize("rule", ["hebbian", "pseudo_inverse"])
@pytest.mark.parametrize("mode", ["asynchronous", "synchronous"])
def test_patterns_at_right_angles_stay_where_they_are(rule, mode):
    patterns = hadamard(4)[1:6]
    network = HopfieldNetwork(16).store(patterns, rule)
    for pattern in patterns:
        assert network.recall(pattern, mode).tolist() == pattern.tolist()
        assert network.recall(-pattern, mode).tolist() == (-pattern).tolist()


def test_a_damaged_pattern_comes_back():
    rng = np.random.default_rng(0)
    patterns = rng.choice([-1, 1], (5, 100))
    network = HopfieldNetwork(100).store(patterns, names="abcde")
    damaged = patterns[2].copy()
    damaged[rng.choice(100, 15, replace=False)] *= -1
    assert network.overlap(damaged)[2] == pytest.approx(0.7)  # (85 - 15) / 100
    np.testing.assert_array_equal(network.recall(damaged), patterns[2])
    assert network.describe(network.recall(damaged)) == "c"


def test_letters_need_the_pseudo_inverse():
    x, names = datasets.letters()
    for rule, held in (("hebbian", False), ("pseudo-inverse", True)):
        network = HopfieldNetwork(35).store(x, rule, names)
        assert all(np.array_equal(network.recall(row), row) for row in x) == held


def test_three_letters_are_held_by_hebb():
    x, names = datasets.letters("JCM")
    network = HopfieldNetwork(35).store(x, names=names)
    for row, name in zip(x, names, strict=True):
        damaged = row.copy()
        damaged[[0, 11, 23]] *= -1
        assert network.describe(network.recall(damaged)) == name


def test_capacity_is_0_138_of_the_units():
    # Amit, Gutfreund, Sompolinsky 1985: below 0.138 N patterns a recalled pattern keeps few wrong units, far above many
    assert HopfieldNetwork(200).capacity == pytest.approx(27.6)
    rng = np.random.default_rng(1)
    overlap = {}
    for share in (0.05, 0.3):
        patterns = rng.choice([-1, 1], (round(200 * share), 200))
        network = HopfieldNetwork(200).store(patterns)
        overlap[share] = np.mean([network.overlap(network.recall(p))[i] for i, p in enumerate(patterns[:8])])
    assert overlap[0.05] > 0.99
    assert overlap[0.3] < 0.8


def test_describe_names_what_it_sees():
    patterns = hadamard(4)[1:4]
    network = HopfieldNetwork(16).store(patterns, names=["A", "B", "C"])
    assert network.describe(patterns[1]) == "B"
    assert network.describe(-patterns[1]) == "inverse of B"
    mixture = np.sign(patterns.sum(axis=0))  # three patterns mixed: a rest that nobody stored
    assert network.describe(mixture) == "a spurious memory, most like A (overlap 0.50)"
    damaged = patterns[2].copy()
    damaged[0] *= -1
    assert network.describe(damaged) == "on the way, most like C (overlap 0.88)"
    assert network.describe(-damaged) == "on the way, most like the inverse of C (overlap 0.88)"
    assert HopfieldNetwork(2).describe([1, 1]) == "nothing is stored"


def test_store_replaces_what_was_stored():
    network = HopfieldNetwork(4)
    network.thresholds = [1, 1, 1, 1]
    network.store([1, 1, -1, -1])
    assert network.thresholds.tolist() == [0, 0, 0, 0]
    once = network.weights
    np.testing.assert_array_equal(network.store([[1, 1, -1, -1]]).weights, once)
    assert network.patterns.shape == (1, 4)


@given(st.integers(0, 1000), st.integers(1, 6))
def test_rules_are_symmetric_without_self_connection(seed, count):
    patterns = np.random.default_rng(seed).choice([-1, 1], (count, 9))
    for rule in (hebbian, pseudo_inverse):
        weights = rule(patterns)
        np.testing.assert_array_equal(weights, weights.T)
        assert not np.diagonal(weights).any()
    loops = sum(patterns[:, i] @ patterns[:, j] for i in range(9) for j in range(9) if i != j) / 9
    assert hebbian(patterns).sum() == pytest.approx(loops)


@given(st.integers(0, 1000))
def test_pseudo_inverse_holds_any_independent_patterns(seed):
    patterns = np.random.default_rng(seed).choice([-1, 1], (6, 24))
    network = HopfieldNetwork(24).store(patterns, "pseudo_inverse")
    for pattern in patterns:
        np.testing.assert_array_equal(network.recall(pattern), pattern)


# Noise


def test_stochastic_recall_follows_boltzmann():
    # two units, w = 1, T = 2: alike has energy -1, unlike +1, so P(alike) = 1 / (1 + exp(-2 / 2)) = 0.731
    network = HopfieldNetwork(2)
    network.weights = [[0, 1], [1, 0]]
    ends = [network.recall([1, 1], "stochastic", temperature=2, max_sweeps=15, seed=seed) for seed in range(1500)]
    assert np.mean([a == b for a, b in ends]) == pytest.approx(0.731, abs=0.04)
    assert network.status == "not settled after 15 sweeps at temperature 2: noise does not let it rest"
    assert not network.settled


def test_noise_and_cooling_find_a_better_minimum():
    better = 0
    for seed in range(12):
        network, state = random_network(seed, units=20)
        greedy = network.energy(network.recall(state, seed=seed))
        cooled = network.energy(network.recall(state, "stochastic", temperature=cooling(6, 0.3, 40), seed=seed))
        assert network.settled
        better += cooled < greedy - 1e-9
        better -= cooled > greedy + 1e-9
    assert better >= 5


def test_cooling():
    assert cooling(8, 1, 4) == pytest.approx([8, 4, 2, 1, 0])
    for arguments in [(1, 2, 3), (1, 0, 3), (float("nan"), 1, 2)]:
        with pytest.raises(ValueError, match="should be a number"):
            cooling(*arguments)
    with pytest.raises(ValueError, match="sweeps should be a whole number from 1 up"):
        cooling(2, 1, 0)


def test_the_seed_decides_and_the_argument_is_left_alone():
    network, state = random_network(3, units=12)
    kept = state.copy()
    runs = [network.recall(state, "stochastic", temperature=3, max_sweeps=5, seed=seed).tolist() for seed in (1, 1, 2)]
    assert runs[0] == runs[1] != runs[2]
    np.testing.assert_array_equal(state, kept)


@given(st.integers(0, 10_000))
def test_many_at_once_end_where_each_ends_alone(seed):
    network, _ = random_network(seed)
    starts = np.random.default_rng(seed).choice([-1, 1], (6, 8))
    kept = starts.copy()
    ends = network.recall_all(starts, seed=seed)
    np.testing.assert_array_equal(starts, kept)
    assert network.settled
    for start, end in zip(starts, ends, strict=True):
        np.testing.assert_array_equal(end, network.recall(start, seed=seed))


def test_many_at_once_follow_boltzmann_and_cool():
    network = HopfieldNetwork(2)
    network.weights = [[0, 1], [1, 0]]
    starts = np.ones((1500, 2))
    ends = network.recall_all(starts, temperature=2, max_sweeps=15)  # 0.731, as above
    assert np.mean(ends[:, 0] == ends[:, 1]) == pytest.approx(0.731, abs=0.04)
    assert network.status == "0 of 1500 settled after 15 sweeps"
    assert not network.settled
    cooled = network.recall_all(starts, temperature=cooling(3, 0.1, 10))
    assert network.settled
    assert (cooled[:, 0] == cooled[:, 1]).all()
    assert 600 < np.sum(cooled[:, 0] == 1) < 900  # each row has noise of its own


def test_sweep_says_in_which_round_a_recall_is():
    network, state = random_network(0, units=20)
    sweeps = [network.sweep for _ in network.iter_recall(state, "stochastic", temperature=[5, 5, 0], every="flip")]
    assert sweeps[0] == 0
    assert sweeps == sorted(sweeps)
    assert {1, 2, 3} <= set(sweeps)


# A cost as an energy


@given(st.integers(0, 10_000), st.sampled_from([(0, 1), (-1, 1)]))
def test_energy_is_the_cost(seed, values):
    rng = np.random.default_rng(seed)
    q, c, k = rng.normal(size=(4, 4)), rng.normal(size=4), rng.normal()  # q neither symmetric nor zero on its diagonal
    network = HopfieldNetwork.from_cost(q, c, k, values)
    for v in itertools.product(values, repeat=4):
        v = np.array(v)
        state = 2 * v - 1 if values == (0, 1) else v
        assert network.energy(state) == pytest.approx(v @ q @ v + c @ v + k)


def test_max_cut_of_a_square_with_one_diagonal():
    # nodes 0-1-2-3-0 and 0-2: the best cut parts {0, 2} from {1, 3} and cuts 4 of 5 edges; cost = sum of v_i v_j
    edges = [(0, 1), (1, 2), (2, 3), (3, 0), (0, 2)]
    q = np.zeros((4, 4))
    for i, j in edges:
        q[i, j] = 1
    network = HopfieldNetwork.from_cost(q, values=(-1, 1))
    state = network.recall([1, 1, 1, 1], "stochastic", temperature=cooling(3, 0.2, 30))
    assert network.energy(state) == pytest.approx(1 - 4)
    assert state[0] == state[2] != state[1] == state[3]


def test_one_of_n_as_a_cost():
    # (v_0 + v_1 + v_2 - 1)^2 = 0 exactly where one variable is on
    network = HopfieldNetwork.from_cost(np.ones((3, 3)), -2 * np.ones(3), 1)
    for start in itertools.product([-1, 1], repeat=3):
        rest = network.recall(start)
        assert network.energy(rest) == pytest.approx(0)
        assert np.sum(rest == 1) == 1


# Bad input


def set_weights(weights, symmetric=True):
    HopfieldNetwork(2, symmetric).weights = weights


def set_thresholds(thresholds):
    HopfieldNetwork(2).thresholds = thresholds


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda n: HopfieldNetwork(0), ValueError, "units should be a whole number from 1 up; got 0"),
        (
            lambda n: n.store([[1, 1]]),
            ValueError,
            r"patterns should have 3 values, one for each unit; got shape \(1, 2\)",
        ),
        (lambda n: n.store([[1, 0, 1]]), ValueError, "patterns should hold -1 and .1 only; got 0. .* 2 . patterns - 1"),
        (lambda n: n.store([[1, 1, 1], [1, 1]]), ValueError, "patterns is ragged"),
        (lambda n: n.store([]), ValueError, "patterns is empty"),
        (lambda n: n.store([1, 1, 1], "hebian"), ValueError, "unknown storage rule 'hebian'; did you mean 'hebbian'"),
        (
            lambda n: n.store([1, 1, 1], names=["a", "b"]),
            ValueError,
            "names should be one for each of 1 patterns; got 2",
        ),
        (
            lambda n: n.recall([1, 1, 1, 1]),
            ValueError,
            r"state should have 3 values, one for each unit; got shape \(4,\)",
        ),
        (lambda n: n.recall([[1], [1], [1]]), ValueError, r"Give state.reshape\(-1\)"),
        (lambda n: n.recall([[1, 1, 1]]), ValueError, "Recall one state at a time"),
        (lambda n: n.describe([[1, 1, 1]]), ValueError, r"describe takes one state of shape \(3,\)"),
        (lambda n: n.recall([1, 1, 0.5]), ValueError, "state should hold -1 and .1 only; got 0.5"),
        (lambda n: n.energy([1, 1, np.nan]), ValueError, "state contains NaN"),
        (lambda n: n.overlap(["a", "b", "c"]), TypeError, "state should hold numbers"),
        (lambda n: n.recall_all([[1, 1]]), ValueError, r"states should have 3 values.* got shape \(1, 2\)"),
        (lambda n: n.recall_all([1, 1, 1], temperature=-1), ValueError, "temperature should be a number at least 0"),
        (lambda n: n.recall_all([1, 1, 1], max_sweeps=0), ValueError, "max_sweeps should be a whole number from 1 up"),
        (lambda n: n.recall([1, 1, 1], "asynchron"), ValueError, "did you mean 'asynchronous'"),
        (lambda n: n.recall([1, 1, 1], every="step"), ValueError, "unknown value of every 'step'"),
        (lambda n: n.recall([1, 1, 1], "stochastic"), ValueError, "stochastic recall needs a temperature; give"),
        (lambda n: n.recall([1, 1, 1], temperature=1), ValueError, "asynchronous recall has no temperature; give mode"),
        (
            lambda n: n.recall([1, 1, 1], "stochastic", temperature=[1, -1]),
            ValueError,
            "temperature should be a number at least 0; got -1",
        ),
        (lambda n: n.recall([1, 1, 1], max_sweeps=0), ValueError, "max_sweeps should be a whole number from 1 up"),
        (lambda n: n.recall([1, 1, 1], seed=-1), ValueError, "seed should be a whole number from 0 up"),
        (
            lambda n: set_weights([[0, 1], [2, 0]]),
            ValueError,
            r"weights\[0, 1\] is 1 but weights\[1, 0\] is 2. .*symmetric=False",
        ),
        (lambda n: set_weights([[1, 0], [0, 0]]), ValueError, "no unit hears itself. Use np.fill_diagonal"),
        (lambda n: set_weights([0, 1], False), ValueError, r"weights should have shape \(2, 2\); got \(2,\)"),
        (lambda n: set_thresholds([1]), ValueError, r"thresholds should have shape \(2,\); got \(1,\)"),
        (
            lambda n: HopfieldNetwork.from_cost([1, 2]),
            ValueError,
            r"quadratic should be a square table.* got shape \(2,\)",
        ),
        (
            lambda n: HopfieldNetwork.from_cost(np.eye(2), [1]),
            ValueError,
            "linear should have one number for each of 2",
        ),
        (
            lambda n: HopfieldNetwork.from_cost(np.eye(2), values=(0, 2)),
            ValueError,
            r"values should be \(0, 1\) or \(-1, 1\)",
        ),
        (
            lambda n: HopfieldNetwork.from_cost(np.eye(2), constant=np.inf),
            ValueError,
            "constant should be a finite number",
        ),
    ],
)
def test_bad_input_is_refused_before_anything_changes(call, error, message):
    network = HopfieldNetwork(3).store([1, -1, 1])
    before = network.weights.copy(), network.patterns.copy(), network.names, network.settled, network.status
    with pytest.raises(error, match=message):
        call(network)
    np.testing.assert_array_equal(network.weights, before[0])
    np.testing.assert_array_equal(network.patterns, before[1])
    assert (network.names, network.settled, network.status) == before[2:]


def test_weights_cannot_be_changed_behind_the_networks_back():
    network = HopfieldNetwork(2)
    with pytest.raises(ValueError, match="read-only"):
        network.weights[0, 1] = 5
    mine = np.zeros((2, 2))
    network.weights = mine
    mine[0, 0] = 1
    assert network.weights[0, 0] == 0
