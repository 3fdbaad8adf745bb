"""What every loss needs of truth and prediction: labels, probabilities, and which voxels count."""

from keras import ops

SMALLEST = 1e-7


def check(y_true, y_pred) -> None:
    """Sees that truth and prediction fit together.

    Raises:
        ValueError: where ranks or sizes do not fit.
    """
    truth, guess = tuple(y_true.shape), tuple(y_pred.shape)
    space = truth[:-1] if len(truth) == len(guess) and truth[-1] == 1 else truth
    fits = len(space) == len(guess) - 1 and all(
        a is None or b is None or a == b for a, b in zip(space, guess[:-1], strict=True)
    )
    if not fits:
        raise ValueError(
            "The truth has to be an integer label map (batch, *space) or (batch, *space, 1) of a "
            f"prediction (batch, *space, classes); got shapes {truth} and {guess}. "
            "A one-hot truth becomes a label map by keras.ops.argmax(truth, axis=-1)."
        )


def labels_and_counts(y_true, y_pred, ignore_label: int | None):
    """The label map, int32 `(batch, *space)`, and 1.0 where a voxel counts, 0.0 elsewhere.

    Counts are None where all voxels count; voxels that do not are given the label -1. For a
    prediction of one channel, label 1 is the structure and all other labels are background.
    """
    check(y_true, y_pred)
    labels = ops.cast(y_true, "int32")
    if len(labels.shape) == len(y_pred.shape):
        labels = labels[..., 0]
    found = ops.cast(labels == 1, "int32") if y_pred.shape[-1] == 1 else labels
    if ignore_label is None:
        return found, None
    counted = labels != ignore_label
    return ops.where(counted, found, -1), ops.cast(counted, "float32")


def probabilities(y_pred, from_logits: bool):
    """Probabilities, float32, of the prediction's own shape."""
    guess = ops.cast(y_pred, "float32")
    if from_logits:
        guess = ops.sigmoid(guess) if guess.shape[-1] == 1 else ops.softmax(guess)
    return guess


def surprise(labels, y_pred, from_logits: bool):
    """`-log p` of each voxel's true class, float32 `(batch, *space)`.

    Keras keeps the logits beside the output of a softmax or a sigmoid; where they are found, the
    logarithm is taken of them, which stays exact and keeps a gradient where a probability rounds
    to 0 or 1.
    """
    logits = y_pred if from_logits else getattr(y_pred, "_keras_logits", None)
    binary = y_pred.shape[-1] == 1
    if logits is not None:
        logits = ops.cast(logits, "float32")
        if binary:
            return ops.softplus(ops.where(labels == 1, -logits[..., 0], logits[..., 0]))
        # A product with the one-hot truth is faster here than a gather or TensorFlow's fused op.
        return -ops.sum(one_hot(labels, logits) * ops.log_softmax(logits), axis=-1)
    guess = ops.cast(y_pred, "float32")
    if binary:
        of_truth = ops.where(labels == 1, guess[..., 0], 1 - guess[..., 0])
    else:
        of_truth = ops.sum(one_hot(labels, guess) * guess, axis=-1)
        # A label of no class has no probability to take the logarithm of.
        of_truth = ops.where((labels < 0) | (labels >= guess.shape[-1]), 1.0, of_truth)
    return -ops.log(ops.clip(of_truth, SMALLEST, 1.0))


def regions(y_true, y_pred, ignore_label: int | None, from_logits: bool):
    """Truth and prediction as regions, and which voxels count.

    Returns:
        One-hot truth and probabilities, float32 `(batch, *space, classes or 1)`, both 0 where a
        voxel does not count, and the counts `(batch, *space)` or None.
    """
    labels, counts = labels_and_counts(y_true, y_pred, ignore_label)
    guess = probabilities(y_pred, from_logits)
    if counts is not None:
        guess = guess * counts[..., None]
    return one_hot(labels, guess), guess, counts


def one_hot(labels, guess):
    """The label map as float32 `(batch, *space, classes)`, or `(batch, *space, 1)` of label 1."""
    if guess.shape[-1] == 1:
        return ops.cast(labels == 1, "float32")[..., None]
    return ops.one_hot(labels, guess.shape[-1], dtype="float32")


def sum_over_space(values, rank: int):
    """Sums the axes 1 to `rank`, one after the other.

    With few channels last, this is several times faster on TensorFlow's CPU than one sum over all,
    and it rounds less.
    """
    for _ in range(rank):
        values = ops.sum(values, axis=1)
    return values


def mean_over_counted(values, counts):
    """`(batch,)` whose mean is the mean of `values` over all voxels of the batch that count."""
    rank = len(values.shape) - 1
    if counts is None:
        return ops.mean(values, axis=tuple(range(1, rank + 1))) if rank else values
    images = ops.cast(ops.shape(values)[0], "float32")
    share = images / ops.maximum(ops.sum(counts), 1.0)
    return sum_over_space(values * counts, rank) * share
