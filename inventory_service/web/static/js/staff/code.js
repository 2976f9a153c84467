/** What was typed or scanned, as something to ask for. Pure: text in, `{gtin}`, `{scan}`, `{item_id}` or a fault out. */

const LENGTHS = [8, 12, 13, 14];
const NUMBER_ONLY = /^\](?:E0|E4|I1)/;
const ELEMENTS = /^\](?:d2|C1|Q3|e0|J1)/;
const SEPARATOR = "\u001d";

/**
 * A GTIN comes in its 14-digit form, its check digit verified. `{fault, item_id}`: a sentence for the person, and the text
 * where it may still be the store's own number for the item (else null). `format` is the camera's word for the symbol.
 */
export function readCode(text, format = null) {
  const code = text.trim();
  if (!code) return { fault: "Scan a barcode, or type the number under it.", item_id: null };
  if (/^https?:/i.test(code)) return found(/\/01\/(\d{8,14})(?:[/?#]|$)/.exec(code), code);
  if (code.startsWith("(")) return found(/\(01\)\s*(\d{14})/.exec(code), code);
  if (NUMBER_ONLY.test(code)) return numbered(code.slice(3), null);
  if (ELEMENTS.test(code) || code.startsWith(SEPARATOR)) return elements(code.replace(ELEMENTS, ""), code);
  const digits = code.replace(/[\s-]/g, "");
  if (!/^\d+$/.test(digits)) return { item_id: code };
  return digits.length > 14 && digits.startsWith("01") ? elements(digits, code) : numbered(digits, format);
}

/** The digit that completes the digits before it: weights 3, 1, 3, … from the right. */
export function checkDigit(body) {
  const sum = [...body].reverse().reduce((total, digit, at) => total + Number(digit) * (at % 2 ? 1 : 3), 0);
  return String((10 - (sum % 10)) % 10);
}

/** The 12 digits that the 8 of a UPC-E stand for, or null where they are none. */
function expanded(short) {
  const parts = /^([01])(\d{6})(\d)$/.exec(short);
  if (!parts) return null;
  const [, system, six, check] = parts;
  return system + spread(six) + check;
}

function spread(six) {
  const last = six[5];
  if (last <= "2") return `${six.slice(0, 2)}${last}0000${six.slice(2, 5)}`;
  if (last === "3") return `${six.slice(0, 3)}00000${six.slice(3, 5)}`;
  if (last === "4") return `${six.slice(0, 4)}00000${six[4]}`;
  return `${six.slice(0, 5)}0000${last}`;
}

function numbered(digits, format) {
  const long = expanded(digits);
  if (format === "upc_e" && long) return verified(long);
  if (!LENGTHS.includes(digits.length)) {
    return { fault: `A barcode has 8, 12, 13 or 14 digits, not ${digits.length}.`, item_id: digits };
  }
  const read = verified(digits);
  const other = read.fault && long ? verified(long) : read;
  return other.gtin ? other : read;
}

function verified(digits) {
  if (/^0+$/.test(digits)) return { fault: "A barcode is not all zeros.", item_id: digits };
  if (holds(digits)) return { gtin: digits.padStart(14, "0") };
  return { fault: `A digit is wrong: this number would have to end in ${checkDigit(digits.slice(0, -1))}.`, item_id: digits };
}

function holds(digits) {
  return digits.endsWith(checkDigit(digits.slice(0, -1)));
}

function elements(text, code) {
  return found(/^\u001d?01(\d{14})/.exec(text), code);
}

/** Where we do not find the number ourselves, the service reads the scan. */
function found(match, code) {
  return match ? verified(match[1]) : { scan: code };
}
