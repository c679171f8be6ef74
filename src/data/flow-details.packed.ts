import {packedFlowDetails, writePackedData} from "../../loaders/results/packed-data.ts";

await writePackedData(packedFlowDetails);
