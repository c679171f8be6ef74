import {FileAttachment} from "observablehq:stdlib";
import {type LakeTable, searchSchema} from "../../lib/lake-schema.js";
import {element} from "../page/element.js";

/** The lake's tables with their columns. */
export async function lakeSchema(): Promise<readonly LakeTable[]> {
  return (await FileAttachment("../../data/schema.json").json()) as readonly LakeTable[];
}

/** Tables, columns and what they hold, to search and to look at; `pick` is called with a name that is clicked. */
export function schemaBrowser(tables: readonly LakeTable[], pick?: (name: string) => void): HTMLElement {
  const list = element("div", {class: "fb-schema-list"});
  const count = element("output", {class: "fb-note"});
  const search = element("input", {
    type: "search",
    placeholder: "Search tables and columns",
    "aria-label": "Search tables and columns",
    oninput: () => show()
  });
  const nameOf = (name: string) =>
    pick
      ? element("button", {type: "button", class: "fb-link-button", onclick: () => pick(name)}, name)
      : element("code", {}, name);
  const show = () => {
    const found = searchSchema(tables, search.value);
    list.replaceChildren(
      ...found.map(({name, doc, columns}) =>
        element(
          "details",
          {open: search.value.trim() !== ""},
          element("summary", {title: doc}, name, " ", element("small", {}, String(columns.length))),
          doc && element("p", {class: "fb-note"}, doc),
          element(
            "ul",
            {},
            ...columns.map((column) =>
              element("li", {title: column.doc}, nameOf(column.name), " ", element("small", {}, column.type))
            )
          )
        )
      ),
      ...(found.length === 0 ? [element("p", {class: "fb-note"}, "No table or column of that name.")] : [])
    );
    count.textContent = `${found.length} of ${tables.length} tables`;
  };
  show();
  return element("section", {class: "fb-schema", "aria-label": "Tables", "data-testid": "schema"}, search, list, count);
}
