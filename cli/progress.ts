import type {Writable} from "node:stream";

const barWidth = 24;
const everyMs = 100;
/** What takes less than this shows no bar. */
const quietMs = 1000;

export interface ProgressBar {
  update(done: number, total: number, words: string): void;
  /** Removes the bar. */
  end(): void;
}

/** A bar on a terminal for what takes over a second; nothing where the stream is none. `now`: clock in ms. */
export function progressBar(stream: Writable & {isTTY?: boolean; columns?: number}, now: () => number): ProgressBar {
  const began = now();
  let last = began;
  let shown = false;
  return {
    update(done, total, words) {
      const time = now();
      if (!stream.isTTY || time - began < quietMs || time - last < everyMs) return;
      last = time;
      shown = true;
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const filled = Math.round(share * barWidth);
      const line = `${"█".repeat(filled)}${"░".repeat(barWidth - filled)} ${Math.floor(share * 100)} %  ${printable(words)}`;
      stream.write(`\r\x1b[K${line.slice(0, (stream.columns ?? 80) - 1)}`);
    },
    end() {
      if (shown) stream.write("\r\x1b[K");
    }
  };
}

/** Text from captures and file names for a terminal: control and direction characters escaped. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (c) => `\\u{${c.codePointAt(0)!.toString(16)}}`);
}
