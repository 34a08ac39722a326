import type { HistoryLine } from "afoot/client";
import type { ReactNode } from "react";
import { clockText } from "../components/text.ts";

/** A table of history lines. */
export function EventTable({ lines }: { readonly lines: readonly HistoryLine[] }): ReactNode {
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Events">
      <table className="events-table">
        <thead>
          <tr>
            <th scope="col">Time</th>
            <th scope="col">Event</th>
            <th scope="col">Attempt</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line, index) => (
            <tr key={index}>
              <td>
                <time dateTime={line.at}>{clockText(Date.parse(line.at))}</time>
              </td>
              <td>
                {line.event.replaceAll("-", " ")}
                {line.step === undefined ? null : (
                  <>
                    {" "}
                    <code>{line.step}</code>
                  </>
                )}
                {line.status === undefined ? null : <> “{line.status}”</>}
                {line.error === undefined ? null : (
                  <span className="row-error">{line.error.detail || line.error.title}</span>
                )}
              </td>
              <td>{line.attempt === 0 ? "" : line.attempt}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
