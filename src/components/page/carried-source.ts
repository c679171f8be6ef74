import {FileAttachment} from "observablehq:stdlib";
import type {AnswerSource} from "../../lib/answer-source.js";
import {type Carried, carriedAnswers, detailsIn, incidentFlowsIn} from "../../lib/carried-answers.js";
import {flowTable} from "../../lib/flow-table.js";
import {PackedColumns} from "../../lib/packed-columns.js";
import {packedDetails, packedFlowTable, packedIncidentFlows, packedNames} from "../../lib/packed-flows.js";
import {carriedRows} from "./carried-answers.js";
import {carriedBytes, isCarried} from "./carried-file.js";

/** Answers from the tables of a static site, which are loaded when the first question is one that no page answered before. */
export function carriedSource(): AnswerSource {
  let loaded: Promise<Omit<AnswerSource, "stated">> | undefined;
  const open = async () => carriedAnswers(await (isCarried(packedNames.flows) ? packed() : plain()));
  const source = () => (loaded ??= open());
  return {
    stated: carriedRows,
    answer: async (...asked) => (await source()).answer(...asked),
    flows: async (...asked) => (await source()).flows(...asked),
    details: async (...asked) => (await source()).details(...asked),
    incidentFlows: async (...asked) => (await source()).incidentFlows(...asked)
  };
}

/** The files beside a page of a site. */
async function plain(): Promise<Carried> {
  const flows = flowTable(await FileAttachment("../../data/flows.parquet").parquet());
  return {
    flows,
    details: once(async () => detailsIn(await FileAttachment("../../data/flow-details.parquet").parquet(), flows)),
    incidentFlows: once(async () =>
      incidentFlowsIn(await FileAttachment("../../data/incident-flows.parquet").parquet(), flows)
    )
  };
}

/** What a single file has in it. */
async function packed(): Promise<Carried> {
  const columns = async (name: string) => new PackedColumns(await carriedBytes(name));
  const flows = packedFlowTable(await columns(packedNames.flows));
  return {
    flows,
    details: once(async () => packedDetails(await columns(packedNames.details), flows)),
    incidentFlows: once(async () => packedIncidentFlows(await columns(packedNames.incidents)))
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
