"""Files that are not what their names say: the message names what they are."""

import gzip

import nibabel as nib
import numpy as np
import PIL.Image
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data.io.image_io import read_image

VOLUME = nib.Nifti1Image(np.zeros((4, 5, 3), np.float32), np.eye(4)).to_bytes()


def picture(kind):
    def write(path):
        PIL.Image.new("L", (4, 5)).save(path, format=kind)

    return write


@pytest.mark.parametrize(
    ("name", "content", "what", "remedy"),
    [
        ("a.nii", gzip.compress(VOLUME, mtime=0), "a file of gzip", r"\.nii\.gz"),
        ("a.nii.gz", VOLUME, "NIfTI without compression", r"\.nii\."),
        ("a.nii.gz", b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
        ("a.nii.gz", b"\n<html>".strip() + b"404</html>", "a web page", "Fetch"),
        ("a.png", b"<!doctype html>", "a web page", "Fetch"),
        ("a.nii.gz", picture("PNG"), "PNG", r"\.png"),
        ("a.nrrd", picture("JPEG"), "JPEG", r"\.jpg"),
        ("a.npy", b"PK\3\4", "a zip archive", "Unpack"),
        ("a.nii.gz", gzip.compress(VOLUME, mtime=0)[:40], "the reader found", "whole copy"),
        ("a.png", b"", "the reader found", "whole copy"),
    ],
)
def test_what_a_file_is_in_truth_is_said(tmp_path, name, content, what, remedy):
    path = tmp_path / name
    if callable(content):
        content(path)
    else:
        path.write_bytes(content)
    with pytest.raises(Problem, match=rf"{what}(.|\n)*remedy: .*{remedy}"):
        read_image(path)
