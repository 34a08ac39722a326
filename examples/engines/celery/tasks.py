"""Celery tasks that report to Afoot over RabbitMQ: python3 -m celery --app tasks worker"""
import json, os, time, uuid
from datetime import datetime, timezone
from celery import Celery

app = Celery("tasks", broker=os.environ.get("AMQP_URL", "amqp://127.0.0.1"))
app.conf.update(
    broker_transport_options={"confirm_publish": True},  # a publish returns once RabbitMQ has stored the message
    task_acks_late=True,  # a task whose worker was killed runs again: it must be idempotent
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    worker_prefetch_multiplier=1,
)

def report(subject, kind, data):
    """Publishes a status message, and repeats it while RabbitMQ is unavailable."""
    message = {"specversion": "1.0", "id": uuid.uuid4().hex, "source": "/celery", "type": f"dev.afoot.{kind}",
               "subject": subject, "time": datetime.now(timezone.utc).isoformat(), "data": data}
    with app.producer_pool.acquire(block=True) as producer:
        producer.publish(json.dumps(message), routing_key="afoot.status", content_type="application/cloudevents+json",
                         content_encoding="utf-8", delivery_mode=2, retry=True, retry_policy={"max_retries": None})

@app.task(name="tasks.count_words")
def count_words(resource, text):
    subject = f"word-count/{resource}"
    try:
        words = text.split()
        if not words:
            raise ValueError("The text has no words.")
        for number in range(1, len(words) + 1):
            time.sleep(0.05)  # in place of the real work
            report(subject, "progress", {"progress": number / len(words), "status": "Counting"})
        report(subject, "succeeded", {"details": {"words": len(words)}})
    except Exception as error:
        report(subject, "failed", {"error": {"code": "count-failed", "message": str(error)}})
        raise
