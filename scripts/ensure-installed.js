// Makes node_modules agree with package-lock.json; needs nothing but Node and npm.
import {existsSync, readFileSync} from "node:fs";
import {join} from "node:path";
import {npm, root} from "./npm.js";

/**
 * Runs `npm ci` if node_modules is missing or another lock's; exits with npm's code if that fails. `withTools` also
 * installs the development dependencies; without it they are neither needed nor removed.
 */
export function ensureInstalled({withTools = false} = {}) {
  const [major] = process.versions.node.split(".").map(Number);
  if (major < 20) {
    console.error(`flowbook needs Node 20 or newer; this is ${process.version}.`);
    process.exit(3);
  }
  // What this process starts need not look again, and must never replace packages that are in use.
  if (process.env.FLOWBOOK_INSTALLED === root) return;
  process.env.FLOWBOOK_INSTALLED = root;
  if (installed(withTools)) return;
  // Who has the tools keeps them.
  const args = withTools || hasTools() ? [] : ["--omit=dev"];
  console.error(`flowbook: installing its packages (${["npm ci", ...args].join(" ")}) …`);
  const {code, error} = npm("ci", ...args);
  if (code !== 0) {
    console.error(`flowbook: npm ci failed${error ? `: ${error.message}` : ""}; run it by hand in ${root} to see why.`);
    process.exit(code);
  }
}

/** Whether the development dependencies were installed. */
export function hasTools() {
  return existsSync(join(root, "node_modules/typescript/package.json"));
}

/** npm writes node_modules/.package-lock.json: what it lists must be the lock's packages in the lock's versions. */
function installed(withTools) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
    const found = JSON.parse(readFileSync(join(root, "node_modules/.package-lock.json"), "utf8")).packages;
    return Object.entries(wanted).every(
      ([path, {version, optional, devOptional, dev, extraneous}]) =>
        path === "" || optional || devOptional || extraneous || (dev && !withTools) || found[path]?.version === version
    );
  } catch {
    return false;
  }
}
