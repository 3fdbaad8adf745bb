"""The Inception networks and Xception have the parameters of their papers' networks."""

import pytest

from keras_mia.models import googlenet, inception, inception_resnet, without_auxiliary, xception
from keras_mia.models.describe import without_memory

pytestmark = pytest.mark.slow


def parameters(build, *args, **options) -> int:
    """Counts without making the weights."""
    with without_memory():
        return build(*args, **options).count_params()


def normalized_channels(model) -> int:
    return sum(layer.beta.shape[0] for layer in model.layers if layer.name.endswith("_norm"))


def test_googlenet_has_the_papers_weights():
    # The sum over the paper's table 1, biases included; BVLC's Caffe model has as many.
    assert parameters(googlenet, (224, 224, 3), 1000, norm=None) == 6_998_552
    # With its auxiliary classifiers: two more of 3,188,840 and 3,190,888.
    with without_memory():
        model = googlenet((224, 224, 3), 1000, norm=None, auxiliary=True)
        assert model.count_params() == 13_378_280
        assert without_auxiliary(model).count_params() == 6_998_552


@pytest.mark.parametrize(
    ("build", "options", "count"),
    [
        # keras.applications.InceptionV3, which has no scales either.
        (inception, {}, 23_851_784),
        # keras.applications.InceptionResNetV2, likewise.
        pytest.param(inception_resnet, {}, 55_873_736, marks=pytest.mark.slow),
        # keras.applications.Xception.
        (xception, {}, 22_910_480),
    ],
)
def test_same_as_keras_applications(build, options, count):
    assert parameters(build, (299, 299, 3), 1000, **options) == count


def test_inception_4_has_the_published_weights():
    # 42,679,816 in published PyTorch ports, which count a scale for each channel where moving
    # statistics are no parameters: here each channel has an offset and two statistics.
    with without_memory():
        model = inception((299, 299, 3), 1000, version=4)
        assert model.count_params() == 42_679_816 + normalized_channels(model)
