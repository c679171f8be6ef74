import {modelFacts} from "../../loaders/judge/model-facts.ts";

process.stdout.write(JSON.stringify(await modelFacts()));
