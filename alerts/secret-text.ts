import {closeSync, fstatSync, openSync, readFileSync} from "node:fs";

const longestSecretBytes = 4096;

/**
 * The secret in a file, without the newline at its end. Throws where the file is not there, is empty or too large, or may
 * be read by others (mode beyond 0600); the message names the file and never its content.
 */
export function readSecret(path: string): string {
  let file: number;
  try {
    file = openSync(path, "r");
  } catch (error) {
    throw new Error(`${path}: ${(error as NodeJS.ErrnoException).code ?? "cannot be read"}`, {cause: error});
  }
  try {
    const {mode, size} = fstatSync(file);
    // Windows has no such bits.
    if (process.platform !== "win32" && (mode & 0o077) !== 0)
      throw new Error(`${path}: others may read this secret (mode 0${(mode & 0o777).toString(8)}): chmod 600`);
    if (size > longestSecretBytes) throw new Error(`${path}: larger than ${longestSecretBytes} bytes: not a secret`);
    const secret = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    if (secret === "") throw new Error(`${path}: empty`);
    if (/[\r\n\0]/.test(secret)) throw new Error(`${path}: expected one line`);
    return secret;
  } finally {
    closeSync(file);
  }
}

/** A text without the secrets, in whatever form a protocol may have repeated them. */
export function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  const forms = secrets
    .filter((secret) => secret !== null && secret !== "")
    .flatMap((secret) => [secret as string, base64(secret as string), encodeURIComponent(secret as string)])
    .sort((a, b) => b.length - a.length);
  return forms.reduce((rest, form) => rest.replaceAll(form, "…"), text);
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
