"""Tables as `flowbook train` hands them over: NAME.json beside NAME.f32 (rows x features, row-major)."""
import json
import os
from dataclasses import dataclass

import numpy as np

NORMAL = "Normal"
LEAST_OF_PROTOCOL = 20  # flows from which on a protocol counts as learnt


@dataclass
class Flows:
    features: list  # names of the columns of x
    x: np.ndarray  # rows x features, float32
    labels: np.ndarray  # class of each row as text; empty where it is neither an attack nor ordinary
    groups: np.ndarray  # attack tool of each row, or the host that ordinary traffic comes from
    protocols: np.ndarray  # IP protocol of each row
    captures: np.ndarray  # index of the capture of each row
    origins: list  # by that index: role, fold, digest, counts

    @property
    def roles(self):
        return np.array([origin["role"] for origin in self.origins])[self.captures]

    @property
    def folds(self):
        return np.array([origin["fold"] for origin in self.origins])[self.captures]


@dataclass
class Activities:
    features: list
    x: np.ndarray
    kinds: np.ndarray  # real, shifted, varied, mixed, hidden
    captures: np.ndarray
    flows: np.ndarray  # flows of each activity
    attacks: np.ndarray  # those of an attack
    labels: np.ndarray
    groups: np.ndarray
    origins: list

    @property
    def roles(self):
        return np.array([origin["role"] for origin in self.origins])[self.captures]

    @property
    def folds(self):
        return np.array([origin["fold"] for origin in self.origins])[self.captures]


def read_flows(folder):
    about, x = read(folder, "flows")
    labels = np.array([label or "" for label in about["labels"]])
    columns = (np.array(about[name]) for name in ("groups", "protocols", "captures"))
    return Flows(about["features"], x, labels, *columns, about["origins"])


def read_activities(folder):
    about, x = read(folder, "activities")
    names = ("kind", "capture", "flows", "attacks", "label", "group")
    columns = (np.array([activity[name] for activity in about["activities"]]) for name in names)
    return Activities(about["features"], x, *columns, about["origins"])


def read(folder, name):
    with open(os.path.join(folder, f"{name}.json")) as file:
        about = json.load(file)
    x = np.fromfile(os.path.join(folder, f"{name}.f32"), dtype="<f4").reshape(-1, len(about["features"]))
    # Tables of others lack features: NaN.
    wrong = np.isinf(x) if name == "flows" else ~np.isfinite(x)
    if wrong.any():
        columns = sorted({about["features"][k] for k in np.argwhere(wrong)[:, 1]})
        raise SystemExit(f"{name}: features that are not finite: {', '.join(columns)}")
    return about, x


def learnt_protocols(protocols):
    """IP protocols with enough flows to count as learnt; a table that does not say gives -1."""
    found, counts = np.unique(protocols, return_counts=True)
    return [int(protocol) for protocol, count in zip(found, counts) if protocol >= 0 and count >= LEAST_OF_PROTOCOL]


def shares(keys):
    """A weight for each row: all sum to 1, and those of a key sum to the square root of their number."""
    _, inverse, counts = np.unique(keys, return_inverse=True, return_counts=True)
    weights = 1 / np.sqrt(counts[inverse])
    return weights / weights.sum()


def dealt(folds, most=8, first=()):
    """
    Folds put together where there are more than so many, the largest first to the smallest group; a number for each row.
    Those in `first` are dealt before the others, so that they come apart.
    """
    names, inverse, counts = np.unique(folds, return_inverse=True, return_counts=True)
    groups, sizes = np.zeros(len(names), dtype=int), np.zeros(min(most, len(names)))
    for k in sorted(range(len(names)), key=lambda k: (names[k] not in first, -counts[k], names[k])):
        groups[k] = sizes.argmin()
        sizes[groups[k]] += counts[k]
    return groups[inverse]


def joined(*columns):
    """A text for each row, of several columns."""
    return np.array([" ".join(str(value) for value in values) for values in zip(*columns)])
