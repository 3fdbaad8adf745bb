"""The page that a run ends in: one file that opens anywhere."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from keras_mia.core.files.text_files import read_json, write_text
from keras_mia.core.run_facts import read_run_facts
from keras_mia.data.datasets.tables.run_tables import GRADIENTS, read_case_rows, read_run_table
from keras_mia.report.caveats import caveats
from keras_mia.report.overview import overview, title
from keras_mia.report.pictures.embedding import embedded
from keras_mia.report.run_sections import how_run, planned, training, understood
from keras_mia.report.sections import Block, Content

Rows = list[dict[str, str]]
READERS: Mapping[str, Callable[[Path], Rows]] = {
    "history": lambda path: read_run_table(path, (), others_are_numbers=True),
    "cases": read_case_rows,
    "gradients": lambda path: read_run_table(path, GRADIENTS),
}


def write_report(folder: Path, content: Content | None = None) -> Path:
    """Writes `report.html` into a run folder.

    Args:
        folder: holds run.json, and what there is of metrics.json, plan.json, history.csv,
            cases.csv and gradients.csv.
        content: what the task shows, as its `report_content` gives it; None: nothing.

    Returns:
        The path of the page.

    Raises:
        Problem: run.json is missing, or a file is broken.

    Example:
        >>> # write_report(folder, segmentation.report_content(folder))
    """
    folder, content = Path(folder), content or Content()
    run = read_run_facts(folder)
    metrics, plan = (_json(folder / f"{name}.json") for name in ("metrics", "plan"))
    history, cases, gradients = (_rows(folder, name) for name in READERS)
    sections = [
        understood(run),
        *content.sections,
        training(history, gradients),
        how_run(run),
        planned(plan),
    ]
    view = {
        "title": title(run),
        "version": (run.get("versions") or {}).get("keras_mia", ""),
        "day": str(run.get("started") or "")[:10],
        "headline": content.headline,
        "overview": overview(run, metrics, content.facts),
        "caveats": caveats(run, metrics, cases, content.headline, content.caveats),
        "sections": [section for section in sections if section],
    }
    path = folder / "report.html"
    write_text(path, _environment().get_template("report.html.jinja").render(view))
    return path


def _environment() -> Environment:
    """Where templates are found; what they print is escaped unless it is a drawing."""
    loader = PackageLoader("keras_mia.report", "templates")
    environment = Environment(loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"embedded": embedded, "template": _template}
    return environment


def _template(block: Block) -> str:
    """The file that shows a block: it has the name of its class."""
    return f"blocks/{type(block).__name__.lower()}.jinja"


def _json(path: Path) -> dict[str, Any]:
    return read_json(path) if path.exists() else {}


def _rows(folder: Path, name: str) -> Rows:
    path = folder / f"{name}.csv"
    return READERS[name](path) if path.exists() else []
