import {type ChildProcess, spawn} from "node:child_process";
import {createSocket} from "node:dgram";
import {resolve} from "node:path";
import {openLake} from "../../../loaders/lake/duckdb.ts";

export const bin = resolve(import.meta.dirname, "../../../bin/flowbook.js");

/** Sends a hundred packets a second to changing ports of this machine until it is stopped. */
export function sendPackets(): {sent(): number; stop(): void} {
  const socket = createSocket("udp4");
  let sent = 0;
  const sending = setInterval(() => {
    for (let n = 0; n < 5; n++) socket.send(`packet ${sent++}`, 20_000 + (sent % 2000), "127.0.0.1");
  }, 50);
  return {
    sent: () => sent,
    stop() {
      clearInterval(sending);
      socket.close();
    }
  };
}

/** Starts a capture of these packets that sends to the store; what it says goes to stderr. */
export function captureToStore(sensor: string, lake: string, seconds: number, env: NodeJS.ProcessEnv): ChildProcess {
  const what = ["-i", "lo", "-f", "udp dst portrange 20000-21999", "--duration", String(seconds), "--rotate", "2"];
  const where = ["--sensor", sensor, "--no-score", "--lake", lake, "--store", "s3://lake/all"];
  const child = spawn(process.execPath, [bin, "capture", ...what, ...where], {
    env,
    stdio: ["ignore", "ignore", "pipe"]
  });
  child.stderr!.on("data", (text) => process.stderr.write(`  ${sensor}: ${text}`));
  return child;
}

/** Counts and a sum over the contents of a lake's rows, of one sensor or of all. */
export async function rowsOf(lake: string, sensor?: string): Promise<Record<string, number>> {
  const engine = await openLake(lake, {threads: 1});
  const captures = sensor === undefined ? "captures" : `(SELECT * FROM captures WHERE sensor = '${sensor}')`;
  const flows = `(SELECT * FROM flows WHERE capture_sha256 IN (SELECT capture_sha256 FROM ${captures} AS own))`;
  const sql = `SELECT (SELECT count(*) FROM ${flows} AS f) AS flows,
    (SELECT count(*) FROM (SELECT DISTINCT capture_sha256, flow_id FROM ${flows} AS f)) AS distinct_flows,
    (SELECT CAST(sum(packets) AS BIGINT) FROM ${captures} AS c) AS packets, (SELECT count(*) FROM ${captures} AS c) AS captures,
    (SELECT CAST(sum(hash(flow_id, capture_sha256, ts_start) % 1000003) AS BIGINT) FROM ${flows} AS f) AS content`;
  const {columns, rows} = await engine.query(sql);
  await engine.close();
  return Object.fromEntries(columns.map(({name}, k) => [name, Number(rows[0][k])]));
}
