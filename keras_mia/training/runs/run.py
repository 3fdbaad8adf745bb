"""The folder of a run: what it was to do, what it did, and what came of it."""

import contextlib
import datetime
import os
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import keras

from keras_mia.core.files.atomic import remove_unfinished
from keras_mia.core.files.folders import make_folder
from keras_mia.core.files.lock import Lock
from keras_mia.core.files.temporary import remove_left_behind, remove_temporary, temporary_folder
from keras_mia.core.files.text_files import write_csv, write_json, write_text
from keras_mia.core.hardware import machine, peak_memory_gib
from keras_mia.core.problem import Problem
from keras_mia.core.progress import silence, write_line
from keras_mia.core.run_facts import FILE, FORMAT, PACKAGE, read_run_facts
from keras_mia.data.datasets.case_list import read_case_list, write_cases
from keras_mia.data.datasets.cases import Cases
from keras_mia.data.preprocess.plan import Plan
from keras_mia.training.runs.folder import (
    LOGS,
    FileList,
    check_folder,
    check_no_foreign_files,
    is_begun_only,
    is_run,
    move_staged,
    remove_earlier,
    remove_listed,
)
from keras_mia.training.runs.model_shapes import check_shapes
from keras_mia.training.runs.network_file import BEST, load_network, save_network
from keras_mia.training.runs.provenance import command_line, data_fingerprint, versions
from keras_mia.training.runs.repeat import repeated


class Run:
    """The folder of one run: what it was made of, and what came of it.

    Args:
        folder: where it lies.
        resumed: whether it goes on with an earlier run.
        cache: where prepared cases are kept; None: in the run, until its end.
        writes: whether this process writes into the folder: of several workers only the chief.

    Attributes:
        folder, resumed, writes: as they were given.
        cache: where prepared cases lie.
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
        self._keeps_cache = cache is not None
        alone = not writes and cache is None
        self.cache = Path(temporary_folder() if alone else cache or self.folder / "cache")
        written = (self.folder / FILE).exists()
        self._facts = read_run_facts(self.folder) if written else {}
        self._lock: Lock | None = None
        self._list: FileList | None = None
        self._accepted = True
        self._staged: Path | None = None
        self._parent: Run | None = None

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
        parent: "Run | None" = None,
    ) -> "Run":
        """Claims a folder for a new run, or for the earlier one to go on with.

        Nothing in the folder changes until `accept` is called.

        Args:
            folder: made where it does not exist.
            task: the name of a module in `tasks`.
            seed: of the run.
            overwrite: whether an earlier run in the folder is to be replaced.
            resume: whether an earlier run in the folder goes on; one that has no plan yet begins
                again.
            cache: where prepared cases are kept; None: in the run, until its end.
            parent: of a fold, the run of all folds, in whose folder this one lies. It is accepted
                with its first fold.

        Raises:
            Problem: the folder holds other files, or a run that is neither to be replaced nor to be
                resumed; or there is nothing to resume; or another process holds it.
        """
        folder = Path(folder)
        if resume and not is_run(folder):
            raise Problem(
                "There is no run to resume.", folder, "Leave --resume out, or name its folder."
            )
        goes_on = resume and not is_begun_only(folder)

        def check() -> None:
            if goes_on:
                check_no_foreign_files(folder)
            elif parent is None:
                check_folder(folder, overwrite=overwrite)

        check()
        remove_left_behind(folder)
        lock = None if parent else Lock(folder)
        if lock and lock.stale:
            print(f"  The folder was held by a process that did not end well: {lock.stale}.")
        check()  # until it was held, it could change
        run = cls(folder, resumed=goes_on, cache=cache)
        run._lock, run._parent = lock, parent
        if not goes_on:
            run._accepted = False
            run._facts = {
                "package": PACKAGE,
                "format": FORMAT,
                "task": task,
                "command": command_line(),
                "started": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "seed": seed,
                "versions": versions(),
                "machine": machine(),
                "seconds": {},
            }
        return run

    @property
    def replaces(self) -> bool:
        """Whether an earlier run that has something to lose goes once this one is accepted."""
        folders = [run.folder for run in self._unaccepted()]
        return self.writes and any(is_run(one) and not is_begun_only(one) for one in folders)

    def _unaccepted(self) -> list["Run"]:
        """The run of all folds and this one, of them those that do not write yet."""
        return [run for run in (self._parent, self) if run and not run._accepted]

    def staging(self) -> Path:
        """A folder for prepared cases, of this process, until `accept` moves them to `cache`."""
        if not self._keeps_cache:
            self._staged = self._staged or temporary_folder(self._unaccepted()[0].folder)
        return self._staged or self.cache

    def accept(self, cases: Cases | None = None, plan: Plan | None = None) -> None:
        """Begins to write, once nothing is left that could refuse the run: an earlier one that is
        replaced goes only now.

        Args:
            cases: with their splits, written as cases.csv; None: of a run above its folds.
            plan: written as plan.json; None: the same.
        """
        if not self.writes:
            return
        kept = self.cache if self._keeps_cache else None
        if kept:
            make_folder(kept)
        if self.resumed:
            self._list = FileList(self.folder, kept)
            for path in (self.folder, *(one for one in self.folder.iterdir() if one.is_dir())):
                remove_unfinished(path)
            return
        if self._parent and not self._parent._accepted:
            self._parent.accept()
        if is_run(self.folder):
            remove_earlier(self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._list = FileList(self.folder, kept)
        if self._staged:
            move_staged(self._staged, self.cache, self._list)
        self._accepted = True
        self.record()
        write_text(self.folder / "args.txt", command_line() + "\n")
        if cases is not None:
            self.save_cases(cases)
        if plan is not None:
            plan.write(self.folder / "plan.json")

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
        if self._accepted:
            write_json(self.folder / FILE, self._facts)

    def warn(self, text: str) -> None:
        """Says what may be wrong with the run; it stands in run.json and in the report, once.

        Args:
            text: a sentence for the user.
        """
        write_line(f"  Warning: {text}")
        self.record(warnings=[*dict.fromkeys([*(self.facts.get("warnings") or []), text])])

    @contextlib.contextmanager
    def timed(self, step: str) -> Iterator[None]:
        """Writes how many seconds its block took; those of a resumed run are added up."""
        begun = time.perf_counter()
        yield
        seconds = dict(self._facts.get("seconds", {}))
        seconds[step] = round(seconds.get(step, 0) + time.perf_counter() - begun, 1)
        self.record(seconds=seconds)

    def finish(self) -> None:
        """Removes what only training needed, prepared cases that are not to be kept, and lets
        others have the folder."""
        if self.writes and not self._keeps_cache:
            remove_listed(self.folder, "cache")
        elif not self.writes:
            remove_temporary()
        if self._list:
            self._list.close()
        if self._lock:
            self._lock.release()

    def kept_cases(self) -> Cases:
        """The cases of the run that goes on, with the split that they had when it began.

        What was decided then holds for all of it: to split or to plan anew could train on cases
        that are to be evaluated.

        Raises:
            Problem: a file of the run is broken, or an image or a target is no longer what it was.
        """
        cases = read_case_list(self.folder / "cases.csv")
        self.check_unchanged(cases)
        return cases

    def check_unchanged(self, cases: Cases | None = None) -> None:
        """Sees to it that the data are what they were when the run began.

        Args:
            cases: as they are now; None: those that the run keeps.

        Raises:
            Problem: an image or a target is no longer what it was, or is gone; or others came.
        """
        where = self.folder / "cases.csv"
        if cases is None:
            cases = read_case_list(where)
        if data_fingerprint(cases) != self._facts.get("fingerprint"):
            raise Problem(
                "The images, or what is to be learnt of them, have changed since the run began.",
                where if where.exists() else self.folder / FILE,
                "Put the files back as they were, or begin a new run in another --output.",
            )

    def save_cases(self, cases: Cases) -> None:
        """Writes cases.csv, and what was understood."""
        write_cases(self.folder / "cases.csv", cases)
        self.record(
            data=cases.source,
            fold=cases.fold,
            notes=list(cases.notes),
            warnings=list(cases.warnings),
            fingerprint=data_fingerprint(cases),
        )

    def save_model(self, model: keras.Model) -> None:
        """Writes best.keras, as `save_network` does.

        Args:
            model: functional or sequential, or of a class that is registered with Keras.
        """
        if self.writes:
            save_network(model, self.folder / BEST)

    def best_model(self, plan: Plan | None = None) -> keras.Model:
        """The model with the best validation score.

        Args:
            plan: that it is to be applied with.

        Raises:
            Problem: it is missing or broken, or belongs to another plan.
        """
        path = self.folder / BEST
        model = load_network(path)
        if plan is not None:
            remedy = "Name a run whose best.keras and plan.json were written together."
            check_shapes(model, plan, path, remedy)
        return model

    def list_logs(self) -> None:
        """The logs that TensorBoard's callback writes are files of the run."""
        if self._list:
            self._list.add(LOGS)

    def save_history(self, rows: Sequence[Mapping]) -> None:
        """Writes history.csv, a row an epoch."""
        if self.writes:
            write_csv(self.folder / "history.csv", rows)

    def save_scores(self, rows: Iterable[Mapping], metrics: Mapping) -> None:
        """Writes scores.csv, a row a case and class, and metrics.json."""
        write_csv(self.folder / "scores.csv", rows)
        write_json(self.folder / "metrics.json", metrics)
