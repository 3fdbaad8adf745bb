"""Images with answers, from whatever the user has."""

import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.datasets.splits.limit import limited
from keras_mia.data.datasets.splits.splitting import split
from keras_mia.data.io import numpy_images
from keras_mia.data.io.image_io import read_image, write_image


def picture(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    write_image(path, np.full((6, 5), value, np.uint8))


def read(source, **options):
    return read_cases(source, targets=["multiclass"], **options)


def targets(cases):
    return {case.name: case.text for case in cases}


def test_a_folder_a_class(tmp_path):
    for name in ("cat", "dog"):
        for i in range(2):
            picture(tmp_path / name / f"{i}.png", i)
    cases = read(tmp_path)
    assert targets(cases) == {"cat_0": "cat", "cat_1": "cat", "dog_0": "dog", "dog_1": "dog"}
    assert {case.split for case in cases} == {None}
    assert any("cat (2), dog (2)" in note for note in cases.notes)


def test_class_folders_below_parts_of_a_split_one_level_down(tmp_path):
    for part in ("train", "val", "test"):
        for name in ("ill", "well"):
            picture(tmp_path / "data" / part / name / f"{part}.png", 3)
    cases = read(tmp_path)
    assert sorted((case.split, case.text) for case in cases) == sorted(
        (part, name) for part in ("train", "validation", "test") for name in ("ill", "well")
    )


def test_a_class_that_training_does_not_have_is_named(tmp_path):
    for part, names in (("train", ("a", "b")), ("test", ("a", "c"))):
        for name in names:
            picture(tmp_path / part / name / "1.png", 3)
    with pytest.raises(Problem, match="the train part has none of c"):
        read(tmp_path)


@pytest.mark.parametrize("keys", [("train_images", "train_labels"), ("x_train", "y_train")])
def test_an_npz_of_arrays(tmp_path, keys):
    images = np.arange(4 * 6 * 5, dtype=np.uint8).reshape(4, 6, 5)
    labels = np.array([[0], [1], [1], [0]], np.uint8)
    other = [key.replace("train", "test") for key in keys]
    arrays = dict(zip((*keys, *other), (images, labels, images[:2], labels[:2]), strict=True))
    np.savez_compressed(tmp_path / "set.npz", **arrays)
    cases = read(tmp_path / "set.npz")
    assert [case.split for case in cases].count("test") == 2
    assert targets(cases)["train_1"] == "1"
    one = next(case for case in cases if case.name == "train_2")
    np.testing.assert_array_equal(one.image().array[..., 0], images[2])
    made = split(cases)
    assert len(made.validation) == 1
    assert any("each file is taken as a patient" in note for note in cases.notes)


def test_several_labels_a_row_of_an_npz(tmp_path):
    labels = np.array([[1, 0, 1], [0, 0, 0]])
    np.savez(tmp_path / "set.npz", train_images=np.zeros((2, 4, 4), np.uint8), train_labels=labels)
    assert targets(read(tmp_path / "set.npz")) == {"train_0": "0|2", "train_1": "none"}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numbers_of_an_npz_keep_their_digits(tmp_path, dtype):
    labels = np.array([1234567.75, 1.0, 0.12345678], dtype)
    np.savez(tmp_path / "set.npz", train_images=np.zeros((3, 4, 4), np.uint8), train_labels=labels)
    texts = targets(read(tmp_path / "set.npz"))
    assert [dtype(texts[f"train_{i}"]) for i in range(3)] == labels.tolist()
    assert texts["train_1"] == "1"


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"a": np.zeros(3)}, "No train_images"),
        ({"x_train": np.zeros((2, 4, 4))}, "no y_train"),
        ({"x_train": np.zeros((2, 4, 4)), "y_train": np.zeros(3)}, "2 images for 3 labels"),
        ({"x_train": np.zeros((2, 4, 4)), "y_train": np.full((2, 2), 7)}, "Labels of shape"),
    ],
)
def test_an_npz_that_lacks_something(tmp_path, arrays, message):
    np.savez(tmp_path / "set.npz", **arrays)
    with pytest.raises(Problem, match=message):
        read(tmp_path / "set.npz")


def test_a_broken_npz_ends_in_a_problem(tmp_path):
    np.savez(tmp_path / "set.npz", x_train=np.zeros((9, 4, 4)), y_train=np.zeros(9))
    whole = (tmp_path / "set.npz").read_bytes()
    (tmp_path / "set.npz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Problem, match=r"set\.npz"):
        read(tmp_path / "set.npz")


def test_an_entry_that_is_not_there(tmp_path):
    np.savez(tmp_path / "set.npz", x_train=np.zeros((2, 4, 4)))
    with pytest.raises(Problem, match="images 0 to 1"):
        read_image(numpy_images.entry_paths(tmp_path / "set.npz", "x_train", 3)[2])
    with pytest.raises(Problem, match="x_test"):
        read_image(numpy_images.entry_paths(tmp_path / "set.npz", "x_test", 1)[0])


def test_a_table_of_answers(tmp_path):
    for i in range(3):
        picture(tmp_path / f"{i}.png", i)
    rows = [
        {"path": "0.png", "finding": "Mass|Fluid", "split": "train", "who": "a"},
        {"path": "1.png", "finding": "No Finding", "split": "test", "who": "b"},
        {"path": "2.png", "finding": "Mass", "split": "extra", "who": "b"},
    ]
    write_csv(tmp_path / "cases.csv", rows)
    names = {"image_column": "path", "label_column": "finding", "patient_column": "who"}
    cases = read(tmp_path / "cases.csv", **names)
    assert targets(cases) == {"0": "Mass|Fluid", "1": "No Finding"}
    assert any("1 row of the split 'extra'" in note for note in cases.notes)


def test_a_prepared_data_set_of_tfds(tmp_path, monkeypatch):
    tfds = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    builder = tfds.folder_dataset.ImageFolder
    for part in ("train", "test"):
        for name in ("ill", "well"):
            picture(tmp_path / "set" / part / name / "1.png", 7 if name == "ill" else 9)
    made = builder(str(tmp_path / "set"))
    monkeypatch.setattr(tfds, "builder", lambda name: made)  # it knows no folder by its name
    monkeypatch.setattr(made, "is_prepared", lambda: True, raising=False)
    cases = read("tfds:mine")
    assert sorted((case.split, case.text) for case in cases) == [
        ("test", "ill"),
        ("test", "well"),
        ("train", "ill"),
        ("train", "well"),
    ]
    ill = next(case for case in cases if case.text == "ill")
    assert set(np.unique(ill.image().array)) == {7}


def test_a_data_set_that_tfds_does_not_know_or_has_not_prepared(tmp_path, monkeypatch):
    pytest.importorskip("tensorflow_datasets")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    with pytest.raises(Problem, match="does not know"):
        read("tfds:no_such_set_at_all")


def test_fewer_cases_are_drawn_class_by_class(tmp_path):
    labels = np.array([0] * 20 + [1] * 4)
    images = np.zeros((24, 4, 4), np.uint8)
    np.savez(tmp_path / "s.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    cases = split(read(tmp_path / "s.npz"))
    few = limited(cases, 6)
    assert sorted(case.text for case in few.train) == ["0"] * 3 + ["1"] * 3
    assert len(few.test) == 24
    assert few.train == limited(cases, 6).train
    more = limited(cases, 12)
    assert {case.name for case in few.train} <= {case.name for case in more.train}
    assert limited(cases, 100) is cases


def test_folders_of_another_kind_lead_to_the_other_command(tmp_path):
    for name in ("images", "masks"):
        picture(tmp_path / "maps" / name / "a.png", 1)
    with pytest.raises(Problem, match="segment"):
        read(tmp_path / "maps")
    for name in ("ill", "well"):
        picture(tmp_path / "tree" / name / "a.png", 1)
    with pytest.raises(Problem, match="classify"):
        read_cases(tmp_path / "tree")
