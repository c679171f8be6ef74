import {existsSync} from "node:fs";
import {resolve} from "node:path";
import {beforeAll, expect, it} from "vitest";
import {conformance} from "../../loaders/conformance/conformance.ts";
import type {ConformanceFigures} from "../../src/lib/conformance.ts";
import {absentUnless, describeUnless} from "../needs.ts";
import {sharedData} from "../shared-data.ts";
import {measureConformance} from "./concap.ts";

const hasReference = existsSync(resolve(sharedData, "truth/concap/nmap-a-t4.cicflowmeter.csv.gz"));

/** Features that its corrected version computes otherwise, and why: see `docs/cicflowmeter.md`. */
const otherwise = new Set(["Subflow Fwd Packets", "Subflow Fwd Bytes", "Subflow Bwd Packets", "Subflow Bwd Bytes"]);

describeUnless(absentUnless(hasReference, "no ../shared/data"))(
  "beside CICFlowMeter's own output for ConCap's captures",
  () => {
    let figures: ConformanceFigures;
    beforeAll(async () => {
      figures = await measureConformance("2026-11-21");
    });

    it("98.5 % or more of its flows are ours by five-tuple and start, and 99.5 % of these are cut alike", () => {
      const sum = (of: (capture: ConformanceFigures["captures"][number]) => number) =>
        figures.captures.reduce((total, capture) => total + of(capture), 0);
      expect(sum(({rows}) => rows)).toBe(1099);
      expect(sum(({matched}) => matched) / 1099).toBeGreaterThanOrEqual(0.985);
      expect(sum(({sameExtent}) => sameExtent) / sum(({matched}) => matched)).toBeGreaterThanOrEqual(0.995);
    });

    it("are the figures that the page shows (npm run conformance renews them)", () => {
      const shown = conformance().figures;
      expect({...figures, made: shown.made, meter: shown.meter}).toEqual(shown);
    });

    it("what it has and we do not is ICMP alone, which it cuts by type and code", () => {
      expect(figures.captures.map(({unpaired}) => Object.keys(unpaired))).toEqual([["1"], []]);
    });

    it("every feature but the subflows is equal in 99.5 % of the flows cut alike", () => {
      const low = figures.features
        .filter(({equalSame, comparedSame}) => equalSame < 0.995 * comparedSame)
        .map(({name}) => name);
      expect(low).toEqual([...otherwise]);
    });

    it("counts, times and flags are equal in all of the flows cut alike", () => {
      const exact = figures.features.filter(({name}) =>
        / IAT |Flag|Idle|Packets?\/s|Duration|Total (Fwd|Bwd) /.test(name)
      );
      expect(exact).toHaveLength(36);
      for (const {name, equalSame, comparedSame} of exact) expect([name, equalSame]).toEqual([name, comparedSame]);
    });

    it("what the corrected version leaves out of a flow is what differs: ICMP's payload, the last run of packets", () => {
      const differing = (name: string) => {
        const {comparedSame, equalSame} = figures.features.find((feature) => feature.name === name)!;
        return comparedSame - equalSame;
      };
      // One flow of ICMP and one that was idle are cut alike.
      expect(differing("Total Length of Fwd Packet")).toBe(1);
      expect(differing("Active Mean")).toBe(1);
    });
  }
);
