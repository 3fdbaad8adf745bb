"""`keras-mia doctor` as a user calls it, on real cases with planted defects."""

import csv
import gzip
import shutil
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from keras_mia.core.files.text_files import write_csv
from keras_mia.core.problem import Problem
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.doctor.case import examine
from keras_mia.doctor.finding import KINDS

CASES = 48
TEST = 8


def change(path, voxels=None, affine=None, dtype=None):
    """Writes a NIfTI file again with other voxels or another affine."""
    file = nib.load(path)
    array, matrix = np.asarray(file.dataobj).astype(dtype or file.get_data_dtype()), file.affine
    array = array if voxels is None else voxels(array)
    nib.save(nib.Nifti1Image(array, matrix if affine is None else affine(matrix)), path)


def put(value, *at):
    def voxels(array):
        array = array.copy()
        array[at] = value
        return array

    return voxels


def scaled(affine):
    return affine @ np.diag([1, 1, 2, 1])


def turned(affine):
    return np.diag([-1, 1, 1, 1]) @ affine


def moved(affine):
    shift = np.eye(4)
    shift[1, 3] = 5
    return shift @ affine


def two_forms(path):
    file = nib.load(path)
    image = nib.Nifti1Image(np.asarray(file.dataobj), file.affine)
    image.set_sform(moved(file.affine), code=1)
    image.set_qform(file.affine, code=1)
    nib.save(image, path)


def truncate(path):
    whole = gzip.decompress(path.read_bytes())
    path.write_bytes(gzip.compress(whole[: len(whole) // 2]))


def copy(folder, part="Tr", names=None):
    for kind in ("images", "labels"):
        (folder / f"{kind}{part}").mkdir(parents=True, exist_ok=True)
        for name, new in names:
            source = Path(name) if kind == "images" else Path(str(name).replace("images", "labels"))
            shutil.copy(source, folder / f"{kind}{part}" / f"{new}.nii.gz")


@pytest.fixture(scope="module")
def clean(data, tmp_path_factory) -> Path:
    """Real cases, some of them a test part."""
    source, folder = data / "msd_hippocampus", tmp_path_factory.mktemp("clean") / "msd"
    files = sorted((source / "imagesTr").glob("*.nii.gz"))[:CASES]
    names = [(file, f"case_{i:02}") for i, file in enumerate(files)]
    copy(folder, "Tr", names[TEST:])
    copy(folder, "Ts", names[:TEST])
    shutil.copy(source / "dataset.json", folder / "dataset.json")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


@pytest.fixture(scope="module")
def planted(clean, tmp_path_factory) -> tuple[Path, set[tuple[str, str, str]]]:
    """The same with a defect in each of many cases, and kind, severity and file of all of them."""
    folder = tmp_path_factory.mktemp("planted") / "msd"
    shutil.copytree(clean, folder)
    found = set()

    def plant(number, kind, part, *, wrong=True):
        file = next(folder.glob(f"{part}T?/case_{number:02}.nii.gz"))
        found.add((kind, "wrong" if wrong else "note", str(file)))
        return file

    plant(10, "incomplete case", "images")
    (folder / "labelsTr" / "case_10.nii.gz").unlink()
    plant(11, "incomplete case", "labels")
    (folder / "imagesTr" / "case_11.nii.gz").unlink()
    truncate(plant(12, "unreadable file", "images"))
    plant(13, "unreadable file", "labels").write_bytes(b"no NIfTI")
    change(plant(14, "unreadable file", "labels"), put(0.5, 9, 9, 9), dtype=np.float32)
    change(plant(15, "not a number", "images"), put(np.nan, 9, 9, 9), dtype=np.float32)
    change(plant(16, "not a number", "images"), put(np.inf, 0, 0), dtype=np.float32)
    change(plant(17, "constant image", "images"), lambda array: np.full_like(array, 7))
    change(plant(18, "other shape", "labels"), lambda array: array[:-1])
    change(plant(19, "other spacing", "labels"), affine=scaled)
    change(plant(20, "other orientation", "labels"), affine=turned)
    change(plant(21, "other position", "labels"), affine=moved)
    two_forms(plant(22, "sform and qform", "images"))
    two_forms(plant(22, "sform and qform", "labels"))
    change(plant(23, "unexpected label", "labels"), put(7, 9, 9, slice(3)))
    change(plant(24, "missing label", "labels", wrong=False), lambda array: np.minimum(array, 1))
    change(plant(25, "empty label map", "labels"), np.zeros_like)
    change(plant(26, "full label map", "labels", wrong=False), np.ones_like)
    found.add(("missing label", "note", str(folder / "labelsTr" / "case_26.nii.gz")))
    for kind in ("images", "labels"):
        change(folder / f"{kind}Tr" / "case_27.nii.gz", affine=lambda a: a @ np.diag([9, 9, 9, 1]))
    plant(27, "odd spacing", "images", wrong=False)
    change(plant(28, "odd channels", "images"), lambda array: np.stack([array, array], axis=-1))
    # a copy among the tests, stored in another type
    shutil.copy(folder / "imagesTr" / "case_29.nii.gz", folder / "imagesTs" / "case_00.nii.gz")
    shutil.copy(folder / "labelsTr" / "case_29.nii.gz", folder / "labelsTs" / "case_00.nii.gz")
    change(folder / "imagesTs" / "case_00.nii.gz", dtype=np.float64)
    plant(29, "same image", "images")
    # a label map that belongs to another image
    change(folder / "imagesTr" / "case_31.nii.gz", put(0, 0))
    first, last = folder / "imagesTr" / "case_31.nii.gz", folder / "imagesTr" / "case_30.nii.gz"
    shutil.copy(first, last)
    change(last, lambda array: array[:, ::-1].copy())
    shutil.copy(*(str(file).replace("images", "labels") for file in (first, last)))
    plant(31, "same label map", "labels")
    # a second visit of patient 40 among the tests
    for kind in ("images", "labels"):
        (folder / f"{kind}Ts" / "case_01.nii.gz").rename(
            folder / f"{kind}Ts" / "case_40_again.nii.gz"
        )
    found.add(
        ("patient in several parts", "wrong", str(folder / "imagesTs" / "case_40_again.nii.gz"))
    )
    return folder, found


def rows(path):
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def test_real_cases_are_well(app, clean, tmp_path):
    done = app("doctor", "--data", clean, "--output", tmp_path / "findings.csv")
    assert done.code == 0, done.err
    assert "Nothing is wrong in 48 cases." in done.out
    assert "Anterior" in done.out
    assert rows(tmp_path / "findings.csv") == []
    assert (tmp_path / "findings.csv").read_text() == "kind,severity,case,file,what,remedy\n"


def test_each_planted_defect_is_found_and_nothing_else(app, planted, tmp_path):
    folder, expected = planted
    table = tmp_path / "findings.csv"
    done = app("doctor", "--data", folder, "--patient", r"case_\d+", "--output", table)
    assert done.code == 1, done.err
    found = {(row["kind"], row["severity"], row["file"]) for row in rows(table)}
    assert found == expected
    assert len({kind for kind, _, _ in found}) >= 18
    for kind, severity, file in expected:
        assert f"{'Wrong' if severity == 'wrong' else 'Worth a look'}: {kind}" in done.out
        assert str(Path(file).relative_to(folder)) in done.out
    for row in rows(table):
        assert row["what"]
        assert f"remedy: {row['remedy']}" in done.out
    assert "Traceback" not in done.err


def test_by_how_much_is_said(app, planted):
    out = app("doctor", "--data", planted[0], "--patient", r"case_\d+").out
    for words in (
        "1 NaN",
        "infinite",
        "All its values are 7.",
        "voxels, the label map",
        "The image's voxels are 1 x 1 x 1 mm, the label map's 1 x 1 x 2 mm.",
        "The image lies in RAS, the label map in LAS.",
        "grids that lie 5 mm apart",
        "sform and qform place its corners up to 5 mm apart",
        "It holds 7 in 3 voxels; expected are 0",
        "It does not hold 2 (Posterior)",
        "Its voxels are 9 x 9 x 9 mm, usual are 1 x 1 x 1 mm.",
        "It has 2 channels, most images have 1.",
        "in two parts of the split (train and test)",
        "Patient case_40 is in train (1 case) and in test (1 case).",
        "could not be compared with the others",
    ):
        assert words in out, words


def test_all_that_stops_training_is_found(planted):
    stopped = 0
    for case in read_cases(planted[0], strict=False):
        found, known = examine(case, read_facts)
        try:
            read_facts(case)
        except Problem:
            stopped += 1
            assert known is None
            assert any(one.severity == "wrong" for one in found)
    assert stopped == 9


def test_no_tensorflow_is_loaded(pictures):
    words = f"sys.argv = ['keras-mia', 'doctor', '--data', {str(pictures)!r}]"
    code = (
        f"import sys; {words}\nfrom keras_mia.cli.main import main\nmain()\n"
        "assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_exit_codes_and_files_that_are_there(app, pictures, tmp_path):
    assert app("doctor", "--data", pictures).code == 0
    table = tmp_path / "findings.csv"
    table.write_text("mine")
    done = app("doctor", "--data", pictures, "--output", table)
    assert done.code == 2
    assert "--overwrite" in done.err
    assert table.read_text() == "mine"
    assert app("doctor", "--data", pictures, "--output", table, "--overwrite").code == 0
    assert table.read_text().startswith("kind,")
    done = app("doctor", "--data", tmp_path / "nowhere")
    assert done.code == 2
    assert "  remedy: " in done.err
    assert "Traceback" not in done.err


def test_what_a_plan_is_made_of_is_warned_about(app, pictures):
    shutil.copy(pictures / "images" / "cell_0.png", pictures / "images" / "cell_2.png")
    shutil.copy(pictures / "labels" / "cell_0.png", pictures / "labels" / "cell_2.png")
    done = app("plan", "--data", pictures)
    assert done.code == 0, done.err
    assert "  Warning: Same image (1): cell_2." in done.out
    assert "keras-mia doctor" in done.out
    assert "Warning" not in app("plan", "--data", pictures, "--patient", r"cell").out


def test_answers_end_in_the_same_table_and_code(app, tmp_path):
    generator = np.random.default_rng(0)
    images = generator.integers(0, 255, (24, 20, 20)).astype(np.uint8)
    labels = np.array([0, 1] * 12)
    np.savez(tmp_path / "set.npz", x_train=images, y_train=labels)
    assert app("doctor", "--data", tmp_path / "set.npz").code == 0
    images[5] = images[2]
    np.savez(tmp_path / "set.npz", x_train=images, y_train=labels)
    table = tmp_path / "found.csv"
    done = app("doctor", "--data", tmp_path / "set.npz", "--output", table, "--labels", "1=ill")
    assert done.code == 1, done.err
    assert "Wrong: two targets (1)" in done.out
    assert "ill" in done.out
    assert [row["kind"] for row in rows(table)] == ["two targets"]
    done = app("doctor", "--data", tmp_path / "set.npz", "--kind", "multiclass", "--classes", "1")
    assert done.code == 2
    assert "segmentation has no --kind; classification has no --classes" in done.err


def test_every_kind_is_explained():
    page = Path(__file__).resolve().parents[2] / "docs" / "doctor.md"
    lines = page.read_text(encoding="utf-8").splitlines()
    assert [line.split("`")[1] for line in lines if line.startswith("| `")] == list(KINDS)


def test_findings_replace_no_table_of_the_data(app, pictures, tmp_path):
    rows = [
        {"image": path, "label": pictures / "labels" / f"{path.stem}.png"}
        for path in sorted((pictures / "images").iterdir())
    ]
    table, link = tmp_path / "cases.csv", tmp_path / "link.csv"
    write_csv(table, rows)
    link.symlink_to(table)
    before = table.read_bytes()
    for data in (table, link):
        done = app("doctor", "--data", data, "--output", table, "--overwrite")
        assert done.code == 2
        assert "would be replaced" in done.err
    assert table.read_bytes() == before
    done = app("doctor", "--data", table, "--output", tmp_path, "--overwrite")
    assert done.code == 2
    assert "no file to write to" in done.err
