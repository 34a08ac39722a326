import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type RunningMock, serveMock } from "../../src/cli/mock/serve-mock.ts";
import { temporaryFolder } from "../support/afoot-process.ts";

export const FIXTURES = join(import.meta.dirname, "fixtures");

/** Starts a mock on a free port. With a state time of 0, each GET returns the next state. */
export async function mockOf(file: string, stateMs = 0): Promise<RunningMock & AsyncDisposable> {
  const mock = await serveMock({ file, port: 0, host: "127.0.0.1", stateMs });
  return { ...mock, [Symbol.asyncDispose]: mock.close };
}

/** Calls `use` with the path of a temporary file. */
export async function withFile<Result>(
  name: string,
  text: string,
  use: (file: string) => Promise<Result>,
): Promise<Result> {
  await using folder = await temporaryFolder();
  const file = join(folder.path, name);
  await writeFile(file, text);
  return await use(file);
}
