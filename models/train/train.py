"""Trains the models, in steps between which `flowbook train` makes the next table:

train.py flows DATA MODELS SEED        the classifier, from DATA/flows; writes DATA/probabilities.f32 (flows x classes, each
                                       flow by a model that has not seen its network) and DATA/classes.json
train.py activities DATA MODELS SEED [THRESHOLD]   the model of activities, from DATA/activities
train.py anomaly DATA MODELS SEED      the Isolation Forest, from the ordinary flows of DATA/flows and the features of the
                                       classifier in MODELS

Each writes NAME.onnx and its card NAME.json to MODELS, and DATA/NAME-parity.json: rows with what the trainer itself says of
them. The same data and seed give the same bytes.
"""
import json
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")

from activity import Activity
from anomaly import Anomaly
from card import card, card_text
from classifier import Classifier
from dataset import read_activities, read_flows
from forest import Forest
from parity import write_parity

LEARNERS = {learner.name: learner for learner in (Forest,)}


def flows(data, models, seed):
    table = read_flows(data)
    model = Classifier(table, LEARNERS[os.environ.get("FLOWBOOK_LEARNER", Forest.name)], seed)
    model.probabilities.astype("<f4").tofile(os.path.join(data, "probabilities.f32"))
    with open(os.path.join(data, "classes.json"), "w") as file:
        json.dump(model.labels, file)
    write(model, table.origins, models, seed)
    chosen = model.model.chosen
    write_parity(data, model.name, table.x, table.labels, seed, lambda x: {"rows": x[:, chosen], "probabilities": model.predict(x)})
    return {fold: figures["macro_f1"] for fold, figures in model.evaluate()["left_out"].items()}


def activities(data, models, seed, threshold=None):
    table = read_activities(data)
    model = Activity(table, seed, None if threshold is None else float(threshold))
    write(model, table.origins, models, seed)
    write_parity(data, model.name, table.x, table.labels, seed, lambda x: {
        "rows": x,
        "log_odds": model.predict(x),
        "classes": model.predict_names(x),
        "trees": model.model.trees.predict(x, pred_contrib=True),
    })
    figures = model.evaluate()
    return {name: figures.get(name) for name in ("others_left_out", "mixtures_left_out", "busy_hosts_left_out")}


def anomalies(data, models, seed):
    table = read_flows(data)
    model = Anomaly(table, classifier_features(models), seed)
    write(model, table.origins, models, seed)
    write_parity(data, model.name, table.x, table.labels, seed, lambda x: {"rows": x[:, model.chosen], "anomaly_scores": model.scores(x)})
    return {"auroc": model.evaluate()["auroc"]}



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
    step, data, models, seed, *settings = sys.argv[1:]
    print(json.dumps({"flows": flows, "activities": activities, "anomaly": anomalies}[step](data, models, int(seed), *settings)))


main()
