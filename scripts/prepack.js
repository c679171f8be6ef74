// Before `npm pack`: gives the package a lock of its own, so that whoever installs it gets the versions that were tested, and
// no package but `cap` runs an install step there either (docs/decisions/what-is-installed.md). postpack.js removes it.
import {readFileSync, writeFileSync} from "node:fs";
import {dirname, join, resolve} from "node:path";
import {fileURLToPath} from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const {packages, ...lock} = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
const {devDependencies, ...own} = packages[""];
const needed = Object.entries(packages).filter(([path, {dev}]) => path !== "" && !dev);
const shrinkwrap = {...lock, packages: {"": own, ...Object.fromEntries(needed)}};
writeFileSync(join(root, "npm-shrinkwrap.json"), `${JSON.stringify(shrinkwrap, null, 2)}\n`);
