import {mkdtempSync, rmSync} from "node:fs";
import {tmpdir} from "node:os";
import {join} from "node:path";
import {afterAll, beforeAll} from "vitest";
import {incident, message} from "../incidents.ts";
import {type Certificates, makeCertificates, noOpenssl} from "../receivers.ts";

/** Why there is no TLS to try; null where there is. */
export const withoutTls = noOpenssl();

/** Files of the test file. */
export const folder = mkdtempSync(join(tmpdir(), "flowbook-transports-"));
export let certificates: Certificates;
beforeAll(() => {
  if (!withoutTls) certificates = makeCertificates(folder);
});
afterAll(() => rmSync(folder, {recursive: true, force: true}));

/** A message of two incidents. */
export const told = message([
  incident(),
  incident({incident_id: "00112233445566bb", severity: "high", rule: "brute_force"})
]);

/** The error of a promise that must fail, in words. */
export const failure = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "it did not fail",
    (error: Error) => error.message
  );
