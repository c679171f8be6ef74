import {expect, it} from "vitest";
import {rules} from "../../../models/rules/index.ts";
import type {Finding} from "../../../models/rules/rule.ts";
import {type Found, withoutYielding} from "../../../models/rules/yielding.ts";
import {randomFrom} from "../../pages/random-filter.ts";

const random = randomFrom(20_261_129);
const one = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)];
const addresses = ["10.0.0.1", "10.0.0.2", "10.0.0.3", null];

function finding(rule: string): Finding {
  const ts_start = Math.floor(random() * 600) * 1e6;
  const reasons = [
    {figure: "ports", value: one(["80, 443", "22"])},
    {figure: "hosts that let it in", value: one([1, 2])}
  ].map((reason) => ({...reason, text: "", limit: null, unit: null}));
  return {
    rule,
    capture_sha256: one(["a", "b"]),
    ts_start,
    ts_end: ts_start + Math.floor(random() * 60) * 1e6,
    src_ip: one(addresses),
    dst_ip: one(addresses),
    dst_port: one([80, null]),
    summary: "",
    flows: 1,
    reasons
  };
}

it("leaves out what would be left out if each finding were compared with every other of its capture", () => {
  const found: Found[] = Array.from({length: 2000}, () => one(rules)).map((rule) => ({
    rule,
    finding: finding(rule.name)
  }));
  const plain = found
    .filter(
      ({rule, finding}) =>
        !found.some(
          ({finding: other}) =>
            other !== finding && other.capture_sha256 === finding.capture_sha256 && rule.yieldsTo?.(finding, other)
        )
    )
    .map(({finding}) => finding);
  expect(withoutYielding(found)).toEqual(plain);
  const kept = new Set(plain);
  const dropped = new Set(found.filter(({finding}) => !kept.has(finding)).map(({rule}) => rule.name));
  expect(dropped.size).toBeGreaterThan(25);
});
