"""Makes rules.npz: training runs by other rules than a clip of the global norm, for lecture 9.

Needs the lectures' own environment: .venv/bin/python assets/make_rules.py
Takes five minutes on two cores. Run it twice on one machine and the bytes are the same; on another
processor the last digits of a run may differ, and then so does the SHA-256, which is printed and
belongs in lessons/digits/rules.py.
"""

from pathlib import Path

import numpy as np
from make_mnist_5k import write_npz

from lessons.beyond_clipping_dream import sure_at_the_end
from lessons.digits import rules

TARGET = Path(__file__).with_name("rules.npz")
SETTINGS = {
    "adaptive": rules.adaptive_setting,
    "sign": rules.sign_setting,
    "caps": rules.cap_setting,
    "no_cap": lambda seed: rules.RuleSetting(rate=rules.CAP_RATE, seed=seed),
}


def main():
    """Trains everything and writes the file."""
    kinds = dict.fromkeys(rules.SHAPES, np.uint16) | {"broken_losses": np.float16}
    arrays = {name: np.zeros(shape, kinds[name]) for name, shape in rules.SHAPES.items()}
    for name, setting in SETTINGS.items():
        for place in np.ndindex(arrays[name].shape):
            arrays[name][place] = rules.train_by_rule(setting(*place))
        print(name, flush=True)
    for place in np.ndindex(arrays["broken"].shape):
        way, factor, seed = place
        losses, _, right = rules.with_a_broken_batch(rules.WAYS[way], rules.FACTORS[factor], seed)
        arrays["broken_losses"][place], arrays["broken"][place] = losses, right
    for place in np.ndindex(arrays["private"].shape):
        noise, bound, seed = place
        arrays["private"][place] = rules.private(
            rules.NOISES[noise], rules.PRIVATE_BOUNDS[bound], seed
        )
    readers = [rules.reader(seed) for seed in rules.SEEDS]
    for dream, seed in np.ndindex(arrays["dreamed"].shape):
        arrays["dreamed"][dream, seed] = sure_at_the_end(readers[seed], *rules.DREAMS[dream])
    weights = {f"reader_{n}": np.float16(v) for n, v in enumerate(readers[0])}
    write_npz(TARGET, **arrays, **weights)


if __name__ == "__main__":
    main()
