"""Scores parts of a lake on a Spark cluster, as loaders/judge/classify.ts does in one process.

Called by spark-submit with the folder of a plan: plan.json and the ONNX files that it names. One task scores some parts: it
reads their Parquet files, runs the models, and writes a file of verdicts for each, whole or not at all. A task that is
made again, because its worker was lost, writes the same file once more. What was done goes to result.json in that folder.
"""

import json
import os
import sys
from pathlib import Path

# Rows given to the runtime at once, as models/onnx.ts does.
BATCH_ROWS = 16_384
# Probabilities are kept in such steps, as in models/score.ts.
STEPS = 4096
# More tasks than this share parts.
MOST_TASKS = 2_000
PROTOCOL_NAMES = {1: "icmp", 6: "tcp", 17: "udp", 58: "icmpv6"}


def main(folder: Path) -> None:
    from pyspark.sql import SparkSession

    plan = json.loads((folder / "plan.json").read_text())
    models = {path.name: path.read_bytes() for path in folder.glob("*.onnx")}
    spark = SparkSession.builder.appName("flowbook score").getOrCreate()
    shared = spark.sparkContext.broadcast((plan, models))
    parts = len(plan["parts"])
    tasks = spark.range(0, parts, 1, min(parts, MOST_TASKS))
    done = tasks.mapInArrow(lambda batches: score_parts(shared.value, batches), "part string, verdicts long, worker string").collect()
    spark.stop()
    (folder / "result.json").write_text(json.dumps([row.asDict() for row in done]))


def score_parts(shared, batches):
    """One row for each part: its name, verdicts written, and the working folder of the executor."""
    import pyarrow as pa

    plan, models = shared
    judge = Judge(plan, models)
    for batch in batches:
        parts = [plan["parts"][k] for k in batch.column("id").to_pylist()]
        verdicts = [judge.score(part) for part in parts]
        columns = [[part["part"] for part in parts], verdicts, [os.getcwd()] * len(parts)]
        yield pa.RecordBatch.from_arrays([pa.array(values, kind) for values, kind in zip(columns, [pa.string(), pa.int64(), pa.string()])], ["part", "verdicts", "worker"])


class Judge:
    """The models of a plan, opened."""

    def __init__(self, plan, models):
        import numpy as np

        self.plan = plan
        self.classifier = plan["classifier"] and Model(plan["classifier"], models)
        self.anomaly = plan["anomaly"] and Model(plan["anomaly"], models)
        profile = plan["profile"]
        self.groups = [Model(group, models) for group in profile["groups"]] if profile else []
        self.rare = np.array(profile["rareScores"] if profile else [], np.float32)
        wanted = [model for model in [self.classifier, self.anomaly, *self.groups] if model]
        self.features = list(dict.fromkeys(name for model in wanted for name in model.features))

    def score(self, part) -> int:
        """Writes the verdicts of a part's flows; returns how many."""
        import numpy as np
        import pyarrow as pa
        import pyarrow.parquet as pq

        features = read(part["features"], ["flow_id", *self.features])
        flows = read(part["flows"], ["flow_id", "capture_sha256", "proto", "service"])
        ids, flow_ids = (table.column("flow_id").to_numpy() for table in (features, flows))
        order = np.argsort(flow_ids, kind="stable")
        at = np.searchsorted(flow_ids[order], ids)
        known = np.flatnonzero((at < len(order)) & (np.take(flow_ids[order], at, mode="clip") == ids)) if len(order) else np.array([], np.int64)
        features, flows = features.take(known), flows.take(order[at[known]])
        columns = {name: features.column(name).to_numpy() for name in self.features}
        schema = pa.schema([(name, TYPES(pa)[kind]) for name, kind in self.plan["columns"]], self.plan["metadata"])
        path = Path(self.plan["folder"], f"{part['file']}.{os.urandom(8).hex()}")
        writer = pq.ParquetWriter(path, schema, compression="zstd", store_schema=False)
        try:
            for start in range(0, len(known), BATCH_ROWS):
                rows = slice(start, min(len(known), start + BATCH_ROWS))
                verdicts = self.verdicts({name: values[rows] for name, values in columns.items()}, flows.slice(start, BATCH_ROWS))
                verdicts["flow_id"] = features.column("flow_id").slice(start, BATCH_ROWS)
                writer.write_table(pa.table([column(pa, verdicts.get(field.name), field, rows.stop - start) for field in schema], schema))
        finally:
            writer.close()
        os.chmod(path, 0o600)
        with open(path, "rb+") as file:
            os.fsync(file.fileno())
        os.replace(path, Path(self.plan["verdicts"], part["file"]))
        return len(known)

    def verdicts(self, features, flows):
        """Columns of `verdicts` for a batch of flows, NaN and None for NULL; those that are missing are NULL."""
        import numpy as np

        protocols = flows.column("proto").to_numpy()
        rows = len(protocols)
        result = {"capture_sha256": flows.column("capture_sha256"), "model": [self.plan["model"]] * rows, "not_judged": ["classifier"] * rows}
        if self.classifier:
            labels = self.classifier.card["labels"]
            probabilities = self.classifier.run(features, rows).reshape(rows, len(labels)).astype(np.float64)
            probabilities = np.floor(probabilities * STEPS + 0.5) / STEPS
            judged = self.classifier.judges(protocols)
            if np.isnan(probabilities[judged]).any():
                raise ValueError(f"{self.classifier.card['file']}: expected probabilities of flows, found one that is none")
            probabilities[~judged] = np.nan
            best = np.where(judged, np.nanargmax(np.where(judged[:, None], probabilities, 0), axis=1), 0)
            most = np.where(judged, probabilities[np.arange(rows), best], np.nan)
            unknown = most < self.classifier.card["thresholds"]["unknown"]
            normal = labels.index("Normal")
            result["label"] = [labels[k] if is_judged else None for k, is_judged in zip(best, judged)]
            result["probability"] = most
            result["is_unknown"] = np.where(judged, unknown, np.nan)
            result["suspicious"] = np.where(judged, (best != normal) & ~unknown, np.nan)
            result["not_judged"] = [None if is_judged else "protocol" for is_judged in judged]
            for name, label in self.plan["probabilities"].items():
                if label in labels:
                    result[name] = probabilities[:, labels.index(label)]
        if self.anomaly:
            score = -self.anomaly.run(features, rows).reshape(rows)
            score[~self.anomaly.judges(protocols)] = np.nan
            result["anomaly_score"] = score
            limit = self.anomaly.card["thresholds"]["anomaly"]
            result["is_anomaly"] = np.where(np.isnan(score), np.nan, score.astype(np.float64) > limit)
        elif self.groups:
            score, p = self.compare(features, protocols, flows.column("service").to_pylist(), rows)
            result["anomaly_score"], result["anomaly_p"] = score, p
            result["is_anomaly"] = p.astype(np.float64) <= self.plan["profile"]["rate"]
        return result

    def compare(self, features, protocols, services, rows):
        """Isolation Forest scores and p-values by the lake's profile, as models/anomaly/profile.ts has them."""
        import numpy as np

        profile = self.plan["profile"]
        empty = (features["src_payload_sum_bytes"] == 0) & (features["dst_payload_sum_bytes"] == 0)
        group_of = {kind: g for g, group in enumerate(profile["groups"]) if g > 0 for kind in group["kinds"]}
        groups = np.array([group_of.get(kind_of(*flow), 0) for flow in zip(services, protocols, empty)], np.int64)
        score, p = np.full(rows, np.nan, np.float32), np.full(rows, np.nan, np.float32)
        share = (1 + len(self.rare)) / (1 + profile["calibrated"])
        rare = share if share <= profile["newsShare"] else 0
        of_rare = 1 + profile["calibrated"] if rare > 0 else 1 + len(self.rare)
        for g, model in enumerate(self.groups):
            own = np.flatnonzero(groups == g)
            if len(own) == 0:
                continue
            found = model.run({name: values[own] for name, values in features.items()}, len(own)).reshape(len(own))
            score[own] = found
            if g == 0:
                p[own] = (1 + at_least(self.rare, found)) / of_rare
            else:
                scores = np.array(profile["groups"][g]["scores"], np.float32)
                offset = profile["groups"][g]["offset"]
                p[own] = rare + (1 - rare) * ((1 + at_least(scores, found.astype(np.float64) - offset)) / (1 + len(scores)))
        return score, p


class Model:
    """An ONNX file with its card: one thread, as models/onnx.ts opens it."""

    def __init__(self, card, models):
        import onnxruntime as ort

        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        self.card = card
        self.features = card["features"]
        self.session = ort.InferenceSession(models[card["onnx"]], options, providers=["CPUExecutionProvider"])

    def judges(self, protocols):
        import numpy as np

        return np.isin(protocols, self.card["protocols"])

    def run(self, features, rows):
        import numpy as np

        matrix = np.empty((rows, len(self.features)), np.float32)
        for k, name in enumerate(self.features):
            matrix[:, k] = features[name]
        return self.session.run([self.card["output"]], {self.card["input"]: matrix})[0]


def kind_of(service, protocol, is_empty) -> str:
    """The kind of a flow: its service, else its protocol, and whether anything was said."""
    if service is not None:
        return service
    return PROTOCOL_NAMES.get(protocol, f"ip-{protocol}") + (" without payload" if is_empty else "")


def at_least(ascending, values):
    """How many of ascending values are at least each of these."""
    import numpy as np

    return len(ascending) - np.searchsorted(ascending.astype(np.float64), values.astype(np.float64), side="left")


def read(paths, columns):
    import pyarrow as pa
    import pyarrow.parquet as pq

    # Files of parts stand alone: a folder of the path is no column.
    return pa.concat_tables([pq.ParquetFile(path).read(columns=columns) for path in paths])


def TYPES(pa):
    return {"BIGINT": pa.int64(), "VARCHAR": pa.string(), "FLOAT": pa.float32(), "BOOLEAN": pa.bool_()}


def column(pa, values, field, rows):
    """A column of a field's type; NaN is NULL."""
    if values is None:
        return pa.nulls(rows, field.type)
    if isinstance(values, list):
        return pa.array(values, field.type)
    if isinstance(values, (pa.Array, pa.ChunkedArray)):
        return values.cast(field.type)
    return pa.array(values.astype("float32") if values.dtype.kind == "f" else values, from_pandas=True).cast(field.type)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
