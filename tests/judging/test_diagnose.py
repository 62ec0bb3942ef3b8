"""How one array differs from another, said in words."""

from __future__ import annotations

import numpy as np
import pytest
from tiny import normals

from grader.judging.diagnose import difference

X = normals((2, 3, 5, 4))


def spoilt(where: object) -> np.ndarray:
    array = X.copy()
    array[where] += 0.5  # type: ignore[index]
    return array


BORDER = X.copy()
BORDER[:, :, 0], BORDER[:, :, -1], BORDER[..., 0], BORDER[..., -1] = 9, 9, 9, 9
BIASED = X + np.array([1.0, -2.0, 3.0])[:, None, None]


@pytest.mark.parametrize(
    ("got", "code"),
    [
        (X * np.nan, "not finite"),
        (X * 0, "zero"),
        (-X, "sign"),
        (X * 0.5, "multiple"),
        (X * 2, "multiple"),
        (X[..., ::-1], "flipped"),
        (X[:, :, ::-1, ::-1], "flipped"),
        (X.transpose(0, 1, 3, 2).reshape(X.shape), "reshaped"),
        (np.roll(X, 1, 2), "shifted"),
        (np.roll(X, -1, 3), "shifted"),
        (np.random.default_rng(3).permutation(X.ravel()).reshape(X.shape), "order"),
        (BIASED, "offset"),
        (BORDER, "border"),
        (spoilt(np.s_[1]), "some items"),
        (spoilt(np.s_[:, 2, :2]), "some channels"),
        (spoilt((slice(None), slice(None), 2, 1)), "some entries"),
        (X**3, "values"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_difference_has_the_simplest_name_that_is_true(got: np.ndarray, code: str) -> None:
    with np.errstate(invalid="ignore"):
        found = difference(got, X)
    assert found.code == code
    assert found.clause


def test_transposed_needs_a_square() -> None:
    square = normals((3, 3))
    assert difference(square.T.copy(), square).code == "transposed"


def test_a_mean_over_the_batch_is_called_that() -> None:
    assert "1/2 is the batch size" in difference(X / 2, X, batch=2).hint
    assert "exactly 0.5 times" in difference(X / 2, X, batch=2).clause
    assert "batch" not in difference(X / 3, X, batch=2).hint


def test_the_first_wrong_entry_is_named() -> None:
    assert "the first at index [0, 0, 2, 1]" in difference(spoilt((slice(None), slice(None), 2, 1)), X).clause
    assert "item 1" in difference(spoilt(np.s_[1]), X).clause


def test_an_array_that_is_no_batch_has_no_items_and_its_last_axis_may_be_colours() -> None:
    image = normals((5, 4, 3))
    wrong = image.copy()
    wrong[2] += 1
    assert "batch" in difference(wrong, image).clause and "batch" not in difference(wrong, image, batch=0).clause
    assert "moved on by one along axis 2" in difference(image[..., [2, 0, 1]], image, batch=0).clause


@pytest.mark.parametrize("shape", [(), (1,), (2,), (3, 1), (1, 1, 1, 1)])
@pytest.mark.parametrize("factor", [0.0, np.nan, np.inf, 1e308, -1.0, 3.0])
def test_small_arrays_and_odd_numbers_have_some_name_too(shape: tuple[int, ...], factor: float) -> None:
    expected = np.asarray(normals(shape)) if shape else np.array(0.7)
    with np.errstate(all="ignore"):
        for right in (expected, np.zeros(shape)):
            assert difference(np.asarray(expected * factor + (factor == 3.0)), right).clause


def test_what_is_shifted_lies_along_an_axis_of_the_image() -> None:
    batches = normals((5, 2))
    assert difference(np.roll(batches, 1, 0) * 1.0, batches).code == "order"
    rolled = normals((6, 2, 1, 3))
    wrong = np.roll(rolled, 1, 0)
    wrong[0], wrong[-1] = 7, 8
    assert difference(wrong, rolled).code == "values"


def test_an_offset_needs_more_than_two_numbers_in_a_channel_and_more_than_one_channel_or_item() -> None:
    def code(*shape: int) -> str:
        return difference(normals(shape) + 0.25, normals(shape)).code

    assert code(2, 2) == code(1, 3, 1, 2) == code(1, 1, 3, 3) == "values"
    assert code(3, 2) == code(1, 2, 1, 3) == code(2, 1, 2, 2) == "offset"
