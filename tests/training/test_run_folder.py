"""What `--overwrite` removes, and what it never does; bystanders are counted after each attack."""

import json

import pytest

from keras_mia.core.files import write_csv, write_json, write_text
from keras_mia.core.lock import FILE as LOCK
from keras_mia.core.problem import Problem
from keras_mia.training.run import Run
from keras_mia.training.run_folder import LIST, is_run, remove_run


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def written(folder, **options) -> Run:
    """A run that wrote a few files."""
    run = Run.start(folder, "segmentation", **options)
    run.accept()
    write_json(folder / "plan.json", {})
    write_csv(folder / "predictions" / "table.csv", [{"a": 1}])
    write_text(folder / "cache" / "a.npy", "x")
    (folder / "tensorboard" / "train").mkdir(parents=True)
    (folder / "tensorboard" / "train" / "events.out.tfevents.1.x").write_text("x")
    run.list_logs()
    return run


def test_a_run_lists_what_it_writes_and_removes_no_more(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    own = {"run.json", "args.txt", "plan.json", "predictions/table.csv"}
    own |= {"tensorboard/train/events.out.tfevents.1.x", LIST}
    assert files_of(folder) == own
    bystanders = {"thesis.txt", "predictions/mine.png", "cache/b.npy", "tensorboard/notes.txt"}
    for name in bystanders:
        write_text(folder / name, "mine")
    assert {str(path.relative_to(folder)) for path in remove_run(folder)} == bystanders
    assert files_of(folder) == bystanders
    assert {path.name for path in folder.iterdir()} == {
        *("thesis.txt", "predictions", "cache", "tensorboard")
    }


def test_an_earlier_run_goes_only_when_the_new_one_is_accepted(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    before = files_of(folder)
    with pytest.raises(Problem, match="already holds a run"):
        Run.start(folder, "segmentation")
    run = Run.start(folder, "segmentation", overwrite=True)
    run.record(fold="1/5")
    assert files_of(folder) == before | {LOCK}
    run.accept()
    assert files_of(folder) == {"run.json", "args.txt", LIST, LOCK}
    run.finish()
    assert files_of(folder) == {"run.json", "args.txt", LIST}


@pytest.mark.parametrize(
    "content", [b'{"tool": "mlflow"}', b"{}", b"[1]", b"{", b"\xff", b'{"package": "keras_mia"}']
)
def test_another_programs_run_json_makes_no_run(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    (tmp_path / "thesis.txt").write_text("mine")
    assert not is_run(tmp_path)
    for options in ({"overwrite": True}, {"resume": True}, {}):
        with pytest.raises(Problem):
            Run.start(tmp_path, "segmentation", **options)
    assert files_of(tmp_path) == {"run.json", "thesis.txt"}


def test_a_list_of_files_cannot_lead_out_of_its_folder(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    outside = tmp_path / "thesis.txt"
    outside.write_text("mine")
    (folder / "linked").symlink_to(tmp_path)
    with (folder / LIST).open("a") as file:
        for name in ("../thesis.txt", str(outside), "linked/thesis.txt", "a/../../thesis.txt", ""):
            file.write(json.dumps(name) + "\n")
        file.write("[1]\nnot JSON\n\n")
    remove_run(folder)
    assert outside.read_text() == "mine"


def test_a_linked_file_in_a_run_goes_as_a_link(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    real = tmp_path / "plan.json"
    (folder / "plan.json").rename(real)
    (folder / "plan.json").symlink_to(real)
    remove_run(folder)
    assert real.exists()
    assert not (folder / "plan.json").is_symlink()


def test_folds_go_with_their_run(tmp_path):
    parent = written(tmp_path / "run")
    fold = Run.start(tmp_path / "run" / "fold_1", "segmentation", within=True)
    fold.accept()
    write_text(tmp_path / "run" / "fold_1" / "scores.csv", "x")
    fold.finish()
    parent.finish()
    write_text(tmp_path / "run" / "fold_1" / "mine.txt", "x")
    write_text(tmp_path / "run" / "fold_x" / "mine.txt", "x")
    remove_run(tmp_path / "run")
    assert files_of(tmp_path / "run") == {"fold_1/mine.txt", "fold_x/mine.txt"}


def test_a_run_without_a_plan_yet_is_begun_anew(tmp_path):
    run = Run.start(tmp_path / "run", "segmentation")
    run.accept()
    run.finish()
    for options in ({}, {"resume": True}):
        again = Run.start(tmp_path / "run", "segmentation", **options)
        assert not again.resumed
        again.accept()
        again.finish()


def test_a_cache_that_was_asked_for_is_kept_wherever_it_lies(tmp_path):
    folder = tmp_path / "run"
    run = Run.start(folder, "segmentation", cache=folder / "cache")
    run.accept()
    write_text(run.cache / "a.npy", "x")
    run.finish()
    assert "cache/a.npy" in files_of(folder)


def test_an_output_that_is_a_file_or_a_link_to_nothing_is_a_problem(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("file", "link", "file/run"):
        with pytest.raises(Problem):
            Run.start(tmp_path / name, "segmentation")
    assert files_of(tmp_path) == {"file", "link"}
