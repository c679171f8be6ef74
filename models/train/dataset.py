"""Labelled flows as `flowbook train` hands them over: NAME.json beside NAME.f32 (rows x features, row-major)."""
import json
import os
from dataclasses import dataclass

import numpy as np


@dataclass
class Dataset:
    features: list  # names of the columns of x
    x: np.ndarray  # rows x features, float32
    labels: np.ndarray  # class of each row, as text
    groups: np.ndarray  # attack tool of each row, or the host that ordinary traffic comes from
    runs: np.ndarray  # index of the capture of each row
    captures: list  # where the rows come from: configuration, seed, digest, counts

    def weights(self):
        """Every class counts the same; within a class a group counts by the square root of its size."""
        weights = np.zeros(len(self.labels))
        for label in sorted(set(self.labels)):
            rows = self.labels == label
            names, inverse, counts = np.unique(self.groups[rows], return_inverse=True, return_counts=True)
            share = 1 / np.sqrt(counts[inverse])
            weights[rows] = share / share.sum()
        return weights * len(weights) / weights.sum()

    def thinned(self, most, seed):
        """At most that many rows of a group in a run, drawn evenly: a flood of equal flows teaches nothing more."""
        rng = np.random.default_rng(seed)
        keys = np.array([f"{run} {label} {group}" for run, label, group in zip(self.runs, self.labels, self.groups)])
        kept = np.concatenate([rng.permutation(np.flatnonzero(keys == key))[:most] for key in np.unique(keys)])
        rows = np.sort(kept)
        return Dataset(
            self.features, self.x[rows], self.labels[rows], self.groups[rows], self.runs[rows], self.captures
        )


def read(folder, name):
    with open(os.path.join(folder, f"{name}.json")) as file:
        about = json.load(file)
    x = np.fromfile(os.path.join(folder, f"{name}.f32"), dtype="<f4").reshape(-1, len(about["features"]))
    if not np.isfinite(x).all():
        raise SystemExit(f"{name}: features that are not finite: {sorted(set(np.argwhere(~np.isfinite(x))[:, 1]))}")
    captures = about["captures"]
    runs = np.repeat(np.arange(len(captures)), [sum(capture["flows"].values()) for capture in captures])
    return Dataset(about["features"], x, np.array(about["labels"]), np.array(about["groups"]), runs, captures)
