import { type Measure, median, shown, valuesOf } from "../measure.ts";

const WIDTH = 720;
const LABELS = 230;
const BAR = 18;
const ROW = 30;
const TOP = 44;
const ROOM = 90;

/** Horizontal bars of one measure's medians, each with a whisker from its lowest to its highest round. Fits light and dark pages. */
export function plot({ name, sides, compared, unit }: Measure): string {
  const bars = Object.entries(sides)
    .map(([side, rounds]) => ({ side, values: valuesOf(rounds, compared) }))
    .filter(({ values }) => values.length > 0);
  const most = Math.max(...bars.flatMap(({ values }) => values));
  const scale = (value: number): number => ((WIDTH - LABELS - ROOM) * value) / most;
  const height = TOP + bars.length * ROW + 8;
  const rows = bars.map(({ side, values }, index) => {
    const middle = median(values);
    const y = TOP + index * ROW;
    const centre = y + BAR / 2;
    const [from, to] = [Math.min(...values), Math.max(...values)].map((value) => LABELS + scale(value));
    const color = side.startsWith("afoot") ? "#1f7a5a" : "#8a94a6";
    return `
  <text x="${LABELS - 8}" y="${centre}" text-anchor="end" dominant-baseline="central">${escaped(side)}</text>
  <rect x="${LABELS}" y="${y}" width="${scale(middle).toFixed(1)}" height="${BAR}" rx="2" fill="${color}"/>
  <path d="M${from?.toFixed(1)} ${centre}H${to?.toFixed(1)}" stroke="#d08700" stroke-width="2"/>
  <text x="${((to ?? 0) + 6).toFixed(1)}" y="${centre}" dominant-baseline="central">${shown(middle)} ${escaped(unit)}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(name)}">
  <style>text { font: 13px system-ui, sans-serif; fill: #57606a; } .title { font-weight: 600; } @media (prefers-color-scheme: dark) { text { fill: #b6bfc9; } }</style>
  <text class="title" x="8" y="22">${escaped(name)}</text>${rows.join("")}
</svg>
`;
}

function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
