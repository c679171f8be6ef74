// Before `npm pack`: gives the package the checkout's lock, as npm-shrinkwrap.json, so that whoever unpacks it installs the
// versions that were tested, and no package but `cap` runs an install step (docs/decisions/what-is-installed.md).
// postpack.js removes it.
import {copyFileSync} from "node:fs";
import {fileURLToPath} from "node:url";

const at = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
copyFileSync(at("package-lock.json"), at("npm-shrinkwrap.json"));
