"""Answers in words as numbers that a network can learn, and back."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from keras_mia.core.problem import Problem
from keras_mia.core.text import listing, natural_key, plural
from keras_mia.data.targets.box_corners import REMEDIES, corners_of, fault, in_axes
from keras_mia.data.targets.kind_inference import kind_of, numbers_in
from keras_mia.data.targets.plausibility import decimal_commas

PROBABILITY = "p "
"""How the columns of probabilities begin, in scores.csv and predictions.csv: `p NAME`."""
FINE = "fine "
"""How the columns begin that tell of fine classes beside those of coarse ones."""
NOTHING = {"", "none", "no finding", "no findings"}
UNKNOWN = -1.0
MOST_NAMES = 1000
MANY_ALONE = 10
"""From more classes on, fewer than two images a class are no classes."""


@dataclass(frozen=True)
class ImageTarget:
    """What is asked of each image.

    Args:
        kind: "multiclass", one of several classes; "multilabel", any number of findings at once;
            "regression", a number; or "box", the corners of one.
        names: of the classes, of the findings, of the number, or of the corners' coordinates.
        values: the text that each name stands for in the data; for a number or a box the names.
        mean: of a number in training.
        std: of a number in training.
        corners: the columns that a box's numbers stand in, as `box_corners.corners_of` understands
            them; empty: the lower corner and then the upper one, along the axes of the image.
        spellings: pairs of a text and the one of `values` that it is read as.
    """

    kind: str
    names: tuple[str, ...]
    values: tuple[str, ...]
    mean: float = 0.0
    std: float = 1.0
    corners: tuple[str, ...] = ()
    spellings: tuple[tuple[str, str], ...] = ()

    def __len__(self) -> int:
        return len(self.names)

    @property
    def placed(self) -> bool:
        """Whether an answer says where in the image something is, and so would move with it."""
        return self.kind == "box"

    def encode(self, answer: str, where: object = None, space: Sequence[int] = ()) -> np.ndarray:
        """The numbers that a network learns.

        Args:
            answer: as the data have it: a class; findings joined by `|`, those whose presence is
                not known with a `?`; a number; a box's lower corner and then its upper one, in
                voxels of the image in the file's own order.
            where: the case, for messages.
            space: voxels an axis of the image, for a box.

        Returns:
            `(len(names),)` float32: one 1 among zeros; a 1 a finding and -1 where it is not known;
            the z-scored number; corners as shares of the sides.

        Raises:
            Problem: the answer is none of those that training had, or no number.

        Example:
            >>> names = ("mass", "fluid")
            >>> ImageTarget("multilabel", names, names).encode("fluid|mass?")
            array([-1.,  1.], dtype=float32)
        """
        if self.kind in ("multiclass", "multilabel"):
            return self._marks(answer, where)
        if self.kind == "regression":
            return np.array([(self._numbers(answer, where)[0] - self.mean) / self.std], np.float32)
        box = self.box(answer, where, len(space))
        if found := fault(box, space):
            raise Problem(found[1], where, REMEDIES[found[0]])
        return (box / [*space, *space]).astype(np.float32)

    def box(self, answer: str, where: object, rank: int) -> np.ndarray:
        """A box's lower corner and then its upper one, in voxels along the axes of the image.

        Args:
            answer: as the data have it.
            where: the case, for messages.
            rank: axes of the image.

        Raises:
            Problem: there are not two numbers an axis.
        """
        numbers = self._numbers(answer, where)
        try:
            return in_axes(numbers, corners_of(self.corners) if self.corners else None, rank)
        except (ValueError, KeyError) as error:
            raise Problem(
                f"{2 * rank} numbers were expected, for the corners of a box in an image of {rank}"
                f" axes, found {answer!r}.",
                where,
                "Write it so, or leave the case out.",
            ) from error

    def _numbers(self, answer: str, where: object) -> list[float]:
        numbers = numbers_in(answer)
        count = 1 if self.kind == "regression" else len(self)
        if len(numbers) != count or not np.isfinite(numbers).all():
            comma = self.kind == "regression" and decimal_commas([answer])
            raise Problem(
                f"{count} number{'s were' if count > 1 else ' was'} expected as the answer, found"
                f" {answer!r}.",
                where,
                "Write decimals with a point: 3.15."
                if comma
                else "Write it so, or leave the case out.",
            )
        return numbers

    def read(self, text: str) -> str:
        """The one of `values` that a class, or a finding, is read as; itself where it is none."""
        return dict(self.spellings).get(text, text)

    def _marks(self, answer: str, where: object) -> np.ndarray:
        marks = np.zeros(len(self), np.float32)
        parts = findings(answer) if self.kind == "multilabel" else [answer]
        for part in parts:
            known = not (self.kind == "multilabel" and part.endswith("?"))
            text = self.read(part if known else part[:-1].strip())
            if text not in self.values:
                raise Problem(
                    f"The answer {text!r} is none of those in training: {listing(self.values)}.",
                    where,
                    "Correct it, or leave the case out.",
                )
            place = self.values.index(text)
            if not marks[place] > 0:  # of texts that are one finding, one is there
                marks[place] = 1.0 if known else UNKNOWN
        return marks

    def describe(self) -> str:
        """One line for the user."""
        if self.kind == "regression":
            return f"A number is learnt; in training {self.mean:.4g}, deviation {self.std:.3g}."
        if self.kind == "box":
            told = f"{', '.join(self.corners)}" if self.corners else "lower corner, upper corner"
            return f"The corners of a box are learnt, from {told}."
        shown = [
            name if [value, *also] == [name] else f"{name} = {' or '.join([value, *also])}"
            for name, value in zip(self.names, self.values, strict=True)
            for also in [[text for text, own in self.spellings if own == value]]
        ]
        what = "classes" if self.kind == "multiclass" else "findings, any number at once"
        return f"{len(self)} {what}: {listing(shown, 20)}"


def positive_second(answers: ImageTarget, name: str) -> ImageTarget:
    """The same two classes, the one of this name the second: the positive one, whose scores count.

    Raises:
        Problem: there are not two classes, or none of this name.

    Example:
        >>> positive_second(ImageTarget("multiclass", ("ill", "well"), ("0", "1")), "ill").names
        ('well', 'ill')
    """
    if answers.kind != "multiclass" or len(answers) != 2:
        shown = {
            "multiclass": f"one of {len(answers)} classes",
            "multilabel": "several findings at once",
            "regression": "a number",
            "box": "a box",
        }
        raise Problem(
            f"Of two classes one is the positive one; what is asked here is {shown[answers.kind]}.",
            f"--positive {name}",
            "Leave it out.",
        )
    if name not in answers.names:
        raise Problem(
            f"There is no class {name!r}: they are {listing(answers.names)}.",
            f"--positive {name}",
            "Name one of them.",
        )
    if answers.names[1] == name:
        return answers
    return replace(answers, names=answers.names[::-1], values=answers.values[::-1])


def words(marks: Sequence[float] | np.ndarray, names: Sequence[str]) -> str:
    """Marks as `ImageTarget.encode` gives them as a table has them: names joined by `|`, with a `?`
    where it is not known, or "none".

    Example:
        >>> words([1, 0, -1], ["mass", "fluid", "air"]), words([0], ["mass"])
        ('mass|air?', 'none')
    """
    pairs = zip(names, marks, strict=True)
    return "|".join(name if mark > 0 else f"{name}?" for name, mark in pairs if mark) or "none"


def marks(text: str, names: Sequence[str], kind: str = "multilabel") -> list[float]:
    """The marks that `words` wrote.

    Args:
        text: as it stands in a table.
        names: of the classes or findings.
        kind: "multilabel"; or "multiclass", whose name may hold what stands between findings.

    Example:
        >>> marks("mass|air?", ["mass", "fluid", "air"])
        [1.0, 0.0, -1.0]
        >>> marks("grade 1|2", ["grade 1|2", "grade 3"], "multiclass")
        [1.0, 0.0]
    """
    if kind == "multiclass":
        return [float(name == text) for name in names]
    parts = set(text.split("|"))
    return [1.0 if name in parts else UNKNOWN if f"{name}?" in parts else 0.0 for name in names]


def sureness(probability: float, threshold: float, above: bool = True) -> float:
    """How far an answer's probability lies beyond what it took to be given, as a share of how far
    it could: 0 to 1, comparable between answers with different thresholds.

    Args:
        probability: of the answer.
        threshold: of what is asked for.
        above: whether the answer is given from the threshold on; else it is given below it.

    Example:
        >>> sureness(0.75, 0.5), sureness(0.875, 0.25, above=False)
        (0.5, 0.5)
    """
    cut = threshold if above else 1 - threshold
    return (probability - cut) / max(1 - cut, 1e-9)


def findings(answer: str) -> list[str]:
    """The findings that an answer names; none for "No Finding", "none" or an empty one.

    Example:
        >>> findings("Mass|Effusion"), findings("No Finding")
        (['Mass', 'Effusion'], [])
    """
    parts = [part.strip() for part in answer.split("|")]
    return [part for part in parts if part.lower() not in NOTHING]


def answers_of(
    found: Sequence[str],
    *,
    kind: str | None = None,
    names: Mapping[str, str] | None = None,
    others: Iterable[str] = (),
) -> ImageTarget:
    """What is asked, by the answers of the training cases.

    Args:
        found: an answer a training case.
        kind: one of `kinds.KINDS`; None: as `kind_of` finds.
        names: text in the data -> name to show; texts of one name are one class.
        others: answers of cases that are not for training, which may be spellings of a class too.

    Raises:
        Problem: fewer than two classes, too many, a name for an answer that is not there, or one
            that findings cannot have.

    Example:
        >>> answers_of(["1", "0", "1"], names={"1": "pneumonia"}).names
        ('0', 'pneumonia')
    """
    kind = kind or kind_of(found)
    if names and kind in ("regression", "box"):
        raise Problem("Only classes and findings have names.", "--labels", "Leave it out.")
    if kind == "regression":
        numbers = [one for text in found if len(one := numbers_in(text)) == 1]
        values = [value for (value,) in numbers if math.isfinite(value)]
        if not values:
            mend = "Write numbers alone, without a unit; or check --kind."
            if decimal_commas(found):
                mend = "Write decimals with a point: 3.15."
            raise Problem("The answers are not numbers.", f"such as {found[0]!r}", mend)
        std = float(np.std(values)) or 1.0
        return ImageTarget("regression", ("value",), ("value",), float(np.mean(values)), std)
    if kind == "box":
        axes = len(numbers_in(found[0])) // 2
        corners = tuple(f"{end}_{axis}" for end in ("low", "high") for axis in range(axes))
        return ImageTarget("box", corners, corners)
    names = names or {}
    learnt = {text for answer in found for text in held_in(answer, kind)}
    named = {names.get(text, text) for text in learnt}
    elsewhere = {text for answer in others for text in held_in(answer, kind)}
    missing = [
        text
        for text in names
        if text not in learnt and not (text in elsewhere and names[text] in named)
    ]
    if missing:
        told = sorted(learnt, key=natural_key)
        raise Problem(
            f"No training case has the answer {listing(missing)}; they have {listing(told)}.",
            "--labels",
            "Choose among these.",
        )
    # All that have a name, whoever trains, so that the folds of a run agree on the order.
    texts = sorted(learnt | set(names), key=natural_key)
    aliases = _aliases(texts, names)
    texts = [text for text in texts if text not in dict(aliases)]
    least = 2 if kind == "multiclass" else 1
    if not least <= len(texts) <= MOST_NAMES:
        raise Problem(
            f"{least} to {MOST_NAMES} different answers were expected in training, found"
            f" {len(texts)}: {listing([names.get(text, text) for text in texts], 5)}.",
            "--labels, which makes answers of one name one class" if aliases else "the answers",
            "Check the column or the folders, and --kind.",
        )
    if kind == "multiclass" and len(texts) > max(MANY_ALONE, len(found) / 2):
        raise Problem(
            f"There are {len(texts)} different answers for {plural(len(found), 'image')} to learn"
            f" from, such as {listing(texts, 3)}: nearly each image has one of its own.",
            "the answers",
            "Name a column of classes, or write what these say (a date, a text, a number with a"
            " unit) as classes or plain numbers.",
        )
    shown = tuple(names.get(text, text) for text in texts)
    if kind == "multilabel":
        _check_names(shown)
    return ImageTarget(kind, shown, tuple(texts), spellings=aliases)


def _aliases(texts: Sequence[str], names: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """Texts that have the name of another one, each with that one."""
    first: dict[str, str] = {}
    for text in sorted(texts, key=lambda text: names.get(text, text) != text):
        first.setdefault(names.get(text, text), text)
    named = [(text, first[names.get(text, text)]) for text in texts]
    return tuple((text, own) for text, own in named if own != text)


def _check_names(names: Sequence[str]) -> None:
    """Refuses names that a list of findings cannot hold: they would be read as something else."""
    for name in names:
        if "|" in name or name.endswith("?") or name.lower() in NOTHING:
            raise Problem(
                f"A finding cannot be called {name!r}: `|` stands between findings, `?` behind one"
                " that is not known, and none for no finding.",
                "--labels",
                "Choose another name.",
            )


def held_in(answer: str, kind: str) -> list[str]:
    """The class, or the findings whether known or not, that an answer names.

    Args:
        answer: as the data have it.
        kind: "multiclass" or "multilabel".

    Example:
        >>> held_in("mass|air?", "multilabel"), held_in("ill", "multiclass")
        (['mass', 'air'], ['ill'])
    """
    if kind == "multiclass":
        return [answer]
    return [text.rstrip("?").strip() for text in findings(answer)]


def content(answer: str, kind: str, names: Mapping[str, str] | None = None) -> list[float | str]:
    """What an answer adds to what folds are balanced by: a number, a class, or findings.

    Args:
        answer: as the data have it.
        kind: one of `kinds.KINDS`.
        names: text in the data -> name; texts of one name are one class.

    Example:
        >>> content("mass|air?", "multilabel"), content("61", "regression")
        (['mass'], [61.0])
    """
    if kind == "regression":
        return [(numbers_in(answer) or [0.0])[0]]
    if kind not in ("multiclass", "multilabel"):
        return []
    texts = [answer] if kind == "multiclass" else findings(answer)
    known = [text for text in texts if kind == "multiclass" or not text.endswith("?")]
    return list(dict.fromkeys((names or {}).get(text, text) for text in known))
