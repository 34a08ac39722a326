import { connect } from "node:net";

/** Returns request targets by which a client may reach `/api/NAME` past a rule of the host for this path. */
export function disguisedPaths(name: string): readonly string[] {
  const encoded = (index: number): string => `%${name.charCodeAt(index).toString(16)}`;
  const first = `${encoded(0)}${name.slice(1)}`;
  const last = `${name.slice(0, -1)}${encoded(name.length - 1)}`;
  const upper = `${name.slice(0, 1).toUpperCase()}${name.slice(1)}`;
  return [
    `/api/${first}`,
    `/api/${last}`,
    `/api/${first.toUpperCase()}/x`,
    `/api/${first}/x`,
    `/%61pi/${name}`,
    `/API/${name}`,
    `/api/${upper}`,
    `//api/${name}`,
    `/api//${name}`,
    `/./api/${name}`,
    `/api/./${name}`,
    `/api/x/../${name}`,
    `/api/%2e/${name}`,
    `/api/x/%2e%2e/${name}`,
    `/api/x%2f..%2f${name}`,
    `/api%2f${name}`,
    `/api%5c${name}`,
    `/api\\${name}`,
    `/api/${name};x=1`,
    `/api;x/${name}`,
    `/api/${name}%00`,
    `/api/${name}%20`,
    `/api/${name}#x`,
    `/api/%25${encoded(0).slice(1)}${name.slice(1)}`,
    `/api/${name}%2f`,
    `http://localhost/api/${first}`,
    `http://localhost//api/${name}`,
    `//localhost/api/${name}`,
    "*",
    `/x?/../api/${name}`,
  ];
}

/** Sends a GET with a target as it is. Resolves to the status. @param headers further header lines */
export async function statusOf(port: number, target: string, headers = ""): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  // The end of the requests would be the end of the client to Next.js.
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n${headers}\r\n`, "latin1");
  let text = "";
  for await (const bytes of socket) text += String(bytes);
  return /^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? "none";
}
