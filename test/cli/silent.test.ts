import {existsSync} from "node:fs";
import {join, resolve} from "node:path";
import {afterAll, beforeAll, expect, it} from "vitest";
import {absentUnless, describeUnless, itUnless} from "../needs.ts";
import {type Machine, makeMachine, noMachine} from "./recorded/machine.ts";

const reason = noMachine();

const checkout = resolve(import.meta.dirname, "../..");
const python = join(checkout, ".venv/bin/python");
const demo = join(checkout, "data/demo/demo.pcap");

/** Quiet all of it: no question to the resolver, no packet for another machine, no file in a place of its own choice. */
const silence = {heard: [], written: []};
/** The folder of a scope: when it is asked for the addon, npm 10 puts packages of other platforms there and takes them away. */
const isScope = (path: string) => path.startsWith(`${checkout}/node_modules/`) && /\/@[^/]+$/.test(path);

describeUnless(reason)("nothing leaves the machine", () => {
  let machine: Machine;
  let lake: string;
  /** What may be written: lakes and what else a command is told to make, and caches. */
  let allowed: string[];
  let known = new Set<string>();

  beforeAll(async () => {
    machine = await makeMachine();
    const {folder} = machine;
    lake = join(folder, "out/lake");
    allowed = [
      join(folder, "out"),
      join(folder, "home/.cache/flowbook"),
      // Root's.
      "/var/cache/flowbook",
      // Bundles, and Framework's modules.
      join(checkout, "build"),
      join(checkout, "src/.observablehq/cache"),
      // What became of building the optional addon `cap`.
      join(checkout, "node_modules/.cache"),
      // npm lays these anew when it is asked for the addon: the lock names no address of a package within another.
      join(checkout, "node_modules/@duckdb/duckdb-wasm/node_modules"),
      join(checkout, "node_modules/.package-lock.json"),
      // npm's own caches: its logs, and from Node 22.8 on its compiled code.
      join(folder, "home/.npm"),
      join(folder, "tmp/node-compile-cache")
    ];
  });
  afterAll(() => machine?.close());

  /** What was heard and written elsewhere since the last look; what was left in the temporary folder is there too. */
  async function traces() {
    const all = machine.written();
    const fresh = all.filter((path) => !known.has(path));
    known = new Set(all);
    return {
      heard: await machine.heard(),
      written: fresh.filter(
        (path) => !isScope(path) && !allowed.some((folder) => path === folder || path.startsWith(`${folder}/`))
      )
    };
  }

  /** Runs a program to its end; gives what it said. */
  async function run(...argv: string[]): Promise<string> {
    const {ended, output} = machine.start(checkout, argv);
    const code = await ended;
    if (code !== 0) throw new Error(`${argv.join(" ")} ended with ${code}: ${output.err}`);
    return output.out;
  }
  const flowbook = (...args: string[]) => run(process.execPath, "bin/flowbook.js", ...args, "--lake", lake);

  it("the recording hears a name asked for, a connection tried, and a file written", async () => {
    const script = `
      require("node:fs").writeFileSync(require("node:os").homedir() + "/trace", "");
      require("node:fs").writeFileSync("/var/tmp/flowbook-trace", "");
      const {connect} = require("node:net");
      const end = () => process.exit();
      connect(443, "collector.example").on("error", end);
      connect(80, "203.0.113.7").on("error", end);
      setTimeout(end, 1000);`;
    await run(process.execPath, "-e", script);
    const {heard, written} = await traces();
    expect(heard).toContainEqual({query: "collector.example", type: 1});
    const packets = heard.map((what) => ("packet" in what ? what.packet : "")).join("\n");
    expect(packets).toContain("> 198.51.100.53.443: tcp");
    expect(packets).toContain("> 203.0.113.7.80: tcp");
    expect(written).toEqual([join(machine.folder, "home/trace"), "/var/tmp/flowbook-trace"].sort());
    expect(existsSync("/var/tmp/flowbook-trace")).toBe(false);
  });

  it("by an import, whose flows are scored", async () => {
    const {verdicts} = JSON.parse(await flowbook("import", demo, "--json"));
    expect(verdicts).toBeGreaterThan(500);
    expect(await traces()).toEqual(silence);
  });

  it("by scoring", async () => {
    const {scored} = JSON.parse(await flowbook("score", "--json"));
    expect(scored).toBeGreaterThan(500);
    expect(await traces()).toEqual(silence);
  });

  it("by a query, an export and the list of notices", async () => {
    expect(JSON.parse(await flowbook("query", "SELECT 1 AS one", "--format", "json"))).toEqual([{one: 1}]);
    await flowbook("export", "flows", "--format", "parquet", "-w", join(machine.folder, "out/flows.parquet"));
    await flowbook("notices", "--json");
    expect(await traces()).toEqual(silence);
  });

  it("by a live capture that is judged while it runs", async () => {
    const sender = machine.start(checkout, [
      process.execPath,
      "-e",
      `const socket = require("node:dgram").createSocket("udp4").bind(7001, "127.0.0.1");
       setInterval(() => socket.send("x", 7001, "127.0.0.1"), 20);
       setTimeout(() => process.exit(), 300_000);`
    ]);
    const {packets, verdicts} = JSON.parse(
      await flowbook("capture", "-i", "lo", "-c", "300", "--rotate", "1", "--json")
    );
    sender.stop();
    await sender.ended;
    expect([packets, verdicts > 0]).toEqual([300, true]);
    expect(await traces()).toEqual(silence);
  });

  // The build of a whole site, of which this is one page, runs without any network in build.test.ts.
  it("by the build of a report in one file", async () => {
    const report = join(machine.folder, "out/report.html");
    const {bytes} = JSON.parse(await flowbook("build", "--single-file", "-o", report, "--json"));
    expect(bytes).toBeGreaterThan(100_000);
    expect(await traces()).toEqual(silence);
  });

  it("by npm start with a new lake, from the demo capture to pages that were read", async () => {
    // The addon is missing, as where the headers came later: it is not asked for elsewhere.
    await run("rm", "-rf", "node_modules/cap", "node_modules/.cache/flowbook-cap");
    const own = join(machine.folder, "out/first");
    const {stop, output, ended} = machine.start(checkout, [
      "npm",
      "start",
      "--",
      "--no-open",
      "--port",
      "0",
      "--lake",
      own
    ]);
    let code: number | null | undefined;
    void ended.then((ended) => (code = ended));
    const link = /http:\/\/127\.0\.0\.1:\d+\/login\?token=\S+/;
    await expect.poll(() => link.test(output.out) || code !== undefined, {timeout: 300_000}).toBe(true);
    const script = `
      const {headers} = await fetch(process.argv[1], {redirect: "manual"});
      const cookie = headers.get("set-cookie").split(";")[0];
      for (const page of ["/", "/flows", "/anomalies", "/notices"]) {
        const {status} = await fetch(new URL(page, process.argv[1]), {headers: {cookie}});
        console.log(page, status);
      }`;
    const read = await run(process.execPath, "--input-type=module", "-e", script, link.exec(output.out)![0]);
    expect(read.trim().split("\n")).toEqual(["/ 200", "/flows 200", "/anomalies 200", "/notices 200"]);
    stop();
    await ended;
    expect(await traces()).toEqual(silence);
  });

  if (!existsSync(python)) console.warn("flowbook train made no .venv here: the trainer is not recorded");
  itUnless(absentUnless(existsSync(python), "no .venv of the trainer"))(
    "by the trainer, and by ONNX Runtime in its Python",
    async () => {
      const script = `
import numpy, onnxruntime
session = onnxruntime.InferenceSession("models/classifier.onnx", providers=["CPUExecutionProvider"])
width = session.get_inputs()[0].shape[1]
print(len(session.run(None, {"features": numpy.zeros((4, width), numpy.float32)})[0]))`;
      expect(await run(python, "-B", "-c", script)).toBe("4\n");
      await flowbook("train", "--quick", "--train", demo, "-o", join(machine.folder, "out/models"));
      expect(await traces()).toEqual(silence);
    }
  );
});
