import {accountChange} from "./account-change.ts";
import {accountDiscovery} from "./account-discovery.ts";
import {addressReport} from "./address-report.ts";
import {adminShare} from "./admin-share.ts";
import {amplifierAbuse} from "./amplifier-abuse.ts";
import {archiveUpload} from "./archive-upload.ts";
import {arpScan} from "./arp-scan.ts";
import {arpSpoof} from "./arp-spoof.ts";
import {beaconing} from "./beaconing.ts";
import {bruteForce} from "./brute-force.ts";
import {carpetFlood} from "./carpet-flood.ts";
import {certificateRequest} from "./certificate-request.ts";
import {cipherTalk} from "./cipher-talk.ts";
import {coercion} from "./coercion.ts";
import {coinMining} from "./coin-mining.ts";
import {commandChannel} from "./command-channel.ts";
import {commandOutput} from "./command-output.ts";
import {controllerStop} from "./controller-stop.ts";
import {controllerWrite} from "./controller-write.ts";
import {credentialFiles} from "./credential-files.ts";
import {databaseCommand} from "./database-command.ts";
import {databaseRansom} from "./database-ransom.ts";
import {dcsync} from "./dcsync.ts";
import {deviceConfiguration} from "./device-configuration.ts";
import {deviceSweep} from "./device-sweep.ts";
import {dhcpStarvation} from "./dhcp-starvation.ts";
import {directoryDiscovery} from "./directory-discovery.ts";
import {directoryTakeover} from "./directory-takeover.ts";
import {dnsAnswers} from "./dns-answers.ts";
import {dnsBeacon} from "./dns-beacon.ts";
import {dnsFlood} from "./dns-flood.ts";
import {dnsOrders} from "./dns-orders.ts";
import {dnsRebinding} from "./dns-rebinding.ts";
import {dnsSpoofing} from "./dns-spoofing.ts";
import {dnsTunnel} from "./dns-tunnel.ts";
import {dynamicName} from "./dynamic-name.ts";
import {encryptedDns} from "./encrypted-dns.ts";
import {executableDownload} from "./executable-download.ts";
import {exfiltration} from "./exfiltration.ts";
import {exploitKit} from "./exploit-kit.ts";
import {exposedService} from "./exposed-service.ts";
import {falseLogin} from "./false-login.ts";
import {falseRedirect} from "./false-redirect.ts";
import {fileEncryption} from "./file-encryption.ts";
import {forcedLogin} from "./forced-login.ts";
import {fragmentOverlap} from "./fragment-overlap.ts";
import {ftpAttack} from "./ftp-attack.ts";
import {garbageFlood} from "./garbage-flood.ts";
import {generatedNames} from "./generated-names.ts";
import {heartbleed} from "./heartbleed.ts";
import {hostSweep} from "./host-sweep.ts";
import {httpFlood} from "./http-flood.ts";
import {icmpFlood} from "./icmp-flood.ts";
import {icmpSweep} from "./icmp-sweep.ts";
import {icmpTunnel} from "./icmp-tunnel.ts";
import {industrialScan} from "./industrial-scan.ts";
import {ipmiGuessing} from "./ipmi-guessing.ts";
import {ircChannel} from "./irc-channel.ts";
import {kerberoasting} from "./kerberoasting.ts";
import {kerberosSpray} from "./kerberos-spray.ts";
import {land} from "./land.ts";
import {lateralSpread} from "./lateral-spread.ts";
import {linkLocalLease} from "./link-local-lease.ts";
import {logClearing} from "./log-clearing.ts";
import {loginHops} from "./login-hops.ts";
import {loginSpray} from "./login-spray.ts";
import {mailAttack} from "./mail-attack.ts";
import {mailSpread} from "./mail-spread.ts";
import {mailboxDiscovery} from "./mailbox-discovery.ts";
import {namePoisoning} from "./name-poisoning.ts";
import {namelessExchange} from "./nameless-exchange.ts";
import {namelessTls} from "./nameless-tls.ts";
import {namingCallback} from "./naming-callback.ts";
import {neighbourFlood} from "./neighbour-flood.ts";
import {neighbourSpoof} from "./neighbour-spoof.ts";
import {newHost} from "./new-host.ts";
import {newService} from "./new-service.ts";
import {ownCertificate} from "./own-certificate.ts";
import {peerBotnet} from "./peer-botnet.ts";
import {portScan} from "./port-scan.ts";
import {printerDriver} from "./printer-driver.ts";
import {protocolMismatch} from "./protocol-mismatch.ts";
import {protocolScan} from "./protocol-scan.ts";
import {ransomNotes} from "./ransom-notes.ts";
import {rareTls} from "./rare-tls.ts";
import {rdpExploit} from "./rdp-exploit.ts";
import {reflection} from "./reflection.ts";
import {remoteControl} from "./remote-control.ts";
import {remoteDcom} from "./remote-dcom.ts";
import {remoteExecution} from "./remote-execution.ts";
import {remoteRegistry} from "./remote-registry.ts";
import {remoteRpc} from "./remote-rpc.ts";
import {remoteService} from "./remote-service.ts";
import {remoteShell} from "./remote-shell.ts";
import {remoteShutdown} from "./remote-shutdown.ts";
import {remoteTask} from "./remote-task.ts";
import {remoteTemplate} from "./remote-template.ts";
import {remoteWmi} from "./remote-wmi.ts";
import {rogueDhcp} from "./rogue-dhcp.ts";
import {rogueRouter} from "./rogue-router.ts";
import {rootTakeover} from "./root-takeover.ts";
import {routeInjection} from "./route-injection.ts";
import {routerFlood} from "./router-flood.ts";
import {routerTakeover} from "./router-takeover.ts";
import {rpcDiscovery} from "./rpc-discovery.ts";
import {rpcExploit} from "./rpc-exploit.ts";
import type {Rule} from "./rule.ts";
import {secretReading} from "./secret-reading.ts";
import {shareDiscovery} from "./share-discovery.ts";
import {sipFlood} from "./sip-flood.ts";
import {sipGuessing} from "./sip-guessing.ts";
import {slammer} from "./slammer.ts";
import {slowGuessing} from "./slow-guessing.ts";
import {slowHttp} from "./slow-http.ts";
import {smartInstall} from "./smart-install.ts";
import {smbExploit} from "./smb-exploit.ts";
import {snmpGuessing} from "./snmp-guessing.ts";
import {stagedCode} from "./staged-code.ts";
import {stationSettings} from "./station-settings.ts";
import {stealerReport} from "./stealer-report.ts";
import {strayFlood} from "./stray-flood.ts";
import {switchFlood} from "./switch-flood.ts";
import {synFlood} from "./syn-flood.ts";
import {tor} from "./tor.ts";
import {tunnelService} from "./tunnel-service.ts";
import {udpFlood} from "./udp-flood.ts";
import {unseenChannel} from "./unseen-channel.ts";
import {vlanHopping} from "./vlan-hopping.ts";
import {vlanTakeover} from "./vlan-takeover.ts";
import {webAttack} from "./web-attack.ts";
import {webControl} from "./web-control.ts";
import {webFingerprint} from "./web-fingerprint.ts";
import {webScan} from "./web-scan.ts";
import {webUpload} from "./web-upload.ts";
import {winrm} from "./winrm.ts";
import {wirelessFlood} from "./wireless-flood.ts";
import {zerologon} from "./zerologon.ts";
import {zoneTransfer} from "./zone-transfer.ts";

/**
 * Every rule, in the order in which they are asked. A new rule is a file and a line here, with a fixture of its name.
 */
export const rules: readonly Rule[] = [
  portScan,
  protocolScan,
  hostSweep,
  deviceSweep,
  icmpSweep,
  arpScan,
  arpSpoof,
  neighbourSpoof,
  dhcpStarvation,
  routerFlood,
  rogueRouter,
  falseRedirect,
  routerTakeover,
  routeInjection,
  rootTakeover,
  vlanTakeover,
  neighbourFlood,
  vlanHopping,
  rogueDhcp,
  linkLocalLease,
  namePoisoning,
  dnsRebinding,
  dnsSpoofing,
  synFlood,
  strayFlood,
  switchFlood,
  wirelessFlood,
  land,
  fragmentOverlap,
  udpFlood,
  icmpFlood,
  reflection,
  carpetFlood,
  amplifierAbuse,
  dnsFlood,
  httpFlood,
  garbageFlood,
  sipFlood,
  slowHttp,
  bruteForce,
  slowGuessing,
  sipGuessing,
  snmpGuessing,
  ipmiGuessing,
  kerberosSpray,
  loginSpray,
  kerberoasting,
  webFingerprint,
  webScan,
  webAttack,
  commandOutput,
  namingCallback,
  heartbleed,
  ftpAttack,
  mailAttack,
  databaseCommand,
  databaseRansom,
  mailSpread,
  executableDownload,
  stagedCode,
  exploitKit,
  remoteTemplate,
  falseLogin,
  coinMining,
  remoteShell,
  exposedService,
  generatedNames,
  dnsTunnel,
  dnsBeacon,
  dnsAnswers,
  dnsOrders,
  icmpTunnel,
  ircChannel,
  webControl,
  cipherTalk,
  ownCertificate,
  namelessTls,
  dynamicName,
  commandChannel,
  unseenChannel,
  peerBotnet,
  beaconing,
  rareTls,
  exfiltration,
  webUpload,
  archiveUpload,
  stealerReport,
  addressReport,
  namelessExchange,
  remoteExecution,
  remoteService,
  remoteTask,
  remoteWmi,
  remoteDcom,
  remoteRegistry,
  dcsync,
  secretReading,
  credentialFiles,
  deviceConfiguration,
  smartInstall,
  coercion,
  forcedLogin,
  certificateRequest,
  zerologon,
  smbExploit,
  rdpExploit,
  rpcExploit,
  slammer,
  printerDriver,
  logClearing,
  accountChange,
  directoryTakeover,
  remoteShutdown,
  remoteControl,
  adminShare,
  remoteRpc,
  winrm,
  fileEncryption,
  ransomNotes,
  lateralSpread,
  loginHops,
  accountDiscovery,
  mailboxDiscovery,
  zoneTransfer,
  rpcDiscovery,
  shareDiscovery,
  directoryDiscovery,
  controllerStop,
  controllerWrite,
  stationSettings,
  industrialScan,
  encryptedDns,
  tor,
  tunnelService,
  protocolMismatch,
  newHost,
  newService
];
