import {thresholdLab} from "../../loaders/judge/threshold-lab.ts";

process.stdout.write(JSON.stringify(await thresholdLab()));
