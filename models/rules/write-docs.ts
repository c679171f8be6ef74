import {writeFileSync} from "node:fs";
import {resolve} from "node:path";
import {rulesDocument} from "./rules-document.ts";

writeFileSync(resolve(import.meta.dirname, "../../docs/rules.md"), rulesDocument());
