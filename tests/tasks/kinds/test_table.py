"""Each kind of target has a class of targets and a strategy, and both are complete."""

import inspect

import pytest

from keras_mia.data.targets.base import ColumnTarget, ImageTarget
from keras_mia.data.targets.kinds import KINDS as OPTIONS
from keras_mia.data.targets.multitask import Multitask
from keras_mia.data.targets.table import TARGETS
from keras_mia.tasks.kinds.column_kinds import COLUMN_KINDS
from keras_mia.tasks.kinds.kind import Kind
from keras_mia.tasks.kinds.table import KINDS


def test_the_tables_hold_what_the_option_offers():
    assert tuple(TARGETS) == tuple(COLUMN_KINDS) == OPTIONS
    assert set(KINDS) == {*OPTIONS, Multitask.kind}


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_a_kind_is_left_open(kind):
    target = TARGETS.get(kind, Multitask)
    assert target.kind == kind
    assert issubclass(target, ImageTarget)
    assert issubclass(target, ColumnTarget) == (target is not Multitask)
    for made, base in ((target, ImageTarget), (KINDS[kind], Kind)):
        assert not inspect.isabstract(made)
        for name, method in inspect.getmembers(base, inspect.isfunction):
            given = inspect.signature(getattr(made, name)).parameters
            assert list(given) == list(inspect.signature(method).parameters), name
