import {notebookFacts} from "../../loaders/notebook-facts.ts";

process.stdout.write(JSON.stringify(await notebookFacts()));
