// After `npm pack`: removes what prepack.js wrote; a checkout has npm's ordinary lock.
import {rmSync} from "node:fs";
import {fileURLToPath} from "node:url";

rmSync(fileURLToPath(new URL("../npm-shrinkwrap.json", import.meta.url)), {force: true});
