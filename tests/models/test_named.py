import inspect

import pytest

from keras_mia import models
from keras_mia.core.problem import Problem
from keras_mia.models import unet
from keras_mia.models.builder_names import builder_names
from keras_mia.models.named import builder_from_file, named_builder

FILE = """
import keras

def tiny(input_shape, classes):
    inputs = keras.Input(input_shape)
    return keras.Model(inputs, keras.layers.Conv2D(classes, 1, activation="softmax")(inputs))
"""


def test_a_function_in_a_file_is_a_builder(tmp_path):
    (tmp_path / "net.py").write_text(FILE)
    model = builder_from_file(f"{tmp_path / 'net.py'}:tiny")((8, 8, 1), 3)
    assert model.output_shape == (None, 8, 8, 3)
    assert [path.name for path in tmp_path.iterdir()] == ["net.py"]


@pytest.mark.parametrize(
    ("content", "text", "what"),
    [
        (FILE, "net.py:huge", "no function 'huge'"),
        (FILE, "other.py:tiny", "FILE.py:FUNCTION"),
        (FILE, "net.py", "FILE.py:FUNCTION"),
        ("1 / 0", "net.py:tiny", "ZeroDivisionError"),
        ("raise SystemExit(0)", "net.py:tiny", "SystemExit"),
    ],
)
def test_what_is_wrong_is_said(tmp_path, content, text, what):
    (tmp_path / "net.py").write_text(content)
    with pytest.raises(Problem, match=what):
        builder_from_file(str(tmp_path / text))


@pytest.mark.parametrize(
    ("content", "what", "where"),
    [
        ("def f(shape, classes):\n    x = 1\n    return x / 0", "ZeroDivisionError", "line 3"),
        ("def f():\n    pass", "takes 0 positional arguments", "net.py"),
        ("def f(shape, classes):\n    pass", "gave NoneType", "net.py"),
        ("def f(shape, classes):\n    raise SystemExit(0)", "SystemExit", "line 2"),
    ],
)
def test_a_builder_that_fails_is_said(tmp_path, content, what, where):
    (tmp_path / "net.py").write_text(content)
    with pytest.raises(Problem, match=what) as caught:
        builder_from_file(f"{tmp_path / 'net.py'}:f")((8, 8, 1), 3)
    assert where in str(caught.value.where)


def test_names_are_those_of_the_functions_that_begin_as_builders_do():
    names = {
        name
        for name in models.EXPORTS
        if list(inspect.signature(getattr(models, name)).parameters)[:2]
        == ["input_shape", "classes"]
        or "image_shape" in inspect.signature(getattr(models, name)).parameters
    }
    assert set(builder_names()) == names - {"patch_discriminator", "resnet_generator"}


def test_builders_of_the_package_go_by_name(tmp_path):
    assert named_builder("unet") is unet
    with pytest.raises(Problem, match=r"alexnet, .*, vgg, .*or FILE\.py:FUNCTION") as caught:
        named_builder("unet", "classification")
    assert "unet" not in caught.value.remedy
    (tmp_path / "net.py").write_text(FILE)
    assert named_builder(f"{tmp_path / 'net.py'}:tiny").__name__ == "tiny"
