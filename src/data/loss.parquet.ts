import {lossData} from "../../loaders/page-data.ts";
import {writePageData} from "../../loaders/page-data-run.ts";

await writePageData(lossData);
