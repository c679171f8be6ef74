import {expect, it} from "vitest";
import {guessedServices} from "../../../capture/dissect/port-guess.ts";
import type {FinishedFlows} from "../../../capture/meter/meter.ts";

it("a service is guessed by the responder's port only where content did not tell one", () => {
  const rows: [proto: number, port: number, service: number][] = [
    [6, 443, -1],
    [17, 443, -1],
    [6, 443, 0],
    [6, 22, -1],
    [6, 49152, -1],
    [1, 53, -1],
    [17, 65535, -1]
  ];
  const flows = {
    rows: rows.length,
    column: (name: string) => Float64Array.from(rows, ([proto, port]) => (name === "proto" ? proto : port))
  } as unknown as FinishedFlows;
  const services = {codes: Int32Array.from(rows, ([, , code]) => code), values: ["ssh"]};
  const {codes, values} = guessedServices(flows, services);
  const names = Array.from(codes, (code) => (code < 0 ? null : values[code]));
  expect(names).toEqual(["tls", "quic", null, "ssh", null, null, null]);
});
