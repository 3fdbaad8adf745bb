"""Images of other channels than the network was trained on."""

import numpy as np
import PIL.Image
import pytest

from keras_mia.cli.predict import _each
from keras_mia.cli.predict_job import PredictionJob
from keras_mia.data.datasets.case_target import LabelMapFile, Texts
from keras_mia.data.datasets.cases import Case
from keras_mia.data.fingerprint.survey import read_facts
from keras_mia.data.io.pictures.channels import LUMINANCE, REPEATED
from keras_mia.data.preprocess.prepare import prepare
from keras_mia.data.preprocess.prepare_image import prepare_image
from keras_mia.data.targets.inference import infer_target
from keras_mia.data.targets.label_map import classes_of
from keras_mia.tasks.classification.planning import make_plan as make_image_plan
from keras_mia.tasks.classification.task import Classification
from keras_mia.tasks.segmentation.planning import make_plan
from keras_mia.tasks.segmentation.task import Segmentation

ROOM = np.random.default_rng(0)
GREY = ROOM.integers(0, 255, (24, 20)).astype(np.uint8)
COLOURS = ROOM.integers(0, 255, (24, 20, 3)).astype(np.uint8)


@pytest.mark.parametrize("masks", [True, False])
@pytest.mark.parametrize(
    ("trained", "new", "said"), [(COLOURS, GREY, REPEATED), (GREY, COLOURS, LUMINANCE)]
)
def test_what_is_done_to_channels_is_said_once(tmp_path, capsys, masks, trained, new, said):
    PIL.Image.fromarray((GREY > 90).astype(np.uint8)).save(tmp_path / "label.png")
    for name, array in (("trained", trained), ("new", new)):
        PIL.Image.fromarray(array).save(tmp_path / f"{name}.png")
    target = LabelMapFile(tmp_path / "label.png") if masks else Texts("ill")
    case = Case("trained", {"image": (tmp_path / "trained.png",)}, target, "x", "train")
    if masks:
        plan = make_plan([read_facts(case)], classes_of([0, 1]))
    else:
        plan = make_image_plan([read_facts(case)], infer_target(["ill", "well"]))
    cases = [Case(name, {"image": (tmp_path / "new.png",)}, None, name) for name in "abc"]
    job = PredictionJob((Segmentation if masks else Classification)(), [], [plan], [case, *cases])

    def shape(case, image):
        return (prepare(image, plan).array if masks else prepare_image(image, plan)).shape

    shapes, failures = _each(job, shape)
    assert {one[-1] for one in shapes} == {plan.channels}
    assert not failures
    assert capsys.readouterr().out.count(f"{said}: 3 (a, b, c).") == 1


def test_a_picture_of_a_few_pixels_is_warned_of(tmp_path, capsys):
    cases = []
    for name, space in (("usual", (24, 20)), ("pixel", (1, 1)), ("two", (1, 2))):
        file = tmp_path / f"{name}.png"
        PIL.Image.fromarray(np.arange(space[0] * space[1], dtype=np.uint8).reshape(space)).save(
            file
        )
        cases.append(Case(name, {"image": (file,)}, None, name))
    PIL.Image.fromarray((GREY > 90).astype(np.uint8)).save(tmp_path / "label.png")
    first = Case(
        "usual", {"image": cases[0].images}, LabelMapFile(tmp_path / "label.png"), "x", "train"
    )
    plan = make_plan([read_facts(first)], classes_of([0, 1]))
    _each(PredictionJob(Segmentation(), [], [plan], cases), lambda case, image: None)
    said = capsys.readouterr().out
    assert f"looks at (1): {tmp_path / 'two.png'}." in said
    assert f"Constant image (1): {tmp_path / 'pixel.png'}." in said
