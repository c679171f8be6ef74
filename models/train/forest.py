"""A random forest over the classes: every leaf tells the share of all classes, so that one walk serves them all."""
import numpy as np
from onnx import helper
from sklearn.ensemble import RandomForestClassifier

import ensembles
from learner import most_important, seen

LEAST = 1e-4  # a class that no leaf knows keeps so much


class Forest:
    learner = "scikit-learn RandomForestClassifier"
    efforts = {
        "quick": {"n_estimators": 15, "max_leaf_nodes": 96, "min_samples_leaf": 5, "max_features": 0.2},
        "full": {"n_estimators": 30, "max_leaf_nodes": 128, "min_samples_leaf": 5, "max_features": 0.2},
    }

    def __init__(self, x, y, weights, classes, seed, effort):
        grown = lambda: RandomForestClassifier(**self.efforts[effort], random_state=seed, n_jobs=1)
        first = grown().fit(x, y, sample_weight=weights)
        self.chosen = most_important(first.feature_importances_)
        self.forest = grown().fit(seen(x, self.chosen), y, sample_weight=weights)
        self.classes = classes

    def log_probabilities(self, x):
        """rows x classes; not normalised."""
        p = np.zeros((len(x), self.classes))
        p[:, self.forest.classes_] = self.forest.predict_proba(seen(x, self.chosen))
        return np.log(np.maximum(p, LEAST))

    def importance(self):
        return self.forest.feature_importances_

    def onnx(self, temperature, with_missing):
        trees = []
        for estimator in self.forest.estimators_:
            values = np.zeros((estimator.tree_.node_count, self.classes))
            own = estimator.tree_.value[:, 0, :]
            values[:, self.forest.classes_] = own / own.sum(axis=1, keepdims=True)
            trees.append(ensembles.of_sklearn(estimator, values))
        told = ensembles.attributes(trees, "AVERAGE", with_missing)
        nodes = [
            helper.make_node("TreeEnsembleRegressor", ["features"], ["shares"], domain="ai.onnx.ml", **told),
            helper.make_node("Max", ["shares", "least"], ["kept"]),
            helper.make_node("Log", ["kept"], ["logarithms"]),
            helper.make_node("Mul", ["logarithms", "sharpness"], ["scaled"]),
            helper.make_node("Softmax", ["scaled"], ["probabilities"], axis=1),
        ]
        constants = {"least": LEAST, "sharpness": 1 / temperature}
        return ensembles.model("classifier", nodes, len(self.chosen), {"probabilities": self.classes}, constants)
