"""What the report says of samples."""

import pytest

from keras_mia.core.files.text_files import write_json
from keras_mia.report.sections import Text
from keras_mia.report.table import Table
from keras_mia.tasks.generation.sections import report_content

MEAN = {
    "frechet_distance": 3.0,
    "frechet_floor": 1.0,
    "classes_covered": 2,
    "nearest_ratio": 1.0,
    "memorized_share": 0.01,
    "nearer_p": 0.5,
    "ms_ssim": 0.3,
    "ms_ssim_real": 0.28,
    "evenness": None,
}
METRICS = {
    "format": 1,
    "task": "generation",
    "main": "frechet_distance",
    "cases": 20,
    "patients": 20,
    "samples": 1000,
    "compared": 20,
    "evaluator": "Features are those of a LeNet.",
    "mean": MEAN,
    "classes": {"a": {"real_share": 0.5, "sample_share": 0.9}},
    "baseline": {"frechet_distance": 9.0},
}


def content(folder, **changes):
    write_json(folder / "metrics.json", {**METRICS, **changes})
    return report_content(folder)


def tables(made):
    """The tables of a page by their labels, and all of its texts."""
    blocks = [block for section in made.sections if section for block in section.blocks if block]
    found = {block.label: block for block in blocks if isinstance(block, Table)}
    return found, " ".join(block.text for block in blocks if isinstance(block, Text))


def test_floors_stand_beside_their_distances(tmp_path):
    found, texts = tables(content(tmp_path))
    scores = found["Scores of samples"]
    assert scores.columns == ["", "Samples", "Real images", "Baseline"]
    names = [row.head for row in scores.rows]
    assert "Nearer than held-out, p" in names
    assert "Evenness of classes" not in names, "it is not defined"
    assert not any("real to real" in name for name in names)
    assert "Distances compare 20 test images with as many samples" in texts
    assert found["Classes of samples"].columns == [
        *("Class", "Share of real images", "Share of samples")
    ]


def test_without_classes_there_is_no_section_of_them(tmp_path):
    made = content(tmp_path, classes={})
    assert "Classes" not in [section.title for section in made.sections if section]
    assert "Two objectives of the generator" not in [one.title for one in made.sections if one]


def test_a_run_that_is_not_evaluated_has_an_empty_page(tmp_path):
    assert not any(report_content(tmp_path).sections)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"memorized_share": 0.9, "nearest_ratio": 0.1, "nearer_p": 1e-9}, "copies training"),
        ({"memorized_share": 0.9, "nearest_ratio": 0.7, "nearer_p": 1e-9}, "less noise"),
        ({"memorized_share": 0.9, "nearest_ratio": 0.7, "nearer_p": 0.2}, ""),
        ({"ms_ssim": 0.9}, "few kinds of images"),
        ({}, ""),
    ],
)
def test_what_is_wrong_is_said_at_the_top(tmp_path, changes, said):
    caveats = content(tmp_path, mean=MEAN | changes).caveats
    assert [said in one for one in caveats] == ([True] if said else [])
