import {isLog, lossOf} from "../../lib/captures.js";
import {formatCount, formatTime} from "../../lib/format.js";
import {caseEntries, onCase} from "../case/case-store.js";
import {badge, type Tone} from "./badge.js";
import {element} from "./element.js";
import type {Notebook} from "./notebook.js";
import {findButton} from "./palette.js";
import {isServed, listen, type ResultState, refusedWords, renew, resultStates} from "./server-link.js";
import {themeButton} from "./theme.js";

/** What stands beside a page's title: demo, loss, model, freshness, connection, colours. */
export function badges(notebook: Notebook): HTMLElement {
  const node = element(
    "div",
    {class: "fb-badges", "data-testid": "badges"},
    ...demoBadge(notebook),
    ...modelBadge(notebook),
    lossBadge(notebook),
    freshnessBadge(notebook),
    caseBadge(),
    findButton(notebook),
    themeButton()
  );
  return node;
}

/** Leads to what was pinned, where something was. */
function caseBadge(): HTMLElement {
  const link = element("a", {
    class: "fb-badge",
    href: "./case.html",
    "data-testid": "case-badge",
    "data-tone": "plain"
  });
  const draw = () => {
    const {length} = caseEntries();
    link.hidden = length === 0;
    link.textContent = `case: ${length}`;
  };
  onCase(draw);
  draw();
  return link;
}

function demoBadge({captures, facts}: Notebook): HTMLElement[] {
  const demo = captures.filter(({sha256}) => facts.demo.includes(sha256)).length;
  if (demo === 0) return [];
  const all = demo === captures.length;
  return [
    badge(
      "demo",
      "plain",
      all ? "demo capture" : "with demo capture",
      "Made by the project's own traffic lab; import your own capture to see it here."
    )
  ];
}

function modelBadge({facts, captures}: Notebook): HTMLElement[] {
  if (facts.model !== null || facts.flows === 0) return [];
  if (captures.every(isLog))
    return [
      badge("model", "plain", "no packets", "The flows come from logs: no model judges them, and they have no records.")
    ];
  return [
    badge(
      "model",
      "warn",
      "no model",
      `No flow was scored: classes, suspicion and anomalies are unknown. ${facts.modelProblem ?? ""}`
    )
  ];
}

function lossBadge(notebook: Notebook): HTMLElement {
  const node = element("span", {});
  notebook.follow(node, () => {
    const {captures, filter} = notebook;
    if (captures.length === 0) return node.replaceChildren();
    const loss = lossOf(filter.captures ? captures.filter(({sha256}) => filter.captures?.includes(sha256)) : captures);
    const parts = [
      [loss.kernelDrops ?? 0, "dropped by the kernel"],
      [loss.interfaceDrops ?? 0, "dropped by the interface"],
      [loss.pipeDrops ?? 0, "lost on the way to the meter"],
      [loss.cutPackets, "cut by the snapshot length"],
      [loss.malformed, "malformed"],
      [loss.unreadPackets, "of link types that are not read"],
      [loss.evictedFlows, "flows ended early: table full"]
    ] as const;
    const said = parts.filter(([count]) => count > 0).map(([count, what]) => `${formatCount(count)} ${what}`);
    if (loss.partial) said.push(`${loss.partial} captures read in part`);
    if (loss.unknown) said.push(`${loss.unknown} captures do not know their drops`);
    const lost = (loss.kernelDrops ?? 0) + (loss.interfaceDrops ?? 0) + (loss.pipeDrops ?? 0);
    const [tone, text]: [Tone, string] =
      lost > 0
        ? ["bad", `${formatCount(lost)} packets lost`]
        : said.length > (loss.unknown ? 1 : 0)
          ? ["warn", "capture notes"]
          : loss.unknown
            ? ["plain", "loss unknown"]
            : ["good", "no loss"];
    node.replaceChildren(badge("loss", tone, text, said.join("; ")));
  });
  return node;
}

function freshnessBadge({captures, zone}: Notebook): HTMLElement {
  const node = element("span", {"aria-live": "polite"});
  const imported = Math.max(...captures.map(({importedAt}) => importedAt));
  const since = Number.isFinite(imported) ? `Last import ${formatTime(imported, zone)}.` : "";
  if (!isServed()) {
    node.append(badge("freshness", "plain", "static copy", since));
    return node;
  }
  const show = (results: readonly ResultState[]) => {
    const failed = results.filter(({error}) => error !== null);
    const stale = results.filter(({freshness}) => freshness !== "fresh");
    if (failed.length)
      node.replaceChildren(
        badge(
          "freshness",
          "bad",
          "a loader failed",
          failed.map(({name, error}) => `${name}: ${error?.message}; the last good result is shown`).join("; ")
        )
      );
    else if (stale.length) {
      const button = element("button", {type: "button", class: "fb-link-button"}, "renew");
      button.addEventListener("click", () => void renew());
      node.replaceChildren(
        badge("freshness", "warn", "stale", [...new Set(stale.flatMap(({why}) => why))].join("; ")),
        button
      );
    } else node.replaceChildren(badge("freshness", "good", "fresh", since));
  };
  // An answer is old news where the server went away meanwhile, or told of newer states.
  let asked = 0;
  const ask = () => {
    const mine = ++asked;
    resultStates().then(
      (results) => results && mine === asked && show(results),
      () => undefined
    );
  };
  let isAway = false;
  ask();
  listen({
    results(results) {
      asked++;
      show(results);
    },
    connection(state) {
      if (state === "connected" && isAway) ask();
      isAway = state !== "connected";
      if (!isAway) return;
      asked++;
      node.replaceChildren(
        state === "refused"
          ? badge("freshness", "bad", "open the new link", refusedWords)
          : badge("freshness", "bad", "not answering", "The server does not answer; the page tries again by itself.")
      );
    }
  });
  return node;
}
