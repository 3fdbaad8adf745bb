"""What a network consists of: shapes, weights, operations, memory and fields of view."""

import contextlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import keras

from keras_mia.core.keras_internals import Call, calls_of
from keras_mia.models.receptive_field import TRANSPOSED, ReceptiveField, after, is_a, start

BYTES = 4  # of a value in float32
HEADINGS = (
    "Layer",
    "Activation shape",
    "Activation size",
    "Parameters",
    "Operations",
    "Memory (KiB)",
    "Receptive field",
)


@dataclass(frozen=True)
class Row:
    """One layer. What depends on sides that are not known is None.

    Args:
        name: of the layer.
        kind: its class.
        shape: of its activation, without the batch: `(*space, channels)` or `(units,)`.
        parameters: all its weights, learned or not.
        operations: multiplications with an addition, of one example; those of convolutions and
            dense layers, beside which others are few. None: not known.
        field: receptive field: how many voxels of the image one of its values can depend on, along
            each axis; inf: all. None: not known.
        inputs: names of the layers that it takes from.
    """

    name: str
    kind: str
    shape: tuple[int | None, ...]
    parameters: int
    operations: int | None
    field: tuple[float, ...] | None
    inputs: tuple[str, ...]

    @property
    def size(self) -> int | None:
        """Values of its activation, of one example."""
        return product(self.shape)

    @property
    def memory(self) -> int | None:
        """Bytes of its activation, of one example in float32."""
        return None if self.size is None else BYTES * self.size


def describe(model: keras.Model) -> list[Row]:
    """A row a layer, in the order in which an image passes through them.

    A model that is a layer of another is one row, whose operations and field are not known.

    Raises:
        ValueError: the model was not made of layers that each take what others give, once
            (it is a subclass of `keras.Model`, or calls a layer twice).

    Example:
        >>> from keras_mia.models import lenet
        >>> [(row.name, row.parameters) for row in describe(lenet((32, 32, 1), 10))][1]
        ('conv_1', 156)
    """
    if isinstance(model, keras.Sequential):
        model = keras.Model(model.inputs, model.outputs)
    if not hasattr(model, "operations"):
        raise ValueError(f"{model.name}: only functional models can be described.")
    axes = len(model.inputs[0].shape) - 2
    begin = start(axes) if axes > 0 else None  # what a network makes of noise has no field in it
    calls: dict[int, list[Call]] = {}
    for call in calls_of(model):
        calls.setdefault(id(call.layer), []).append(call)
    producers: dict[int, tuple[str, ReceptiveField | None]] = {}
    rows = []
    for layer in model.operations:
        # Not the layer's input and output: those of a network are its own.
        if len(calls[id(layer)]) != 1:
            raise ValueError(f"{model.name}: the layer {layer.name!r} is called twice.")
        (call,) = calls[id(layer)]
        inputs = [producers[id(tensor)] for tensor in call.inputs]
        fields = [field for _, field in inputs if field is not None]
        field = after(layer, fields) if fields else begin
        if len(fields) < len(inputs):
            field = None
        producers |= {id(tensor): (layer.name, field) for tensor in call.outputs}
        rows.append(
            Row(
                name=layer.name,
                kind=type(layer).__name__,
                shape=tuple(call.outputs[0].shape[1:]),
                parameters=sum(math.prod(weight.shape) for weight in weights_of(layer)),
                operations=operations(layer),
                field=None if field is None else field.field,
                inputs=tuple(dict.fromkeys(name for name, _ in inputs)),
            )
        )
    return rows


def operations(layer: keras.Operation) -> int | None:
    """Multiplications with an addition: a kernel is applied whole at each position.

    Example:
        >>> inputs = keras.Input((8, 8, 3))
        >>> layer = keras.layers.Conv2D(4, 5)
        >>> outputs = layer(inputs)
        >>> operations(layer) == (4 * 4) * (5 * 5 * 3) * 4
        True
    """
    kernels = [math.prod(w.shape) for w in weights_of(layer) if len(w.shape) > 1]
    if not kernels:
        return None if isinstance(layer, keras.Model) else 0
    if not (hasattr(layer, "kernel_size") or isinstance(layer, keras.layers.Dense)):
        return None
    applied = layer.input if is_a(layer, TRANSPOSED) else layer.output
    positions = product(applied.shape[1:-1])
    return None if positions is None else positions * sum(kernels)


def weights_of(layer: keras.Operation) -> list[keras.Variable]:
    """Its weights; a mere operation has none."""
    return getattr(layer, "weights", [])


def product(shape: Sequence[int | None]) -> int | None:
    """Of all sides, or None where one is not known."""
    numbers = [size for size in shape if size is not None]
    return math.prod(numbers) if len(numbers) == len(shape) else None


@contextlib.contextmanager
def without_memory() -> Iterator[None]:
    """Networks that are built within it have weights without values, which take no memory.

    So one that would never fit can be described; it cannot be applied. On TensorFlow only.

    Example:
        >>> from keras_mia.models import vgg
        >>> with without_memory():
        ...     rows = describe(vgg((224, 224, 224, 1), classes=2))
        >>> sum(row.parameters for row in rows)
        780248898
    """
    import tensorflow as tf

    with tf.Graph().as_default():
        yield


def table(rows: Sequence[Row]) -> str:
    """The rows for printing, and their sums.

    Example:
        >>> from keras_mia.models import mlp
        >>> text = table(describe(mlp((8, 8, 1), classes=2, units=())))
        >>> text.splitlines()[-2].split()
        ['head', '(Dense)', '2', '2', '130', '128', '0.0', 'all']
    """
    sums = (
        total(row.size for row in rows),
        total(row.parameters for row in rows),
        total(row.operations for row in rows),
        total(row.memory for row in rows),
    )
    lines = [HEADINGS, *(cells(row) for row in rows), ("Total", "", *amounts(*sums), "")]
    wide = [max(map(len, column)) for column in zip(*lines, strict=True)]
    # Amounts stand to the right, words to the left.
    return "\n".join(
        "  ".join(
            cell.rjust(width) if 2 <= column <= 5 else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, wide, strict=True))
        ).rstrip()
        for line in lines
    )


def cells(row: Row) -> tuple[str, ...]:
    """What stands in a line of the table."""
    layer = f"{row.name} ({row.kind})"
    shape = by(row.shape)
    field = "?" if row.field is None else by(row.field)
    return layer, shape, *amounts(row.size, row.parameters, row.operations, row.memory), field


def amounts(size, parameters, operations, memory) -> tuple[str, ...]:
    """Numbers with commas; memory in KiB."""
    kibibytes = "?" if memory is None else f"{memory / 1024:,.1f}"
    return *("?" if n is None else f"{n:,}" for n in (size, parameters, operations)), kibibytes


def by(shape: Sequence[float | None]) -> str:
    """ "7 x 7"; "all" where nothing limits it.

    Example:
        >>> by((28, None, 3)), by((math.inf, math.inf))
        ('28 x ? x 3', 'all')
    """
    if all(size == math.inf for size in shape):
        return "all"
    return " x ".join("?" if size is None else f"{size:g}" for size in shape)


def total(values: Iterable[int | None]) -> int | None:
    """Their sum, or None where one is not known."""
    listed = list(values)
    numbers = [value for value in listed if value is not None]
    return sum(numbers) if len(numbers) == len(listed) else None
