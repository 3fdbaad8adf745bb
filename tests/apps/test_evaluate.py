"""`keras-mia evaluate` as a user calls it."""

import json
import subprocess
import sys

import numpy as np
import PIL.Image
import pytest

from keras_mia.core.files.text_files import read_csv, read_json
from keras_mia.data.datasets.case_target import LabelMapFile
from keras_mia.training.runs.run import Run

AFFINE = np.diag([1.0, 1.0, 2.0, 1.0])


def cube(*, at=2, side=6, value=1, space=(16, 16, 12)):
    label = np.zeros(space, np.uint8)
    label[at : at + side, 2:8, 2:8] = value
    return label


@pytest.fixture
def two_folders(write_volume, tmp_path):
    """Two cases: one is right in class 1, the other is shifted by half; class 3 is right."""
    for name, at in (("one", 2), ("two", 5)):
        truth, found = cube(), cube(at=at)
        for label in (truth, found):
            label[10:14, 10:14, 2:6] = 3
        write_volume(tmp_path / "truth" / f"{name}_label.nii.gz", truth, AFFINE)
        write_volume(tmp_path / "found" / f"{name}.nii.gz", found, AFFINE)
    return ["--prediction", tmp_path / "found", "--truth", tmp_path / "truth"]


def test_two_folders_are_scored(app, two_folders, tmp_path):
    (tmp_path / "found" / "one-probabilities.nii.gz").write_bytes(b"is not looked at")
    done = app("evaluate", *two_folders, "--output", tmp_path / "scores")
    assert done.code == 0, done.err
    assert "background = 0, label 1 = 1, label 3 = 3" in done.out
    assert "Scores on 2 cases of 2 patients" in done.out
    metrics = read_json(tmp_path / "scores" / "metrics.json")
    assert metrics["format"] == 1
    assert metrics["cases"] == metrics["patients"] == 2
    assert metrics["classes"]["label 1"]["dice"] == pytest.approx((1 + 0.5) / 2)
    assert metrics["classes"]["label 3"]["dice"] == pytest.approx(1)
    assert metrics["mean"]["dice"] == pytest.approx((1 + 0.75) / 2)
    assert metrics["classes"]["label 1"]["hausdorff_mm"] == pytest.approx(3 / 2)
    rows = read_csv(tmp_path / "scores" / "scores.csv")
    assert [(row["case"], row["class"]) for row in rows] == [
        (name, label) for name in ("one", "two") for label in ("label 1", "label 3")
    ]
    assert float(rows[0]["volume_ml"]) == pytest.approx(6 * 6 * 6 * 2 / 1000)


def test_what_reading_did_to_label_maps_is_said(app, write_volume, tmp_path):
    near = np.where(cube(), np.float32(1.0001), np.float32(0))
    write_volume(tmp_path / "truth" / "one.nii.gz", near, AFFINE)
    write_volume(tmp_path / "found" / "one.nii.gz", cube(), AFFINE)
    done = app("evaluate", "--prediction", tmp_path / "found", "--truth", tmp_path / "truth")
    assert done.code == 0, done.err
    assert f"rounded to labels: 1 ({tmp_path / 'truth' / 'one.nii.gz'})" in done.out


def test_a_run_is_measured_by_the_spacing_of_its_images(write_volume, tmp_path):
    from keras_mia.data.datasets.cases import Case
    from keras_mia.data.targets.label_map import classes_of
    from keras_mia.tasks.segmentation.evaluation.pairs import Pair

    near = np.diag([1.0001, 1.0, 2.0, 1.0])  # rounded otherwise, and one grid all the same
    image, label, found = (tmp_path / f"{name}.nii.gz" for name in ("image", "label", "found"))
    write_volume(image, cube(), AFFINE)
    write_volume(label, cube(), near)
    write_volume(found, cube(), near)
    classes = classes_of({0, 1})
    case = Case("a", {"image": (image,)}, LabelMapFile(label), "a")
    assert Pair(found, case).read(classes).spacing_mm == (1.0, 1.0, 2.0)
    image.unlink()
    assert Pair(found, case).read(classes)[2][0] == pytest.approx(1.0001)
    alone = Pair(found, Case("a", {}, LabelMapFile(label), "a")).read(classes)[2]
    assert alone[0] == pytest.approx(1.0001)


def test_pictures_are_scored_in_pixels(app, tmp_path):
    from PIL import Image

    mask = np.zeros((20, 20), np.uint8)
    for side in ("truth", "found"):
        (tmp_path / side).mkdir()
        mask[4:10, 4:12] = 1
        Image.fromarray(mask).save(tmp_path / side / "one.png")
        mask[10:12, 4:12] = 1
    to = tmp_path / "scores"
    folders = ["--prediction", tmp_path / "found", "--truth", tmp_path / "truth"]
    done = app("evaluate", *folders, "--output", to)
    assert done.code == 0, done.err
    assert "hd95_px" in done.out
    said = done.out + (to / "metrics.json").read_text() + (to / "scores.csv").read_text()
    assert "_mm" not in said
    assert "_ml" not in said
    assert read_json(to / "metrics.json")["tolerance_px"] == 1


def test_the_tolerance_of_the_surface(app, two_folders, tmp_path):
    found = {}
    for tolerance in (0.5, 4):
        to = tmp_path / str(tolerance)
        done = app("evaluate", *two_folders, "--tolerance", tolerance, "--output", to)
        assert done.code == 0, done.err
        metrics = json.loads((to / "metrics.json").read_text())
        assert metrics["tolerance_mm"] == tolerance
        found[tolerance] = metrics["classes"]["label 1"]["surface_dice"]
    assert found[0.5] < found[4] == 1


def test_scores_are_not_replaced_unless_it_is_said(app, two_folders, tmp_path):
    to = tmp_path / "scores"
    to.mkdir()
    (to / "metrics.json").write_text("{}")
    refused = app("evaluate", *two_folders, "--output", to)
    assert refused.code == 2
    assert "--overwrite" in refused.err
    assert (to / "metrics.json").read_text() == "{}"
    assert app("evaluate", *two_folders, "--output", to, "--overwrite").code == 0
    assert read_json(to / "metrics.json")["cases"] == 2


def test_pictures_match_by_their_numbers_and_what_was_not_predicted_is_said(app, tmp_path):
    label = 255 * cube()[:, :, 4]
    for folder, name in (
        ("found", "21_training"),
        ("truth", "21_manual1"),
        ("truth", "22_manual1"),
    ):
        (tmp_path / folder).mkdir(exist_ok=True)
        PIL.Image.fromarray(label).save(tmp_path / folder / f"{name}.png")
    (tmp_path / "found" / "21-probabilities.npz").write_bytes(b"")
    done = app("evaluate", "--prediction", tmp_path / "found", "--truth", tmp_path / "truth")
    assert done.code == 0, done.err
    assert "22_manual1.png" in done.out
    assert "Scores on 1 case of 1 patient" in done.out
    assert "dice         1.0000" in done.out


def test_what_does_not_fit_is_a_problem(app, two_folders, write_volume, tmp_path):
    none = app("evaluate", "--prediction", tmp_path / "found")
    assert none.code == 2
    assert "--truth" in none.err
    missing = app("evaluate", "--prediction", tmp_path / "found", "--truth", tmp_path / "no")
    assert missing.code == 2

    wrong = tmp_path / "found" / "two.nii.gz"
    for label, affine, expected in (
        (cube(value=255), AFFINE, "holds 255, which is no class of the truth: 0, 1, 3"),
        (cube(), np.diag([1.0, 1.0, 2.2, 1.0]), "grids that lie"),
        (cube(space=(16, 16, 13)), AFFINE, "voxels"),
    ):
        write_volume(wrong, label, affine)
        done = app("evaluate", *two_folders)
        assert done.code == 2
        assert expected in done.err
        assert str(wrong) in done.err
        assert "Traceback" not in done.err
    write_volume(tmp_path / "found" / "three.nii.gz", cube(), AFFINE)
    done = app("evaluate", *two_folders)
    assert done.code == 2
    assert "1 of 3 predictions have no truth" in done.err


def test_label_maps_are_scored_without_tensorflow(two_folders):
    code = (
        "import sys\nfrom keras_mia.cli.main import main\n"
        f"sys.argv = {['keras-mia', 'evaluate', *map(str, two_folders)]!r}\n"
        "main()\nassert 'tensorflow' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_run_is_scored_as_it_was_judged(trained, app, tmp_path):
    done = app("evaluate", "--run", trained.folder, "--output", tmp_path)
    assert done.code == 0, done.err
    assert "Anterior" in done.out
    assert (tmp_path / "scores.csv").read_bytes() == (trained.folder / "scores.csv").read_bytes()
    again, before = (read_json(f / "metrics.json") for f in (tmp_path, trained.folder))
    np.testing.assert_equal(again["interval"], before["interval"])
    assert "baseline" not in again, "nothing was compared"

    truth = app("evaluate", "--run", trained.folder, "--truth", trained.data / "labelsTr")
    assert truth.code == 0, truth.err
    assert f"dice         {before['mean']['dice']:.4f}" in truth.out
    lacking = app("evaluate", "--run", trained.folder, "--prediction", trained.data / "imagesTr")
    assert lacking.code == 2, "images are no label maps"


def test_masks_of_other_values_and_files_in_place_of_folders(app, write_volume, tmp_path):
    truth = write_volume(tmp_path / "truth" / "one.nii.gz", cube(value=255), AFFINE)
    found = write_volume(tmp_path / "found" / "one.nii.gz", cube(), AFFINE)
    done = app("evaluate", "--prediction", found.parent, "--truth", truth.parent)
    assert done.code == 2
    assert "write 1 as 255 in the predictions" in done.err
    done = app("evaluate", "--prediction", found, "--truth", truth)
    assert done.code == 2
    assert (
        f"this is a file.\n  where:  {found}\n  remedy: Name its folder, {found.parent}" in done.err
    )


def test_scores_replace_no_table_that_is_read_and_none_of_a_run(app, tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "scores.csv").write_text("image,label\na.png,a.png\n")
    words = ["evaluate", "--prediction", tmp_path, "--truth", folder / "scores.csv", "--overwrite"]
    done = app(*words, "--output", folder)
    assert done.code == 2
    assert "would be replaced" in done.err
    run = Run.start(tmp_path / "run", "segmentation")
    run.accept()
    run.finish()
    for output in (tmp_path / "run", tmp_path / "run" / "predictions"):
        done = app(*words, "--output", output)
        assert done.code == 2
        assert "mixed with those of the run" in done.err
    done = app(*words, "--output", folder / "scores.csv")
    assert done.code == 2
    assert "Cannot write here" in done.err
