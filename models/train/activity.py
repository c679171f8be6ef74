"""The model of activities: whether what a source did in a minute is suspicious, and what it is called.

The mean of boosted trees and of a logistic regression over few features (each fails elsewhere than the other), calibrated
on networks and repositories left out.
"""
import lightgbm
import numpy as np
from onnx import helper
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

import ensembles
import metrics
from classifier import PARTS, kind_of, parts
from dataset import NORMAL, dealt, joined, shares

TREES = {
    "objective": "binary",
    "num_leaves": 7,
    "learning_rate": 0.06,
    "min_data_in_leaf": 8,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
ROUNDS = {"quick": 40, "full": 80}
FEW = [
    "flows", "host_share", "port_share", "endpoint_share", "reply_sizes_share", "top_reply_share", "failed_share",
    "failed_endpoint_share", "interval_cv", "interval_median", "empty_share", "odds_mean", "odds_p10",
    "odds_positive_share", "top_endpoint_odds",
]
STRENGTH = 0.05  # of the logistic regression, inverse of its penalty
ORDINARY_WEIGHT = 1.5
LEAST_ATTACKS = 3
LEAST_SHARE = 0.2  # of an activity's flows that an attack makes, for the activity to be one
HIDDEN_SHARE = 0.1  # the same among other hosts' flows
CAPTURES_ALARMED = 0.005  # of others' captures left out, at most
ACTIVITIES_ALARMED = 0.01  # of ordinary activities left out, mixtures among them, at most
NAMES = {"n_estimators": 20, "max_leaf_nodes": 32, "min_samples_leaf": 3, "max_features": 0.3}
NAMED_FROM = 0.6
NAMED_PRECISION = 0.8  # a class is named where, left out, its name is right so often
NAMED_SUPPORT = 8


class Pair:
    """Trees and logistic regression; `halves` gives the raw score of each."""

    def __init__(self, x, y, weights, features, seed, effort):
        self.trees = lightgbm.train({**TREES, "seed": seed}, lightgbm.Dataset(x, y, weight=weights), num_boost_round=ROUNDS[effort])
        self.few = [features.index(name) for name in FEW]
        chosen = x[:, self.few].astype(float)
        self.centre, self.scale = chosen.mean(axis=0), np.maximum(chosen.std(axis=0), 1e-6)
        self.logistic = LogisticRegression(C=STRENGTH, max_iter=5000, random_state=seed)
        self.logistic.fit((chosen - self.centre) / self.scale, y, sample_weight=weights)

    def raw(self, x):
        chosen = (x[:, self.few].astype(float) - self.centre) / self.scale
        return self.trees.predict(x, raw_score=True) + self.logistic.decision_function(chosen)

    def linear(self, features):
        """The logistic regression over all features: a weight each, and a bias."""
        weights = np.zeros(features)
        weights[self.few] = self.logistic.coef_[0] / self.scale
        return weights, float(self.logistic.intercept_[0] - (self.logistic.coef_[0] * self.centre / self.scale).sum())


class Activity:
    name = kind = "activity"

    def __init__(self, data, seed, effort, threshold=None):
        """`threshold`: the probability from which an activity is suspicious, in place of the one chosen here."""
        self.data, self.effort = data, effort
        hidden = data.kinds == "hidden"
        self.attack = data.attacks >= np.maximum(LEAST_ATTACKS, np.where(hidden, HIDDEN_SHARE, LEAST_SHARE) * data.flows)
        clear = self.attack | (data.attacks == 0)
        self.rows = np.flatnonzero(clear & (data.roles != "test"))
        weights = self.weights()
        fit = lambda of: Pair(data.x[of], self.attack[of], weights[of], data.features, seed, effort)
        self.model = fit(self.rows)
        self.raw = self.model.raw(data.x)
        self.folds = sorted(set(data.folds[self.rows]))
        groups, self.own = parts(data.folds, self.rows, self.attack, seed, PARTS[effort])
        for group in np.unique(groups[self.rows]):
            unseen = (groups == group) & (data.roles != "test")
            self.raw[unseen] = fit(self.rows[groups[self.rows] != group]).raw(data.x[unseen])
        self.calibrate(weights)
        self.chosen = self.choose_threshold()
        self.threshold = self.chosen if threshold is None else threshold
        self.fit_names(weights, seed)
        self.baseline = data.x[self.rows].astype(float).mean(axis=0)

    def weights(self):
        data = self.data
        weights = np.zeros(len(data.x))
        for attack in (False, True):
            rows = self.rows[self.attack[self.rows] == attack]
            if len(rows) == 0:
                continue
            made = np.isin(data.kinds[rows], ["mixed", "hidden"])
            groups = np.where(made, "mixture", data.groups[rows] if attack else joined(data.captures[rows]))
            keys = joined(data.folds[rows], data.labels[rows], groups)
            weights[rows] = shares(keys) * (1 if attack else ORDINARY_WEIGHT)
        return weights * len(self.rows) / weights.sum()

    def calibrate(self, weights):
        """Platt's line through the raw scores of what was left out; few parameters, since scores are few."""
        line = LogisticRegression(C=10, max_iter=5000).fit(self.raw[self.rows, None], self.attack[self.rows], sample_weight=weights[self.rows])
        self.slope, self.offset = float(line.coef_[0, 0]), float(line.intercept_[0])

    @property
    def log_odds(self):
        """Of every activity, by a model that has not seen its network."""
        return self.slope * self.raw + self.offset

    def choose_threshold(self):
        """The probability that few enough of the left-out captures and ordinary activities reach."""
        data, s = self.data, self.log_odds
        captures = [origin for origin in data.origins if origin["role"] == "background"]
        most = {}
        for capture, score in zip(data.captures[self.others], s[self.others]):
            most[capture] = max(most.get(capture, -np.inf), score)
        ranked = sorted(most.values(), reverse=True)
        allowed = int(CAPTURES_ALARMED * len(captures))
        bound = ranked[allowed] if len(ranked) > allowed else -np.inf
        ordinary = np.isin(np.arange(len(s)), self.rows) & ~self.attack & np.isin(data.kinds, ["real", "mixed"])
        bound = max(bound, np.quantile(s[ordinary], 1 - ACTIVITIES_ALARMED))
        return float(np.round(metrics.sigmoid(bound) + 1e-4, 4))

    @property
    def others(self):
        return (self.data.kinds == "real") & (self.data.roles == "background")

    def fit_names(self, weights, seed):
        data = self.data
        rows = self.rows[self.attack[self.rows]]
        self.labels = sorted(set(data.labels[rows]))
        y = np.array([self.labels.index(label) for label in data.labels[rows]])
        share = np.concatenate([[0.0], shares(y)])[1:]
        fit = lambda of: RandomForestClassifier(**NAMES, random_state=seed, n_jobs=1).fit(data.x[rows[of]], y[of], sample_weight=share[of])
        everything = np.ones(len(rows), dtype=bool)
        self.names = fit(everything)
        p = np.zeros((len(rows), len(self.labels)))
        groups = dealt(data.folds[rows])
        for group in np.unique(groups):
            out = groups == group
            if out.all():
                continue
            part = fit(~out)
            p[np.ix_(out, part.classes_)] = part.predict_proba(data.x[rows[out]])
        real = data.kinds[rows] == "real"
        best, sure = p.argmax(axis=1), p.max(axis=1) >= NAMED_FROM
        self.naming = {}
        for k, label in enumerate(self.labels):
            told = real & sure & (best == k)
            truth = real & (y == k)
            self.naming[label] = {
                "activities": int(truth.sum()),
                "named": int(told.sum()),
                "right": metrics.rounded((y[told] == k).mean()) if told.any() else None,
                "found": metrics.rounded((told & truth).sum() / truth.sum()) if truth.any() else None,
            }
        self.named = [
            label for label, figures in self.naming.items()
            if figures["named"] >= NAMED_SUPPORT and figures["right"] >= NAMED_PRECISION
        ]

    def onnx(self):
        features = len(self.data.features)
        weights, bias = self.model.linear(features)
        names = []
        for estimator in self.names.estimators_:
            values = np.zeros((estimator.tree_.node_count, len(self.labels)))
            own = estimator.tree_.value[:, 0, :]
            values[:, self.names.classes_] = own / own.sum(axis=1, keepdims=True)
            names.append(ensembles.of_sklearn(estimator, values))
        trees = ensembles.attributes(ensembles.of_lightgbm(self.model.trees), "SUM")
        ml = {"domain": "ai.onnx.ml"}
        nodes = [
            helper.make_node("TreeEnsembleRegressor", ["features"], ["sum"], name="trees", **ml, **trees),
            helper.make_node("MatMul", ["features", "weights"], ["product"]),
            helper.make_node("Add", ["product", "bias"], ["linear"]),
            helper.make_node("Add", ["sum", "linear"], ["raw"]),
            helper.make_node("Mul", ["raw", "scale"], ["scaled"]),
            helper.make_node("Add", ["scaled", "offset"], ["log_odds"]),
            helper.make_node("TreeEnsembleRegressor", ["features"], ["classes"], name="names", **ml, **ensembles.attributes(names, "AVERAGE")),
        ]
        constants = {"weights": weights.reshape(-1, 1), "bias": bias, "scale": self.slope, "offset": self.offset}
        return ensembles.model("activity", nodes, features, {"log_odds": 1, "classes": len(self.labels)}, constants)

    def predict(self, x):
        return self.slope * self.model.raw(x) + self.offset

    def predict_names(self, x):
        return self.names.predict_proba(x)

    def describe(self):
        return {
            "features": self.data.features,
            "labels": self.labels,
            "named": self.named,
            "outputs": {"log_odds": "log_odds", "classes": "classes"},
            "thresholds": {"suspicious": self.threshold, "name": NAMED_FROM},
            "baseline": [float(f"{value:.9g}") for value in self.baseline],
            "training": {
                "learner": "sum of LightGBM and a logistic regression; scikit-learn RandomForestClassifier for names",
                "parameters": {"trees": TREES, "rounds": ROUNDS[self.effort], "logistic": {"C": STRENGTH, "features": FEW}, "names": NAMES},
                "effort": self.effort,
                "activities": {kind: int((self.data.kinds[self.rows] == kind).sum()) for kind in sorted(set(self.data.kinds))},
                "attack": f"at least {LEAST_ATTACKS} flows and {LEAST_SHARE:.0%} of the activity's ({HIDDEN_SHARE:.0%} in mixtures); with fewer an activity is left out",
                "threshold": "given" if self.threshold != self.chosen else "chosen",
                "threshold_chosen": self.chosen,
                "threshold_chosen_by": f"at most {CAPTURES_ALARMED:.1%} of others' captures left out, and at most {ACTIVITIES_ALARMED:.1%} of ordinary activities left out",
                "calibration": {"method": "Platt, on networks and repositories left out", "slope": self.slope, "offset": self.offset},
            },
        }

    def evaluate(self):
        data, s = self.data, self.log_odds
        alarm = metrics.sigmoid(s) >= self.threshold
        real = data.kinds == "real"
        clear = self.attack | (data.attacks == 0)
        figures = {"naming_left_out": self.naming}
        for fold in self.folds:
            rows = real & clear & (data.folds == fold) & (data.roles == "train")
            if rows.any():
                figures.setdefault(kind_of(fold, self.own), {})[fold] = self.counted(rows, alarm, s)
        if self.others.any():
            captures = [k for k, origin in enumerate(data.origins) if origin["role"] == "background"]
            figures["others_left_out"] = {
                "captures": len(captures),
                "captures_alarmed": len(set(data.captures[self.others & alarm])),
                "activities": int(self.others.sum()),
                "activities_alarmed": int((self.others & alarm).sum()),
                "flows_alarmed": int(data.flows[self.others & alarm].sum()),
            }
        mixed = (data.kinds == "mixed") & (data.attacks == 0)
        busy = real & (data.attacks == 0) & (data.flows >= 20) & (data.roles != "test")
        for name, rows in ("mixtures_left_out", mixed), ("busy_hosts_left_out", busy):
            figures[name] = {"activities": int(rows.sum()), "activities_alarmed": int((rows & alarm).sum())}
        tested = real & clear & (data.roles == "test")
        if tested.any():
            figures["test"] = self.counted(tested, alarm, s)
        return figures

    def counted(self, rows, alarm, s):
        data, attack = self.data, rows & self.attack
        ordinary = rows & ~self.attack
        tools = {}
        for label, group in sorted(set(zip(data.labels[attack], data.groups[attack]))):
            of = attack & (data.labels == label) & (data.groups == group)
            tools[f"{label} {group}"] = f"{int((of & alarm).sum())} of {int(of.sum())}"
        both = attack.any() and ordinary.any()
        return {
            "attacks": int(attack.sum()),
            "found": int((attack & alarm).sum()),
            "ordinary": int(ordinary.sum()),
            "ordinary_alarmed": int((ordinary & alarm).sum()),
            "auroc": metrics.rounded(roc_auc_score(self.attack[rows], s[rows])) if both else None,
            "found_by_tool": tools,
        }
