import io
import tracemalloc
import zipfile

import numpy as np
import pytest
from numpy.lib.format import write_array_header_1_0

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.reading import read_cases
from keras_mia.data.io.image_io import read_image
from keras_mia.data.io.numpy_files import names_in, npz_header, read_npz_array

MIB = 2**20


def member(shape, descr="<f8", content=b""):
    file = io.BytesIO()
    write_array_header_1_0(file, {"descr": descr, "fortran_order": False, "shape": shape})
    return file.getvalue() + content


def archive(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def peak(work):
    tracemalloc.start()
    try:
        with pytest.raises(Problem) as caught:
            work()
        return caught.value, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("affine", "message"),
    [
        (member((1500, 1500), content=bytes(8 * 1500**2)), r"\(1500, 1500\), expected is \(4, 4\)"),
        (member((4, 4), "<U900000", bytes(16 * 4 * 900_000)), "holds <U900000"),
        (member((4, 4), "|O"), "holds object"),
        (member((4, 4)), "128 bytes, the file holds"),
        (member((2**40,)), "expected is"),
        (member((1, 4, 4), content=bytes(128)), "expected is"),
    ],
)
def test_an_affine_is_looked_at_before_it_is_read(tmp_path, affine, message):
    image = member((3, 3), content=bytes(72))
    path = archive(tmp_path / "a.npz", image=image, affine=affine)
    problem, memory = peak(lambda: read_image(path))
    assert problem.where == path
    assert "affine" in str(problem)
    with pytest.raises(Problem, match=message):
        read_image(path)
    assert memory < 4 * MIB


@pytest.mark.parametrize("name", ["image", "array", "scan"])
def test_an_array_that_the_file_does_not_hold_takes_no_memory(tmp_path, name):
    path = archive(tmp_path / "a.npz", **{name: member((8000, 8000), content=bytes(800))})
    problem, memory = peak(lambda: read_image(path))
    assert "claims 512,000,000 bytes, the file holds 800" in problem.what
    assert memory < MIB


def test_a_sparse_file_that_claims_more_than_memory(tmp_path):
    path = tmp_path / "a.npy"
    path.write_bytes(member((2**20, 2**20)))
    with path.open("r+b") as file:
        file.truncate(2**43 + 128)
    with pytest.raises(Problem, match="claims"):
        read_image(path)


@pytest.mark.parametrize("key", ["train_labels", "train_images"])
def test_labels_are_counted_before_they_are_read(tmp_path, key):
    members = {"train_images": member((3, 2, 2), "|u1", bytes(12)), "train_labels": member((3,))}
    members[key] = member((4 * MIB,), "|u1", bytes(4 * MIB))
    problem, memory = peak(
        lambda: read_cases(archive(tmp_path / "a.npz", **members), targets=["multiclass"])
    )
    assert "images for" in problem.what
    assert memory < MIB


def test_images_are_not_read_to_count_them(tmp_path):
    members = {
        "x_train": member((9, 2**20), "|u1", bytes(9 * MIB)),
        "y_train": member((9,), "|u1", bytes(9)),
    }
    path = archive(tmp_path / "a.npz", **members)
    tracemalloc.start()
    assert len(read_cases(path, targets=["multiclass"])) == 9
    memory = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert memory < 3 * MIB


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY", b"text", member((3, 3), content=bytes(72))])
def test_a_file_of_another_kind_is_no_archive(tmp_path, content):
    (tmp_path / "a.npz").write_bytes(content)
    for work in (read_image, lambda path: read_cases(path, targets=["multiclass"])):
        with pytest.raises(Problem, match=r"a\.npz"):
            work(tmp_path / "a.npz")


def test_an_archive_is_no_array(tmp_path):
    archive(tmp_path / "a.npy", image=member((3, 3), content=bytes(72)))
    with pytest.raises(Problem, match="cannot be read"):
        read_image(tmp_path / "a.npy")


def test_what_is_whole_is_read_as_numpy_reads_it(tmp_path):
    generator = np.random.default_rng(0)
    arrays = {
        "image": np.asfortranarray(generator.normal(size=(5, 4, 3))),
        "affine": np.diag([2, 2, 3, 1]).astype(np.int16),
        "empty": np.empty((0, 3)),
        "text": np.array(["a", "long"]),
        "one": np.array(3),
    }
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "a.npz", **arrays)
        assert names_in(tmp_path / "a.npz") == list(arrays)
        for name, array in arrays.items():
            found = npz_header(tmp_path / "a.npz", name)
            assert (found.shape, found.dtype, found.size) == (
                array.shape,
                array.dtype,
                array.nbytes,
            )
            if array.size:
                read = read_npz_array(tmp_path / "a.npz", name, kinds="iufU")
                assert np.array_equal(read, array)
        assert read_image(tmp_path / "a.npz").space == (5, 4)
