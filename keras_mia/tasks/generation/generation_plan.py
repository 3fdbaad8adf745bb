"""The plan of generation."""

from dataclasses import dataclass

from keras_mia.data.preprocess.image_plan import ImagePlan


@dataclass(frozen=True, kw_only=True)
class GenerationPlan(ImagePlan):
    """How images become batches, and how the networks that make such images learn.

    Args:
        task: "generation".
        target: the classes of images, by which samples are judged and, where the network takes
            some, asked for; None where they are not known.
        class_shares: of the training images, which samples have, too; none where classes are not
            known.
        conditional: whether the networks know the class.
        latent: numbers that a sample is made of.
        loss: the game, by its name.
        label_smoothing: how far below 1 the discriminator's aim for real images lies.
        gradient_penalty: weight of the penalty on slopes that are not 1.
        r1: gamma of the penalty on slopes at real images.
        discriminator_steps: moves of the discriminator before each of the generator's, each on its
            own part of a batch.
        generator_rate: highest learning rate of the generator.
        discriminator_rate: highest learning rate of the discriminator.
        average: share that the moving average of the generator's weights keeps each step.
    """

    task: str = "generation"
    class_shares: tuple[float, ...] = ()
    conditional: bool = False
    latent: int
    loss: str
    label_smoothing: float
    gradient_penalty: float
    r1: float
    discriminator_steps: int
    generator_rate: float
    discriminator_rate: float
    average: float

    @property
    def class_names(self) -> tuple[str, ...]:
        """The names of classes; none where they are not known."""
        return () if self.target is None else tuple(self.target.names)

    @property
    def is_number(self) -> bool:
        """Whether an image is a single number."""
        return all(length == 1 for length in (*self.size, self.channels))

    def value_text(self, name: str) -> str:
        """A field's value in words."""
        if name == "class_shares" and self.class_shares:
            shares = zip(self.class_names, self.class_shares, strict=True)
            return ", ".join(f"{one} {100 * share:.3g} %" for one, share in shares)
        return super().value_text(name)

    def shapes(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """What the generator takes, and what it gives."""
        return (self.latent,), (*self.size, self.channels)
