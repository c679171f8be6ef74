import {experimentFacts} from "../../loaders/results/experiment-facts.ts";

process.stdout.write(JSON.stringify(experimentFacts()));
