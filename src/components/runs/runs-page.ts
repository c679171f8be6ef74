import {fewOf} from "../../lib/few-of.js";
import {formatBytes, formatCount, formatDuration, formatTime} from "../../lib/format.js";
import {visibleText} from "../../lib/visible-text.js";
import {afterPress} from "../page/after-press.js";
import {element} from "../page/element.js";
import type {Notebook} from "../page/notebook.js";
import {
  isServed,
  type Job,
  type JobStep,
  listen,
  type ResultState,
  renew,
  runsAndResults
} from "../page/server-link.js";
import {resultsGraph} from "./results-graph.js";

const tones: Readonly<Record<string, string>> = {
  fresh: "good",
  stale: "warn",
  missing: "bad",
  done: "good",
  made: "good",
  unchanged: "good",
  failed: "bad",
  running: "warn",
  waiting: "plain"
};

const fewTables = 2;

/** What pages are made from, what is stale and why, and what ran: with the order to make it again. */
export function runsPage(notebook: Notebook): HTMLElement {
  if (!isServed())
    return element(
      "section",
      {class: "fb-card", "data-testid": "runs-need-server"},
      element("h2", {}, "Nothing runs here"),
      element(
        "p",
        {},
        "A static site shows what its lake had when it was built, and is never renewed. With flowbook start this page lists the inputs of each result, what is stale and why, and every run."
      )
    );
  const said = element("p", {class: "fb-note", role: "status"});
  const graph = element("section", {class: "fb-card", "aria-label": "What results are made from"});
  const list = element("section", {class: "fb-card", "aria-label": "Results"});
  const jobs = element("section", {class: "fb-card", "aria-label": "Runs"});
  const known = new Map<number, Job>();
  const start = async (what: Parameters<typeof renew>[0]) => {
    said.textContent = (await renew(what)) ?? "Begun.";
  };
  const button = (words: string, what: Parameters<typeof renew>[0]) =>
    element("button", {type: "button", class: "fb-button", onclick: () => void start(what)}, words);
  const showResults = (results: readonly ResultState[]) => {
    graph.replaceChildren(
      element("header", {}, element("h2", {}, "What results are made from")),
      element(
        "p",
        {class: "fb-note"},
        "Each result is kept until a table that it reads, its loader's source, a setting, a package or the model changes. Orange: what changed since. What only a static site carries is made when one is built."
      ),
      resultsGraph(results)
    );
    list.replaceChildren(
      element(
        "header",
        {},
        element("h2", {}, "Results"),
        button("Renew what is stale", {}),
        button("Make all again", {force: true})
      ),
      said,
      resultTable(notebook, results, (result) => void start({result}))
    );
  };
  const showJobs = () => {
    const sorted = [...known.values()].sort((a, b) => b.id - a.id);
    const open = new Set([...jobs.querySelectorAll<HTMLElement>("details[open]")].map(({dataset}) => dataset.run));
    jobs.replaceChildren(
      element("header", {}, element("h2", {}, "Runs")),
      element(
        "p",
        {class: "fb-note"},
        "Imports, forgotten captures and renewals, newest first. The server keeps the last hundred."
      ),
      sorted.length === 0
        ? element("p", {class: "fb-empty"}, "Nothing ran yet.")
        : element(
            "ol",
            {class: "fb-notices", "data-testid": "runs"},
            ...sorted.map((job) => jobItem(notebook, job, open.has(String(job.id))))
          )
    );
  };
  const load = () =>
    runsAndResults().then(
      ({runs, results}) => {
        for (const run of runs) known.set(run.id, run);
        afterPress(() => {
          showResults(results);
          showJobs();
        });
      },
      (error) => {
        said.textContent = (error as Error).message;
        list.replaceChildren(said);
      }
    );
  void load();
  listen({
    job(job) {
      known.set(job.id, job);
      showJobs();
    },
    results: showResults,
    connection: (state) => state === "connected" && void load()
  });
  return element(
    "div",
    {class: "fb-board"},
    element("div", {}, jobs),
    element("div", {}, list),
    element("div", {}, graph)
  );
}

/** The tables that a result reads: by name where they are few, folded where their names would fill lines. */
function readsOf(reads: ResultState["reads"]): HTMLElement {
  if (reads === null || reads.length <= fewTables)
    return element("div", {}, reads === null ? "every table" : reads.length === 0 ? "no table" : reads.join(", "));
  return element("details", {}, element("summary", {}, `${formatCount(reads.length)} tables`), reads.join(", "));
}

/** A message of several lines as one, for a cell; whole it stands with the run. */
function oneLine(message: string): string {
  return message.trim().replace(/\s*\n\s*/g, " ");
}

function resultTable(notebook: Notebook, results: readonly ResultState[], again: (name: string) => void): HTMLElement {
  const heads = ["Result", "State", "Made", "Took", "Size", "Reads", "Why stale", ""];
  const row = ({name, freshness, error, renewedAtMs, tookMs, bytes, reads, sources, why}: ResultState) =>
    element(
      "tr",
      {"data-result": name},
      element("th", {scope: "row"}, name.replace(/^data\//, "")),
      element("td", {}, badgeOf(error ? "failed" : freshness)),
      element("td", {}, renewedAtMs === null ? "never" : formatTime(renewedAtMs * 1000, notebook.zone)),
      element("td", {class: "fb-number"}, formatDuration(tookMs * 1000)),
      element("td", {class: "fb-number"}, formatBytes(bytes)),
      element("td", {}, readsOf(reads), `${formatCount(sources)} source files`),
      element(
        "td",
        {"data-tone": error ? "warn" : null},
        visibleText(fewOf([oneLine(error?.message ?? ""), ...why].filter(Boolean), "; "))
      ),
      element(
        "td",
        {},
        element(
          "button",
          {type: "button", class: "fb-link-button", onclick: () => again(name), "aria-label": `Make again: ${name}`},
          "Make again"
        )
      )
    );
  return element(
    "div",
    {class: "fb-table-scroll", tabindex: 0, role: "region", "aria-label": "Results"},
    element(
      "table",
      {class: "fb-table fb-results", "data-testid": "results"},
      element("caption", {class: "fb-hidden"}, "Results and what they are made from"),
      element(
        "thead",
        {},
        element(
          "tr",
          {},
          ...heads.map((text) =>
            text === ""
              ? element("td", {}, text)
              : element("th", {scope: "col", class: text === "Took" || text === "Size" ? "fb-number" : null}, text)
          )
        )
      ),
      element("tbody", {}, ...results.map(row))
    )
  );
}

const badgeOf = (state: string) => element("span", {class: "fb-badge", "data-tone": tones[state] ?? "plain"}, state);

const kinds = {import: "Import", forget: "Forgotten", renew: "Renewal"} as const;

function jobItem(notebook: Notebook, job: Job, isOpen: boolean): HTMLElement {
  const {id, kind, label, state, startedAtMs, finishedAtMs, error, run} = job;
  const steps = run?.steps ?? [];
  const took =
    startedAtMs !== null && finishedAtMs !== null ? `, ${formatDuration((finishedAtMs - startedAtMs) * 1000)}` : "";
  return element(
    "li",
    {"data-run": id},
    badgeOf(state),
    element(
      "div",
      {},
      element("strong", {}, `${kinds[kind]} ${id}`),
      `: ${visibleText(label)}`,
      element(
        "p",
        {class: "fb-note"},
        startedAtMs === null ? "waits" : `${formatTime(startedAtMs * 1000, notebook.zone)}${took}`
      ),
      error !== null && element("pre", {class: "fb-log"}, visibleLines(error)),
      steps.length > 0 &&
        element(
          "details",
          {open: isOpen, "data-run": id},
          element(
            "summary",
            {class: "fb-note"},
            `${steps.length} ${steps.length === 1 ? "result" : "results"} made again`
          ),
          element("ul", {}, ...steps.map(stepLine))
        )
    )
  );
}

function stepLine({name, state, why, tookMs, error}: JobStep): HTMLElement {
  const took = tookMs > 0 ? ` in ${formatDuration(tookMs * 1000)}` : "";
  return element(
    "li",
    {},
    element("strong", {}, name.replace(/^data\//, "")),
    ` ${state}${took}${why.length > 0 ? `: ${visibleText(why.join("; "))}` : ""}`,
    error !== null && element("pre", {class: "fb-log"}, visibleLines(error))
  );
}

const visibleLines = (text: string) => text.split("\n").map(visibleText).join("\n");
