"""`keras-mia NAME ...` runs the file `apps/NAME.py`, the same that a checkout holds."""

import ast
import runpy
import sys
from pathlib import Path

import keras_mia


def apps() -> dict[str, Path]:
    """The apps by name: inside the package once installed, beside it in a checkout."""
    package = Path(keras_mia.__file__).parent
    folders = (package / "apps", package.parent / "apps")
    folder = next(folder for folder in folders if (folder / "segment.py").exists())
    return {file.stem: file for file in sorted(folder.glob("*.py")) if file.stem != "__init__"}


def summary(app: Path) -> str:
    """The first line of the app's docstring, without running it."""
    docstring = ast.get_docstring(ast.parse(app.read_text(encoding="utf-8"))) or ""
    return docstring.partition("\n")[0]


def usage() -> str:
    """The help text: how the command is called, and all apps with what they do."""
    lines = [f"  {name:<10}{summary(app)}" for name, app in apps().items()]
    return "\n".join(
        [
            "usage: keras-mia NAME [options]",
            "",
            "Train, evaluate and apply networks on medical images.",
            "",
            *lines,
            "",
            "keras-mia NAME --help lists the options of one.",
        ]
    )


def main() -> None:
    """The console command."""
    arguments = sys.argv[1:]
    if not arguments or arguments[0] in ("-h", "--help"):
        print(usage())
        return
    if arguments[0] == "--version":
        print(keras_mia.__version__)
        return
    name = arguments[0]
    if name not in apps():
        print(f"keras-mia: there is no app {name!r}.\n\n{usage()}", file=sys.stderr)
        sys.exit(2)
    sys.argv = [f"keras-mia {name}", *arguments[1:]]
    runpy.run_path(str(apps()[name]), run_name="__main__")


if __name__ == "__main__":
    main()
