"""From MR to CT in Hounsfield units, on made patients: regression, pix2pix and CycleGAN.

`python benchmarks/mr_to_ct.py` writes pairs of benchmarks/made_phantom.py and trains on them
`keras-mia translate`, `--adversarial` and `--unpaired MR CT` (training is not told which MR
belongs to which CT). All are scored on the same test patients, inside the body, in Hounsfield
units. No real pair of MR and CT is at hand: these figures say that the way is right, nothing of
real patients.
"""

import json
import subprocess
import sys
from pathlib import Path

from experiments import ROOT, Setting, main
from made_phantom import write_patients

STEPS = 600
PATIENTS = 12
WAYS = {
    "regression": ("--series", "MR", "CT"),
    "pix2pix": ("--series", "MR", "CT", "--adversarial"),
    "cyclegan": ("--unpaired", "MR", "CT"),
}
SMALL = ("--rank", "2", "--patch", "64", "64", "--filters", "16", "--target-values", "hu")
SCORES = ("mae", "rmse", "psnr", "ssim", "kernel_distance")


def run(data: Path, folder: Path, way: str, steps: int, seed: int) -> dict:
    """The scores of a way, and of what one gets without a network."""
    command = [
        *(sys.executable, "-m", "keras_mia.cli.main", "translate", "--data", str(data)),
        *("--output", str(folder / way), "--steps", str(steps), "--seed", str(seed)),
        *("--overwrite", *SMALL, *WAYS[way]),
    ]
    subprocess.run(command, check=True, cwd=ROOT)
    metrics = json.loads((folder / way / "metrics.json").read_text())
    facts = json.loads((folder / way / "run.json").read_text())
    return {
        "unit": metrics.get("unit", ""),
        "mean": {name: metrics["mean"][name] for name in SCORES if name in metrics["mean"]},
        "baselines": {
            name: {score: one[score] for score in SCORES if score in one}
            for name, one in metrics.get("baselines", {}).items()
        },
        "minutes": round(sum(facts["seconds"].values()) / 60, 1),
        "cases": metrics["cases"],
    }


def work(setting: Setting) -> dict:
    """The figures of a seed."""
    folder = setting.folder
    write_patients(folder / "data", PATIENTS, setting.seed)
    return {
        "ways": {
            way: run(folder / "data", folder, way, setting.steps, setting.seed) for way in WAYS
        }
    }


if __name__ == "__main__":
    main(__doc__, __file__, work, STEPS)
