import { text } from "node:stream/consumers";
import { LOAD_CORES, onCores } from "../process.ts";
import { TASK_RESULT, type Task, type TaskResult } from "./task.ts";

const CLIENTS = new URL("clients.ts", import.meta.url).pathname;

/** Runs a task in a process on the cores of the load. */
export async function runTask(task: Partial<Task> & Pick<Task, "ports" | "mode" | "seconds">): Promise<TaskResult> {
  const argument = JSON.stringify({ connections: 64, rate: 0, ...task });
  const child = onCores(LOAD_CORES, [process.execPath, "--conditions=@afoot/source", CLIENTS, argument]);
  if (child.stdout === null) throw new Error("the load process has no standard output");
  const output = await text(child.stdout);
  if (output === "") throw new Error(`the load process failed: ${task.mode} of ${task.connections ?? 64} connections`);
  return TASK_RESULT.parse(JSON.parse(output));
}
