import {execFileSync} from "node:child_process";
import {readFileSync} from "node:fs";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {type Cable, runIn, sendUdp} from "./network.ts";

/** What rounds of killing showed. */
export interface KillReport {
  readonly rounds: number;
  /** Flows of all parts that a capture told to be sealed before it was killed. */
  readonly sealedFlows: number;
  /** Flows in the lake at the end. */
  readonly foundFlows: number;
  /** Queries that failed, and rows that were missing or double. */
  readonly failures: readonly string[];
}

/**
 * Starts captures of traffic whose flows end every tenth of a second and kills the capture, or (every third round) its
 * capture program, at a random moment of the two seconds of sending, after a first part is sealed; `random` gives numbers below 1. After each round the lake
 * must answer, with at least the flows told to be sealed, each with its features, none twice.
 */
export async function killRounds(
  cable: Cable,
  lake: string,
  rounds: number,
  random: (n: number) => number
): Promise<KillReport> {
  const failures: string[] = [];
  let sealedFlows = 0;
  let foundFlows = 0;
  for (let round = 0; round < rounds; round++) {
    const args = ["capture", "-i", cable.interface, "-f", "udp", "--lake", lake, "--no-score", "--events"];
    const running = runIn(cable.receiver, process.execPath, ["bin/flowbook.js", ...args, "--rotate", "0.2"], {
      FLOWBOOK_IDLE_TIMEOUT_S: "0.05"
    });
    await running.says('"kind":"started"');
    const sending = sendUdp(cable, 1000, 500, 60, 50);
    await running.says('"kind":"sealed"');
    await new Promise((resolve) => setTimeout(resolve, 1800 * random(round)));
    if (round % 3 === 2) killProgram(cable.receiver);
    else running.process.kill("SIGKILL");
    const {stdout} = await running.ended;
    await sending;
    for (const line of stdout.split("\n").filter((text) => text.startsWith('{"kind":"sealed"') && text.endsWith("}")))
      sealedFlows += (JSON.parse(line) as {flows: number}).flows;
    try {
      const [flows, distinct, features] = await counts(lake);
      foundFlows = flows;
      if (flows < sealedFlows) failures.push(`round ${round}: ${flows} flows of ${sealedFlows} sealed`);
      if (distinct !== flows) failures.push(`round ${round}: ${flows - distinct} flows twice`);
      if (features !== flows) failures.push(`round ${round}: ${flows} flows, ${features} features`);
    } catch (error) {
      failures.push(`round ${round}: ${(error as Error).message}`);
    }
  }
  return {rounds, sealedFlows, foundFlows, failures};
}

async function counts(lake: string): Promise<number[]> {
  const engine = await openLake(lake, {threads: 1, memoryMb: 256});
  try {
    const {rows} = await engine.query(
      "SELECT count(*), count(DISTINCT (capture_sha256, flow_id)), (SELECT count(*) FROM features) FROM flows"
    );
    return rows[0].map(Number);
  } finally {
    await engine.close();
  }
}

function killProgram(namespace: string): void {
  const pids = execFileSync("ip", ["netns", "pids", namespace], {encoding: "utf8"}).split("\n").filter(Boolean);
  for (const pid of pids)
    try {
      if (readFileSync(`/proc/${pid}/comm`, "utf8").trim() === "dumpcap") process.kill(Number(pid), "SIGKILL");
    } catch {
      // It ended meanwhile.
    }
}
