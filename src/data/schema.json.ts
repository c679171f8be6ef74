import {schemaFacts} from "../../loaders/results/schema-facts.ts";

process.stdout.write(JSON.stringify(await schemaFacts()));
