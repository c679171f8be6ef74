// Makes node_modules agree with package-lock.json; needs nothing but Node and npm.
import {spawnSync} from "node:child_process";
import {existsSync, readFileSync} from "node:fs";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Runs `npm ci` where node_modules is missing or another lock's; exits with npm's code where that fails. */
export async function ensureInstalled() {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    console.error(`flowbook needs Node 20 or newer; this is ${process.version}.`);
    process.exit(3);
  }
  if (installed()) return;
  console.error("flowbook: installing its packages (npm ci) …");
  // Headers that came with Node spare the optional `cap` addon a download.
  const prefix = resolve(dirname(process.execPath), "..");
  const env = {...process.env};
  if (!env.npm_config_nodedir && existsSync(join(prefix, "include/node/node.h"))) env.npm_config_nodedir = prefix;
  const npm = process.platform === "win32" ? "npm.cmd" : "npm";
  const {status, error} = spawnSync(npm, ["ci", "--no-fund", "--no-audit"], {
    cwd: root,
    env,
    stdio: ["ignore", process.stderr.fd, process.stderr.fd],
    shell: process.platform === "win32"
  });
  if (error || status !== 0) {
    console.error(`flowbook: npm ci failed${error ? `: ${error.message}` : ""}; run it by hand in ${root} to see why.`);
    process.exit(status || 1);
  }
}

/** npm writes node_modules/.package-lock.json: what it lists must be the lock's packages in the lock's versions. */
function installed() {
  try {
    const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const found = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")).packages;
    return Object.entries(wanted).every(
      ([path, {version, optional, devOptional}]) =>
        path === "" || optional || devOptional || found[path]?.version === version
    );
  } catch {
    return false;
  }
}
