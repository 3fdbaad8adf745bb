"""Names that the user gives to texts of targets."""

from keras_mia.core.option_types import check_named_once
from keras_mia.core.problem import Problem


def target_names(text: str | None) -> dict[str, str] | None:
    """`"0=normal,1=pneumonia"` as `{"0": "normal", "1": "pneumonia"}`."""
    if not text:
        return None
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(middle and name.strip() for _, middle, name in pairs):
        raise Problem(
            "Names of classes or findings are pairs TEXT=NAME.",
            f"--labels {text}",
            "--labels 0=well,1=ill",
        )
    named = [(value.strip(), name.strip()) for value, _, name in pairs]
    check_named_once([value for value, _ in named], text)
    return dict(named)
