/** Of 95 % (two-sided, of the normal distribution). */
const Z = 1.959964;

/** A bound in two digits that count, two places at least; rounded up, since below the bound nothing is promised. */
export function upperBound(below: number): string {
  const places = below > 0 ? Math.max(2, 1 - Math.floor(Math.log10(below))) : 2;
  const scale = 10 ** places;
  // 0.29 is 28.999999999999996 hundredths to a double, and 0.07 is 7.000000000000001.
  return (Math.ceil(Number((below * scale).toFixed(6))) / scale).toFixed(places);
}

export interface Rate {
  hits: number;
  of: number;
  /** Where the true rate lies, at 95 %: Wilson's interval (Wilson 1927). */
  low: number;
  high: number;
}

/** How often something happens that happened `hits` times in `of` independent tries. */
export function rateOf(hits: number, of: number): Rate {
  if (of === 0) return { hits, of, low: 0, high: 1 };
  const share = hits / of;
  const middle = (share + Z ** 2 / (2 * of)) / (1 + Z ** 2 / of);
  const reach = (Z / (1 + Z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  return {
    ...{ hits, of },
    low: hits === 0 ? 0 : Math.max(0, middle - reach),
    high: hits === of ? 1 : Math.min(1, middle + reach),
  };
}
