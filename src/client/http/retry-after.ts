/**
 * Reads Retry-After, in milliseconds from now: seconds, or a date, which is held against the server's own `Date` where it gives
 * one, so that a client's clock may be wrong. Undefined where there is none that can be read.
 *
 * @param now wall-clock instant, for a date from a server without `Date`
 * @see https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const value = headers.get("retry-after") ?? "";
  if (/^\d+(?:\.\d+)?$/.test(value)) return Number(value) * 1000;
  // Date.parse makes something of "-1" too; an HTTP date names its day and its month.
  const at = /[a-z]{3}/i.test(value) ? Date.parse(value) : Number.NaN;
  const serverNow = Date.parse(headers.get("date") ?? "") || now;
  return Number.isNaN(at) ? undefined : Math.max(0, at - serverNow);
}
