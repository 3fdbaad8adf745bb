"""Label maps of several kinds in one data set are read by one rule."""

import numpy as np
import PIL.Image
import pytest
import tifffile

from keras_mia.core.problem import Problem
from keras_mia.data import colours_to_labels, read_cases
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.label_files import with_label_values
from keras_mia.data.fingerprint.survey import survey
from keras_mia.data.targets.label_map import Classes
from keras_mia.tasks.segmentation.evaluation.file_evaluation import find_pairs
from keras_mia.tasks.values import TruthFiles

RNG = np.random.default_rng(0)
BLACK, WHITE, RED, GREEN = (0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 0)
RAMP = [(i, i, i) for i in range(256)]


def indexed(*palette):
    def write(path, label):
        picture = PIL.Image.fromarray(label.astype(np.uint8), mode="P")
        picture.putpalette([value for colour in palette for value in colour])
        picture.save(path.with_suffix(".png"))

    return write


def bits(path, label):
    PIL.Image.fromarray(label.astype(np.uint8) * 255).convert("1").save(path.with_suffix(".png"))


def fax(path, label):
    picture = PIL.Image.fromarray(label.astype(np.uint8) * 255).convert("1")
    picture.save(path.with_suffix(".tif"), compression="group4")


def two_bits(path, label):
    head = b"P5\n%d %d\n3\n" % label.shape[::-1]
    path.with_suffix(".pgm").write_bytes(head + label.astype(np.uint8).tobytes())


def grey(factor=1, dtype=np.uint8, suffix=".png"):
    def write(path, label):
        array = label.astype(dtype) * dtype(factor)
        if suffix == ".tif":
            tifffile.imwrite(path.with_suffix(suffix), array)
        else:
            PIL.Image.fromarray(array).save(path.with_suffix(suffix))

    return write


def rgb(path, label):
    PIL.Image.fromarray(np.stack([label.astype(np.uint8) * 255] * 3, -1)).save(
        path.with_suffix(".bmp")
    )


def data_set(folder, writers, classes):
    """Four pairs; `writers` take turns. The last label map always holds 0 and 1 only."""
    (folder / "images").mkdir()
    (folder / "masks").mkdir()
    labels = []
    for number in range(4):
        label = RNG.integers(0, 2 if number == 3 else classes, (6, 7))
        label[0, 0] = 0
        labels.append(label)
        image = RNG.integers(0, 255, (6, 7)).astype(np.uint8)
        PIL.Image.fromarray(image).save(folder / "images" / f"{number}.png")
        writers[number % len(writers)](folder / "masks" / f"{number}", label)
    return labels


@pytest.mark.parametrize(
    ("writers", "classes", "factor"),
    [
        ([indexed(BLACK, WHITE, RED)], 3, 1),
        ([indexed(BLACK, WHITE, RED), indexed(BLACK, WHITE)], 2, 1),
        ([indexed(BLACK, RED, GREEN), grey()], 3, 1),
        ([indexed(BLACK, RED), bits], 2, 1),
        ([indexed(*RAMP), grey()], 3, 1),
        ([indexed(BLACK, WHITE), grey()], 2, 1),
        ([indexed(BLACK, WHITE), grey(255)], 2, 255),
        ([bits], 2, 255),
        ([bits, grey()], 2, 1),
        ([bits, grey(255), rgb], 2, 255),
        ([fax, grey()], 2, 1),
        ([fax, grey(255)], 2, 255),
        ([two_bits, grey()], 3, 1),
        ([two_bits, grey(85)], 3, 85),
        ([grey(), grey(1, np.uint16)], 3, 1),
        ([grey(255), grey(65535, np.uint16)], 2, 255),
        ([grey(255), grey(65535, np.uint16, ".tif"), bits], 2, 255),
        ([grey(1, np.uint16)], 3, 1),
    ],
)
def test_one_rule_for_all_label_maps(tmp_path, writers, classes, factor):
    labels = data_set(tmp_path, writers, max(2, classes))
    cases = read_cases(tmp_path)
    for case, label in zip(cases, labels, strict=True):
        np.testing.assert_array_equal(case.label().array[..., 0], label * factor)
    values = {value for one in survey(cases).facts.values() for value in one.values}
    assert values == {factor * label for label in range(max(2, classes))}
    write_cases(tmp_path / "cases.csv", cases)
    assert read_case_list(tmp_path / "cases.csv").cases == cases.cases


def test_shades_of_grey_in_any_order(tmp_path):
    labels = data_set(tmp_path, [indexed(BLACK, WHITE), indexed(WHITE, BLACK)], 2)
    for number, (case, label) in enumerate(zip(read_cases(tmp_path), labels, strict=True)):
        expected = 255 * (label if number % 2 == 0 else 1 - label)
        np.testing.assert_array_equal(case.label().array[..., 0], expected)


def test_grey_in_palettes_that_hold_colours_nobody_uses(tmp_path):
    writers = [indexed(BLACK, WHITE, RED), indexed(WHITE, BLACK, GREEN)]
    labels = data_set(tmp_path, writers, 2)
    for number, (case, label) in enumerate(zip(read_cases(tmp_path), labels, strict=True)):
        expected = 255 * (label if number % 2 == 0 else 1 - label)
        np.testing.assert_array_equal(case.label().array[..., 0], expected)


def test_palettes_that_contradict_each_other_are_refused(tmp_path):
    data_set(tmp_path, [indexed(BLACK, RED, GREEN), indexed(BLACK, GREEN, RED)], 3)
    with pytest.raises(Problem, match=r"palettes[\s\S]*colours_to_labels"):
        read_cases(tmp_path)
    colours = colours_to_labels(tmp_path / "masks", tmp_path / "labels")
    assert colours == {BLACK: 0, GREEN: 1, RED: 2}


def test_what_was_decided_is_said(tmp_path):
    data_set(tmp_path, [bits, grey()], 2)
    notes = "\n".join(read_cases(tmp_path).notes)
    assert "2 gray of 1 bit, 2 gray of 8 bits" in notes
    data_set(tmp_path / "images", [grey(255)], 2)
    assert "kinds" not in "\n".join(read_cases(tmp_path / "images").notes)


@pytest.mark.parametrize("mixed", ["truth", "prediction"])
def test_evaluate_reads_truth_and_predictions_by_one_rule_each(tmp_path, mixed):
    labels = data_set(tmp_path, [bits, grey()], 2)
    (tmp_path / "plain").mkdir()
    for number, label in enumerate(labels):
        grey()(tmp_path / "plain" / f"{number}", label)
    folders = [tmp_path / "masks", tmp_path / "plain"]
    truth, prediction = folders if mixed == "truth" else folders[::-1]
    classes = Classes(("background", "disc"), ((0,), (1,)))
    for pair, label in zip(find_pairs(TruthFiles(prediction, truth)), labels, strict=True):
        expected, predicted, *_ = pair.read(classes)
        np.testing.assert_array_equal(expected, label)
        np.testing.assert_array_equal(predicted, label)


def test_what_was_decided_for_a_data_set_stays_for_a_part_of_it(tmp_path):
    data_set(tmp_path, [bits, grey()], 2)
    cases = read_cases(tmp_path)
    part, notes = with_label_values([case for case in cases if case.name in "02"])
    assert notes == ()
    assert {case.target.read_as for case in part} == {"stored"}
