"""The Isolation Forest: how unlike the training set's ordinary flows a flow is."""
from dataclasses import dataclass

import numpy as np
from skl2onnx import convert_sklearn
from skl2onnx.common.data_types import FloatTensorType
from sklearn.ensemble import IsolationForest

import metrics

PARAMETERS = {"n_estimators": 120, "max_samples": 512, "contamination": 0.01}


@dataclass
class Anomaly:
    name: str
    kind: str
    forest: IsolationForest
    onnx: bytes

    def scores(self, x):
        """Higher is more anomalous; above 0 is an anomaly."""
        return -self.forest.decision_function(x)

    def evaluate(self, data):
        return metrics.anomalies(self.scores(data.x), data.labels)

    def describe(self):
        return {
            "outputs": {"decision": "scores"},
            "thresholds": {"anomaly": 0.0},
            "training": {
                "learner": "scikit-learn IsolationForest",
                "parameters": PARAMETERS,
                "rows": "ordinary flows only",
                "score": "negated decision_function; 0 is where one in a hundred ordinary training flows lies above",
            },
        }


def fit(train, seed):
    rows = np.ascontiguousarray(train.x[train.labels == "Normal"])
    forest = IsolationForest(**PARAMETERS, random_state=seed, n_jobs=1).fit(rows)
    model = convert_sklearn(
        forest,
        name="anomaly",
        initial_types=[("features", FloatTensorType([None, rows.shape[1]]))],
        target_opset={"": 17, "ai.onnx.ml": 3},
    )
    return Anomaly("anomaly", "anomaly", forest, model.SerializeToString(deterministic=True))
