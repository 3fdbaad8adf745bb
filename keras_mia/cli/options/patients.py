"""Whose the cases are that `evaluate` judges."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from keras_mia.core.problem import Problem
from keras_mia.data.datasets.case_list import read_case_list


class Patients(NamedTuple):
    """How patients are found.

    Args:
        pattern: a regular expression on a path; None: as in training.
        column: of a table; None: `patient` or alike.
    """

    pattern: str | None = None
    column: str | None = None


AS_IN_TRAINING = Patients()


def patients_of(args: argparse.Namespace) -> Patients:
    """What the options say of patients.

    Raises:
        Problem: there is no truth in whose files or columns patients could be found.
    """
    if args.truth is None:
        for option, given in (
            ("--patient", args.patient),
            ("--patient-column", args.patient_column),
        ):
            if given:
                raise Problem(
                    "The run says who the patients of its test cases are.",
                    option,
                    "Leave it out, or name the truth by --truth.",
                )
    elif args.patient_column and args.truth.is_dir():
        raise Problem(
            "Only a table has columns, and the truth is a folder.",
            f"--patient-column {args.patient_column}",
            "Find the patients in the names of the files by --patient, or give a CSV file as"
            " --truth.",
        )
    return Patients(args.patient, args.patient_column)


def known_patients(folders: Sequence[Path]) -> dict[str, str]:
    """The patient of each case of some runs, by the case's name."""
    lists = [folder / "cases.csv" for folder in folders]
    return {
        case.name: case.patient
        for path in lists
        if path.exists()
        for case in read_case_list(path).cases
    }
