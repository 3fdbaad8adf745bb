"""`keras-mia plan` as a user calls it."""


def test_the_plan_is_printed_with_its_reasons_and_nothing_is_written(app, pictures):
    before = sorted(pictures.rglob("*"))
    done = app("plan", "--data", pictures, "--labels", "0=ground,255=cell")
    assert done.code == 0, done.err
    assert "6 cases in" in done.out
    assert "ground = 0, cell = 255" in done.out
    for words in ("patch", "normalization", "the images are pictures", "Split: fold 1 of 5 tests"):
        assert words in done.out
    assert sorted(pictures.rglob("*")) == before


def test_what_the_user_sets_is_said_to_be_so(app, pictures):
    done = app("plan", "--data", pictures, "--patch", 32, "--filters", 6, "--fold", "2/3")
    assert done.code == 0, done.err
    assert "fold 2 of 3" in done.out
    rows = {line.split()[0]: line for line in done.out.splitlines() if line.strip()}
    for name, value in (("patch", "32 x 32"), ("filters", "6")):
        assert value in rows[name]
        assert "set by the user" in rows[name]


def test_a_problem_has_three_lines_and_no_traceback(app, pictures, tmp_path):
    for words in (
        ["--data", tmp_path / "nowhere"],
        ["--data", pictures, "--patch", 30, "--depth", 3],
        ["--data", pictures, "--classes", "7"],
        ["--data", pictures, "--fold", "9/9"],
    ):
        done = app("plan", *words)
        assert done.code == 2, words
        assert "Traceback" not in done.err
        assert "  remedy: " in done.err
