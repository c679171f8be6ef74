import {readdirSync, writeFileSync} from "node:fs";
import {join, resolve} from "node:path";
import {expect, it} from "vitest";
import {labelTraffic} from "../../../alerts/traffic-labels.ts";
import {importCaptures} from "../../../capture/import/import.ts";
import {labelledTraffic} from "../../../cli/training/labelled-traffic.ts";
import {classifyNewFlows} from "../../../loaders/judge/classify.ts";
import {judgeLake} from "../../../loaders/judge/incidents.ts";
import {pcap} from "../made-capture.ts";
import {icmp, tcp} from "../meter/frames.ts";
import {ask, cable, describeLive, folder, newLake} from "./live-lake.ts";
import {flowbookIn, runIn} from "./network.ts";

const localNets = ["10.0.0.0/8"];

/** A TCP connection from its first SYN to its last FIN; what is said in turn, by the originator where `side` is 0. */
function connection(
  src: string,
  srcPort: number,
  dst: string,
  dstPort: number,
  said: readonly (readonly [side: 0 | 1, text: string])[]
): Uint8Array[] {
  const there = {src, dst, srcPort, dstPort};
  const back = {src: dst, dst: src, srcPort: dstPort, dstPort: srcPort};
  const ends = [there, back];
  const next = [1001, 5001];
  const frames = [
    tcp({...there, flags: "S", seq: 1000}),
    tcp({...back, flags: "SA", seq: 5000, ack: 1001}),
    tcp({...there, flags: "A", seq: 1001, ack: 5001})
  ];
  for (const [side, text] of said) {
    const payload = Buffer.from(text);
    frames.push(tcp({...ends[side], flags: "PA", seq: next[side], ack: next[1 - side], payload}));
    next[side] += payload.length;
  }
  for (const side of [0, 1])
    frames.push(tcp({...ends[side], flags: "FA", seq: next[side], ack: next[1 - side] + side}));
  return frames;
}

/** Four hosts that each do something else, side by side with an ordinary one. */
function frames(): Uint8Array[] {
  const scan = [...Array(150)].flatMap((_, n) => {
    const to = {src: "10.9.0.1", dst: "10.9.1.1", srcPort: 40_000 + n, dstPort: 20 + 7 * n};
    const back = {src: to.dst, dst: to.src, srcPort: to.dstPort, dstPort: to.srcPort};
    return [tcp({...to, flags: "S", seq: 1}), tcp({...back, flags: "RA", ack: 2})];
  });
  const sweep = [...Array(30)].map((_, n) =>
    icmp(8, 0, {src: "10.9.0.2", dst: `10.9.2.${n + 1}`, payload: Buffer.alloc(40)})
  );
  const logins = [...Array(25)].flatMap((_, n) =>
    connection("10.9.0.3", 41_000 + n, "10.9.1.3", 21, [
      [1, "220 ready\r\n"],
      [0, "USER ann\r\n"],
      [1, "331 password\r\n"],
      [0, `PASS ${n}\r\n`],
      [1, "530 wrong\r\n"]
    ])
  );
  const shell = connection("10.9.0.4", 42_000, "198.51.100.4", 4444, [
    [0, "Microsoft Windows [Version 10.0.19045]\r\n\r\nC:\\>"],
    [1, "whoami\r\n"],
    [0, "corp\\ann\r\n"]
  ]);
  const pages = [...Array(2)].flatMap((_, n) =>
    connection("10.9.0.5", 43_000 + n, "198.51.100.80", 80, [
      [0, `GET /${n} HTTP/1.1\r\nHost: www.example.org\r\n\r\n`],
      [1, `HTTP/1.1 200 OK\r\nContent-Length: 300\r\n\r\n${"x".repeat(300)}`]
    ])
  );
  const streams = [scan, sweep, logins, shell, pages];
  const most = Math.max(...streams.map(({length}) => length));
  // Spread evenly over the time, each in its own order.
  return streams
    .flatMap((own) => own.map((frame, i) => ({at: ((i + 0.5) / own.length) * most, frame})))
    .sort((a, b) => a.at - b.at)
    .map(({frame}) => frame);
}

/** What an incident is, but for the capture that it belongs to. */
const incidents = (lake: string) =>
  ask(
    lake,
    `SELECT class, severity, src_ip, dst_ip, dst_port, flows, state, list_sort(list_distinct(regexp_extract_all(reasons, '"source":"([a-z]+)"', 1)))::VARCHAR AS sources
     FROM incidents ORDER BY ALL`
  );

describeLive("inc", "a capture with several incidents", () => {
  it("has the same ones, activities' among them, judged live in parts and read from the file it was kept in", async () => {
    const sent = frames();
    const file = join(folder, "incidents.pcap");
    writeFileSync(file, pcap(sent.map((frame, us) => ({us, frame: Buffer.from(frame)}))));
    const [live, imported] = [newLake(), newLake()];
    const options = ["-i", cable.interface, "--lake", live, "--json", "--rotate", "1"];
    const capture = flowbookIn(cable.receiver, "capture", ...options);
    await capture.says("capturing on");
    const script = resolve(import.meta.dirname, "replay-frames.py");
    const {code} = await runIn(cable.sender, "python3", [script, "fbs", file, String(sent.length / 5)]).ended;
    capture.process.kill("SIGTERM");
    const ended = await capture.ended;
    expect([code, ended.code, JSON.parse(ended.stdout).packets]).toEqual([0, 0, sent.length]);

    const [ring] = readdirSync(join(live, "packets"));
    const kept = readdirSync(join(live, "packets", ring)).find((name) => name.endsWith(".pcap"))!;
    await importCaptures([join(live, "packets", ring, kept)], {lake: imported, clock: Date.now});
    await classifyNewFlows(imported, {clock: Date.now});
    await judgeLake({lake: imported, clock: Date.now, localNets});

    const [fromWire, fromFile] = [await incidents(live), await incidents(imported)];
    console.info(fromFile.map((row) => row.join(" ")).join("\n"));
    expect(fromWire).toEqual(fromFile);
    expect(new Set(fromFile.map(([, , source]) => source))).toEqual(
      new Set(["10.9.0.1", "10.9.0.2", "10.9.0.3", "10.9.0.4"])
    );
    expect(fromFile.some((row) => String(row[7]).includes("activity"))).toBe(true);
    const words = "SELECT state, count(*) FROM verdicts GROUP BY state ORDER BY state";
    expect(await ask(live, words)).toEqual(await ask(imported, words));

    // What a reader marks of it on the Live page can be trained on.
    await labelTraffic(live, {class: "PortScan", host: "10.9.0.1", fromUs: null, toUs: null, note: ""}, Date.now());
    await labelTraffic(live, {class: "Normal", host: "10.9.0.5", fromUs: null, toUs: null, note: ""}, Date.now());
    const {origins} = await labelledTraffic(live, new Set());
    expect(origins.map(({role, flows}) => [role, flows])).toEqual([["labels", {PortScan: 150, Normal: 2}]]);
  }, 120_000);
});
