"""`read_cases(targets_required=False)`: targets where there are some, else images alone."""

from types import SimpleNamespace

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import read_cases
from keras_mia.data.datasets.layouts.plain_images import ALONE
from keras_mia.data.targets.kinds import KINDS
from tests.data.datasets.test_without_targets import fill


def read(source, **options):
    return read_cases(source, targets=KINDS, targets_required=False, **options)


def names_alone(cases):
    """The names of cases of which none has a target, which is said once."""
    assert all(case.target is None for case in cases)
    assert cases.notes.count(ALONE) == 1
    return [case.name for case in cases]


def texts_of(cases):
    assert ALONE not in cases.notes
    return [case.text for case in cases]


@pytest.mark.parametrize(
    "files",
    [
        ["a.png", "b.png"],
        ["only/a.png", "only/b.png"],
        ["train/a.png", "test/b.png"],
        ["patient_1/a.png", "patient_2/b.png"],
        ["images/a.png", "images/b.png", "masks/a.png", "masks/b.png"],
        ["imagesTr/a_0000.png", "imagesTr/b_0000.png", "labelsTr/a.png", "labelsTr/b.png"],
        ["cats/a.png", "cats/b.png"],
    ],
    ids=lambda files: files[0],
)
def test_folders_without_classes(tmp_path, files):
    fill(tmp_path, *files)
    assert len(names_alone(read(tmp_path))) == 2
    with pytest.raises(Problem):
        read_cases(tmp_path, targets=KINDS)


def test_folders_of_classes(tmp_path):
    fill(tmp_path, "data/cats/a.png", "data/dogs/b.png")
    assert texts_of(read(tmp_path)) == ["cats", "dogs"]
    (tmp_path / "data" / "cows").mkdir()
    with pytest.raises(Problem, match="that of cows holds none"):
        read(tmp_path)


def test_a_user_who_says_that_folders_are_classes_is_told_that_there_are_none(tmp_path):
    fill(tmp_path, "a.png", "b.png")
    with pytest.raises(Problem, match="names do not tell of which class"):
        read(tmp_path, folders_are_classes=True)


def test_a_folder_without_images_is_a_problem(tmp_path):
    (tmp_path / "notes.txt").write_text("nothing")
    with pytest.raises(Problem, match="No image was found"):
        read(tmp_path)


def table(folder, text):
    fill(folder, "a.png", "b.png", "a_mask.png", "b_mask.png")
    (folder / "list.csv").write_text(text)
    return folder / "list.csv"


@pytest.mark.parametrize(
    "text",
    [
        "image\na.png\nb.png\n",
        "image,patient\na.png,1\nb.png,2\n",
        "image,label\na.png,\nb.png,\n",
        "image,label\na.png,a_mask.png\nb.png,b_mask.png\n",
        "image,age\na.png,40\nb.png,50\n",
    ],
)
def test_tables_without_labels(tmp_path, text):
    assert names_alone(read(table(tmp_path, text))) == ["a", "b"]


def test_a_table_with_labels(tmp_path):
    assert texts_of(read(table(tmp_path, "image,label\na.png,x\nb.png,y\n"))) == ["x", "y"]
    with pytest.raises(Problem, match="1 image without a label"):
        read(table(tmp_path, "image,label\na.png,x\nb.png,\n"))
    named = table(tmp_path, "image,age\na.png,40\nb.png,50\n")
    assert texts_of(read(named, label_column="age")) == ["40", "50"]
    with pytest.raises(Problem, match="no column 'grade'"):
        read(named, label_column="grade")


def arrays(path, **more):
    images = {"train_images": np.zeros((3, 4, 5)), "test_images": np.ones((2, 4, 5))}
    np.savez(path, **images, **more)
    return path


def test_arrays(tmp_path):
    path = tmp_path / "set.npz"
    assert len(names_alone(read(arrays(path)))) == 5
    assert len(names_alone(read(arrays(path, other_labels=np.arange(3))))) == 5
    some = {"train_labels": np.arange(3)}
    with pytest.raises(Problem, match="There is test_images, but no test_labels"):
        read(arrays(path, **some))
    every = read(arrays(path, **some, test_labels=np.arange(2)))
    assert texts_of(every) == ["0", "1", "0", "1", "2"]


def test_samples_have_no_such_targets():
    assert len(names_alone(read("sample:digits"))) == 28
    both = read_cases("sample:digits", targets_required=False)
    assert all(case.label_files for case in both)


class Builder:
    """A data set of tensorflow-datasets without labels."""

    def __init__(self, features):
        self.info = SimpleNamespace(features=features, splits=["train"], full_name="mine/1.0.0")

    def is_prepared(self):
        return True

    def as_dataset(self, split):
        import tensorflow as tf

        return tf.data.Dataset.from_tensor_slices({"image": np.zeros((4, 6, 8, 3), np.uint8)})


def test_a_data_set_of_tfds_without_labels(tmp_path, monkeypatch):
    tfds = pytest.importorskip("tensorflow_datasets")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = Builder(tfds.features.FeaturesDict({"image": tfds.features.Image()}))
    monkeypatch.setattr(tfds, "builder", lambda name: made)
    with pytest.raises(Problem, match="with one label each were expected, it has image"):
        read_cases("tfds:mine", targets=KINDS)
    assert len(names_alone(read("tfds:mine"))) == 4
    assert len(read_cases("tfds:mine", targets=())) == 4


def test_arrays_without_a_split(tmp_path):
    images = np.zeros((4, 5, 6), np.uint8)
    np.savez(tmp_path / "a.npz", images=images, labels=[0, 1, 1, 0])
    cases = read(tmp_path / "a.npz")
    assert texts_of(cases) == ["0", "1", "1", "0"]
    assert {case.split for case in cases} == {None}
    assert [case.name for case in cases][:2] == ["image_0", "image_1"]
    np.savez(tmp_path / "b.npz", images=images)
    assert len(names_alone(read(tmp_path / "b.npz"))) == 4
    with pytest.raises(Problem, match="no labels"):
        read_cases(tmp_path / "b.npz", targets=KINDS)
