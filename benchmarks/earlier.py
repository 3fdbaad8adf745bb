"""The rows of `make bench` against an earlier version of this package, in turns (A B A B ...).

    git worktree add ../earlier COMMIT
    .venv/bin/python benchmarks/earlier.py ../earlier

Each version lives in a process of its own, with its own benchmarks, and the fastest call counts. A
ratio below 1 means that this version is faster. Peers are not needed, and nothing is kept.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
READY, TOOK = "ready", "took "
PARTS = ("unet", "classic", "augment", "window", "surface", "prepare")


def rows_of(checkout: Path) -> dict:
    """The rows of a checkout by name; its modules are imported from then on."""
    sys.path[:0] = [str(checkout / "benchmarks"), str(checkout)]
    modules = [__import__(f"bench_{part}") for part in PARTS]
    return {row.name: row for module in modules for row in module.rows(False)}


def serve(checkout: Path, name: str) -> None:
    """Makes a row's side ready, and times a turn for each line that comes in."""
    row = rows_of(checkout)[name]
    from turns import _turn

    with tempfile.TemporaryDirectory() as folder:
        choice = row.ours(Path(folder))
        print(READY, flush=True)
        for _ in sys.stdin:
            print(f"{TOOK}{_turn(choice.work) / row.images}", flush=True)


class Version:
    """A checkout that takes turns."""

    def __init__(self, checkout: Path, name: str):
        command = [sys.executable, __file__, str(checkout), "--serve", name]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=checkout)
        self.line(READY)

    def line(self, start: str) -> str:
        """The rest of the next line that begins so; libraries write others."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.startswith(start):
                return line.removeprefix(start)
        raise SystemExit("A version failed, as said above.")

    def turn(self) -> float:
        """Milliseconds of the fastest call of one turn."""
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.line(TOOK))

    def end(self) -> None:
        self.process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("earlier", type=Path, help="folder of the other checkout")
    parser.add_argument("--only", nargs="+", default=[""], metavar="NAME", help="parts of names")
    parser.add_argument("--turns", type=int, default=7, help="of each version (default: 7)")
    parser.add_argument("--serve", metavar="NAME", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve(args.earlier.resolve(), args.serve)
        return
    print("| what | this version, ms | the earlier one, ms | ratio |\n|---|---|---|---|")
    for name in rows_of(HERE.parent):
        if not any(part.lower() in name.lower() for part in args.only):
            continue
        sides = [Version(checkout.resolve(), name) for checkout in (HERE.parent, args.earlier)]
        best = [float("inf")] * 2
        for _ in range(args.turns):
            for number, side in enumerate(sides):
                best[number] = min(best[number], side.turn())
        for side in sides:
            side.end()
        print(f"| {name} | {best[0]:.2f} | {best[1]:.2f} | {best[0] / best[1]:.3f} |", flush=True)


if __name__ == "__main__":
    main()
