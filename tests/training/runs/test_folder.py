"""What `--overwrite` removes, and what it never does; bystanders are counted after each attack."""

import json
import os
import shutil
from pathlib import Path

import pytest

from keras_mia.cli.runs import run_folders
from keras_mia.core.files.lock import FILE as LOCK
from keras_mia.core.files.lock import release_all
from keras_mia.core.files.text_files import write_csv, write_json, write_text
from keras_mia.core.problem import Problem
from keras_mia.training.runs.folder import (
    LIST,
    FileList,
    check_folder,
    check_outside_runs,
    is_run,
    move_staged,
    remove_listed,
    remove_run,
)
from keras_mia.training.runs.run import Run


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir()}


def written(folder, **options) -> Run:
    """A run that wrote a few files."""
    run = Run.start(folder, "segmentation", **options)
    run.accept()
    write_json(folder / "plan.json", {})
    write_csv(folder / "predictions" / "table.csv", [{"a": 1}])
    write_text(folder / "samples" / "epoch_1.png", "x")
    write_text(folder / "cache" / "a.npy", "x")
    (folder / "tensorboard" / "train").mkdir(parents=True)
    (folder / "tensorboard" / "train" / "events.out.tfevents.1.x").write_text("x")
    run.list_logs()
    return run


def test_a_run_lists_what_it_writes_and_removes_no_more(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    expected = {"run.json", "args.txt", "plan.json", "predictions/table.csv"}
    expected |= {"samples/epoch_1.png"}
    expected |= {"tensorboard/train/events.out.tfevents.1.x", LIST}
    assert files_of(folder) == expected
    bystanders = {
        "thesis.txt",
        "predictions/mine.png",
        "samples/epoch_2.png",
        "cache/b.npy",
        "tensorboard/notes.txt",
    }
    for name in bystanders:
        write_text(folder / name, "mine")
    assert {str(path.relative_to(folder)) for path in remove_run(folder)} == bystanders
    assert files_of(folder) == bystanders
    assert {path.name for path in folder.iterdir()} == {
        *("thesis.txt", "predictions", "samples", "cache", "tensorboard")
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
    fold = Run.start(tmp_path / "run" / "fold_1", "segmentation", parent=parent)
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


def test_a_users_list_of_files_alone_is_no_run_that_ended(tmp_path):
    for content in ("a.dcm\nb.dcm\n", '"a.dcm"\n"b.dcm"\n', "\n"):
        (tmp_path / LIST).write_text(content)
        for options in ({}, {"overwrite": True}):
            with pytest.raises(Problem, match="holds other files"):
                Run.start(tmp_path, "segmentation", **options)
        assert (tmp_path / LIST).read_text() == content
    for content in ("", '"run.j', '"run.json"\n', '"args.txt"\n"run.json"\n'):
        (tmp_path / LIST).write_text(content)
        check_folder(tmp_path, overwrite=False)


@pytest.mark.parametrize(
    "name",
    [
        *("scores.csv", "gradients.csv", "report.html", "predictions"),
        *("samples", "evaluator.keras", "objectives.csv"),
    ],
)
@pytest.mark.parametrize("options", [{"overwrite": True}, {"resume": True}])
def test_a_users_file_that_is_named_like_the_runs_is_not_replaced(tmp_path, name, options):
    folder = tmp_path / "run"
    run = Run.start(folder, "segmentation")
    run.accept()
    write_json(folder / "plan.json", {})
    run.finish()
    if name in ("predictions", "samples"):
        (tmp_path / "elsewhere").mkdir()
        (folder / name).symlink_to(tmp_path / "elsewhere")
    else:
        (folder / name).write_text("mine")
    before = files_of(folder)
    with pytest.raises(Problem, match=f"{name} was not written by the run"):
        Run.start(folder, "segmentation", **options)
    assert files_of(folder) == before


def test_a_file_that_came_while_the_run_worked_is_not_replaced(tmp_path):
    run = Run.start(tmp_path / "run", "segmentation")
    run.accept()
    write_text(tmp_path / "run" / "history.csv", "1")
    write_text(tmp_path / "run" / "history.csv", "2")
    (tmp_path / "run" / "scores.csv").write_text("mine")
    with pytest.raises(Problem, match="the run did not write"):
        write_text(tmp_path / "run" / "scores.csv", "x")
    run.finish()
    assert (tmp_path / "run" / "scores.csv").read_text() == "mine"


def test_pictures_of_samples_are_written_again_by_a_run_that_goes_on_and_others_stay(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    (folder / "samples" / "epoch_2.png").write_text("mine")
    run = Run.start(folder, "segmentation", resume=True)
    run.accept()
    write_text(folder / "samples" / "epoch_1.png", "again")
    with pytest.raises(Problem, match="the run did not write"):
        write_text(folder / "samples" / "epoch_2.png", "x")
    write_text(folder / "samples" / "epoch_3.png", "x")
    run.finish()
    again = Run.start(folder, "segmentation", overwrite=True)
    again.accept()
    again.finish()
    samples = [path.name for path in (folder / "samples").iterdir()]
    assert samples == ["epoch_2.png"]
    assert (folder / "samples" / "epoch_2.png").read_text() == "mine"


def test_a_list_removes_only_what_runs_write(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    (folder / "thesis.txt").write_text("mine")
    (folder / "data").mkdir()
    (folder / "data" / "a.png").write_text("mine")
    with (folder / LIST).open("a") as file:
        for name in ("thesis.txt", "data/a.png", "predictions", "./thesis.txt", "x\n/y", "a" * 300):
            file.write(json.dumps(name) + "\n")
        file.write(
            '"predictions/\\u0000"\n"predictions/\\ud800/x"\n1\nnull\n{}\n' + 9999 * "[" + "\n"
        )
    assert {path.name for path in remove_run(folder)} == {"thesis.txt", "a.png"}
    assert files_of(folder) == {"thesis.txt", "data/a.png"}


def test_a_deeply_nested_run_json_is_no_run(tmp_path):
    (tmp_path / "run.json").write_text(99999 * "[")
    assert not is_run(tmp_path)


def test_a_list_that_is_a_link_makes_no_run(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    (folder / LIST).rename(tmp_path / "bystander")
    (folder / LIST).symlink_to(tmp_path / "bystander")
    assert not is_run(folder)


def test_a_copy_of_a_fold_is_no_fold(tmp_path):
    folder = tmp_path / "run"
    parent = Run.start(folder, "segmentation")
    parent.record(options={"folds": 2})
    parent.accept()
    for number in (1, 2):
        fold = Run.start(folder / f"fold_{number}", "segmentation", parent=parent)
        fold.accept()
        fold.finish()
    parent.finish()
    for name in ("fold_1_copy", "fold_3", "fold_01", "fold_0"):
        shutil.copytree(folder / "fold_1", folder / name)
    assert [path.name for path in run_folders([folder])] == ["fold_1", "fold_2"]
    remove_run(folder)
    assert {path.name for path in folder.iterdir()} == {
        *("fold_1_copy", "fold_3", "fold_01", "fold_0")
    }


def test_a_copy_by_hard_links_does_not_change_with_the_run(tmp_path):
    folder, copy = tmp_path / "run", tmp_path / "copy"
    run = written(folder)
    run.finish()
    shutil.copytree(folder, copy, copy_function=os.link)
    before = {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()}
    for options in ({"resume": True}, {"overwrite": True}):
        again = Run.start(folder, "segmentation", **options)
        again.accept()
        write_text(folder / "report.html", "x")
        again.finish()
    assert {path: path.read_bytes() for path in copy.rglob("*") if path.is_file()} == before


def test_a_cache_that_was_asked_for_outlives_another_run_there(tmp_path):
    folder = tmp_path / "run"
    run = Run.start(folder, "segmentation", cache=folder / "cache")
    run.accept()
    write_json(folder / "plan.json", {})
    write_text(run.cache / "a.npy", "x")
    run.finish()
    for cache in (folder / "cache", None):
        again = Run.start(folder, "segmentation", overwrite=True, cache=cache)
        again.accept()
        write_text(again.cache / "b.npy", "x")
        again.finish()
        assert (folder / "cache" / "a.npy").exists()


def test_outputs_lie_outside_of_other_runs(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    (tmp_path / "link").symlink_to(folder)
    check_outside_runs(folder)
    check_outside_runs(folder / "told", allow_subfolder=True)
    check_outside_runs(tmp_path / "other", allow_subfolder=True)
    for output in (folder / "told", folder / "fold_1", tmp_path / "link" / "new" / "one"):
        with pytest.raises(Problem, match="mixed with those of the run"):
            check_outside_runs(output)
    for output in (folder, tmp_path / "link", folder / "predictions", folder / "fold_2" / "x"):
        with pytest.raises(Problem, match="mixed with those of the run"):
            check_outside_runs(output, allow_subfolder=True)


def test_a_cache_that_cannot_be_made_costs_no_run(tmp_path):
    folder = tmp_path / "run"
    written(folder).finish()
    before = files_of(folder)
    (tmp_path / "file").write_text("x")
    for cache in (tmp_path / "file" / "cache", Path("/proc/keras-mia")):
        run = Run.start(folder, "segmentation", overwrite=True, cache=cache)
        with pytest.raises(Problem, match="Cannot write here"):
            run.accept()
        run.finish()
        assert files_of(folder) == before


def test_a_run_that_was_left_open_in_this_process_goes_on(tmp_path):
    folder = tmp_path / "run"
    written(folder)
    release_all()
    again = Run.start(folder, "segmentation", resume=True)
    again.accept()
    write_text(folder / "scores.csv", "x")
    again.finish()
    assert "scores.csv" in (folder / LIST).read_text()


def test_what_was_prepared_in_folders_is_listed_when_it_is_moved(tmp_path):
    staged, cache = tmp_path / "staged", tmp_path / "run" / "cache"
    (staged / "evaluator").mkdir(parents=True)
    (staged / "evaluator" / "one.keras").touch()
    (staged / "images.npy").touch()
    cache.parent.mkdir()
    files = FileList(tmp_path / "run")
    move_staged(staged, cache, files)
    files.close()
    listed = (tmp_path / "run" / LIST).read_text().splitlines()
    assert listed == ['"cache/evaluator/one.keras"', '"cache/images.npy"']
    remove_listed(tmp_path / "run", "cache")
    assert not cache.exists()
