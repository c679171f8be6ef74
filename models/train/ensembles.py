"""Trees of any learner as plain arrays, and as attributes of ONNX's TreeEnsembleRegressor with covers and values of several targets."""
import json
from dataclasses import dataclass, replace

import numpy as np
from onnx import TensorProto, checker, helper

LEAF = -1


@dataclass
class Tree:
    feature: np.ndarray  # of each node; LEAF in a leaf
    threshold: np.ndarray  # a row goes left where its value is at most this
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray  # nodes x targets; used in leaves
    cover: np.ndarray  # rows of training that came to each node
    missing: np.ndarray  # whether a row without the value goes left


def of_sklearn(estimator, values=None):
    """A tree of scikit-learn; `values` (nodes x targets) in place of its own."""
    tree = estimator.tree_
    value = tree.value[:, 0, :] if values is None else values
    return Tree(
        np.where(tree.children_left < 0, LEAF, tree.feature),
        tree.threshold,
        tree.children_left,
        tree.children_right,
        value,
        tree.weighted_n_node_samples,
        np.asarray(tree.missing_go_to_left, dtype=bool),
    )


def of_lightgbm(booster, classes=1):
    """The trees of a LightGBM booster, of each iteration one a class; values are raw scores."""
    trees = [of_dump(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]
    return [for_class(tree, number % classes, classes) for number, tree in enumerate(trees)]


def of_dump(root):
    nodes = []

    def visit(node):
        place = len(nodes)
        nodes.append(None)
        if "split_feature" in node:
            if node["decision_type"] != "<=":
                raise ValueError(f"a split by {node['decision_type']}")
            left, right = visit(node["left_child"]), visit(node["right_child"])
            # Where training had no missing value, one counts as 0.
            missing = node["default_left"] if node["missing_type"] == "NaN" else 0 <= node["threshold"]
            nodes[place] = (node["split_feature"], node["threshold"], left, right, 0.0, node["internal_count"], missing)
        else:
            nodes[place] = (LEAF, 0.0, -1, -1, node["leaf_value"], node.get("leaf_count", 1), False)
        return place

    visit(root)
    feature, threshold, left, right, value, cover, missing = (np.array(column) for column in zip(*nodes))
    return Tree(feature, threshold, left, right, value.reshape(-1, 1), cover.astype(float), missing)


def of_xgboost(booster, classes):
    """The trees of an XGBoost booster, of each round one a class; values are margins."""
    model = json.loads(booster.save_raw("json"))["learner"]["gradient_booster"]["model"]
    trees = []
    for tree, k in zip(model["trees"], model["tree_info"]):
        left, right = np.array(tree["left_children"]), np.array(tree["right_children"])
        leaf = left < 0
        conditions = np.array(tree["split_conditions"], dtype="float32")
        made = Tree(
            np.where(leaf, LEAF, tree["split_indices"]),
            # Its rows go left where they are less than the threshold.
            np.nextafter(conditions, np.float32(-np.inf)),
            left,
            right,
            np.where(leaf, conditions, 0).astype(float).reshape(-1, 1),
            np.array(tree["sum_hessian"], dtype=float),
            np.array(tree["default_left"], dtype=bool),
        )
        trees.append(for_class(made, k, classes))
    return trees


def for_class(tree, k, classes):
    """The tree with a value for each class, which is 0 but for class `k`."""
    if classes == 1:
        return tree
    value = np.zeros((len(tree.feature), classes))
    value[:, k] = tree.value[:, 0]
    return replace(tree, value=value)


def attributes(trees, aggregate, with_missing=False):
    """What TreeEnsembleRegressor (ai.onnx.ml 3) is told; `aggregate` is SUM or AVERAGE; `with_missing`: and where rows without a value go."""
    names = "treeids nodeids featureids modes values truenodeids falsenodeids hitrates".split()
    if with_missing:
        names.append("missing_value_tracks_true")
    nodes = {f"nodes_{name}": [] for name in names}
    leaves = {f"target_{name}": [] for name in ("treeids", "nodeids", "ids", "weights")}
    targets = trees[0].value.shape[1]
    for number, tree in enumerate(trees):
        for node in range(len(tree.feature)):
            leaf = tree.feature[node] == LEAF
            row = (
                number,
                node,
                0 if leaf else int(tree.feature[node]),
                "LEAF" if leaf else "BRANCH_LEQ",
                0.0 if leaf else rounded_down(tree.threshold[node]),
                0 if leaf else int(tree.left[node]),
                0 if leaf else int(tree.right[node]),
                float(tree.cover[node]),
                0 if leaf else int(tree.missing[node]),
            )
            for name, value in zip(nodes, row):
                nodes[name].append(value)
            if leaf:
                for target in np.flatnonzero(tree.value[node]) if tree.value[node].any() else [0]:
                    for name, value in zip(leaves, (number, node, int(target), float(tree.value[node, target]))):
                        leaves[name].append(value)
    return {**nodes, **leaves, "n_targets": targets, "aggregate_function": aggregate, "post_transform": "NONE"}


def rounded_down(threshold):
    """The greatest 32-bit float not above it: 32-bit values then fall on the same side of both."""
    near = np.float32(threshold)
    return float(near if near <= threshold else np.nextafter(near, np.float32(-np.inf)))


def model(name, nodes, features, outputs, constants):
    """An ONNX file of that graph: one input `features`, outputs by name and width, constants by name."""
    graph = helper.make_graph(
        nodes,
        name,
        [helper.make_tensor_value_info("features", TensorProto.FLOAT, [None, features])],
        [helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width]) for name, width in outputs.items()],
        [tensor(name, value) for name, value in constants.items()],
    )
    sets = [helper.make_opsetid("", 15), helper.make_opsetid("ai.onnx.ml", 3)]
    made = helper.make_model(graph, opset_imports=sets, ir_version=8, producer_name="flowbook")
    checker.check_model(made)
    return made.SerializeToString(deterministic=True)


def tensor(name, value):
    array = np.asarray(value, dtype="float32")
    return helper.make_tensor(name, TensorProto.FLOAT, array.shape, array.ravel().tolist())
