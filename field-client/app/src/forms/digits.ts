// Numbers as people write them: any script's digits, either separator.

const zeros = [0x0660, 0x06f0, 0x0966, 0x09e6, 0x0be6, 0x1040, 0x0de6];

/** `text` with every script's digits as 0–9. */
export function plainDigits(text: string): string {
  return [...text]
    .map((letter) => {
      const code = letter.codePointAt(0)!;
      const zero = zeros.find((start) => code >= start && code < start + 10);
      return zero === undefined ? letter : String(code - zero);
    })
    .join("");
}

/** A whole number, or null where the text is none. */
export function readInteger(text: string): number | null {
  const plain = plainDigits(text).replace(/[\s,.٬'’]/g, "").replace("−", "-");
  return /^-?\d{1,15}$/.test(plain) ? Number(plain) : null;
}

/** An amount as the records keep it: digits, at most three after a dot. Null where it is none. */
export function readMoney(text: string): string | null {
  const plain = plainDigits(text).replaceAll("٫", ".").replace(/[\s٬'’]/g, "");
  const last = Math.max(plain.lastIndexOf("."), plain.lastIndexOf(","));
  const is_fraction = last >= 0 && decides(plain, last);
  const whole = (is_fraction ? plain.slice(0, last) : plain).replace(/[.,]/g, "");
  const fraction = is_fraction ? plain.slice(last + 1) : "";
  if (!/^\d{1,15}$/.test(whole) || !/^\d{0,3}$/.test(fraction)) return null;
  return whole.replace(/^0+(?=\d)/, "") + (fraction ? `.${fraction}` : "");
}

/** Whether the last separator parts the fraction: three digits after a lone comma are thousands. */
function decides(plain: string, last: number): boolean {
  const separators = plain.match(/[.,]/g)!;
  const after = plain.length - last - 1;
  if (separators.length > 1) return new Set(separators).size > 1;
  return plain[last] === "." || after !== 3;
}
