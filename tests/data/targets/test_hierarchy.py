"""Fine classes below coarse ones: what the file has to say, and sums of probabilities."""

import numpy as np
import pytest

from keras_mia.core.problem import Problem
from keras_mia.data import ClassTree, sum_up
from keras_mia.metrics import classification_scores

FINE = ("nevus", "wart", "melanoma", "carcinoma")
ROWS = ("melanoma,malignant", "nevus,benign", "carcinoma,malignant", "wart,benign")


def written(folder, *rows, head="fine,coarse"):
    path = folder / "tree.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_the_order_of_the_lines_does_not_matter_to_the_fine_classes(tmp_path):
    tree = ClassTree.read(written(tmp_path, *ROWS), FINE)
    assert tree.fine == FINE
    assert tree.coarse == ("benign", "malignant")
    assert [tree.coarse[parent] for parent in tree.parents] == [
        *("benign", "benign", "malignant", "malignant")
    ]
    spaced = written(tmp_path, "x, melanoma , malignant", *("y," + row for row in ROWS[1:]),
                     head="note,fine,coarse")  # fmt: skip
    assert ClassTree.read(spaced, FINE) == tree


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ((*ROWS, "mole,benign"), "Line 6 has the class 'mole', which is none of nevus, wart"),
        ((*ROWS, "wart,malignant"), "Line 6 has the class 'wart', as line 5 does"),
        (ROWS[:2], "After line 3 the class tree ends without wart, carcinoma"),
        ((ROWS[0], "nevus,"), "Line 3 of the class tree is not full"),
        ((ROWS[0], "nevus"), "line 3 has not as many cells"),
        ((), "lacks rows"),
        (tuple(row.replace("benign", "malignant") for row in ROWS), "All fine classes are malig"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(tmp_path, rows, message):
    with pytest.raises(Problem, match=message) as error:
        ClassTree.read(written(tmp_path, *rows), FINE)
    assert "tree.csv" in str(error.value)


def test_a_file_of_something_else_is_told(tmp_path):
    with pytest.raises(Problem, match="column"):
        ClassTree.read(written(tmp_path, "a,b", head="image,label"), FINE)
    with pytest.raises(Problem, match="cannot be read"):
        ClassTree.read(tmp_path / "nowhere.csv", FINE)


def test_coarse_classes_may_be_put_in_another_order(tmp_path):
    tree = ClassTree.read(written(tmp_path, *ROWS), FINE)
    reordered = tree.in_order(("malignant", "benign"))
    one_hot = np.eye(4)
    np.testing.assert_array_equal(sum_up(one_hot, reordered), sum_up(one_hot, tree)[:, ::-1])


def test_probabilities_are_added_up(tmp_path):
    tree = ClassTree.read(written(tmp_path, *ROWS), FINE)
    generator = np.random.default_rng(0)
    probabilities = generator.dirichlet(np.ones(4), (5, 6)).astype(np.float32)
    found = sum_up(probabilities, tree)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found[..., 1], probabilities[..., 2] + probabilities[..., 3])
    np.testing.assert_allclose(found.sum(axis=-1), 1, rtol=1e-6)
    with pytest.raises(ValueError, match="4 fine classes"):
        sum_up(probabilities[..., :3], tree)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_sums_of_many_classes_are_probabilities_and_can_be_judged(dtype):
    logits = 10 * np.random.default_rng(0).normal(size=(5000, 20))
    powers = np.exp(logits - logits.max(-1, keepdims=True)).astype(dtype)
    fine = powers / powers.sum(-1, keepdims=True)
    tree = ClassTree(tuple(map(str, range(20))), ("a", "b"), (0,) * 19 + (1,))
    belongs = np.eye(2, dtype=dtype)[list(tree.parents)]
    assert (fine @ belongs).max() > 1, "a sum of roundings"
    found = sum_up(fine, tree)
    assert found.max() == 1
    assert found.dtype == dtype
    truth = np.arange(5000) % 2
    assert 0.4 < classification_scores(truth, found).mean["auc"] < 0.6
