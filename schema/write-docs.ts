import {writeFileSync} from "node:fs";
import {resolve} from "node:path";
import {columnsDocument} from "./docs.ts";

writeFileSync(resolve(import.meta.dirname, "../docs/columns.md"), columnsDocument());
