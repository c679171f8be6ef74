// Runs npm for the project.
import {spawnSync} from "node:child_process";
import {existsSync} from "node:fs";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";

export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Runs npm in the project's folder, its output on stderr; gives the exit code, and the error if npm did not start. */
export function npm(...args) {
  const isWindows = process.platform === "win32";
  const {status, error} = spawnSync(isWindows ? "npm.cmd" : "npm", [...args, "--no-fund", "--no-audit"], {
    cwd: root,
    env: {...process.env, ...nodeHeaders()},
    stdio: ["ignore", process.stderr.fd, process.stderr.fd],
    shell: isWindows
  });
  return {code: status ?? 1, error};
}

const prefix = resolve(dirname(process.execPath), "..");

/** Whether addons can be built without a download of Node's headers. */
export function hasNodeHeaders() {
  return Boolean(process.env.npm_config_nodedir) || existsSync(join(prefix, "include/node/node.h"));
}

/** Headers that came with Node spare the optional `cap` addon a download. */
function nodeHeaders() {
  if (process.env.npm_config_nodedir || !hasNodeHeaders()) return {};
  return {npm_config_nodedir: prefix};
}
