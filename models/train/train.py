"""Trains the models, in steps between which `flowbook train` makes the next table: train.py STEP DATA MODELS

flows        the classifier, from DATA/flows; writes DATA/probabilities.f32 (flows x classes, each flow by a model that has
             not seen its network) and DATA/classes.json
activities   the model of activities, from DATA/activities; writes DATA/log-odds.f32 likewise
anomaly      the Isolation Forest, from the ordinary flows of DATA/flows and the features of the classifier in MODELS;
             writes DATA/anomaly-scores.f32

DATA/settings.json has seed, effort (quick or full), learner, smote and threshold (null: the trainer chooses it). Each step
writes NAME.onnx and its card NAME.json to MODELS, and DATA/NAME-parity.json: rows with what the trainer itself says of
them. The same data and settings give the same bytes.
"""
import json
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np

from activity import Activity
from anomaly import Anomaly
from boosted import LightGBM, XGBoost
from card import card, card_text
from classifier import Classifier
from dataset import read_activities, read_flows
from forest import Forest
from parity import write_parity

LEARNERS = {"random-forest": Forest, "xgboost": XGBoost, "lightgbm": LightGBM}


def flows(data, models, settings):
    table = read_flows(data)
    seed = settings["seed"]
    model = Classifier(table, LEARNERS[settings["learner"]], seed, settings["effort"], settings["smote"])
    write_floats(data, "probabilities", model.probabilities)
    with open(os.path.join(data, "classes.json"), "w") as file:
        json.dump(model.labels, file)
    write(model, table.origins, models, seed)
    chosen = model.model.chosen
    write_parity(data, model.name, table.x, table.labels, seed, lambda x: {"rows": x[:, chosen], "probabilities": model.predict(x)})
    figures = model.evaluate()
    return {fold: told["macro_f1"] for fold, told in {**figures.get("left_out", {}), **figures.get("own_network", {})}.items()}


def activities(data, models, settings):
    table = read_activities(data)
    seed = settings["seed"]
    model = Activity(table, seed, settings["effort"], settings["threshold"])
    write_floats(data, "log-odds", model.log_odds)
    write(model, table.origins, models, seed)
    write_parity(data, model.name, table.x, table.labels, seed, lambda x: {
        "rows": x,
        "log_odds": model.predict(x),
        "classes": model.predict_names(x),
        "trees": model.model.trees.predict(x, pred_contrib=True),
    })
    figures = model.evaluate()
    return {name: figures.get(name) for name in ("others_left_out", "mixtures_left_out", "busy_hosts_left_out")}


def anomalies(data, models, settings):
    table = read_flows(data)
    seed = settings["seed"]
    model = Anomaly(table, classifier_features(models), seed, settings["effort"])
    write_floats(data, "anomaly-scores", model.scores(table.x))
    write(model, table.origins, models, seed)
    write_parity(data, model.name, table.x, table.labels, seed, lambda x: {"rows": x[:, model.chosen], "anomaly_scores": model.scores(x)})
    return {"auroc": model.evaluate()["auroc"]}


def write_floats(data, name, values):
    np.asarray(values).astype("<f4").tofile(os.path.join(data, f"{name}.f32"))


def classifier_features(models):
    """Those that are read for the classifier anyway; none where there is no classifier."""
    path = os.path.join(models, "classifier.json")
    if not os.path.exists(path):
        return []
    with open(path) as file:
        return json.load(file)["features"]


def write(model, origins, models, seed):
    with open(os.path.join(models, f"{model.name}.onnx"), "wb") as file:
        file.write(model.onnx())
    with open(os.path.join(models, f"{model.name}.json"), "w") as file:
        file.write(card_text(card(model, origins, seed)))


def main():
    step, data, models = sys.argv[1:]
    with open(os.path.join(data, "settings.json")) as file:
        settings = json.load(file)
    print(json.dumps({"flows": flows, "activities": activities, "anomaly": anomalies}[step](data, models, settings)))


main()
