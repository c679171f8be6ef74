"""Trees of any learner as plain arrays, and as attributes of ONNX's TreeEnsembleRegressor with covers and values of several targets."""
from dataclasses import dataclass

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
    )


def of_lightgbm(booster):
    """The trees of a LightGBM booster with one raw score a row."""
    return [of_dump(tree["tree_structure"]) for tree in booster.dump_model()["tree_info"]]


def of_dump(root):
    nodes = []

    def visit(node):
        place = len(nodes)
        nodes.append(None)
        if "split_feature" in node:
            if node["decision_type"] != "<=":
                raise ValueError(f"a split by {node['decision_type']}")
            left, right = visit(node["left_child"]), visit(node["right_child"])
            nodes[place] = (node["split_feature"], node["threshold"], left, right, 0.0, node["internal_count"])
        else:
            nodes[place] = (LEAF, 0.0, -1, -1, node["leaf_value"], node.get("leaf_count", 1))
        return place

    visit(root)
    feature, threshold, left, right, value, cover = (np.array(column) for column in zip(*nodes))
    return Tree(feature, threshold, left, right, value.reshape(-1, 1), cover.astype(float))


def attributes(trees, aggregate):
    """What TreeEnsembleRegressor (ai.onnx.ml 3) is told; `aggregate` is SUM or AVERAGE."""
    names = "treeids nodeids featureids modes values truenodeids falsenodeids hitrates".split()
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
            )
            for name, value in zip(nodes, row):
                nodes[name].append(value)
            if leaf:
                for target in range(targets):
                    if tree.value[node, target] != 0 or targets == 1:
                        for name, value in zip(leaves, (number, node, target, float(tree.value[node, target]))):
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
