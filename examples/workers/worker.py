"""A worker in Python without dependencies: python3 worker.py http://127.0.0.1:8080/api"""
import json, signal, sys, threading, time, urllib.error, urllib.request, uuid

API = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8080/api"
WORKER = "python-" + uuid.uuid4().hex  # new at each start
attempts, cancelled, claimed, stopping = [], set(), 0, threading.Event()

def request_until_answered(kind, message, wait=0):
    """Sends a request until it is answered. Servers ignore repeated requests."""
    headers = {"Content-Type": "application/json", "Prefer": f"wait={wait}"}
    request = urllib.request.Request(f"{API}/worker/{kind}", json.dumps(message).encode(), headers)
    while True:
        try:
            with urllib.request.urlopen(request, timeout=wait + 10) as response:
                return json.loads(response.read() or "{}")
        except urllib.error.HTTPError as error:
            if error.code < 500:  # the request itself is wrong
                raise RuntimeError(error.read().decode()) from error
        except (OSError, ValueError):  # no connection, or it was lost
            pass
        time.sleep(1)

def beat():
    """Sends a heartbeat with the attempts of this worker every few seconds. The reply lists attempts to stop."""
    for number in range(1, sys.maxsize):
        reply = request_until_answered("beat", {"worker": WORKER, "number": number, "lastClaim": claimed, "attempts": list(attempts), "progress": []})
        cancelled.update(key["operation"] for key in reply["cancel"] + reply["drop"])
        time.sleep(4)

def work(grant, report):
    """Counts words slowly. Returns the details."""
    words = json.loads(grant["configuration"])["text"].split()
    for count in range(len(words)):
        time.sleep(0.05)
        report((count + 1) / len(words))
    return {"words": len(words)}

def run(grant, key):
    def report(progress):
        if key["operation"] in cancelled or stopping.is_set():
            raise InterruptedError
        request_until_answered("progress", {**key, "sequence": time.monotonic_ns(), "progress": progress})
    try:
        end = {"outcome": "succeeded", "details": json.dumps(work(grant, report))}
    except InterruptedError:
        end = {"outcome": "handed-back" if stopping.is_set() else "cancelled"}
    except Exception as error:
        end = {"outcome": "failed", "error": {"code": "failed", "title": "Failed", "detail": str(error), "retryable": True}}
    request_until_answered("end", {**key, **end})

signal.signal(signal.SIGTERM, lambda *_: stopping.set())
threading.Thread(target=beat, daemon=True).start()
while not stopping.is_set():
    slots = [{"type": "word-count", "kinds": ["create"], "free": 1}]
    grants = request_until_answered("claim", {"worker": WORKER, "claim": claimed + 1, "slots": slots}, wait=1)["grants"]
    attempts = [{"operation": grant["operation"], "attempt": grant["attempt"]} for grant in grants]
    claimed += 1  # later heartbeats must list the granted attempts, or the server gives them to another worker
    for grant, key in zip(grants, attempts):
        run(grant, key)
