// The optional addon `cap`: built once libpcap's headers are there, also if they came after the other packages.
import {spawnSync} from "node:child_process";
import {existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from "node:fs";
import {dirname, join} from "node:path";
import {hasTools} from "./ensure-installed.js";
import {hasNodeHeaders, npm, root} from "./npm.js";

/** Where libpcap's headers lie: Linux, BSD and MacPorts, Homebrew, Apple's tools. */
const headers = [
  "/usr/include/pcap/pcap.h",
  "/usr/local/include/pcap/pcap.h",
  "/opt/homebrew/include/pcap/pcap.h",
  "/Library/Developer/CommandLineTools/SDKs/MacOSX.sdk/usr/include/pcap/pcap.h"
];

/**
 * Builds `cap` if it does not load and the headers are there. A failure is remembered, so that it is tried again only
 * with another Node, another version of the addon or other headers. What came of it is said on stderr. `offline` takes
 * the addon from npm's cache and Node's headers from this machine, and asks nobody for them.
 */
export function ensureCap({offline = false} = {}) {
  const header = headers.find((path) => existsSync(path));
  if (!header || (offline && !hasNodeHeaders())) return;
  const {version} = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages["node_modules/cap"];
  let attempt = `cap ${version}, Node ABI ${process.versions.modules}, headers of ${statSync(header).mtime.toISOString()}\n`;
  const record = join(root, "node_modules/.cache/flowbook-cap");
  // What failed offline may be there online.
  const failedOffline = `${attempt}offline\n`;
  const done = existsSync(record) ? readFileSync(record, "utf8") : "";
  if (done === attempt || (offline && done === failedOffline)) return;
  if (!loads()) {
    console.error("flowbook: building the optional addon cap …");
    if (existsSync(join(root, "node_modules/cap"))) npm("rebuild", "cap");
    else npm("install", "--no-save", ...(offline ? ["--offline"] : []), ...(hasTools() ? [] : ["--omit=dev"]));
    const remedy = "npm install --no-save --foreground-scripts shows why; captures use dumpcap or tcpdump";
    const isBuilt = loads();
    console.error(isBuilt ? "flowbook: cap was built" : `flowbook: cap could not be built; ${remedy}`);
    if (!isBuilt && offline) attempt = failedOffline;
  }
  mkdirSync(dirname(record), {recursive: true});
  writeFileSync(record, attempt);
}

/** In a process of its own: an addon of another Node cannot be unloaded again. */
function loads() {
  return spawnSync(process.execPath, ["-e", "require('cap')"], {cwd: root, stdio: "ignore"}).status === 0;
}
