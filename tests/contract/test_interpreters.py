"""What every interpreter promises."""

import numpy as np
import pytest

from keras_mia.models import mlp
from tests.contract.interpreters import INTERPRETERS, images, network

every_row = pytest.mark.parametrize("row", INTERPRETERS, ids=str)
every_rank = pytest.mark.parametrize("axes", [2, 3])


@every_row
@every_rank
def test_a_map_has_the_image_s_own_grid_and_its_bounds(row, axes):
    model = network(axes)
    x = images(model)
    maps = row.maps(model, x, np.eye(3)[[0, 1, 2]])
    assert maps.shape == x.shape[:-1]
    assert maps.dtype == np.float32
    assert np.isfinite(maps).all()
    assert maps.min() >= row.bounds[0]
    assert maps.max() <= row.bounds[1] + 1e-6
    assert maps.max() > maps.min()


@every_row
def test_a_map_is_that_of_its_image_and_of_what_is_asked_about(row):
    model = network(2)
    x, weights = images(model), np.eye(3)[[0, 1, 2]]
    maps = row.maps(model, x, weights)
    in_reverse = row.maps(model, x[::-1], weights[::-1])
    np.testing.assert_allclose(in_reverse[::-1], maps, atol=1e-4)
    others = row.maps(model, x, weights[[1, 2, 0]])
    assert np.abs(others - maps).max() > 1e-3


@every_row
def test_the_network_and_the_images_stay_as_they_are(row):
    model = network(2)
    x = images(model)
    before, weights, graph = x.copy(), model.get_weights(), model.to_json()
    first = row.maps(model, x, np.eye(3))
    np.testing.assert_array_equal(x, before)
    assert model.to_json() == graph
    for weight, same in zip(model.get_weights(), weights, strict=True):
        np.testing.assert_array_equal(weight, same)
    np.testing.assert_array_equal(row.maps(model, x, np.eye(3)), first)


@every_row
def test_a_network_without_maps_has_none(row):
    assert row.maps(mlp((6, 6, 1), 2), np.ones((1, 6, 6, 1)), np.eye(2)[[0]]) is None


@every_row
def test_what_does_not_fit_is_refused(row):
    model = network(2)
    x = images(model)
    with pytest.raises(ValueError):
        row.maps(model, x, np.eye(4)[[0, 1, 2]])
    with pytest.raises(ValueError):
        row.maps(model, x[..., 0], np.eye(3))
