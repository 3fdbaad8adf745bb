import numpy as np

from keras_mia.inference.clean import fill_holes, largest_component


def test_only_the_largest_piece_of_each_class_stays():
    labels = np.zeros((12, 12), np.uint8)
    labels[1:5, 1:5], labels[8:10, 8:10] = 1, 1
    labels[1:3, 8:10], labels[6, 1] = 2, 2
    cleaned = largest_component(labels)
    assert (cleaned == 1).sum() == 16
    assert (cleaned == 2).sum() == 4
    assert cleaned.dtype == labels.dtype


def test_pieces_that_touch_by_a_corner_are_one():
    labels = np.eye(5, dtype=np.uint8)
    np.testing.assert_array_equal(largest_component(labels), labels)


def test_holes_are_filled_but_no_other_class_is_overwritten():
    labels = np.ones((7, 7, 7), np.uint8)
    labels[0] = labels[-1] = 0
    labels[:, 0] = labels[:, -1] = 0
    labels[..., 0] = labels[..., -1] = 0
    labels[3, 3, 3], labels[2, 2, 2] = 0, 2
    filled = fill_holes(labels)
    assert filled[3, 3, 3] == 1
    assert filled[2, 2, 2] == 2
    assert filled[0].sum() == 0
