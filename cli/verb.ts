import type {ParseArgsConfig} from "node:util";
import type {Secrets} from "../alerts/secrets.ts";
import type {StoreCredentials} from "../capture/store/credentials.ts";

/** Exit codes that scripts rely on. */
export const exit = {
  ok: 0,
  internal: 1,
  usage: 2,
  configuration: 3,
  input: 4,
  permission: 5,
  stale: 6,
  findings: 7,
  limit: 8,
  interrupted: 130
} as const;

export type ExitCode = (typeof exit)[keyof typeof exit];

/** An error whose message is meant for the user as it stands, with the exit code it leads to. */
export class UserError extends Error {
  readonly code: ExitCode;
  /** What the user can do about it, printed on a line of its own. */
  readonly hint?: string;
  constructor(code: ExitCode, message: string, options?: ErrorOptions & {hint?: string}) {
    super(message, options);
    this.name = "UserError";
    this.code = code;
    this.hint = options?.hint;
  }
}

/** The parsed command line of a verb. */
export interface Invocation {
  readonly positionals: readonly string[];
  readonly values: Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>;
  /** Folder of the lake (`--lake`, `FLOWBOOK_LAKE`, flowbook.toml, else data/lake). */
  readonly lake: string;
  readonly json: boolean;
  /** What the environment held of secrets; it holds them no longer. */
  readonly secrets: Secrets;
  /** Keys of the object store, likewise; null where it held none. */
  readonly storeKeys: StoreCredentials | null;
}

/** One verb of the command line: thin, it calls one function of the folders it fronts. */
export interface Verb {
  readonly name: string;
  /** What follows the verb in a usage line: `PATH… [--no-score]`. */
  readonly usage: string;
  /** Options beside `--lake`, `--json` and `--help`, which every verb has; in the form of node:util parseArgs. */
  readonly options: NonNullable<ParseArgsConfig["options"]>;
  /** One line per option for `--help`. */
  readonly help?: Readonly<Record<string, string>>;
  /** It only makes sense where there is a lake: without one it is not run. */
  readonly readsLake?: boolean;
  /** True for options with which a lake is not needed after all. */
  readonly needsNoLake?: (values: Invocation["values"]) => boolean;
  /** It makes parts of a lake: the lake cannot be one that mirrors a store. */
  readonly writesParts?: boolean;
  run(invocation: Invocation): Promise<ExitCode>;
}
