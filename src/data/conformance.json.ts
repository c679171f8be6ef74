import {conformance} from "../../loaders/conformance/conformance.ts";

process.stdout.write(JSON.stringify(conformance()));
