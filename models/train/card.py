"""What is written beside a model: enough to use it, to judge it and to train it again."""
import json
import platform
from importlib.metadata import version

LAB = "Trained on small networks of the project's own lab, drawn at random, and on ordinary captures of others. "
TABLES = (
    "Trained on tables of flows that others published. Such tables are made by another meter, of one network each; what a "
    "model of them is worth elsewhere stands under `metrics`, and it is mostly little. "
)
LABELS = "Trained on traffic that readers of this lake labelled: right for it at best. "
LICENCE = "the project's own; learnt from traffic of the project's own lab and from the captures listed under `data`, none of which it contains"
OTHERS = "that of the tables and traffic listed under `data`, none of which it contains"
FIGURES = "Figures are of networks and repositories that were left out of training; on yours they will differ."


def limits(origins):
    roles = {origin["role"] for origin in origins}
    told = (LAB, "train"), (TABLES, "table"), (LABELS, "labels")
    return "".join(text for text, role in told if role in roles) + FIGURES


def card(model, origins, seed):
    return {
        "format": "flowbook-model-card-1",
        "name": f"flowbook-{model.name}",
        "kind": model.kind,
        "file": f"{model.name}.onnx",
        "input": "features",
        **model.describe(),
        "seed": seed,
        "metrics": model.evaluate(),
        "data": origins,
        "tools": {name: version(name) for name in ("numpy", "scikit-learn", "lightgbm", "xgboost-cpu", "imbalanced-learn", "onnx")}
        | {"python": ".".join(platform.python_version_tuple()[:2])},
        "licence": LICENCE if {origin["role"] for origin in origins} <= {"train", "background", "test"} else OTHERS,
        "limits": limits(origins),
    }


def card_text(about):
    """As JSON: lists of numbers and names, and what stands in a list, on one line each."""

    def lines(value, indent):
        inner = indent + " "
        if isinstance(value, dict) and value:
            entries = [f"{inner}{json.dumps(key)}: {lines(entry, inner)}" for key, entry in value.items()]
            return "{\n" + ",\n".join(entries) + f"\n{indent}}}"
        if isinstance(value, list) and any(isinstance(entry, dict) for entry in value):
            return "[\n" + ",\n".join(inner + json.dumps(entry) for entry in value) + f"\n{indent}]"
        return json.dumps(value)

    return lines(about, "") + "\n"
