import {driftOfLake} from "../../loaders/judge/drift.ts";

process.stdout.write(JSON.stringify(await driftOfLake()));
