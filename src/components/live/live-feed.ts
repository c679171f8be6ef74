import type {LiveMessage} from "../../../schema/live/messages.js";
import type {Zone} from "../../lib/format.js";
import {LiveModel} from "../../lib/live.js";
import {isServed} from "../page/server-link.js";
import {ServerStream} from "../page/server-stream.js";
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
  spanS = 300;
  isHeld = false;
  #zone: Zone = localStorage.getItem(zoneKey) === "local" ? "local" : "utc";
  readonly #stream: ServerStream;
  #lastId = "";
  #isScheduled = false;
  #followers: {element: Element; draw: () => void; always: boolean; seen: boolean}[] = [];

  constructor() {
    this.#stream = new ServerStream({
      // The id goes along by itself where the browser reconnects; a connection of ours has to name it.
      url: () => `/api/live/events${this.#lastId === "" ? "" : `?since=${encodeURIComponent(this.#lastId)}`}`,
      on: {
        message: ({data, lastEventId}) => {
          this.#lastId = lastEventId;
          this.model.apply(JSON.parse(data) as LiveMessage);
          this.#schedule();
        }
      },
      // At once: a page that gets no frames, being covered or hidden, still says that the server is gone.
      changed: () => this.#draw(false)
    });
  }

  get isConnected(): boolean {
    return this.#stream.state === "connected";
  }
  get isRefused(): boolean {
    return this.#stream.state === "refused";
  }
  get disconnectedSinceMs(): number | null {
    return this.#stream.disconnectedSinceMs;
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
