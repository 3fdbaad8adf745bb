"""A page out of made-up sections: each kind of block, and texts that are markup elsewhere."""

import numpy as np
import pytest
from markupsafe import Markup

from keras_mia.core.files.text_files import write_json
from keras_mia.report import (
    Bullets,
    Cell,
    Charts,
    Code,
    Content,
    Details,
    Facts,
    Figure,
    Film,
    Headline,
    ImagePair,
    ImagePairs,
    Pictures,
    Row,
    Section,
    Table,
    Text,
    film_frames,
    planes,
    write_report,
)
from tests.report.html_page import read_page

HOSTILE = '<script>alert("1")</script> & \'Söhne\' "</td>'
PNG = film_frames([""], [np.zeros((8, 8, 1), np.uint8)])[0][1]
CHART = Markup('<svg viewBox="0 0 9 9" role="img" aria-label="A chart"></svg>')


def written(folder, *blocks, title="Made up", hint=""):
    write_json(folder / "run.json", {"format": 1, "task": "dreaming"})
    section = Section(title, blocks, hint)
    return read_page(write_report(folder, Content(Headline("auc", 0.9), sections=[section])))


def picture(name="disk", title="Best: a"):
    disk = np.pad(np.ones((8, 8), int), 4)
    return planes(disk[..., None], disk, disk, names=["background", name], title=title)


def blocks_of(text):
    """One block of each type, with a text at each place."""
    cell = Cell(text, note=text, swatch="#e69f00")
    rows = [Row(cell, [text, cell], reference=[text, ""]), Row(text, [cell, text], strong=True)]
    table = Table([text, cell, text], rows, text, text)
    return [
        table,
        Table(table.columns, rows, text, transposed=True, tall=True),
        Table(table.columns, rows, text_columns=1, prose=True),
        Charts([Figure(text, CHART, {text: "#e69f00"})]),
        Pictures([picture(text, text)], paired=True),
        Film(text, [(text, PNG)]),
        ImagePairs((text, text), [ImagePair(text, PNG, PNG)]),
        Text(text),
        Bullets([text]),
        Code(text, text),
        Facts([(text, text)]),
        Details(text, [table, Text(text), Details(text, [Text(text)])], open=True),
    ]


def test_each_block_has_a_template_and_is_shown_in_its_order(tmp_path):
    names = [f"text {number}" for number in range(9)]
    blocks = [Text(names[0]), *blocks_of(names[1]), Text(names[2]), Bullets(names[3:])]
    _, read = written(tmp_path, *blocks, hint="a hint")
    positions = [read.text.index(name) for name in ("Made up", "a hint", *names)]
    assert positions == sorted(positions)
    for tag, count in (("table", 4), ("svg", 2), ("img", 7), ("details", 2), ("pre", 1)):
        assert read.tags.count(tag) == count, tag


def test_texts_are_never_markup(tmp_path):
    text, read = written(tmp_path, *blocks_of(HOSTILE), title=HOSTILE, hint=HOSTILE)
    assert "<script" not in text
    assert "script" not in read.tags
    assert read.text.count(HOSTILE) > 30
    assert {value for _, name, value in read.attributes if name == "style"} == {"--c:#e69f00"}


def test_a_chart_that_is_no_markup_is_shown_as_text(tmp_path):
    _, read = written(tmp_path, Charts([Figure("a", "<svg><script></script></svg>")]))
    assert read.tags.count("svg") == 1  # the ruler
    assert "script" not in read.tags


def test_a_head_may_be_hostile_too(tmp_path):
    write_json(tmp_path / "run.json", {"format": 1, "task": HOSTILE, "command": "x", "data": "y"})
    content = Content(Headline("auc", 0.9, f" of {HOSTILE}"), [(HOSTILE, HOSTILE)], [HOSTILE])
    text, read = read_page(write_report(tmp_path, content))
    assert "<script" not in text
    assert read.text.count(HOSTILE) >= 4


def test_rows_are_columns_where_a_table_is_turned(tmp_path):
    rows = [
        Row(Cell("front", "2 cases"), [Cell("0.9", "0.8 to 1"), "7"], reference=["0.5", ""]),
        Row("back", ["0.8", Cell("5")]),
    ]
    _, read = written(tmp_path, Table(["Score", "Dice", "HD95"], rows, transposed=True))
    assert "Score front 2 cases back Dice 0.9 0.8 to 1; baseline 0.5 0.8 HD95 7 5" in read.text


def test_every_table_scrolls_within_its_box(tmp_path):
    text, _ = written(tmp_path, *blocks_of("a"))
    for before in text.split("<table")[:-1]:
        assert before.rstrip().rpartition("<div ")[2].startswith('class="scroll')


@pytest.mark.parametrize(
    "block",
    [
        *(Table(["a"], []), Charts([]), Pictures([]), Text(""), Bullets([]), Code("a", "")),
        *(Facts([]), Details("a", [Table(["a"], [])]), Film("a", []), ImagePairs(("a", "b"), [])),
    ],
)
def test_what_is_empty_is_left_out_and_a_section_of_nothing_else_too(tmp_path, block):
    _, read = written(tmp_path, block, Text("a remark on it"))
    assert "Made up" not in read.text
    _, read = written(tmp_path, block, Bullets(["there"]))
    assert "Made up there" in read.text


def test_errors_are_told_only_where_they_were_looked_for(tmp_path):
    drawn = picture()
    _, read = written(tmp_path, Pictures([drawn]))
    assert "No errors." in read.text
    without = type(drawn)("a", "b", drawn.images)
    _, read = written(tmp_path, Pictures([without]))
    assert "rrors." not in read.text


@pytest.mark.parametrize(
    ("headline", "ruled"),
    [
        (Headline("dice", 0.5, ends=(0.4, 0.6), baseline=0.1), True),
        (Headline("dice", 0.5, ends=(None, None)), True),
        (Headline("mae", 0.5), False),
        (Headline("r2", -0.5), False),
    ],
)
def test_only_a_score_from_0_to_1_of_which_1_is_best_lies_on_a_ruler(headline, ruled):
    assert ("<svg" in headline.ruler) is ruled
