// Kills the process once its parent has exited, even during an endless loop in the main thread.
const parent = process.ppid;
const never = new Int32Array(new SharedArrayBuffer(4));

while (process.ppid === parent) Atomics.wait(never, 0, 0, 1000);
process.kill(process.pid, "SIGKILL");
