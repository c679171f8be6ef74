import {captureFacts} from "../../lib/captures.js";
import {everything} from "../../lib/filter.js";
import {incidentFacts} from "../../lib/incidents.js";
import {servedAnswers} from "../../lib/served-answers.js";
import {findButton} from "../page/palette.js";
import type {LiveFeed} from "./live-feed.js";

/**
 * The button Find on Live. The page shows no data of the lake, which change all the time while it captures: they are
 * asked for when a reader looks for something. A static copy finds pages.
 */
export function liveFind(feed: LiveFeed | null): HTMLButtonElement {
  return findButton({
    captures: [],
    incidents: [],
    isEmpty: feed === null,
    filter: everything,
    zone: feed?.zone ?? "utc",
    source: servedAnswers,
    async later(signal) {
      const [captures, incidents] = await Promise.all(["captures", "incidents"].map((name) => dataOf(name, signal)));
      return {captures: captureFacts(captures), incidents: incidentFacts(incidents)};
    }
  });
}

async function dataOf(name: string, signal: AbortSignal) {
  const response = await fetch(`./_file/data/${name}.json`, {signal, cache: "no-store"});
  if (!response.ok) throw new Error(`the server answers ${response.status}`);
  return response.json();
}
