import {expect, it} from "vitest";
import {alikeFlows, rangeText} from "../../src/lib/alike-flows.ts";
import type {FlowTable} from "../../src/lib/flow-table.ts";

const texts = (...codes: number[]) => ({codes: Int32Array.from(codes), values: ["a", "b"]});
const flows = {
  rows: 5,
  texts: {
    src_ip: texts(0, 0, 0, 0, 0),
    dst_ip: texts(1, 1, 0, 1, 1),
    service: texts(-1, -1, -1, -1, -1),
    label: texts(0, 0, 0, 0, 1),
    conn_state: texts(0, 0, 0, 0, 0)
  }
} as unknown as FlowTable;

it("flows of the same hosts, service, class and state that weigh as much are one row, in the order of the first of each", () => {
  expect(alikeFlows(flows, [0.31, 0.3101, 0.3, 0.3099, 0.1])).toEqual([
    {rows: [0, 1, 3], share: 0.31},
    {rows: [2], share: 0.3},
    {rows: [4], share: 0.1}
  ]);
  expect(alikeFlows(flows, [0.31, 0.2, 0.3, 0.1, 0.1]).map(({rows}) => rows)).toEqual([[0], [1], [2], [3], [4]]);
});

it("values of alike flows are told by their ends, and once where all are shown as the same", () => {
  const ports = [443, 22, 80];
  const of = (row: number) => ports[row];
  expect(rangeText([0, 1, 2], (row) => String(of(row)), of)).toBe("22 – 443");
  expect(rangeText([0, 1], () => "5.3 kB", of)).toBe("5.3 kB");
});
