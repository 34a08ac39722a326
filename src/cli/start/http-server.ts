/** `createServer` of `node:http`. An import would read every export, and for `WebSocket` Node loads all of undici. */
export const { createServer } = process.getBuiltinModule("node:http");
