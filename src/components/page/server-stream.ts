import {Connection, type ConnectionState, lookEveryMs} from "../../lib/connection.js";
import {afterPress} from "./after-press.js";

export interface StreamOptions {
  /** Address of the stream, asked for at each connection. */
  url(): string;
  /** What to do with an event of each type, once nothing is pressed; the server sends one of them at least once a second. */
  readonly on: Readonly<Record<string, (event: MessageEvent<string>) => void>>;
  /** Hears that the state of the connection has changed. */
  changed(state: ConnectionState): void;
  /** Lets go of the connection while the page is not seen: a browser has six for each server, whatever its pages. */
  readonly restsWhenHidden?: boolean;
}

/** A stream of server-sent events that says when the server no longer answers, and connects again by itself. */
export class ServerStream {
  /** Since when there is no connection, in ms since 1970; null while there is one. */
  disconnectedSinceMs: number | null = null;
  readonly #options: StreamOptions;
  readonly #connection = new Connection(performance.now());
  #told: ConnectionState = "connecting";
  #source: EventSource | null = null;

  constructor(options: StreamOptions) {
    this.#options = options;
    if (!this.#isResting()) this.#connect();
    setInterval(() => this.#look(), lookEveryMs);
    document.addEventListener("visibilitychange", () => this.#turn());
    // A page that was left stays in memory, for the way back.
    addEventListener("pagehide", () => this.#rest());
    addEventListener("pageshow", () => this.#turn());
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  #isResting(): boolean {
    return this.#options.restsWhenHidden === true && document.hidden;
  }

  #rest(): void {
    this.#source?.close();
    this.#source = null;
  }

  #turn(): void {
    this.#connection.hurry();
    if (this.#isResting()) this.#rest();
    else if (this.#source === null) {
      this.#connection.begin(performance.now());
      this.#connect();
    }
  }

  #connect(): void {
    this.#source?.close();
    const source = new EventSource(this.#options.url());
    this.#source = source;
    for (const [type, take] of Object.entries(this.#options.on))
      source.addEventListener(type, (event) => {
        this.#connection.heard(performance.now());
        this.#tell();
        afterPress(() => take(event as MessageEvent<string>));
      });
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      this.#connection.lose();
      this.#tell();
      // The browser gives up only where it got an answer that is no stream.
      if (source.readyState === EventSource.CLOSED) void this.#askWhy();
    });
  }

  /** Says at once where the session is not known: trying again helps nobody then. */
  async #askWhy(): Promise<void> {
    const status = await fetch("/api/health").then(
      (response) => response.status,
      () => null
    );
    this.#connection.answered(status);
    this.#tell();
  }

  #look(): void {
    if (this.#source === null) return;
    const isDue = this.#connection.look(performance.now());
    this.#tell();
    if (isDue) this.#connect();
  }

  #tell(): void {
    const {state} = this.#connection;
    if (state === this.#told) return;
    this.#told = state;
    this.disconnectedSinceMs = state === "connected" ? null : (this.disconnectedSinceMs ?? Date.now());
    this.#options.changed(state);
  }
}
