"""What README.md and docs/ say is true: files, functions, options and tables exist, code runs."""

import ast
import builtins
import dataclasses
import functools
import inspect
import os
import re
import runpy
import shlex
from pathlib import Path

import numpy as np
import pytest

from keras_mia.tasks.register import REGISTER, task

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
PYTHON_FILE = re.compile(r"[\w./-]+\.py\b")


def name(page):
    return page.relative_to(ROOT).as_posix()


def blocks(page, *languages):
    return [text for kind, text in BLOCK.findall(page.read_text()) if kind in languages]


def prose(page):
    return BLOCK.sub("", page.read_text(encoding="utf-8"))


def anchors(page):
    """GitHub's names of a page's headings."""
    titles = re.findall(r"^#+ +(.+)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@functools.cache
def sources():
    folders = ("keras_mia", "apps", "tests", "benchmarks")
    found = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    return {path.relative_to(ROOT).as_posix() for path in [*found, *ROOT.glob("*.py")]}


@functools.cache
def defined(file):
    """Name (`Class.method` too) to its node, of all that a file defines."""
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found[node.name] = node
            for inner in node.body if isinstance(node, ast.ClassDef) else ():
                if isinstance(inner, ast.FunctionDef):
                    found[f"{node.name}.{inner.name}"] = inner
        for target in getattr(node, "targets", [getattr(node, "target", None)]):
            if isinstance(target, ast.Name):
                found[target.id] = node
    return found


def takes(file, called, keyword):
    node = defined(file)[called]
    if isinstance(node, ast.ClassDef):
        own = defined(file).get(f"{called}.__init__")
        fields = [x.target.id for x in node.body if isinstance(x, ast.AnnAssign)]
        if own is None:
            return keyword in fields
        node = own
    arguments = node.args
    named = {one.arg for one in (*arguments.args, *arguments.kwonlyargs)}
    return keyword in named or arguments.kwarg is not None


def missing_in(file, span):
    """What of `name`, `Class.method` or `name(option=value)` the file does not have."""
    try:
        tree = ast.parse(span, mode="eval").body
    except SyntaxError:
        return [span]
    call = tree if isinstance(tree, ast.Call) else None
    called = ast.unparse(call.func if call else tree)
    if called not in defined(file):
        return [called]
    options = [one.arg for one in call.keywords] if call else []
    return [f"{called}({option}=)" for option in options if not takes(file, called, option)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_links_lead_somewhere(page):
    broken = []
    for target in LINK.findall(prose(page)):
        path, _, anchor = target.partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        other = (page.parent / path).resolve() if path else page
        exists = other.exists() and other.is_relative_to(ROOT)
        if not exists or (anchor and anchor not in anchors(other)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_files_that_are_named_exist(page):
    text = " ".join(SPAN.findall(prose(page)) + blocks(page, "bash", "console"))
    wanted = {found for found in PYTHON_FILE.findall(text) if not found.startswith("FILE")}
    known = {f"/{path}" for path in sources()}
    assert not [w for w in wanted if not any(path.endswith(f"/{w}") for path in known)]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_names_beside_a_link_stand_in_that_file(page):
    """In a table's cell, the names behind a link to a `.py` file are in it, with their options."""
    wrong = []
    rows = [line for line in prose(page).splitlines() if line.startswith("|")]
    for cell in (cell for row in rows for cell in row.split("|")):
        _, *parts = re.split(r"\[[^\]]*\]\(([^)\s]+\.py)\)", cell)
        for target, text in zip(parts[::2], parts[1::2], strict=True):
            file = (page.parent / target).resolve()
            wrong += [f"{target}: {x}" for s in SPAN.findall(text) for x in missing_in(file, s)]
    assert not wrong


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_functions_that_are_named_exist(page):
    """In the text, `name(...)` and `keras_mia.room.name` are something of the package."""
    known = {key for path in sources() for key in defined(ROOT / path)}
    wrong = []
    for span in SPAN.findall(prose(page)):
        dotted = re.fullmatch(r"keras_mia(\.\w+)+", span)
        if called := _called(span):
            wrong += [span] if called not in known and called.split(".")[-1] not in known else []
        elif dotted and not _resolves(span.split(".")):
            wrong.append(span)
    assert not wrong


def _called(span):
    """The name of what `span` calls, if it is a call of anything but Python's and Keras' own."""
    try:
        tree = ast.parse(span, mode="eval").body
    except SyntaxError:
        return None
    called = ast.unparse(tree.func) if isinstance(tree, ast.Call) else None
    foreign = ("keras.", "tf.", "np.", *dir(builtins))
    return None if not called or called.startswith(foreign) else called


def _resolves(parts):
    place = ROOT.joinpath(*parts)
    if place.is_dir() or place.with_suffix(".py").exists():
        return True
    home = ROOT.joinpath(*parts[:-1])
    inside = [home.with_suffix(".py")] if home.with_suffix(".py").exists() else home.rglob("*.py")
    return any(parts[-1] in defined(file) for file in inside)


@functools.cache
def parsers(app):
    """The parsers of an app: one, or one a task, where options follow from it."""
    file = ROOT / "apps" / f"{app}.py"
    assert file.exists(), f"there is no app {app!r}"
    make = runpy.run_path(str(file))["parser"]
    if not inspect.signature(make).parameters:
        return [make()]
    return [make([task(name)]) for name in REGISTER]


def commands(text):
    """`(app, arguments)` of each command for the package in a block of shell."""
    for line in text.replace("\\\n", " ").splitlines():
        words = shlex.split(line.removeprefix("$ "), comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        program = Path(words[0]).name if words else ""
        if program == "keras-mia" and len(words) > 1 and not words[1].startswith("-"):
            yield words[1], words[2:]
        elif program.startswith("python") and words[1:] and words[1].startswith("apps/"):
            yield Path(words[1]).stem, words[2:]


def parser_of(app, arguments):
    """The first parser that has all options of a command; None where none has."""
    given = {word.partition("=")[0] for word in arguments if word.startswith("--")}
    found = (one for one in parsers(app) if given <= set(one._option_string_actions))
    return next(found, None)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_commands_are_what_the_apps_take(page):
    for text in blocks(page, "bash", "console", "sh"):
        for app, arguments in commands(text):
            parser = parser_of(app, arguments)
            assert parser is not None, (app, arguments)
            if "--help" not in arguments and "..." not in arguments:
                parser.parse_args(arguments)  # exits, and so fails, where a value is wrong
    for span in SPAN.findall(prose(page)):
        for app, arguments in commands(span):
            assert app == "NAME" or parser_of(app, arguments) is not None, span


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_options_that_are_named_exist(page):
    known = {"--help", "--version"}
    for file in (*(ROOT / "apps").glob("*.py"), *(ROOT / "benchmarks").glob("*.py")):
        known |= set(re.findall(r'"(--[a-z][a-z-]*)"', file.read_text(encoding="utf-8")))
    for app in (file.stem for file in (ROOT / "apps").glob("*.py") if file.stem != "__init__"):
        known |= {option for one in parsers(app) for option in one._option_string_actions}
    spans = [span for span in SPAN.findall(prose(page)) if span.startswith("--")]
    assert not [span for span in spans if re.split(r"[ =]", span)[0] not in known]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_targets_of_make_exist(page):
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", text, re.MULTILINE))
    said = "\n".join([*SPAN.findall(prose(page)), *blocks(page, "bash", "console", "sh")])
    assert set(re.findall(r"^(?:\$ )?make ([a-z]+)", said, re.MULTILINE)) <= targets


def python_blocks():
    for page in PAGES:
        for number, code in enumerate(blocks(page, "python"), 1):
            yield pytest.param(page, number, code, id=f"{name(page)}-{number}")


@pytest.mark.slow
@pytest.mark.parametrize(("page", "number", "code"), python_blocks())
def test_python_blocks_run(page, number, code, tmp_path, monkeypatch):
    if "KERAS_MIA_DATA" in code and "KERAS_MIA_DATA" not in os.environ:
        pytest.skip("KERAS_MIA_DATA does not name the folder of the real data sets")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names = {"__name__": "block"}
    exec(compile(code, f"{name(page)}, python block {number}", "exec"), names)
    assert set(names) - {"__name__", "__builtins__"}, "a block that makes nothing shows nothing"


def test_the_readme_shows_a_script_of_ten_lines():
    scripts = blocks(ROOT / "README.md", "python")
    lines = [[x for x in script.splitlines() if x.strip()] for script in scripts]
    short = ["\n".join(script) for script in lines if len(script) <= 10]
    assert any(all(x in script for x in ("unet(", ".compile(", ".fit(")) for script in short)


def first_column(page, heading):
    """The names in the first column of the table below a heading."""
    section = re.split(r"^#+ ", prose(page), flags=re.MULTILINE)
    (text,) = (part for part in section if part.startswith(heading + "\n"))
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    return [found for row in rows for found in SPAN.findall(row.split("|")[1])]


SEGMENTATION = ROOT / "docs" / "segmentation.md"


def test_the_page_explains_every_field_of_a_plan():
    from keras_mia.tasks.segmentation.segmentation_plan import SegmentationPlan

    fields = {field.name for field in dataclasses.fields(SegmentationPlan)} - {"task", "reasons"}
    assert set(first_column(SEGMENTATION, "The plan")) == fields


def test_the_page_explains_every_field_of_a_plan_for_answers():
    from keras_mia.tasks.classification.classification_plan import ClassificationPlan

    fields = {field.name for field in dataclasses.fields(ClassificationPlan)} - {"task", "reasons"}
    page = ROOT / "docs" / "classification.md"
    assert set(first_column(page, "The plan")) == fields


def test_the_page_explains_every_score_of_answers():
    from keras_mia.metrics import agreement_scores, classification_scores

    guess = np.full((6, 6), 1 / 6)
    found = set(classification_scores(np.arange(6), guess).mean)
    found |= set(agreement_scores([1.0, 2.0, 3.0], [1.0, 2.0, 4.0])) | {"iou", "corner_error"}
    assert set(first_column(ROOT / "docs" / "classification.md", "The scores")) == found


TRANSLATION = ROOT / "docs" / "translation.md"


def test_the_page_explains_every_field_of_a_plan_for_images():
    from keras_mia.tasks.translation.translation_plan import TranslationPlan

    fields = {field.name for field in dataclasses.fields(TranslationPlan)} - {"task", "reasons"}
    assert set(first_column(TRANSLATION, "The plan")) == fields


def test_the_page_explains_every_degradation_loss_and_score_of_images():
    from keras_mia.data.augment.degradations import DEGRADATIONS
    from keras_mia.metrics import image_quality_scores

    assert set(first_column(TRANSLATION, "Images made worse")) == set(DEGRADATIONS)
    (losses,) = (
        action.choices
        for parser in parsers("translate")
        for action in parser._actions
        if action.dest == "loss"
    )
    assert set(first_column(TRANSLATION, "Losses")) == set(losses)
    image = np.zeros((16, 16, 1))
    scores = image_quality_scores(image, image, data_range=1.0)
    assert set(first_column(TRANSLATION, "The scores")) == {*scores, "kernel_distance"}


GENERATION = ROOT / "docs" / "generation.md"


def test_the_page_explains_every_field_of_a_plan_for_samples():
    from keras_mia.tasks.generation.generation_plan import GenerationPlan

    fields = {field.name for field in dataclasses.fields(GenerationPlan)} - {"task", "reasons"}
    assert set(first_column(GENERATION, "The plan")) == fields


def test_the_page_explains_every_score_of_samples():
    from keras_mia.metrics.generation.coverage import class_coverage
    from keras_mia.metrics.generation.memorization import memorization
    from keras_mia.tasks.generation.evaluation.scores import RealImages, distances

    values = np.arange(8.0)[:, None]
    found = set(class_coverage([0, 1], 2)) | set(memorization(values, values, values))
    found |= set(distances(RealImages(values, values.ravel()), values))
    found |= {"label_accuracy", "sample_precision", "sample_recall", "ms_ssim"}
    assert set(first_column(GENERATION, "How samples are judged")) == found


def test_the_page_explains_every_score():
    from keras_mia.metrics import pixel_scores, scores

    found = {"auc", *pixel_scores(np.eye(2))}
    for axes in (2, 3):
        label = np.ones((3,) * axes, np.uint8)
        found |= set(scores(label, label, 2, spacing_mm=(1.0,) * axes)[1])
    assert set(first_column(SEGMENTATION, "What the scores mean")) == found


def test_the_page_names_the_files_of_a_run_and_the_columns_of_a_table():
    from keras_mia.data.datasets.tables.csv_table import Columns

    code = "".join((ROOT / p).read_text() for p in sources() if p.startswith("keras_mia/"))
    files = [
        file.strip("/").split("/")[-1] for file in first_column(SEGMENTATION, "The run's files")
    ]
    assert len(files) > 8
    assert not [file for file in files if f'"{file}"' not in code]
    columns = {field.name for field in dataclasses.fields(Columns)} - {"labels"} | {"label"}
    assert set(first_column(SEGMENTATION, "A CSV file")) == columns
