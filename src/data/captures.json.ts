import {capturesData} from "../../loaders/results/page-data.ts";
import {writePageRows} from "../../loaders/results/page-data-run.ts";

await writePageRows(capturesData);
