/** The text that a page's table of records is searched for: in the address as `?q=`, so that other pages lead to it. */
export class RecordSearch {
  text = new URLSearchParams(location.search).get("q") ?? "";
  readonly #changed: (() => void)[] = [];

  onChange(call: () => void): void {
    this.#changed.push(call);
  }

  /** Searches for a text, and shows the table where `look` is true. */
  set(text: string, look = false): void {
    this.text = text.slice(0, 300);
    const fields = new URLSearchParams(location.search);
    if (this.text === "") fields.delete("q");
    else fields.set("q", this.text);
    const query = fields.size > 0 ? `?${fields}` : "";
    history.replaceState(history.state, "", `${location.pathname}${query}${location.hash}`);
    for (const call of this.#changed) call();
    if (look) document.querySelector("[data-testid=records]")?.scrollIntoView({behavior: "smooth", block: "start"});
  }
}
