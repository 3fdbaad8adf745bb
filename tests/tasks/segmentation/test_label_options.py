"""What options say of label values."""

import pytest

from keras_mia.core.problem import Problem
from keras_mia.tasks.segmentation.label_options import label_names, label_ranges, label_values


def test_names_and_values():
    assert label_names("0=membrane, 255=cell body") == {
        0: "membrane",
        255: "cell body",
    }
    assert label_names(None) is None
    with pytest.raises(Problem, match="VALUE=NAME"):
        label_names("membrane")
    assert label_values("1,5,52") == [1, 5, 52]
    with pytest.raises(Problem, match="label values"):
        label_values("liver")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("0-127=a,120-255=b", "hold 120-127"),
        ("0-127=a,127-255=b", "hold 127"),
        ("0-127=a,129-255=b", "holds 128"),
        ("0-100=a,128-255=b", "holds 101-127"),
        ("127-0=a,128-255=b", "backwards"),
        ("0-=a", "LOW-HIGH"),
    ],
)
def test_ranges_of_labels_neither_overlap_nor_leave_gaps(text, message):
    with pytest.raises(Problem, match=message):
        label_names(text)


def test_ranges_of_labels():
    text = " 0-127 = background, 128-255=polyp "
    assert label_names(text) == {0: "background", 255: "polyp"}
    assert label_ranges(text) == ((0, 127, 0), (128, 255, 255))
    assert label_names("-5--1=air,0-9=tissue") == {-5: "air", 9: "tissue"}
    assert label_ranges("0=a,1=b") == ()
    assert label_ranges(None, instances="merge") == ((1, 2**31 - 1, 1),)
    assert label_ranges(None, instances="classes") == ()
    for more in ({"classes": "5"}, {"instances": "merge"}):
        with pytest.raises(Problem, match=r"Leave it out|Give one"):
            label_ranges(text, **more)
