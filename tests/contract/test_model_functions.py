"""What functions promise that make a network of another one, or of a name."""

import keras
import numpy as np
import pytest

from keras_mia.core.problem import Problem
from tests.contract.model_functions import MODEL_FUNCTIONS

every_row = pytest.mark.parametrize("row", MODEL_FUNCTIONS, ids=str)


def images(model, batch=2):
    shape = (batch, *model.input_shape[1:])
    return np.random.default_rng(0).normal(size=shape).astype("float32")


def outputs(model):
    return keras.tree.map_structure(np.asarray, model(images(model), training=False))


@every_row
def test_it_is_a_network_whose_output_is_float32(row):
    result = outputs(row(row.first()))
    if isinstance(row.output, tuple):
        result, expected = {"output": result}, {"output": row.output}
    else:
        expected = row.output
    assert {name: value.shape[1:] for name, value in result.items()} == expected
    assert {value.dtype.name for value in result.values()} == {"float32"}
    assert all(np.isfinite(value).all() for value in result.values())


@every_row
def test_what_it_is_given_stays_as_it_is(row):
    given = row.first()
    if isinstance(given, str):
        pytest.skip("it is given a name")
    before = given.to_json(), outputs(given), given.get_weights()
    made = row(given)
    assert given.to_json() == before[0]
    keras.tree.map_structure(np.testing.assert_array_equal, outputs(given), before[1])
    for weight, same in zip(given.get_weights(), before[2], strict=True):
        np.testing.assert_array_equal(weight, same)
    if row.same:
        assert made is not given
        np.testing.assert_allclose(outputs(made), before[1], atol=1e-5)


@every_row
def test_saves_and_loads_bit_equal(row, tmp_path):
    model = row(row.first())
    model.save(tmp_path / "model.keras")
    loaded = keras.saving.load_model(tmp_path / "model.keras")
    keras.tree.map_structure(np.testing.assert_array_equal, outputs(loaded), outputs(model))
    assert loaded.to_json() == model.to_json()


@pytest.mark.parametrize("row", [row for row in MODEL_FUNCTIONS if row.wrong], ids=str)
def test_what_does_not_fit_is_refused(row):
    first, *more = row.wrong
    first = row.first() if first == "model" else first
    with pytest.raises((ValueError, AttributeError, Problem)):
        row.function(first, *more)
