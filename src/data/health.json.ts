import {lakeHealth} from "../../loaders/health/health.ts";

process.stdout.write(JSON.stringify(await lakeHealth()));
