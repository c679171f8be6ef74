import {FileAttachment} from "observablehq:stdlib";
import type {AnswerSource} from "../../lib/answer-source.js";
import {carriedAnswers} from "../../lib/carried-answers.js";
import {flowTable} from "../../lib/flow-table.js";
import {carriedRows} from "./carried-answers.js";

/** Answers from the tables of a static site, which are loaded when the first question is one that no page answered before. */
export function carriedSource(): AnswerSource {
  let loaded: Promise<Omit<AnswerSource, "stated">> | undefined;
  const open = async () =>
    carriedAnswers({
      flows: flowTable(await FileAttachment("../../data/flows.parquet").parquet()),
      details: once(() => FileAttachment("../../data/flow-details.parquet").parquet()),
      incidentFlows: once(() => FileAttachment("../../data/incident-flows.parquet").parquet())
    });
  const source = () => (loaded ??= open());
  return {
    stated: carriedRows,
    answer: async (...asked) => (await source()).answer(...asked),
    flows: async (...asked) => (await source()).flows(...asked),
    details: async (...asked) => (await source()).details(...asked),
    incidentFlows: async (...asked) => (await source()).incidentFlows(...asked)
  };
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
