import {type Tactic, tacticOf, tactics, techniqueName} from "../../lib/attack.js";
import {formatCount} from "../../lib/format.js";
import {foundBy, type RuleFacts} from "../../lib/rule-facts.js";
import {severityTone} from "../incidents/incident-item.js";
import {element} from "../page/element.js";
import {foldedWhereNarrow} from "../page/fold.js";
import type {Notebook} from "../page/notebook.js";

/** How many rules there are, what they are held to, and how far they reach. */
export function rulesHead(notebook: Notebook, rules: readonly RuleFacts[]): HTMLElement {
  const found = foundBy(notebook.incidents);
  const cases = rules.reduce((sum, {finds, leaves}) => sum + finds.length + leaves.length, 0);
  const ids = new Set(rules.flatMap(({technique}) => technique ?? []));
  const figures: [string, string, string][] = [
    ["Rules", formatCount(rules.length), "with named limits"],
    ["Techniques", formatCount(ids.size), "of MITRE ATT&CK that they name"],
    ["Made traffic", formatCount(cases), "cases that each rule has to find or to leave alone"],
    ["Found something", formatCount(rules.filter(({name}) => found.has(name)).length), "rules in this lake"]
  ];
  return element(
    "section",
    {class: "fb-headline", "aria-label": "Rules in figures", "data-testid": "rules-head"},
    element(
      "dl",
      {class: "fb-figures"},
      ...figures.map(([name, value, below]) =>
        element(
          "div",
          {class: "fb-figure"},
          element("dt", {}, name),
          element("dd", {class: "fb-figure-value"}, value),
          element("dd", {class: "fb-figure-below"}, below)
        )
      )
    )
  );
}

/** The rules by tactic, in the order of an attack: what each finds, its limits, what it is blind to, and what it is held to. */
export function rulesByTactic(notebook: Notebook, rules: readonly RuleFacts[]): HTMLElement {
  const found = foundBy(notebook.incidents);
  const of = (tactic: Tactic) => rules.filter(({technique}) => tacticOf(technique) === tactic);
  return element(
    "div",
    {class: "fb-board", "data-testid": "rules"},
    ...tactics
      .filter((tactic) => of(tactic).length > 0)
      .map((tactic) =>
        element(
          "section",
          {class: "fb-card fb-wide", "aria-label": tactic},
          foldedWhereNarrow(
            element("summary", {}, element("h2", {}, tactic), rulesIn(of(tactic), found)),
            element("ol", {class: "fb-notices"}, ...of(tactic).map((rule) => ruleItem(rule, found.get(rule.name) ?? 0)))
          )
        )
      )
  );
}

function rulesIn(rules: readonly RuleFacts[], found: ReadonlyMap<string, number>): HTMLElement {
  const hits = rules.filter(({name}) => found.has(name)).length;
  const many = rules.length === 1 ? "1 rule" : `${formatCount(rules.length)} rules`;
  return element("span", {class: "fb-note"}, hits === 0 ? many : `${many}, ${formatCount(hits)} found something`);
}

function ruleItem(rule: RuleFacts, found: number): HTMLElement {
  const {name, doc, blindTo, technique, severity, limits, tables, finds, leaves} = rule;
  const heading = (text: string) => element("p", {class: "fb-note"}, element("strong", {}, text));
  return element(
    "li",
    {"data-testid": "rule", "data-rule": name},
    element("span", {class: "fb-badge", "data-tone": severityTone(severity)}, severity),
    element(
      "div",
      {},
      element("strong", {}, name.replaceAll("_", " ")),
      `: ${doc}`,
      element(
        "p",
        {class: "fb-note"},
        `${techniqueName(technique)} · ${found === 0 ? "found nothing here" : `part of ${formatCount(found)} ${found === 1 ? "incident" : "incidents"} here`}`
      ),
      element(
        "details",
        {},
        element("summary", {class: "fb-note"}, "limits, what it does not see, what it is held to"),
        heading("Limits"),
        element(
          "ul",
          {},
          ...limits.map(({name, value, unit, doc}) =>
            element("li", {}, element("code", {}, name), ` = ${value.toLocaleString("en")} ${unit}: ${doc}`)
          )
        ),
        heading("It does not see"),
        element("p", {}, blindTo),
        heading("It must find"),
        element("ul", {}, ...finds.map((text) => element("li", {}, text))),
        heading("It must not report"),
        element("ul", {}, ...leaves.map((text) => element("li", {}, text))),
        element("p", {class: "fb-note"}, `It queries ${tables.join(", ")}. To see its SQL, run: flowbook rules list`)
      )
    )
  );
}
