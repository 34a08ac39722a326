import { useResource } from "afoot/react";
import { type ReactNode, StrictMode, useState } from "react";
import { createRoot } from "react-dom/client";

interface Details {
  readonly IPAddress?: string;
}

export interface Seat {
  readonly name: string;
  readonly url: string | null;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

function Resource({ name, url, token = "", signal }: Seat): ReactNode {
  const headers = token === "" ? {} : { authorization: `Bearer ${token}` };
  // Options written in place, as everybody does: they must not begin the following anew.
  const { state, failure, trouble, cancel, retry, refresh } = useResource<Details>(url, { headers, signal });
  const [refusal, setRefusal] = useState("");
  const refused = (error: unknown): void => {
    setRefusal(error instanceof Error && "code" in error ? String(error.code) : String(error));
  };
  const shown = [
    state?.status ?? "nothing yet",
    ...(state?.progress === undefined ? [] : [`${state.progress * 100}%`]),
    ...(state?.representation.IPAddress === undefined ? [] : [state.representation.IPAddress]),
    ...(state?.settled === true && state.error !== undefined ? [state.error.code] : []),
    ...(failure === undefined ? [] : [failure.name]),
    ...(trouble === undefined ? [] : [`trouble: ${trouble.code}`]),
    ...(refusal === "" ? [] : [`refused: ${refusal}`]),
  ];
  return (
    <section aria-label={name}>
      <p role="status">{shown.join(", ")}</p>
      <button onClick={() => void cancel().catch(refused)}>Cancel</button>
      <button onClick={() => void retry().catch(refused)}>Retry</button>
      <button onClick={refresh}>Refresh</button>
    </section>
  );
}

const main = document.createElement("main");
document.body.append(main);
const root = createRoot(main);
const ends = new Map<string, AbortController>();

/** What the test calls in the page: shows these seats, and no others. */
export function show(seats: readonly Omit<Seat, "signal">[]): void {
  const placed = seats.map((seat): Seat => {
    const ending = ends.get(seat.name) ?? new AbortController();
    ends.set(seat.name, ending);
    return { ...seat, signal: ending.signal };
  });
  root.render(
    <StrictMode>
      {placed.map((seat) => (
        <Resource key={seat.name} {...seat} />
      ))}
    </StrictMode>,
  );
}

/** Aborts the signal of a seat. */
export function end(name: string): void {
  ends.get(name)?.abort();
}
