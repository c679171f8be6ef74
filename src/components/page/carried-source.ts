import {FileAttachment} from "observablehq:stdlib";
import type {AnswerSource} from "../../lib/answer-source.js";
import {type CarriedAnswers, once, packedAnswers} from "../../lib/packed-answers.js";
import {packedNames} from "../../lib/packed-flows.js";
import {carriedRows} from "./carried-answers.js";
import {carriedBytes, isCarried} from "./carried-file.js";
import type {FromWorker, ToWorker} from "./carried-worker.js";

/** Answers from the tables of a static site, which are loaded when the first question is one that no page answered before. */
export function carriedSource(): AnswerSource {
  const source = once(async () =>
    isCarried(packedNames.flows) ? packedAnswers((name) => carriedBytes(packedNames[name])) : workersAnswers()
  );
  return {
    stated: carriedRows,
    answer: async (...asked) => (await source()).answer(...asked),
    flows: async (...asked) => (await source()).flows(...asked),
    details: async (...asked) => (await source()).details(...asked),
    incidentFlows: async (...asked) => (await source()).incidentFlows(...asked)
  };
}

/** Answers from the files beside a page of a site: a worker holds the flows, so that the page draws while it counts them. */
async function workersAnswers(): Promise<CarriedAnswers> {
  const files = {
    flows: await FileAttachment("../../data/flows.packed").url(),
    details: await FileAttachment("../../data/flow-details.packed").url(),
    incidents: await FileAttachment("../../data/incident-flows.packed").url()
  };
  const worker = new Worker(import.meta.resolve("./carried-worker.js"), {type: "module"});
  const tell = (message: ToWorker) => worker.postMessage(message);
  const waiting = new Map<number, {resolve(answer: unknown): void; reject(reason: unknown): void}>();
  const fail = (problem: string) => {
    for (const {reject} of waiting.values()) reject(new Error(problem));
    waiting.clear();
  };
  worker.addEventListener("message", ({data}: MessageEvent<FromWorker>) => {
    const asker = waiting.get(data.id);
    waiting.delete(data.id);
    if ("problem" in data) asker?.reject(new Error(data.problem));
    else asker?.resolve(data.answer);
  });
  worker.addEventListener("error", ({message}) => fail(message || "the page's worker could not be started"));
  tell({files});
  let last = 0;
  const ask = (call: keyof CarriedAnswers, asked: readonly unknown[], signal: AbortSignal) =>
    new Promise<unknown>((resolve, reject) => {
      signal.throwIfAborted();
      const id = ++last;
      waiting.set(id, {resolve, reject});
      signal.addEventListener("abort", () => {
        if (!waiting.delete(id)) return;
        tell({outdated: id});
        reject(signal.reason);
      });
      tell({id, call, asked});
    });
  return {
    answer: (asked, signal) => ask("answer", [asked], signal) as ReturnType<CarriedAnswers["answer"]>,
    flows: (asked, signal) => ask("flows", [asked], signal) as ReturnType<CarriedAnswers["flows"]>,
    details: (flow, capture, signal) =>
      ask("details", [flow, capture], signal) as ReturnType<CarriedAnswers["details"]>,
    incidentFlows: (incident, most, signal) =>
      ask("incidentFlows", [incident, most], signal) as ReturnType<CarriedAnswers["incidentFlows"]>
  };
}
