"""The words and sentences that live pictures are made of."""

import xml.etree.ElementTree as ElementTree
from base64 import b64decode

import numpy as np
import pytest

from annlab.svg import charts, network
from annlab.svg.elements import BLUE, PALETTE, Picture, escape, levels, number, shade, shades

SVG = "{http://www.w3.org/2000/svg}"


def parsed(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_numbers_are_short_and_never_minus_zero():
    assert [number(v) for v in (1, 1.0, 1.25, -0.04, 12.34, 100)] == ["1", "1", "1.2", "0", "12.3", "100"]
    assert number(0.126, 2) == "0.13"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf"), np.float64("nan")])
def test_a_number_that_is_not_finite_is_refused(value):
    with pytest.raises(ValueError, match="finite"):
        number(value)
    with pytest.raises(ValueError, match="finite"):
        levels(np.array([0.0, value]))


def test_text_from_outside_cannot_become_markup():
    evil = "</text><script>alert(1)</script>\" onload='x' &amp; \x00\x0b\ufffe"
    picture = Picture(10, 10, evil, evil)
    picture.text(0, 0, evil, label=evil, id=evil, keys=evil)
    picture.text(0, 0, live={"text": evil})
    for svg in (picture.structure(), picture.still()):
        root = parsed(svg)
        assert {element.tag for element in root.iter()} <= {
            f"{SVG}{tag}" for tag in ("svg", "title", "desc", "text", "rect")
        }
        assert not any(name.startswith("on") for element in root.iter() for name in element.attrib)
    assert escape("a<b") == "a&lt;b"


def test_levels_put_nothing_in_the_middle_and_the_limits_at_the_ends():
    assert levels(np.array([-2.0, -1.0, 0.0, 1.0, 2.0])).tolist() == [0, 0, 128, 255, 255]
    assert levels(np.array([0.5, -0.5]), limit=0.5).tolist() == [255, 0]
    assert levels(np.array([3.0]), limit=0.0).tolist() == [128]  # nothing to compare with
    assert shade(0.0) == "@128"
    assert shades(np.array([[0.0, 1.0]])) == ["@128", "@255"]


def test_the_colour_table_is_orange_white_blue_and_its_twin_is_dark_in_the_middle():
    light, dark = PALETTE[:256].astype(int), PALETTE[256:].astype(int)
    assert light[128].tolist() == [255, 255, 255]
    assert dark[128].max() < 64
    for table in (light, dark):
        assert table[0, 0] > table[0, 2]  # orange: more red than blue
        assert table[255, 2] > table[255, 0]  # blue: the other way round


def test_the_structure_stays_when_only_values_change():
    def bar(width: float) -> Picture:
        picture = Picture(100, 50, "A bar", f"The bar is {width} long.")
        picture.rect(10, 10, None, 20, fill=BLUE, live={"width": width, "text": "a"})
        picture.heat(0, 0, 10, 10, levels(np.full((2, 3), width / 100)))
        return picture

    short, long = bar(10), bar(30)
    assert short.structure() == long.structure()
    assert short.values == {"width": {"0": "10"}, "text": {"0": "a"}}
    assert long.values["width"] == {"0": "30"}
    assert len(short.heat_bytes) == 2 * 3
    assert short.heat_bytes != long.heat_bytes


def test_a_still_carries_values_heat_maps_title_and_description():
    picture = Picture(100, 50, "A bar", "The bar is 30 long.")
    picture.rect(10, 10, None, 20, fill="none", live={"width": 30, "fill": "@255"}, id="bar", keys="Space", label="bar")
    picture.text(1, 2, live={"text": "5 < 6"})
    picture.heat(0, 0, 30, 20, np.array([[0, 128, 255]], np.uint8))
    svg = picture.still()
    root = parsed(svg)
    assert root.get("role") == "img"
    assert [root.findtext(f"{SVG}{tag}") for tag in ("title", "desc", "text")] == [
        "A bar",
        "The bar is 30 long.",
        "5 < 6",
    ]
    bar = root.findall(f"{SVG}rect")[1]
    assert (bar.get("width"), bar.get("fill")) == ("30", "#085ca4")
    png = b64decode(root.find(f"{SVG}image").get("href").removeprefix("data:image/png;base64,"))
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert png[16:24] == (3).to_bytes(4, "big") + (1).to_bytes(4, "big")  # 3 wide, 1 high
    for left_over in ("data-", "var(", "@", "tabindex"):
        assert left_over not in svg.split(";base64,")[0]


def test_the_same_picture_is_the_same_text():
    def drawn() -> str:
        rng = np.random.default_rng(0)
        picture = Picture(400, 300, "t", "d")
        charts.confusion(picture, (0, 0, 200, 200), rng.integers(0, 40, (10, 10)), rows="r", columns="c")
        network.network(picture, (0, 0, 400, 300), [rng.normal(size=(2, 3))], [np.zeros(2), np.ones(3)])
        return picture.still()

    assert drawn() == drawn()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [(0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0, 50, [0, 10, 20, 30, 40, 50]), (-3, 3, [-2, 0, 2]), (0, 7, [0, 2, 4, 6])],
)
def test_ticks_are_round(low, high, expected):
    assert charts.ticks(low, high) == expected


def test_round_up_goes_to_the_next_round_number():
    assert [charts.round_up(v) for v in (0.9, 1, 2.4, 7, 11, 120, 0)] == [1, 1, 3, 8, 15, 150, 1]


def test_panels_flow_into_rows_that_fill_the_width():
    boxes, height = charts.flow(640, [(300, 100), (300, 120), (300, 80)], gap=20)
    # two fit beside each other (300 + 20 + 300 <= 640) and are stretched by 620 / 600; the third has a row of its own
    np.testing.assert_allclose(boxes, [(0, 0, 310, 100), (330, 0, 310, 120), (0, 140, 640, 80)])
    assert height == 220


def test_rows_of_equally_many_panels_have_the_same_columns_where_they_fit():
    panels = [(100, 50), (300, 50), (200, 50), (200, 50)]
    boxes, _ = charts.flow(520, panels, gap=20)
    np.testing.assert_allclose(boxes, [(0, 0, 200, 50), (220, 0, 300, 50), (0, 70, 200, 50), (220, 70, 300, 50)])
    # 200 + 20 + 300 > 460: each row has columns of its own
    boxes, _ = charts.flow(460, panels, gap=20)
    np.testing.assert_allclose([x for x, *_ in boxes], [0, 130, 0, 240])


def test_line_charts_show_the_last_value_and_thin_long_curves():
    curve = charts.Curve("loss", range(1000), [1 / (at + 1) for at in range(1000)])
    picture = Picture(300, 200, "t")
    charts.line_chart(picture, (0, 0, 300, 200), [curve], title="Loss", x_label="epoch", x_high=1000, y_high=1)
    (points,) = picture.values["points"].values()
    assert len(points.split()) <= 170
    assert "0.00" in picture.values["text"].values()


def test_labels_at_the_ends_of_curves_do_not_cover_each_other():
    curves = [charts.Curve(name, [0, 1], [0, 0.5]) for name in "ab"]
    picture = Picture(300, 200, "t")
    charts.line_chart(picture, (0, 0, 300, 200), curves, title="Loss", x_label="epoch", x_high=1, y_high=1)
    heights = [float(y) for y in picture.values["y"].values()]
    assert abs(heights[0] - heights[1]) == pytest.approx(14, abs=0.1)


def test_confusion_counts_are_blue_on_the_diagonal_and_orange_off_it():
    picture = Picture(300, 300, "t")
    charts.confusion(picture, (0, 0, 300, 300), np.array([[9, 1], [0, 10]]), rows="truth", columns="answer")
    (table,) = picture.maps
    assert table[0, 0] > 200
    assert table[0, 1] < 128
    assert table[1, 0] == 128
    assert list(picture.values["text"].values()) == ["9", "1", "", "10"]


def test_links_tell_strength_by_width_and_sign_by_dash():
    kernel = np.array([[2.0], [-1.0]])
    picture = Picture(300, 200, "t")
    columns = network.network(picture, (0, 0, 300, 200), [kernel], [np.array([1.0, 0.0]), np.array([0.5])])
    assert [len(column) for column in columns] == [2, 1]
    assert list(picture.values["stroke-width"].values()) == ["5", "2.7"]  # 0.4 + 4.6 * 2/2 and 0.4 + 4.6 * 1/2
    assert list(picture.values["stroke-dasharray"].values()) == ["none", "5 4"]


def test_nodes_stand_inside_their_box():
    for sizes in ([2, 8, 8, 1], [1], [64, 3]):
        for column in network.places((10, 20, 300, 200), sizes):
            for node in column:
                assert 10 <= node.x - node.r
                assert node.x + node.r <= 310
                assert 20 <= node.y - node.r
                assert node.y + node.r <= 220
