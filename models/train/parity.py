"""Rows with what the trainer says of them, for the test that ONNX Runtime says the same."""
import json
import os

import numpy as np


def write_parity(folder, name, x, labels, seed, answers, each=5):
    """`answers`: tables by name, of some rows; `each`: rows of a label."""
    rng = np.random.default_rng(seed)
    rows = np.sort(np.concatenate([rng.permutation(np.flatnonzero(labels == c))[:each] for c in sorted(set(labels))]))
    told = {key: np.asarray(value, dtype=float) for key, value in answers(x[rows]).items()}
    known = np.isfinite(told["rows"]).all(axis=1)  # JSON has no NaN
    told = {key: value[known] for key, value in told.items()}
    with open(os.path.join(folder, f"{name}-parity.json"), "w") as file:
        json.dump({key: np.vectorize(lambda v: float(f"{v:.9g}"))(value).tolist() for key, value in told.items()}, file)
        file.write("\n")
