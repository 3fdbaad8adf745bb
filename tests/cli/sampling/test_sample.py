"""`keras-mia sample`: what is written, that a seed repeats it, and what is refused at once."""

from types import SimpleNamespace

import nibabel as nib
import numpy as np
import PIL.Image
import pytest

from keras_mia.cli.main import main
from keras_mia.core.files.text_files import read_csv, read_json, write_json, write_text
from keras_mia.data import read_cases, read_image
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.report.pictures.grid import GROUND
from keras_mia.tasks import register
from keras_mia.training.runs.run import Run
from tests.cli.conftest import call
from tests.cli.sampling.sampler_task import Sampler, SamplerPlan


@pytest.fixture(autouse=True)
def family(monkeypatch):
    monkeypatch.setitem(register.REGISTER, "sampler", "tests.cli.sampling.sampler_task:Sampler")


def run_in(folder, **fields):
    """A finished run of a network that samples."""
    image = folder.parent / "training" / "sample_0001.png"
    image.parent.mkdir(exist_ok=True)
    PIL.Image.fromarray(np.zeros((5, 7), np.uint8)).save(image)
    plan = SamplerPlan(**({"size": (5, 7)} | fields))
    run = Run.start(folder, "sampler")
    cases = Cases([Case("a", {"image": (image,)}, None, "a", "train")], str(image.parent))
    run.accept(cases, plan)
    run.save_model(Sampler().build(plan))
    run.save_scores([{"case": "a"}], {})
    write_text(folder / "report.html", "-")
    run.finish()
    return folder


@pytest.fixture
def sample(tmp_path, monkeypatch, capsys):
    """Calls the app: code, and what it said."""

    def sample(run, output, *words, count=6):
        given = ["sample", "--run", run, "--output", output, "--count", count, *words]
        code, text = call(monkeypatch, capsys, main, *given)
        return SimpleNamespace(code=code, text=text)

    return sample


@pytest.fixture
def run(tmp_path):
    return run_in(tmp_path / "run")


@pytest.fixture
def conditional(tmp_path):
    return run_in(tmp_path / "conditional", names=("0", "1", "10"))


def arrays(path):
    with np.load(path, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def test_an_npz_file_holds_images_in_the_values_of_training(run, conditional, sample, tmp_path):
    assert sample(run, tmp_path / "new" / "a.npz").code == 0
    first = arrays(tmp_path / "new" / "a.npz")
    assert [*first] == ["images"]
    assert (first["images"].shape, first["images"].dtype) == ((6, 5, 7), np.uint8)
    assert sample(conditional, tmp_path / "b.npz").code == 0
    labels = arrays(tmp_path / "b.npz")["labels"]
    assert (labels.dtype, labels.tolist()) == (np.int64, [0, 1, 10, 0, 1, 10])
    words = run_in(tmp_path / "words", names=("07", "1"), bytes=False, high=1.0, channels=3)
    assert sample(words, tmp_path / "c.npz", "--class", "07", count=2).code == 0
    third = arrays(tmp_path / "c.npz")
    assert third["labels"].tolist() == ["07", "07"]
    assert (third["images"].shape, third["images"].dtype) == ((2, 5, 7, 3), np.float32)
    assert 0 < third["images"].max() < 1


def test_a_seed_repeats_samples_whatever_their_number(run, sample, tmp_path):
    for name, words in {"a": (), "b": ("--seed", 0), "c": ("--seed", 1)}.items():
        assert sample(run, tmp_path / f"{name}.npz", *words).code == 0
    assert sample(run, tmp_path / "few.npz", count=3).code == 0
    a, b, c, few = (arrays(tmp_path / f"{x}.npz")["images"] for x in ("a", "b", "c", "few"))
    assert np.array_equal(a, b)
    assert not np.array_equal(a, c)
    assert np.array_equal(a[:3], few)
    assert len({image.tobytes() for image in a}) == 6


def test_a_picture_shows_all_of_them(run, sample, tmp_path):
    assert sample(run, tmp_path / "a.npz", count=5).code == 0
    done = sample(run, tmp_path / "a.png", count=5)
    assert f"5 samples written to {tmp_path / 'a.png'}\n" in done.text
    grid = np.asarray(PIL.Image.open(tmp_path / "a.png"))
    assert grid.shape == (2 * 5 + 2, 3 * 7 + 4)
    images = arrays(tmp_path / "a.npz")["images"]
    assert np.array_equal(grid[7:, 9:16], images[4])
    assert (grid[7:, 18:] == GROUND).all()


def test_volumes_are_drawn_by_their_middle_planes_and_written_with_their_spacing(sample, tmp_path):
    spacing = (1.0, 2.0, 3.0)
    run = run_in(tmp_path / "v", size=(4, 5, 6), bytes=False, low=-50, high=50, spacing_mm=spacing)
    assert sample(run, tmp_path / "a.npz", count=1).code == 0
    assert sample(run, tmp_path / "a.png", count=1).code == 0
    volume = arrays(tmp_path / "a.npz")["images"][0]
    grid = np.asarray(PIL.Image.open(tmp_path / "a.png"))
    assert grid.shape == (6, 4 + 2 + 4 + 2 + 5)
    assert np.abs(grid[:5, :4] - 255 * (volume[:, :, 3].T[::-1] + 50) / 100).max() <= 0.51
    assert sample(run, tmp_path / "folder", count=2).code == 0
    assert {path.name for path in (tmp_path / "folder").iterdir()} == {
        *("sample_0001.nii.gz", "sample_0002.nii.gz")
    }
    file = nib.load(tmp_path / "folder" / "sample_0001.nii.gz")
    assert file.header.get_zooms() == spacing
    np.testing.assert_array_equal(file.get_fdata(), volume)


def test_a_folder_holds_a_file_each_and_a_table_that_training_reads(conditional, sample, tmp_path):
    folder = tmp_path / "folder"
    assert sample(conditional, folder, "--seed", 5, count=9).code == 0
    names = [f"sample_{number:04}.png" for number in range(1, 10)]
    assert sorted(path.name for path in folder.iterdir()) == [*names, "samples.csv"]
    assert read_csv(folder / "samples.csv")[2] == {
        **{"image": "sample_0003.png", "label": "10", "seed": "5", "number": "3"}
    }
    assert len(read_cases(folder / "samples.csv", targets=("multiclass",))) == 9
    assert sample(conditional, tmp_path / "a.npz", "--seed", 5, count=9).code == 0
    images = arrays(tmp_path / "a.npz")["images"]
    for name, image in zip(names, images, strict=True):
        assert np.array_equal(read_image(folder / name).array[..., 0], image)


@pytest.mark.parametrize(
    ("fields", "words", "suffix", "dtype"),
    [
        ({"bytes": False}, (), ".tif", "float32"),
        ({"bytes": False, "high": 1.0}, ("--format", "png"), ".png", "uint8"),
        ({"bytes": False, "channels": 2}, (), ".npy", "float32"),
        ({}, ("--format", "npy"), ".npy", "uint8"),
        ({"size": (4, 5, 6)}, (), ".nii.gz", "uint8"),
        ({"channels": 3}, (), ".png", "uint8"),
    ],
)
def test_the_format_keeps_samples_as_they_are(sample, tmp_path, fields, words, suffix, dtype):
    run = run_in(tmp_path / "run", **fields)
    assert sample(run, tmp_path / "new", *words, count=1).code == 0
    (file,) = (tmp_path / "new").iterdir()
    assert file.name == f"sample_0001{suffix}"
    image = read_image(file).array
    plan = SamplerPlan.read(run / "plan.json")
    assert (image.shape, image.dtype) == (plan.shapes()[1], dtype)
    assert image.max() > image.min()


def test_nothing_is_replaced_unless_it_was_said(run, conditional, sample, tmp_path):
    for output in (tmp_path / "a.npz", tmp_path / "a.png", tmp_path / "new"):
        assert sample(run, output).code == 0
        files = [output] if output.is_file() else sorted(output.iterdir())
        before = [file.read_bytes() for file in files]
        done = sample(run, output, "--seed", 1)
        assert done.code == 2
        assert "--overwrite" in done.text
        assert [file.read_bytes() for file in files] == before
        assert sample(run, output, "--seed", 1, "--overwrite").code == 0
        assert all(file.read_bytes() != old for file, old in zip(files, before, strict=True))
    done = sample(run, tmp_path / "new", "--overwrite", "--format", "npy", count=2)
    assert "Left alone, of an earlier call (6): sample_0001.png, sample_0002.png" in done.text


def test_the_files_of_a_run_and_its_data_are_not_touched(run, sample, tmp_path):
    for output in (run, run / "samples", run / "a.png", run / "predictions" / "a.npz"):
        done = sample(run, output, "--overwrite")
        assert done.code == 2
        assert "mixed with those of the run" in done.text
    for output in (tmp_path / "training", tmp_path / "training" / "a.png"):
        done = sample(run, output, "--overwrite")
        assert done.code == 2
        assert "in the data" in done.text
    facts = read_json(run / "run.json")
    write_json(run / "run.json", facts | {"data": "elsewhere"})
    done = sample(run, tmp_path / "training", "--overwrite")
    assert done.code == 2
    assert "This file is read, and would be replaced" in done.text
    assert sample(run, run / "more").code == 0


@pytest.fixture
def at_once(monkeypatch):
    def load(*_):
        raise AssertionError("TensorFlow was loaded")

    monkeypatch.setattr("keras_mia.cli.app.load_tensorflow", load)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--count", 0), "0 is not above 0"),
        (("--class", "1"), "does not tell classes apart"),
        (("--output", "a.jpg"), "not written into files that end in .jpg"),
        (("--output", "a.png", "--format", "png"), "A format is that of files in a folder"),
        (("--format", "nifti"), "does not hold images of 2 axes and 1 channel"),
        (("--run", "nowhere"), "not the folder of a run"),
    ],
)
def test_what_is_wrong_is_said_at_once(at_once, run, sample, tmp_path, monkeypatch, words, text):
    monkeypatch.chdir(tmp_path)
    done = sample(run, "new", *words)
    assert done.code == 2, done.text
    assert text in done.text
    assert not (tmp_path / "new").exists()


def test_a_class_that_the_run_does_not_know_is_answered_by_those_that_it_knows(
    at_once, conditional, sample, tmp_path
):
    done = sample(conditional, tmp_path / "new", "--class", "2")
    assert done.code == 2
    assert "The run knows no class '2'" in done.text
    assert "0, 1, 10" in done.text


def test_a_run_that_is_not_finished_or_samples_nothing_is_refused(at_once, run, sample, tmp_path):
    (run / "report.html").unlink()
    done = sample(run, tmp_path / "new")
    assert done.code == 2
    assert "The run is not finished" in done.text
    (run / "best.keras").unlink()
    assert "network is missing" in sample(run, tmp_path / "new").text
    write_json(run / "run.json", read_json(run / "run.json") | {"task": "segmentation"})
    done = sample(run, tmp_path / "new")
    assert done.code == 2
    assert "A run of segmentation samples no images." in done.text
    assert "sampler." in done.text


def test_one_fold_is_named(at_once, sample, tmp_path):
    facts = {"package": "keras_mia", "format": 1, "task": "sampler", "options": {"folds": 2}}
    for folder in (tmp_path / "all", tmp_path / "all" / "fold_1", tmp_path / "all" / "fold_2"):
        write_json(folder / "run.json", facts)
        write_text(folder / "files.txt", "")
    done = sample(tmp_path / "all", tmp_path / "new")
    assert done.code == 2
    assert "2 networks, one a fold" in done.text


def test_what_samples_only_is_not_predicted_with(run, monkeypatch, capsys, tmp_path):
    given = ["predict", "--run", run, "--data", tmp_path, "--output", tmp_path / "new"]
    code, text = call(monkeypatch, capsys, main, *given)
    assert code == 2
    assert "A run of sampler predicts nothing of given images." in text


def test_a_picture_that_no_viewer_opens_is_refused(run, sample, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_mia.cli.sampling.sample_files.MOST_PIXELS", 6 * 35 - 1)
    done = sample(run, tmp_path / "a.png")
    assert done.code == 2
    assert "6 samples of 5 x 7 pixels is too large" in done.text
    assert not (tmp_path / "a.png").exists()
