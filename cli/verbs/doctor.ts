import {existsSync} from "node:fs";
import {resolve} from "node:path";
import {lakeDamage} from "../../capture/partitions/lost-files.ts";
import {checkMachine} from "../../loaders/health/machine.ts";
import {scoresCheck} from "../../loaders/health/older-scores.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {detectNotices} from "../../loaders/judge/notices.ts";
import {scanLake} from "../../loaders/lake/damage-scan.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {removeDamagedRollups} from "../../loaders/lake/rollup-renew.ts";
import {rollupStep} from "../../loaders/results/freshness-rollups.ts";
import {projectModel} from "../../loaders/results/freshness-scoring.ts";
import type {Check} from "../../src/lib/health.js";
import {anomalySettings, projectRoot, readConfiguration} from "../configuration.ts";
import {printable} from "../progress.ts";
import {type Repair, repairLake} from "../repair.ts";
import {exit, type Verb} from "../verb.ts";

export const verb: Verb = {
  name: "doctor",
  usage: "[--repair]",
  options: {repair: {type: "boolean"}},
  help: {repair: "set damaged files of the lake aside, and import their captures again where the files still exist"},
  async run({lake, json, values}) {
    const machine = await checkMachine({project: projectRoot, lake, env: process.env});
    const scan = existsSync(lake) ? await scanLake(lake) : {files: 0, damaged: 0};
    const repairs = values.repair === true ? await repair(lake) : [];
    const damage = lakeDamage(lake);
    const checks = [
      ...machine,
      filesCheck(scan.files, damage.length, repairs),
      ...(existsSync(lake) ? [await verdictsCheck(lake)] : [])
    ];
    if (json) console.log(JSON.stringify({checks, damage, repairs}));
    else {
      for (const {name, state, found, remedy} of checks)
        console.log(`${state.padEnd(5)} ${name.padEnd(16)} ${found}${remedy ? `\n${" ".repeat(23)}→ ${remedy}` : ""}`);
      for (const {file, done, reason} of repairs) console.log(`      ${printable(`${file}: ${done ?? reason}`)}`);
      if (repairs.length === 0)
        for (const {table, file, problem} of damage) console.log(`      ${printable(`${table}/${file} ${problem}`)}`);
    }
    if (damage.length > 0) return exit.input;
    return checks.some(({state}) => state === "fail") ? exit.configuration : exit.ok;
  }
};

async function verdictsCheck(lake: string): Promise<Check> {
  const engine = await openLake(lake, {hasRollups: false});
  try {
    return await scoresCheck(engine, lake, projectRoot);
  } finally {
    await engine.close();
  }
}

/** Repairs the lake, then judges what came anew. */
async function repair(lake: string): Promise<Repair[]> {
  const repairs = await repairLake(lake);
  if (repairs.some(({done}) => done !== null)) {
    await classifyNewFlows(lake, {clock: Date.now, anomaly: anomalySettings()});
    await detectNotices({lake, clock: Date.now, localNets: readConfiguration().localNets});
  }
  return [...repairs, ...(await repairRollups(lake))];
}

/** Sums are made anew from the flows that they are of. */
async function repairRollups(lake: string): Promise<Repair[]> {
  const damaged = await removeDamagedRollups(lake);
  if (damaged.length === 0) return [];
  const project = resolve(import.meta.dirname, "../..");
  const [step] = await rollupStep({lake, model: projectModel(project), now: Date.now});
  const failed = step?.state === "failed" ? step.error : null;
  const done = failed === null ? "its sums are made anew" : null;
  return damaged.map((file) => ({file: `.rollups/${file}`, done, reason: failed}));
}

function filesCheck(files: number, damaged: number, repairs: readonly Repair[]): Check {
  const repaired = repairs.filter(({done}) => done !== null).length;
  const found = [`${files} read`, ...(repaired > 0 ? [`${repaired} repaired`] : [])].join(", ");
  if (damaged === 0) return {name: "lake files", state: "ok", found, remedy: null};
  const remedy =
    repairs.length > 0 ? "import their captures again" : "flowbook doctor --repair imports again what it can";
  return {
    name: "lake files",
    state: "fail",
    found: `${found}, ${damaged} damaged or missing: their rows are left out`,
    remedy
  };
}
