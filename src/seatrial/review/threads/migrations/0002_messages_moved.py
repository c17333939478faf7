"""Questions and answers that were kept with the reviews become threads: each question one, its answer in it.

Answers had no reference to their question; they were given in the order asked, the only one that was possible.
"""

from django.db import migrations

_SUBJECT = 80  # characters of a question that become its thread's subject


def move(apps, schema_editor):
    Message, Request = apps.get_model("cases", "MessageRow"), apps.get_model("cases", "RequestRow")
    Thread, Post = apps.get_model("threads", "Thread"), apps.get_model("threads", "Post")
    threads = {}  # of a review, in the order asked
    answered = {}
    for message in Message.objects.select_related("review").order_by("pk").iterator():
        review, known = message.review, threads.setdefault(message.review_id, [])
        if message.question:
            subject = " ".join(message.text.split())
            thread = Thread.objects.create(
                review=review,
                kind="request",
                subject=subject if len(subject) <= _SUBJECT else subject[: _SUBJECT - 1] + "…",
                opened_by_id=message.by_id,
                opened_at=message.at,
                internal=False,
                label=review.label,
            )
            known.append(thread)
            Request.objects.create(review=review, thread=thread.id, state="open")
        else:
            number = answered.get(review.id, 0)
            answered[review.id] = number + 1
            thread = known[number]
            Request.objects.filter(thread=thread.id).update(state="answered")
        Post.objects.create(
            thread=thread,
            at=message.at,
            by_id=message.by_id,
            side="body" if message.question else "developer",
            text=message.text,
            internal=False,
            answers=not message.question,
            label=review.label,
        )


class Migration(migrations.Migration):

    dependencies = [
        ("threads", "0001_initial"),
        ("cases", "0002_requests"),
    ]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
