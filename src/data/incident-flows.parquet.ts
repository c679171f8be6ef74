import {incidentFlowsData} from "../../loaders/results/page-data.ts";
import {writePageData} from "../../loaders/results/page-data-run.ts";

await writePageData(incidentFlowsData);
