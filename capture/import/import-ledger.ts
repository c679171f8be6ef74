import {resolve} from "node:path";
import type {CaptureRow} from "../../schema/captures.ts";
import type {KnownCapture} from "../partitions/known.ts";
import {parsePart} from "../partitions/layout.ts";
import {hashFile} from "../sources/hash-file.ts";
import type {EarlierCapture, Taken, ToRead} from "./capture-reader.ts";
import type {ImportedCapture, ImportOptions, ImportResult} from "./import.ts";
import type {CaptureFile, FailedPath} from "./import-paths.ts";

export interface LedgerOptions extends Pick<ImportOptions, "name" | "onProgress" | "onSealed"> {
  /** The meter that flows are asked for of. */
  readonly meter: string;
  /** The captures of the lake; asked once, when the first file wants to know. */
  readonly known: () => Promise<readonly KnownCapture[]>;
  /** Reads captures again that the lake has. */
  readonly force: boolean;
}

/**
 * Keeps what became of each file of an import, by its place among the files, and decides which are read: of several
 * with the same content the first one, whoever comes to them when.
 */
export class ImportLedger {
  readonly parts: string[] = [];
  readonly #files: readonly CaptureFile[];
  readonly #options: LedgerOptions;
  readonly #captures: ImportedCapture[] = [];
  readonly #problems: string[] = [];
  /** By file: its hash, and that of its content once it is known. */
  readonly #hashes: string[][] = [];
  #known: Promise<readonly KnownCapture[]> | null = null;
  /** By hash, of the file or of its content: the file that is read, or was. */
  readonly #chosen = new Map<string, number>();
  /** By the file that is read: those with the same content that wait for its row. */
  readonly #waiting = new Map<number, number[]>();
  /** By size: files whose turn to be decided about has not come. */
  readonly #undecided = new Map<number, number[]>();
  readonly #decisions = new Map<number, () => void>();
  readonly #read: {readBytes: number; packets: number}[];
  readonly #totalBytes: number;
  #readBytes = 0;
  #packets = 0;

  constructor(files: readonly CaptureFile[], options: LedgerOptions) {
    this.#files = files;
    this.#options = options;
    this.#read = files.map(() => ({readBytes: 0, packets: 0}));
    this.#totalBytes = files.reduce((sum, {bytes}) => sum + bytes, 0);
    files.forEach(({bytes}, file) => {
      const others = this.#undecided.get(bytes);
      if (others) others.push(file);
      else this.#undecided.set(bytes, [file]);
    });
  }

  /**
   * Whether a file with that hash and content (null while unknown) is to be read. Answered once the files before it that
   * may have the same hash, those of its size, have been asked about too. Where it is not, the ledger knows or will know
   * its row.
   */
  async mayRead(file: number, sha256: string, content: string | null): Promise<ToRead | null> {
    const known = await this.#knownCaptures();
    const hashes = content === null || content === sha256 ? [sha256] : [sha256, content];
    const isToRead = this.#decisions.has(file)
      ? this.#decide(file, hashes, known)
      : await new Promise<boolean>((resolve) => this.#inTurn(file, () => resolve(this.#decide(file, hashes, known))));
    return isToRead ? {replaces: await this.#replacedBy(this.#files[file], hashes, known)} : null;
  }

  /** Notes what came of a file. Returns those that waited for it in vain: they are to be taken again. */
  settle(file: number, {row, problem}: Taken): readonly number[] {
    this.#advance(file, this.#files[file].bytes, Number(row?.packets ?? 0));
    // Left unread: whose row it has is known, or will be.
    if (!row && problem === null) return [];
    if (row) this.#captures[file] = {row, known: false};
    else this.#problems[file] = problem!;
    if (!this.#decisions.has(file)) this.#inTurn(file, () => {});
    const waiting = this.#waiting.get(file) ?? [];
    this.#waiting.delete(file);
    if (row) for (const same of waiting) this.#captures[same] = {row, known: true};
    else for (const hash of this.#hashes[file] ?? []) if (this.#chosen.get(hash) === file) this.#chosen.delete(hash);
    return row ? [] : waiting;
  }

  /** Tells of the progress in a file. */
  packets(file: number, readBytes: number, packets: number): void {
    this.#advance(file, readBytes, packets);
    this.#options.onProgress?.({
      file: this.#options.name ?? this.#files[file].name,
      totalBytes: this.#totalBytes,
      readBytes: this.#readBytes,
      packets: this.#packets
    });
  }

  sealed(part: string, captures: number): void {
    this.parts.push(part);
    this.#options.onSealed?.(captures);
  }

  /** What came of all files, in their order; `failed`: paths that gave none. */
  result(failed: readonly FailedPath[]): ImportResult {
    const unread = this.#files.flatMap(({name}, file) =>
      this.#problems[file] === undefined ? [] : [{path: name, problem: this.#problems[file]}]
    );
    return {
      captures: this.#captures.filter(Boolean),
      failed: [...failed, ...unread],
      skipped: [],
      parts: this.parts,
      isInterrupted: false
    };
  }

  #decide(file: number, hashes: readonly string[], known: readonly KnownCapture[]): boolean {
    const before = this.#hashes[file] ?? [];
    this.#hashes[file] = [...hashes];
    for (const hash of hashes) {
      const chosen = this.#chosen.get(hash);
      if (chosen === file) continue;
      const row = chosen === undefined ? this.#fitting(hash, known) : this.#rowOf(chosen);
      if (!row && chosen === undefined) continue;
      // Those that waited for it wait for the other one now.
      const same = [file, ...(this.#waiting.get(file) ?? [])];
      this.#waiting.delete(file);
      for (const one of before) if (this.#chosen.get(one) === file) this.#chosen.delete(one);
      if (row) for (const one of same) this.#captures[one] = {row, known: true};
      else this.#waiting.set(chosen!, [...(this.#waiting.get(chosen!) ?? []), ...same]);
      return false;
    }
    for (const hash of hashes) this.#chosen.set(hash, file);
    return true;
  }

  /** The capture of the lake with that hash or content; metered otherwise than now, its flows would not be those asked for. */
  #fitting(hash: string, known: readonly KnownCapture[]): CaptureRow | undefined {
    if (this.#options.force) return undefined;
    const found = known.find((row) => row.meter === this.#options.meter && hashesOf(row).includes(hash));
    if (!found) return undefined;
    const {part: _, ...row} = found;
    return row;
  }

  /**
   * Captures of the lake that a file stands for as well: with its content, compressed otherwise; or its own shorter self,
   * of the same path and with the bytes that it begins with.
   */
  async #replacedBy(file: CaptureFile, [sha256, ...more]: readonly string[], known: readonly KnownCapture[]) {
    const replaced: EarlierCapture[] = [];
    for (const row of known) {
      if (row.capture_sha256 === sha256 || row.format.startsWith("live/")) continue;
      const sameContent = hashesOf(row).some((hash) => hash === sha256 || more.includes(hash));
      const isShorter = Number(row.file_bytes) < file.bytes && resolve(row.path) === resolve(file.name);
      if (!sameContent && !(isShorter && (await hashFile(file.path, Number(row.file_bytes))) === row.capture_sha256))
        continue;
      replaced.push({sha256: row.capture_sha256, run: parsePart(row.part).run});
    }
    return replaced;
  }

  #rowOf(file: number): CaptureRow | null {
    return this.#captures[file]?.row ?? null;
  }

  /** Decides about a file, and about those behind it that had to wait for it, once all before it of its size have been. */
  #inTurn(file: number, decide: () => void): void {
    this.#decisions.set(file, decide);
    const queue = this.#undecided.get(this.#files[file].bytes) ?? [];
    for (let next = queue[0]; this.#decisions.has(next); next = queue[0]) {
      queue.shift();
      this.#decisions.get(next)!();
    }
  }

  #advance(file: number, readBytes: number, packets: number): void {
    const before = this.#read[file];
    this.#readBytes += Math.max(0, readBytes - before.readBytes);
    this.#packets += Math.max(0, packets - before.packets);
    this.#read[file] = {
      readBytes: Math.max(readBytes, before.readBytes),
      packets: Math.max(packets, before.packets)
    };
  }

  #knownCaptures(): Promise<readonly KnownCapture[]> {
    this.#known ??= this.#options.known();
    return this.#known;
  }
}

/** Hashes by which a capture is recognised: of its file as stored, and of its content. */
function hashesOf({capture_sha256, content_sha256}: CaptureRow): readonly string[] {
  return content_sha256 === null ? [capture_sha256] : [capture_sha256, content_sha256];
}
