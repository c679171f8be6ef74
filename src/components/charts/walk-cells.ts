const steps: Readonly<Record<string, readonly [down: number, right: number]>> = {
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0]
};

/**
 * Makes a table of drawn cells one stop of the Tab key: arrows go to the next cell that can be picked, Home and End to
 * a row's first and last. Null where there is no cell.
 */
export function walkCells(cells: readonly (readonly (SVGElement | null)[])[]): void {
  const canStop = (cell: SVGElement | null | undefined): cell is SVGElement => cell?.hasAttribute("tabindex") === true;
  const stops = cells.flat().filter(canStop);
  for (const [at, cell] of stops.entries()) cell.setAttribute("tabindex", at === 0 ? "0" : "-1");
  const goTo = (cell: SVGElement | undefined, event: Event) => {
    if (!cell) return;
    event.preventDefault();
    for (const other of stops) other.setAttribute("tabindex", other === cell ? "0" : "-1");
    cell.focus();
  };
  for (const [y, row] of cells.entries())
    for (const [x, cell] of row.entries()) {
      if (!canStop(cell)) continue;
      cell.addEventListener("keydown", (event) => {
        const {key} = event as KeyboardEvent;
        if (key === "Home") return goTo(row.find(canStop) ?? undefined, event);
        if (key === "End") return goTo(row.findLast(canStop) ?? undefined, event);
        const step = steps[key];
        if (!step) return;
        let [down, right] = [y + step[0], x + step[1]];
        while (cells[down]?.[right] !== undefined && !canStop(cells[down][right])) {
          down += step[0];
          right += step[1];
        }
        goTo(cells[down]?.[right] ?? undefined, event);
      });
    }
}
