import {captureName} from "../../lib/describe-filter.js";
import type {DimensionName} from "../../lib/dimensions.js";
import {type Filter, toggled, type Verdict, verdicts, withFields} from "../../lib/filter.js";
import {groupName, protocolName, serviceName, verdictName} from "../../lib/names.js";
import {groupColor} from "../../lib/palette.js";
import type {Cell, Question} from "../../lib/question.js";
import {verdicts as verdictCounts} from "../../lib/questions/verdicts.js";
import {visibleText} from "../../lib/visible-text.js";
import type {Notebook} from "../page/notebook.js";

export interface FacetOption {
  readonly value: Cell;
  readonly name: string;
  /** Flows it would show, with the other fields of the filter as they are. */
  readonly flows: number;
  readonly color?: string;
}

/** A field of the filter that is chosen from a list. */
export interface Facet {
  readonly id: string;
  readonly name: string;
  /** False where there is only one value to choose. */
  isOffered?(notebook: Notebook): boolean;
  options(notebook: Notebook): FacetOption[];
  chosen(filter: Filter): readonly Cell[];
  /** The fields to replace when a value is chosen, or chosen again. */
  narrow(filter: Filter, value: Cell): Filter;
  label(value: Cell, notebook: Notebook): string;
}

const mostOptions = 60;

/** The fields in the order of the bar. */
export const facets: readonly Facet[] = [
  {
    id: "proto",
    name: "Protocol",
    options: (notebook) => counted(notebook, "proto", "protos"),
    chosen: (filter) => filter.protos ?? [],
    narrow: (filter, value) => ({protos: toggled(filter.protos, value as number)}),
    label: (value) => protocolName(value as number)
  },
  {
    id: "service",
    name: "Service",
    options: (notebook) => counted(notebook, "service", "services"),
    chosen: (filter) => filter.services ?? [],
    narrow: (filter, value) => ({services: toggled(filter.services, value as string | null)}),
    label: (value) => serviceName(value as string | null)
  },
  {
    id: "verdict",
    name: "Verdict",
    options(notebook) {
      const rest = withFields(notebook.filter, {verdicts: undefined});
      const {rows} = notebook.answer({question: verdictCounts, filter: rest});
      const column = verdictCounts.measures.indexOf("flows") + 1;
      return verdicts.map((verdict) => ({
        value: verdict,
        name: verdictName(verdict),
        flows: (rows.find(([value]) => value === verdict)?.[column] as number | undefined) ?? 0,
        color: groupColor("verdict", verdict)
      }));
    },
    chosen: (filter) => filter.verdicts ?? [],
    narrow: (filter, value) => ({verdicts: toggled(filter.verdicts, value as Verdict)}),
    label: (value) => verdictName(value as string)
  },
  {
    id: "class",
    name: "Class",
    isOffered: ({facts}) => facts.classes > 1,
    options: (notebook) => counted(notebook, "label", "labels").filter(({value}) => value !== null),
    chosen: (filter) => filter.labels ?? [],
    narrow: (filter, value) => ({labels: toggled(filter.labels, value as string)}),
    label: (value) => visibleText(String(value))
  },
  {
    id: "capture",
    name: "Capture",
    isOffered: ({captures}) => captures.filter(({flows}) => flows > 0).length > 1,
    options: (notebook) =>
      counted(notebook, "capture", "captures").map((option) => ({
        ...option,
        name: captureName(String(option.value), notebook.captures),
        color: undefined
      })),
    chosen: (filter) => filter.captures ?? [],
    narrow: (filter, value) => ({captures: toggled(filter.captures, value as string)}),
    label: (value, {captures}) => captureName(String(value), captures)
  }
];

function counted(notebook: Notebook, dimension: DimensionName, field: keyof Filter): FacetOption[] {
  const question: Question = {
    name: `facet-${dimension}`,
    title: "",
    by: [dimension],
    measures: ["flows"],
    order: "flows",
    limit: mostOptions
  };
  const filter = withFields(notebook.filter, {[field]: undefined});
  const {rows} = notebook.answer({question, filter});
  const seen = new Set(rows.map(([value]) => value));
  // What is chosen stays on offer, to be taken back.
  const missing = ((notebook.filter[field] as readonly Cell[] | undefined) ?? []).filter((value) => !seen.has(value));
  return [...rows, ...missing.map((value) => [value, 0] as const)].map(([value, flows]) => ({
    value,
    name: groupName(dimension, value),
    flows: flows as number,
    color: dimension === "capture" ? undefined : groupColor(dimension, value)
  }));
}
