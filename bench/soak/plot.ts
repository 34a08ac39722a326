import type { Sample } from "./sample.ts";

const WIDTH = 900;
const HEIGHT = 150;
const LEFT = 60;
const RIGHT = 20;

/** Fields of the plot with their series. */
const FIELDS: readonly (readonly [title: string, series: readonly (readonly [name: keyof Sample, color: string])[]])[] =
  [
    [
      "memory, MiB: server, its heap, worker",
      [
        ["serverMiB", "#1f7a5a"],
        ["heapMiB", "#d08700"],
        ["workerMiB", "#8a94a6"],
      ],
    ],
    [
      "descriptors: server, worker",
      [
        ["descriptors", "#1f7a5a"],
        ["workerDescriptors", "#8a94a6"],
      ],
    ],
    ["handles of the server", [["handles", "#1f7a5a"]]],
    ["resources in progress", [["inProgress", "#1f7a5a"]]],
    [
      "store, MiB: data, write-ahead log",
      [
        ["storeMiB", "#1f7a5a"],
        ["walMiB", "#8a94a6"],
      ],
    ],
    ["dead rows of PostgreSQL, thousands", [["deadRows", "#1f7a5a"]]],
    [
      "GET, ms: median, p99",
      [
        ["getMedianMs", "#1f7a5a"],
        ["getP99Ms", "#d08700"],
      ],
    ],
    [
      "POST to 202, ms: median, p99",
      [
        ["postMedianMs", "#1f7a5a"],
        ["postP99Ms", "#d08700"],
      ],
    ],
  ];

/** Draws the samples as lines over time, one field below the other. Supports dark mode. */
export function plotOf(title: string, samples: readonly Sample[]): string {
  const seconds = samples.at(-1)?.seconds ?? 1;
  const fields = FIELDS.map(([caption, series], index) => {
    const top = index * (HEIGHT + 40) + 30;
    const max = Math.max(1, ...samples.flatMap((sample) => series.map(([name]) => sample[name])));
    const x = (at: number): string => (LEFT + ((WIDTH - LEFT - RIGHT) * at) / seconds).toFixed(1);
    const y = (value: number): string => (top + HEIGHT - (HEIGHT * value) / max).toFixed(1);
    const lines = series.map(
      ([name, color]) =>
        `<polyline fill="none" stroke="${color}" stroke-width="1.5" points="${samples.map((sample) => `${x(sample.seconds)},${y(sample[name])}`).join(" ")}"/>`,
    );
    return `
  <text class="title" x="8" y="${top - 10}">${caption}</text>
  <text x="${LEFT - 6}" y="${top + 5}" text-anchor="end">${Math.round(max)}</text>
  <text x="${LEFT - 6}" y="${top + HEIGHT}" text-anchor="end">0</text>
  <path d="M${LEFT} ${top}V${top + HEIGHT}H${WIDTH - RIGHT}" fill="none" stroke="#8a94a6" stroke-width="0.5"/>
  ${lines.join("\n  ")}`;
  });
  const height = FIELDS.length * (HEIGHT + 40) + 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${title}: a soak of ${Math.round(seconds / 60)} minutes">
  <style>text { font: 12px system-ui, sans-serif; fill: #57606a; } .title { font-weight: 600; } @media (prefers-color-scheme: dark) { text { fill: #b6bfc9; } }</style>${fields.join("")}
  <text x="${WIDTH - RIGHT}" y="${height - 6}" text-anchor="end">${Math.round(seconds)} s</text>
</svg>
`;
}
