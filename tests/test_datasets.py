"""The data has the shapes, ranges and meaning that its docstrings promise; bad arguments are answered in words."""

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from annlab import datasets
from annlab.datasets import load_csv, one_hot, standardize, train_test_split
from annlab.tables import read_table

SHAPES = [datasets.circle, datasets.xor, datasets.gauss, datasets.spiral, datasets.moons]
NUMBERS = [datasets.plane, datasets.multi_gauss, datasets.sine]


@pytest.mark.parametrize("make", SHAPES)
@pytest.mark.parametrize("classes", [2, 3])
def test_points_fill_the_plane_and_every_class_has_its_share(make, classes):
    x, y = make(n=600, noise=0.0, seed=3, classes=classes)
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((600, 2), np.float64, (600,), np.int64)
    assert 4 < np.abs(x).max() < 7
    counts = np.bincount(y)
    assert len(counts) == classes
    assert counts.min() > 600 / classes * 0.7
    assert 0 < y[:300].sum() < y.sum()  # shuffled: both halves hold several classes


@pytest.mark.parametrize("make", SHAPES + NUMBERS)
def test_the_seed_decides_everything(make):
    first, again, other = make(seed=5, noise=0.2), make(seed=5, noise=0.2), make(seed=6, noise=0.2)
    np.testing.assert_array_equal(first[0], again[0])
    np.testing.assert_array_equal(first[1], again[1])
    assert not np.array_equal(first[0], other[0])
    generator = np.random.default_rng(5)
    np.testing.assert_array_equal(first[0], make(seed=generator, noise=0.2)[0])


def test_a_slider_may_give_a_whole_number_as_a_float():
    for make in SHAPES + NUMBERS:
        np.testing.assert_array_equal(make(n=30.0)[0], make(n=30)[0])


def test_circle_by_radius():
    x, y = datasets.circle(noise=0.0)
    radius = np.hypot(x[:, 0], x[:, 1])
    assert radius[y == 1].max() < 2.5
    assert radius[y == 0].min() > 3.5
    x, y = datasets.circle(noise=0.0, classes=3)
    assert np.hypot(*x[y == 2].T).max() < 1.3 < 2.0 < np.hypot(*x[y == 1].T).min()


def test_xor_is_exclusive_or_of_the_signs():
    x, y = datasets.xor(noise=0.0)
    np.testing.assert_array_equal(y, (x[:, 0] > 0) != (x[:, 1] > 0))
    assert np.abs(x).min() >= 0.3  # no point on an axis
    x, y = datasets.xor(noise=0.0, classes=3)
    angle = np.degrees(np.arctan2(x[:, 1], x[:, 0])) % 180  # opposite sectors are of one class
    np.testing.assert_array_equal(y, angle // 60)


def test_noise_blurs_the_border_of_a_clean_picture():
    for make in (datasets.circle, datasets.xor):
        _, clean = make(n=2000, seed=1, noise=0.0)
        _, noisy = make(n=2000, seed=1, noise=0.3)
        assert 0.02 < np.mean(clean != noisy) < 0.4


def test_gauss_centres():
    x, y = datasets.gauss(n=4000, noise=0.0)
    # class 0 around (-2, -2), class 1 around (2, 2), variance 0.5: the mean of 2000 points is known to 0.016
    np.testing.assert_allclose(x[y == 0].mean(axis=0), [-2, -2], atol=0.07)
    np.testing.assert_allclose(x[y == 1].var(axis=0), [0.5, 0.5], atol=0.07)
    x, y = datasets.gauss(n=4000, noise=0.5)
    np.testing.assert_allclose(x[y == 1].var(axis=0), [4, 4], atol=0.5)


def test_the_two_spirals_are_each_other_turned_by_half_a_turn():
    x, y = datasets.spiral(n=200, noise=0.0)
    one = sorted(map(tuple, np.round(x[y == 1], 9)))
    other = sorted(map(tuple, np.round(-x[y == 0], 9)))
    np.testing.assert_allclose(one, other, atol=1e-8)


def test_plane_sine_and_hills_are_functions_of_x_without_noise():
    x, y = datasets.plane(noise=0.0)
    np.testing.assert_allclose(y, (x[:, 0] + x[:, 1]) / 10)
    x, y = datasets.sine(noise=0.0)
    assert x.shape == (200, 1)
    np.testing.assert_allclose(y, np.sin(x[:, 0]))
    x, y = datasets.multi_gauss(n=3000, noise=0.0)
    hill = np.hypot(x[:, 0] - 4, x[:, 1] - 2.5)  # a hill of height 1 at (4, 2.5), 2 wide
    np.testing.assert_allclose(y[hill < 1.9], 1 - hill[hill < 1.9] / 2)
    assert y.min() < -0.8
    assert np.sum(y == 0) > 300


@pytest.mark.parametrize(
    ("name", "answers"), [("and", [0, 0, 0, 1]), ("NAND", [1, 1, 1, 0]), ("xor", [0, 1, 1, 0]), ("or", [0, 1, 1, 1])]
)
def test_gates(name, answers):
    x, y = datasets.gates(name)
    np.testing.assert_array_equal(x, [[0, 0], [0, 1], [1, 0], [1, 1]])
    assert y.tolist() == answers


def test_not_has_one_input():
    x, y = datasets.gates("not")
    assert x.tolist() == [[0], [1]]
    assert y.tolist() == [1, 0]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: datasets.circle(n=0), "n, the number of points, should be a whole number from 2 up; got 0"),
        (lambda: datasets.circle(n=2.5), "got 2.5"),
        (lambda: datasets.moons(n=2, classes=3), "from 3 up; got 2"),
        (lambda: datasets.spiral(noise=-0.1), "noise should be a number at least 0; got -0.1"),
        (lambda: datasets.gauss(noise=float("nan")), "got nan"),
        (lambda: datasets.xor(classes=4), "classes must be 2 or 3; got 4"),
        (lambda: datasets.xor(seed="today"), "seed must be a whole number, 0 or more; got 'today'"),
        (lambda: datasets.sine(seed=-1), "seed must be a whole number, 0 or more; got -1"),
        (lambda: datasets.gates("nan"), "did you mean 'nand'"),
        (lambda: datasets.letters("AB3"), "some of the letters A to Z.*got 'AB3'"),
        (lambda: datasets.letters(""), "got ''"),
        (lambda: datasets.sequences("eco"), "did you mean 'echo'"),
        (lambda: datasets.sequences("echo", delay=-1), "delay should be a whole number from 0 up; got -1"),
        (lambda: datasets.sequences(steps=0), "steps should be a whole number from 1 up; got 0"),
        (lambda: datasets.sequences(share=1.5), "share should be a number.*got 1.5"),
        (lambda: datasets.sequences(seed="now"), "seed must be a whole number"),
    ],
)
def test_bad_arguments_are_answered(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_words_for_numbers_are_answered():
    with pytest.raises(TypeError, match="noise should be a number at least 0; got 'much'"):
        datasets.gauss(noise="much")


# What is bundled


def test_digits_are_scaled_to_0_1_and_belong_to_the_caller():
    x, y = datasets.digits()
    assert (x.shape, x.dtype, y.shape, y.dtype) == ((1797, 64), np.float64, (1797,), np.int64)
    assert (x.min(), x.max()) == (0.0, 1.0)
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]  # as UCI counts its test set
    x[0] = 7
    assert datasets.digits()[0].max() == 1.0


def test_digits_are_the_uci_digits():
    peer = pytest.importorskip("sklearn.datasets").load_digits()
    x, y = datasets.digits()
    np.testing.assert_array_equal(x * 16, peer.data)
    np.testing.assert_array_equal(y, peer.target)


def test_penguins_open_without_pandas():
    table = datasets.penguins()
    assert len(table) == 344
    assert table.names[:3] == ["species", "island", "bill_length_mm"]
    assert np.isnan(table["body_mass_g"]).sum() == 2
    assert np.sum(table["sex"] == "") == 11
    y, names = table.classes("species")
    assert names == ["Adelie", "Chinstrap", "Gentoo"]
    assert np.bincount(y).tolist() == [152, 68, 124]
    complete = table.complete()
    assert len(complete) == 333
    x = complete.numbers("bill_length_mm", "bill_depth_mm")
    assert x.shape == (333, 2)
    assert complete.numbers().shape == (333, 5)
    assert repr(table).splitlines()[0] == "344 rows, 8 columns"
    assert "39.1" in repr(table)


def test_a_table_of_one_row_says_so(tmp_path):
    (tmp_path / "small.csv").write_text("a\n1\n", encoding="utf-8")
    assert repr(datasets.load_csv(tmp_path / "small.csv")).startswith("1 row, 1 column\n")


def test_a_table_without_a_complete_row_names_the_column_with_most_gaps(tmp_path):
    (tmp_path / "gaps.csv").write_text("a,b,c\n1,,2\n,,3\n4,,5\n", encoding="utf-8")
    table = datasets.load_csv(tmp_path / "gaps.csv", missing="keep")
    with pytest.raises(ValueError, match='column "b", 3 of 3: leave that column out'):
        table.complete()


def test_table_answers_questions_it_cannot_serve():
    table = datasets.penguins()
    with pytest.raises(ValueError, match="did you mean 'species'"):
        table["specie"]
    with pytest.raises(ValueError, match="column \"island\" is text, such as 'Torgersen'; table.classes"):
        table.numbers("island")
    with pytest.raises(ValueError, match='column "sex" has 11 missing values. Take table.complete'):
        table.classes("sex")


@pytest.mark.parametrize("delay", [0, 2, 9])
def test_sequences_to_count_and_to_echo(delay):
    x, count = datasets.sequences("count", n=50, steps=7, seed=3)
    again, echo = datasets.sequences("echo", n=50, steps=7, delay=delay, seed=3)
    assert x.shape == count.shape == echo.shape == (50, 7, 1)
    np.testing.assert_array_equal(x, again)
    assert set(np.unique(x)) == {0, 1}
    for heard, number, sound in zip(x[..., 0].tolist(), count[..., 0].tolist(), echo[..., 0].tolist(), strict=True):
        for t in range(7):
            assert number[t] == sum(heard[: t + 1])
            assert sound[t] == (heard[t - delay] if t >= delay else 0)


def test_a_generator_gives_other_sequences_each_time_and_share_says_how_many_ones():
    rng = np.random.default_rng(0)
    assert not np.array_equal(datasets.sequences(seed=rng)[0], datasets.sequences(seed=rng)[0])
    assert datasets.sequences(n=400, share=0.1)[0].mean() == pytest.approx(0.1, abs=0.03)
    assert datasets.sequences(share=0)[0].sum() == 0


def test_letters_are_26_different_pictures():
    x, names = datasets.letters()
    assert x.shape == (26, 35)
    assert "".join(names) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    assert set(np.unique(x)) == {-1, 1}
    assert len({tuple(row) for row in x}) == 26
    rows = ["".join("#" if point > 0 else "." for point in row) for row in datasets.letters("T")[0].reshape(7, 5)]
    assert rows == ["#####"] + ["..#.."] * 6
    assert datasets.letters("CAB")[1] == ["C", "A", "B"]


def test_source_and_licence_stand_beside_the_data():
    text = (datasets.DATA / "README.md").read_text(encoding="utf-8")
    for file in datasets.DATA.iterdir():
        assert file.name == "README.md" or f"`{file.name}`" in text
    assert "CC BY 4.0" in text
    assert "CC0" in text


# Getting data ready


@pytest.mark.filterwarnings("ignore:class . is in one part only")
@given(st.integers(2, 60), st.floats(0.05, 0.95), st.booleans(), st.integers(0, 5))
def test_split_parts_the_rows_and_loses_none(n, share, stratify, seed):
    count = round(n * share)
    x, y = np.arange(n)[:, None], np.arange(n) % 3
    if not 0 < count < n:
        with pytest.raises(ValueError, match="at least one of the"):
            train_test_split(x, y, share, seed)
        return
    x_train, x_test, y_train, y_test = train_test_split(x, y, share, seed, stratify)
    assert len(x_test) == count
    assert sorted([*x_train[:, 0], *x_test[:, 0]]) == list(range(n))
    np.testing.assert_array_equal(x_train[:, 0] % 3, y_train)  # rows and labels stay together
    np.testing.assert_array_equal(x_test[:, 0] % 3, y_test)
    if stratify:
        expected = np.bincount(y, minlength=3) * count / n
        assert np.all(np.abs(np.bincount(y_test, minlength=3) - expected) <= 1)


@pytest.mark.parametrize("lonely", [0, 5, 19])
def test_split_names_a_class_that_cannot_be_in_both_parts(lonely):
    y = np.where(np.arange(20) == lonely, "rare", "common")
    with pytest.warns(UserWarning, match="class 'rare' is in one part only: 1 of 20 rows are too few .* with 5 rows"):
        train_test_split(np.arange(20), y, stratify=True)


def test_split_is_seeded_and_shuffled():
    x = np.arange(100)
    a, b = train_test_split(x, x, seed=1), train_test_split(x, x, seed=1)
    np.testing.assert_array_equal(a[0], b[0])
    assert a[0].tolist() != sorted(a[0])
    assert not np.array_equal(a[0], train_test_split(x, x, seed=2)[0])
    assert len(train_test_split(x, x, test_size=7)[1]) == 7
    stratified = train_test_split(x, x % 2, stratify=True, seed=0)
    assert np.any(np.diff(stratified[3]) < 0)  # not one class after the other


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([1, 2, 3], [1, 2]), ValueError, "same number of rows; got 3 and 2"),
        (([1, 2], [1, 2], 0), ValueError, "at least one of the 2 rows in each part"),
        (([1, 2], [1, 2], 2), ValueError, "got 2"),
        (([1, 2], [1, 2], float("nan")), ValueError, "got nan"),
        (([1, 2], [1, 2], "half"), ValueError, "got 'half'"),
        (([], []), ValueError, "x must have at least one row"),
        (([[1, 2], [3]], [1, 2]), ValueError, "x has rows of different lengths"),
        (([1, 2], [1, 2], 0.5, 0, [0, 1]), TypeError, "stratify is True or False .*got list"),
    ],
)
def test_split_says_what_is_wrong(arguments, error, message):
    with pytest.raises(error, match=message):
        train_test_split(*arguments)


def test_standardize_by_hand():
    # column 0: 1, 3: mean 2, deviation 1 -> -1, 1; 4 becomes 2.   column 1 never changes -> 0
    train, test = standardize([[1, 5], [3, 5]], [[4, 5]])
    np.testing.assert_allclose(train, [[-1, 0], [1, 0]])
    np.testing.assert_allclose(test, [[2, 0]])
    np.testing.assert_allclose(standardize(np.full((7, 1), 0.1)), np.zeros((7, 1)), atol=1e-12)


def test_standardize_leaves_its_argument_alone():
    x = np.array([[1.0], [3.0]])
    standardize(x)
    np.testing.assert_array_equal(x, [[1], [3]])


@pytest.mark.parametrize(
    ("arrays", "error", "message"),
    [
        (([1, 2],), ValueError, r"tables of rows and columns; got x of shape \(2,\)"),
        (([[1, 2]], [[1]]), ValueError, r"2 columns; got x of shape \(1, 1\)"),
        (([["a"]],), TypeError, "x should hold numbers; got text"),
        (([[1.0], [np.nan]],), ValueError, r"x contains NaN .* at index \(1, 0\)"),
        (([],), ValueError, "x is empty"),
    ],
)
def test_standardize_says_what_is_wrong(arrays, error, message):
    with pytest.raises(error, match=message):
        standardize(*arrays)


def test_one_hot():
    np.testing.assert_array_equal(one_hot([2, 0, 1]), [[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    np.testing.assert_array_equal(one_hot([[1.0], [0.0]], classes=3), [[0, 1, 0], [1, 0, 0]])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, -1],), "whole numbers from 0 up; got .0.0, -1.0."),
        (([0.5],), "whole numbers from 0 up"),
        (([np.nan],), "y contains NaN"),
        (([3], 3), "the label 3 needs classes=4 or more; got 3"),
        (([0], 0), "classes should be a whole number from 1 up; got 0"),
        (([[1, 0], [0, 1]],), r"one label a row, shape \(n,\); got shape \(2, 2\)"),
        (([],), "y is empty"),
    ],
)
def test_one_hot_says_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        one_hot(*arguments)


def test_one_hot_of_names_points_to_their_numbers():
    with pytest.raises(TypeError, match="np.unique"):
        one_hot(["cat", "dog"])


# Tables


def write(folder, text, encoding="utf-8"):
    path = folder / "my.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_load_csv_from_every_spreadsheet(tmp_path, encoding, end):
    text = end.join(["größe;art", "1,5;Müller", "", "2;Zoë", ""])  # semicolons, decimal commas, an empty row
    table = load_csv(write(tmp_path, text, encoding))
    assert table.names == ["größe", "art"]
    assert table["größe"].tolist() == [1.5, 2.0]
    assert table["art"].tolist() == ["Müller", "Zoë"]


def test_load_csv_commas_tabs_quotes_and_trailing_separators(tmp_path):
    assert load_csv(write(tmp_path, 'a,b,\n1,"x, y",\n2,z,\n'))["b"].tolist() == ["x, y", "z"]
    assert load_csv(write(tmp_path, "a\tb\n1\t2\n"))["b"].tolist() == [2.0]
    assert load_csv(write(tmp_path, "a,a-side,,c\n1,2,3,4\n")).names == ["a", "a-side", "column 3", "c"]
    assert load_csv(write(tmp_path, "a\n-1e3\n+.5\n"))["a"].tolist() == [-1000, 0.5]


def test_load_csv_without_names(tmp_path):
    table = load_csv(write(tmp_path, "5.1,3.5,setosa\n4.9,3.0,setosa\n"))
    assert table.names == ["column 1", "column 2", "column 3"]
    assert len(table) == 2


def test_load_csv_keeps_what_it_is_told_to_keep(tmp_path):
    path = write(tmp_path, "a,b,zip\n1,NA,012\n,x,345\n")
    table = load_csv(path, missing="keep", text="zip")
    assert np.isnan(table["a"][1])
    assert table["b"].tolist() == ["", "x"]
    assert table["zip"].tolist() == ["012", "345"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "my.csv is empty"),
        ("\n\n", "my.csv is empty"),
        ("a,b\n", "names of columns but no rows"),
        ("a,b\n1,2\n3\n", "my.csv, row 3: expected 2 cells, one for each column, got 1. The row begins '3'"),
        ("a,b\n1,2,3\n", "row 2: expected 2 cells.* got 3"),
        ("a,b\n1,2\n\n3,\n", 'my.csv, row 4, column "b": the value is missing. Fill it in, or use missing="keep"'),
        ("a,b\n1,2\n3,NA\n", 'row 3, column "b": the value is missing'),
        ("a,b\n1,2\n1,2\n1,x2\n", "my.csv, row 4, column \"b\": expected a number, got 'x2'. .*text=.'b'."),
        ("a\n1\n2\ninf\n", "row 4.*expected a number, got 'inf'"),
        ("a,a\n1,2\n", 'columns 1 and 2 are both called "a"'),
        ('a,b\n1,"x\n', "my.csv is not a table: unexpected end of data. Look for a quotation mark"),
        ("PK\x03\x04 zipped", "not a text file. If it is a spreadsheet, save it as CSV"),
        ("a\0b", "not a text file"),
    ],
)
def test_load_csv_names_row_and_column(tmp_path, text, message):
    with pytest.raises(ValueError, match=message):
        load_csv(write(tmp_path, text))


def test_load_csv_other_mistakes(tmp_path):
    path = write(tmp_path, "a,b\n1,2\n")
    with pytest.raises(ValueError, match='missing must be "error" or "keep"; got \'drop\''):
        load_csv(path, missing="drop")
    with pytest.raises(ValueError, match="unknown column of my.csv 'c'"):
        load_csv(path, text=["c"])
    with pytest.raises(FileNotFoundError, match="there is no file .*mine.csv. CSV files in that folder: my.csv"):
        load_csv(tmp_path / "mine.csv")


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3), min_size=1, max_size=8))
def test_numbers_survive_a_round_trip(rows):
    file = io.StringIO()
    csv.writer(file).writerows([["a", "b", "c"], *rows])
    np.testing.assert_array_equal(read_table(file.getvalue().encode(), "f.csv", "error", ()).numbers(), rows)
