import {spawn} from "node:child_process";
import {mkdtempSync, readFileSync, rmSync, writeFileSync} from "node:fs";
import {tmpdir} from "node:os";
import {join, resolve} from "node:path";
import {chromium} from "playwright-core";
import {openLake} from "../../../loaders/lake/duckdb.ts";
import {buildSender, sendFrames} from "./frame-sender.ts";
import {layCable, noNamespaces} from "./network.ts";

// node bin/run.js test/capture/live/soak.ts [MINUTES] [PACKETS_PER_SECOND]: a notebook in a namespace captures, its Live
// page open in a browser; each minute the memory of the server, the capture and the page, at the end packets compared.
const [minutes = 30, rate = 5000] = process.argv.slice(2).map(Number);
const why = noNamespaces();
if (why) throw new Error(why);
const root = resolve(import.meta.dirname, "../../..");
const folder = mkdtempSync(join(tmpdir(), "flowbook-soak-"));
const lake = join(folder, "lake");
const cable = layCable("soa");
const inside = (...command: string[]) => ["ip", "netns", "exec", cable.receiver, ...command];
const mb = (bytes: number) => Math.round(bytes / 1e6);

/** Resident memory of a process in bytes; 0 where it has ended. */
function resident(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

/** The server's child that captures (another of its children may be a loader). */
function captureOf(server: number): number {
  const children = readFileSync(`/proc/${server}/task/${server}/children`, "utf8").trim().split(" ").filter(Boolean);
  const isCapture = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0").includes("capture");
    } catch {
      return false;
    }
  };
  return Number(children.find(isCapture) ?? 0);
}

const [command, ...args] = inside(process.execPath, join(root, "bin/flowbook.js"), "start", "--no-open", "--port", "0");
const server = spawn(command, [...args, "--lake", lake], {cwd: folder, stdio: ["ignore", "pipe", "pipe"]});
let said = "";
for (const stream of [server.stdout, server.stderr]) stream.setEncoding("utf8").on("data", (text) => (said += text));
try {
  const sender = buildSender(folder);
  const link = await waitFor(() => /http:\/\/127\.0\.0\.1:\d+\/login\S+/.exec(said)?.[0], 120);
  const browser = await chromium.launch({
    executablePath: chromiumInside(),
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
      "--js-flags=--expose-gc"
    ],
    env: {...process.env, HOME: folder}
  });
  const page = await browser.newPage();
  const errors: string[] = [];
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  await page.goto(link);
  await page.goto(new URL("/live", link).href);
  await page.getByLabel("Interface").selectOption(cable.interface);
  await page.getByRole("button", {name: "Start capture"}).click();
  await page.getByText("capturing", {exact: true}).waitFor({timeout: 60_000});
  const session = await page.context().newCDPSession(page);
  const sending = sendFrames(cable, sender, rate, minutes * 60, 2000);
  for (let minute = 1; minute <= minutes; minute++) {
    await new Promise((done) => setTimeout(done, 60_000));
    await page.evaluate(() => (globalThis as unknown as {gc?: () => void}).gc?.());
    const {usedSize} = (await session.send("Runtime.getHeapUsage")) as {usedSize: number};
    const nodes = await page.evaluate(() => document.getElementsByTagName("*").length);
    console.log(
      `minute ${minute}: server ${mb(resident(server.pid!))} MB, capture ${mb(resident(captureOf(server.pid!)))} MB, page ${(usedSize / 1e6).toFixed(1)} MB in ${nodes} elements`
    );
  }
  const {packets} = await sending;
  await new Promise((done) => setTimeout(done, 2000));
  await page.getByRole("button", {name: "Stop"}).click();
  await waitFor(() => (captureOf(server.pid!) === 0 ? true : undefined), 60);
  await browser.close();
  const engine = await openLake(lake, {threads: 1, memoryMb: 512});
  const {rows} = await engine.query(
    "SELECT (SELECT sum(src_pkts + dst_pkts) FROM flows WHERE 9000 IN (src_port, dst_port))::BIGINT, (SELECT count(*) FROM flows)"
  );
  await engine.close();
  console.log(
    `sent ${packets.toLocaleString("en")}, in flows ${Number(rows[0][0]).toLocaleString("en")}, flows ${Number(rows[0][1]).toLocaleString("en")}, errors of the page: ${errors.length}`
  );
  process.exitCode = errors.length > 0 ? 1 : 0;
} finally {
  server.kill("SIGTERM");
  await new Promise((done) => setTimeout(done, 3000));
  cable.remove();
  rmSync(folder, {recursive: true, force: true});
}

/** A script that starts Chromium in the namespace, where the notebook listens. */
function chromiumInside(): string {
  const script = join(folder, "chromium");
  const program = process.env.CHROMIUM ?? "/usr/bin/chromium";
  writeFileSync(script, `#!/bin/sh\nexec ip netns exec ${cable.receiver} ${program} "$@"\n`, {mode: 0o755});
  return script;
}

async function waitFor<T>(look: () => T | undefined, seconds: number): Promise<T> {
  for (let i = 0; i < seconds * 5; i++) {
    const found = look();
    if (found !== undefined) return found;
    await new Promise((done) => setTimeout(done, 200));
  }
  throw new Error(`waited ${seconds} s in vain; the server said: ${said}`);
}
