import {shortened} from "../../lib/visible-text.js";

/** What stands beside a text in its cell, and before it where it has a colour, in pixels. */
const [padding, swatch] = [16, 18];

/** How wide the texts of a table are, in pixels of its own font, and what each column needs for those that were seen. */
export class ColumnFit {
  readonly #needs = new Map<string, number>();
  readonly #context = document.createElement("canvas").getContext("2d");

  /** `font` is CSS's shorthand. */
  widthOf(text: string, font: string): number {
    if (!this.#context) return text.length * 8.2;
    if (this.#context.font !== font) this.#context.font = font;
    return this.#context.measureText(text).width;
  }

  /** Remembers a text of a column, such as its heading; true where the column needs more than before. */
  see(column: string, text: string, font: string, hasColor = false): boolean {
    const need = Math.ceil(this.widthOf(text, font)) + padding + (hasColor ? swatch : 0);
    const isMore = need > (this.#needs.get(column) ?? 0);
    if (isMore) this.#needs.set(column, need);
    return isMore;
  }

  /** Pixels; 0 of a column that nothing was seen of. */
  needOf(column: string): number {
    return this.#needs.get(column) ?? 0;
  }

  forget(): void {
    this.#needs.clear();
  }

  /** A text that loses its middle where it is wider than so many pixels. */
  fitted(text: string, width: number, font: string): string {
    const own = this.widthOf(text, font);
    if (own <= width) return text;
    return shortened(text, Math.max(9, Math.floor((text.length * width) / own) - 1));
  }
}
