import pytest

from keras_mia.core.apart import check_apart
from keras_mia.core.problem import Problem


def test_output_and_data_lie_apart(tmp_path):
    data, outside = tmp_path / "data", tmp_path / "outside"
    (data / "images").mkdir(parents=True)
    outside.mkdir()
    (data / "images" / "a.png").write_text("x")
    (outside / "link").symlink_to(data)
    (outside / "b.png").symlink_to(data / "images" / "a.png")
    table = tmp_path / "cases.csv"
    table.write_text("image,label\n")
    check_apart(tmp_path / "runs" / "one", [data, table])
    check_apart(outside, [data / "images" / "a.png"])
    for output, source in (
        (data, data),
        (tmp_path, data),
        (tmp_path, table),
        (data / "images", data / "images" / "a.png"),
        (data, outside / "b.png"),
        (outside, outside / "b.png"),
        (outside / "link", data),
        (data, outside / "link"),
    ):
        with pytest.raises(Problem, match="holds the data"):
            check_apart(output, [source])
    for output in (data / "runs", data / "images" / "run", outside / "link" / "run"):
        with pytest.raises(Problem, match="lies in the data"):
            check_apart(output, [data])
