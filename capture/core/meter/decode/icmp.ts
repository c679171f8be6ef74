import {ICMP} from "../constants";

/** The type that answers an ICMP message or that it answers; -1 without. As Community ID v1 and Zeek's ICMP analyzer. */
export function counterpart(proto: u32, type: u32): i32 {
  return proto === ICMP ? counterpart4(type) : counterpart6(type);
}

function counterpart4(type: u32): i32 {
  switch (type) {
    case 0: // echo reply
      return 8;
    case 8:
      return 0;
    case 9: // router advertisement
      return 10;
    case 10:
      return 9;
    case 13: // timestamp
      return 14;
    case 14:
      return 13;
    case 15: // information
      return 16;
    case 16:
      return 15;
    case 17: // address mask
      return 18;
    case 18:
      return 17;
    default:
      return -1;
  }
}

function counterpart6(type: u32): i32 {
  switch (type) {
    case 128: // echo
      return 129;
    case 129:
      return 128;
    case 130: // multicast listener query and report
      return 131;
    case 131:
      return 130;
    case 133: // router solicitation and advertisement
      return 134;
    case 134:
      return 133;
    case 135: // neighbour solicitation and advertisement
      return 136;
    case 136:
      return 135;
    case 139: // node information
      return 140;
    case 140:
      return 139;
    case 144: // home agent address discovery
      return 145;
    case 145:
      return 144;
    default:
      return -1;
  }
}
