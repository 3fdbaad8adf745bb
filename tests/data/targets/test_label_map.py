"""Label values to classes and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_mia.core.problem import Problem
from keras_mia.data.io.labels.ranges import INSTANCES
from keras_mia.data.targets.label_map import IGNORE, Classes, classes_of


def test_sorted_values_are_classes_and_the_smallest_is_background():
    classes = classes_of([255, 0], labels={0: "membrane", 255: "cell"})
    assert classes.names == ("membrane", "cell")
    assert classes.values == ((0,), (255,))
    assert "cell = 255" in classes.describe()


def test_kept_values_and_the_rest():
    classes = classes_of(range(60), names={1: "spleen", 52: "aorta"}, keep=[52, 1])
    assert classes.names == ("background", "spleen", "aorta")
    label = np.array([0, 1, 52, 7, 118])
    assert classes.encode(label).tolist() == [0, 1, 2, 0, 0]
    assert classes.decode(np.array([0, 1, 2])).tolist() == [0, 1, 52]


def test_ignored_value_counts_nowhere():
    classes = classes_of([0, 1, 3], names={3: "Ignore"})
    assert classes.encode(np.array([0, 1, 3])).tolist() == [0, 1, IGNORE]
    assert len(classes) == 2


def test_values_of_one_name_are_one_class():
    classes = classes_of([0, 2, 3], labels={2: "kidney", 3: "kidney"})
    assert classes.values == ((0,), (2, 3))
    assert classes.encode(np.array([[3, 2], [0, 0]])).tolist() == [[1, 1], [0, 0]]


def test_unknown_value_names_file_and_value():
    with pytest.raises(Problem, match=r"holds 4,(.|\n)*case_7\.nii"):
        classes_of([0, 1]).encode(np.array([0, 4]), "case_7.nii")


def test_what_cannot_be_classes():
    with pytest.raises(Problem, match="Two or more"):
        classes_of([0])
    with pytest.raises(Problem, match="different values"):
        classes_of(range(300))
    with pytest.raises(Problem, match="holds 9"):
        classes_of([0, 1], keep=[9])
    with pytest.raises(Problem, match="holds 2"):
        classes_of([0, 1], labels={2: "liver"})


@given(
    st.sets(st.integers(-(2**31), 2**31 - 1), min_size=2, max_size=20),
    st.lists(st.integers(0, 19), min_size=1, max_size=50),
)
def test_decode_undoes_encode(values, picks):
    values = sorted(values)
    label = np.array([values[i % len(values)] for i in picks])
    classes = classes_of(values)
    encoded = classes.encode(label)
    assert encoded.dtype == np.uint8
    np.testing.assert_array_equal(classes.decode(encoded), label)


def test_decoded_type_is_the_smallest():
    def kind(*values):
        return classes_of(values).decode(np.zeros(2, int)).dtype

    assert kind(0, 255) == np.uint8
    assert kind(0, 256) == np.uint16
    assert kind(-1, 3) == np.int8


RANGES = ((0, 127, 0), (128, 255, 255))


def test_values_of_a_range_are_one_class_and_written_as_one_value():
    classes = classes_of([0, 3, 130, 251], labels={0: "background", 255: "polyp"}, ranges=RANGES)
    assert classes.names == ("background", "polyp")
    assert classes.describe() == (
        "2 classes: background = 0-127 (written as 0), polyp = 128-255 (written as 255)"
    )
    encoded = classes.encode(np.array([[0, 127], [128, 255]], np.uint8))
    assert encoded.tolist() == [[0, 0], [1, 1]]
    assert classes.decode(encoded).tolist() == [[0, 0], [255, 255]]
    assert classes.encode(classes.decode(encoded)).tolist() == encoded.tolist()


def test_a_range_may_be_left_out_of_scores():
    ranges = ((0, 99, 0), (100, 199, 199), (200, 255, 255))
    names = {0: "background", 199: "ignore", 255: "polyp"}
    classes = classes_of([0, 150, 250], labels=names, ranges=ranges)
    assert classes.encode(np.array([7, 100, 199, 200])).tolist() == [0, IGNORE, IGNORE, 1]


@pytest.mark.parametrize(
    ("values", "message"), [([0, 255, 300], "300, which lies in no range"), ([0, 3], "128-255")]
)
def test_ranges_that_the_label_maps_do_not_fit(values, message):
    with pytest.raises(Problem, match=message):
        classes_of(values, labels={0: "background", 255: "polyp"}, ranges=RANGES)


def test_objects_of_any_number_are_one_class():
    classes = classes_of([0, 1, 2, 40_000], ranges=INSTANCES)
    assert classes.names == ("background", "object")
    label = np.array([0, 5, 65_535, 125], np.uint16)
    assert classes.encode(label).tolist() == [0, 1, 1, 1]
    assert classes.decode(classes.encode(label)).tolist() == [0, 1, 1, 1]


def test_small_and_wide_labels_agree():
    classes = Classes(("a", "b"), ((5,), (70,)))
    narrow = np.array([5, 70, 70], np.uint8)
    wide = Classes(("a", "b"), ((5,), (2**30,)))
    assert wide.encode(np.array([5, 2**30, 2**30])).tolist() == classes.encode(narrow).tolist()
