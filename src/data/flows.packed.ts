import {packedFlows, writePackedData} from "../../loaders/results/packed-data.ts";

await writePackedData(packedFlows);
