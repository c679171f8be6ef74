"""The classifier of flows: a learner over the classes of the training set, its probabilities calibrated by one temperature."""
import numpy as np
from scipy.optimize import minimize_scalar

import metrics
import oversampling
from dataset import NORMAL, dealt, joined, learnt_protocols, shares
from metrics import softmax

ROWS_OF_A_TOOL = {"quick": 120, "full": 400}  # in one capture: a flood of equal flows teaches nothing more
ROWS_OF_A_HOST = {"quick": 20, "full": 60}  # of others' captures
ROWS_OF_A_LABEL = {"quick": 1500, "full": 6000}  # of a table of others, which names neither tools nor hosts
PARTS = {"quick": 3, "full": 8}  # in which networks and repositories are left out
NORMAL_WEIGHT = 4.0  # each of the lab's and the others' ordinary flows, against 1 of every attack class
UNKNOWN_BELOW = 0.5  # the name is then likelier wrong than right


class Classifier:
    name = kind = "classifier"

    def __init__(self, flows, learner, seed, effort, smote):
        self.flows, self.learner, self.effort, self.smote = flows, learner, effort, smote
        rows = thinned(flows, seed, effort)
        self.labels = sorted(set(flows.labels[rows]), key=lambda label: (label != NORMAL, label))
        y = np.array([self.labels.index(label) for label in flows.labels[rows]])
        weights = weighted(flows, rows)

        def fit(of):
            known = flows.x[rows[of]], y[of], weights[of]
            return learner(*(oversampling.oversampled(*known, seed, effort) if smote else known), len(self.labels), seed, effort)

        everything = np.ones(len(rows), dtype=bool)
        self.model = fit(everything)
        # Every flow as a model sees it that has learnt nothing of its network.
        self.log_probabilities = self.model.log_probabilities(flows.x)
        self.folds = sorted(set(flows.folds[rows]))
        self.groups, self.own = parts(flows.folds, rows, flows.labels != NORMAL, seed, PARTS[effort])
        for group in np.unique(self.groups[rows]):
            unseen = (self.groups == group) & (flows.roles != "test")
            self.log_probabilities[unseen] = fit(self.groups[rows] != group).log_probabilities(flows.x[unseen])
        self.temperature = calibrated(self.log_probabilities[rows], y, weights)
        self.rows = rows
        self.protocols = learnt_protocols(flows.protocols[rows])

    @property
    def probabilities(self):
        """Of every flow, by a model that has not seen its network."""
        return softmax(self.log_probabilities / self.temperature)

    def predict(self, x):
        return softmax(self.model.log_probabilities(x) / self.temperature)

    def onnx(self):
        return self.model.onnx(self.temperature, bool(np.isnan(self.flows.x[self.rows]).any()))

    def describe(self):
        features = [self.flows.features[k] for k in self.model.chosen]
        order = np.argsort(-self.model.importance(), kind="stable")
        return {
            "features": features,
            "labels": self.labels,
            **({"protocols": self.protocols} if self.protocols else {}),
            "outputs": {"probabilities": "probabilities"},
            "thresholds": {"unknown": UNKNOWN_BELOW},
            "training": {
                "learner": self.learner.learner,
                "parameters": self.learner.efforts[self.effort],
                "effort": self.effort,
                "smote": oversampling.described(self.effort) if self.smote else None,
                "missing_features": self.missing(features),
                "features": f"the {len(features)} most important of {len(self.flows.features)}",
                "importance": {features[k]: metrics.rounded(self.model.importance()[k]) for k in order},
                "rows_of_a_tool_in_a_capture_at_most": ROWS_OF_A_TOOL[self.effort],
                "rows_of_a_host_of_others_at_most": ROWS_OF_A_HOST[self.effort],
                "weights": f"attack classes alike, Normal {NORMAL_WEIGHT:g} for the lab's and the same for others' flows; within, tools, hosts or captures by the square root of their flows",
                "calibration": {"method": "temperature, on networks and repositories left out" if self.own is None else "temperature, on flows left out of the only network with attacks", "temperature": self.temperature},
            },
        }

    def missing(self, features):
        """By table of others: the features of the model that it does not have, whose values are missing in its rows."""
        flows = self.flows
        told = {}
        for k, origin in enumerate(flows.origins):
            rows = self.rows[flows.captures[self.rows] == k]
            absent = np.isnan(flows.x[rows]).all(axis=0) if len(rows) else np.zeros(0, dtype=bool)
            lacking = [name for name in features if len(rows) and absent[flows.features.index(name)]]
            if lacking:
                told[origin["fold"]] = lacking
        return told

    def evaluate(self):
        flows, p = self.flows, self.probabilities
        known = flows.labels != ""
        of = lambda rows: metrics.classification(p[rows], flows.labels[rows], flows.groups[rows], self.labels, UNKNOWN_BELOW)
        figures = {}
        for fold in self.folds:
            rows = known & (flows.folds == fold) & np.isin(flows.roles, ["train", "table", "labels"])
            if rows.any():
                figures.setdefault(kind_of(fold, self.own), {})[fold] = of(rows)
        others = flows.roles == "background"
        if others.any():
            wrong = flows.labels[others] != np.array(self.labels)[p[others].argmax(axis=1)]
            sure = p[others].max(axis=1) >= UNKNOWN_BELOW
            figures["others_left_out"] = {"flows": int(others.sum()), "named_an_attack": metrics.rounded((wrong & sure).mean())}
        tested = known & (flows.roles == "test")
        if tested.any():
            figures["test"] = of(tested)
        return figures


def parts(folds, rows, attack, seed, most):
    """
    The part that each row is left out with: networks, repositories and tables whole. Where only one has attacks, its rows
    are drawn one by one, since without it nothing of an attack would be learnt; its name comes second, else None.
    """
    attacked = sorted(set(folds[rows][attack[rows]]))
    groups = dealt(folds, most, attacked)
    if len(attacked) > 1:
        return groups, None
    own = attacked[0]
    drawn = folds == own
    groups[drawn] = np.random.default_rng(seed).integers(0, most, drawn.sum())
    return groups, own


def kind_of(fold, own):
    """What figures of that network are called: of one that was left out, or of the only one with attacks."""
    return "own_network" if fold == own else "left_out"


def thinned(flows, seed, effort):
    rng = np.random.default_rng(seed)
    usable = np.flatnonzero((flows.labels != "") & (flows.roles != "test"))
    keys = joined(flows.captures[usable], flows.labels[usable], flows.groups[usable])
    order = rng.permutation(len(usable))
    most = np.full(len(usable), ROWS_OF_A_TOOL[effort])
    most[flows.roles[usable] == "background"] = ROWS_OF_A_HOST[effort]
    most[flows.roles[usable] == "table"] = ROWS_OF_A_LABEL[effort]
    seen, kept = {}, []
    for i in order:
        seen[keys[i]] = seen.get(keys[i], 0) + 1
        if seen[keys[i]] <= most[i]:
            kept.append(usable[i])
    return np.sort(np.array(kept))


def weighted(flows, rows):
    weights = np.zeros(len(rows))
    labels, background = flows.labels[rows], flows.roles[rows] == "background"
    keys = np.where(background, joined(flows.captures[rows]), joined(flows.captures[rows], flows.groups[rows]))
    for label in sorted(set(labels)):
        for part in (labels == label) & ~background, (labels == label) & background:
            if part.any():
                weights[part] = shares(keys[part]) * (NORMAL_WEIGHT if label == NORMAL else 1)
    return weights * len(weights) / weights.sum()


def calibrated(log_probabilities, y, weights):
    """The temperature with the least loss on rows that the model did not see (Guo et al. 2017)."""

    def loss(log_temperature):
        p = softmax(log_probabilities / np.exp(log_temperature))[np.arange(len(y)), y]
        return -(weights * np.log(np.maximum(p, 1e-12))).sum() / weights.sum()

    return float(np.round(np.exp(minimize_scalar(loss, bounds=(-1.5, 2), method="bounded").x), 4))
