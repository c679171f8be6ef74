"""What all learners of the classifier have in common."""
import numpy as np

FEATURES = 48  # the most important ones: more cost time and bring nothing on other networks


def most_important(importance):
    """Places of the features that are kept, in their order."""
    first = np.argsort(-importance, kind="stable")[:FEATURES]
    return np.sort(first[importance[first] > 0])


def seen(x, chosen):
    return np.ascontiguousarray(x[:, chosen])
