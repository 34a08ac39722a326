const DURATION =
  /^P(?:(\d{1,9})W|(?:(\d{1,9})D)?(?:T(?=\d)(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d{1,9})?)S)?)?)$/;
const UNITS_MS = [604_800_000, 86_400_000, 3_600_000, 60_000, 1000];

/** Parses an ISO 8601 duration without years and months, whose length varies. Returns milliseconds. */
export function parseDuration(text: string): number | undefined {
  const parts = DURATION.exec(text)?.slice(1);
  if (parts?.some((part) => part !== undefined) !== true) return undefined;
  return UNITS_MS.reduce((sum, ms, index) => sum + Number(parts[index] ?? 0) * ms, 0);
}

const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/i;

/** Parses an RFC 3339 instant. Returns milliseconds since 1970. */
export function parseInstant(text: string): number | undefined {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  // Date.parse accepts the 30th of February.
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  const at = Date.parse(text.toUpperCase());
  return year === undefined || Number(day) > lastDay || Number.isNaN(at) ? undefined : at;
}
