import {showSql} from "../charts/text-dialog.js";
import {element} from "./element.js";

/** The button below a card of figures that shows the statements behind them. */
export function figuresSql(title: string, sql: () => string): HTMLElement {
  return element(
    "button",
    {type: "button", class: "fb-link-button", "data-testid": "headline-sql", onclick: () => showSql(title, sql())},
    "SQL behind these numbers"
  );
}
