import { type Measure, median, formatNumber, valuesOf } from "../measure.ts";

const WIDTH = 720;
const LABELS_WIDTH = 230;
const BAR_HEIGHT = 18;
const ROW_HEIGHT = 30;
const TOP = 44;
const VALUES_WIDTH = 90;

/** Draws the medians of a measure as horizontal bars, with whiskers from the lowest to the highest round. Supports dark mode. */
export function plot({ name, sides, compared, unit }: Measure): string {
  const bars = Object.entries(sides)
    .map(([side, rounds]) => ({ side, values: valuesOf(rounds, compared) }))
    .filter(({ values }) => values.length > 0);
  const max = Math.max(...bars.flatMap(({ values }) => values));
  const scale = (value: number): number => ((WIDTH - LABELS_WIDTH - VALUES_WIDTH) * value) / max;
  const height = TOP + bars.length * ROW_HEIGHT + 8;
  const rows = bars.map(({ side, values }, index) => {
    const middle = median(values);
    const y = TOP + index * ROW_HEIGHT;
    const centre = y + BAR_HEIGHT / 2;
    const [from, to] = [Math.min(...values), Math.max(...values)].map((value) => LABELS_WIDTH + scale(value));
    const color = side.startsWith("afoot") ? "#1f7a5a" : "#8a94a6";
    return `
  <text x="${LABELS_WIDTH - 8}" y="${centre}" text-anchor="end" dominant-baseline="central">${escapeXml(side)}</text>
  <rect x="${LABELS_WIDTH}" y="${y}" width="${scale(middle).toFixed(1)}" height="${BAR_HEIGHT}" rx="2" fill="${color}"/>
  <path d="M${from?.toFixed(1)} ${centre}H${to?.toFixed(1)}" stroke="#d08700" stroke-width="2"/>
  <text x="${((to ?? 0) + 6).toFixed(1)}" y="${centre}" dominant-baseline="central">${formatNumber(middle)} ${escapeXml(unit)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escapeXml(name)}">
  <style>text { font: 13px system-ui, sans-serif; fill: #57606a; } .title { font-weight: 600; } @media (prefers-color-scheme: dark) { text { fill: #b6bfc9; } }</style>
  <text class="title" x="8" y="22">${escapeXml(name)}</text>${rows.join("")}
</svg>
`;
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
