"""Nothing of a patient leaves a DICOM header, but into the DICOM Segmentation that must have it."""

import base64
import gzip
import io
import re
import zipfile
from types import SimpleNamespace

import nibabel as nib
import numpy as np
import pytest

from tests.apps.conftest import TINY, command
from tests.dicom_files import NO_DICOM, SECRETS, oblique, write_series

pydicom = pytest.importorskip("pydicom", reason=NO_DICOM)

MORE = {
    "OtherPatientNames": "Obscured^Helga",
    "PatientBirthName": "Veiled^Viola",
    "PatientMotherBirthName": "Covert^Clara",
    "OtherPatientIDs": "SECRET-4712",
    "PatientAddress": "13 Concealed Lane",
    "PatientTelephoneNumbers": "+49-555-0199",
    "PatientComments": "born in Undisclosed",
    "ReferringPhysicianName": "Privy^Paula",
    "InstitutionName": "Clinic Incognito",
}
# Parts too, and the date as others write it.
WORDS = [
    *(word for value in (SECRETS | MORE).values() for word in {value, *value.split("^")}),
    *("SECRET", "Concealed", "Undisclosed", "Incognito", "1903-12-23", "23.12.1903", "12/23/1903"),
]


def found_in(data: bytes) -> set[str]:
    """The words in some bytes, or in what is packed in them: archives, gzip, pictures of a page."""
    seen = {word for word in WORDS if re.search(re.escape(word.encode()), data, re.IGNORECASE)}
    seen |= {word for word in WORDS if word.encode("utf-16-le") in data}
    if data[:2] == b"\x1f\x8b":
        seen |= found_in(gzip.decompress(data))
    elif data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                seen |= found_in(member.encode()) | found_in(archive.read(member))
    for packed in re.findall(rb"data:[\w/+.-]+;base64,([A-Za-z0-9+/=]+)", data):
        seen |= found_in(base64.b64decode(packed))
    return seen


def found_below(folder) -> dict[str, set[str]]:
    """File to the words in it or in its name."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    found = {
        path.name: found_in(path.name.encode()) | found_in(path.read_bytes()) for path in files
    }
    return {name: words for name, words in found.items() if words}


def test_the_search_looks_into_what_is_packed(tmp_path):
    secret = SECRETS["PatientName"].encode()
    np.savez_compressed(tmp_path / "a.npz", image=np.frombuffer(secret, np.uint8))
    (tmp_path / "b.gz").write_bytes(gzip.compress(b"x" * 1000 + secret))
    (tmp_path / "c.html").write_bytes(
        b"<img src='data:image/png;base64," + base64.b64encode(secret)
    )
    (tmp_path / "secret-4711.txt").write_text("")
    (tmp_path / "d.txt").write_text("nothing")
    assert set(found_below(tmp_path)) == {"a.npz", "b.gz", "c.html", "secret-4711.txt"}


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> SimpleNamespace:
    """Trains on series full of secrets, predicts and scores: what is written, and what is said."""
    folder = tmp_path_factory.mktemp("everything")
    rng = np.random.default_rng(0)
    for number in range(6):
        label = np.zeros((24, 20, 12), np.uint8)
        label[6 + number : 14 + number, 5:12, 3:9] = 1
        volume = (rng.normal(100, 20, label.shape) + 400.0 * label).astype(np.int16)
        to = folder / "data" / "images" / f"case_{number}"
        write_series(to, volume, oblique(), SeriesDescription="thorax", **MORE)
        (folder / "data" / "labels").mkdir(exist_ok=True)
        nib.save(
            nib.Nifti1Image(label, oblique()), folder / "data" / "labels" / f"case_{number}.nii.gz"
        )
    # Values against the rules, of which libraries warn in full.
    for name, right, wrong in (
        ("odd_name", b"Secret^Sibylla", b"Secret=Sibylla"),
        ("odd_date", b"19031223", b"1903122-"),
    ):
        for file in write_series(folder / "odd" / name, volume, oblique(), **MORE):
            file.write_bytes(file.read_bytes().replace(right, wrong))
    file = write_series(folder / "odd" / "broken", volume, oblique(), **MORE)[3]
    file.write_bytes(file.read_bytes()[:-100])

    data, out = folder / "data", folder / "out"
    run, masks = out / "run", out / "masks"
    predict = ["predict", "--run", run, "--probabilities", "--as", "dicom-seg"]
    done = {
        "segment": command(
            *("segment", "--data", data, "--output", run, "--steps", 12),
            *("--cache", out / "cache", *TINY),
        ),
        "predict": command(*predict, "--data", data / "images", "--output", masks),
        "odd": command(*predict, "--data", folder / "odd", "--output", out / "odd"),
        "evaluate": command(
            *("evaluate", "--prediction", masks, "--truth", data / "labels"),
            *("--output", out / "scores"),
        ),
        "run": command("evaluate", "--run", run, "--output", out / "again"),
    }
    return SimpleNamespace(folder=folder, out=out, done=done)


@pytest.mark.slow
def test_the_run_is_whole_and_its_sources_hold_the_secrets(everything):
    code = {name: done.returncode for name, done in everything.done.items()}
    assert code == {"segment": 0, "predict": 0, "odd": 2, "evaluate": 0, "run": 0}, [
        done.stderr for done in everything.done.values()
    ]
    written = {path.name for path in everything.out.rglob("*")}
    assert written >= {
        *("report.html", "run.json", "cases.csv", "scores.csv", "metrics.json", "history.csv"),
        *("best.keras", "last.npz", "plan.json", "args.txt"),
        *("case_0.nii.gz", "case_0.dcm", "case_0-probabilities.nii.gz"),
    }
    slices = found_below(everything.folder / "data" / "images")
    assert len(slices) == 12
    assert all(set(SECRETS.values()) <= words for words in slices.values())


@pytest.mark.slow
def test_nothing_that_is_said_has_a_word_of_the_patient(everything):
    for name, done in everything.done.items():
        assert not found_in((done.stdout + done.stderr).encode()), name
        assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_no_file_has_a_word_of_the_patient_but_the_segmentation_for_the_archive(everything):
    found = found_below(everything.out)
    masks = {f"case_{number}.dcm" for number in range(6)}
    assert set(found) == masks | {"odd_name.dcm"}, "every DICOM Segmentation, and nothing else"
    for name in masks:
        made = pydicom.dcmread(everything.out / "masks" / name)
        source = pydicom.dcmread(
            everything.folder / "data" / "images" / name.removesuffix(".dcm") / "000.dcm"
        )
        for element in SECRETS:
            assert made[element].value == source[element].value
