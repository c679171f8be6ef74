import {oneCall, rpcRule} from "./rpc-calls.ts";

/** PrintNightmare (CVE-2021-1675, CVE-2021-34527): a printer driver, that is a program, installed on another machine. */
export const printerDriver = rpcRule({
  name: "printer_driver",
  doc: "A client installs a printer driver on another machine, which runs it with all rights.",
  blindTo:
    "What the driver is; installations that were refused; calls within encrypted SMB 3. Administrators of print servers do the same.",
  attackTechnique: "T1210",
  severity: "medium",
  limits: oneCall,
  operations: {
    spoolss: ["RpcAddPrinterDriver", "RpcAddPrinterDriverEx", "RpcInstallPrinterDriverFromPackage"],
    IRemoteWinspool: ["RpcAsyncAddPrinterDriver", "RpcAsyncInstallPrinterDriverFromPackage"]
  },
  graver: {spoolss: ["RpcAddPrinterDriverEx"], IRemoteWinspool: ["RpcAsyncAddPrinterDriver"]},
  did: "installed a printer driver on"
});
