import {PostgreSQL, sql} from "@codemirror/lang-sql";
import {HighlightStyle, syntaxHighlighting} from "@codemirror/language";
import {tags} from "@lezer/highlight";
import {basicSetup, EditorView} from "codemirror";
import type {LakeTable} from "../../lib/lake-schema.js";

export interface SqlEditor {
  readonly node: HTMLElement;
  text(): string;
  /** Writes in the place of what is selected. */
  insert(text: string): void;
}

/** Colours that can be read in both themes; CodeMirror's own are for a white page. */
const colours = HighlightStyle.define([
  {tag: tags.keyword, color: "var(--fb-bad-ink)"},
  {tag: [tags.string, tags.special(tags.string)], color: "var(--fb-good-ink)"},
  {tag: [tags.number, tags.bool, tags.null, tags.typeName], color: "var(--fb-focus)"},
  {tag: tags.comment, color: "var(--fb-soft)", fontStyle: "italic"}
]);

/** An editor of SQL that completes keywords, tables and columns; `run` is called at Ctrl-Enter. */
export function sqlEditor(text: string, tables: readonly LakeTable[], run: () => void): SqlEditor {
  const schema = Object.fromEntries(tables.map(({name, columns}) => [name, columns.map((column) => column.name)]));
  // Columns complete without their table, too.
  const defaultTable = schema.flows ? "flows" : undefined;
  const view = new EditorView({
    doc: text,
    extensions: [
      basicSetup,
      syntaxHighlighting(colours),
      sql({dialect: PostgreSQL, schema, defaultTable, upperCaseKeywords: true}),
      EditorView.lineWrapping,
      EditorView.contentAttributes.of({"aria-label": "SQL"}),
      EditorView.theme({
        "&": {backgroundColor: "var(--fb-card)", color: "var(--fb-ink)", fontSize: "14px"},
        ".cm-content": {fontFamily: "var(--monospace)", minHeight: "9rem", caretColor: "var(--fb-ink)"},
        ".cm-gutters": {backgroundColor: "transparent", color: "var(--fb-faint)", border: "none"},
        ".cm-activeLine, .cm-activeLineGutter": {backgroundColor: "var(--fb-hover)"},
        ".cm-tooltip": {backgroundColor: "var(--fb-raised)", color: "var(--fb-ink)"},
        "&.cm-focused .cm-cursor": {borderLeftColor: "var(--fb-ink)"}
      })
    ]
  });
  view.dom.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      event.stopPropagation();
      run();
    },
    {capture: true}
  );
  return {
    node: view.dom,
    text: () => view.state.doc.toString(),
    insert(name) {
      view.dispatch(view.state.replaceSelection(name));
      view.focus();
    }
  };
}
