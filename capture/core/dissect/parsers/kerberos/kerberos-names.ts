import {appendNumber, appendText} from "../../text";

/** Names of encryption types (RFC 3961, RFC 8009, RFC 4757) and of errors (RFC 4120 §7.5.9, RFC 4556, RFC 6806). */

/** Writes the name of an encryption type, its number where it has none; where it ends. */
export function appendCipher(type: i32, to: usize): usize {
  const name = cipherName(type);
  if (name.length > 0) return appendText(name, to);
  return type < 0 ? appendNumber(<u32>-type, appendText("-", to)) : appendNumber(<u32>type, to);
}

function cipherName(type: i32): string {
  switch (type) {
    case 1:
      return "des-cbc-crc";
    case 2:
      return "des-cbc-md4";
    case 3:
      return "des-cbc-md5";
    case 5:
      return "des3-cbc-md5";
    case 16:
      return "des3-cbc-sha1";
    case 17:
      return "aes128-cts-hmac-sha1-96";
    case 18:
      return "aes256-cts-hmac-sha1-96";
    case 19:
      return "aes128-cts-hmac-sha256-128";
    case 20:
      return "aes256-cts-hmac-sha384-192";
    case 23:
      return "rc4-hmac";
    case 24:
      return "rc4-hmac-exp";
    case 25:
      return "camellia128-cts-cmac";
    case 26:
      return "camellia256-cts-cmac";
    case -128:
      return "rc4-md4";
    case -133:
      return "rc4-hmac-old";
    case -135:
      return "rc4-hmac-old-exp";
  }
  return "";
}

/** Writes the name of an error, its number where it has none; where it ends. */
export function appendError(code: i32, to: usize): usize {
  const name = errorName(code);
  return name.length > 0 ? appendText(name, to) : appendNumber(<u32>code, to);
}

function errorName(code: i32): string {
  switch (code) {
    case 1:
      return "KDC_ERR_NAME_EXP";
    case 2:
      return "KDC_ERR_SERVICE_EXP";
    case 3:
      return "KDC_ERR_BAD_PVNO";
    case 6:
      return "KDC_ERR_C_PRINCIPAL_UNKNOWN";
    case 7:
      return "KDC_ERR_S_PRINCIPAL_UNKNOWN";
    case 8:
      return "KDC_ERR_PRINCIPAL_NOT_UNIQUE";
    case 9:
      return "KDC_ERR_NULL_KEY";
    case 12:
      return "KDC_ERR_POLICY";
    case 13:
      return "KDC_ERR_BADOPTION";
    case 14:
      return "KDC_ERR_ETYPE_NOSUPP";
    case 16:
      return "KDC_ERR_PADATA_TYPE_NOSUPP";
    case 18:
      return "KDC_ERR_CLIENT_REVOKED";
    case 19:
      return "KDC_ERR_SERVICE_REVOKED";
    case 20:
      return "KDC_ERR_TGT_REVOKED";
    case 23:
      return "KDC_ERR_KEY_EXPIRED";
    case 24:
      return "KDC_ERR_PREAUTH_FAILED";
    case 25:
      return "KDC_ERR_PREAUTH_REQUIRED";
    case 26:
      return "KDC_ERR_SERVER_NOMATCH";
    case 27:
      return "KDC_ERR_MUST_USE_USER2USER";
    case 29:
      return "KDC_ERR_SVC_UNAVAILABLE";
    case 31:
      return "KRB_AP_ERR_BAD_INTEGRITY";
    case 32:
      return "KRB_AP_ERR_TKT_EXPIRED";
    case 33:
      return "KRB_AP_ERR_TKT_NYV";
    case 34:
      return "KRB_AP_ERR_REPEAT";
    case 35:
      return "KRB_AP_ERR_NOT_US";
    case 36:
      return "KRB_AP_ERR_BADMATCH";
    case 37:
      return "KRB_AP_ERR_SKEW";
    case 41:
      return "KRB_AP_ERR_MODIFIED";
    case 44:
      return "KRB_AP_ERR_BADKEYVER";
    case 52:
      return "KRB_ERR_RESPONSE_TOO_BIG";
    case 60:
      return "KRB_ERR_GENERIC";
    case 62:
      return "KDC_ERROR_CLIENT_NOT_TRUSTED";
    case 68:
      return "KDC_ERR_WRONG_REALM";
  }
  return "";
}
