"""Prediction as a user calls it; a network that thresholds makes the geometry exact."""

import subprocess
import sys

import nibabel as nib
import numpy as np
import PIL.Image
import pytest
from nibabel.orientations import axcodes2ornt, inv_ornt_aff, io_orientation, ornt_transform
from scipy import ndimage
from scipy.spatial.transform import Rotation

from keras_mia.core.files.text_files import write_json
from keras_mia.data.datasets.case_list import write_cases
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.data.datasets.cases import Case, Cases
from keras_mia.data.targets.label_map import Classes
from keras_mia.training.runs.run import Run

SLICES = {"rank": 2, "patch": (16, 16), "pool": ((2, 2),), "flip": (0, 1), "rotation_deg": (0.0,)}
NETWORKS = {
    "volume": {},
    "across_x": SLICES | {"slice_axis": 0},
    "across_y": SLICES | {"slice_axis": 1},
    "across_z": SLICES | {"slice_axis": 2},
}


def placed(spacing=(1.0, 1.0, 1.0), angles=(0, 0, 0), origin=(-12.5, 30.0, 7.25)):
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", angles, degrees=True).as_matrix() @ np.diag(spacing)
    affine[:3, 3] = origin
    return affine


def stored(array, affine, axes):
    """The same voxels at the same places, in another order of storage."""
    turn = ornt_transform(io_orientation(affine), axcodes2ornt(axes))
    turned = nib.orientations.apply_orientation(array, turn)
    return turned, affine @ inv_ornt_aff(turn, array.shape)


def load(path):
    file = nib.load(path)
    return np.asarray(file.dataobj), file.affine


def dice(a, b):
    return 2 * (a & b).sum() / (a.sum() + b.sum())


@pytest.fixture
def segmented(app, stand_in, write_volume, tmp_path):
    """Predicts one volume: `segmented(array, affine)` gives the label map, and checks its place."""
    runs = {}

    def predict(array, affine, name="scan", **plan):
        key = repr(plan)
        if key not in runs:
            runs[key] = stand_in(tmp_path / f"run_{len(runs)}", **plan)
        source = write_volume(tmp_path / "in" / f"{name}.nii.gz", array, affine)
        to = tmp_path / "out"
        done = app("predict", "--run", runs[key], "--data", source, "--output", to, "--overwrite")
        assert done.code == 0, done.err
        label, place = load(to / source.name)
        assert label.shape == array.shape
        assert label.dtype == np.uint8
        np.testing.assert_array_equal(place, nib.load(source).affine)
        return label

    return predict


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("axes", ["RAS", "LAS", "PIR", "SLA"])
def test_any_order_of_storage_is_answered_in_its_own(segmented, blob, axes, network):
    array, affine = stored(blob, placed(), axes)
    np.testing.assert_array_equal(segmented(array, affine, **NETWORKS[network]), array > 0.5)


@pytest.mark.parametrize("angles", [(20, -15, 30), (80, 10, -140)])
def test_an_oblique_volume_is_answered_on_its_oblique_grid(segmented, blob, angles):
    np.testing.assert_array_equal(segmented(blob, placed(angles=angles)), blob > 0.5)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize(
    ("spacing", "angles", "axes"),
    [
        ((1.6, 0.8, 1.0), (0, 0, 0), "RAS"),
        ((0.6, 1.0, 2.1), (0, 0, 0), "LAS"),
        ((0.7, 1.3, 1.9), (10, 20, -30), "SPL"),
    ],
)
def test_an_anisotropic_volume_is_resampled_there_and_back(
    segmented, blob, spacing, angles, axes, network
):
    array, affine = stored(blob, placed(spacing, angles), axes)
    found = segmented(array, affine, steepness=4.0, **NETWORKS[network]) > 0
    expected = array > 0.5
    assert dice(found, expected) > 0.95
    moved = np.subtract(ndimage.center_of_mass(found), ndimage.center_of_mass(expected))
    assert np.abs(moved).max() < 0.1, "voxels of the source"


@pytest.mark.parametrize("spacing", [(1.0, 1.0, 1.0), (0.8, 1.5, 1.2)])
def test_the_prediction_moves_with_what_the_source_shows(segmented, blob, spacing):
    affine = placed(spacing)
    before = segmented(blob, affine)
    shift = (3, -2, 1)
    np.testing.assert_array_equal(
        segmented(np.roll(blob, shift, (0, 1, 2)), affine), np.roll(before, shift, (0, 1, 2))
    )
    for axis in range(3):
        flipped = segmented(np.flip(blob, axis), affine)
        assert (flipped == np.flip(before, axis)).mean() > 0.9995, "ties may fall either way"


def test_the_prediction_turns_with_what_the_source_shows(segmented, blob):
    affine = placed()
    before = segmented(blob, affine)
    for axes in ((0, 1), (2, 0)):
        turned = segmented(np.rot90(blob, axes=axes), affine)
        np.testing.assert_array_equal(turned, np.rot90(before, axes=axes))
    fine = ndimage.zoom(blob, 2, order=1)
    tilted = ndimage.rotate(fine, 25, (0, 2), order=1)
    expected = ndimage.rotate((fine > 0.5).astype(float), 25, (0, 2), order=1) > 0.5
    assert dice(segmented(tilted, affine) > 0, expected) > 0.97


def test_the_prediction_moves_with_the_source_in_the_world(segmented, blob):
    before = segmented(blob, placed((1.0, 1.4, 0.8)))
    mirrored = np.diag([-1.0, 1, 1, 1])
    for motion in (placed(angles=(0, 0, 35)), placed(angles=(90, 0, 0)), mirrored):
        moved = segmented(blob, motion @ placed((1.0, 1.4, 0.8)))
        assert (moved == before).mean() > 0.9995, "ties may fall either way"


def test_a_volume_smaller_than_the_window_and_one_slice(segmented, blob):
    small = blob[8:17, 6:13, 5:11]
    np.testing.assert_array_equal(segmented(small, placed()), small > 0.5)
    flat = blob[:, :, 8:9]
    label = segmented(flat, placed(), **NETWORKS["across_z"])
    np.testing.assert_array_equal(label, flat > 0.5)


def test_a_pictures_answer_is_a_png_with_the_values_of_training(app, stand_in, tmp_path):
    classes = Classes(("paper", "ink"), ((0,), (255,)))
    plan = SLICES | {"spacing_mm": None, "orientation": None, "classes": classes}
    run = stand_in(tmp_path / "run", steepness=0.5, threshold=128, **plan)
    array = np.zeros((40, 23), np.uint8)
    array[5:20, 3:9] = 240
    (tmp_path / "in").mkdir()
    for name in ("scan.jpg", "page.png", "sheet.tif"):
        PIL.Image.fromarray(array).save(tmp_path / "in" / name)
    out = tmp_path / "out"
    done = app(
        "predict", "--run", run, "--data", tmp_path / "in", "--output", out, "--probabilities"
    )
    assert done.code == 0, done.err
    assert "3 label maps written" in done.out
    for name in ("scan.png", "page.png", "sheet.tif"):
        label = np.asarray(PIL.Image.open(out / name))
        np.testing.assert_array_equal(label, np.where(array > 128, 255, 0))
    with np.load(out / "page-probabilities.npz") as file:
        assert file["image"].shape == (40, 23, 2)
        np.testing.assert_allclose(file["image"].sum(-1), 1, atol=1e-5)


def test_probabilities_lie_on_the_source_too(app, stand_in, blob, write_volume, tmp_path):
    run = stand_in(tmp_path / "run", steepness=3.0)
    source = write_volume(tmp_path / "scan.nii.gz", *stored(blob, placed(), "LPS"))
    out = tmp_path / "out"
    done = app("predict", "--run", run, "--data", source, "--output", out, "--probabilities")
    assert done.code == 0, done.err
    found, affine = load(out / "scan-probabilities.nii.gz")
    np.testing.assert_array_equal(affine, nib.load(source).affine)
    array, _ = load(source)
    inside = array > 0
    expected = 1 / (1 + np.exp(-3 * (array - 0.5)))
    assert found.shape == (*array.shape, 2)
    np.testing.assert_allclose(found[..., 1][inside], expected[inside], atol=1e-5)
    np.testing.assert_array_equal(load(out / "scan.nii.gz")[0], found.argmax(-1))


def test_several_runs_are_averaged_also_where_their_grids_differ(
    app, stand_in, blob, write_volume, tmp_path
):
    source = write_volume(tmp_path / "scan.nii.gz", blob, placed())
    runs = tmp_path / "folds"
    for number, (threshold, changes) in enumerate(
        [(0.3, {}), (0.7, {}), (0.5, {"spacing_mm": (0.9, 1.1, 1.3)})], 1
    ):
        stand_in(runs / f"fold_{number}", steepness=4.0, threshold=threshold, **changes)
    chances = {}
    for name, words in {
        "both": [runs / "fold_1", "--run", runs / "fold_2"],
        "all": [runs],
        "third": [runs / "fold_3"],
    }.items():
        out = tmp_path / name
        done = app("predict", "--run", *words, "--data", source, "--output", out, "--probabilities")
        assert done.code == 0, done.err
        chances[name] = load(out / "scan-probabilities.nii.gz")[0][..., 1]
    assert (
        "3 runs averaged"
        in app("predict", "--run", runs, "--data", source, "--output", tmp_path / "more").out
    )
    inside = blob > 0
    expected = np.mean([1 / (1 + np.exp(-4 * (blob - t))) for t in (0.3, 0.7)], axis=0)
    np.testing.assert_allclose(chances["both"][inside], expected[inside], atol=1e-5)
    mean = (2 * chances["both"] + chances["third"]) / 3
    np.testing.assert_allclose(chances["all"], mean, atol=1e-5)


def test_channels_are_files_with_numbers(app, stand_in, blob, write_volume, tmp_path):
    run = stand_in(tmp_path / "run", channels=2, files=2)
    for channel, share in enumerate((0.5, 1.5)):
        write_volume(tmp_path / "in" / f"a_{channel:04}.nii.gz", share * blob, placed())
    done = app("predict", "--run", run, "--data", tmp_path / "in", "--output", tmp_path / "out")
    assert done.code == 0, done.err
    np.testing.assert_array_equal(load(tmp_path / "out" / "a.nii.gz")[0], blob > 0.5)


def test_pieces_and_holes(app, stand_in, write_volume, tmp_path):
    array = np.zeros((20, 20, 20), np.float32)
    array[2:10, 2:10, 2:10] = 1
    array[5, 5, 5] = 0.1
    array[14:17, 14:17, 14:17] = 1
    run, source = stand_in(tmp_path / "run"), write_volume(tmp_path / "a.nii", array, placed())
    words = ["predict", "--run", run, "--data", source, "--output", tmp_path / "out"]
    assert app(*words, "--largest", "--fill-holes", "--no-mirror").code == 0
    label, _ = load(tmp_path / "out" / "a.nii")
    assert label[5, 5, 5] == 1
    assert label.sum() == 8**3
    assert app(*words, "--overwrite").code == 0
    assert load(tmp_path / "out" / "a.nii")[0].sum() == 8**3 - 1 + 3**3


def test_one_broken_image_does_not_cost_the_others(app, stand_in, blob, write_volume, tmp_path):
    run, folder = stand_in(tmp_path / "run"), tmp_path / "in"
    for name in "ac":
        write_volume(folder / f"{name}.nii.gz", blob, placed())
    (folder / "b.nii.gz").write_bytes(b"not an image")
    write_volume(folder / "d.nii.gz", np.stack([blob, blob], -1), placed())
    done = app("predict", "--run", run, "--data", folder, "--output", tmp_path / "out")
    assert done.code == 2
    assert "2 of 4 images could not be predicted" in done.err
    assert f"{folder / 'b.nii.gz'}: " in done.err
    assert f"{folder / 'd.nii.gz'}: " in done.err
    assert "Traceback" not in done.err
    written = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert written == ["a.nii.gz", "c.nii.gz"]


def test_shards_share_the_images_and_go_on(app, stand_in, blob, write_volume, tmp_path):
    run, folder, out = stand_in(tmp_path / "run"), tmp_path / "in", tmp_path / "out"
    for name in "abcde":
        write_volume(folder / f"{name}.nii.gz", blob, placed())
    words = ("predict", "--run", run, "--data", folder, "--output", out)
    first = app(*words, "--shard", "1/2")
    assert first.code == 0
    assert "Part 1 of 2: 3 images." in first.out
    assert sorted(path.name for path in out.iterdir()) == ["a.nii.gz", "c.nii.gz", "e.nii.gz"]
    (out / "c.nii.gz").unlink()
    stamp = (out / "a.nii.gz").stat().st_mtime_ns
    again = app(*words, "--shard", "1/2")
    assert "3 images, 2 of them done before" in again.out
    assert (out / "a.nii.gz").stat().st_mtime_ns == stamp
    assert (out / "c.nii.gz").exists()
    assert app(*words, "--shard", "2/2").code == 0
    assert len(list(out.iterdir())) == 5
    assert app(*words, "--shard", "1/1", "--overwrite").code == 0
    assert (out / "a.nii.gz").stat().st_mtime_ns > stamp
    whole = app(*words)
    assert whole.code == 2
    assert "there already" in whole.err


def test_what_must_not_be_overwritten(app, stand_in, blob, write_volume, tmp_path):
    run, folder = stand_in(tmp_path / "run"), tmp_path / "in"
    source = write_volume(folder / "a.nii.gz", blob, placed())
    before = source.read_bytes()
    for data in (folder, source):
        done = app("predict", "--run", run, "--data", data, "--output", folder, "--overwrite")
        assert done.code == 2
        assert "they would be overwritten" in done.err
    assert source.read_bytes() == before

    truth = write_volume(tmp_path / "labels" / "a.nii.gz", blob, placed())
    done = app("predict", "--run", run, "--data", folder, "--output", tmp_path / "labels")
    assert done.code == 2
    assert "--overwrite" in done.err
    assert truth.read_bytes() == before


def test_a_folder_of_links_to_the_images_is_no_output(app, stand_in, blob, write_volume, tmp_path):
    run, linked = stand_in(tmp_path / "run"), tmp_path / "linked"
    source = write_volume(tmp_path / "real" / "a.nii.gz", blob, placed())
    linked.mkdir()
    (linked / "a.nii.gz").symlink_to(source)
    (tmp_path / "folder").symlink_to(linked)
    before = source.read_bytes()
    for data, output in ((linked, linked), (linked, tmp_path / "folder"), (linked, source.parent)):
        done = app("predict", "--run", run, "--data", data, "--output", output, "--overwrite")
        assert done.code == 2, output
        assert "they would be overwritten" in done.err
    assert source.read_bytes() == before
    assert (linked / "a.nii.gz").is_symlink()


def test_probabilities_are_files_like_others(app, stand_in, blob, write_volume, tmp_path):
    """They were replaced without a word, and a case without them was taken to be done."""
    run, folder, out = stand_in(tmp_path / "run"), tmp_path / "in", tmp_path / "out"
    for name in "ab":
        write_volume(folder / f"{name}.nii.gz", blob, placed())
    words = ("predict", "--run", run, "--data", folder, "--output", out)
    assert app(*words, "--shard", "1/1").code == 0
    done = app(*words, "--shard", "1/1", "--probabilities")
    assert done.code == 0
    assert "done before" not in done.out
    assert len(list(out.iterdir())) == 4
    for name in "ab":
        (out / f"{name}.nii.gz").unlink()
    mine = out / "b-probabilities.nii.gz"
    mine.write_bytes(b"mine")
    done = app(*words, "--probabilities")
    assert done.code == 2
    assert "a-probabilities.nii.gz, b-probabilities.nii.gz" in done.err
    assert mine.read_bytes() == b"mine"


def test_what_a_user_may_get_wrong(app, stand_in, blob, write_volume, tmp_path):
    run, out = stand_in(tmp_path / "run"), tmp_path / "out"
    source = write_volume(tmp_path / "a.nii.gz", blob, placed())
    other = stand_in(tmp_path / "other", classes=Classes(("ground", "tumour"), ((0,), (2,))))
    broken = stand_in(tmp_path / "broken")
    (broken / "best.keras").write_bytes(b"no network")
    (tmp_path / "empty").mkdir()
    for words, expected in (
        (["--run", tmp_path / "none", "--data", source], "not the folder of a run"),
        (["--run", run, run, "--data", source], "named twice"),
        (["--run", run, other, "--data", source], "differ in classes"),
        (["--run", broken, "--data", source], "cannot be loaded"),
        (["--run", run, "--data", tmp_path / "no.nii.gz"], "no such file"),
        (["--run", run, "--data", tmp_path / "empty"], "No image was found"),
    ):
        done = app("predict", *words, "--output", out)
        assert done.code == 2, words
        assert expected in done.err
        assert "Traceback" not in done.err
    assert not out.exists()


@pytest.mark.slow
def test_a_trained_network_answers_any_order_of_storage_alike(trained, app, write_volume, tmp_path):
    whole, affine = load(sorted((trained.data / "imagesTr").iterdir())[0])
    middle = [slice(size // 2 - 11, size // 2 + 13) for size in whole.shape]  # eight windows
    array, answers = whole[tuple(middle)], {}
    for axes in ("RAS", "LPI", "AIR"):
        turned, place = stored(array, affine, axes)
        write_volume(tmp_path / "in" / f"{axes}.nii.gz", turned, place)
    done = app(
        "predict", "--run", trained.folder, "--data", tmp_path / "in", "--output", tmp_path / "out"
    )
    assert done.code == 0, done.err
    for axes in ("RAS", "LPI", "AIR"):
        label, place = load(tmp_path / "out" / f"{axes}.nii.gz")
        np.testing.assert_array_equal(place, nib.load(tmp_path / "in" / f"{axes}.nii.gz").affine)
        answers[axes], back = stored(label, place, "RAS")
        np.testing.assert_allclose(back, affine, atol=1e-5)
    assert 0 < answers["RAS"].astype(bool).mean() < 1
    np.testing.assert_array_equal(answers["LPI"], answers["RAS"])
    np.testing.assert_array_equal(answers["AIR"], answers["RAS"])


def test_a_network_of_another_task_is_refused(app, stand_in, write_volume, tmp_path):
    import keras

    run = stand_in(tmp_path / "run")
    source = write_volume(tmp_path / "in" / "a.nii.gz", np.zeros((8, 8, 8)), np.eye(4))
    image = keras.Input((16, 16, 16, 1))
    whole = keras.layers.GlobalAveragePooling3D()(image)
    others = {
        "gives 2": keras.Model(image, keras.layers.Dense(2)(whole)),
        "takes 5 x 1": keras.Sequential([keras.Input((5, 1)), keras.layers.Dense(2)]),
    }
    for said, model in others.items():
        model.save(run / "best.keras")
        done = app("predict", "--run", run, "--data", source, "--output", tmp_path / "out")
        assert done.code == 2
        assert said in done.err
        assert "best.keras" in done.err


@pytest.mark.parametrize("task", ["registration", "", "../segmentation"])
def test_a_task_that_is_not_known_is_said(app, stand_in, blob, write_volume, tmp_path, task):
    run = stand_in(tmp_path / "run")
    write_json(run / "run.json", {"format": 1, "task": task})
    source = write_volume(tmp_path / "in" / "a.nii.gz", blob, placed())
    words = ("--data", source, "--output", tmp_path / "out")
    for command in (("predict", *words), ("evaluate",), ("evaluate", "--against", run)):
        done = app(command[0], "--run", run, *command[1:])
        assert done.code == 2
        assert "There is no task" in done.err or "no scores" in done.err
        assert "Traceback" not in done.err


def test_predictions_lie_outside_of_images_and_runs(app, stand_in, blob, write_volume, tmp_path):
    run, folder = stand_in(tmp_path / "run"), tmp_path / "in"
    write_volume(folder / "below" / "a.nii.gz", blob, placed())
    own = Run.start(tmp_path / "own", "segmentation")
    own.accept()
    own.finish()
    words = ["predict", "--run", run, "--data", folder, "--overwrite"]
    for output, said in (
        (folder / "predicted", "lies in the data"),
        (folder / "below", "they would be overwritten"),
        (tmp_path / "own", "mixed with those of the run"),
        (tmp_path / "own" / "predictions", "mixed with those of the run"),
    ):
        for shard in ([], ["--shard", "1/2"]):
            done = app(*words, "--output", output, *shard)
            assert done.code == 2, output
            assert said in done.err
    assert [path.name for path in folder.rglob("*")] == ["below", "a.nii.gz"]


def test_label_maps_of_training_are_not_replaced(app, stand_in, blob, write_volume, tmp_path):
    run, folder = stand_in(tmp_path / "run"), tmp_path / "in"
    image = write_volume(folder / "a.nii.gz", blob, placed())
    label = write_volume(tmp_path / "labels" / "a.nii.gz", blob, placed())
    write_cases(
        run / "cases.csv",
        Cases((Case("a", {"image": (image,)}, LabelMapFile(label), "a", "train"),), "there"),
    )
    before = label.read_bytes()
    words = ["predict", "--run", run, "--data", folder, "--output", tmp_path / "labels"]
    done = app(*words, "--overwrite")
    assert done.code == 2
    assert "would be replaced" in done.err
    assert label.read_bytes() == before


def test_two_processes_do_not_predict_into_one_folder(app, stand_in, blob, write_volume, tmp_path):
    run, folder, out = stand_in(tmp_path / "run"), tmp_path / "in", tmp_path / "out"
    write_volume(folder / "a.nii.gz", blob, placed())
    words = ["predict", "--run", run, "--data", folder, "--output", out]
    code = (
        "import sys, time; from pathlib import Path; from keras_mia.core.files.lock import Lock;"
        " lock = Lock(Path(sys.argv[1]), sys.argv[2]); print(flush=True); time.sleep(60)"
    )
    for part, option in (("", []), ("1-of-2", ["--shard", "1/2"])):
        other = subprocess.Popen([sys.executable, "-c", code, out, part], stdout=subprocess.PIPE)
        other.stdout.readline()
        try:
            done = app(*words, *option)
        finally:
            other.kill()
            other.wait()
        assert done.code == 2
        assert f"Another process works in this folder: process {other.pid}" in done.err
        assert {path.suffix for path in out.iterdir()} == {""}
