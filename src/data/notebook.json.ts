import {notebookFacts} from "../../loaders/results/notebook-facts.ts";

process.stdout.write(JSON.stringify(await notebookFacts()));
