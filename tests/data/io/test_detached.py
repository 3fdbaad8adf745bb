"""Headers of strangers that name any file of this machine for their voxels."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.io.image_io import read_image

META = (
    "ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\n"
    "ElementSpacing = 1 1 1\nElementDataFile = {}\n"
)
NRRD = (
    "NRRD0004\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nencoding: raw\n"
    "space: left-posterior-superior\nspace directions: (1,0,0) (0,1,0) (0,0,1)\n{}\n\n"
)
FIELDS = ["data file: {}", "datafile: {}", "DATA FILE: {}"]
HEADERS = [("scan.mhd", META)] + [("scan.nhdr", NRRD.format(field)) for field in FIELDS]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "data" / "below").mkdir(parents=True)
    for name in ("secret.raw", "data/voxels.raw", "data/below/voxels.raw", "data/v_1.raw"):
        (tmp_path / name).write_bytes(bytes(range(8)))
    (tmp_path / "data" / "link.raw").symlink_to(tmp_path / "secret.raw")
    return tmp_path / "data"


@pytest.mark.parametrize(("name", "header"), HEADERS)
@pytest.mark.parametrize(
    "voxels",
    [
        *("../secret.raw", "{root}/secret.raw", "below/../../secret.raw", "below/voxels.raw"),
        *("link.raw", "..\\secret.raw", "LIST\n../secret.raw", "LIST 2\n../x.raw\nvoxels.raw"),
    ],
)
def test_voxels_of_another_folder_are_not_read(folder, name, header, voxels):
    text = header.format(voxels.format(root=folder.parent))
    (folder / name).write_text(text)
    with pytest.raises(Problem, match="another folder"):
        read_image(folder / name)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("colon.mhd", META.replace("ElementDataFile = ", "ElementDataFile: ")),
        ("colon.mha", META.replace(" = ", " : ")),
        ("long.mhd", META.replace("ElementData", "Comment = x\n" * 9000 + "ElementData")),
        ("long.nhdr", NRRD.format("#" + 70_000 * "x" + "\ndata file: {}")),
        ("return.nhdr", NRRD.format("data file: {}").replace("\n", "\r")),
        ("return.mhd", META.replace("\n", "\r")),
    ],
)
def test_no_way_of_writing_a_header_leads_to_another_folder(folder, name, header):
    (folder / name).write_text(header.format(folder.parent / "secret.raw"), newline="")
    with pytest.raises(Problem, match="another folder"):
        read_image(folder / name)


@pytest.mark.parametrize(("name", "header"), HEADERS)
def test_voxels_beside_a_header_are(folder, name, header):
    (folder / name).write_text(header.format("voxels.raw"))
    found = read_image(folder / name).array[..., 0]
    np.testing.assert_array_equal(found, np.arange(8).reshape(2, 2, 2, order="F"))


def test_a_linked_header_has_its_voxels_where_it_really_lies(folder, tmp_path):
    (folder / "scan.mhd").write_text(META.format("voxels.raw"))
    (tmp_path / "linked").mkdir()
    for name in ("scan.mhd", "voxels.raw"):
        (tmp_path / "linked" / name).symlink_to(folder / name)
    assert read_image(tmp_path / "linked" / "scan.mhd").array.size == 8
