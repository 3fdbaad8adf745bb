"""All forms of targets, in the order in which a table's cells are tried."""

from collections.abc import Collection

from keras_mia.data.datasets.target_forms import label_maps, paired_images, texts
from keras_mia.data.datasets.target_forms.form import TargetForm

FORMS: tuple[TargetForm, ...] = (label_maps.FORM, texts.FORM, paired_images.FORM)


def forms_of(targets: Collection[str]) -> tuple[TargetForm, ...]:
    """The forms in which kinds of target may come.

    Args:
        targets: the kinds; none: cases have no target.

    Raises:
        ValueError: a kind is in no form.

    Example:
        >>> [form.noun for form in forms_of(["label_map", "regression"])], forms_of([])
        (['a label map', 'a label'], ())
    """
    kinds = {kind for form in FORMS for kind in form.kinds}
    if not kinds.issuperset(targets):
        raise ValueError(f"No form of targets holds {', '.join({*targets} - kinds)}.")
    return tuple(form for form in FORMS if not form.kinds.isdisjoint(targets))
