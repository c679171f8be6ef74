import {ruleCatalogue} from "../../loaders/judge/rule-catalogue.ts";

process.stdout.write(JSON.stringify(await ruleCatalogue()));
