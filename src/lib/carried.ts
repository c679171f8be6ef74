/** What a static page carries of the lake, in a script element of its own. */
export interface Carried {
  /** Answers of statements without inputs, by their text. */
  readonly answers: Readonly<Record<string, CarriedFile | CarriedProblem>>;
  /** Tables that statements with inputs name, by name. */
  readonly tables: Readonly<Record<string, CarriedTable | CarriedProblem>>;
  /** Tables of each statement with inputs, by its text with `?`. */
  readonly needs: Readonly<Record<string, readonly string[]>>;
  /** Names of the tables that statements of a page over records may ask; absent of other pages. */
  readonly records?: readonly string[];
  /** DuckDB for the browser; null where no statement has inputs. */
  readonly duckdb: {readonly worker: CarriedFile; readonly module: CarriedFile} | null;
}

export interface CarriedFile {
  /** Address of a gzipped file, as the page has it. */
  readonly href: string;
  /** Bytes of the file. */
  readonly bytes: number;
}

export interface CarriedTable extends CarriedFile {
  readonly rows: number;
  /** Rows that the lake has, where that may be more than are carried. */
  readonly all?: number;
  /** Those that are carried are not the first ones, but from everywhere. */
  readonly isSampled?: boolean;
  readonly columns: number;
}

/** Why something is not carried. */
export interface CarriedProblem {
  readonly problem: string;
}

/** Id of the script element that holds it. */
export const carriedId = "flowbook-carried";

/** Name under which a single file carries the packets of incidents, without their bytes. */
export const evidenceName = "evidence.json";
/** The bytes of those packets, as captured, one after another. */
export const evidenceBytesName = "evidence.bin";
