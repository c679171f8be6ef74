import {mkdirSync, writeFileSync} from "node:fs";
import {join} from "node:path";
import {spreadOf, type TrainingProfile} from "../../models/training-profile.ts";
import type {TrainingFlows} from "./training-flows.ts";

/** What ordinary flows of the training captures were like in these features; each capture counts alike. */
export function trainingProfile(
  {flows, matrix, labels, capture, origins}: TrainingFlows,
  {all, features}: {readonly all: readonly string[]; readonly features: readonly string[]}
): TrainingProfile {
  const isOrdinary = (row: number) => labels[row] === "Normal" && origins[capture[row]].role !== "test";
  const rows = Array.from({length: flows.rows}, (_, row) => row).filter(isOrdinary);
  const counts = new Map<number, number>();
  for (const row of rows) counts.set(capture[row], (counts.get(capture[row]) ?? 0) + 1);
  const weights = Float64Array.from(rows, (row) => 1 / counts.get(capture[row])!);
  return {
    format: "flowbook-training-profile-1",
    origin: `ordinary flows of ${counts.size} training captures (${nameOf([...counts.keys()].map((k) => origins[k]))}); each capture counts alike`,
    flows: rows.length,
    captures: counts.size,
    features: features.map((name) => {
      const column = all.indexOf(name);
      return spreadOf(
        name,
        Float32Array.from(rows, (row) => matrix[row * all.length + column]),
        weights
      );
    })
  };
}

function nameOf(origins: TrainingFlows["origins"]): string {
  const ofLab = origins.filter(({configuration}) => configuration !== undefined).length;
  const ofOthers = origins.length - ofLab;
  return [ofLab > 0 && `${ofLab} of the lab`, ofOthers > 0 && `${ofOthers} of others`].filter(Boolean).join(", ");
}

/** Writes `spread/NAME.json` in a folder of models. */
export function writeTrainingProfile(folder: string, name: string, profile: TrainingProfile): void {
  mkdirSync(join(folder, "spread"), {recursive: true});
  const {features, ...facts} = profile;
  const lines = features.map((feature) => `  ${JSON.stringify(feature)}`).join(",\n");
  writeFileSync(
    join(folder, "spread", `${name}.json`),
    `${JSON.stringify(facts, null, 1).slice(0, -2)},\n "features": [\n${lines}\n ]\n}\n`
  );
}
