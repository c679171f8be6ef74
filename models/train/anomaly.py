"""The Isolation Forest: how unlike the training set's ordinary flows a flow is (Liu et al. 2008)."""
import numpy as np
from onnx import helper
from sklearn.ensemble import IsolationForest

import ensembles
import metrics
from dataset import NORMAL, learnt_protocols

PARAMETERS = {"max_samples": 256, "contamination": 0.01}
TREES = {"quick": 50, "full": 100}
ROWS = {"quick": 20_000, "full": 50_000}  # ordinary flows that the threshold is taken from, drawn evenly
IMPORTANCE_ROWS = 2_000  # flows whose paths tell which features isolate, drawn evenly


class Anomaly:
    name = kind = "anomaly"

    def __init__(self, flows, features, seed, effort):
        """`features`: those it looks at, names out of the table's; all without."""
        self.flows, self.effort = flows, effort
        self.ordinary = ordinary = (flows.labels == NORMAL) & (flows.roles != "test")
        wanted = np.array([flows.features.index(name) for name in features or flows.features])
        # Only what all of its tables have; what a test lacks is taken to be the usual.
        self.chosen = wanted[~np.isnan(flows.x[ordinary][:, wanted]).any(axis=0)]
        self.usual = np.median(flows.x[ordinary][:, self.chosen], axis=0)
        self.forest = IsolationForest(**PARAMETERS, n_estimators=TREES[effort], random_state=seed, n_jobs=1)
        rows = np.random.default_rng(seed).permutation(np.flatnonzero(ordinary))[:ROWS[effort]]
        self.forest.fit(self.seen(flows.x[np.sort(rows)]))
        drawn = np.random.default_rng(seed).permutation(len(flows.x))[:IMPORTANCE_ROWS]
        self.importance = path_importance(self.forest, self.seen(flows.x[np.sort(drawn)]))

    def scores(self, x):
        """Higher is more anomalous; above 0 is an anomaly."""
        return -self.forest.decision_function(self.seen(x))

    def seen(self, x):
        own = x[:, self.chosen]
        return np.ascontiguousarray(logarithms(np.where(np.isnan(own), self.usual, own)))

    def evaluate(self):
        known = self.flows.labels != ""
        return metrics.anomalies(self.scores(self.flows.x[known]), self.flows.labels[known])

    def describe(self):
        protocols = learnt_protocols(self.flows.protocols[self.ordinary])
        return {
            "features": [self.flows.features[k] for k in self.chosen],
            **({"protocols": protocols} if protocols else {}),
            "outputs": {"decision": "decision"},
            "thresholds": {"anomaly": 0.0},
            "training": {
                "learner": "scikit-learn IsolationForest",
                "parameters": {**PARAMETERS, "n_estimators": TREES[self.effort]},
                "effort": self.effort,
                "rows": f"ordinary flows only, at most {ROWS[self.effort]:,} of them",
                "scale": "sign(x) * log(1 + |x|), within the ONNX file",
                "importance": {
                    self.flows.features[self.chosen[k]]: metrics.rounded(self.importance[k])
                    for k in np.argsort(-self.importance, kind="stable")
                    if self.importance[k] > 0
                },
                "importance_of": "share of the changes of the expected path length, over flows of the training set",
                "score": "negated decision_function; 0 is what one in a hundred ordinary training flows exceeds",
            },
        }

    def onnx(self):
        """One ensemble of trees that gives the mean path length, with the arithmetic around it (section 4.2).

        skl2onnx makes about ten nodes of every tree, which take the runtime seconds to open.
        """
        trees = [ensembles.of_sklearn(estimator, path_lengths(estimator)) for estimator in self.forest.estimators_]
        nodes = [
            helper.make_node("Sign", ["features"], ["signs"]),
            helper.make_node("Abs", ["features"], ["sizes"]),
            helper.make_node("Add", ["sizes", "one"], ["sizes_from_one"]),
            helper.make_node("Log", ["sizes_from_one"], ["logarithms_of_sizes"]),
            helper.make_node("Mul", ["signs", "logarithms_of_sizes"], ["logarithms"]),
            helper.make_node("TreeEnsembleRegressor", ["logarithms"], ["path"], domain="ai.onnx.ml", **ensembles.attributes(trees, "AVERAGE")),
            helper.make_node("Mul", ["path", "minus_path"], ["exponent"]),
            helper.make_node("Pow", ["two", "exponent"], ["score"]),
            helper.make_node("Neg", ["score"], ["negated"]),
            helper.make_node("Sub", ["negated", "threshold"], ["decision"]),
        ]
        constants = {
            "one": 1.0,
            "two": 2.0,
            "minus_path": -1 / average_path(self.forest.max_samples_),
            "threshold": self.forest.offset_,
        }
        return ensembles.model("anomaly", nodes, len(self.chosen), {"decision": 1}, constants)


def logarithms(x):
    """Cuts are drawn evenly between a feature's least and greatest value: without it all fall among the few giants."""
    return np.sign(x) * np.log(np.float32(1) + np.abs(x))


def path_lengths(estimator):
    """For each node its depth and what a search would still have taken below it."""
    tree = estimator.tree_
    depth = np.zeros(tree.node_count)
    for node in range(tree.node_count):
        for child in (tree.children_left[node], tree.children_right[node]):
            if child >= 0:
                depth[child] = depth[node] + 1
    return np.array([[depth[node] + average_path(rows)] for node, rows in enumerate(tree.n_node_samples)])


def path_importance(forest, x):
    """Share of each feature in what the rows' paths owe to the cuts: a cut changes the path length that is to be expected
    (from the rows of its node that the tree grew from), and so the score; the changes of a path add up to its length. They
    are summed by feature over a tree's path and over the trees, and their mean size over the rows is the importance.
    """
    total = np.zeros((len(x), x.shape[1]))
    for estimator in forest.estimators_:
        tree = estimator.tree_
        expected = path_lengths(estimator)[:, 0]
        for node in reversed(range(tree.node_count)):  # children come after their parents
            left, right = tree.children_left[node], tree.children_right[node]
            if left >= 0:
                rows = tree.n_node_samples
                expected[node] = (rows[left] * expected[left] + rows[right] * expected[right]) / rows[node]
        cuts = np.zeros((tree.node_count, x.shape[1]))
        for node in range(tree.node_count):
            for child in (tree.children_left[node], tree.children_right[node]):
                if child >= 0:
                    cuts[child, tree.feature[node]] = expected[child] - expected[node]
        total += tree.decision_path(x) @ cuts
    sizes = np.abs(total).mean(axis=0)
    return sizes / sizes.sum()


def average_path(rows):
    """Mean length of an unsuccessful search in a binary search tree of that many rows (equation 1)."""
    if rows <= 1:
        return 0.0
    return 1.0 if rows == 2 else 2 * (np.log(rows - 1.0) + np.euler_gamma) - 2 * (rows - 1.0) / rows
