"""The gradients of both penalties through synchronized batch normalization, on one device and on
two; run as a program, since TensorFlow fixes its devices at its first use."""

import numpy as np
import tensorflow as tf

from keras_mia.layers import BatchNormalization
from keras_mia.losses.slope_penalties import gradient_penalty, r1


def gradients(strategy, images):
    import keras

    from keras_mia.layers import nd

    with strategy.scope():
        keras.utils.set_random_seed(0)
        inputs = keras.Input(images.shape[1:])
        x = nd.conv(inputs, 4, activation="swish")
        x = keras.layers.Activation("tanh")(BatchNormalization(synchronized=True)(x))
        critic = keras.Model(inputs, nd.global_average_pool(nd.conv(x, 1, use_bias=False)))

    def part(context):
        n = len(images) // context.num_replicas_in_sync
        first = context.replica_id_in_sync_group * n
        return tf.constant(images[first : first + n])

    def step(real):
        variables = [weight.value for weight in critic.trainable_variables]
        with tf.GradientTape() as tape:
            tape.watch(variables)
            shares = tf.fill(tf.shape(real)[:1], 0.3)
            penalty = gradient_penalty(lambda x: critic(x, training=True), real, -real, shares)
            penalty += r1(lambda x: critic(x, training=True), real)
            loss = tf.reduce_sum(penalty) / len(images)
        context = tf.distribute.get_replica_context()
        return context.all_reduce(tf.distribute.ReduceOp.SUM, tape.gradient(loss, variables))

    given = strategy.experimental_distribute_values_from_function(part)
    results = tf.function(lambda x: strategy.run(step, args=(x,)))(given)
    return [np.asarray(strategy.experimental_local_results(one)[0]) for one in results]


def main() -> None:
    cpu = tf.config.list_physical_devices("CPU")[0]
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    images = np.random.default_rng(0).normal(size=(4, 6, 8, 2)).astype("float32")
    one = gradients(tf.distribute.MirroredStrategy(["CPU:0"]), images)
    two = gradients(tf.distribute.MirroredStrategy(["CPU:0", "CPU:1"]), images)
    print(max(np.abs(a - b).max() / np.abs(a).max() for a, b in zip(one, two, strict=True)))


if __name__ == "__main__":
    main()
