"""The run folder: what was asked, what was done, and what came of it."""

import contextlib
import datetime
import hashlib
import importlib
import os
import pkgutil
import platform
import shlex
import shutil
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

import keras

from keras_mia import layers
from keras_mia.core.files import atomic, remove_unfinished, write_csv, write_json, write_text
from keras_mia.core.hardware import machine, peak_memory_gib
from keras_mia.core.problem import Problem
from keras_mia.core.progress import silence
from keras_mia.core.run_facts import FILE, FORMAT, read_run_facts
from keras_mia.data.case_list import write_cases
from keras_mia.data.cases import Cases
from keras_mia.data.formats_arrays import archive
from keras_mia.data.plan_file import PlanFile
from keras_mia.training.repeating import repeated

PACKAGES = ("keras_mia", "tensorflow", "keras", "numpy", "scipy", "nibabel")
ONLY_BEGUN = {FILE, "args.txt", "cases.csv"}
AnyPlan = TypeVar("AnyPlan", bound=PlanFile)


class Run:
    """One folder that answers: what was this?

    Attributes:
        folder: where it lies.
        resumed: whether it goes on with an earlier run.
        cache: where prepared cases lie.
        writes: whether this process writes into the folder: of several workers only the chief.
    """

    def __init__(
        self,
        folder: Path,
        *,
        resumed: bool = False,
        cache: Path | None = None,
        writes: bool = True,
    ):
        self.folder, self.resumed, self.writes = Path(folder), resumed, writes
        self._own_cache = None if writes or cache else tempfile.mkdtemp(prefix="keras-mia-")
        self.cache = Path(cache or self._own_cache or self.folder / "cache")
        written = (self.folder / FILE).exists()
        self._facts = read_run_facts(self.folder) if written else {}

    @classmethod
    def start(
        cls,
        folder: Path,
        task: str,
        *,
        seed: int = 0,
        overwrite: bool = False,
        resume: bool = False,
        cache: Path | None = None,
    ) -> "Run":
        """A new run, or the earlier one to go on with.

        Args:
            folder: created where it does not exist.
            task: the name of a module in `tasks`.
            seed: of the run.
            overwrite: whether an earlier run in the folder is thrown away.
            resume: whether an earlier run in the folder goes on.
            cache: where prepared cases are kept; None: in the run, until its end.

        Raises:
            Problem: the folder holds a run or other files, and neither was said; or there is
                nothing to resume.
        """
        folder = Path(folder)
        holds_run = (folder / FILE).exists()
        remove_unfinished(folder)
        if holds_run and not resume and {path.name for path in folder.iterdir()} <= ONLY_BEGUN:
            shutil.rmtree(folder)  # it ended before there was a plan: nothing is lost
            holds_run = False
        if resume:
            if not holds_run:
                raise Problem(
                    "There is no run to resume.", folder, "Leave --resume out, or name its folder."
                )
            return cls(folder, resumed=True, cache=cache)
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            if not holds_run:
                raise Problem(
                    "The output folder holds other files.", folder, "Choose an empty or new folder."
                )
            if not overwrite:
                raise Problem(
                    "The output folder already holds a run.",
                    folder,
                    "Say --resume to go on with it, --overwrite to replace it, or choose another.",
                )
            shutil.rmtree(folder)
        run = cls(folder, cache=cache)
        run.record(
            format=FORMAT,
            task=task,
            command=shlex.join(_command()),
            started=datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            seed=seed,
            versions=versions(),
            machine=machine(),
            seconds={},
        )
        write_text(folder / "args.txt", shlex.join(_command()) + "\n")
        return run

    @classmethod
    def follow(cls, folder: Path, *, resume: bool = False, cache: Path | None = None) -> "Run":
        """The run that a chief writes, for a worker that trains with it and says nothing.

        Args:
            folder: the chief's; where the run is resumed, the worker reads the checkpoint there.
            resume: whether an earlier run goes on.
            cache: where prepared cases are kept; None: in a temporary folder, until the end.
        """
        silence()
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 until the process ends
        return cls(folder, resumed=resume, cache=cache, writes=False)

    @property
    def facts(self) -> Mapping:
        """What run.json holds."""
        return self._facts

    def record(self, **facts) -> None:
        """Adds to run.json."""
        if not self.writes:
            return
        self._facts |= facts | {"peak_memory_gib": round(peak_memory_gib(), 2)}
        if "schedule" in facts:
            self._facts["repeat"] = repeated(self._facts)
        write_json(self.folder / FILE, self._facts)

    @contextlib.contextmanager
    def timed(self, doing: str) -> Iterator[None]:
        """Writes how many seconds its block took; those of a resumed run are added up."""
        begun = time.perf_counter()
        yield
        seconds = dict(self._facts.get("seconds", {}))
        seconds[doing] = round(seconds.get(doing, 0) + time.perf_counter() - begun, 1)
        self.record(seconds=seconds)

    def finish(self) -> None:
        """Removes what only training needed: prepared cases that are not to be kept."""
        if self._own_cache or self.cache == self.folder / "cache":
            shutil.rmtree(self.cache, ignore_errors=True)

    def save_plan(self, plan: AnyPlan) -> AnyPlan:
        """Writes plan.json and gives the plan back."""
        if self.writes:
            plan.write(self.folder / "plan.json")
        return plan

    def save_cases(self, cases: Cases) -> Cases:
        """Writes cases.csv, and what was understood, into the run; gives the cases back."""
        if not self.writes:
            return cases
        write_cases(self.folder / "cases.csv", cases)
        self.record(
            data=cases.source,
            notes=list(cases.notes),
            warnings=list(cases.warnings),
            fingerprint=data_fingerprint(cases),
        )
        return cases

    def save_model(self, model: keras.Model) -> None:
        """Writes best.keras without the optimizer, which only a checkpoint needs."""
        if not self.writes:
            return
        lean = keras.Model(model.input, model.output, name=model.name)
        with atomic(self.folder / "best.keras") as beside:
            lean.save(beside)

    def best_model(self, plan: PlanFile | None = None) -> keras.Model:
        """The model with the best validation score.

        Args:
            plan: that it is to be applied with.

        Raises:
            Problem: it is missing or broken, or belongs to another plan.
        """
        path = self.folder / "best.keras"
        model = load_model(path)
        if plan is not None:
            found = [tuple(model.inputs[0].shape[1:]), tuple(model.outputs[0].shape[1:])]
            several = not isinstance(model, keras.Sequential) and isinstance(model.output, dict)
            if several:  # answers to the whole image
                found[1] = (sum(one.shape[-1] for one in model.outputs),)
            for what, own, asked in zip(("takes", "gives"), found, plan.shapes(), strict=True):
                if not _fits(own, asked):
                    raise Problem(
                        f"The network {what} {_shape(own)}, the plan of its run asks for"
                        f" {_shape(asked)}.",
                        path,
                        "Name a run whose best.keras and plan.json were written together.",
                    )
        return model

    def save_history(self, rows: Sequence[Mapping]) -> None:
        """Writes history.csv, a row an epoch."""
        if self.writes:
            write_csv(self.folder / "history.csv", rows)

    def save_scores(self, rows: Iterable[Mapping], metrics: Mapping) -> None:
        """Writes scores.csv, a row a case and class, and metrics.json."""
        write_csv(self.folder / "scores.csv", rows)
        write_json(self.folder / "metrics.json", metrics)


def _fits(own: tuple[int | None, ...], asked: tuple[int, ...]) -> bool:
    return len(own) == len(asked) and all(a in (None, b) for a, b in zip(own, asked, strict=True))


def _shape(sides: Sequence[int | None]) -> str:
    return " x ".join("any" if side is None else str(side) for side in sides)


def load_model(path: Path) -> keras.Model:
    """Loads a `.keras` file without running code from it.

    Raises:
        Problem: it is missing, broken, or not of this package.
    """
    for module in pkgutil.iter_modules(layers.__path__):  # registers what models may hold
        importlib.import_module(f"{layers.__name__}.{module.name}")
    if not path.exists():
        raise Problem("The trained network is missing.", path, "Name the folder of a finished run.")
    try:
        return keras.models.load_model(path, compile=False, safe_mode=True)
    except Exception as error:
        first = str(error).strip().partition("\n")[0]
        raise Problem(
            f"The trained network cannot be loaded: {first}", path, "Train it again."
        ) from error


def versions() -> dict[str, str]:
    """Of Python and of the packages that figures depend on."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[name] = version(name)
    return found


def data_fingerprint(cases: Cases) -> str:
    """A hash of the files' beginnings (1 MiB) and sizes, and of answers, in the order of the
    cases."""
    digest = hashlib.sha256()
    archives = set()
    for case in sorted(cases, key=lambda case: case.name):
        target = [case.target] if isinstance(case.target, Path) else []
        if isinstance(case.target, str):
            digest.update(f"{case.name}={case.target};".encode())
        for path in (*case.images, *target):
            holder = archive(path)
            if holder in archives:
                continue
            archives |= {holder} - {None}
            path = Path(holder) if holder else path
            files = sorted(path.rglob("*")) if path.is_dir() else [path]
            for file in filter(Path.is_file, files):
                with file.open("rb") as opened:
                    digest.update(f"{file.name}:{file.stat().st_size}:".encode())
                    digest.update(opened.read(2**20))
    return digest.hexdigest()[:16]


def _command() -> list[str]:
    # An app's file and `keras-mia NAME` are the same; the latter holds in every folder.
    program = Path(sys.argv[0])
    name = ["keras-mia", program.stem] if program.parent.name == "apps" else [program.name]
    return [*name, *sys.argv[1:]]
