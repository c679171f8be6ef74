import {appendNumber, appendText} from "../../text";

/** Writes the name of an alert (IANA "TLS Alerts"), its number where it has none; where it ends. */
export function appendAlertName(description: u8, to: usize): usize {
  switch (description) {
    case 0: return appendText("close_notify", to);
    case 10: return appendText("unexpected_message", to);
    case 20: return appendText("bad_record_mac", to);
    case 21: return appendText("decryption_failed", to);
    case 22: return appendText("record_overflow", to);
    case 30: return appendText("decompression_failure", to);
    case 40: return appendText("handshake_failure", to);
    case 41: return appendText("no_certificate", to);
    case 42: return appendText("bad_certificate", to);
    case 43: return appendText("unsupported_certificate", to);
    case 44: return appendText("certificate_revoked", to);
    case 45: return appendText("certificate_expired", to);
    case 46: return appendText("certificate_unknown", to);
    case 47: return appendText("illegal_parameter", to);
    case 48: return appendText("unknown_ca", to);
    case 49: return appendText("access_denied", to);
    case 50: return appendText("decode_error", to);
    case 51: return appendText("decrypt_error", to);
    case 60: return appendText("export_restriction", to);
    case 70: return appendText("protocol_version", to);
    case 71: return appendText("insufficient_security", to);
    case 80: return appendText("internal_error", to);
    case 86: return appendText("inappropriate_fallback", to);
    case 90: return appendText("user_canceled", to);
    case 100: return appendText("no_renegotiation", to);
    case 109: return appendText("missing_extension", to);
    case 110: return appendText("unsupported_extension", to);
    case 111: return appendText("certificate_unobtainable", to);
    case 112: return appendText("unrecognized_name", to);
    case 113: return appendText("bad_certificate_status_response", to);
    case 114: return appendText("bad_certificate_hash_value", to);
    case 115: return appendText("unknown_psk_identity", to);
    case 116: return appendText("certificate_required", to);
    case 120: return appendText("no_application_protocol", to);
  }
  return appendNumber(description, to);
}
