"""The checks of a layer together, on real workers: mistakes cost their own check, and correct styles cost nothing."""

# ruff: noqa: E501 - each edit of the reference is one line

from __future__ import annotations

import pytest
from tiny import REFERENCE, Tiny, check_of, first_code, lost, mutated

FORWARD = "return self.input_tensor * self.weights[:, None, None] + self.bias[:, None, None]"
BACK = "input_gradient = error_tensor * self.weights[:, None, None]"
W_BACK = "self.gradient_weights = (error_tensor * self.input_tensor).sum(axis=(0, 2, 3))"
B_BACK = "self.gradient_bias = error_tensor.sum(axis=(0, 2, 3))"
TAKE = "self.input_tensor = np.array(input_tensor, dtype=float)"
STEP_W = "self.weights = self._optimizers[0].calculate_update(self.weights, self.gradient_weights)"
STEP_B = "self.bias = self._optimizers[1].calculate_update(self.bias, self.gradient_bias)"
COPY = "self._optimizers = value and (copy.deepcopy(value), copy.deepcopy(value))"
SET = "self.weights = np.ones(channels)"
ORDER, OPTIMIZER, OLD = "call order and purity", "optimizer", "gradient of the old weights"
LATE = "self.old = input_gradient if not self._optimizers else None\n        "

MUTANTS = {
    "gradients added up": ([(W_BACK, W_BACK.replace(" = ", " = getattr(self, 'gradient_weights', 0) + "))], ORDER),
    "first input kept": ([(TAKE, "self.input_tensor = getattr(self, 'input_tensor', np.array(input_tensor, dtype=float))\n        first, self.input_tensor = self.input_tensor, np.array(input_tensor, dtype=float)"), (FORWARD, "out = " + FORWARD[7:] + "\n        self.input_tensor = first\n        return out")], ORDER),
    "input doubled in place": ([(TAKE, TAKE + "\n        np.multiply(input_tensor, 2, out=input_tensor, casting='unsafe')")], ORDER),
    "error doubled in place": ([(B_BACK, B_BACK + "\n        error_tensor *= 2")], ORDER),
    "weights change in forward": ([(TAKE, TAKE + "\n        self.weights = self.weights * 1.001")], ORDER),
    "state on the class": ([(TAKE, "Scale.input_tensor = np.array(input_tensor, dtype=float)")], ORDER),
    "input kept while its shape stays": ([(TAKE, "new = np.array(input_tensor, dtype=float)\n        self.old = new if getattr(self, 'old', new[:0]).shape != new.shape else self.old\n        self.input_tensor = new"), (W_BACK, W_BACK.replace("self.input_tensor", "self.old"))], ORDER),
    "batch size kept while images are as large": ([(TAKE, TAKE + "\n        self.old = getattr(self, 'old', None) or self.input_tensor.shape\n        if self.old[1:] != self.input_tensor.shape[1:]: self.old = self.input_tensor.shape"), ("return input_gradient", "return input_gradient.reshape(self.old)")], ORDER),
    "output array used again": ([(FORWARD, "out = " + FORWARD[7:] + "\n        if np.shape(getattr(self, 'out', 0)) != out.shape: self.out = out\n        self.out[...] = out\n        return self.out")], ORDER),
    "gradient array used again": ([("return input_gradient", "if np.shape(getattr(self, 'out', 0)) != input_gradient.shape: self.out = input_gradient\n        self.out[...] = input_gradient\n        return self.out")], ORDER),
    "integers stay integers": ([(TAKE, TAKE + "\n        out = np.zeros_like(input_tensor)"), (FORWARD, "out[...] = " + FORWARD[7:] + "\n        return out")], "integer input"),
    "one optimizer for both": ([(COPY, "copied = copy.deepcopy(value)\n        self._optimizers = value and (copied, copied)")], OPTIMIZER),
    "optimizer shared between layers": ([(COPY, "self._optimizers = value and (value, copy.deepcopy(value))")], OPTIMIZER),
    "copied at every backward": ([(STEP_B, "self.bias = copy.deepcopy(self._optimizers[1]).calculate_update(self.bias, self.gradient_bias)")], OPTIMIZER),
    "bias never updated": ([(STEP_B, "pass")], OPTIMIZER),
    "result thrown away": ([(STEP_W, STEP_W.removeprefix("self.weights = "))], OPTIMIZER),
    "update twice": ([(STEP_W, STEP_W + "\n            " + STEP_W)], OPTIMIZER),
    "updated with another gradient": ([(STEP_W, STEP_W.replace("gradient_weights)", "gradient_weights * 2)"))], OPTIMIZER),
    "gradient from updated weights": ([(BACK, "pass"), ("return input_gradient", "return error_tensor * self.weights[:, None, None]")], OLD),
    "optimizer cannot be removed": ([(COPY, "self._optimizers = (copy.deepcopy(value), copy.deepcopy(value)) if value else self._optimizers")], OLD),
}  # fmt: skip


@pytest.mark.parametrize("name", MUTANTS)
def test_a_mutant_loses_points_in_its_own_check(tiny: Tiny, name: str) -> None:
    edits, check = MUTANTS[name]
    result = tiny.mutant("scale", *edits)
    assert check in lost(result)
    assert not lost(result) & {"shapes", "forward"} or name == "weights change in forward"
    assert check_of(result, check).findings
    assert check_of(result, check).findings[0].sentence


CORRECT = {
    "reference": [],
    "float input not copied": [(TAKE, "self.input_tensor = np.asarray(input_tensor, dtype=float)")],
    "einsum": [(FORWARD, "return np.einsum('bchw,c->bchw', self.input_tensor, self.weights) + self.bias[:, None, None]")],
    "loops": [
        (
            W_BACK,
            "self.gradient_weights = np.zeros(len(self.weights))\n        for c in range(len(self.weights)):\n"
            "            for e, x in zip(error_tensor[:, c].flat, np.array(self.input_tensor[:, c]).flat):\n"
            "                self.gradient_weights[c] += e * x",
        )
    ],
    "Fortran order": [(FORWARD, f"return np.asfortranarray({FORWARD[7:]})")],
    "gradient a view": [("return input_gradient", "return np.broadcast_to(input_gradient[None], (1, *input_gradient.shape))[0]")],
    "float128 inside": [(B_BACK, "self.gradient_bias = error_tensor.astype(np.longdouble).sum(axis=(0, 2, 3)).astype(float)")],
    "weights updated in place": [(STEP_W, STEP_W.replace("self.weights = ", "self.weights = np.copy(self.weights)\n            self.weights[...] = "))],
    "optimizers made late": [(COPY, "self._optimizers = value and [copy.deepcopy(value) for _ in 'wb']")],
    "prints": [(BACK, "print(error_tensor)\n        " + BACK)],
}  # fmt: skip


@pytest.mark.parametrize("style", CORRECT)
def test_a_correct_style_gets_everything_and_is_told_nothing(tiny: Tiny, style: str) -> None:
    result = tiny.judge("scale", mutated(*CORRECT[style]))
    assert lost(result) == set()
    assert result.verdict == "pass"
    assert not any(check.findings for check in result.checks)


def test_single_precision_is_a_small_finding_of_its_own_and_gradients_are_judged_all_the_same(tiny: Tiny) -> None:
    single = (TAKE, "self.input_tensor = np.array(input_tensor, dtype=np.float32)\n        self.weights = self.weights.astype(np.float32); self.bias = self.bias.astype(np.float32)")  # fmt: skip
    result = tiny.mutant("scale", single)
    assert first_code(result, "forward") == "float32"
    assert not lost(result) & {"forward", "shapes"}
    worse = tiny.mutant("scale", single, (W_BACK, W_BACK + " * 1.01"))
    assert "weights gradient" in lost(worse)


def test_single_precision_on_the_way_is_told_and_costs_what_float32_costs(tiny: Tiny) -> None:
    on_the_way = (TAKE, "self.input_tensor = np.array(input_tensor, dtype=np.float32).astype(float)")
    result = tiny.mutant("scale", on_the_way)
    assert (first_code(result, "forward"), first_code(result, "weights gradient")) == ("imprecise", "imprecise")
    assert lost(result) == set()
    assert "weights gradient" in lost(tiny.mutant("scale", on_the_way, (W_BACK, W_BACK + " * 1.0001")))


def test_an_optimizer_works_on_single_precision_too(tiny: Tiny) -> None:
    single = (TAKE, "self.input_tensor = np.array(input_tensor, dtype=np.float32)\n        self.weights = self.weights.astype(np.float32); self.bias = self.bias.astype(np.float32)")  # fmt: skip
    assert not lost(tiny.mutant("scale", single)) & {OPTIMIZER, OLD}


def test_an_input_is_not_taken_for_row_by_row_in_memory(tiny: Tiny) -> None:
    by_memory = "x = np.asarray(input_tensor, dtype=float)\n        self.input_tensor = x.ravel('K').reshape(x.shape)"
    result = tiny.mutant("scale", (TAKE, by_memory))
    assert lost(result) == {ORDER}
    assert "such as x.T" in check_of(result, ORDER).findings[0].sentence


def test_a_stub_earns_nothing_and_is_told_once_what_to_write(tiny: Tiny) -> None:
    result = tiny.judge("scale", mutated((FORWARD, "raise NotImplementedError"), (BACK, "raise NotImplementedError")))
    assert result.points == 0
    assert first_code(result, "forward") == "not implemented"


@pytest.mark.parametrize("name", ["Scale", "forward", "backward"])
def test_what_is_missing_is_named(tiny: Tiny, name: str) -> None:
    result = tiny.judge("scale", REFERENCE.replace(name, "Something" if name == "Scale" else "something"))
    assert result.verdict != "pass"
    sentences = " ".join(f.sentence for check in result.checks for f in check.findings)
    assert name in sentences


PEAKS = {
    "ties shared": (("np.add.at(gradient, (np.arange(self.shape[0])[:, None], self.winners), error_tensor)",
                     "gradient[:, :1] += 0\n        np.add.at(gradient, (np.arange(self.shape[0])[:, None], self.winners), error_tensor * 0.5)\n"
                     "        np.add.at(gradient, (np.arange(self.shape[0])[:, None], self.winners), error_tensor * 0.5)"), set()),
    "overlaps overwritten": (("np.add.at(gradient, (np.arange(self.shape[0])[:, None], self.winners), error_tensor)",
                              "gradient[np.arange(self.shape[0])[:, None], self.winners] = error_tensor"), {"input gradient"}),
    "shape of the first forward": (("self.shape = x.shape", "self.shape = getattr(self, 'shape', x.shape)"), {ORDER}),
    "window one too short": (("windows.max(axis=2)", "windows[..., :-1].max(axis=2) if self.size > 1 else windows.max(axis=2)"), {"forward"}),
    "one output too few": (("return windows.max(axis=2)", "return windows.max(axis=2)[:, :-1]"), {"shapes", "forward"}),
}  # fmt: skip


@pytest.mark.parametrize("name", PEAKS)
def test_a_kinked_operations_mistakes_cost_their_own_checks(tiny: Tiny, name: str) -> None:
    edit, wanted = PEAKS[name]
    assert wanted <= lost(tiny.mutant("peak", edit)) if wanted else not lost(tiny.mutant("peak", edit))


def test_a_function_that_refuses_too_little_or_too_much(tiny: Tiny) -> None:
    assert lost(tiny.mutant("doubling", ("> LARGEST", "> 1e9"))) == {"illegal"}
    assert lost(tiny.mutant("doubling", ("> LARGEST", "> 0.01"))) == {"value", "illegal"}
    assert lost(tiny.mutant("doubling", ("raise ValueError(", "raise TypeError("))) == {"illegal"}
    assert lost(tiny.mutant("doubling", ("2.0 * number", "2.5 * number"))) == {"value"}
    all_refused = lost(tiny.mutant("doubling", ("> LARGEST", "> -1")))
    assert all_refused == {"value", "illegal"}  # refusing all is no work


SETTER = "self._optimizers = value and (copy.deepcopy(value), copy.deepcopy(value))"


def test_an_exception_in_a_setter_is_told_and_not_what_it_looks_like(tiny: Tiny) -> None:
    finding = check_of(tiny.mutant("scale", (SETTER, SETTER.replace("(copy.deepcopy", "(copy.deepcpy"))), OPTIMIZER).findings[0]  # fmt: skip
    assert finding.sentence.startswith("`scale.optimizer = optimizer` raises AttributeError at your line ")
    assert finding.evidence and "deepcpy" in finding.evidence.source


def test_an_exception_with_an_optimizer_is_told_and_not_what_it_looks_like(tiny: Tiny) -> None:
    result = tiny.mutant("scale", (STEP_B, STEP_B.replace("gradient_bias", "gradient_bais")))
    assert lost(result) >= {OPTIMIZER}
    assert "raises AttributeError at your line" in check_of(result, OPTIMIZER).findings[0].sentence


def test_what_cannot_be_assigned_and_what_is_not_there_are_called_that(tiny: Tiny) -> None:
    read_only = tiny.mutant("scale", (SET, "self._w = np.ones(channels)\n    @property\n    def weights(self): return self._w\n    def _rest(self, channels):"))  # fmt: skip
    assert "`scale.weights` cannot be assigned: it is a property without a setter." in check_of(read_only, "forward").findings[0].sentence  # fmt: skip
    absent = tiny.mutant("scale", ("    def backward(self, error_tensor):\n        # BEGIN SOLUTION\n        input_gradient", "    def backwards(self, error_tensor):\n        # BEGIN SOLUTION\n        input_gradient"))  # fmt: skip
    assert "`Scale` has no method `backward`." in check_of(absent, "input gradient").findings[0].sentence


def test_a_forgotten_return_costs_the_forward_pass_and_not_the_gradients(tiny: Tiny) -> None:
    result = tiny.mutant("scale", (FORWARD, FORWARD.replace("return ", "out = ")))
    gradients = {"input gradient", "weights gradient", "bias gradient"}
    assert lost(result) >= {"shapes", "forward"}
    assert not lost(result) & gradients or all(check_of(result, name).findings[0].code == "depends" for name in lost(result) & gradients)  # fmt: skip
    assert first_code(result, "forward") == "none"


def test_a_long_double_is_as_good_as_a_double(tiny: Tiny) -> None:
    assert lost(tiny.mutant("scale", (FORWARD, f"return np.asarray({FORWARD[7:]}, dtype=np.longdouble)"))) == set()
