import {mkdtempSync, readdirSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join, resolve} from "node:path";
import {importCaptures} from "../../capture/import/import.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {judgeLake} from "../../loaders/judge/incidents.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {type Cable, flowbookIn, layCable, noNamespaces, runIn} from "../capture/live/network.ts";
import {pcap} from "../capture/made-capture.ts";
import {readCapture} from "../capture/sources/packets.ts";

/** The configured default of `local_nets`, which a live capture judges by. */
const localNets = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fe80::/10"];
/** How long a capture is sent for: longer than a part of the lake is open. */
const sentS = 15;
/** A cable takes whole Ethernet headers, and no more than its largest frame. */
const isSendable = ({length}: Uint8Array) => length >= 14 && length <= 1514;

/**
 * Sends captures over a cable between two namespaces, captures them live, reads the file that the capture kept of them,
 * and prints the incidents of both where they differ, else how many there are. Needs root.
 */
export async function measureLive(files: readonly string[]): Promise<void> {
  const reason = noNamespaces();
  if (reason !== null) throw new Error(`no network namespaces: ${reason}`);
  const folder = mkdtempSync(join(tmpdir(), "flowbook-live-as-file-"));
  try {
    for (const [n, file] of files.entries()) {
      const cable = layCable("laf");
      try {
        await compare(file, cable, join(folder, String(n)));
      } finally {
        cable.remove();
      }
    }
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}

async function compare(file: string, cable: Cable, base: string): Promise<void> {
  const {packets: read} = await readCapture(resolve(file));
  const frames = read.map(({bytes}) => Buffer.from(bytes, "latin1")).filter(isSendable);
  const sent = `${base}.pcap`;
  writeFileSync(sent, pcap(frames.map((frame, us) => ({us, frame}))));
  const [live, imported] = [`${base}-live`, `${base}-file`];
  const capture = flowbookIn(
    cable.receiver,
    "capture",
    "-i",
    cable.interface,
    "--lake",
    live,
    "--json",
    "--rotate",
    "1"
  );
  await capture.says("capturing on");
  const script = resolve(import.meta.dirname, "../capture/live/replay-frames.py");
  const rate = String(Math.max(20, frames.length / sentS));
  const {code, stderr} = await runIn(cable.sender, "python3", [script, "fbs", sent, rate]).ended;
  if (code !== 0) throw new Error(`${file}: ${stderr}`);
  capture.process.kill("SIGTERM");
  const {packets, dropped} = JSON.parse((await capture.ended).stdout) as {packets: number; dropped?: number};
  const [ring] = readdirSync(join(live, "packets"));
  const kept = readdirSync(join(live, "packets", ring)).filter((name) => name.endsWith(".pcap"));
  await importCaptures(
    kept.map((name) => join(live, "packets", ring, name)),
    {lake: imported, clock: Date.now, workers: 1}
  );
  await classifyNewFlows(imported, {clock: Date.now});
  await judgeLake({lake: imported, clock: Date.now, localNets});
  const [fromWire, fromFile] = [await incidentsOf(live), await incidentsOf(imported)];
  const isSame = fromWire.join("\n") === fromFile.join("\n");
  console.log(
    `- ${basename(file)}: ${frames.length} frames sent, ${packets} captured${dropped ? `, ${dropped} lost` : ""}: ${isSame ? `the same ${fromFile.length} incidents` : "incidents DIFFER"}`
  );
  for (const line of isSame ? fromFile : fromFile.filter((one) => !fromWire.includes(one)))
    console.log(`  - ${isSame ? "" : "only of the file: "}${line}`);
  if (!isSame)
    for (const line of fromWire.filter((one) => !fromFile.includes(one))) console.log(`  - only live: ${line}`);
}

/** What each incident is, but for the capture that it belongs to. */
async function incidentsOf(lake: string): Promise<string[]> {
  const engine = await openLake(lake, {threads: 1});
  try {
    const {rows} = await engine.query(
      `SELECT class, severity, src_ip, dst_ip, dst_port, flows, state, list_sort(list_distinct(regexp_extract_all(reasons, '"source":"([a-z]+)"', 1)))::VARCHAR
       FROM incidents ORDER BY ALL`
    );
    return rows.map((row) => row.map((value) => value ?? "–").join(" "));
  } finally {
    await engine.close();
  }
}
