import {EventEmitter} from "node:events";
import {expect, it} from "vitest";
import {EndingSignals} from "../../cli/ending-signals.ts";
import {exit} from "../../cli/verb.ts";

function signals() {
  const from = new EventEmitter();
  const codes: number[] = [];
  return {codes, ending: new EndingSignals(from, (code) => codes.push(code)), send: () => from.emit("SIGTERM")};
}

it("the first signal asks a capture to end, the second ends it at once", () => {
  const {codes, ending, send} = signals();
  send();
  expect([ending.signal.aborted, codes]).toEqual([true, []]);
  send();
  expect(codes).toEqual([exit.interrupted]);
});

it("a signal while a failed capture closes does not hide the failure", () => {
  const {codes, ending, send} = signals();
  ending.fail(exit.limit);
  send();
  expect(codes).toEqual([]);
  send();
  ending.over(exit.internal);
  send();
  expect(codes).toEqual([exit.limit, exit.limit]);
});
