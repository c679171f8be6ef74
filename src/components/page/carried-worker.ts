import {type CarriedAnswers, packedAnswers} from "../../lib/packed-answers.js";
import type {packedNames} from "../../lib/packed-flows.js";
import {fetchedBytes} from "./carried-file.js";

/** What a page tells the worker: where its files are, first of all; then its questions, and which it takes back. */
export type ToWorker =
  | {readonly files: Readonly<Record<keyof typeof packedNames, string>>}
  | {readonly id: number; readonly call: keyof CarriedAnswers; readonly asked: readonly unknown[]}
  | {readonly outdated: number};

/** What the worker answers; a question that was taken back has no answer. */
export type FromWorker =
  | {readonly id: number; readonly answer: unknown}
  | {readonly id: number; readonly problem: string};

let answers: Promise<CarriedAnswers>;
const running = new Map<number, AbortController>();

addEventListener("message", ({data}: MessageEvent<ToWorker>) => {
  if ("files" in data) answers = packedAnswers((name) => fetchedBytes(data.files[name]));
  else if ("outdated" in data) running.get(data.outdated)?.abort();
  else void answer(data);
});

async function answer({id, call, asked}: Extract<ToWorker, {id: number}>): Promise<void> {
  const say = (message: FromWorker) => postMessage(message);
  const outdated = new AbortController();
  running.set(id, outdated);
  try {
    const ask = (await answers)[call] as (...asked: readonly unknown[]) => Promise<unknown>;
    say({id, answer: await ask(...asked, outdated.signal)});
  } catch (error) {
    if (!outdated.signal.aborted) say({id, problem: (error as Error).message});
  } finally {
    running.delete(id);
  }
}
