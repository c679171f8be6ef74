import {readdirSync, readFileSync, statSync} from "node:fs";
import {join} from "node:path";
import {setTimeout as sleep} from "node:timers/promises";
import {gzipSync} from "node:zlib";
import {hasSharedData, sharedData} from "../../shared-data.ts";
import type {Attack} from "./attack.ts";
import {ask, request, type Target} from "./target.ts";

const one = (name: string, expected: RegExp, run: Attack["run"]): Attack => ({name, expected, run, needsPages: true});

interface Sent {
  readonly status: number;
  /** What became of the import: done, or failed. Null where it was not taken. */
  readonly state: string | null;
  readonly label: string;
  readonly error: string | null;
}

/** Sends a capture, and waits for its import. */
async function send(target: Target, name: string, body: Uint8Array): Promise<Sent> {
  const url = `/api/captures?name=${name}`;
  const headers = {"content-type": "application/octet-stream"};
  const answer = await request(target, url, {method: "POST", body: new Uint8Array(body), headers});
  const {run, error} = (await answer.json()) as {run?: number; error?: string};
  if (run === undefined) return {status: answer.status, state: null, label: "", error: error ?? null};
  for (;;) {
    const job = (await (await request(target, `/api/runs/${run}`)).json()) as {
      state: string;
      label: string;
      error: string | null;
    };
    if (job.state === "done" || job.state === "failed")
      return {status: answer.status, state: job.state, label: job.label, error: job.error?.split("\n")[0] ?? null};
    await sleep(100);
  }
}

const header = Buffer.concat([
  Buffer.from("d4c3b2a102000400", "hex"),
  Buffer.alloc(8),
  Buffer.from("00000400" + "01000000", "hex")
]);
/** A packet of a second of its own that no other capture has. */
const packet = (n: number) => {
  const bytes = Buffer.alloc(16 + 60);
  bytes.writeUInt32LE(1_000_000_000 + n, 0);
  bytes.writeUInt32LE(60, 8);
  bytes.writeUInt32LE(60, 12);
  return bytes;
};
let made = 0;
const capture = () => Buffer.concat([header, packet(++made)]);

/** A zstd frame (RFC 8878) whose blocks each stand for 128 KiB of one byte. */
function zstdBomb(blocks: number): Buffer {
  const block = (isLast: boolean, type: number, size: number, content: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt32LE((isLast ? 1 : 0) | (type << 1) | (size << 3));
    return Buffer.concat([head.subarray(0, 3), content]);
  };
  const zeros = block(false, 1, 1 << 17, Buffer.of(0));
  return Buffer.concat([
    Buffer.from("28b52ffd", "hex"),
    // No size, no checksum; a window of 1 MiB.
    Buffer.of(0x00, 0x50),
    block(false, 0, header.length, header),
    ...Array<Buffer>(blocks).fill(zeros),
    block(true, 0, 0, Buffer.alloc(0))
  ]);
}

const told = ({status, state, error}: Sent) => `${status} ${state ?? ""} ${error ?? ""}`.trim().slice(0, 110);

const names: readonly (readonly [name: string, sent: string, label: RegExp])[] = [
  ["a name that leads out", "../../../../etc/cron.d/x.pcap", /^x\.pcap$/],
  ["a name that leads out on Windows", "..\\..\\windows\\x.pcap", /^x\.pcap$/],
  ["an absolute name", "/etc/passwd", /^passwd$/],
  ["a name that is an option", "--lake=/etc", /^etc$/],
  ["a name with an option's dash", "-rf", /^-rf$/],
  ["a name of nothing but slashes", "////", /^capture$/],
  ["a name of dots", "..", /^\.\.$/],
  ["a name with a byte of zero and bidi marks", "a\u0000b\u202egnp.pcap\r\nX: y", /^abgnp\.pcapX: y$/],
  ["a name that is markup", "<img src=x onerror=alert(1)>.pcap", /^<img src=x onerror=alert\(1\)>\.pcap$/],
  ["a name that is a formula", "=cmd|calc!A1", /^=cmd\|calc!A1$/],
  ["a name of 1,000 characters", "x".repeat(1000), /^x{200}$/]
];

/** Captures, and names of captures, from somebody who means no good; each is imported by a process of its own. */
export const uploadAttacks: readonly Attack[] = [
  ...names.map(([name, sent, label]) =>
    one(name, /^202 done, named well$/, async (target) => {
      const {status, state, label: got, error} = await send(target, encodeURIComponent(sent), capture());
      return `${status} ${state}, ${label.test(got) ? "named well" : `named ${JSON.stringify(got)} ${error}`}`;
    })
  ),
  one("a name of 1,001 characters", /^400/, (target) => send(target, "x".repeat(1001), capture()).then(told)),
  one("two names", /^400/, (target) => send(target, "a&name=b", capture()).then(told)),
  one("20 captures at once", /^\d+×202 \d+×429$/, async (target) => {
    const answers = await Promise.all(
      Array.from({length: 20}, () =>
        request(target, "/api/captures?name=many", {
          method: "POST",
          body: new Uint8Array(Buffer.concat([capture(), Buffer.alloc(400_000)])),
          headers: {"content-type": "application/octet-stream"}
        }).then(({status}) => status)
      )
    );
    const count = (status: number) => answers.filter((one) => one === status).length;
    return `${count(202)}×202 ${count(429)}×429`;
  }),
  one("nothing", /^415/, (target) => send(target, "x", new Uint8Array(0)).then(told)),
  one("three bytes", /^415/, (target) => send(target, "x", header.subarray(0, 3)).then(told)),
  one("a header and nothing else", /^202 done/, (target) => send(target, "x", header).then(told)),
  one("half a header", /^202 failed/, (target) => send(target, "x", header.subarray(0, 12)).then(told)),
  one("a packet of 4 GB", /^202 done/, (target) => {
    const lie = packet(++made);
    lie.writeUInt32LE(0xffffffff, 8);
    return send(target, "x", Buffer.concat([capture(), lie])).then(told);
  }),
  one("4 million packets of nothing", /^202 (done|failed)/, (target) =>
    send(target, "x", gzipSync(Buffer.concat([capture(), Buffer.alloc(64e6)]))).then(told)
  ),
  one("gzip of gzip of gzip", /^202 failed/, (target) =>
    send(target, "x", gzipSync(gzipSync(gzipSync(capture())))).then(told)
  ),
  one("gzip that ends in the middle", /^202 (done|failed)/, (target) =>
    send(target, "x", gzipSync(Buffer.concat([capture(), Buffer.alloc(1e6, "abc")])).subarray(0, 300)).then(told)
  ),
  one("1 GB of zeros by gzip", /^202 (done|failed)/, (target) => {
    const zeros = gzipSync(Buffer.alloc(64e6));
    // gzip's members follow one another.
    return send(target, "x", Buffer.concat([gzipSync(capture()), ...Array<Buffer>(16).fill(zeros)])).then(told);
  }),
  one("16 GB of zeros by zstd", /^202 (done|failed)/, (target) => send(target, "x", zstdBomb(131_072)).then(told)),
  one("a window of 2 GB by zstd", /^202 failed/, (target) =>
    send(target, "x", Buffer.from("28b52ffd00a8010000", "hex")).then(told)
  ),
  one(
    "malformed captures of others, four at a time",
    /^(no shared data|\d+ sent: \d+ done, \d+ failed, 0 refused)$/,
    async (target) => {
      if (!hasSharedData) return "no shared data";
      const folder = join(sharedData, "malformed");
      const files = readdirSync(folder, {recursive: true, encoding: "utf8"})
        .map((name) => join(folder, name))
        .filter((file) => statSync(file).isFile())
        .sort()
        .filter((_, k) => k % 60 === 0);
      const outcomes: Sent[] = [];
      const queue = files.map((file) => readFileSync(file)).filter((bytes) => isCapture(bytes));
      const sent = queue.length;
      const takeAll = async () => {
        for (let bytes = queue.pop(); bytes; bytes = queue.pop()) outcomes.push(await send(target, "malformed", bytes));
      };
      await Promise.all([takeAll(), takeAll(), takeAll(), takeAll()]);
      const count = (state: string | null) => outcomes.filter((outcome) => outcome.state === state).length;
      return `${sent} sent: ${count("done")} done, ${count("failed")} failed, ${count(null)} refused`;
    }
  ),
  one("queries answer as before", /^200$/, (target) =>
    ask(target, "/api/query", {method: "POST", body: JSON.stringify({sql: "SELECT count(*) FROM flows"})})
  )
];

/** What the server would refuse at once is no attack on the import. */
const isCapture = (bytes: Buffer) =>
  /^(a1b2c3d4|d4c3b2a1|a1b23c4d|4d3cb2a1|a1b2cd34|34cdb2a1|0a0d0d0a|1f8b|28b52ffd)/.test(
    bytes.subarray(0, 4).toString("hex")
  );
