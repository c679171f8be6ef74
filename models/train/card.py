"""What is written beside a model: enough to use it, to judge it and to train it again."""
import platform
from importlib.metadata import version


def card(model, train, test, seed):
    about = {
        "format": "flowbook-model-card-1",
        "name": f"flowbook-{model.name}",
        "kind": model.kind,
        "file": f"{model.name}.onnx",
        "input": "features",
        "features": train.features,
        **model.describe(),
        "seed": seed,
        "data": [
            *({"role": "train", **capture} for capture in train.captures),
            *({"role": "test", **capture} for capture in test.captures),
        ],
        "metrics": {"test": model.evaluate(test)},
        "tools": {name: version(name) for name in ("numpy", "scikit-learn", "lightgbm", "onnx", "onnxmltools")}
        | {"python": ".".join(platform.python_version_tuple()[:2])},
        "licence": "the project's own; trained on nothing but traffic of the project's own lab",
        "limits": "Trained on one small laboratory network and tested on another by the same authors. Figures on other "
        "networks will differ; the test configuration was known while the lab was built.",
    }
    if model.kind == "classifier":
        about["metrics"]["tools_left_out_of_training"] = model.held_out
    return about
