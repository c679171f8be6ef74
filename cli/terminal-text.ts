/** Control and direction characters but tab and line feed. */
const controls = /[^\P{Cc}\t\n]|[\p{Cf}\u2028\u2029]/gu;

/** Text of several lines with everything else escaped that a terminal would obey. */
export function withoutControls(text: string): string {
  return text.replace(controls, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}

/**
 * Has words on standard error never hold what a terminal would obey, and standard output not where it is a terminal: an
 * engine's error quotes the value that it stumbled over, and rows are a stranger's texts. A file or pipe gets the bytes
 * as they are.
 */
export function guardTerminal(): void {
  const say = console.error;
  console.error = (...parts) => say(...parts.map((part) => (typeof part === "string" ? withoutControls(part) : part)));
  const {stdout} = process;
  if (!stdout.isTTY) return;
  const write = stdout.write.bind(stdout) as (text: string, ...rest: unknown[]) => boolean;
  stdout.write = ((chunk: string | Uint8Array, ...rest: unknown[]) =>
    write(withoutControls(typeof chunk === "string" ? chunk : Buffer.from(chunk).toString("utf8")), ...rest)) as never;
}
