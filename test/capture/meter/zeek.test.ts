import {readFileSync} from "node:fs";
import {join} from "node:path";
import {expect, it} from "vitest";
import {describeUnless} from "../../needs.ts";
import {noSharedData, type SharedCapture, sharedCaptures, sharedData} from "../../shared-data.ts";
import {type FlowObject, meterFile, testSettings} from "./metered.ts";

type Record = {readonly [field: string]: string};

/** Zeek's conn.log as records; some baselines are cut to a few fields. */
function records(path: string): Record[] {
  const lines = readFileSync(join(sharedData, path), "utf8").split("\n");
  const header =
    lines.find((line) => line.startsWith("#fields"))?.slice(8) ?? lines.find((line) => !line.startsWith("#")) ?? "";
  const rows = lines.filter((line) => line && !line.startsWith("#") && line !== header);
  return rows.map((line) => Object.fromEntries(line.split("\t").map((value, i) => [header.split("\t")[i], value])));
}

const columns = ["src_ip", "src_port", "dst_ip", "dst_port", "conn_state", "history"];
const ends = (a: string, p: number | string, b: string, q: number | string) => `${a}|${p} ${b}|${q}`;
const endsOf = (flow: FlowObject) => ends(flow.src_ip, flow.src_port, flow.dst_ip, flow.dst_port);
const reversed = (flow: FlowObject) => ends(flow.dst_ip, flow.dst_port, flow.src_ip, flow.src_port);

/** The flow of a record: the same endpoints, the same history if there are several, the other direction at the last. */
function take(flows: FlowObject[], record: Record): FlowObject | undefined {
  const key = ends(record["id.orig_h"], record["id.orig_p"], record["id.resp_h"], record["id.resp_p"]);
  const same = flows.filter((flow) => endsOf(flow) === key);
  const found =
    same.find((flow) => flow.history === record.history) ?? same[0] ?? flows.find((flow) => reversed(flow) === key);
  if (found) flows.splice(flows.indexOf(found), 1);
  return found;
}

/** Zeek's TCP inactivity timeout; it has no active timeout. */
const zeekTimeouts = {...testSettings, idleTimeoutUs: 300e6, activeTimeoutUs: 1e15};

/** Differences that stand, by capture: Zeek's state and history, then ours. */
const known: {readonly [file: string]: readonly string[]} = {
  // X: the limit of a Zeek analyzer.
  "ftp/fake-long-commands.pcap": ["SF ShAdDaXFf · SF ShAdDaFf"],
  "tunnels/gtp/gtp2_different_udp_port.pcap": ["S3 ShADadXf · S3 ShADadf"],
  // The GridFTP analyzer stops looking at a bulk transfer.
  "globus-url-copy.pcap": ["S1 ShADad · SF ShADadfF"],
  // Zeek without its scripts knows no server ports and leaves a first SYN-ACK with its sender.
  "vntag_vlan_sandwich_clean.pcap": ["OTH - · OTH ^h"],
  // The baseline's filter ends this one after its first packet.
  "wikipedia.pcap": ["OTH D · OTH DdA"]
};

describeUnless(noSharedData)("conn_state and history are those of Zeek's conn.log", () => {
  const captures = sharedCaptures("pcap") as (SharedCapture & {truth?: readonly string[]})[];
  const withLogs = captures
    .map(({file, truth = []}) => ({file, logs: truth.filter((path) => path.endsWith("conn.log"))}))
    .filter(({logs}) => logs.length > 0);

  it("in all baselines but for the differences that are known", async () => {
    const differing: {[file: string]: string[]} = {};
    let compared = 0;
    let equal = 0;
    for (const {file, logs} of withLogs)
      for (const log of logs) {
        const flows = (await meterFile(join(sharedData, file), zeekTimeouts, columns)).flows;
        for (const record of records(log)) {
          if (!record["id.orig_h"] || !record.conn_state || record.history === undefined) continue;
          const flow = take(flows, record);
          // Zeek also logs the tunnels themselves.
          if (!flow) continue;
          compared++;
          const zeek = `${record.conn_state} ${record.history}`;
          const ours = `${flow.conn_state} ${flow.history || "-"}`;
          if (zeek === ours) equal++;
          else (differing[file.slice("pcap/zeek/".length)] ??= []).push(`${zeek} · ${ours}`);
        }
      }
    expect(differing).toEqual(known);
    console.info(`Zeek: ${equal} of ${compared} connections have the same state and history`);
    expect(equal / compared).toBeGreaterThan(0.97);
  });
});
