import {QueryError} from "../../lib/query/ast.js";
import {type Completion, completions} from "../../lib/query/complete.js";
import {parseQuery} from "../../lib/query/parse.js";
import {querySql} from "../../lib/query/query-sql.js";
import {visibleText} from "../../lib/visible-text.js";
import {showSql} from "../charts/text-dialog.js";
import {element} from "./element.js";
import type {Notebook} from "./notebook.js";

const mostOffered = 12;

/**
 * The query box: a condition in words, such as `tls and not host 10.0.0.0/8`, which narrows everything on the page. It
 * counts when it is entered; what makes no sense is marked, and the last one that did stays.
 */
export function queryBox(notebook: Notebook): HTMLElement {
  const input = element("input", {
    type: "text",
    class: "fb-query-text",
    role: "combobox",
    "aria-expanded": "false",
    "aria-controls": "fb-query-list",
    "aria-autocomplete": "list",
    "aria-label": "Query: conditions on flows",
    placeholder: "Query: tls and not host 10.0.0.0/8, bytes > 10k, name *.example.com",
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
    "data-testid": "query"
  });
  const list = element("div", {
    class: "fb-query-list",
    id: "fb-query-list",
    role: "listbox",
    hidden: true,
    "aria-label": "Suggestions"
  });
  const problem = element("pre", {
    class: "fb-query-problem",
    role: "alert",
    "data-testid": "query-problem",
    hidden: true
  });
  const sql = element("button", {type: "button", class: "fb-button", "data-testid": "query-sql"}, "SQL");
  const clear = element("button", {type: "button", class: "fb-icon-button", "aria-label": "Clear the query"}, "×");
  let offered: readonly Completion[] = [];
  let active = -1;

  const offer = () => {
    offered =
      document.activeElement === input ? completions(input.value, input.selectionStart ?? 0).slice(0, mostOffered) : [];
    active = -1;
    list.hidden = offered.length === 0;
    input.setAttribute("aria-expanded", String(offered.length > 0));
    list.replaceChildren(
      ...offered.map((completion, i) => {
        const option = element(
          "div",
          {role: "option", id: `fb-query-${i}`, "aria-selected": "false"},
          element("code", {}, completion.text),
          element("span", {}, completion.doc)
        );
        // Before the box loses the focus.
        option.addEventListener("pointerdown", (event) => {
          event.preventDefault();
          take(completion);
        });
        return option;
      })
    );
    mark();
  };
  const mark = () => {
    [...list.children].forEach((option, i) => {
      option.setAttribute("aria-selected", String(i === active));
      if (i === active) option.scrollIntoView({block: "nearest"});
    });
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `fb-query-${active}`);
  };
  const take = ({text, from, to}: Completion) => {
    input.setRangeText(`${text} `, from, to, "end");
    offer();
  };
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  };
  const check = (): boolean => {
    try {
      parseQuery(input.value);
      say(null);
      return true;
    } catch (error) {
      say(error as QueryError);
      return false;
    }
  };
  /** The query with a caret below what makes no sense in it. */
  const say = (error: QueryError | null) => {
    problem.hidden = error === null;
    input.setAttribute("aria-invalid", String(error !== null));
    if (error === null) return problem.replaceChildren();
    if (!(error instanceof QueryError)) throw error;
    const {from, to, message} = error;
    problem.textContent = `${visibleText(input.value)}\n${" ".repeat(from)}${"^".repeat(Math.max(1, to - from))}\n${visibleText(message)}`;
  };
  const apply = () => {
    close();
    if (check()) notebook.narrow({query: input.value.trim() || undefined});
  };

  input.addEventListener("input", () => {
    // While one types, half of a query is no fault.
    if (!problem.hidden) check();
    offer();
  });
  input.addEventListener("focus", offer);
  input.addEventListener("blur", close);
  input.addEventListener("keydown", (event) => {
    const isOpen = !list.hidden;
    const step = {ArrowDown: 1, ArrowUp: -1}[event.key];
    if (step && isOpen) {
      active = (active + step + offered.length + (active < 0 && step < 0 ? 1 : 0)) % offered.length;
      mark();
    } else if ((event.key === "Tab" || event.key === "Enter") && isOpen && active >= 0) take(offered[active]);
    else if (event.key === "Enter") apply();
    else if (event.key === "Escape" && isOpen) close();
    else return;
    event.preventDefault();
  });
  input.addEventListener("change", apply);
  clear.addEventListener("click", () => {
    input.value = "";
    apply();
    input.focus();
  });
  sql.addEventListener("click", () => {
    if (!check()) return;
    const query = parseQuery(input.value);
    if (query)
      showSql("the query", `-- a condition over flows AS f, verdicts AS v and flow_incidents AS i\n${querySql(query)}`);
  });
  const node = element(
    "div",
    {class: "fb-query"},
    element("div", {class: "fb-query-row"}, input, clear, sql),
    list,
    problem
  );
  let shown: string | undefined;
  notebook.follow(node, () => {
    const {query} = notebook.filter;
    if (query !== shown || document.activeElement !== input) {
      input.value = query ?? "";
      say(null);
    }
    shown = query;
    clear.hidden = sql.hidden = query === undefined;
    input.dataset.active = String(query !== undefined);
  });
  return node;
}
