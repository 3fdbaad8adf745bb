"""Whether the memory of this machine holds the training and the evaluation of a plan."""

import keras

from keras_mia.core.hardware import gpus
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.preprocess.patch_plan import PatchPlan, patch_divisor
from keras_mia.tasks.patches.duration import prepared_space
from keras_mia.training import memory


def check_memory(model: keras.Model, plan: PatchPlan, cases: Cases, replicas: int = 1) -> None:
    """Refuses to begin what the memory of this machine will not hold.

    Args:
        model: compiled.
        plan: that it was built for.
        cases: whose test cases are examined.
        replicas: how many devices share a batch.

    Raises:
        Problem: says what to make smaller.
    """
    if not gpus():
        share, divisor = plan.batch_size // replicas, patch_divisor(plan.pool, plan.rank)
        memory.check_training(model, share, plan.patch, divisor)
    needed = {}
    for facts in (cases.facts[case] for case in cases.test):
        space, outputs = prepared_space(facts, plan), plan.shapes()[1][-1]
        needed[facts.name] = memory.evaluation_bytes(
            space, facts.nonzero_space, plan.patch, outputs, plan.network_channels
        )
    largest = max(needed, key=lambda name: needed[name], default=None)
    if largest is not None:
        memory.check_evaluation(needed[largest], largest)
