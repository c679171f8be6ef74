import type {CaptureRow} from "../../schema/captures.ts";
import type {Taken} from "./capture-reader.ts";
import type {ImportedCapture, ImportOptions, ImportResult} from "./import.ts";
import type {CaptureFile, FailedPath} from "./import-paths.ts";

export interface LedgerOptions extends Pick<ImportOptions, "name" | "onProgress" | "onSealed"> {
  /** The meter that flows are asked for of. */
  readonly meter: string;
  /** The captures that need not be read again; asked once, when the first file wants to know. */
  readonly known: () => Promise<readonly CaptureRow[]>;
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
  readonly #hashes: string[] = [];
  #known: Promise<Map<string, CaptureRow>> | null = null;
  /** By hash: the file that is read, or was. */
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
   * Whether a file with that hash is to be read. Answered once the files before it that may have the same content, those
   * of its size, have been asked about too. Where it is not, the ledger knows or will know its row.
   */
  async mayRead(file: number, sha256: string): Promise<boolean> {
    const known = await this.#knownCaptures();
    if (this.#decisions.has(file)) return this.#decide(file, sha256, known);
    return new Promise((resolve) => this.#inTurn(file, () => resolve(this.#decide(file, sha256, known))));
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
    else if (this.#chosen.get(this.#hashes[file]) === file) this.#chosen.delete(this.#hashes[file]);
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
    return {captures: this.#captures.filter(Boolean), failed: [...failed, ...unread], parts: this.parts};
  }

  #decide(file: number, sha256: string, known: ReadonlyMap<string, CaptureRow>): boolean {
    this.#hashes[file] = sha256;
    const chosen = this.#chosen.get(sha256);
    // Metered by another version or with other settings, its flows would not be those that are asked for now.
    const earlier = known.get(sha256);
    const row = chosen === undefined ? (earlier?.meter === this.#options.meter ? earlier : null) : this.#rowOf(chosen);
    if (row) this.#captures[file] = {row, known: true};
    else if (chosen === undefined) this.#chosen.set(sha256, file);
    else this.#waiting.set(chosen, [...(this.#waiting.get(chosen) ?? []), file]);
    return !row && chosen === undefined;
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

  #knownCaptures(): Promise<Map<string, CaptureRow>> {
    this.#known ??= this.#options.known().then((rows) => new Map(rows.map((row) => [row.capture_sha256, row])));
    return this.#known;
  }
}
