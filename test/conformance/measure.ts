import {writeFileSync} from "node:fs";
import {resolve} from "node:path";
import {hasSharedData, sharedData} from "../shared-data.ts";
import {measureConformance} from "./concap.ts";

/** `npm run conformance`: compares with CICFlowMeter over the shared captures and keeps the figures that the page shows. */
const target = resolve(import.meta.dirname, "../../loaders/conformance/conformance-figures.json");

if (!hasSharedData) {
  console.error(`conformance: ${sharedData} is absent; the figures that the project carries are left as they are`);
  process.exitCode = 1;
} else {
  const figures = await measureConformance(new Date().toISOString().slice(0, 10));
  const {features, ...head} = figures;
  // A feature a line, so that a change shows where it is.
  const lines = features.map((feature) => `    ${JSON.stringify(feature)}`).join(",\n");
  writeFileSync(target, `${JSON.stringify(head, null, 2).slice(0, -2)},\n  "features": [\n${lines}\n  ]\n}\n`);
  for (const {name, flows, rows, matched, sameExtent} of figures.captures)
    console.log(`${name}: ${flows} flows, ${rows} rows of the reference, ${matched} pairs, ${sameExtent} cut alike`);
  for (const {name, compared, equal, equalSame, comparedSame, medianDifference} of features)
    if (equal < compared)
      console.log(
        `${name}: ${equal} of ${compared} equal, ${equalSame} of ${comparedSame} where cut alike, median difference ${medianDifference?.toPrecision(3)}`
      );
}
