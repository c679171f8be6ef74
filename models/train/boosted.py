"""Boosted trees over the classes: in each round a tree for every class, whose values are summed."""
import lightgbm
import numpy as np
import xgboost
from onnx import helper

import ensembles
from learner import most_important, seen


class Boosted:
    """`chosen`, `booster` and `classes` are there once it is trained."""

    def __init__(self, x, y, weights, classes, seed, effort):
        settings = self.efforts[effort]
        self.classes = classes
        first = self.train(x, y, weights, seed, {**settings, "rounds": max(8, settings["rounds"] // 4)})
        self.chosen = most_important(self.gains(first, x.shape[1]))
        self.booster = self.train(seen(x, self.chosen), y, weights, seed, settings)

    def importance(self):
        gains = self.gains(self.booster, len(self.chosen))
        return gains / max(gains.sum(), 1e-12)

    def onnx(self, temperature, with_missing):
        told = ensembles.attributes(self.trees(), "SUM", with_missing)
        nodes = [
            helper.make_node("TreeEnsembleRegressor", ["features"], ["margins"], domain="ai.onnx.ml", **told),
            helper.make_node("Mul", ["margins", "sharpness"], ["scaled"]),
            helper.make_node("Softmax", ["scaled"], ["probabilities"], axis=1),
        ]
        constants = {"sharpness": 1 / temperature}
        return ensembles.model("classifier", nodes, len(self.chosen), {"probabilities": self.classes}, constants)


class XGBoost(Boosted):
    learner = "XGBoost, multi:softprob"
    common = {"max_depth": 5, "min_child_weight": 3, "subsample": 0.8, "colsample_bytree": 0.3, "reg_lambda": 3.0}
    efforts = {
        "quick": {**common, "eta": 0.25, "max_bin": 64, "rounds": 25},
        "full": {**common, "eta": 0.12, "max_bin": 256, "rounds": 80},
    }

    def train(self, x, y, weights, seed, settings):
        fixed = {"objective": "multi:softprob", "num_class": self.classes, "base_score": 0.0, "tree_method": "hist"}
        rounds = settings["rounds"]
        others = {name: value for name, value in settings.items() if name != "rounds"}
        data = xgboost.DMatrix(x, y, weight=weights, nthread=1)
        return xgboost.train({**fixed, **others, "seed": seed, "nthread": 1}, data, num_boost_round=rounds)

    def gains(self, booster, features):
        gains = booster.get_score(importance_type="total_gain")
        return np.array([gains.get(f"f{k}", 0.0) for k in range(features)])

    def log_probabilities(self, x):
        return self.booster.predict(xgboost.DMatrix(seen(x, self.chosen), nthread=1), output_margin=True).astype(float)

    def trees(self):
        return ensembles.of_xgboost(self.booster, self.classes)


class LightGBM(Boosted):
    learner = "LightGBM, multiclass"
    common = {"num_leaves": 15, "min_data_in_leaf": 10, "feature_fraction": 0.3, "bagging_fraction": 0.8, "bagging_freq": 1}
    efforts = {
        "quick": {**common, "lambda_l2": 3.0, "learning_rate": 0.2, "max_bin": 63, "rounds": 25},
        "full": {**common, "lambda_l2": 3.0, "learning_rate": 0.1, "max_bin": 255, "rounds": 80},
    }

    def train(self, x, y, weights, seed, settings):
        fixed = {"objective": "multiclass", "num_class": self.classes, "deterministic": True, "force_row_wise": True}
        rounds = settings["rounds"]
        others = {name: value for name, value in settings.items() if name != "rounds"}
        parameters = {**fixed, **others, "seed": seed, "num_threads": 1, "verbose": -1}
        return lightgbm.train(parameters, lightgbm.Dataset(x, y, weight=weights), num_boost_round=rounds)

    def gains(self, booster, _features):
        return booster.feature_importance("gain")

    def log_probabilities(self, x):
        return self.booster.predict(seen(x, self.chosen), raw_score=True)

    def trees(self):
        return ensembles.of_lightgbm(self.booster, self.classes)
