import {gzipSync} from "node:zlib";
import {type FlowPacket, readFlowPackets} from "../../capture/packets/flow-packets.ts";
import {type FlowEnds, summarize} from "../../capture/packets/packet-summary.ts";
import type {LakeEngine} from "../../loaders/lake/duckdb.ts";
import type {CarriedPackets} from "../../schema/packets.ts";
import {evidenceBytesName, evidenceName} from "../../src/lib/carried.ts";
import {shownFlows} from "./packed-flows.ts";

/** Packets of flows, by `capture/flow`. */
export type Evidence = Readonly<Record<string, CarriedPackets>>;

export interface EvidenceLimits {
  /** Flows of each incident, those that matter most. */
  readonly flows: number;
  /** First packets of each flow. */
  readonly packets: number;
  /** Bytes of all packets. */
  readonly bytes: number;
}

/** As a single file carries them: gzipped, the packets' bytes apart, one after another in the order of the lists. */
export function packedEvidence(evidence: Evidence): Readonly<Record<string, Buffer>> {
  const bytes: Buffer[] = [];
  const lists = Object.entries(evidence).map(([flow, {packets, ...rest}]) => {
    const listed = packets.map(({hex, ...packet}) => {
      bytes.push(Buffer.from(hex, "hex"));
      return packet;
    });
    return [flow, {...rest, packets: listed}];
  });
  const packed = (content: Uint8Array | string) => gzipSync(content, {level: 9, memLevel: 9});
  return {
    [evidenceName]: packed(JSON.stringify(Object.fromEntries(lists))),
    [evidenceBytesName]: packed(Buffer.concat(bytes))
  };
}

/** Evidence of only the flows that matter most to each incident; the others say that there was no room. */
export async function ofFewerFlows(engine: LakeEngine, evidence: Evidence, flows: number): Promise<Evidence> {
  const {rows} = await engine.query(`SELECT DISTINCT capture_sha256 || '/' || flow_id FROM ${mattering(flows)} AS i`);
  const first = new Set(rows.map(([key]) => String(key)));
  return Object.fromEntries(
    Object.entries(evidence).map(([key, each]) => [
      key,
      first.has(key) || each.packets.length === 0 ? each : {...each, packets: [], reason: noRoom}
    ])
  );
}

const noRoom = "the report has room for no more";

/** Of each incident the flows that matter most. */
const mattering = (flows: number) => `(SELECT * FROM incident_flows
  QUALIFY row_number() OVER (PARTITION BY incident_id ORDER BY contribution DESC, flow_id) <= ${flows})`;

export const evidenceLimits: EvidenceLimits = {flows: shownFlows, packets: 24, bytes: 1_000_000};

/** The first packets of the flows that matter most to each incident, by `capture/flow`, with their bytes in hex. */
export async function evidencePackets(
  lake: string,
  engine: LakeEngine,
  limits: EvidenceLimits = evidenceLimits
): Promise<Evidence> {
  const {rows} = await engine.query(
    `SELECT DISTINCT c.capture_sha256, c.path, c.format, c.meter, f.flow_id, epoch_us(f.ts_start) AS begun,
       epoch_us(f.ts_start) + f.duration_us, f.src_pkts + f.dst_pkts, f.src_ip, f.dst_ip, f.src_port, f.dst_port, f.proto
     FROM ${mattering(limits.flows)} AS i
     JOIN flows AS f USING (flow_id, capture_sha256) JOIN captures AS c ON c.capture_sha256 = f.capture_sha256
     ORDER BY c.capture_sha256, begun, f.flow_id`
  );
  const carried: Record<string, CarriedPackets> = {};
  const captures = new Map<string, (typeof rows)[number][]>();
  for (const row of rows) captures.set(String(row[0]), [...(captures.get(String(row[0])) ?? []), row]);
  let left = limits.bytes;
  for (const [capture, flows] of captures) {
    const [, path, format, meter] = flows[0].map(String);
    const lists = new Map<
      bigint,
      {ends: FlowEnds; had: number; seen: number; packets: CarriedPackets["packets"][number][]}
    >();
    for (const [, , , , flow, , , had, src, dst, srcPort, dstPort, proto] of flows)
      lists.set(BigInt(flow as bigint), {
        ends: {
          src: String(src),
          dst: String(dst),
          srcPort: Number(srcPort),
          dstPort: Number(dstPort),
          proto: Number(proto)
        },
        had: Number(had),
        seen: 0,
        packets: []
      });
    const take = ({flow, ts, wire, bytes}: FlowPacket) => {
      const list = lists.get(flow);
      if (!list) return;
      list.seen++;
      if (list.packets.length >= limits.packets || left < bytes.length) return;
      left -= bytes.length;
      const hex = Buffer.from(bytes).toString("hex");
      list.packets.push({ts, bytes: wire, captured: bytes.length, ...summarize(bytes, wire, list.ends), hex});
    };
    const wanted = {
      capture,
      path,
      format,
      meter,
      flows: new Set(lists.keys()),
      span: {
        from: Math.min(...flows.map((row) => Number(row[5]))),
        to: Math.max(...flows.map((row) => Number(row[6])))
      },
      packets: flows.reduce((sum, row) => sum + Number(row[7]), 0)
    };
    const {reason} = await readFlowPackets(lake, wanted, take).catch((error: Error) => ({reason: error.message}));
    for (const [flow, {had, seen, packets}] of lists)
      carried[`${capture}/${flow}`] = {
        packets,
        kept: seen,
        had,
        // Where captures lay is nobody's business who reads a report.
        reason: packets.length > 0 ? null : reason === null ? noRoom : "its capture is no longer kept"
      };
  }
  return carried;
}
