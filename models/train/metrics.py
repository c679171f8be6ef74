"""Figures of a model on labelled flows; all rounded to four places."""
import numpy as np
from sklearn.metrics import confusion_matrix, precision_recall_fscore_support, roc_auc_score

NORMAL = "Normal"


def softmax(raw):
    shifted = np.exp(raw - raw.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def sigmoid(log_odds):
    return 1 / (1 + np.exp(-log_odds))


def rounded(value):
    return float(np.round(value, 4))


def classification(p, truth, groups, labels, threshold):
    guess = np.array(labels)[p.argmax(axis=1)]
    best = p.max(axis=1)
    present = [label for label in labels if (truth == label).any()]
    precision, recall, f1, support = precision_recall_fscore_support(truth, guess, labels=labels, zero_division=0)
    ordinary = truth == NORMAL
    known = best >= threshold
    return {
        "flows": len(truth),
        "accuracy": rounded((guess == truth).mean()),
        "macro_f1": rounded(np.mean([f1[labels.index(label)] for label in present])),
        "classes": {
            label: {
                "precision": rounded(precision[i]),
                "recall": rounded(recall[i]),
                "f1": rounded(f1[i]),
                "support": int(support[i]),
            }
            for i, label in enumerate(labels)
        },
        "confusion": {"rows": "truth", "columns": "model", "labels": labels, "flows": confusion_matrix(truth, guess, labels=labels).tolist()},
        "attack_vs_normal_auroc": rounded(roc_auc_score(~ordinary, 1 - p[:, labels.index(NORMAL)])) if ordinary.any() and not ordinary.all() else None,
        "false_positive_rate": rounded((guess[ordinary] != NORMAL).mean()) if ordinary.any() else None,
        "false_positive_rate_known": rounded(((guess != NORMAL) & known)[ordinary].mean()) if ordinary.any() else None,
        "unknown_share": rounded((~known).mean()),
        "accuracy_known": rounded((guess == truth)[known].mean()) if known.any() else None,
        "expected_calibration_error": rounded(calibration_error(best, guess == truth)),
        "recall_by_tool": {
            tool: {"label": truth[groups == tool][0], "flows": int((groups == tool).sum()), "recall": rounded((guess == truth)[groups == tool].mean())}
            for tool in sorted(set(groups[~ordinary]))
        },
    }


def calibration_error(confidence, right, bins=15):
    """Expected calibration error over bins of the same width (Guo et al. 2017)."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = [abs(confidence[place == b].mean() - right[place == b].mean()) * (place == b).mean() for b in set(place)]
    return sum(gaps)


def anomalies(scores, truth):
    ordinary = truth == NORMAL
    classes = sorted(set(truth[~ordinary]))
    return {
        "flows": len(truth),
        "auroc": rounded(roc_auc_score(~ordinary, scores)),
        "auroc_by_class": {c: rounded(roc_auc_score((truth == c)[ordinary | (truth == c)], scores[ordinary | (truth == c)])) for c in classes},
        "false_positive_rate": rounded((scores[ordinary] > 0).mean()),
        "found_by_class": {c: rounded((scores[truth == c] > 0).mean()) for c in classes},
    }
