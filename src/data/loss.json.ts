import {lossData} from "../../loaders/results/page-data.ts";
import {writePageRows} from "../../loaders/results/page-data-run.ts";

await writePageRows(lossData);
