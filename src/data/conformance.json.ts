import {conformance} from "../../loaders/conformance.ts";

process.stdout.write(JSON.stringify(conformance()));
