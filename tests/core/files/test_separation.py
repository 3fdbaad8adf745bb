import pytest

from keras_mia.core.files.separation import check_no_source, check_separate
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
    check_separate(tmp_path / "runs" / "one", [data, table])
    check_separate(outside, [data / "images" / "a.png"])
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
            check_separate(output, [source])
    for output in (data / "runs", data / "images" / "run", outside / "link" / "run"):
        with pytest.raises(Problem, match="lies in the data"):
            check_separate(output, [data])


def test_what_may_be_held_may_not_be_lain_in(tmp_path):
    (tmp_path / "data").mkdir()
    check_separate(tmp_path, [tmp_path / "data"], may_hold=True)
    for folder in (tmp_path / "data", tmp_path / "data" / "cache"):
        with pytest.raises(Problem, match="--cache lies in the data"):
            check_separate(folder, [tmp_path / "data"], option="--cache", may_hold=True)


def test_no_file_that_is_read_is_written(tmp_path):
    (tmp_path / "folder").mkdir()
    table, link = tmp_path / "folder" / "a.csv", tmp_path / "a.csv"
    table.write_text("x")
    link.symlink_to(table)
    (tmp_path / "linked").symlink_to(tmp_path / "folder")
    check_no_source([tmp_path / "b.csv", link], [table])  # the link alone would be replaced
    for written, read in ((table, link), (link, link), (tmp_path / "linked" / "a.csv", table)):
        with pytest.raises(Problem, match="would be replaced"):
            check_no_source([written], [read])
