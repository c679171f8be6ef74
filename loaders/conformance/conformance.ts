import {writeFileSync} from "node:fs";
import {type CicColumn, cicFlowNotes, cicKeys, cicSources, cicStatistics} from "../../schema/cicflowmeter.ts";
import type {Conformance, ConformanceFigures, FeatureText} from "../../src/lib/conformance.ts";
import figures from "./conformance-figures.json" with {type: "json"};

/**
 * What the page on conformance shows: the features as the view gives them, and the figures that `npm run conformance`
 * measured. It reads no table of the lake, so that nothing that is imported makes it stale.
 */
export function conformance(): Conformance {
  const {FLOWBOOK_READS: reads} = process.env;
  if (reads) writeFileSync(reads, "[]");
  const port = cicKeys.filter(({name}) => name === "Dst Port");
  return {
    figures: figures as ConformanceFigures,
    features: [...port, ...cicStatistics].map(text),
    flowNotes: cicFlowNotes,
    sources: cicSources
  };
}

function text({name, name2017, unit, formula, sql, original, corrected, missing, sources}: CicColumn): FeatureText {
  return {
    name,
    name2017,
    unit: unit ?? null,
    formula,
    sql,
    original: original ?? null,
    corrected: corrected ?? null,
    missing: missing ?? null,
    sources: sources ?? []
  };
}
