"""What lecture 6 states of PyTorch and Optax, asked of them where they are installed.

They are large, so they are an extra of their own: ``pip install -e ".[frameworks]"``.
"""

import re

import nbformat
import numpy as np
import pytest

from lessons.after_the_clip import ELSEWHERE, INF, NAN, ODD_CASES
from tests.lectures import sweep

HOW_TO_GET_IT = 'is optional and not installed here: pip install -e ".[frameworks]"'
PAIR = [[3.0, 4.0], [12.0]]


@pytest.fixture(scope="module")
def torch():
    return pytest.importorskip("torch", reason=f"PyTorch {HOW_TO_GET_IT}")


@pytest.fixture(scope="module")
def optax():
    return pytest.importorskip("optax", reason=f"Optax {HOW_TO_GET_IT}")


def parameters(torch, gradients):
    made = []
    for gradient in gradients:
        made.append(torch.nn.Parameter(torch.zeros(len(gradient))))
        made[-1].grad = torch.tensor(gradient)
    return made


def by_torch(torch, clip, gradients, bound):
    """Clip in place; return the gradients, and what the function gives back."""
    made = parameters(torch, gradients)
    given_back = clip(made, bound)
    return [p.grad.tolist() for p in made], given_back


def by_optax(transform, gradients):
    import jax.numpy as jnp

    tree = [jnp.array(gradient) for gradient in gradients]
    updates, _ = transform.update(tree, transform.init(tree), tree)
    return [update.tolist() for update in updates]


def shown(package):
    """Return the code of lecture 8 that uses this package."""
    cells = nbformat.read(sweep.NOTEBOOKS / "08_after_the_clip.ipynb", as_version=4).cells
    (found,) = (cell.source for cell in cells if cell.id == "frameworks-code")
    (code,) = (c for c in re.findall(r"```python\n(.*?)```", found, re.DOTALL) if package in c)
    return code


def near(got, expected):
    for one, other in zip(got, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-6)


def version(package, name):
    (told,) = (column.split()[1] for column in ELSEWHERE if column.startswith(name))
    assert package.__version__.startswith(told), f"measure {name} {package.__version__} anew"


# ---- PyTorch ------------------------------------------------------------------------------------


def test_the_version_of_pytorch(torch):
    version(torch, "PyTorch")


@pytest.mark.parametrize("case", ODD_CASES)
def test_pytorch_in_odd_cases(torch, case):
    (numbers, bound) = ODD_CASES[case]
    clip = torch.nn.utils.clip_grad_norm_
    left, _ = by_torch(torch, clip, [[n] for n in numbers], bound)
    expected = next(stated for name, stated in ELSEWHERE.items() if "PyTorch" in name)[case]
    near(left, [[n] for n in expected])


def test_pytorchs_three_ways(torch):
    utils = torch.nn.utils
    left, given_back = by_torch(torch, utils.clip_grad_norm_, PAIR, 6.5)
    near(left, [[1.5, 2], [6]])
    assert given_back == 13, "the norm from before"
    left, _ = by_torch(torch, utils.clip_grad_value_, PAIR, 3.5)
    near(left, [[3, 3.5], [3.5]])

    def one_by_one(made, bound):
        for p in made:
            utils.clip_grad_norm_([p], bound)

    left, _ = by_torch(torch, one_by_one, PAIR, 6.5)
    near(left, [[3, 4], [6.5]])


def test_pytorch_adds_a_little_to_the_norm_that_it_divides_by(torch):
    (left, *_), _ = by_torch(torch, torch.nn.utils.clip_grad_norm_, [[1e-6]], 1e-7)
    assert left == pytest.approx([1e-7 / 2])


def test_pytorch_can_raise_for_what_is_not_finite(torch):
    made = parameters(torch, [[3.0, INF], [12.0]])
    with pytest.raises(RuntimeError, match="non-finite"):
        torch.nn.utils.clip_grad_norm_(made, 1.0, error_if_nonfinite=True)


def test_pytorch_leaves_out_none(torch):
    made = [torch.nn.Parameter(torch.zeros(1)), *parameters(torch, PAIR)]
    assert torch.nn.utils.clip_grad_norm_(made, 6.5) == 13
    assert made[0].grad is None


def test_the_code_that_is_shown_for_pytorch(torch):
    model = torch.nn.Linear(2, 1, bias=False)
    torch.nn.init.zeros_(model.weight)
    names = {
        "torch": torch,
        "model": model,
        "loss": model(torch.tensor([3.0, 4.0])).sum(),
        "optimizer": torch.optim.SGD(model.parameters(), lr=1.0),
    }
    exec(shown("torch"), names)
    assert names["norm"] == 5
    near(model.weight.grad.tolist(), [[0.6, 0.8]])
    near(model.weight.tolist(), [[-0.6, -0.8]])


def test_pytorchs_scaler_can_unscale_before_the_clip(torch):
    w = torch.nn.Parameter(torch.tensor([3.0, 4.0]))
    optimizer = torch.optim.SGD([w], lr=1.0)
    scaler = torch.amp.GradScaler("cpu", init_scale=256.0)
    scaler.scale((w**2 / 2).sum()).backward()
    near([w.grad.tolist()], [[768, 1024]])
    scaler.unscale_(optimizer)
    assert torch.nn.utils.clip_grad_norm_([w], 1.0) == 5
    scaler.step(optimizer)
    near([w.tolist()], [[2.4, 3.2]])


# ---- Optax --------------------------------------------------------------------------------------


def test_the_version_of_optax(optax):
    version(optax, "Optax")


@pytest.mark.parametrize("case", ODD_CASES)
def test_optax_in_odd_cases(optax, case):
    (numbers, bound) = ODD_CASES[case]
    left = by_optax(optax.clip_by_global_norm(bound), [[n] for n in numbers])
    expected = next(stated for name, stated in ELSEWHERE.items() if "Optax" in name)[case]
    near(left, [[n] for n in expected])


def test_optaxs_three_ways(optax):
    near(by_optax(optax.clip_by_global_norm(6.5), PAIR), [[1.5, 2], [6]])
    near(by_optax(optax.clip(3.5), PAIR), [[3, 3.5], [3.5]])
    # The root mean square of [3, 4] is 5 over the root of 2.
    rms = 5 / np.sqrt(2)
    near(by_optax(optax.clip_by_block_rms(1.0), PAIR), [[3 / rms, 4 / rms], [1]])


def test_the_code_that_is_shown_for_optax(optax):
    import jax.numpy as jnp

    names = {
        "optax": optax,
        "parameters": [jnp.zeros(2), jnp.zeros(1)],
        "gradients": [jnp.array(gradient) for gradient in PAIR],
    }
    exec(shown("optax"), names)
    near([p.tolist() for p in names["parameters"]], [[-0.3 / 13, -0.4 / 13], [-1.2 / 13]])


def test_optax_leaves_out_none(optax):
    import jax.numpy as jnp

    transform = optax.clip_by_global_norm(1.0)
    updates, _ = transform.update([jnp.array([3.0, 4.0]), None], transform.init(None))
    assert updates[1] is None
    near([updates[0].tolist()], [[0.6, 0.8]])


def test_in_optax_the_order_of_the_chain_says_what_is_bounded(optax):
    clip, adam = optax.clip_by_global_norm(0.01), optax.adam(0.1)
    gradients = [[50.0]]
    ((step,),) = by_optax(optax.chain(clip, adam), gradients)
    assert step == pytest.approx(-0.1, rel=1e-4), "before Adam the clip is hidden"
    ((step,),) = by_optax(optax.chain(adam, clip), gradients)
    assert step == pytest.approx(-0.01, rel=1e-4), "behind Adam it bounds the step"


@pytest.mark.parametrize("odd", [INF, NAN])
def test_a_clip_by_value_leaves_nan_and_cuts_infinity(torch, optax, odd):
    left, _ = by_torch(torch, torch.nn.utils.clip_grad_value_, [[3.0], [odd]], 3.5)
    expected = [[3], [3.5 if odd == INF else NAN]]
    near(left, expected)
    near(by_optax(optax.clip(3.5), [[3.0], [odd]]), expected)
