import {mkdtempSync, readdirSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {basename, join, resolve} from "node:path";
import {importCaptures} from "../../capture/import/import.ts";
import {PcapFile, PcapOutput} from "../../lab/vary/pcap-file.ts";
import {classifyNewFlows} from "../../loaders/judge/classify.ts";
import {openLake} from "../../loaders/lake/duckdb.ts";
import {type SegmentOptions, tcp} from "../capture/meter/frames.ts";

/** Something that was not there before: packets of it from a moment on, and what tells its flows. */
interface Change {
  readonly name: string;
  /** Condition on `flows`. */
  readonly flows: string;
  packets(us: number): {us: number; frame: Uint8Array}[];
}

/** A host of no drawn network; who it talks to is as strange as what it does. */
const [host, server, far] = ["10.254.7.7", "10.254.7.8", "198.51.100.77"];

const changes: readonly Change[] = [
  {
    name: "a bulk transfer of 6 MB over TLS's port",
    flows: `src_ip = '${host}' AND dst_ip = '${far}'`,
    packets: (us) =>
      connection(
        us,
        51_000,
        far,
        80,
        [
          [`POST /backup HTTP/1.1\r\nHost: ${far}\r\nContent-Length: 5600000\r\n\r\n`, 0],
          ...[...Array(4000)].map(() => [1400, 0] as const)
        ],
        15_000
      )
  },
  {
    name: "a new service (VNC) that one host uses 12 times",
    flows: `src_ip = '${host}' AND dst_port = 5900`,
    packets: (us) =>
      [...Array(12)].flatMap((_, n) =>
        connection(
          us + n * 2e6,
          52_000 + n,
          server,
          5900,
          [
            ["", "RFB 003.008\n"],
            ["RFB 003.008\n", ""],
            [1, 4],
            [90, 3000]
          ],
          40_000
        )
      )
  },
  {
    name: "a host that tries 200 ports",
    flows: `src_ip = '${host}' AND dst_ip = '${server}' AND dst_port <> 5900`,
    packets: (us) =>
      [...Array(200)].flatMap((_, n) => {
        const to = {src: host, dst: server, srcPort: 53_000 + n, dstPort: 20 + 7 * n};
        const back = {src: server, dst: host, srcPort: to.dstPort, dstPort: to.srcPort};
        return [
          {us: us + n * 50_000, frame: tcp({...to, flags: "S", seq: 1})},
          {us: us + n * 50_000 + 400, frame: tcp({...back, flags: "RA", ack: 2})}
        ];
      })
  }
];

type Said = number | string;

/** A TCP connection: handshake, what each side says in turn (bytes or text), the end. */
function connection(
  us: number,
  srcPort: number,
  dst: string,
  dstPort: number,
  turns: readonly (readonly [Said, Said])[],
  everyUs: number
) {
  const out = {src: host, dst, srcPort, dstPort};
  const back = {src: dst, dst: host, srcPort: dstPort, dstPort: srcPort};
  const packets: {us: number; frame: Uint8Array}[] = [];
  let [seq, ack, at] = [1000, 9000, us];
  const send = (isOut: boolean, flags: string, payload?: Uint8Array) => {
    const numbers = isOut ? {seq, ack} : {seq: ack, ack: seq};
    const segment: SegmentOptions = {...(isOut ? out : back), ...numbers, flags, ...(payload ? {payload} : {})};
    packets.push({us: at, frame: tcp(segment)});
    const moved = (payload?.length ?? 0) + (/[SF]/.test(flags) ? 1 : 0);
    if (isOut) seq += moved;
    else ack += moved;
    at += 400;
  };
  send(true, "S");
  send(false, "SA");
  send(true, "A");
  const bytes = (said: Said) => (typeof said === "string" ? Buffer.from(said) : Buffer.alloc(said, 0x55));
  for (const [asked, told] of turns) {
    if (bytes(asked).length > 0) send(true, "PA", bytes(asked));
    send(false, "PA", bytes(told).length > 0 ? bytes(told) : undefined);
    at += everyUs;
  }
  send(true, "FA");
  send(false, "FA");
  send(true, "A");
  return packets;
}

/**
 * The first half of a lab run without attacks is a lake's past; the second half with changes planted in it is compared with
 * that. Prints how many flows of each change are anomalous, and how many of all others.
 */
export async function measurePlanted(folder: string): Promise<void> {
  const file = readdirSync(folder).find((name) => name.endsWith(".pcap"));
  if (!file) throw new Error(`${folder}: no capture`);
  const scratch = mkdtempSync(join(tmpdir(), "flowbook-planted-"));
  try {
    const [past, present] = ["past", "present"].map((name) => join(scratch, `${name}.pcap`));
    halve(join(resolve(folder), file), past, present);
    const lake = join(scratch, "lake");
    for (const path of [past, present]) {
      await importCaptures([path], {lake, clock: Date.now, workers: 1});
      await classifyNewFlows(lake, {clock: Date.now});
    }
    const engine = await openLake(lake);
    try {
      const count = async (where: string) => {
        const {rows} = await engine.query(
          `SELECT count(*), count(*) FILTER (v.is_anomaly) FROM flows f JOIN verdicts v USING (flow_id) JOIN captures c ON c.capture_sha256 = f.capture_sha256 WHERE ${where}`
        );
        const [flows, anomalous] = rows[0].map(Number);
        return `${anomalous} of ${flows} (${((100 * anomalous) / flows).toFixed(1)} %)`;
      };
      console.log(`# anomalies: the second half of ${basename(folder)} against its first\n`);
      for (const {name, flows} of changes) console.log(`- ${name}: flows anomalous ${await count(flows)}`);
      console.log(
        `- all other flows of the second half: ${await count(`c.path = '${present}' AND f.src_ip <> '${host}'`)}`
      );
      console.log(`- the first half, compared with itself: ${await count(`c.path = '${past}'`)}`);
    } finally {
      await engine.close();
    }
  } finally {
    rmSync(scratch, {recursive: true, force: true});
  }
}

function halve(from: string, past: string, present: string): void {
  const source = new PcapFile(from);
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const {ts} of source) [first, last] = [Math.min(first, ts), Math.max(last, ts)];
  const middle = (first + last) / 2;
  const planted = changes
    .flatMap(({packets}, k) => packets(Math.floor(middle + 5e6 + k * 20e6)))
    .sort((a, b) => a.us - b.us);
  const outputs = [past, present].map((path) => new PcapOutput(path, source.snapLength));
  let next = 0;
  for (const {ts, wireLength, frame} of source) {
    for (; next < planted.length && planted[next].us <= ts; next++)
      outputs[1].write(planted[next].us, planted[next].frame.length, planted[next].frame);
    outputs[ts < middle ? 0 : 1].write(ts, wireLength, frame);
  }
  for (const output of outputs) output.close();
  source.close();
}
