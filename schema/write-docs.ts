import {writeFileSync} from "node:fs";
import {resolve} from "node:path";
import {cicDocument} from "./cicflowmeter-docs.ts";
import {columnsDocument} from "./docs.ts";

writeFileSync(resolve(import.meta.dirname, "../docs/columns.md"), columnsDocument());
writeFileSync(resolve(import.meta.dirname, "../docs/cicflowmeter.md"), cicDocument());
