"""Two networks against each other, averaged weights, a counter and two optimizers: all that a model
with a `train_step` of its own may have. Run as a program it trains on two logical devices."""

import contextlib
import sys
from pathlib import Path

import keras
import tensorflow as tf

from keras_mia.training import Budget, Criterion, FitSettings, Run, Validation, fit

MOMENTUM = 0.9


def dense(*sizes, name):
    layers = [keras.Input((sizes[0],)), keras.layers.Dense(sizes[1], "relu")]
    return keras.Sequential([*layers, keras.layers.Dense(sizes[2])], name=name)


class Pair(keras.Model):
    """A generator, a critic with dropout, and the average of the generator."""

    def __init__(self):
        super().__init__(name="pair")
        self.generator = dense(2, 8, 3, name="generator")
        self.average = dense(2, 8, 3, name="average")
        self.average.set_weights(self.generator.get_weights())
        self.critic = dense(3, 8, 1, name="critic")
        self.drop = keras.layers.Dropout(0.3)
        self.steps = self.add_weight(
            shape=(), dtype="int64", trainable=False, aggregation="only_first_replica", name="steps"
        )
        self.seen = tf.Variable(
            0.0, trainable=False, aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA
        )
        self.losses_of = {name: keras.metrics.Mean(name=f"{name}_loss") for name in ("g", "c")}

    def compile(self):
        super().compile(jit_compile=False)
        self.optimizers = [keras.optimizers.Adam(1e-2), keras.optimizers.SGD(5e-3, momentum=0.9)]
        for optimizer, network in zip(self.optimizers, (self.generator, self.critic), strict=True):
            optimizer.build(network.trainable_variables)

    @property
    def metrics(self):
        return list(self.losses_of.values())

    def deployable(self):
        return self.average

    def train_step(self, batch):
        real, noise = batch["real"]["points"], batch["noise"]
        with tf.GradientTape(persistent=True) as tape:
            fake = self.generator(noise, training=True)
            ratings = [self.critic(self.drop(one, training=True)) for one in (real, fake)]
            losses = {
                "g": tf.reduce_mean((ratings[1] - 1) ** 2),
                "c": tf.reduce_mean((ratings[0] - 1) ** 2 + ratings[1] ** 2),
            }
        networks = (self.generator, self.critic)
        for optimizer, network, name in zip(self.optimizers, networks, "gc", strict=True):
            gradients = tape.gradient(losses[name], network.trainable_variables)
            context = tf.distribute.get_replica_context()
            if context.num_replicas_in_sync > 1:
                gradients = context.all_reduce("MEAN", gradients)
            optimizer.apply(gradients, network.trainable_variables)
            self.losses_of[name].update_state(losses[name])
        follow(self.average, self.generator)
        self.steps.assign_add(1)
        self.seen.assign_add(tf.cast(tf.shape(real)[0], tf.float32))
        return self.get_metrics_result()


def follow(average, network):
    for kept, weight in zip(average.variables, network.variables, strict=True):
        kept.assign(MOMENTUM * kept + (1 - MOMENTUM) * weight)


def batches(start, worker, workers):
    def batch(number):
        key = tf.stack([tf.cast(number, tf.int32), 7])
        real = tf.random.stateless_normal((8, 3), key)
        return {"noise": tf.random.stateless_normal((8, 2), key + 1), "real": {"points": real}}

    return tf.data.Dataset.counter(start).map(batch)


def error(network):
    """The lower, the better; it is that of what is saved."""
    assert network.name == "average"
    return {"mae": float(tf.reduce_mean(tf.abs(network(tf.ones((1, 2))) - 0.5)))}


def trained(folder: Path, strategy, stop_at=None, resume=False) -> Pair:
    """The model after six epochs, or after an interrupt at the end of one of them."""

    class Stop(keras.callbacks.Callback):
        def on_epoch_end(self, epoch, logs=None):
            if epoch == stop_at:
                raise KeyboardInterrupt

    with strategy.scope():
        keras.utils.set_random_seed(4 if resume else 3)  # all comes from the checkpoint
        model = Pair()
        model.compile()
    run = Run.start(folder, "test", resume=resume)
    run.accept()
    settings = FitSettings(8, Budget(steps=18, epoch_steps=3))
    validate = Validation(error, Criterion("mae", lower_is_better=True))
    with contextlib.suppress(KeyboardInterrupt):
        fit(model, batches, run, settings, validate=validate, callbacks=[Stop()])
    run.finish()
    return model


def main() -> None:
    """Prints whether a stopped run on two devices ends where one that was not stopped does."""
    from keras_mia.training import trainable_state

    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    strategy, folder = tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]), Path(sys.argv[1])
    whole = trained(folder / "whole", strategy)
    trained(folder / "stopped", strategy, stop_at=2)
    resumed = trained(folder / "stopped", strategy, resume=True)
    states = [[one.numpy() for one in trainable_state(model)] for model in (whole, resumed)]
    print(all((a == b).all() for a, b in zip(*states, strict=True)), int(whole.steps.numpy()))


if __name__ == "__main__":
    main()
