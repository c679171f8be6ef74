"""The Isolation Forest: how unlike the training set's ordinary flows a flow is."""
from dataclasses import dataclass

import numpy as np
from onnx import TensorProto, checker, helper
from sklearn.ensemble import IsolationForest

import metrics

PARAMETERS = {"n_estimators": 120, "max_samples": 512, "contamination": 0.03}


@dataclass
class Anomaly:
    name: str
    kind: str
    forest: IsolationForest
    onnx: bytes

    def scores(self, x):
        """Higher is more anomalous; above 0 is an anomaly."""
        return -self.forest.decision_function(logarithms(x))

    def evaluate(self, data):
        return metrics.anomalies(self.scores(data.x), data.labels)

    def describe(self):
        return {
            "outputs": {"decision": "decision"},
            "thresholds": {"anomaly": 0.0},
            "training": {
                "learner": "scikit-learn IsolationForest",
                "parameters": PARAMETERS,
                "rows": "ordinary flows only",
                "scale": "sign(x) * log(1 + |x|), within the ONNX file",
                "score": "negated decision_function; 0 is what three in a hundred ordinary training flows exceed",
            },
        }


def logarithms(x):
    """Cuts are drawn evenly between a feature's least and greatest value: without it all fall among the few giants."""
    return np.sign(x) * np.log(np.float32(1) + np.abs(x))


def fit(train, seed):
    rows = np.ascontiguousarray(logarithms(train.x[train.labels == "Normal"]))
    forest = IsolationForest(**PARAMETERS, random_state=seed, n_jobs=1).fit(rows)
    return Anomaly("anomaly", "anomaly", forest, export(forest, rows.shape[1]).SerializeToString(deterministic=True))


def export(forest, features):
    """One ensemble of trees that gives the mean path length, with the arithmetic around it (Liu et al. 2008, section 4.2).

    skl2onnx makes about ten nodes of every tree, which take the runtime seconds to open.
    """
    constants = {
        "one": 1.0,
        "two": 2.0,
        "minus_path": -1 / average_path(forest.max_samples_),
        "offset": forest.offset_,
    }
    nodes = [
        helper.make_node("Sign", ["features"], ["signs"]),
        helper.make_node("Abs", ["features"], ["sizes"]),
        helper.make_node("Add", ["sizes", "one"], ["sizes_from_one"]),
        helper.make_node("Log", ["sizes_from_one"], ["logarithms_of_sizes"]),
        helper.make_node("Mul", ["signs", "logarithms_of_sizes"], ["logarithms"]),
        helper.make_node("TreeEnsembleRegressor", ["logarithms"], ["path"], domain="ai.onnx.ml", **ensemble(forest)),
        helper.make_node("Mul", ["path", "minus_path"], ["exponent"]),
        helper.make_node("Pow", ["two", "exponent"], ["score"]),
        helper.make_node("Neg", ["score"], ["negated"]),
        helper.make_node("Sub", ["negated", "offset"], ["decision"]),
    ]
    graph = helper.make_graph(
        nodes,
        "anomaly",
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info("decision", TensorProto.FLOAT, [None, 1])],
        [helper.make_tensor(name, TensorProto.FLOAT, [], [value]) for name, value in constants.items()],
    )
    sets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)]
    model = helper.make_model(graph, opset_imports=sets, ir_version=8, producer_name="flowbook")
    checker.check_model(model)
    return model


def ensemble(forest):
    """The trees as attributes of TreeEnsembleRegressor; a leaf is worth its depth and what it would still have taken."""
    names = "treeids nodeids featureids modes values truenodeids falsenodeids".split()
    nodes = {f"nodes_{name}": [] for name in names}
    leaves = {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    for number, estimator in enumerate(forest.estimators_):
        tree = estimator.tree_
        depth = np.zeros(tree.node_count)
        for node in range(tree.node_count):
            left, right = tree.children_left[node], tree.children_right[node]
            leaf = left < 0
            if leaf:
                weight = depth[node] + average_path(tree.n_node_samples[node])
                for name, value in zip(leaves, (number, node, 0, float(weight))):
                    leaves[name].append(value)
            else:
                depth[left] = depth[right] = depth[node] + 1
            row = (
                number,
                node,
                0 if leaf else int(tree.feature[node]),
                "LEAF" if leaf else "BRANCH_LEQ",
                0.0 if leaf else rounded_down(tree.threshold[node]),
                0 if leaf else int(left),
                0 if leaf else int(right),
            )
            for name, value in zip(nodes, row):
                nodes[name].append(value)
    return {**nodes, **leaves, "n_targets": 1, "aggregate_function": "AVERAGE", "post_transform": "NONE"}


def average_path(rows):
    """Mean length of an unsuccessful search in a binary search tree of that many rows (Liu et al. 2008, equation 1)."""
    if rows <= 1:
        return 0.0
    return 1.0 if rows == 2 else 2 * (np.log(rows - 1.0) + np.euler_gamma) - 2 * (rows - 1.0) / rows


def rounded_down(threshold):
    """The greatest 32-bit float not above it: 32-bit values then fall on the same side of both."""
    near = np.float32(threshold)
    return float(near if near <= threshold else np.nextafter(near, np.float32(-np.inf)))
