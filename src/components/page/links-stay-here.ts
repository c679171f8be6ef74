/**
 * Links to other pages of the notebook narrow this page instead, by the filter that they carry: a report is one page, which
 * may be all there is.
 */
export function linksStayHere(): void {
  document.querySelector("main")?.addEventListener("click", (event) => {
    const link = (event.target as Element).closest<HTMLAnchorElement>("a[href]");
    const address = link?.getAttribute("href") ?? "";
    const hash = /^\.\/[\w-]+\.html(#.*)$/.exec(address)?.[1];
    if (hash === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    location.hash = hash;
    const shown = address.startsWith("./incident.html") ? "incident-head" : "flow-grid";
    requestAnimationFrame(() => document.querySelector(`[data-testid=${shown}]`)?.scrollIntoView({behavior: "smooth"}));
  });
}
