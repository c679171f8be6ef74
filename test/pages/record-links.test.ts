import {existsSync} from "node:fs";
import {resolve} from "node:path";
import {expect, it} from "vitest";
import {recordPages} from "../../src/components/flows/record-links.ts";

const pages = (service: string | null) => recordPages(service).map(([page]) => page);

it("a flow leads to the pages of its service's records", () => {
  for (const service of ["http", "http2", "grpc"]) expect(pages(service)).toEqual(["http", "files"]);
  for (const service of ["mysql", "postgresql", "redis", "mssql", "mongodb"])
    expect(pages(service)).toEqual(["databases"]);
  for (const service of ["modbus", "s7comm-plus", "mms", "opcua", "melsec", "fins", "hart-ip", "ge-srtp", "c37118"])
    expect(pages(service)).toEqual(["industrial"]);
  for (const service of ["telnet", "socks", "rsync"]) expect(pages(service)).toEqual(["logins"]);
  expect(pages("ntp")).toEqual([]);
  expect(pages(null)).toEqual([]);
  for (const page of pages("smb")) expect(existsSync(resolve(import.meta.dirname, `../../src/${page}.md`))).toBe(true);
});
