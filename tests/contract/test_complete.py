"""The tables hold every public name: a new one is a new row, or it fails here."""

import inspect

import pytest

from keras_mia import inference, interpret, layers, losses, metrics, models
from keras_mia.core.registering import EXPORTS
from tests.contract.adversarial import ALL, GAMES
from tests.contract.builders import BUILDERS
from tests.contract.interpreters import INTERPRETERS
from tests.contract.interpreters import OTHERS as BESIDE_INTERPRETERS
from tests.contract.layers import LAYERS
from tests.contract.losses import LOSSES, METRICS
from tests.contract.model_functions import MODEL_FUNCTIONS
from tests.contract.prediction import CLEANERS, PREDICTORS
from tests.contract.scores import CLASSES_OF, SCORES
from tests.contract.scores import OTHERS as BESIDE_SCORES
from tests.contract.whole_losses import WHOLE_LOSSES

TABLES = {
    models: {row.build for row in (*BUILDERS, *ALL)}
    | {row.function for row in MODEL_FUNCTIONS}
    | {models.Adversarial, models.ConditionalGAN, models.CycleTranslator, models.Translator}
    | {models.LabelTranslator, models.Refiner}
    | {models.patch_discriminator, models.resnet_generator},
    layers: {row.kind for row in LAYERS},
    losses: {row.make for row in (*LOSSES, *WHOLE_LOSSES)}
    | {*GAMES, losses.gradient_penalty, losses.r1},
    metrics: {row.make for row in METRICS}
    | {CLASSES_OF.get(row.function, row.function) for row in SCORES}
    | BESIDE_SCORES,
    interpret: {row.maps for row in INTERPRETERS} | BESIDE_INTERPRETERS,
    inference: {row.kind for row in PREDICTORS} | set(CLEANERS),
}


@pytest.mark.parametrize("package", TABLES, ids=lambda package: package.__name__)
def test_every_public_name_has_a_row(package):
    public = {name: getattr(package, name) for name in package.__all__}
    assert public
    missing = {name for name, value in public.items() if value not in TABLES[package]}
    assert not missing, f"rows in tests/contract for {sorted(missing)}"
    assert not TABLES[package] - set(public.values())


def test_what_keras_registers_is_public():
    for module, names in EXPORTS.items():
        package = {"layers": layers, "losses": losses, "metrics": metrics}.get(module.split(".")[0])
        if package is not None:
            assert set(names) <= set(package.__all__)


@pytest.mark.parametrize("package", TABLES, ids=lambda package: package.__name__)
def test_public_names_are_loaded_when_asked_for(package):
    for name in package.__all__:
        value = getattr(package, name)
        assert inspect.isclass(value) or callable(value)
        assert name in dir(package)
