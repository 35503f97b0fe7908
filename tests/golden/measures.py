"""The instrument's definitions in float64 NumPy, written to be read next to the specification, not to be fast.

Shapes: L layers beside layer 0, T positions, V tokens; per-point arrays are [L + 1, T]. What does not exist is nan.
"""

from dataclasses import astuple, dataclass

import numpy as np

Array = np.ndarray
TOP = 10
STATES = "ABCDE"
OPERATORS = ("mass-margin", "top-ratio", "entropic")
BRANCH_P2, BRANCH_RATIO, TURBULENT_QUANTILE = 0.01, 0.5, 0.75


def log_softmax(logits: Array) -> Array:
    """Natural logarithms of the probabilities."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def rank_order(logits: Array) -> Array:
    """Token ids from most to least likely; of two equal ones the lower id comes first."""
    return np.argsort(-logits, axis=-1, kind="stable")


def distribution_columns(logits: Array) -> dict[str, Array]:
    """What one point's distribution alone decides, for every point of `logits` [L + 1, T, V]."""
    vocabulary = logits.shape[-1]
    log_p = log_softmax(logits)
    p = np.exp(log_p)
    ordered = -np.sort(-p, axis=-1)
    entropy = -(p * log_p).sum(axis=-1)
    return {
        "entropy": entropy,
        "entropy_norm": entropy / np.log(vocabulary),
        "effective_tokens": np.exp(entropy),
        "p1": ordered[..., 0],
        "p2": ordered[..., 1],
        "margin": ordered[..., 0] - ordered[..., 1],
        "ratio": ordered[..., 1] / ordered[..., 0],
        "top5_mass": ordered[..., :5].sum(axis=-1),
        "n_1pct": (p >= 0.01).sum(axis=-1).astype(float),
        "mass_1pct": np.where(p >= 0.01, p, 0.0).sum(axis=-1),
        "n_rel": (p >= 500.0 / vocabulary).sum(axis=-1).astype(float),
        "kl_final": (p * (log_p - log_p[-1])).sum(axis=-1),
    }


def target_columns(logits: Array, ids: Array) -> dict[str, Array]:
    """Probability, rank (1 is the most likely) and surprisal of the token that follows; none at the last position."""
    shape = logits.shape[:2]
    log_p, order = log_softmax(logits), rank_order(logits)
    columns = {name: np.full(shape, np.nan) for name in ("target_p", "target_rank", "surprisal")}
    for t, target in enumerate(ids[1:]):
        columns["target_p"][:, t] = np.exp(log_p[:, t, target])
        columns["target_rank"][:, t] = 1 + np.argmax(order[:, t] == target, axis=-1)
        columns["surprisal"][:, t] = -log_p[:, t, target]
    return columns


def measure_motion(hidden: Array) -> dict[str, Array]:
    """How the residual stream [L + 1, T, width] moves along depth, whatever the lens. step: distance of successive
    directions (none at layer 0); turn: angle in radians between successive steps (none at layers 0 and 1); theta_step:
    the 0.75 quantile, interpolated linearly, of step over layers 1..L and all positions."""
    norm = np.linalg.norm(hidden, axis=-1)
    steps = np.diff(hidden / norm[..., None], axis=0)
    length = np.linalg.norm(steps, axis=-1)
    cosine = (steps[1:] * steps[:-1]).sum(axis=-1) / (length[1:] * length[:-1])
    absent = np.full((1, norm.shape[1]), np.nan)
    return {
        "norm": norm,
        "step": np.concatenate([absent, length]),
        "turn": np.concatenate([absent, absent, np.arccos(np.clip(cosine, -1.0, 1.0))]),
        "theta_step": np.array(np.quantile(length, TURBULENT_QUANTILE)),
    }


def poles(columns: dict[str, Array], operator: str) -> tuple[Array, Array]:
    """G (concentration) and D (competition) at every point."""
    p1, p2 = columns["p1"], columns["p2"]
    if operator == "mass-margin":
        return columns["top5_mass"], 1.0 - columns["margin"]
    if operator == "top-ratio":
        return p1, columns["ratio"]
    share = p1 / (p1 + p2)
    rest = p2 / (p1 + p2)
    return 1.0 - columns["entropy_norm"], -(share * np.log2(share) + rest * np.log2(rest))


def pearson_along_depth(g: Array, d: Array) -> float:
    """Correlation of G and D over layers 1..L at each position, averaged over the positions."""
    return float(np.mean([np.corrcoef(g[1:, t], d[1:, t])[0, 1] for t in range(g.shape[1])]))


def pole_summary(g: Array, d: Array) -> dict[str, Array]:
    """Means and their ratio over layers 1..L and all positions; the ratio per layer at 0..L."""
    return {
        "mean_g": np.array(g[1:].mean()),
        "mean_d": np.array(d[1:].mean()),
        "gd_ratio": np.array(g[1:].mean() / d[1:].mean()),
        "gd_ratio_by_layer": g.mean(axis=1) / d.mean(axis=1),
        "sync": np.array(pearson_along_depth(g, d)),
    }


def commit_layers(logits: Array) -> Array:
    """Per position the smallest layer from which the final layer's top token stays on top; layer 0 counts."""
    top = rank_order(logits)[..., 0]
    agrees = top == top[-1]
    held = np.logical_and.accumulate(agrees[::-1], axis=0)[::-1]
    return held.argmax(axis=0).astype(float)


def classify(columns: dict[str, Array], commit: Array, theta: float) -> Array:
    """State of every point as its index in STATES; nan at layer 0. `theta` is the threshold of turbulence."""
    turbulent = columns["step"] >= theta
    branching = (columns["p2"] >= BRANCH_P2) & (columns["ratio"] >= BRANCH_RATIO)
    committed = np.arange(len(turbulent))[:, None] >= commit[None, :]
    letters = np.where(
        branching,
        np.where(turbulent, "D", "B"),
        np.where(turbulent, "A", np.where(committed, "C", "E")),
    )
    states = np.vectorize(STATES.index)(letters).astype(float)
    states[0] = np.nan
    return states


def transition_counts(states: Array, axis: int) -> Array:
    """5 x 5 counts, from row to column, along depth (axis 0) or along the tokens of one layer (axis 1)."""
    inner = states[1:].astype(int)
    pairs = zip(inner[:-1].flat, inner[1:].flat) if axis == 0 else zip(inner[:, :-1].flat, inner[:, 1:].flat)
    counts = np.zeros((5, 5))
    for source, target in pairs:
        counts[source, target] += 1
    return counts


def row_probabilities(counts: Array) -> Array:
    """Counts as shares of their row; a row without observations is nan."""
    totals = counts.sum(axis=1, keepdims=True)
    return np.where(totals > 0, counts / np.maximum(totals, 1), np.nan)


@dataclass(frozen=True)
class Guard:
    """How far the reference keeps from every place where a rounding error could change a yes into a no."""

    top_gap: float
    target_gap: float
    share_gap: float
    step_gap: float


def measure_guard(logits: Array, ids: Array, columns: dict[str, Array]) -> Guard:
    """Smallest logit gap among the eleven most likely; between a target and its neighbours in rank; relative distance
    of a probability from 0.01 or of p2/p1 from 0.5; relative distance of a step from its threshold (the order
    statistics that the threshold is made from move along with it and do not count)."""
    ordered = -np.sort(-logits, axis=-1)
    p = np.exp(log_softmax(logits))
    targets = [np.abs(np.delete(logits[:, t], i, axis=-1) - logits[:, t, i, None]).min() for t, i in enumerate(ids[1:])]
    step = np.sort(columns["step"][1:].ravel())
    place = (len(step) - 1) * TURBULENT_QUANTILE
    others = np.delete(step, [int(np.floor(place)), int(np.ceil(place))])
    return Guard(
        top_gap=float(-np.diff(ordered[..., : TOP + 1], axis=-1).max()),
        target_gap=float(min(targets)),
        share_gap=float(min(np.abs(p / 0.01 - 1).min(), np.abs(columns["ratio"] / 0.5 - 1).min())),
        step_gap=float(np.abs(others / columns["theta_step"] - 1).min()),
    )


def state_sections(states: Array) -> dict[str, Array]:
    """Shares and transitions of the states."""
    depth, token = transition_counts(states, 0), transition_counts(states, 1)
    return {
        "state": states,
        "state_shares": np.array([(states[1:] == i).mean() for i in range(len(STATES))]),
        "depth_counts": depth,
        "depth_p": row_probabilities(depth),
        "token_counts": token,
        "token_p": row_probabilities(token),
    }


def pole_sections(columns: dict[str, Array]) -> dict[str, Array]:
    """Both poles and their summary for all three operators."""
    sections: dict[str, Array] = {}
    for operator in OPERATORS:
        g, d = poles(columns, operator)
        named = {"g": g, "d": d, **pole_summary(g, d)}
        sections |= {f"{operator}.{name}": values for name, values in named.items()}
    return sections


def measure_lens(logits: Array, motion: dict[str, Array], ids: Array) -> dict[str, Array]:
    """Every section of one lens, by its name in the reference file."""
    columns = {**distribution_columns(logits), **target_columns(logits, ids)}
    order = rank_order(logits)[..., :TOP]
    commit = commit_layers(logits)
    states = classify(columns | motion, commit, float(motion["theta_step"]))
    return {
        **columns,
        "top_ids": order.astype(float),
        "top_p": np.take_along_axis(np.exp(log_softmax(logits)), order, axis=-1),
        **pole_sections(columns),
        "entropy_by_layer": columns["entropy"].mean(axis=1),
        "p1_by_layer": columns["p1"].mean(axis=1),
        "commit": commit,
        "commit_mean": np.array(commit.mean()),
        **state_sections(states),
        "guard": np.array(astuple(measure_guard(logits, ids, columns | motion))),
    }
