import {readFileSync} from "node:fs";
import {visibleText} from "../../src/lib/visible-text.ts";
import {withoutSecrets} from "../secret-text.ts";

const words: Readonly<Record<string, string>> = {
  ECONNREFUSED: "the connection was refused",
  ECONNRESET: "the connection was broken off",
  ENOTFOUND: "there is no host of that name",
  EAI_AGAIN: "the host's name could not be looked up",
  EHOSTUNREACH: "there is no way to the host",
  ENETUNREACH: "there is no way to the host's network",
  ETIMEDOUT: "no answer in time",
  ESOCKET: "the connection failed",
  EAUTH: "user or password was not accepted"
};

/** Codes by which Node tells that a certificate could not be verified. */
const certificate = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|ERR_TLS/;

/** Why a message could not be delivered: one line with what may be done about it and without secrets. */
export function deliveryError(where: string, error: unknown, secrets: readonly (string | null)[] = []): Error {
  const {code, message, cause} = error as NodeJS.ErrnoException & {cause?: NodeJS.ErrnoException};
  // A library may put its own code over the system's, which is then in the words.
  const codes = [...(message.match(/\bE[A-Z]{4,}\b/g) ?? []), code, cause?.code].filter((text) => text !== undefined);
  const said = visibleText(withoutSecrets(message.replace(/\s+/g, " "), secrets)).slice(0, 300);
  const isUntrusted = codes.some((text) => certificate.test(text)) || /certificate/i.test(message);
  const known = codes.map((text) => words[text]).find((text) => text !== undefined);
  if (isUntrusted)
    return new Error(`${where}: its certificate is not trusted (${said}); ca_file names one to trust`, {cause: error});
  return new Error(`${where}: ${known ? `${known} (${said})` : said}`, {cause: error});
}

/** The certificates to trust instead of the system's; undefined for the system's. */
export function trusted(caFile: string | null): Buffer | undefined {
  return caFile === null ? undefined : readFileSync(caFile);
}
