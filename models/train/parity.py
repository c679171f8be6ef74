"""Rows with what the trainer says of them, for the test that ONNX Runtime says the same."""
import json

import numpy as np


def write_parity(path, classifier, anomaly, data, seed, each=5):
    rng = np.random.default_rng(seed)
    rows = np.sort(np.concatenate([rng.permutation(np.flatnonzero(data.labels == c))[:each] for c in sorted(set(data.labels))]))
    x = data.x[rows]
    with open(path, "w") as file:
        json.dump(
            {
                "features": data.features,
                "labels": classifier.labels,
                "rows": [[float(f"{v:.9g}") for v in row] for row in x],
                "probabilities": [[float(f"{v:.9g}") for v in row] for row in classifier.probabilities(x)],
                "anomaly_scores": [float(f"{v:.9g}") for v in anomaly.scores(x)],
            },
            file,
        )
        file.write("\n")
