"""SMOTE (Chawla et al. 2002): made-up rows of rare classes, between a row and one of its neighbours of the same class."""
import numpy as np
from imblearn.over_sampling import SMOTE

NEIGHBOURS = 5
ROWS_OF_A_CLASS = {"quick": 800, "full": 4000}  # that a class is filled up to
DESCRIBED = "SMOTE within each training part: every class of more than {k} rows is filled up to {n:,}; a class keeps the weight it had"


def oversampled(x, y, weights, seed, effort):
    """Rows, classes and weights with those made up at the end. Only ever called on the rows that one model is fitted to."""
    counts = dict(zip(*np.unique(y, return_counts=True)))
    wanted = {k: ROWS_OF_A_CLASS[effort] for k, n in counts.items() if NEIGHBOURS < n < ROWS_OF_A_CLASS[effort]}
    if not wanted:
        return x, y, weights
    # Distances between features of very different size: those of their logarithms.
    scaled = np.sign(x) * np.log1p(np.abs(x))
    medians = np.nan_to_num(np.nanmedian(np.where(np.isnan(scaled).all(axis=0), 0, scaled), axis=0))
    known = np.where(np.isnan(scaled), medians, scaled)
    made, classes = SMOTE(sampling_strategy=wanted, k_neighbors=NEIGHBOURS, random_state=seed).fit_resample(known, y)
    new, of = made[len(x):], classes[len(x):]
    added = (np.sign(new) * np.expm1(np.abs(new))).astype(x.dtype)
    scale = {k: counts[k] / (counts[k] + (of == k).sum()) for k in counts}
    means = {k: weights[y == k].mean() for k in wanted}
    return (
        np.vstack([x, added]),
        np.concatenate([y, of]),
        np.concatenate([weights * np.array([scale[k] for k in y]), np.array([means[k] * scale[k] for k in of])]),
    )


def described(effort):
    return DESCRIBED.format(k=NEIGHBOURS, n=ROWS_OF_A_CLASS[effort])
