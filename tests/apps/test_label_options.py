"""What options say of label values, from training to judging."""

import json

import numpy as np
import PIL.Image
import pytest

from keras_mia.data.io.image_io import write_image


@pytest.fixture
def blurred(tmp_path):
    """Six pictures with masks of 0 and 255 saved as JPEG, and as PNG of numbered objects."""
    for i in range(6):
        mask = np.zeros((32, 32), np.uint8)
        for number in range(5 + i):
            row, column = divmod(number, 4)
            mask[8 * row + 1 : 8 * row + 6, 8 * column + 1 : 8 * column + 6] = number + 1
        noise = np.random.default_rng(i).integers(0, 40, mask.shape, np.uint8)
        write_image(tmp_path / "images" / f"{i}.png", noise + np.uint8(150) * (mask > 0))
        write_image(tmp_path / "numbered" / f"{i}.png", mask)
        (tmp_path / "masks").mkdir(exist_ok=True)
        PIL.Image.fromarray(np.uint8(255) * (mask > 0)).save(tmp_path / "masks" / f"{i}.jpg")
    return tmp_path


def table(folder, labels, suffix):
    rows = [f"images/{i}.png,{labels}/{i}.{suffix}" for i in range(6)]
    path = folder / f"{labels}.csv"
    path.write_text("\n".join(["image,label", *rows]))
    return path


@pytest.mark.slow
def test_what_is_refused_trains_with_the_option_that_is_named(app, blurred, tmp_path):
    data, run, told = table(blurred, "masks", "jpg"), tmp_path / "run", tmp_path / "told"
    option = ("--labels", "0-127=background,128-255=cell")
    refused = app("segment", "--data", data, "--output", run)
    assert refused.code == 2
    assert option[0] in refused.err
    done = app("segment", "--data", data, "--output", run, "--steps", 2, *option)
    assert done.code == 0, done.err
    assert json.loads((run / "plan.json").read_text())["classes"]["ranges"]
    values = {int(x) for f in (run / "predictions").iterdir() for x in np.unique(PIL.Image.open(f))}
    assert values <= {0, 255}
    assert app("predict", "--run", run, "--data", blurred / "images", "--output", told).code == 0
    judged = ("evaluate", "--prediction", told, "--truth", blurred / "masks")
    by_run, by_option = app(*judged, "--run", run), app(*judged, *option)
    assert by_run.code == by_option.code == 0
    assert by_run.out == by_option.out
    assert app(*judged).code == 2


@pytest.mark.parametrize(
    ("labels", "suffix", "option"),
    [
        ("masks", "jpg", ("--labels", "0-127=background,128-255=cell")),
        ("numbered", "png", ("--instances", "merge")),
    ],
)
def test_doctor_names_the_option_and_takes_it(app, blurred, labels, suffix, option):
    data = table(blurred, labels, suffix)
    refused = app("doctor", "--data", data)
    assert refused.code == 1
    assert option[0] in refused.out
    assert app("doctor", "--data", data, *option).code == 0
