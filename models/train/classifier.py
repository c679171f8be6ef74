"""The classifier: LightGBM over the classes of the training set, its probabilities calibrated by one temperature."""
from dataclasses import dataclass

import lightgbm
import numpy as np
import onnx
import onnxmltools
from onnxmltools.convert.common.data_types import FloatTensorType
from scipy.optimize import minimize_scalar

import metrics
from metrics import softmax

PARAMETERS = {
    "objective": "multiclass",
    "num_leaves": 15,
    "learning_rate": 0.08,
    "min_data_in_leaf": 12,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 2.0,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
ROUNDS = 60
FOLDS = 8
ROWS_OF_A_TOOL = 500
UNKNOWN_BELOW = 0.5  # the name is then likelier wrong than right
NORMAL = "Normal"


@dataclass
class Classifier:
    name: str
    kind: str
    booster: lightgbm.Booster
    labels: list
    temperature: float
    threshold: float
    held_out: dict
    onnx: bytes

    def probabilities(self, x):
        return softmax(self.booster.predict(x, raw_score=True) / self.temperature)

    def evaluate(self, data):
        return metrics.classification(self.probabilities(data.x), data.labels, data.groups, self.labels, self.threshold)

    def describe(self):
        return {
            "labels": self.labels,
            "outputs": {"probabilities": "probabilities"},
            "thresholds": {"unknown": self.threshold},
            "training": {
                "learner": "LightGBM",
                "parameters": PARAMETERS,
                "rounds": ROUNDS,
                "rows_of_a_tool_in_a_run_at_most": ROWS_OF_A_TOOL,
                "weights": "classes alike, within a class tools by the square root of their flows",
                "calibration": {"method": "temperature, on runs left out of training", "temperature": self.temperature},
            },
        }


def fit(whole, seed):
    train = whole.thinned(ROWS_OF_A_TOOL, seed)
    labels = sorted(set(train.labels), key=lambda label: (label != NORMAL, label))
    y = np.array([labels.index(label) for label in train.labels])
    weights = train.weights()
    new_tools = left_out(tool_folds(train, y, len(labels), seed), train.x, y, weights, len(labels), seed)
    new_runs = left_out(run_folds(train), train.x, y, weights, len(labels), seed)
    temperature = calibrate(new_runs, y, weights)
    booster = boost(train.x, y, weights, len(labels), seed)
    model = Classifier("classifier", "classifier", booster, labels, temperature, UNKNOWN_BELOW, {}, b"")
    model.held_out = metrics.classification(softmax(new_tools / temperature), train.labels, train.groups, labels, UNKNOWN_BELOW)
    model.onnx = export(booster, temperature, train.x.shape[1])
    return model


def boost(x, y, weights, classes, seed):
    parameters = {**PARAMETERS, "num_class": classes, "seed": seed}
    return lightgbm.train(parameters, lightgbm.Dataset(x, y, weight=weights), num_boost_round=ROUNDS)


def tool_folds(train, y, classes, seed):
    """A fold for every row: all rows of a tool in one, and all of a host where it is ordinary traffic."""
    rng = np.random.default_rng(seed)
    fold = np.zeros(len(y), dtype=int)
    for label in range(classes):
        names = rng.permutation(np.unique(train.groups[y == label]))
        for i, name in enumerate(names):
            fold[(y == label) & (train.groups == name)] = i % FOLDS
        if len(names) == 1:  # one tool only: its rows are dealt out, else the class would be unknown to its fold
            rows = np.flatnonzero(y == label)
            fold[rows] = np.arange(len(rows)) * FOLDS // len(rows)
    return fold


def run_folds(train):
    """A fold for every row: its run of the lab, or halves of the only run in the order of the rows."""
    if len(train.captures) > 1:
        return train.runs
    return np.arange(len(train.runs)) * 2 // len(train.runs)


def left_out(fold, x, y, weights, classes, seed):
    """Raw scores of every row by a model that saw nothing of its fold."""
    raw = np.zeros((len(y), classes))
    for k in np.unique(fold):
        rows = fold != k
        raw[~rows] = boost(x[rows], y[rows], weights[rows], classes, seed).predict(x[~rows], raw_score=True)
    return raw


def calibrate(raw, y, weights):
    """The temperature with the least loss on rows that the model did not see (Guo et al. 2017)."""

    def loss(log_temperature):
        p = softmax(raw / np.exp(log_temperature))[np.arange(len(y)), y]
        return -(weights * np.log(np.maximum(p, 1e-12))).sum() / weights.sum()

    return float(np.round(np.exp(minimize_scalar(loss, bounds=(-1.5, 3), method="bounded").x), 4))


def export(booster, temperature, features):
    """ONNX with plain float outputs; the temperature is in the leaves, so that the softmax gives calibrated values."""
    types = [("features", FloatTensorType([None, features]))]
    model = onnxmltools.convert_lightgbm(booster, name="classifier", initial_types=types, zipmap=False, target_opset=15)
    trees = next(node for node in model.graph.node if node.op_type == "TreeEnsembleClassifier")
    leaves = next(attribute for attribute in trees.attribute if attribute.name == "class_weights")
    scaled = (np.array(leaves.floats, dtype="float64") / temperature).astype("float32")
    del leaves.floats[:]
    leaves.floats.extend(scaled.tolist())
    set_in_order(model)
    onnx.checker.check_model(model)
    return model.SerializeToString(deterministic=True)


def set_in_order(model):
    """The converters list operator sets in the order of a hash table, which is another one each time."""
    sets = sorted(model.opset_import, key=lambda operators: operators.domain)
    copies = [onnx.helper.make_opsetid(operators.domain, operators.version) for operators in sets]
    del model.opset_import[:]
    model.opset_import.extend(copies)
