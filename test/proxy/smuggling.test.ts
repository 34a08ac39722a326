import assert from "node:assert/strict";
import { once } from "node:events";
import { connect } from "node:net";
import { after, before, describe, it } from "node:test";
import { type Fixture, noNginx, PREFIX, startFixture } from "./fixture.ts";

const PATH = `${PREFIX}/api/reports`;
const BODY = '{"configuration":{"title":"smuggled"}}';
/** A request that begins work, within the body of another. */
const SMUGGLED = `POST /api/reports HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${BODY.length}\r\n\r\n${BODY}`;
const HEAD = `POST ${PATH} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n`;
const SIZE = `Content-Length: ${SMUGGLED.length}\r\n`;
const CHUNKED = "Transfer-Encoding: chunked\r\n";
const CHUNK = `${SMUGGLED.length.toString(16)}\r\n${SMUGGLED}\r\n0\r\n\r\n`;
const EMPTY = `0\r\n\r\n${SMUGGLED}`;

/** Requests whose end a proxy and a server could see at different places. */
const ATTACKS: Readonly<Record<string, string>> = {
  "length and chunks": `${HEAD}${SIZE}${CHUNKED}\r\n${EMPTY}`,
  "chunks and length": `${HEAD}${CHUNKED}Content-Length: 5\r\n\r\n${EMPTY}`,
  "two lengths": `${HEAD}Content-Length: 0\r\n${SIZE}\r\n${SMUGGLED}`,
  "a length of another base": `${HEAD}Content-Length: 0x0\r\n\r\n${SMUGGLED}`,
  "chunks of HTTP/1.0": `${HEAD.replace("1.1", "1.0")}Connection: keep-alive\r\n${CHUNKED}\r\n${EMPTY}`,
  "a coding with a tab": `${HEAD}${SIZE}Transfer-Encoding:\tchunked\r\n\r\n${EMPTY}`,
  "a coding with a control character": `${HEAD}${SIZE}Transfer-Encoding: \u000bchunked\r\n\r\n${EMPTY}`,
  "a folded coding": `${HEAD}${SIZE}Transfer-Encoding:\r\n chunked\r\n\r\n${EMPTY}`,
  "a coding after a bare line feed": `${HEAD}${SIZE}X: y\n${CHUNKED}\r\n${EMPTY}`,
  "a coding after a bare carriage return": `${HEAD}${SIZE}X: y\r${CHUNKED}\r\n${EMPTY}`,
  "a coding named by Connection": `${HEAD}${CHUNKED}Connection: transfer-encoding\r\n\r\n${CHUNK}`,
  "a length named by Connection": `${HEAD}${SIZE}Connection: content-length\r\n\r\n${SMUGGLED}`,
  "a chunk extension": `${HEAD}${CHUNKED}\r\n${CHUNK.replace("\r\n", ';a="\\n0"\r\n')}`,
  "a line feed in a chunk extension": `${HEAD}${CHUNKED}\r\n2;\nxx\r\n${SMUGGLED.length.toString(16)}\r\n0\r\n\r\n${SMUGGLED}`,
  "chunk sizes that end with a line feed": `${HEAD}${CHUNKED}\r\n0\n\n${SMUGGLED}`,
  "a chunk size of more than 64 bits": `${HEAD}${CHUNKED}\r\n10000000000000000\r\n${EMPTY}`,
  "a request within a trailer": `${HEAD}${CHUNKED}\r\n0\r\nX: y\r\n\r\n${SMUGGLED}`,
  "the body of a GET": `GET ${PATH} HTTP/1.1\r\nHost: x\r\n${SIZE}\r\n${SMUGGLED}`,
  "the body of a refused request": `${HEAD.replace("application/json", "text/plain")}${SIZE}\r\n${SMUGGLED}`,
  "a body that is awaited": `${HEAD}${SIZE}Expect: 100-continue\r\n\r\n${SMUGGLED}`,
  "an upgrade": `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n${SIZE}\r\n${SMUGGLED}`,
  "after Connection: close": `GET ${PATH} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n${SMUGGLED}`,
  "line breaks in the path": `GET ${PREFIX}/x%20HTTP/1.1%0d%0aHost:%20x%0d%0a%0d%0aPOST%20/api/reports HTTP/1.1\r\nHost: x\r\n\r\n`,
};

describe("requests within requests, through a proxy with one connection to the server", { skip: noNginx }, () => {
  let fixture: Fixture;
  before(async () => {
    fixture = await startFixture();
  });
  after(() => fixture[Symbol.asyncDispose]());

  /** Sends bytes to the proxy. Resolves to what it has sent once it has closed the connection. */
  const attack = async (bytes: string): Promise<string> => {
    const { hostname, port } = new URL(fixture.origin);
    const socket = connect(Number(port), hostname);
    socket.on("error", () => {});
    let received = "";
    socket.on("data", (text: Buffer) => (received += text.toString("latin1")));
    socket.end(bytes, "latin1");
    await once(socket, "close");
    return received;
  };

  it("are no requests, and no client gets the response to another one's request", async () => {
    const honest = async (name: string, path: string): Promise<string> => {
      const response = await fetch(new URL(`${path}/${name}`, fixture.origin));
      const { instance } = (await response.json()) as { instance?: string };
      return `${response.status} ${instance}`;
    };
    for (const [name, bytes] of Object.entries(ATTACKS)) {
      const received = await attack(bytes);
      assert.doesNotMatch(received, /smuggled|HTTP\/1\.1 (?:202|500|502)/, name);
      const id = name.replaceAll(/[^a-z]/gi, "-");
      assert.equal(await honest(id, PATH), `404 ${PATH}/${id}`, name);
    }
    const list = await fetch(new URL(PATH, fixture.origin));
    assert.deepEqual(await list.json(), { items: [] });
  });
});
