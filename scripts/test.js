// `npm test`: installs what is missing, then lint, types and every test; ends with a line that names why some were skipped, if any, and one that counts them all.
import "./silent.js";
import {spawn, spawnSync} from "node:child_process";
import {once} from "node:events";
import {mkdtempSync, readFileSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";
import {ensureCap} from "./ensure-cap.js";
import {ensureInstalled} from "./ensure-installed.js";
import {ensureSystemPackages} from "./system-packages.js";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);
// First of all what the packages are built with.
ensureSystemPackages(["compiler", "make", "python", "libpcap", "chromium", "tshark", "traceroute", "nft"]);
ensureInstalled({withTools: true});
ensureCap();

const count = {passed: 0, failed: 0, skipped: 0};
/** What the machine lacks → tests skipped for it; see test/needs.ts. */
const absent = new Map();

/** Runs one checker of node_modules and counts it as one test; what it says, it says at once, when it has ended. */
async function check(name, ...args) {
  const checker = spawn(process.execPath, [join("node_modules", name), ...args], {stdio: ["ignore", "pipe", "pipe"]});
  let said = "";
  for (const stream of [checker.stdout, checker.stderr])
    stream.setEncoding("utf8").on("data", (text) => {
      said += text;
    });
  const [status] = await once(checker, "close");
  console.log(`\n${name} ${args.join(" ")}\n${said.trimEnd()}`);
  count[status === 0 ? "passed" : "failed"]++;
}

const only = process.argv.slice(2);
if (only.length === 0) {
  await Promise.all([check("@biomejs/biome/bin/biome", "check", "."), check("typescript/bin/tsc", "--noEmit")]);
}
const folder = mkdtempSync(join(tmpdir(), "flowbook-test-"));
const report = join(folder, "report.json");
const {status} = spawnSync(
  process.execPath,
  [
    "node_modules/vitest/vitest.mjs",
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${report}`,
    ...only
  ],
  {stdio: "inherit"}
);
try {
  const {numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites, testResults} = JSON.parse(
    readFileSync(report, "utf8")
  );
  count.passed += numPassedTests;
  count.failed += numFailedTests;
  count.skipped += numPendingTests;
  for (const {status, meta} of testResults.flatMap((file) => file.assertionResults)) {
    if (status !== "skipped" && status !== "pending") continue;
    const reason = meta?.absent ?? "no reason given";
    absent.set(reason, (absent.get(reason) ?? 0) + 1);
  }
  // A file that fails before its tests are known fails as one.
  count.failed += testResults.filter((file) => file.status === "failed" && file.assertionResults.length === 0).length;
  if (numFailedTestSuites > 0 && count.failed === 0) count.failed++;
} catch {
  count.failed++;
}
rmSync(folder, {recursive: true, force: true});
if (status !== 0 && count.failed === 0) count.failed++;
const reasons = [...absent].sort(([, a], [, b]) => b - a).map(([reason, tests]) => `${reason} (${tests})`);
console.log(reasons.length > 0 ? `\nskipped: ${reasons.join("; ")}` : "");
console.log(`${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
process.exitCode = count.failed === 0 ? 0 : 1;
