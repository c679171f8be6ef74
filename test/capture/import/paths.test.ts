import {mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from "node:fs";
import {createServer} from "node:net";
import {tmpdir} from "node:os";
import {basename, join, relative, resolve} from "node:path";
import {gzipSync} from "node:zlib";
import {afterAll, beforeAll, expect, it} from "vitest";
import {importCaptures} from "../../../capture/import/import.ts";
import {captureFile} from "../../../capture/import/kept-captures.ts";
import {readFlowPackets} from "../../../capture/packets/flow-packets.ts";
import {capturesOf} from "../../../capture/partitions/known.ts";
import {itUnless, notLinux} from "../../needs.ts";
import {ethernetUdp, pcap} from "../made-capture.ts";

let folder: string;
let captures: string;
let elsewhere: string;
const one = (host: number) =>
  pcap([{us: 1, frame: ethernetUdp(`10.0.0.${host}`, 1000, "10.0.0.9", 53, Buffer.from("x"))}]);

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flowbook-paths-"));
  captures = join(folder, "captures");
  elsewhere = join(folder, "elsewhere");
  for (const path of [captures, elsewhere, join(captures, "sub")]) mkdirSync(path);
  writeFileSync(join(captures, "plain.pcap"), one(1));
  writeFileSync(join(elsewhere, "outside.pcap"), one(2));
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

async function imported(lake: string, paths: readonly string[]) {
  const {captures, failed} = await importCaptures(paths, {lake, clock: () => 1_790_000_000_000});
  return {names: captures.map(({row}) => row.path), failed: failed.map(({problem}) => problem)};
}

it("links in a folder lead to the file they name, wherever it is; those to nowhere and in circles are named", async () => {
  symlinkSync(join(elsewhere, "outside.pcap"), join(captures, "good.pcap"));
  symlinkSync("nothing.pcap", join(captures, "dangling.pcap"));
  symlinkSync("loop.pcap", join(captures, "loop.pcap"));
  // Folders are not followed: this one would lead in circles.
  symlinkSync(captures, join(captures, "sub", "again"));
  const {names, failed} = await imported(join(folder, "links"), [captures]);
  expect(names).toEqual([join(captures, "good.pcap"), join(captures, "plain.pcap")]);
  expect(failed).toEqual([
    `${join(captures, "dangling.pcap")}: a symbolic link to nothing.pcap, where nothing is`,
    `${join(captures, "loop.pcap")}: a symbolic link that leads back to itself`
  ]);
  for (const name of ["dangling.pcap", "loop.pcap"]) rmSync(join(captures, name));
});

itUnless(notLinux)("a name that is no UTF-8 is read and shown with its bytes", async () => {
  const bad = Buffer.concat([Buffer.from(`${captures}/caf`), Buffer.of(0xe9), Buffer.from(".pcap")]);
  writeFileSync(bad, one(3));
  const lake = join(folder, "names");
  const {names, failed} = await imported(lake, [captures]);
  expect([names, failed]).toEqual([
    [join(captures, "caf\\xe9.pcap"), join(captures, "good.pcap"), join(captures, "plain.pcap")],
    []
  ]);
  expect((await capturesOf(lake)).map(({path}) => path).sort()).toEqual([...names].sort());
  rmSync(bad);
});

it("a device and a socket are no captures, and nothing waits for them", async () => {
  const socket = join(captures, "socket");
  const server = createServer().listen(socket);
  await new Promise((listening) => server.once("listening", listening));
  const {names, failed} = await imported(join(folder, "devices"), ["/dev/zero", captures]);
  server.close();
  expect(names).toEqual([join(captures, "good.pcap"), join(captures, "plain.pcap")]);
  expect(failed).toEqual([
    "/dev/zero: expected a file, a folder or a pipe, found a device",
    `${socket}: expected a file, found a socket`
  ]);
});

it("what lies beside the captures of a folder is left out and told; what is called a capture, or is named, must be one", async () => {
  const mixed = join(folder, "mixed");
  mkdirSync(join(mixed, "deep"), {recursive: true});
  const put = (name: string, content: string | Buffer) => writeFileSync(join(mixed, name), content);
  put("a.pcap", one(4));
  put("capture without a name", one(5));
  put("packed", gzipSync(one(6)));
  put("notes.txt", "Dear all,");
  put("deep/truth.json", "{}");
  put("deep/truth.json.gz", gzipSync("{}"));
  put("cut.gz", gzipSync("x".repeat(1000)).subarray(0, 12));
  put("empty", "");
  put("letter.pcapng", "Dear all,");
  put("half.pcap.gz", gzipSync(one(7)).subarray(0, 9));
  const options = {lake: join(folder, "mixed lake"), clock: () => 1_790_000_000_000};
  const inFolder = await importCaptures([mixed], options);
  expect(inFolder.captures.map(({row}) => basename(row.path))).toEqual(["a.pcap", "capture without a name", "packed"]);
  expect(inFolder.skipped.map((path) => basename(path))).toEqual([
    "cut.gz",
    "truth.json",
    "truth.json.gz",
    "empty",
    "notes.txt"
  ]);
  expect(inFolder.failed.map(({path}) => basename(path))).toEqual(["half.pcap.gz", "letter.pcapng"]);
  const named = await importCaptures([join(mixed, "notes.txt")], options);
  expect([named.skipped, named.failed.length]).toEqual([[], 1]);
});

it("the folder of the demo capture is imported without a failure", async () => {
  const demo = resolve(import.meta.dirname, "../../../data/demo");
  const {captures, skipped, failed} = await importCaptures([demo], {lake: join(folder, "demo"), clock: () => 1e12});
  expect([captures.length, skipped.map((path) => basename(path)), failed]).toEqual([1, ["demo.truth.json"], []]);
});

it("a relative path is kept as an absolute one; one that an earlier version kept is looked for above the lake", async () => {
  const lake = join(folder, "data", "lake");
  const plain = join(captures, "plain.pcap");
  const {names} = await imported(lake, [relative(process.cwd(), plain)]);
  expect(names).toEqual([plain]);
  const [{capture_sha256, format, meter}] = await capturesOf(lake);
  const packetsAt = async (path: string) => {
    const wanted = {capture: capture_sha256, path, format, meter, flows: new Set<bigint>()};
    return (await readFlowPackets(lake, wanted, () => {})).reason;
  };
  expect([await packetsAt(plain), await packetsAt("captures/plain.pcap")]).toEqual([null, null]);
  expect(await packetsAt("captures/gone.pcap")).toContain(resolve("captures/gone.pcap"));
  expect(await captureFile(lake, capture_sha256, "captures/plain.pcap")).toBe(plain);
});
