import type {LiveMessage} from "../../../schema/live/messages.js";
import type {Zone} from "../../lib/format.js";
import {LiveModel} from "../../lib/live.js";
import {retryAfterMs} from "../../lib/retry.js";
import {isServed} from "../page/server-link.js";
import {useTheme} from "../page/theme.js";

/** What the parts of the Live page share: what is known, what the reader chose, and the call to draw. */
export interface LiveFeed {
  readonly model: LiveModel;
  readonly isConnected: boolean;
  /** Since when there is no connection, in ms since 1970; null while there is one. */
  readonly disconnectedSinceMs: number | null;
  /** True where the server does not know this browser (any more): it was started anew, and prints another link. */
  readonly isRefused: boolean;
  /** Seconds that charts show. */
  spanS: number;
  zone: Zone;
  /** While true, charts and lists stay as they are; what comes is kept. */
  isHeld: boolean;
  /** Calls `draw` now and after every message for as long as the element is on the page; `always` also while held. */
  follow(element: Element, draw: () => void, always?: boolean): void;
  /** Draws everything again: the reader chose something. */
  redraw(): void;
}

/** The server speaks every second: without a word for so long the connection counts as lost. */
const patienceMs = 2500;
const zoneKey = "flowbook zone";

let opened: LiveFeed | null | undefined;

/** Opens the stream once a page; null in a static site, which has no server to capture with. */
export function openLive(): LiveFeed | null {
  useTheme();
  document.querySelector("#observablehq-sidebar-toggle")?.setAttribute("aria-label", "Show the list of pages");
  const served = isServed();
  document.body.classList.toggle("fb-live-off", !served);
  if (opened === undefined) opened = served ? new PageFeed() : null;
  return opened;
}

class PageFeed implements LiveFeed {
  readonly model = new LiveModel();
  isConnected = false;
  isRefused = false;
  disconnectedSinceMs: number | null = null;
  spanS = 300;
  isHeld = false;
  #zone: Zone = localStorage.getItem(zoneKey) === "local" ? "local" : "utc";
  #source: EventSource | null = null;
  #lastId = "";
  #heardMs = Date.now();
  #triedMs = 0;
  /** Tries in vain since it last heard. */
  #tries = 0;
  #isScheduled = false;
  #followers: {element: Element; draw: () => void; always: boolean; seen: boolean}[] = [];

  constructor() {
    this.#connect();
    setInterval(() => this.#watch(), 500);
    // Whoever comes back to the page may have logged in meanwhile.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) this.#tries = 0;
    });
  }

  get zone(): Zone {
    return this.#zone;
  }
  set zone(zone: Zone) {
    this.#zone = zone;
    localStorage.setItem(zoneKey, zone);
  }

  follow(element: Element, draw: () => void, always = false): void {
    this.#followers.push({element, draw, always, seen: false});
    draw();
  }

  redraw(): void {
    this.#draw(true);
  }

  #connect(): void {
    this.#source?.close();
    this.#triedMs = Date.now();
    // The id goes along by itself where the browser reconnects; a connection of ours has to name it.
    const since = this.#lastId === "" ? "" : `?since=${encodeURIComponent(this.#lastId)}`;
    const source = new EventSource(`/api/live/events${since}`);
    this.#source = source;
    source.addEventListener("message", ({data, lastEventId}) => {
      this.#heardMs = Date.now();
      this.#lastId = lastEventId;
      this.isConnected = true;
      this.isRefused = false;
      this.#tries = 0;
      this.disconnectedSinceMs = null;
      this.model.apply(JSON.parse(data) as LiveMessage);
      this.#schedule();
    });
    source.addEventListener("error", () => {
      this.#lose();
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
    if (this.isConnected) return;
    this.isRefused = status === 401;
    this.#schedule();
  }

  #lose(): void {
    if (this.disconnectedSinceMs === null) this.disconnectedSinceMs = Date.now();
    this.isConnected = false;
    this.#schedule();
  }

  #watch(): void {
    if (Date.now() - this.#heardMs < patienceMs) return;
    if (this.isConnected) this.#lose();
    // The browser gives up where it was refused; and a server that is gone may come back with nobody to tell.
    if (Date.now() - this.#triedMs < retryAfterMs(this.#tries, this.isRefused)) return;
    this.#tries++;
    this.#connect();
  }

  /** However much comes, the page is drawn once a frame; a page that is not seen is not drawn. */
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    requestAnimationFrame(() => {
      this.#isScheduled = false;
      this.#draw(false);
    });
  }

  #draw(all: boolean): void {
    this.#followers = this.#followers.filter((follower) => {
      follower.seen ||= follower.element.isConnected;
      return follower.element.isConnected || !follower.seen;
    });
    for (const {draw, always} of this.#followers) if (all || always || !this.isHeld) draw();
  }
}
