"""Why the generator's first objective gives poor gradients: both, side by side, as training goes.

Arjovsky and Bottou (2017), Towards Principled Methods for Training Generative Adversarial Networks,
arXiv:1701.04862, figures 2 and 3.
"""

from collections.abc import Callable

import keras
import numpy as np
import tensorflow as tf

from keras_mia.core.files.text_files import write_csv
from keras_mia.data.datasets.tables.run_tables import Column, read_run_table
from keras_mia.losses import Minimax, NonSaturating
from keras_mia.models.generation.adversarial import Adversarial
from keras_mia.models.generation.latents import latents
from keras_mia.tasks.generation.callbacks.resumed import epochs_behind
from keras_mia.training.runs.run import Run

FILE = "objectives.csv"
COLUMNS = (
    Column("part"),
    *(Column(name, number=True) for name in ("step", "probability", "minimax", "non_saturating")),
)
SAMPLES = 64
SEED = 11
ALONE, EVERY = 200, 10
"""Moves of the discriminator alone before training, and how often they are looked at."""
OBJECTIVES = {"minimax": Minimax(), "non_saturating": NonSaturating()}


class ObjectiveLogger(keras.callbacks.Callback):
    """Writes `objectives.csv`: how strong the gradient of either objective is at the generator.

    Its first rows are those of a copy of the discriminator that learns alone, against the untrained
    generator, as that of Arjovsky and Bottou: it becomes sure of its samples, and log(1 - D(G(z)))
    flat.

    Args:
        run: whose folder it goes to; a run that is resumed goes on with it.
        model: before training.
        batches: the training stream.
    """

    def __init__(self, run: Run, model: Adversarial, batches: Callable):
        super().__init__()
        self.run = run
        path = run.folder / FILE
        goes_on = run.resumed and path.exists()
        self.rows: list[dict] = read_run_table(path, COLUMNS) if goes_on else []
        first = next(iter(batches()))
        self.examples, self.classes = first[0], first[1] if len(first) > 1 else None
        count = min(SAMPLES, int(self.examples.shape[0]))
        self.latents = tf.constant(latents(count, model.latent, seed=SEED))
        self.chosen = None if self.classes is None else self.classes[:count]
        if not goes_on:
            self._against_untrained(model)

    def on_train_begin(self, logs=None) -> None:
        """The row that a run did not come to write before it was stopped."""
        behind = epochs_behind(self.run, self.model)
        steps = {int(float(row["step"])) for row in self.rows if row["part"] == "training"}
        if behind and behind[-1]["step"] not in steps:
            self._note(self.model, "training", int(behind[-1]["step"]))

    def on_epoch_end(self, epoch: int, logs=None) -> None:
        """Once an epoch."""
        self._note(self.model, "training", int((logs or {})["step"]))

    def _against_untrained(self, model: Adversarial) -> None:
        """A copy of the discriminator learns alone; the model stays as it is."""
        kept = model.discriminator.get_weights()
        optimizer = keras.optimizers.Adam(1e-3, beta_1=0.5)
        size = self.latents.shape[0]
        real, game = self.examples[:size], NonSaturating()
        variables = model.discriminator.trainable_variables

        @tf.function
        def move() -> None:
            fake = model.generate(self.latents, self.chosen, training=False)
            with tf.GradientTape() as tape:
                logits = [
                    model.discriminate(examples, self.chosen, training=True)
                    for examples in (real, fake)
                ]
                loss = tf.reduce_mean(game.discriminator(*logits))
            gradients = tape.gradient(loss, [one.value for one in variables])
            optimizer.apply(gradients, variables)

        optimizer.build(variables)
        for step in range(0, ALONE + 1, EVERY):
            self._note(model, "alone", step)
            for _ in range(EVERY):
                move()
        model.discriminator.set_weights(kept)

    def _note(self, model: Adversarial, part: str, step: int) -> None:
        """Adds the strength of gradients as it is now."""
        probability, norms = gradients_of_objectives(model, self.latents, self.chosen)
        self.rows.append({"part": part, "step": step, "probability": probability, **norms})
        if self.run.writes:
            write_csv(self.run.folder / FILE, self.rows)


def gradients_of_objectives(
    model: Adversarial, noise: tf.Tensor, classes: tf.Tensor | None = None
) -> tuple[float, dict[str, float]]:
    """How sure the discriminator is of samples, and what the generator learns from it, with moments
    of batches as in training: at rest they would hide how sure it is.

    Args:
        model: nothing of it changes; moving statistics are put back.
        noise: latents `(batch, latent)`.
        classes: of the samples, for conditional networks.

    Returns:
        The mean probability of being real, and the norm of the gradient by the generator's weights
        of each of `OBJECTIVES`.
    """
    variables = [one.value for one in model.generator.trainable_variables]
    moving = [
        (one, tf.identity(one.value))
        for network in (model.generator, model.discriminator)
        for one in network.non_trainable_variables
    ]
    with tf.GradientTape(persistent=True) as tape:
        fake = model.generate(noise, classes, training=True)
        logits = model.discriminate(fake, classes, training=True)
        losses = {name: tf.reduce_mean(one.generator(logits)) for name, one in OBJECTIVES.items()}
    norms = {}
    for name, loss in losses.items():
        gradients = [one for one in tape.gradient(loss, variables) if one is not None]
        norms[name] = float(tf.linalg.global_norm(gradients))
    for variable, value in moving:
        variable.assign(value)
    return float(np.mean(tf.sigmoid(tf.cast(logits, tf.float32)))), norms
