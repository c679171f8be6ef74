import type {Question} from "../question.js";
import {anomalyRate} from "./anomaly-rate.js";
import {anomalyScores} from "./anomaly-scores.js";
import {captures} from "./captures.js";
import {classes} from "./classes.js";
import {connectionStates} from "./connection-states.js";
import {directions} from "./directions.js";
import {flowCount} from "./flow-count.js";
import {flowsByProtocol} from "./flows-by-protocol.js";
import {flowsByService} from "./flows-by-service.js";
import {flowsByVerdict} from "./flows-by-verdict.js";
import {handshakes} from "./handshakes.js";
import {hierarchy} from "./hierarchy.js";
import {hostCount} from "./host-count.js";
import {hosts} from "./hosts.js";
import {judgedProtocols} from "./judged-protocols.js";
import {overview} from "./overview.js";
import {pairs} from "./pairs.js";
import {protocolServices} from "./protocol-services.js";
import {protocols} from "./protocols.js";
import {retransmissions} from "./retransmissions.js";
import {servicePorts} from "./service-ports.js";
import {services} from "./services.js";
import {topDestinations} from "./top-destinations.js";
import {topNames} from "./top-names.js";
import {topTalkers} from "./top-talkers.js";
import {totals} from "./totals.js";
import {unrecognised} from "./unrecognised.js";
import {unrecognisedPorts} from "./unrecognised-ports.js";
import {verdicts} from "./verdicts.js";
import {volumeByProtocol} from "./volume-by-protocol.js";
import {volumeByService} from "./volume-by-service.js";
import {volumeByVerdict} from "./volume-by-verdict.js";

/** Every question that a page asks of the flows. A new one is a file and a line here. */
export const questions: readonly Question[] = [
  totals,
  hostCount,
  volumeByService,
  flowsByService,
  volumeByProtocol,
  flowsByProtocol,
  volumeByVerdict,
  flowsByVerdict,
  directions,
  handshakes,
  retransmissions,
  verdicts,
  judgedProtocols,
  classes,
  pairs,
  protocols,
  services,
  topTalkers,
  topDestinations,
  topNames,
  hierarchy,
  protocolServices,
  servicePorts,
  unrecognised,
  unrecognisedPorts,
  connectionStates,
  anomalyRate,
  anomalyScores,
  captures,
  flowCount,
  overview,
  hosts
];
