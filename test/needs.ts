import {spawnSync} from "node:child_process";
import {describe, it, type TestOptions} from "vitest";

declare module "vitest" {
  interface TaskMeta {
    /** What the machine lacks for this test; `npm test` groups the skipped ones by it. */
    absent?: string;
  }
}

type Body = () => unknown;
type Declare = (name: string, ...rest: [Body] | [TestOptions, Body]) => void;

/** `describe` where nothing is absent; otherwise its tests are skipped, with what is absent as the reason. */
export const describeUnless = (absent: string | null): Declare =>
  unless((name, options, body) => describe(name, options, body as () => void), absent);

/** `it` where nothing is absent; otherwise the test is skipped, with what is absent as the reason. */
export const itUnless = (absent: string | null): Declare =>
  unless((name, options, body) => it(name, options, body as () => void), absent);

function unless(declare: (name: string, options: TestOptions, body: Body) => void, absent: string | null): Declare {
  return (name, ...rest) => {
    const [options, body] = rest.length === 1 ? [{}, rest[0]] : rest;
    declare(name, absent === null ? options : {...options, skip: true, meta: {absent}}, body);
  };
}

/** The reason where a condition does not hold. */
export const absentUnless = (holds: unknown, absent: string): string | null => (holds ? null : absent);

export const onWindows = absentUnless(process.platform !== "win32", "on Windows");
export const notLinux = absentUnless(process.platform === "linux", "not Linux");
export const notRoot = absentUnless(process.getuid?.() === 0, "not root");

/** The first of these programs that cannot be run, as a reason. */
export function noProgram(...names: string[]): string | null {
  const missing = names.find((name) => spawnSync(name, ["--version"]).error);
  return missing ? `no ${missing}` : null;
}
