"""Figures of classes and numbers: what is drawn lies where the scores are."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from keras_mia.metrics import (
    agreement_scores,
    average_precision,
    confusion,
    expected_calibration_error,
    reliability_curve,
    roc_auc,
    roc_curve,
)
from keras_mia.report import (
    bland_altman_figure,
    confusion_figure,
    precision_recall_figure,
    reliability_figure,
    roc_figure,
)
from keras_mia.report.figures.agreement import DOTS
from keras_mia.report.figures.ranking import AXES

TWO = ["well", "sick"]


def cases(count=120, classes=2, seed=0):
    generator = np.random.default_rng(seed)
    truth = generator.integers(classes, size=count)
    votes = generator.random((count, classes)) + 0.6 * np.eye(classes)[truth]
    return truth, votes / votes.sum(axis=1, keepdims=True)


def pieces(figure, kind):
    """The elements of a class, of a chart that is well-formed."""
    tree = ElementTree.fromstring(str(figure.chart))
    return [e for e in tree.iter() if kind in (e.get("class") or "").split()]


def points(element):
    return np.array([tuple(map(float, p.split(","))) for p in element.get("points").split()])


def circle(element):
    return float(element.get("cx")), float(element.get("cy"))


def test_the_roc_curve_is_where_it_should_be():
    truth, probabilities = cases()
    figure = roc_figure(truth, probabilities, TWO, threshold=0.4)
    (line,) = pieces(figure, "line")
    drawn, curve = points(line), roc_curve(truth, probabilities[:, 1])
    expected = np.array([AXES.position(x, y) for x, y in zip(curve.x, curve.y, strict=True)])
    near = np.abs(expected[:, None] - drawn).max(axis=2).min(axis=1)
    assert near.max() < 1.1, "a pixel"
    (mark,) = pieces(figure, "score")
    called = probabilities[:, 1] >= 0.4
    sensitivity, alarms = called[truth == 1].mean(), called[truth == 0].mean()
    assert circle(mark) == pytest.approx(AXES.position(alarms, sensitivity), abs=0.06)
    assert f"sensitivity {sensitivity:.3f}, specificity {1 - alarms:.3f}" in figure.chart
    assert f"AUC {roc_auc(truth, probabilities[:, 1]):.3f}" in figure.chart
    assert figure.title == "ROC curve of sick"
    assert not pieces(roc_figure(truth, probabilities, TWO), "score")


def test_the_band_lies_around_the_curve():
    truth, probabilities = cases()
    figure = roc_figure(truth, probabilities, TWO, patients=np.arange(120) // 2)
    (band,) = pieces(figure, "band")
    high, low = np.split(points(band), 2)
    low = low[::-1]
    np.testing.assert_allclose(high[:, 0], low[:, 0])
    curve = roc_curve(truth, probabilities[:, 1])
    drawn_at = np.linspace(0, len(curve.x) - 1, len(high)).round().astype(int)
    assert len(high) == 101
    drawn = np.array([AXES.position(0, curve.y[at])[1] for at in drawn_at])
    assert (high[:, 1] <= drawn + 0.1).all(), "up is less in SVG"
    assert (low[:, 1] >= drawn - 0.1).all()
    for edge in (high, low):  # a sensitivity only grows along the curve, and so do its ends
        assert (np.diff(edge[:, 1]) <= 0.2).all()
    assert re.search(r"AUC \d\.\d+ \(\d\.\d+ to \d\.\d+\)", figure.chart)
    alone = roc_figure(truth, probabilities, TWO, patients=["p"] * 120)
    assert not pieces(alone, "band")


def test_six_patients_ranked_perfectly_have_a_wide_band():
    """By the bootstrap it was a line, and the area 1.000 to 1.000."""
    truth = np.array([0, 0, 0, 1, 1, 1])
    probabilities = np.eye(2)[truth] * 0.8 + 0.1
    figure = roc_figure(truth, probabilities, TWO, patients=range(6))
    (band,) = pieces(figure, "band")
    high, low = np.split(points(band), 2)
    assert np.abs(low[::-1, 1] - high[:, 1]).mean() > 100, "pixels of 360"
    assert "AUC 1.000 (0.476 to 1.000)" in figure.chart


def test_whiskers_count_patients():
    truth, probabilities = np.tile([0, 1, 1, 0, 1], 24), np.tile([0.2, 0.3, 0.7, 0.8, 0.9], 24)

    def length(patients):
        result = pieces(reliability_figure(truth, probabilities, patients=patients), "whisker")
        return np.mean([abs(float(one.get("y1")) - float(one.get("y2"))) for one in result])

    assert length(None) == pytest.approx(length(range(120)))
    assert length(np.arange(120) // 40) > 2 * length(None)
    assert not pieces(reliability_figure(truth, probabilities, patients=["p"] * 120), "whisker")


def test_the_area_under_the_steps_is_the_average_precision():
    truth, probabilities = cases()
    figure = precision_recall_figure(truth, probabilities, TWO, threshold=0.4)
    (line,) = pieces(figure, "line")
    left, bottom = AXES.position(0, 0)
    right, top = AXES.position(1, 1)
    x, y = points(line).T
    area = np.trapezoid((bottom - y) / (bottom - top), (x - left) / (right - left))
    assert area == pytest.approx(average_precision(truth, probabilities[:, 1]), abs=0.005)
    (chance,) = pieces(figure, "baseline")
    assert float(chance.get("y1")) == pytest.approx(AXES.position(0, truth.mean())[1], abs=0.06)
    called = probabilities[:, 1] >= 0.4
    (mark,) = pieces(figure, "score")
    position = AXES.position(called[truth == 1].mean(), truth[called].mean())
    assert circle(mark) == pytest.approx(position, abs=0.06)


@pytest.mark.parametrize("draw", [roc_figure, precision_recall_figure])
def test_several_classes_have_a_curve_each(draw):
    truth, probabilities = cases(classes=15)
    names = [f"class <{i}>" for i in range(15)]
    figure = draw(truth, probabilities, names)
    assert len(pieces(figure, "line")) == 15
    assert len(set(figure.legend.values())) == 15
    size = roc_auc if draw is roc_figure else average_precision
    for index, entry in enumerate(figure.legend):
        assert entry == f"{names[index]} {size(truth == index, probabilities[:, index]):.3f}"
    labels = np.eye(15)[truth]
    labels[truth == 3] = -1
    one = draw(labels, probabilities, names)
    is_known = truth != 3
    first = size(truth[is_known] == 0, probabilities[is_known, 0])
    assert next(iter(one.legend)) == f"{names[0]} {first:.3f}"
    assert f"{names[3]} –" in one.legend, "never positive: undefined"


def test_many_cases_make_no_heavy_page():
    truth, probabilities = cases(20_000)
    for draw in (roc_figure, precision_recall_figure):
        assert len(draw(truth, probabilities, TWO).chart) < 40_000
    numbers = np.random.default_rng(0).normal(size=(2, 20_000))
    figure = bland_altman_figure(*numbers)
    assert len(pieces(figure, "dot")) == DOTS


@pytest.mark.parametrize("classes", [2, 4, 7, 15, 40])
def test_the_confusion_matrix_tells_every_cell(classes):
    truth, probabilities = cases(600, classes)
    table = confusion(truth, probabilities.argmax(axis=1), classes)
    names = [f"class & {i}" for i in range(classes)]
    figure = confusion_figure(table, names)
    cells = pieces(figure, "cell")
    assert len(cells) == classes**2
    texts = [cell[0].text if len(cell) else "" for cell in cells]
    for index, count in enumerate(table.ravel()):
        row, column = divmod(index, classes)
        if not count:
            assert texts[index] == ""
        elif row == column:
            assert texts[index] == f"{names[row]} is right: {count} of {table[row].sum()}"
        else:
            expected = f"{names[row]} taken for {names[column]}: {count} of {table[row].sum()}"
            assert texts[index] == expected
    opacity = np.array([float(cell.get("fill-opacity")) for cell in cells])
    shares = (table / np.maximum(table.sum(axis=1, keepdims=True), 1)).ravel()
    some = table.ravel() > 0
    assert np.corrcoef(opacity[some], shares[some])[0, 1] > 0.999
    right = max(float(cell.get("x")) + float(cell.get("width")) for cell in cells)
    assert right <= 460
    numbers = [e.text for e in [*pieces(figure, "percent"), *pieces(figure, "tiny")]]
    assert (len(numbers) >= some.sum()) == (classes < 40)


def test_the_reliability_diagram_is_the_curve():
    truth, probabilities = cases()
    for given in (probabilities[:, 1], probabilities):
        figure = reliability_figure(truth, given)
        curve = reliability_curve(truth, given, bins=10)
        kept = curve.cases > 0
        dots = np.array([circle(dot) for dot in pieces(figure, "dot")])
        assert len(dots) == kept.sum() == len(pieces(figure, "cell"))
        assert (np.diff(dots[:, 0]) > 0).all()
        ranks = np.argsort(-dots[:, 1], kind="stable")
        np.testing.assert_array_equal(ranks, np.argsort(curve.frequency[kept], kind="stable"))
        for whisker, dot in zip(pieces(figure, "whisker"), dots, strict=True):
            low, high = float(whisker.get("y1")), float(whisker.get("y2"))
            assert high - 0.1 <= dot[1] <= low + 0.1
        assert f"{expected_calibration_error(truth, given):.3f}" in figure.chart


def test_bland_and_altman():
    generator = np.random.default_rng(0)
    truth = generator.normal(60, 10, 50)
    guess = truth + generator.normal(2, 4, 50)
    truth[0] = np.nan
    figure = bland_altman_figure(truth, guess, unit="ml", patients=range(50))
    assert len(pieces(figure, "dot")) == 49
    assert len(pieces(figure, "band")) == 3
    (bias,) = pieces(figure, "median")
    upper, lower = pieces(figure, "baseline")
    result = agreement_scores(truth, guess)
    y = [float(line.get("y1")) for line in (upper, bias, lower)]
    assert y[0] < y[1] < y[2]
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.2)
    assert f"bias {result['bias']:.3g}" in figure.chart
    assert f"+1.96 SD {result['limit_high']:.3g}" in figure.chart
    assert "(ml)" in figure.chart
    assert bland_altman_figure([np.nan], [1.0]).chart == ""
    assert len(pieces(bland_altman_figure([1.0], [2.0]), "dot")) == 1
