"""Trains the classifier and the Isolation Forest: train.py DATA_FOLDER MODEL_FOLDER SEED

DATA_FOLDER holds `train` and `test` as dataset.py reads them. Writes classifier.onnx, anomaly.onnx, a card beside
each, and parity.json (rows of the test set with what the trainer itself says of them). The same data and seed give the
same bytes.
"""
import json
import os
import sys

os.environ.setdefault("OMP_NUM_THREADS", "1")
# Read when ONNX Runtime loads, from 1.29 on; the pinned version has no telemetry in it.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import anomaly
import card
import classifier
from dataset import read
from parity import write_parity


def main():
    data_folder, model_folder, seed = sys.argv[1], sys.argv[2], int(sys.argv[3])
    train, test = read(data_folder, "train"), read(data_folder, "test")
    if train.features != test.features:
        sys.exit("train and test have different features")
    forest = classifier.fit(train, seed)
    isolation = anomaly.fit(train, seed)
    for model in (forest, isolation):
        with open(os.path.join(model_folder, f"{model.name}.onnx"), "wb") as file:
            file.write(model.onnx)
        with open(os.path.join(model_folder, f"{model.name}.json"), "w") as file:
            json.dump(card.card(model, train, test, seed), file, indent=1)
            file.write("\n")
    write_parity(os.path.join(data_folder, "parity.json"), forest, isolation, test, seed)
    print(json.dumps({"classifier": forest.evaluate(test)["macro_f1"], "anomaly": isolation.evaluate(test)["auroc"]}))


main()
