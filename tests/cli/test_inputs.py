"""Images that an app reads, and files that it writes of them."""

import pytest

from keras_mia.cli.inputs import check_output
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.cases import Case, Cases


def test_images_that_would_be_one_file_are_refused(tmp_path):
    cases = tuple(
        Case(name, {"image": (tmp_path / "in" / file,)}, None, name)
        for name, file in (("a.jpg", "a.jpg"), ("a", "a.jpg.png"), ("b", "b.png"))
    )
    with pytest.raises(Problem, match=r"2 images would be written to one file, a\.png"):
        check_output(
            tmp_path / "out",
            Cases(cases, "in"),
            lambda case: [f"{case.name.partition('.')[0]}.png"],
            overwrite=True,
        )
    assert not (tmp_path / "out").exists()
