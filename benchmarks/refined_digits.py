"""Do refined images look like those of another kind, and still show what they showed?

`python benchmarks/refined_digits.py` trains `refiner` from plain digits to digits of another look
(benchmarks/made_digits.py), and asks two networks about refined test digits, of which neither
training nor the refiner's settings knew:

- a LeNet that was trained on labelled images of the other look alone: which digit it is. It never
  saw a plain or a refined digit, so that it reads refined ones only as far as they are of its
  look. Its accuracy on real test images of that look says how well it reads at all.
- a fresh LeNet that is trained to tell refined from real images, on half of the training images of
  either, and is tested on test images; 0.5 is chance. What another one makes of the plain digits
  stands beside it.
"""

import keras
import numpy as np

from experiments import Setting, main, picture, unpaired_batches
from keras_mia.models import lenet, refiner
from made_digits import SIDE, digits_of_two_looks

STEPS = 4000
BATCH = 16
TRAIN, TEST = 12000, 2000
"""Images of a look."""
EPOCHS = 8
"""Of a LeNet."""


def classifier(images: np.ndarray, labels: np.ndarray, trial: bool) -> keras.Model:
    """A LeNet of classes from 0 on."""
    epochs = 1 if trial else EPOCHS
    model = lenet((SIDE, SIDE, 1), int(labels.max()) + 1, nonlinearity="relu")
    rate = keras.optimizers.schedules.CosineDecay(2e-3, epochs * len(images) // 64)
    model.compile(
        keras.optimizers.Adam(rate), "sparse_categorical_crossentropy", metrics=["accuracy"]
    )
    model.fit(images, labels, batch_size=64, epochs=epochs, verbose=2)
    return model


def domain_accuracy(made: np.ndarray, real: np.ndarray, tests: tuple, trial: bool) -> dict:
    """How well a fresh LeNet tells real from made images.

    Args:
        made: training images.
        real: likewise, as many.
        tests: made and real images that it is tested on.
        trial: whether it is trained for an epoch alone.
    """
    labels = np.repeat([0, 1], [len(made), len(real)])
    model = classifier(np.concatenate([made, real]), labels, trial)
    right = [
        float((model.predict(one, verbose=0).argmax(-1) == kind).mean())
        for kind, one in enumerate(tests)
    ]
    return {"accuracy": sum(right) / 2, "of made": right[0], "of real": right[1]}


def trained(plain: np.ndarray, blended: np.ndarray, steps: int, seed: int) -> keras.Model:
    """The refiner's network, from plain to blended digits."""
    gan = refiner(
        (SIDE, SIDE, 1),
        filters=16,
        blocks=2,
        norm="batch",
        discriminator_filters=24,
        average=0.995,
    )
    slower = keras.optimizers.schedules.CosineDecay
    gan.compile(
        keras.optimizers.Adam(slower(5e-4, steps, alpha=0.02), beta_1=0.5),
        keras.optimizers.Adam(slower(1e-3, steps, alpha=0.1), beta_1=0.5),
        loss="least_squares",
        weight=0.1,
        discriminator_steps=2,
    )
    batches = unpaired_batches(plain, blended, 2 * BATCH, seed)
    gan.fit(batches, steps_per_epoch=min(100, steps), epochs=max(1, steps // 100), verbose=2)
    return gan.deployable()


def work(setting: Setting) -> dict:
    """The figures of a seed."""
    seed, steps, trial = setting.seed, setting.steps, setting.trial
    file = setting.data / "mnist" / "mnist.npz"
    counts = (500, 100) if trial else (TRAIN, TEST)
    digits = digits_of_two_looks(file, *counts, seed, held_out=not setting.validation)
    images = {key: 2 * one.images - 1 for key, one in digits.items()}
    reader = classifier(images["train", "blended"], digits["train", "blended"].labels, trial)
    network = trained(images["train", "plain"], images["train", "blended"], steps, seed)
    network.save(setting.folder / "network.keras")
    made = {part: network.predict(images[part, "plain"], verbose=0) for part in ("train", "test")}

    def read(given: np.ndarray, look: str) -> float:
        answers = reader.predict(given, verbose=0).argmax(-1)
        return float((answers == digits["test", look].labels).mean())

    half, real = slice(counts[0] // 2), images["test", "blended"]
    rows = [one[:16] for one in (images["test", "plain"], made["test"], real)]
    picture(setting.folder / "digits.png", rows, -1.0, 1.0)
    halves = images["train", "plain"][half], made["train"][half], images["train", "blended"][half]
    return {
        "class kept": read(made["test"], "plain"),
        "class of plain digits": read(images["test", "plain"], "plain"),
        "class of real ones": read(real, "blended"),
        "plain or real": domain_accuracy(
            halves[0], halves[2], (images["test", "plain"], real), trial
        ),
        "refined or real": domain_accuracy(halves[1], halves[2], (made["test"], real), trial),
        "mean change": float(abs(made["test"] - images["test", "plain"]).mean()),
    }


if __name__ == "__main__":
    main(__doc__, __file__, work, STEPS)
