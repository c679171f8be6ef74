import {packedIncidentFlows, writePackedData} from "../../loaders/results/packed-data.ts";

await writePackedData(packedIncidentFlows);
